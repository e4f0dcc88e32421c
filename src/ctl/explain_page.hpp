// The output of `explain`: text for people, or rows for programs.
#pragma once

#include "rows.hpp"
#include "sqlgrey/service/explanation.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace sqlgrey::ctl {

// One step of the decision: a list that was searched, a table, a rule.
struct PageLine {
    std::string step;    // request, identity, list, fact, table, rule, decision
    std::string name;    // of the list, table or rule; for the decision, the verdict
    std::string result;  // a word: no_entry, found, next, pass ...
    std::optional<base::Time> first_seen{}, last_seen{};
    std::optional<base::Time> passes_at{};
    std::string id{};
    std::string detail{};
};
struct Page {
    std::vector<std::string> summary;  // sentences: the decision, why, and when a retry passes
    std::vector<PageLine> lines;
    std::vector<std::string> notes;  // what the page cannot show, and why
    base::Time now{};
};

// `asked`: the request that the page is about, its first lines. `notes`: those of the store and of `explain`.
Page page_of(const service::Explanation& found, const service::Rules& rules, std::vector<PageLine> asked,
             std::vector<std::string> notes);

void write_page(std::ostream& out, const Page& page, Format format);

}  // namespace sqlgrey::ctl
