// Mail to the admin, by the local sendmail program and without a shell.
#pragma once

#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/service/alert_rate_limit.hpp"
#include "sqlgrey/service/service.hpp"

#include <functional>
#include <string>

namespace sqlgrey::app {

struct MailSettings {
    std::string sendmail;  // the program
    std::string to;        // empty: nobody gets mail
};

// Sends as often as the bucket allows; never waits for sendmail, and never throws: what goes wrong is logged
// as category `mail`. For a process that ignores SIGCHLD and SIGPIPE; may be called from several threads.
service::Alert mail_alert(MailSettings settings, std::atomic<long long>& bucket, const base::Clock& clock,
                          const log::Logger& logger);

}  // namespace sqlgrey::app
