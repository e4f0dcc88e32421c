// From addresses to listening sockets; every failure is a sentence for the administrator.
#include "sqlgrey/server/listener.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>
#include <memory>
#include <set>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace sqlgrey::server {

namespace {

using base::StartError;
using base::unique_fd;

constexpr int backlog = 1024;
constexpr int socket_type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

[[noreturn]] void fail(const std::string& address, const std::string& why) {
    throw StartError("cannot listen on " + address + ": " + why);
}

struct Place {
    std::string host, port;
};

bool is_port(const std::string& text) {
    unsigned number = 0;
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc{} && result.ptr == end && number <= 65535;
}

Place parse(const std::string& address) {
    const auto colon = address.rfind(':');
    Place place{"localhost", address};
    if (colon != std::string::npos) place = {address.substr(0, colon), address.substr(colon + 1)};
    if (!is_port(place.port))
        fail(address, "the port is not a number from 0 to 65535; write port, host:port or [ipv6]:port");
    auto& host = place.host;
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty())
        fail(address, "there is no host before the colon; write * for every address of this machine");
    if (!bracketed && host.find(':') != std::string::npos)
        fail(address, "an IPv6 address goes in brackets: [ipv6]:port");
    return place;
}

// localhost is not looked up: Postfix asks at 127.0.0.1, whatever /etc/hosts says.
std::vector<std::string> hosts(const std::string& host) {
    if (host == "localhost") return {"127.0.0.1", "::1"};
    if (host == "*") return {"0.0.0.0", "::"};
    return {host};
}

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList resolve(const std::string& address, const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (error != 0) fail(address, std::string("cannot find the host: ") + ::gai_strerror(error));
    return {found, &::freeaddrinfo};
}

// The socket of the daemon before that is bound to this address; nothing if there is none.
unique_fd take_bound(std::vector<unique_fd>& of_before, const sockaddr* address, socklen_t length) {
    for (unique_fd& fd : of_before) {
        sockaddr_storage own{};
        socklen_t own_length = sizeof own;
        if (!fd || ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &own_length) != 0) continue;
        if (std::memcmp(&own, address, length) == 0) return std::move(fd);
    }
    return unique_fd{};
}

// Nothing, with errno, on failure.
unique_fd listen_on(int family, const sockaddr* name, socklen_t length) {
    unique_fd fd{::socket(family, socket_type, 0)};
    if (!fd) return fd;
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(fd.get(), name, length) == 0 && ::listen(fd.get(), backlog) == 0) return fd;
    const int why = errno;
    fd.reset();
    errno = why;
    return fd;
}

std::string advice(int error) {
    switch (error) {
        case EADDRINUSE:
            return "; another program listens there: stop it (another sqlgrey?) or choose another port";
        case EACCES:
            return "; only root may use ports below 1024";
        case EADDRNOTAVAIL:
            return "; this machine does not have that address";
        default:
            return "";
    }
}

// A machine may have only IPv4 or only IPv6. For localhost and a bare port, the other address is enough; for
// any other host a missing IPv4 address is more likely a mistake.
bool may_be_absent(const std::string& host, int family, int error) {
    const bool absent = error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
    return absent && (family == AF_INET6 || host == "localhost" || host == "*");
}

// One entry of `inet` or `milter`, with all its addresses.
class InetEntry {
  public:
    InetEntry(Front front, const std::string& text, PassedSockets& passed, std::vector<unique_fd>& of_before)
        : front_(front), text_(text), place_(parse(text)), passed_(passed), of_before_(of_before) {}

    // The sockets that were not passed; none if all were.
    std::vector<unique_fd> open() {
        for (const auto& host : hosts(place_.host)) {
            const auto addresses = resolve(text_, host, place_.port);
            for (const auto* each = addresses.get(); each != nullptr; each = each->ai_next) open(host, *each);
        }
        if (opened_.empty() && !was_passed_) fail_without_address();
        return std::move(opened_);
    }

    // For Listeners::differences; empty if there is none.
    std::string difference() const {
        const std::string entry = (front_ == Front::milter ? "milter inet:" : "inet ") + text_ + " is ";
        if (is_partial_)
            return entry + "served only at " + passed_.addresses() + ", which the socket unit listens on; " +
                   "change ListenStream= there (systemctl edit sqlgrey.socket), or disable that unit";
        if (!was_passed_ && !passed_.empty())
            return entry + "not in the socket unit, so connections to it are refused during a restart; add " +
                   "ListenStream= there (systemctl edit sqlgrey.socket)";
        return "";
    }

