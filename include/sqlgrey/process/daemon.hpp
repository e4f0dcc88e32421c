// Detaching from the terminal, dropping privileges, the protocols of systemd.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <string>
#include <vector>

namespace sqlgrey::process {

// Call first in main(). Opens /dev/null as each of the descriptors 0, 1, 2 that is closed; otherwise the next
// file opened (the pid file, the database) would become standard error and receive the log. False if
// /dev/null cannot be opened.
bool open_standard_descriptors();

// Call before anything needs cleanup. Signals that the master handles stay blocked until it can; signals that
// would end an unprepared process (USR2, ALRM, PIPE ...) are ignored from now on, in children too.
void hold_signals();

// --daemonize: forks; the child continues as a session leader with / as its directory and /dev/null as its
// standard descriptors. The parent waits: it exits with status 0 when the child calls report_ready(), with 1
// and the child's message on standard error when it calls report_failure() or dies. A Detached not made by
// now() is for the foreground: its calls do nothing.
class Detached {
  public:
    // Returns in the child only. Throws base::StartError if it cannot fork.
    static Detached now();
    // Lets the parent exit with status 0.
    void report_ready();
    // Lets the parent print the message and exit with status 1.
    void report_failure(const std::string& message);

  private:
    base::unique_fd status_pipe_;
};

struct Account {
    unsigned uid = 0;
    unsigned gid = 0;
    std::string user, group;
};

// Looks up user and group (empty: the user's primary group). Throws base::StartError that names the missing
// one and how to create it.
Account find_account(const std::string& user, const std::string& group);

// As root: changes to that account, with its supplementary groups, and verifies that root's rights cannot be
// regained. As another user: does nothing. Throws base::StartError.
void drop_privileges(const Account& account);
// True if the real or effective user is root.
bool started_as_root();

// From now on programs started by this process or its children gain no rights from setuid and setgid files
// (PR_SET_NO_NEW_PRIVS).
void forbid_new_privileges();

// A descriptor that whoever started the daemon has opened for it, with the name it gave.
struct PassedDescriptor {
    std::string name;  // FileDescriptorName= of a socket unit; "unknown" if there is none
    base::unique_fd fd;
};

// sd_listen_fds_with_names(3) protocol: takes the descriptors that LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES
// announce, in their order, makes them close-on-exec, and removes the three variables. Nothing if LISTEN_PID
// is not this process. Call once, before anything forks; the second call returns nothing. Says nothing about
// what the descriptors are. Throws base::StartError if LISTEN_FDS is not a number, or announces more
// descriptors than are open.
std::vector<PassedDescriptor> take_passed_descriptors();

// sd_notify(3) protocol: sends `state` to $NOTIFY_SOCKET, if that is set. Never throws.
void notify_systemd(const std::string& state);

}  // namespace sqlgrey::process
