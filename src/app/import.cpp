#include "import.hpp"

#include "generation.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/config/load.hpp"
#include "sqlgrey/importer/db_dump.hpp"
#include "sqlgrey/importer/import_report.hpp"
#include "sqlgrey/importer/mail_log.hpp"
#include "sqlgrey/importer/text_file.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/store/importing.hpp"

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

using importer::Mapped;

struct Input {
    std::string name;
    std::unique_ptr<importer::TextFile> file;
    base::Time changed;  // no record in it is younger
};

// What came of one file.
struct Outcome {
    bool held_records = false;  // it is what it should be
    std::string error{};    // half a sentence behind the file's name: it is none, or a part of it is missing
    std::string warning{};  // the same, where nothing is missing
};

Input open_input(const std::string& file, base::Time now) {
    const bool is_standard_input = file == "-";
    const std::string name = is_standard_input ? "standard input" : file;
    base::unique_fd fd{is_standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                         : ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0)
        throw base::StartError(base::with_errno("cannot open " + name, errno));
    if (S_ISDIR(status.st_mode)) throw base::StartError("cannot read " + name + ": it is a directory");
    const bool has_time = S_ISREG(status.st_mode) && status.st_mtime > 0;
    return {name, std::make_unique<importer::TextFile>(std::move(fd)),
            has_time ? std::min(base::at(status.st_mtime), now) : now};
}

std::vector<Input> open_inputs(const std::vector<std::string>& names, base::Time now) {
    std::vector<Input> inputs;
    for (const std::string& name : names) inputs.push_back(open_input(name, now));
    return inputs;
}

// Without what the daemon decides by and an import does not; of what is wrong beside the settings only errors
// matter here.
config::Settings settings_of(const CtlLine& line) {
    config::LoadedSettings loaded = config::load(line.config_file, line.config_file_named, {});
    for (const config::SettingsProblem& problem : loaded.problems)
        std::cerr << config::shown(problem) << "\n";
    config::Settings& settings = loaded.settings;
    if (!loaded.usable()) throw base::StartError("nothing was imported: the settings hold an error");
    if (!settings.privacy_key.empty())
        throw base::StartError(
            "with privacy_key_file the tables hold hashes; what others know cannot be imported");
    settings.discrimination = false;
    settings.whitelist_clients.clear();
    settings.whitelist_recipients.clear();
    settings.levels = log::Levels{log::error};
    return std::move(settings);
}

// Whatever is made on the way (a SQLite file) has to be the daemon's.
void become_the_daemons_user(const config::Settings& settings) {
    ::umask(027);
    ::unsetenv("PGTZ");
    if (!process::started_as_root()) return;
    process::drop_privileges(process::find_account(settings.user, settings.group));
    ::unsetenv("HOME");
}

// Gathers rows to batches and counts what becomes of them.
class BatchWriter {
  public:
    BatchWriter(greylist::Importing& tables, const importer::TargetRules& target)
        : tables_(tables), target_(target) {}

    void take(const Mapped& record) {
        report.count(record);
        for (const greylist::Import& row : record.rows) {
            rows_.push_back(row);
            if (rows_.size() == greylist::import_batch) flush();
        }
    }

    void flush() {
        if (rows_.empty()) return;
        const std::vector<bool> taken = tables_.take(rows_, target_.policy, target_.now);
        for (std::size_t i = 0; i < rows_.size(); ++i) report.count_row(rows_[i], taken[i]);
        rows_.clear();
    }

    importer::ImportReport report;

  private:
    greylist::Importing& tables_;
    const importer::TargetRules& target_;
    std::vector<greylist::Import> rows_;
};

// What one record of a dump comes to.
struct PostgreyRecordTaker {
    BatchWriter& writer;
    const importer::PostgreyOptions& source;
    const importer::TargetRules& target;
    const std::string& file;

    void operator()(const importer::PostgreyTriplet& triplet) const {
        writer.take(importer::mapped(triplet, source, target));
    }
    void operator()(const importer::PostgreyClient& client) const {
        writer.take(importer::mapped(client, source, target));
    }
    void operator()(const importer::Hashed&) const {
        writer.report.count_unusable("postgrey kept only hashes (--privacy), which tell nobody anything");
    }
    void operator()(const importer::UnreadableRecord& place) const {
        writer.report.count_unreadable(file, place.line);
    }
    void operator()(const importer::Pair& pair) const { std::visit(*this, importer::read_postgrey(pair)); }
};

// Why not all of the file could be read; empty if it could.
std::string why_incomplete(const Input& input, const char* command) {
    if (const auto* found = input.file->not_text())
        return "it is " + std::string{found->what} + "; type: " + std::string{found->command} + " " +
               input.name + " | sqlgreyctl import " + command + " -";
    return input.file->problem();
}

