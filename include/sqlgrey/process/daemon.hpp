// Detaching from the terminal, dropping privileges, telling systemd.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <string>

namespace sqlgrey::process {

// First thing in main(): whichever of the descriptors 0, 1, 2 is closed becomes /dev/null. Else the next file
// that is opened (the pid file, the database) would be standard error, and get the log. False if /dev/null
// cannot be opened.
bool open_standard_descriptors();

// Before there is anything to clean up: the signals that the master acts upon wait until it can, those that
// would end a process that does not expect them (USR2, ALRM, PIPE ...) are ignored from now on, in children
// too.
void hold_signals();

// --daemonize: forks; the child goes on as a session leader of its own with / as directory and /dev/null as
// its standard descriptors. The parent waits for the child and exits with status 0 when the child has
// called report_ready(), and with 1 and the child's message on standard error when it has called
// report_failure() or died. A Detached that was not made by now() is for the foreground: its calls do
// nothing.
class Detached {
  public:
    // Returns in the child only. Throws base::StartError if it cannot fork.
    static Detached now();
    void report_ready();
    void report_failure(const std::string& message);

  private:
    base::unique_fd status_pipe_;
};

struct Account {
    unsigned uid = 0;
    unsigned gid = 0;
    std::string user, group;
};

// Looks up user and group (none: the user's own). Throws base::StartError naming the one that is missing
// and how to create it.
Account find_account(const std::string& user, const std::string& group);

// Started as root: becomes that account (supplementary groups too) and makes sure that root's rights cannot
// be had back. Started as another user: does nothing. Throws base::StartError.
void drop_privileges(const Account& account);
bool started_as_root();

// From now on no program that this process or its children start gets rights that it has not: setuid and
// setgid files run without (PR_SET_NO_NEW_PRIVS).
void forbid_new_privileges();

// sd_notify(3) protocol: sends the text to $NOTIFY_SOCKET if it is set; else does nothing. Never throws.
void notify_systemd(const std::string& state);

}  // namespace sqlgrey::process
