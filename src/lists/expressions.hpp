// Searches a text for many regular expressions, in one pass where possible.
#pragma once

#include "sqlgrey/net/pattern.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <re2/set.h>

namespace sqlgrey::lists {

// find() may be called by several threads after finish().
class Expressions {
  public:
    explicit Expressions(net::LetterCase letter_case) : letter_case_(letter_case) {}
    // `pattern` is the compiled expression; letter case is handled alike in all of them.
    void add(net::Pattern pattern, const std::string& expression, std::int64_t line);
    // Call it once, when all are added.
    void finish();
    // The line of the first expression found in the text; nothing if there is none. Expressions that take
    // linear time are tried first.
    std::optional<std::int64_t> find(std::string_view text) const;

  private:
    struct One {
        net::Pattern pattern;
        std::string expression;  // until finish()
        std::int64_t line;
    };
    std::unique_ptr<re2::RE2::Set> set_of_linear() const;
    static std::optional<std::int64_t> first_of(const std::vector<One>& ones, std::string_view text);

    net::LetterCase letter_case_;
    std::vector<One> linear_;
    std::vector<One> others_;
    std::unique_ptr<re2::RE2::Set>
        set_;  // all of linear_; null if they are few, or need more memory than a set may have
};

}  // namespace sqlgrey::lists