Outcome read_dump(const Input& input, const importer::PostgreyOptions& source,
                  const importer::TargetRules& target, BatchWriter& writer) {
    importer::DumpReader reader(input.file->text());
    const PostgreyRecordTaker use{writer, source, target, input.name};
    const long long unreadable_before = writer.report.unreadable();
    long long records = 0;
    for (; const auto item = reader.next(); ++records) std::visit(use, *item);
    const bool all_unreadable = records > 0 && writer.report.unreadable() - unreadable_before == records;
    Outcome outcome{reader.is_dump(), why_incomplete(input, "postgrey")};
    if (!outcome.error.empty()) return outcome;
    if (!reader.is_dump())
        outcome.error = "it is not the text of db_dump; make that with: db_dump -p postgrey.db > FILE";
    else if (reader.cut_off())
        outcome.error = "the dump has no end (DATA=END): what follows is missing";
    else if (all_unreadable)
        outcome.error = "no record in it is one of postgrey: is it the dump of another database?";
    return outcome;
}

// Lines of one log.
struct LineCount {
    long long all = 0, target = 0, not_understood = 0;
    long long first_not_understood = 0;

    void add(importer::LineKind kind, long long number) {
        all = number;
        if (kind == importer::LineKind::relevant) ++target;
        if (kind == importer::LineKind::not_understood && ++not_understood == 1)
            first_not_understood = number;
    }
    std::string shown() const {
        return "not understood: " + std::to_string(not_understood) + " of " + std::to_string(all) +
               " lines, the first is line " + std::to_string(first_not_understood);
    }
};

Outcome what_came_of(const LineCount& lines, const Input& input) {
    Outcome outcome{lines.target > 0, why_incomplete(input, "maillog")};
    if (!outcome.error.empty()) return outcome;
    if (input.file->empty()) {
        outcome.warning = "it is empty";
    } else if (lines.target == 0) {
        outcome.error = "no line in it is one of Postfix or postgrey";
        if (lines.not_understood > 0)
            outcome.error +=
                "; " + lines.shown() +
                " (a line begins with its time, as in \"Nov 20 09:50:43\" with English names of "
                "months or 2026-11-20T09:50:43+01:00; journalctl -o short-iso prints such lines)";
    } else if (lines.not_understood > 0) {
        outcome.warning = lines.shown();
    }
    return outcome;
}

Outcome read_log(const Input& input, const importer::TargetRules& target, BatchWriter& writer) {
    importer::MailLog log(input.changed, [&](const importer::Delivery& delivery) {
        writer.take(importer::mapped(delivery, target));
    });
    importer::LineReader lines(input.file->text());
    LineCount count;
    while (const auto line = lines.next()) {
        const auto kind = line->whole ? log.line(line->text) : importer::LineKind::not_understood;
        count.add(kind, line->number);
        writer.report.count_line(kind, input.name, line->number);
    }
    log.end();
    return what_came_of(count, input);
}

// Prints what an admin has to know of a file; true if nothing of it is missing.
bool told(const Input& input, const Outcome& outcome) {
    const std::string start = "sqlgreyctl: " + log::escape(input.name) + ": ";
    if (!outcome.error.empty()) std::cerr << start << outcome.error << "\n";
    if (!outcome.warning.empty()) std::cerr << start << "warning: " << outcome.warning << "\n";
    return outcome.error.empty();
}

}  // namespace

int run_import(const CtlLine& line) {
    const base::Time now = base::SystemClock{}.now();
    const config::Settings settings = settings_of(line);
    std::vector<Input> inputs = open_inputs(line.files, now);
    become_the_daemons_user(settings);

    const Generation generation = make_generation(settings, LogTo::standard_error);
    const importer::TargetRules target{generation.rules.identity, generation.rules.policy, now};
    const auto mode = line.dry_run ? store::ImportMode::look_only : store::ImportMode::write;
    const auto tables = store::open_importing(generation.target, mode);
    BatchWriter writer(*tables, target);
    bool complete = true;
    bool held_records = false;
    for (Input& input : inputs) {
        const Outcome outcome = line.action == CtlAction::import_postgrey
                                    ? read_dump(input, line.postgrey, target, writer)
                                    : read_log(input, target, writer);
        complete = told(input, outcome) && complete;
        held_records = held_records || outcome.held_records;
        input.file.reset();
    }
    writer.flush();
    std::cout << writer.report.shown() << (line.dry_run ? "dry run: nothing was written\n" : "")
              << std::flush;
    return complete && held_records ? 0 : 1;
}

}  // namespace sqlgrey::app
