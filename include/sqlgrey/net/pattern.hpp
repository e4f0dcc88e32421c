// A regular expression written by an admin, in Perl's syntax.
//
// RE2 runs it in linear time. What RE2 cannot express (look-around, back-references) runs in
// PCRE2 under a match limit, and counts as no match when it hits the limit. Both see bytes: any
// text is welcome, and letter case is that of ASCII.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sqlgrey::net {

enum class LetterCase { matters, ignored };

// Neither library takes the expression; what() says what is wrong with it and at which byte.
class BadPattern : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Immutable, cheap to copy; may be used from several threads at once.
class Pattern {
  public:
    // Throws BadPattern.
    Pattern(const std::string& expression, LetterCase letter_case);
    // True if it matches anywhere in the text.
    bool found_in(std::string_view text) const;
    // True if RE2 runs it; false if it had to be PCRE2.
    bool is_linear() const;

    class Engine;  // RE2 or PCRE2

  private:
    std::shared_ptr<const Engine> engine_;
};

}  // namespace sqlgrey::net
