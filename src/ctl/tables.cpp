#include "tables.hpp"

#include "settings.hpp"
#include "sqlgrey/setup/daemon_user.hpp"
#include "sqlgrey/setup/parts.hpp"

#include <charconv>
#include <iostream>

#include <unistd.h>

namespace sqlgrey::ctl {

Tables open_tables(const Invocation& invocation, store::AdministrationMode mode) {
    Tables tables{read_settings(invocation), {}, who(), invocation.command, nullptr};
    const config::Settings& settings = tables.settings;
    if (!settings.privacy_key.empty()) tables.privacy.emplace(settings.privacy_key);
    setup::become_daemon_user(settings);
    tables.rows = store::open_administration(setup::target_of(settings), mode);
    return tables;
}

store::AdministrationMode mode_of(const Invocation& invocation) {
    return invocation.has("dry-run") ? store::AdministrationMode::look : store::AdministrationMode::change;
}

void Tables::log_act(const std::string& what) const {
    const auto where =
        log::reads_syslog(log::syslog_path) ? setup::LogTo::syslog : setup::LogTo::standard_error;
    const log::Logger logger = setup::logger_of(settings, where);
    logger.write(log::Category::admin, log::normal, who + ": " + command + ": " + what);
    log::finish();
}

void Tables::tell_of_hashes() const {
    if (privacy)
        std::cerr << "sqlgreyctl: with privacy_key_file the rows hold hashes of clients, senders and "
                     "recipients\n";
}

std::optional<base::Time> cleaning_time(const Tables& tables) {
    const std::optional<std::string> text = tables.rows->fact("last_dbclean");
    if (!text) return {};
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc{} || seconds <= 0) return {};
    return base::at(seconds);
}

std::string counted(std::int64_t number, const std::string& one) {
    return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

bool is_confirmed(const Invocation& invocation, const std::string& question) {
    if (invocation.has("yes")) return true;
    if (::isatty(STDIN_FILENO) == 0)
        throw UsageError(invocation.command +
                         " deletes, and nobody can be asked here: expected --yes, or "
                         "--dry-run to look first");
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

Progress::~Progress() {
    if (shown_) std::cerr << "\r\033[K" << std::flush;
}

void Progress::at(std::int64_t rows) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_ || ::isatty(STDERR_FILENO) == 0) return;
    next_ = now + std::chrono::seconds{1};
    shown_ = true;
    std::cerr << "\r\033[K" << what_ << ": " << counted(rows, "row") << std::flush;
}

}  // namespace sqlgrey::ctl