  private:
    void open(const std::string& host, const addrinfo& address) {
        // A hosts file may list an address twice.
        if (!seen_.emplace(reinterpret_cast<const char*>(address.ai_addr), address.ai_addrlen).second) return;
        if (passed_.serve(address.ai_addr, front_)) {
            was_passed_ = true;
            return;
        }
        auto fd = take_bound(of_before_, address.ai_addr, address.ai_addrlen);
        if (!fd) fd = listen_on(address.ai_family, address.ai_addr, address.ai_addrlen);
        if (fd) {
            opened_.push_back(std::move(fd));
            return;
        }
        why_ = errno;
        if (why_ == EADDRINUSE && passed_.serve_part_of(address.ai_addr, front_)) {
            was_passed_ = is_partial_ = true;
            return;
        }
        if (!may_be_absent(place_.host, address.ai_family, why_))
            fail(text_, std::strerror(why_) + advice(why_));
        absent_.push_back(host);
    }

    [[noreturn]] void fail_without_address() const {
        const std::string hosts = (absent_.size() > 1 ? "neither " : "") + base::joined(absent_, " nor ");
        fail(text_, hosts + ": " + std::strerror(why_) + advice(why_));
    }

    const Front front_;
    const std::string text_;
    const Place place_;
    PassedSockets& passed_;
    std::vector<unique_fd>& of_before_;
    std::set<std::string> seen_;
    std::vector<unique_fd> opened_;
    bool was_passed_ = false;          // an address, or a part of it
    bool is_partial_ = false;          // an address of which a passed socket serves only a part
    std::vector<std::string> absent_;  // hosts that this machine does not have
    int why_ = 0;
};

sockaddr_un name_of(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    return name;
}

