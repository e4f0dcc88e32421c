#include "import.hpp"

#include "generation.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/load.hpp"
#include "sqlgrey/import/db_dump.hpp"
#include "sqlgrey/import/mail_log.hpp"
#include "sqlgrey/import/tally.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/store/importing.hpp"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

using imported::Mapped;

struct Input {
    std::string name;
    std::unique_ptr<std::istream> file;  // none: standard input
    base::Time changed;                  // no record in it is younger
    std::istream& text() const { return file ? *file : std::cin; }
};

Input open_input(const std::string& name, base::Time now) {
    if (name == "-") return {"standard input", nullptr, now};
    auto file = std::make_unique<std::ifstream>(name, std::ios::binary);
    struct stat status {};
    if (!*file || ::stat(name.c_str(), &status) != 0)
        throw base::StartError(base::with_errno("cannot open " + name, errno));
    if (S_ISDIR(status.st_mode)) throw base::StartError("cannot read " + name + ": it is a directory");
    const bool has_time = S_ISREG(status.st_mode) && status.st_mtime > 0;
    return {name, std::move(file), has_time ? std::min(base::at(status.st_mtime), now) : now};
}

std::vector<Input> open_inputs(const std::vector<std::string>& names, base::Time now) {
    std::vector<Input> inputs;
    for (const std::string& name : names) inputs.push_back(open_input(name, now));
    return inputs;
}

// Without what the daemon decides by and an import does not; of what is wrong beside the settings only errors
// matter here.
config::Settings settings_of(const CtlLine& line) {
    config::Loaded loaded = config::load(line.config_file, line.config_file_named, {});
    for (const config::Problem& problem : loaded.problems) std::cerr << config::shown(problem) << "\n";
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
class Intake {
  public:
    Intake(greylist::Importing& tables, const imported::OurRules& ours) : tables_(tables), ours_(ours) {}

    void take(const Mapped& record) {
        tally.count(record);
        for (const greylist::Import& row : record.rows) {
            rows_.push_back(row);
            if (rows_.size() == greylist::import_batch) flush();
        }
    }

    void flush() {
        if (rows_.empty()) return;
        const std::vector<bool> taken = tables_.take(rows_, ours_.policy, ours_.now);
        for (std::size_t i = 0; i < rows_.size(); ++i) tally.count_row(rows_[i], taken[i]);
        rows_.clear();
    }

    imported::Tally tally;

  private:
    greylist::Importing& tables_;
    const imported::OurRules& ours_;
    std::vector<greylist::Import> rows_;
};

// What one record of a dump comes to.
struct OfPostgrey {
    Intake& intake;
    const imported::PostgreyOptions& theirs;
    const imported::OurRules& ours;
    const std::string& file;

    void operator()(const imported::PostgreyTriplet& triplet) const {
        intake.take(imported::mapped(triplet, theirs, ours));
    }
    void operator()(const imported::PostgreyClient& client) const {
        intake.take(imported::mapped(client, theirs, ours));
    }
    void operator()(const imported::Hashed&) const {
        intake.tally.count_unusable("postgrey kept only hashes (--privacy), which tell nobody anything");
    }
    void operator()(const imported::Unreadable& place) const {
        intake.tally.count_unreadable(file, place.line);
    }
    void operator()(const imported::Pair& pair) const { std::visit(*this, imported::read_postgrey(pair)); }
};

void read_dump(const Input& input, const imported::PostgreyOptions& theirs, const imported::OurRules& ours,
               Intake& intake) {
    imported::DumpReader reader(input.text());
    const OfPostgrey use{intake, theirs, ours, input.name};
    while (const auto item = reader.next()) std::visit(use, *item);
    if (!reader.is_dump())
        throw base::StartError(input.name +
                               " is not the text of db_dump; make it with: db_dump -p postgrey.db > FILE");
    if (reader.cut_off())
        std::cerr << input.name << ": warning: the dump has no end (DATA=END); what follows is missing\n";
}

void read_log(const Input& input, const imported::OurRules& ours, Intake& intake) {
    imported::MailLog log(input.changed, [&](const imported::Delivery& delivery) {
        intake.take(imported::mapped(delivery, ours));
    });
    imported::Lines lines(input.text());
    while (const auto line = lines.next())
        if (!log.line(line->text)) intake.tally.count_unreadable(input.name, line->number);
    log.end();
}

}  // namespace

int run_import(const CtlLine& line) {
    const base::Time now = base::SystemClock{}.now();
    const config::Settings settings = settings_of(line);
    const std::vector<Input> inputs = open_inputs(line.files, now);
    become_the_daemons_user(settings);

    const Generation generation = make_generation(settings, LogTo::standard_error);
    const imported::OurRules ours{generation.rules.identity, generation.rules.policy, now};
    const auto mode = line.dry_run ? store::ImportMode::look_only : store::ImportMode::write;
    const auto tables = store::open_importing(generation.target, mode);
    Intake intake(*tables, ours);
    for (const Input& input : inputs) {
        if (line.action == CtlAction::import_postgrey)
            read_dump(input, line.postgrey, ours, intake);
        else
            read_log(input, ours, intake);
    }
    intake.flush();
    std::cout << intake.tally.shown() << (line.dry_run ? "dry run: nothing was written\n" : "") << std::flush;
    return 0;
}

}  // namespace sqlgrey::app
