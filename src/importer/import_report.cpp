#include "sqlgrey/importer/import_report.hpp"

#include <iomanip>
#include <sstream>

namespace sqlgrey::importer {
namespace {

constexpr std::size_t places_shown = 5;

void put(std::ostream& out, std::string_view name, long long count, std::string_view more = "") {
    out << "  " << std::left << std::setw(12) << name << std::right << std::setw(10) << count << more << "\n";
}

}  // namespace

void ImportReport::count(const Mapped& record) {
    switch (record.status) {
        case RecordStatus::trusted:
            ++trusted_;
            return;
        case RecordStatus::waiting:
            ++waiting_;
            return;
        case RecordStatus::expired:
            ++expired_;
            return;
        case RecordStatus::unusable:
            return count_unusable(record.why);
    }
}

void ImportReport::count_unusable(std::string_view why) {
    ++unusable_[why];
}

void ImportReport::count_unreadable(const std::string& file, long long line) {
    ++unreadable_;
    if (unreadable_places_.size() < places_shown)
        unreadable_places_.push_back(file + ":" + std::to_string(line));
}

void ImportReport::count_line(LineKind kind, const std::string& file, long long line) {
    counts_lines_ = true;
    switch (kind) {
        case LineKind::relevant:
            ++relevant_lines_;
            return;
        case LineKind::other_program:
            ++other_lines_;
            return;
        case LineKind::not_understood:
            return count_unreadable(file, line);
    }
}

void ImportReport::count_row(const greylist::Import& row, bool taken) {
    struct Table {
        ImportReport& report;
        Rows& operator()(const greylist::KnownSender&) const { return report.senders_; }
        Rows& operator()(const greylist::WaitingTriplet&) const { return report.triplets_; }
        Rows& operator()(const greylist::KnownClient&) const { return report.clients_; }
    };
    Rows& rows = std::visit(Table{*this}, row);
    ++(taken ? rows.taken : rows.there_already);
}

std::string ImportReport::shown() const {
    std::ostringstream out;
    std::string places;
    for (const std::string& place : unreadable_places_) places += (places.empty() ? "" : ", ") + place;
    if (counts_lines_) {
        out << "lines\n";
        put(out, "Postfix", relevant_lines_, "  of Postfix or postgrey");
        put(out, "others", other_lines_, "  of other programs");
        put(out, "unreadable", unreadable_, unreadable_ > 0 ? "  not understood: " + places : "");
    }
    out << "records\n";
    put(out, "trusted", trusted_);
    put(out, "waiting", waiting_);
    put(out, "expired", expired_);
    for (const auto& [why, count] : unusable_) put(out, "not usable", count, "  " + std::string{why});
    if (!counts_lines_) put(out, "unreadable", unreadable_, places.empty() ? "" : "  " + places);
    out << "rows\n";
    const auto table = [&](std::string_view name, const Rows& rows) {
        put(out, name, rows.taken, " taken, " + std::to_string(rows.there_already) + " there already");
    };
    table("from_awl", senders_);
    table("connect", triplets_);
    table("client_awl", clients_);
    return out.str();
}

}  // namespace sqlgrey::importer
