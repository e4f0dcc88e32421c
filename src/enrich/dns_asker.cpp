#include "sqlgrey/enrich/dns_asker.hpp"

#include <utility>

namespace sqlgrey::enrich {
namespace {

// A laptop or container may get other DNS servers meanwhile.
constexpr std::chrono::hours reread{1};

}  // namespace

DnsAsker::DnsAsker(dns::ResolverSettings settings, base::Counter& questions)
    : settings_(std::move(settings)),
      questions_(questions),
      resolver_(std::make_unique<dns::Resolver>(settings_)),
      read_at_(Clock::now()) {
}

void DnsAsker::want(const net::DnsQuestion& question) {
    if (!wanted_.insert(question).second) return;
    unsent_.push_back(question);
    send_waiting();
}

DnsAsker::Answers DnsAsker::process(const std::vector<pollfd>& polled) {
    resolver_->process(polled);
    Answers answers = resolver_->take_answers();
    for (const auto& [question, answer] : answers) wanted_.erase(question);
    if (Clock::now() - read_at_ >= reread) reread_servers();
    send_waiting();
    return answers;
}

void DnsAsker::send_waiting() {
    // Once the last answers are here, it is replaced.
    if (Clock::now() - read_at_ >= reread && resolver_->waiting() > 0) return;
    while (!unsent_.empty() && resolver_->ask(unsent_.front())) {
        questions_.add();
        unsent_.pop_front();
    }
}

void DnsAsker::reread_servers() {
    if (resolver_->waiting() > 0) return;
    resolver_ = std::make_unique<dns::Resolver>(settings_);
    read_at_ = Clock::now();
}

}  // namespace sqlgrey::enrich
