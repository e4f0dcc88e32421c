#include "sqlgrey/importer/import_file.hpp"

#include "sqlgrey/importer/db_dump.hpp"
#include "sqlgrey/importer/mail_log.hpp"

#include <variant>

namespace sqlgrey::importer {
namespace {

// Maps one record of a dump and passes it to the writer.
struct RecordVisitor {
    BatchWriter& writer;
    const PostgreyOptions& source;
    const TargetRules& target;
    const std::string& file;

    void operator()(const PostgreyTriplet& triplet) const { writer.take(mapped(triplet, source, target)); }
    void operator()(const PostgreyClient& client) const { writer.take(mapped(client, source, target)); }
    void operator()(const Hashed&) const {
        writer.report.count_unusable("postgrey kept only hashes (--privacy): no address is in them");
    }
    void operator()(const UnreadableRecord& place) const { writer.report.count_unreadable(file, place.line); }
    void operator()(const Pair& pair) const { std::visit(*this, read_postgrey(pair)); }
};

// Why part of the file could not be read; empty if all was read.
std::string why_incomplete(const Input& input, const char* command) {
    if (const auto* found = input.file->not_text())
        return "it is " + std::string{found->what} + "; type: " + std::string{found->command} + " " +
               input.name + " | sqlgreyctl import " + command + " -";
    return input.file->problem();
}

// Lines of one log.
struct LineCount {
    long long all = 0, relevant = 0, not_understood = 0;
    long long first_not_understood = 0;

    void add(LineKind kind, long long number) {
        all = number;
        if (kind == LineKind::relevant) ++relevant;
        if (kind == LineKind::not_understood && ++not_understood == 1) first_not_understood = number;
    }
    std::string shown() const {
        return "not understood: " + std::to_string(not_understood) + " of " + std::to_string(all) +
               " lines, the first is line " + std::to_string(first_not_understood);
    }
};

FileResult result_of(const LineCount& lines, const Input& input) {
    FileResult result{lines.relevant > 0, why_incomplete(input, "maillog")};
    if (!result.error.empty()) return result;
    if (input.file->empty()) {
        result.warning = "it is empty";
    } else if (lines.relevant == 0) {
        result.error = "no line in it is one of Postfix or postgrey";
        if (lines.not_understood > 0)
            result.error += "; " + lines.shown() +
                            " (a line begins with its time, as in \"Nov 20 09:50:43\" with English names of "
                            "months or 2026-11-20T09:50:43+01:00; journalctl -o short-iso prints such lines)";
    } else if (lines.not_understood > 0) {
        result.warning = lines.shown();
    }
    return result;
}

}  // namespace

FileResult import_dump(const Input& input, const PostgreyOptions& source, const TargetRules& target,
                       BatchWriter& writer) {
    DumpReader reader(input.file->text());
    const RecordVisitor visitor{writer, source, target, input.name};
    const long long unreadable_before = writer.report.unreadable();
    long long records = 0;
    for (; const auto item = reader.next(); ++records) std::visit(visitor, *item);
    const bool all_unreadable = records > 0 && writer.report.unreadable() - unreadable_before == records;
    FileResult result{reader.is_dump(), why_incomplete(input, "postgrey")};
    if (!result.error.empty()) return result;
    if (!reader.is_dump())
        result.error = "it is not the text of db_dump; make that with: db_dump -p postgrey.db > FILE";
    else if (reader.cut_off())
        result.error = "the dump has no end (DATA=END): what follows is missing";
    else if (all_unreadable)
        result.error = "no record in it is one of postgrey: is it the dump of another database?";
    return result;
}

FileResult import_log(const Input& input, const TargetRules& target, BatchWriter& writer) {
    MailLog log(input.changed, [&](const Delivery& delivery) { writer.take(mapped(delivery, target)); });
    LineReader lines(input.file->text());
    LineCount count;
    while (const auto line = lines.next()) {
        const auto kind = line->whole ? log.line(line->text) : LineKind::not_understood;
        count.add(kind, line->number);
        writer.report.count_line(kind, input.name, line->number);
    }
    log.end();
    return result_of(count, input);
}

}  // namespace sqlgrey::importer
