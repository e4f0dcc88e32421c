// Mail to the administrator, by the local sendmail program and without a shell.
#pragma once

#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/notify/alert_rate_limit.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace sqlgrey::notify {

// Sends a message to the administrator. Empty: none are wanted.
using Alert = std::function<void(const std::string& subject, const std::string& text)>;

struct MailSettings {
    std::string sendmail;  // the program
    std::string to;        // empty: no mail is sent
};

// Sends as often as AlertRateLimit allows with `tokens`. Never waits for sendmail and never throws: failures
// are logged as category `mail`. For a process that ignores SIGCHLD and SIGPIPE. Thread-safe.
Alert mail_alert(MailSettings settings, std::atomic<std::int64_t>& tokens, const base::Clock& clock,
                 const log::Logger& logger);

}  // namespace sqlgrey::notify
