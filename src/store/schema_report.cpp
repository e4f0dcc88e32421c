#include "sqlgrey/store/schema_report.hpp"

namespace sqlgrey::store {
namespace {

std::string counted(std::int64_t number, const std::string& one, const std::string& many) {
    return std::to_string(number) + " " + (number == 1 ? one : many);
}

std::string together(const std::vector<std::string>& sentences) {
    std::string text;
    for (const std::string& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
    return text;
}

}  // namespace

std::string shown(const RowCounts& counts) {
    return counted(counts.senders, "sender", "senders") + ", " +
           counted(counts.domains, "domain", "domains") + ", " + std::to_string(counts.waiting) + " waiting";
}

std::string shown(const SchemaReport& report) {
    std::vector<std::string> parts;
    if (report.taken_over)
        parts.push_back("taken over: " + shown(*report.taken_over));
    else if (report.made)
        parts.push_back("the tables are made");
    else if (!report.done.empty())
        parts.push_back("the tables are brought up to date: " + together(report.done));
    if (report.merged > 0) parts.push_back(counted(report.merged, "duplicate", "duplicates") + " merged");
    if (report.unmatched > 0)
        parts.push_back(counted(report.unmatched, "row", "rows") +
                        " kept that no address will match (too long, or not convertible to UTF-8)");
    for (const std::string& step : report.not_done) parts.push_back("could not " + step);
    return together(parts);
}

}  // namespace sqlgrey::store
