// Matches as Perl does: the leftmost position, there the first form that fits, with each run of separators as
// long as possible. Without backtracking: for each element of a form, from last to first, one row holds where
// in the name it and the following elements can begin, and where that match ends.
#include "embedded_recipient.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace sqlgrey::mail {
namespace {

// What matches a '.' of the recipient, its '@', and its boundary.
constexpr bool is_dot_shape(char c) {
    return c == '.' || c == '*' || c == '-';
}
constexpr bool is_at_shape(char c) {
    return c == '=' || c == '?' || c == '*' || c == '~' || c == '.';
}
constexpr bool is_bound(char c) {
    return c == '*' || c == '=' || c == '.' || c == '-';
}

// A literal character, or a run of one or more characters of a class.
struct Element {
    enum class Kind { literal, dot_run, at_run } kind;
    char literal = 0;
};
using Form = std::vector<Element>;

// Half of the address as pieces between dots. As in Perl's split, dots at the end are ignored; those at the
// start and repeated ones are not.
Form form_of(std::string_view half) {
    Form form;
    for (const char c : half.substr(0, half.find_last_not_of('.') + 1)) {
        form.push_back(c == '.' ? Element{Element::Kind::dot_run} : Element{Element::Kind::literal, c});
    }
    return form;
}

Form around_at(const Form& before, const Form& after) {
    Form form = before;
    form.push_back({Element::Kind::at_run});
    form.insert(form.end(), after.begin(), after.end());
    return form;
}

constexpr std::size_t no_match = std::string_view::npos;
// For each position in the name, and the one after it: where a match that begins there ends.
using Ends = std::vector<std::size_t>;

void prepend_literal(char literal, std::string_view name, Ends& ends) {
    for (std::size_t at = 0; at < name.size(); ++at) ends[at] = name[at] == literal ? ends[at + 1] : no_match;
    ends[name.size()] = no_match;
}

// From right to left: a run is as long as what follows still matches.
template <bool is_of_run(char)>
void prepend_run(std::string_view name, Ends& ends) {
    std::size_t rest_behind = ends[name.size()];  // where the match ends if the run stops here
    std::size_t run_behind = no_match;            // where the match ends if the run continues
    ends[name.size()] = no_match;
    for (std::size_t at = name.size(); at-- > 0;) {
        const std::size_t either = run_behind != no_match ? run_behind : rest_behind;
        rest_behind = ends[at];
        run_behind = is_of_run(name[at]) ? either : no_match;
        ends[at] = run_behind;
    }
}

void prepend(const Element& element, std::string_view name, Ends& ends) {
    switch (element.kind) {
        case Element::Kind::literal:
            return prepend_literal(element.literal, name, ends);
        case Element::Kind::dot_run:
            return prepend_run<is_dot_shape>(name, ends);
        case Element::Kind::at_run:
            return prepend_run<is_at_shape>(name, ends);
    }
}

enum class Behind { anything, bound };

Ends ends_of(const Form& form, std::string_view name, Behind behind) {
    Ends ends(name.size() + 1, no_match);
    if (form.size() > name.size()) return ends;
    for (std::size_t at = 0; at <= name.size(); ++at) {
        const bool ends_well = at < name.size() && is_bound(name[at]);
        if (behind == Behind::anything || ends_well) ends[at] = at;
    }
    for (auto element = form.rbegin(); element != form.rend(); ++element) prepend(*element, name, ends);
    return ends;
}

// Every form contains all of lhs, so the name must contain its first piece; most names do not.
bool may_hold(std::string_view name, std::string_view lhs) {
    const std::string_view whole = lhs.substr(0, lhs.find_last_not_of('.') + 1);
    return name.size() >= whole.size() &&
           name.find(whole.substr(0, whole.find('.'))) != std::string_view::npos;
}

}  // namespace

void mask_recipient(std::string& name, std::string_view recipient) {
    const std::size_t at_sign = recipient.find('@');
    const std::string_view lhs = recipient.substr(0, at_sign);
    if (!may_hold(name, lhs)) return;
    const std::string_view rhs = at_sign == std::string_view::npos ? "" : recipient.substr(at_sign + 1);

    const Form left = form_of(lhs);
    const Form right = form_of(rhs);
    const std::array<Form, 3> forms{around_at(left, right), around_at(right, left), left};
    std::array<Ends, 3> after_bound;
    std::array<Ends, 3> before_bound;
    for (std::size_t i = 0; i < forms.size(); ++i) {
        after_bound[i] = ends_of(forms[i], name, Behind::anything);
        before_bound[i] = ends_of(forms[i], name, Behind::bound);
    }
    for (std::size_t at = 0; at <= name.size(); ++at) {
        const bool behind_bound = at > 0 && is_bound(name[at - 1]);
        for (const auto* ends : {&after_bound, &before_bound}) {
            if (ends == &after_bound && !behind_bound) continue;
            for (const Ends& form_ends : *ends) {
                if (form_ends[at] == no_match) continue;
                name.replace(at, form_ends[at] - at, "RCPT");
                return;
            }
        }
    }
}

}  // namespace sqlgrey::mail
