// A regular expression in Perl's syntax, written by an administrator.
//
// RE2 runs it in linear time. What RE2 does not support (look-around, back-references) runs in PCRE2 with
// limits, and counts as no match when it reaches one. Both match bytes: any text is accepted, and only ASCII
// letters have a case.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sqlgrey::net {

enum class LetterCase { matters, ignored };

// Neither library accepts the expression; what() gives the mistake and the byte.
class BadPattern : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Immutable, cheap to copy; thread-safe.
class Pattern {
  public:
    // Throws BadPattern.
    Pattern(const std::string& expression, LetterCase letter_case);
    // True if it matches anywhere in the text.
    bool found_in(std::string_view text) const;
    // True if RE2 runs it, false if PCRE2 does.
    bool is_linear() const;

    class Engine;  // RE2 or PCRE2

  private:
    std::shared_ptr<const Engine> engine_;
};

}  // namespace sqlgrey::net
