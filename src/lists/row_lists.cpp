#include "row_lists.hpp"

#include "problems.hpp"
#include "sqlgrey/log/problems.hpp"

#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace sqlgrey::lists {
namespace {

// Returns 0 if there are no rows.
std::uint64_t fingerprint_of(const std::vector<Row>& rows) {
    std::uint64_t sum = 0;
    const auto take = [&](std::uint64_t part) {
        sum = (sum ^ part) * 0x9e3779b97f4a7c15;
        sum ^= sum >> 32;
    };
    for (const Row& row : rows) {
        take(static_cast<std::uint64_t>(row.id) + 1);
        take(std::hash<std::string_view>{}(row.list));
        take(std::hash<std::string_view>{}(row.entry));
    }
    return sum;
}

std::vector<ListBuilder> builders() {
    std::vector<ListBuilder> all;
    all.reserve(all_list_names.size());
    for (const ListName name : all_list_names) all.push_back(ListBuilder::of_rows(name));
    return all;
}

std::string no_such_list(const Row& row) {
    std::string text = "row " + std::to_string(row.id) + " in the database: " + quoted(row.list) +
                       " is not a list; expected";
    for (const ListName name : all_list_names)
        text += (name == all_list_names.front() ? " " : ", ") + std::string(text_of(name));
    return text;
}

}  // namespace

bool RowLists::read(Rows& rows, const log::Logger& logger) {
    std::vector<Row> read;
    try {
        read = rows.read();
    } catch (const RowsRefused& refused) {
        trouble_.refused(refused.what(), what_counts() + " (set lists_in_database = off if you want none)",
                         logger);
        return false;
    } catch (const std::runtime_error& error) {
        trouble_.outage(error.what(), what_counts(), logger);
        return false;
    }
    trouble_.over(logger);
    const std::uint64_t fingerprint = fingerprint_of(read);
    const bool is_news = fingerprint != fingerprint_;
    if (is_news) take(read, logger);
    fingerprint_ = fingerprint;
    has_read_ = true;
    return is_news;
}

void RowLists::take(const std::vector<Row>& rows, const log::Logger& logger) {
    std::vector<ListBuilder> all = builders();
    Problems strangers;
    for (const Row& row : rows) {
        if (const auto name = list_named(row.list)) {
            all[static_cast<std::size_t>(*name)].add(row.entry, row.id);
        } else {
            strangers.error(no_such_list(row));
        }
    }
    std::vector<Problem> problems = std::move(strangers).take("database");
    std::size_t size = 0;
    std::vector<std::shared_ptr<const List>> lists;
    for (ListBuilder& builder : all) {
        ListBuilder::Built built = std::move(builder).build();
        size += built.list->size();
        lists.push_back(std::move(built.list));
        problems.insert(problems.end(), built.problems.begin(), built.problems.end());
    }
    lists_ = std::move(lists);
    log_news(logger, level_of_news(!has_read_), "lists in the database: read, " + entries(size));
    log::write_problems(logger, problems);
}

std::string RowLists::what_counts() const {
    if (!has_read_) return "until then none of their entries is in effect";
    return "the entries read before remain in effect";
}

}  // namespace sqlgrey::lists
