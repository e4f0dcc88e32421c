#include "sqlgrey/import/tally.hpp"

#include <iomanip>
#include <sstream>

namespace sqlgrey::imported {
namespace {

constexpr std::size_t places_shown = 5;

void put(std::ostream& out, std::string_view name, long long count, std::string_view more = "") {
    out << "  " << std::left << std::setw(12) << name << std::right << std::setw(10) << count << more << "\n";
}

}  // namespace

void Tally::count(const Mapped& record) {
    switch (record.fate) {
        case Fate::trusted:
            ++trusted_;
            return;
        case Fate::waiting:
            ++waiting_;
            return;
        case Fate::expired:
            ++expired_;
            return;
        case Fate::unusable:
            return count_unusable(record.why);
    }
}

void Tally::count_unusable(std::string_view why) {
    ++unusable_[why];
}

void Tally::count_unreadable(const std::string& file, long long line) {
    ++unreadable_;
    if (unreadable_places_.size() < places_shown)
        unreadable_places_.push_back(file + ":" + std::to_string(line));
}

void Tally::count_line(LineKind kind, const std::string& file, long long line) {
    counts_lines_ = true;
    switch (kind) {
        case LineKind::ours:
            ++our_lines_;
            return;
        case LineKind::others:
            ++others_lines_;
            return;
        case LineKind::not_understood:
            return count_unreadable(file, line);
    }
}

void Tally::count_row(const greylist::Import& row, bool taken) {
    struct Table {
        Tally& tally;
        Rows& operator()(const greylist::KnownSender&) const { return tally.senders_; }
        Rows& operator()(const greylist::WaitingTriplet&) const { return tally.triplets_; }
        Rows& operator()(const greylist::KnownClient&) const { return tally.clients_; }
    };
    Rows& rows = std::visit(Table{*this}, row);
    ++(taken ? rows.taken : rows.there_already);
}

std::string Tally::shown() const {
    std::ostringstream out;
    std::string places;
    for (const std::string& place : unreadable_places_) places += (places.empty() ? "" : ", ") + place;
    if (counts_lines_) {
        out << "lines\n";
        put(out, "Postfix", our_lines_, "  of Postfix or postgrey");
        put(out, "others", others_lines_, "  of other programs");
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

}  // namespace sqlgrey::imported
