#include "row_lists.hpp"

#include "problems.hpp"

#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace sqlgrey::lists {
namespace {

// 0 for no rows.
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
    for (const ListName name : all_list_names) all.push_back(ListBuilder::of_rows(name));
    return all;
}

std::string no_such_list(const Row& row) {
    std::string text =
        "row " + std::to_string(row.id) + " in the database: " + quoted(row.list) + " is no list; expected";
    for (const ListName name : all_list_names)
        text += (name == all_list_names.front() ? " " : ", ") + std::string(text_of(name));
    return text;
}

}  // namespace

bool RowLists::read(Rows& rows, const log::Logger& logger) {
    std::vector<Row> read;
    try {
        read = rows.read();
    } catch (const std::runtime_error& error) {
        tell_unreadable(error.what(), logger);
        return false;
    }
    if (is_away_)
        logger.write(log::Category::dbaccess, log::verbose, "the lists in the database can be read again");
    is_away_ = false;
    const std::uint64_t fingerprint = fingerprint_of(read);
    const bool is_news = fingerprint != fingerprint_;
    if (is_news) take(read, logger);
    fingerprint_ = fingerprint;
    when_ = When::later;
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
    tell_news(logger, when_, "lists in the database: read, " + entries(size));
    tell_problems(logger, problems);
}

void RowLists::tell_unreadable(const std::string& why, const log::Logger& logger) {
    if (is_away_) return;
    is_away_ = true;
    logger.write(log::Category::dbaccess, log::verbose,
                 "the lists in the database cannot be read: " + why + "; those read before stay in force");
}

}  // namespace sqlgrey::lists
