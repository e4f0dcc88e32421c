// Looks up an account, and changes to it without a way back to root.
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/daemon.hpp"

#include <cerrno>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>

namespace sqlgrey::process {

namespace {

using base::StartError;

// getpwnam_r and getgrnam_r both return ERANGE until the buffer is large enough.
template <typename Entry, typename Look>
bool find(Entry& entry, std::vector<char>& buffer, Look look) {
    Entry* found = nullptr;
    for (buffer.resize(4096); buffer.size() <= (1U << 20); buffer.resize(buffer.size() * 2))
        if (look(&entry, buffer.data(), buffer.size(), &found) != ERANGE) break;
    return found != nullptr;
}

[[noreturn]] void cannot_become(const Account& account, int error) {
    throw StartError(
        base::with_errno("cannot become user " + account.user + ", group " + account.group, error));
}

}  // namespace

Account find_account(const std::string& user, const std::string& group) {
    Account account{0, 0, user, group};
    std::vector<char> buffer;
    passwd user_entry{};
    const bool have_user =
        find(user_entry, buffer, [&](auto... rest) { return ::getpwnam_r(user.c_str(), rest...); });
    if (!have_user)
        throw StartError("there is no user \"" + user +
                         "\"; create it with: useradd --system --user-group "
                         "--home-dir /nonexistent --shell /usr/sbin/nologin " +
                         user + ", or set user to another");
    account.uid = user_entry.pw_uid;
    account.gid = user_entry.pw_gid;
    if (group.empty()) return account;
    ::group group_entry{};
    const bool have_group =
        find(group_entry, buffer, [&](auto... rest) { return ::getgrnam_r(group.c_str(), rest...); });
    if (!have_group)
        throw StartError("there is no group \"" + group + "\"; create it with: groupadd --system " + group +
                         ", or set group to another");
    account.gid = group_entry.gr_gid;
    return account;
}

bool started_as_root() {
    return ::geteuid() == 0 || ::getuid() == 0;
}

void drop_privileges(const Account& account) {
    if (!started_as_root()) return;
    const auto group = static_cast<gid_t>(account.gid);
    const auto user = static_cast<uid_t>(account.uid);
    // Groups first: only root can change them.
    if (::initgroups(account.user.c_str(), group) != 0 || ::setresgid(group, group, group) != 0 ||
        ::setresuid(user, user, user) != 0)
        cannot_become(account, errno);
    if (user != 0 && (::setuid(0) == 0 || ::seteuid(0) == 0))
        throw StartError("root's rights could be had back after becoming user " + account.user);
}

void forbid_new_privileges() {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

}  // namespace sqlgrey::process
