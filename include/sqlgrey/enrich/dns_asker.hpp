// Asks DNS what inquiries want to know. A question that several want at once is asked once.
#pragma once

#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/dns/resolver.hpp"

#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace sqlgrey::enrich {

// For one thread.
class DnsAsker {
  public:
    using Clock = std::chrono::steady_clock;
    using Answers = std::vector<std::pair<net::DnsQuestion, net::DnsAnswer>>;

    // The counter of questions must outlive it. Throws base::StartError.
    DnsAsker(dns::ResolverSettings settings, base::Counter& questions);

    // Asks as soon as fewer than ResolverSettings::most_questions wait. Each question gets one answer, a
    // timeout at the latest.
    void want(const net::DnsQuestion& question);

    std::vector<pollfd> descriptors() const { return resolver_->descriptors(); }
    base::Milliseconds longest_wait() const { return resolver_->longest_wait(); }
    // Call it after each poll. Returns the answers that have come.
    Answers process(const std::vector<pollfd>& polled);

  private:
    void send_waiting();
    void reread_servers();

    dns::ResolverSettings settings_;
    base::Counter& questions_;
    std::unique_ptr<dns::Resolver> resolver_;
    Clock::time_point read_at_;              // resolv.conf
    std::set<net::DnsQuestion> wanted_{};    // without an answer
    std::deque<net::DnsQuestion> unsent_{};  // of these
};

}  // namespace sqlgrey::enrich
