// Reads discrimination.regexp and evaluates its rules.
#include "sqlgrey/lists/discrimination.hpp"

#include "entry.hpp"
#include "file.hpp"
#include "line.hpp"
#include "problems.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/policy/attempt.hpp"

#include <algorithm>
#include <array>

namespace sqlgrey::lists {
namespace {

using Operator = Rule::Operator;

constexpr std::string_view expected =
    "expected \"attribute =~ regexp\", \"attribute !~ regexp\", \"attribute == other_attribute\" or "
    "\"attribute != "
    "other_attribute\"";

struct Spelling {
    std::string_view text;
    Operator op;
};
constexpr std::array<Spelling, 4> spellings{{{"=~", Operator::matches},
                                             {"!~", Operator::matches_not},
                                             {"==", Operator::equals},
                                             {"!=", Operator::equals_not}}};

bool is_attribute(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return base::is_letter(c) || base::is_digit(c) || c == '_';
    });
}

bool takes_expression(Operator op) {
    return op == Operator::matches || op == Operator::matches_not;
}

// Thrown for a line that is not a rule; what() says why.
class NoRule : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

Rule parse_rule(std::string_view text) {
    const std::size_t at = text.find_first_of("=!");
    const auto spelling = std::find_if(spellings.begin(), spellings.end(), [&](const Spelling& one) {
        return at != std::string_view::npos && text.substr(at).starts_with(one.text);
    });
    if (spelling == spellings.end()) throw NoRule(std::string(expected));
    const std::string attribute(base::trimmed(text.substr(0, at), blanks));
    const std::string right(base::trimmed(text.substr(at + spelling->text.size()), blanks));
    const bool is_whole = is_attribute(attribute) && !right.empty() && right.size() <= max_entry;
    if (!is_whole) throw NoRule(std::string(expected));
    if (takes_expression(spelling->op))
        return {attribute, spelling->op, net::Pattern(right, net::LetterCase::matters)};
    if (!is_attribute(right)) throw NoRule(std::string(expected));
    return {attribute, spelling->op, right};
}

bool is_slow(const Rule& rule) {
    const auto* pattern = std::get_if<net::Pattern>(&rule.right);
    return pattern != nullptr && !pattern->is_linear();
}

class RuleReader {
  public:
    explicit RuleReader(std::string path) : path_(std::move(path)) {}

    void add(std::string_view line, std::int64_t number) {
        const std::string_view text = base::trimmed(line.substr(0, line.find('#')), blanks);
        if (text.empty()) return;
        const std::string place = path_ + ":" + std::to_string(number) + ": " + quoted(text);
        try {
            rules_.push_back(parse_rule(text));
        } catch (const NoRule& no_rule) {
            return problems_.error(place + " is skipped: " + no_rule.what());
        } catch (const net::BadPattern& bad) {
            return problems_.error(place + " is skipped, its regular expression is not valid: " + bad.what());
        }
        if (is_slow(rules_.back())) {
            problems_.warning(place +
                              " needs look-around, a back-reference or the like: it is matched by "
                              "backtracking, and a search that takes too long counts as no match");
        }
    }
    LoadedDiscrimination loaded() && {
        return {Discrimination(std::move(rules_)), std::move(problems_).take(path_)};
    }

  private:
    std::string path_;
    std::vector<Rule> rules_;
    Problems problems_;
};

void read_rules(const std::string& path, LoadedDiscrimination& out) {
    const auto file = read_file(path);
    if (!file) throw base::FileError(path + ": no such file");
    RuleReader reader(path);
    for_each_line(file->text, [&](std::string_view line, std::int64_t number) { reader.add(line, number); });
    out = std::move(reader).loaded();
    if (out.rules.size() == 0) throw base::FileError(path + ": it contains no rule");
}

}  // namespace

// Absent and empty differ here, as in SQLgrey 1.8: an attribute that was not sent is not compared.
bool Rule::fits(const policy::Request& request) const {
    if (!request.has(attribute)) return false;
    const std::string_view left = request.get(attribute);
    switch (op) {
        case Operator::matches:
            return std::get<net::Pattern>(right).found_in(left);
        case Operator::matches_not:
            return !std::get<net::Pattern>(right).found_in(left);
        case Operator::equals:
            return left == request.get(std::get<std::string>(right));
        case Operator::equals_not:
            return left != request.get(std::get<std::string>(right));
    }
    return false;
}

std::optional<unsigned> Discrimination::first_match(const policy::Request& request) const {
    if (rules_.empty()) return no_rules;
    const auto found =
        std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.fits(request); });
    if (found == rules_.end()) return std::nullopt;
    return static_cast<unsigned>(found - rules_.begin()) + 1;
}

bool Discrimination::uses_p0f() const {
    return std::ranges::any_of(rules_,
                               [](const Rule& rule) { return policy::is_p0f_attribute(rule.attribute); });
}

LoadedDiscrimination read_discrimination(const std::string& conf_dir) {
    LoadedDiscrimination out;
    try {
        read_rules(conf_dir + "/discrimination.regexp", out);
    } catch (const base::FileError& unreadable) {
        out.problems.push_back(
            {true, std::string(unreadable.what()) +
                       "; without rules every request counts as suspicious and is greylisted: write rules, "
                       "or set discrimination = off"});
    }
    return out;
}

}  // namespace sqlgrey::lists
