// discrimination.regexp: which requests are suspicious enough to be greylisted (src/greylist/README.md
// section 7).
//
// One rule a line: `attribute operator expression`. The attribute may be any that Postfix sends, or one of
// policy::p0f_attributes.
//   attribute =~ regexp            its value matches the Perl regular expression; letter case matters
//   attribute !~ regexp            it does not
//   attribute == other_attribute   the two values are the same
//   attribute != other_attribute   they are not
// '#' begins a comment anywhere, even inside an expression (write \x23 there), as in SQLgrey 1.8.
//
// The values are compared as sent. A rule whose attribute was not sent does not match, not even with !~ or
// !=; an attribute that was sent empty is compared like any other. An `other_attribute` that was not sent
// counts as empty.
#pragma once

#include "sqlgrey/base/problem.hpp"
#include "sqlgrey/net/pattern.hpp"
#include "sqlgrey/policy/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sqlgrey::lists {

using base::Problem;

struct Rule {
    enum class Operator { matches, matches_not, equals, equals_not };
    std::string attribute;
    Operator op;
    std::variant<net::Pattern, std::string> right;  // or the name of the other attribute

    bool fits(const policy::Request& request) const;
};

// Immutable; several threads may use it at once.
class Discrimination {
  public:
    // What first_match() returns when there are no rules.
    static constexpr unsigned no_rules = 0;

    Discrimination() = default;
    explicit Discrimination(std::vector<Rule> rules) : rules_(std::move(rules)) {}

    // Returns the number of the first rule that matches, counted from 1; nothing if none does, so the request
    // is not suspicious. If there are no rules, every request is suspicious and the number is `no_rules`: a
    // mistake in a file must not turn greylisting off.
    std::optional<unsigned> first_match(const policy::Request& request) const;
    std::size_t size() const { return rules_.size(); }
    // True if a rule looks at what p0f says. Then a request that no rule matches may match once that is
    // known.
    bool uses_p0f() const;

  private:
    std::vector<Rule> rules_;
};

struct LoadedDiscrimination {
    Discrimination rules;
    std::vector<Problem> problems;
};

// Reads discrimination.regexp in that directory; called only if `discrimination` is on. A line that is not a
// valid rule is skipped, has no number, and is reported (the first 20 are). A file without rules, or one that
// cannot be read, is an error. Throws only if memory runs out.
LoadedDiscrimination read_discrimination(const std::string& conf_dir);

}  // namespace sqlgrey::lists
