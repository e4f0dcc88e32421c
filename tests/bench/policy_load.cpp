// A load generator for policy servers, or milters: N open connections with one request in flight on each,
// like Postfix's smtpd processes. One thread, epoll. Opens all connections before it sends the first request.
// Ends after
// --seconds or --requests, or with status 1 if there is no reply for 30 seconds.
//
// Prints throughput, latency (from the first byte sent to the last byte of the reply), the number of requests
// answered for each connection (least, mean, most, and how many connections had none) and the replies by
// kind, as text or as one JSON object.
#include "command_line.hpp"
#include "descriptors.hpp"
#include "latencies.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "workload.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace {

using sqlgrey::base::unique_fd;
using sqlgrey::bench::Latencies;
using sqlgrey::bench::seconds_since;
using sqlgrey::bench::SteadyTime;
using sqlgrey::bench::Workload;

struct Options {
    std::string inet;
    std::string unix_path;
    std::string workload = "new";
    int connections = 50;
    double seconds = 0;
    std::uint64_t requests = 0;
    std::uint64_t seed = 1;
    std::uint64_t known = 10000;
    bool named = false;
    bool milter = false;
    bool json = false;
    bool print_awl = false;
};

struct Outcome {
    Latencies latencies;
    std::vector<std::uint64_t> answered;  // by connection
    std::map<std::string, std::uint64_t> kinds;
    std::uint64_t reconnects = 0;
    double elapsed = 0;
};

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

unique_fd connect_inet(const std::string& endpoint) {
    const auto colon = endpoint.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    if (colon == std::string::npos ||
        inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &to.sin_addr) != 1)
        throw std::invalid_argument("--inet wants address:port, got '" + endpoint + "'");
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1))));
    unique_fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        fail("connect " + endpoint);
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

unique_fd connect_unix(const std::string& path) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (path.size() >= sizeof to.sun_path) throw std::invalid_argument("--unix: path too long");
    std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
    unique_fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect " + path);
    return fd;
}

// As Sendmail 8.17 and Postfix 3.7 offer it. Waits for the answer.
void negotiate(int fd) {
    using namespace std::string_literals;
    const std::string offer = sqlgrey::bench::packet('O', "\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"s);
    char answer[4096];
    if (send(fd, offer.data(), offer.size(), MSG_NOSIGNAL) < 0 || recv(fd, answer, sizeof answer, 0) <= 0)
        fail("negotiation");
}

// The last answer has arrived.
bool is_complete(std::string_view read, bool milter) {
    if (!milter) return read.ends_with("\n\n");
    std::size_t length = 4;
    for (std::size_t i = 0; i < std::min<std::size_t>(read.size(), 4); ++i)
        length += static_cast<std::size_t>(static_cast<unsigned char>(read[i])) << (24 - 8 * i);
    return read.size() > 4 && read.size() >= length;
}

std::string kind_of_milter(std::string_view answer) {
    const char kind = answer[4];
    if (kind == 'c' || kind == 'a') return "passed";
    if (answer.find("Throttling") != answer.npos) return "throttled";
    return answer.substr(4).starts_with("y4") ? "deferred" : "other";
}

std::string kind_of(std::string_view reply) {
    if (reply.starts_with("action=PREPEND") || reply.starts_with("action=dunno") ||
        reply.starts_with("action=DUNNO"))
        return "passed";
    if (reply.find("Throttling") != reply.npos) return "throttled";
    if (reply.starts_with("action=defer") || reply.starts_with("action=DEFER") ||
        reply.starts_with("action=4"))
        return "deferred";
    return "other";
}

class Load {
  public:
    explicit Load(const Options& options)
        : options_(options),
          work_(options.workload, options.seed, options.known, options.named),
          epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        connections_.resize(static_cast<std::size_t>(options.connections));
    }

    Outcome run() {
        for (std::size_t i = 0; i < connections_.size(); ++i) open(i);
        start_ = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < connections_.size() && wants_more(); ++i) ask(i);
        while (in_flight_ > 0) turn();
        outcome_.elapsed = seconds_since(start_);
        for (const Connection& connection : connections_) outcome_.answered.push_back(connection.answered);
        return std::move(outcome_);
    }

  private:
    struct Connection {
        unique_fd fd;
        std::string read;
        SteadyTime asked;
        std::uint64_t answered = 0;
    };

    bool wants_more() const {
        if (options_.requests > 0 && asked_ >= options_.requests) return false;
        return options_.seconds <= 0 || seconds_since(start_) < options_.seconds;
    }

    void open(std::size_t i) {
        connections_[i].fd =
            options_.unix_path.empty() ? connect_inet(options_.inet) : connect_unix(options_.unix_path);
        connections_[i].read.clear();
        if (options_.milter) negotiate(connections_[i].fd.get());
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connections_[i].fd.get(), &event) != 0) fail("epoll_ctl");
    }

    void ask(std::size_t i) {
        const std::string text = options_.milter ? work_.next_milter_text() : work_.next_request();
        connections_[i].asked = std::chrono::steady_clock::now();
        // Nothing else is in flight on this socket, so its buffer has room for a whole request.
        if (send(connections_[i].fd.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(text.size()))
            fail("send");
        ++asked_;
        ++in_flight_;
    }

    void turn() {
        epoll_event events[256];
        const int ready = epoll_wait(epoll_.get(), events, 256, 30000);
        if (ready < 0 && errno == EINTR) return;
        if (ready <= 0) throw std::runtime_error("nothing came back for 30 seconds");
        for (int i = 0; i < ready; ++i) receive(events[i].data.u64);
    }

    void receive(std::size_t i) {
        Connection& connection = connections_[i];
        char buffer[4096];
        const ssize_t got = recv(connection.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) return begin_again(i);
        connection.read.append(buffer, static_cast<std::size_t>(got));
        if (!is_complete(connection.read, options_.milter)) return;
        outcome_.latencies.add(seconds_since(connection.asked));
        ++connection.answered;
        ++outcome_.kinds[options_.milter ? kind_of_milter(connection.read) : kind_of(connection.read)];
        connection.read.clear();
        --in_flight_;
        if (wants_more()) ask(i);
    }

    // The server closed the connection before replying: like Postfix, connects again and repeats the request.
    void begin_again(std::size_t i) {
        if (++outcome_.reconnects > 1000) throw std::runtime_error("the server closed 1000 connections");
        --in_flight_;
        open(i);
        ask(i);
    }

    Options options_;
    Workload work_;
    unique_fd epoll_;
    std::vector<Connection> connections_;
    SteadyTime start_;
    std::uint64_t asked_ = 0;
    std::uint64_t in_flight_ = 0;
    Outcome outcome_;
};

