#include "import.hpp"

#include "settings.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/setup/daemon_user.hpp"
#include "sqlgrey/setup/parts.hpp"
#include "sqlgrey/store/importing.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

// Without lists and discrimination, which only the daemon needs. Logs errors only.
config::Settings settings_of(const Invocation& invocation) {
    config::Settings settings = read_settings(invocation);
    if (!settings.privacy_key.empty())
        throw base::StartError(
            "with privacy_key_file the tables hold hashes; what others know cannot be imported");
    settings.discrimination = false;
    settings.whitelist_clients.clear();
    settings.whitelist_recipients.clear();
    settings.levels = log::Levels{log::error};
    return settings;
}

// Prints the errors and warnings of a file; returns true if all of it was read.
bool print_result(const importer::Input& input, const importer::FileResult& result) {
    const std::string start = "sqlgreyctl: " + log::escape(input.name) + ": ";
    if (!result.error.empty()) std::cerr << start << result.error << "\n";
    if (!result.warning.empty()) std::cerr << start << "warning: " << result.warning << "\n";
    return result.error.empty();
}

}  // namespace

int run_import(const Invocation& invocation, const ImportFile& import_file) {
    const bool dry_run = invocation.has("dry-run");
    const base::Time now = base::SystemClock{}.now();
    const config::Settings settings = settings_of(invocation);
    std::vector<importer::Input> inputs = importer::open_inputs(invocation.arguments, now);
    setup::become_daemon_user(settings);

    const log::Logger logger = setup::logger_of(settings, setup::LogTo::standard_error);
    const importer::TargetRules target{setup::identity_of(settings, logger), setup::policy_of(settings), now};
    const auto mode = dry_run ? store::ImportMode::look_only : store::ImportMode::write;
    const auto tables = store::open_importing(setup::target_of(settings), mode);
    importer::BatchWriter writer(*tables, target);
    bool complete = true;
    bool has_records = false;
    for (importer::Input& input : inputs) {
        const importer::FileResult result = import_file(input, target, writer);
        complete = print_result(input, result) && complete;
        has_records = has_records || result.has_records;
        input.file.reset();
    }
    writer.flush();
    std::cout << writer.report.shown() << (dry_run ? "dry run: nothing was written\n" : "") << std::flush;
    return complete && has_records ? 0 : 1;
}

}  // namespace sqlgrey::ctl
