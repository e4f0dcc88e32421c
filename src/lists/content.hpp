// The entries of a List, by kind.
#pragma once

#include "expressions.hpp"
#include "names.hpp"
#include "networks.hpp"

#include <cstddef>

namespace sqlgrey::lists {

struct Content {
    explicit Content(net::LetterCase letter_case) : expressions(letter_case) {}

    Networks networks;
    Names names;
    Expressions expressions;
    Expressions p0f{net::LetterCase::ignored};  // searched in p0f_text()
    bool uses_p0f = false;
    std::size_t size = 0;
};

}  // namespace sqlgrey::lists
