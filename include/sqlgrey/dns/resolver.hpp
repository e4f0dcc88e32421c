// Asks DNS servers (c-ares), without waiting: questions go out at once, and the caller polls the sockets. UDP
// with EDNS, TCP after a truncated answer. No search list, no /etc/hosts, no cache.
//
// Answers are from outside: they may be wrong, huge or garbage. An answer is at most 65,535 bytes, so what is
// kept of it is bounded; one that cannot be parsed is AnswerKind::malformed.
#pragma once

#include "sqlgrey/net/dns_answer.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>

namespace sqlgrey::dns {

struct Server {
    net::Address address;
    std::uint16_t port = 53;
    bool operator==(const Server&) const = default;
};

// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"; nothing for anything else.
std::optional<Server> parse_server(std::string_view text);

struct ResolverSettings {
    std::vector<Server> servers{};     // empty: those of /etc/resolv.conf
    base::Milliseconds timeout{5000};  // for each question, with its repetitions
    std::size_t most_questions = 512;  // at once
};

// For one thread at a time. Several resolvers have nothing in common.
class Resolver {
  public:
    // Reads /etc/resolv.conf if there are no servers. Throws base::StartError if c-ares cannot start.
    explicit Resolver(const ResolverSettings& settings);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Sends a question, for which is_dns_name() must hold. False if too many wait for an answer: nothing is
    // sent.
    bool ask(const net::DnsQuestion& question);

    // Questions without an answer yet.
    std::size_t waiting() const;

    // What to poll, with the events to poll for; and how long at most before process() must be called.
    std::vector<pollfd> descriptors() const;
    base::Milliseconds longest_wait() const;
    // Reads and sends what is possible, and gives up questions whose time is over. Call it after each poll,
    // also if nothing happened.
    void process(const std::vector<pollfd>& polled);

    // The answers that have come since the last call. Each question gets exactly one, a timeout at the
    // latest.
    std::vector<std::pair<net::DnsQuestion, net::DnsAnswer>> take_answers();

    // For tools: waits until all questions have their answer, or for that long.
    void wait(base::Milliseconds at_most);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sqlgrey::dns
