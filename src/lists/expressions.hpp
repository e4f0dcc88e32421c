// Many regular expressions, searched for in one text in one pass where that can be done.
#pragma once

#include "sqlgrey/net/pattern.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <re2/set.h>

namespace sqlgrey::lists {

class Expressions {
  public:
    explicit Expressions(net::LetterCase letter_case) : letter_case_(letter_case) {}
    // `pattern` is made from the expression, with the letter case of all.
    void add(net::Pattern pattern, const std::string& expression, long long line);
    // Once, when all are added.
    void finish();
    // The line of the first one that is found in the text; those that take linear time come first.
    std::optional<long long> find(std::string_view text) const;

  private:
    struct One {
        net::Pattern pattern;
        std::string expression;  // until finish()
        long long line;
    };
    std::unique_ptr<re2::RE2::Set> set_of_linear() const;
    static std::optional<long long> first_of(const std::vector<One>& ones, std::string_view text);

    net::LetterCase letter_case_;
    std::vector<One> linear_;
    std::vector<One> others_;
    std::unique_ptr<re2::RE2::Set> set_;  // all of linear_; none if they are few or too much for it
};

}  // namespace sqlgrey::lists
