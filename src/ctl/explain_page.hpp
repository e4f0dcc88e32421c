// The page of `explain`: lines for people, or rows for programs.
#pragma once

#include "rows.hpp"
#include "sqlgrey/service/explanation.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace sqlgrey::ctl {

// One thing that was looked at.
struct PageLine {
    std::string step;    // request, identity, list, table, rule, decision
    std::string name;    // of the list, the table, the rule; of the decision: the verdict
    std::string result;  // a word: no_entry, found, next, pass ...
    std::optional<base::Time> first_seen{}, last_seen{};
    std::optional<base::Time> passes_at{};
    std::string id{};
    std::string detail{};
};
struct Page {
    std::vector<std::string> summary;  // sentences: what would be decided, why, and when it will pass
    std::vector<PageLine> lines;
    std::vector<std::string> notes;  // what could not be asked
    base::Time now{};
};

// `asked`: what was asked about, in words. `notes` come from the store.
Page page_of(const service::Explanation& found, const service::Rules& rules, std::vector<PageLine> asked,
             std::vector<std::string> notes);

void write_page(std::ostream& out, const Page& page, Format format);

}  // namespace sqlgrey::ctl