void print_shares(const std::vector<std::uint64_t>& answered, std::size_t requests, bool json) {
    const auto [least, most] = std::minmax_element(answered.begin(), answered.end());
    std::printf(json ? ", \"connections\": %zu, \"share_least\": %llu, \"share_mean\": %.1f, \"share_most\": "
                       "%llu, \"unanswered\": %lld"
                     : "%zu connections: least %llu, mean %.1f, most %llu requests; %lld without any\n",
                answered.size(), static_cast<unsigned long long>(*least),
                static_cast<double>(requests) / static_cast<double>(answered.size()),
                static_cast<unsigned long long>(*most),
                static_cast<long long>(std::count(answered.begin(), answered.end(), 0u)));
}

void print(Outcome outcome, bool json) {
    const std::size_t requests = outcome.latencies.count();
    std::printf(json ? "{\"requests\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, \"reconnects\": %llu, "
                     : "%zu requests in %.3f s: %.1f per second\nreconnects: %llu\n",
                requests, outcome.elapsed, static_cast<double>(requests) / outcome.elapsed,
                static_cast<unsigned long long>(outcome.reconnects));
    outcome.latencies.print(json);
    print_shares(outcome.answered, requests, json);
    for (const auto& [kind, count] : outcome.kinds)
        std::printf(json ? ", \"%s\": %llu" : "%s: %llu\n", kind.c_str(),
                    static_cast<unsigned long long>(count));
    if (json) std::printf("}\n");
}

// The rows that the auto-whitelist needs for the workloads awl and mixed: name, domain, address, separated by
// tabs.
void print_awl(std::uint64_t known) {
    for (std::uint64_t i = 0; i < known; ++i) {
        const auto mail = sqlgrey::bench::known_mail(i);
        std::cout << mail.name << '\t' << mail.domain << '\t' << mail.address << '\n';
    }
}

Options parse(int argc, char** argv) {
    namespace po = boost::program_options;
    Options options;
    po::options_description description("policy_load: load for a policy server");
    description.add_options()("help,h", "this text")("inet", po::value(&options.inet), "address:port")(
        "unix", po::value(&options.unix_path), "path of a Unix socket")(
        "workload", po::value(&options.workload), "new, awl, fill, mixed or dictionary")(
        "connections", po::value(&options.connections), "open connections (50)")(
        "seconds", po::value(&options.seconds), "how long")("requests", po::value(&options.requests),
                                                            "how many")("seed", po::value(&options.seed),
                                                                        "same seed, same requests (1)")(
        "known", po::value(&options.known), "mails the auto-whitelist knows (10000)")(
        "named", po::bool_switch(&options.named), "clients have a verified name below the sender domain")(
        "milter", po::bool_switch(&options.milter), "speak the milter protocol")(
        "json", po::bool_switch(&options.json), "one JSON object")(
        "print-awl", po::bool_switch(&options.print_awl), "print the rows of those mails and leave");
    sqlgrey::bench::parse(argc, argv, description);
    if (options.print_awl) return options;
    if (options.inet.empty() == options.unix_path.empty())
        throw std::invalid_argument("give --inet or --unix");
    if (options.seconds <= 0 && options.requests == 0)
        throw std::invalid_argument("give --seconds or --requests");
    if (options.connections < 1 || options.known < 1)
        throw std::invalid_argument("--connections and --known are at least 1");
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = parse(argc, argv);
        if (options.print_awl) {
            print_awl(options.known);
        } else {
            sqlgrey::bench::allow_many_descriptors();
            print(Load(options).run(), options.json);
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "policy_load: " << error.what() << '\n';
        return 1;
    }
}