// The directory of a Unix socket may belong to another user, who could replace a file with a link after it
// was checked. So the directory is opened once, links in it are not followed, and the mode is never set by
// path.
class UnixPath {
  public:
    explicit UnixPath(const std::string& path) : path_(path), file_(path.substr(path.rfind('/') + 1)) {
        const auto slash = path.rfind('/');
        const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
        directory_.reset(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (path.size() >= sizeof sockaddr_un{}.sun_path)
            fail(path,
                 "the path is longer than " + std::to_string(sizeof sockaddr_un{}.sun_path - 1) + " bytes");
        if (!directory_) fail_at_directory();
    }

    // A socket file stays when its daemon dies; only a connect shows whether it is in use.
    void clear() const {
        struct stat status {};
        if (::fstatat(directory_.get(), file_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
        if (!S_ISSOCK(status.st_mode))
            fail(path_, "there is a file that is not a socket; remove it or choose another path");
        if (!is_dead())
            fail(path_, "another program listens there; stop it (another sqlgrey?) or choose another path");
        if (::unlinkat(directory_.get(), file_.c_str(), 0) != 0)
            fail(path_, base::with_errno("cannot remove the old socket", errno));
    }

    // The file is created with its mode: through the umask, and through the socket's own mode, which counts
    // if the directory has a default ACL instead of the umask.
    void bind(int fd, unsigned mode) const {
        const sockaddr_un name = name_of(path_);
        const mode_t before = ::umask(~mode & 0777);
        const bool bound =
            ::fchmod(fd, mode) == 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
        const int error = errno;
        ::umask(before);
        errno = error;
        if (!bound) fail_at_directory();
    }

  private:
    bool is_dead() const {
        const sockaddr_un name = name_of(path_);
        const unique_fd probe{::socket(AF_UNIX, socket_type, 0)};
        return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
               errno == ECONNREFUSED;
    }

    [[noreturn]] void fail_at_directory() const {
        fail(path_, std::strerror(errno) + std::string("; the directory must exist and be writable"));
    }

    std::string path_;
    std::string file_;  // its name in the directory
    unique_fd directory_;
};

bool serve_unix(PassedSockets& passed, const std::string& path, Front front) {
    const sockaddr_un name = name_of(path);
    return passed.serve(reinterpret_cast<const sockaddr*>(&name), front);
}

bool is_socket_file(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

std::string path_of(int unix_socket) {
    sockaddr_un name{};
    socklen_t length = sizeof name - 1;
    if (::getsockname(unix_socket, reinterpret_cast<sockaddr*>(&name), &length) != 0) return {};
    return name.sun_family == AF_UNIX ? name.sun_path : "";
}

unique_fd open_unix(const std::string& path, unsigned mode) {
    const UnixPath place(path);
    place.clear();
    unique_fd fd{::socket(AF_UNIX, socket_type, 0)};
    if (!fd) fail(path, std::strerror(errno));
    place.bind(fd.get(), mode);
    if (::listen(fd.get(), backlog) != 0) fail(path, std::strerror(errno));
    return fd;
}

constexpr std::string_view inet_prefix = "inet:", unix_prefix = "unix:";

// Opens one place after the other.
class Opening {
  public:
    Opening(unsigned unix_mode, PassedSockets passed, std::vector<unique_fd> of_before)
        : unix_mode_(unix_mode), passed_(std::move(passed)), of_before_(std::move(of_before)) {}

    void inet(const std::string& address, Front front) {
        InetEntry entry(front, address, passed_, of_before_);
        for (unique_fd& socket : entry.open()) add(std::move(socket), front);
        if (const auto text = entry.difference(); !text.empty()) listeners_.differences.push_back(text);
    }

    void unix_socket(const std::string& path, Front front) {
        if (path.empty() || serve_unix(passed_, path, front)) return;
        const sockaddr_un name = name_of(path);
        auto fd = is_socket_file(path)
                      ? take_bound(of_before_, reinterpret_cast<const sockaddr*>(&name), sizeof name)
                      : unique_fd{};
        add(fd ? std::move(fd) : open_unix(path, unix_mode_), front);
        listeners_.unix_files.push_back(path);
    }

    Listeners all() {
        for (const auto& text : passed_.not_asked_for())
            listeners_.differences.push_back(
                text + " is in no setting inet, unix or milter, but in the socket unit: it is " +
                "served too; sqlgreyctl and you may look for the daemon elsewhere");
        for (const unique_fd& fd : of_before_)
            if (const std::string path = fd ? path_of(fd.get()) : ""; !path.empty())
                listeners_.unused_files.emplace_back(path);
        listeners_.fronts = passed_.fronts();
        listeners_.sockets = passed_.release();
        listeners_.passed = listeners_.sockets.size();
        std::move(opened_.begin(), opened_.end(), std::back_inserter(listeners_.sockets));
        listeners_.fronts.insert(listeners_.fronts.end(), fronts_.begin(), fronts_.end());
        return std::move(listeners_);
    }

  private:
    void add(unique_fd socket, Front front) {
        opened_.push_back(std::move(socket));
        fronts_.push_back(front);
    }

    unsigned unix_mode_;
    PassedSockets passed_;
    std::vector<unique_fd> of_before_;
    std::vector<unique_fd> opened_;
    std::vector<Front> fronts_;  // of those
    Listeners listeners_;
};

}  // namespace

std::vector<unique_fd> open_listeners(const std::vector<std::string>& inet, const std::string& unix_path,
                                      unsigned unix_mode) {
    return open_listeners({inet, unix_path, unix_mode, {}}, PassedSockets{}).sockets;
}

Listeners open_listeners(const Places& places, PassedSockets passed, std::vector<unique_fd> of_before) {
    Opening opening(places.unix_mode, std::move(passed), std::move(of_before));
    for (const auto& address : places.inet) opening.inet(address, Front::policy);
    opening.unix_socket(places.unix_path, Front::policy);
    for (const auto& place : places.milter) {
        if (place.starts_with(unix_prefix))
            opening.unix_socket(place.substr(unix_prefix.size()), Front::milter);
        else
            opening.inet(place.substr(inet_prefix.size()), Front::milter);
    }
    return opening.all();
}

SocketFile::SocketFile(const std::string& path) : path_(path) {
    if (::lstat(path.c_str(), &made_) != 0) made_ = {};  // equal to no file
}

// An inode number may be reused at once, so the time is compared too.
void SocketFile::remove() const {
    struct stat now {};
    if (::lstat(path_.c_str(), &now) != 0) return;
    const bool same = now.st_dev == made_.st_dev && now.st_ino == made_.st_ino &&
                      now.st_mtim.tv_sec == made_.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == made_.st_mtim.tv_nsec;
    if (same) ::unlink(path_.c_str());
}

}  // namespace sqlgrey::server
