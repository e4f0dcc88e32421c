// The text of db_dump, of any bytes, and the records in it.
#include "fuzz.hpp"
#include "sqlgrey/importer/import_report.hpp"
#include "sqlgrey/importer/mapping.hpp"

#include <sstream>

using namespace sqlgrey::importer;

namespace {

struct CountRecords {
    const TargetRules& rules;
    ImportReport& report;

    void operator()(const PostgreyTriplet& triplet) const {
        report.count(mapped(triplet, {}, rules));
        if (const auto sender = sender_from_postgrey(triplet.sender, triplet.recipient))
            fuzz::must(sender->name.size() <= sqlgrey::mail::max_sender_name, "the name is cut");
    }
    void operator()(const PostgreyClient& client) const { report.count(mapped(client, {}, rules)); }
    void operator()(const Hashed&) const { report.count_unusable("hashes"); }
    void operator()(const UnreadableRecord& place) const { report.count_unreadable("dump", place.line); }
    void operator()(const Pair& pair) const { std::visit(*this, read_postgrey(pair)); }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const TargetRules rules{{}, {}, sqlgrey::base::at(2'000'000'000)};
    std::istringstream text{std::string(fuzz::text_of(data, size))};
    DumpReader reader(text);
    ImportReport report;
    while (const auto item = reader.next()) std::visit(CountRecords{rules, report}, *item);
    fuzz::must(reader.is_dump() || !reader.cut_off(), "only a dump is cut off");
    fuzz::must(!report.shown().empty(), "the count is shown");
    return 0;
}
