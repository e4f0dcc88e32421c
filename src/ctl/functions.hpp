// The functions in the table of commands (Command::run, Command::refuse), each in the file of its name.
#pragma once

#include "command.hpp"

namespace sqlgrey::ctl {

int explain(const Invocation& invocation);
int list(const Invocation& invocation);
int release(const Invocation& invocation);
int expect(const Invocation& invocation);
int allow(const Invocation& invocation);
int deny(const Invocation& invocation);
int forget(const Invocation& invocation);
int optin(const Invocation& invocation);
int optout(const Invocation& invocation);
int report(const Invocation& invocation);
int report_days(const Invocation& invocation);
int spf_of_sender(const Invocation& invocation);
int status(const Invocation& invocation);
int check(const Invocation& invocation);
int refuse_check(const std::string& why);
int show_config(const Invocation& invocation);
int export_tables(const Invocation& invocation);
int import_tables(const Invocation& invocation);
int import_postgrey(const Invocation& invocation);
int import_maillog(const Invocation& invocation);

}  // namespace sqlgrey::ctl
