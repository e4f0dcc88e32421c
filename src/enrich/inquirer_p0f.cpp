// What the resolver child asks p0f.
#include "sqlgrey/enrich/inquirer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sqlgrey::enrich {
namespace {

bool is_from_p0f(const greylist::Fact& fact) {
    return std::string_view{fact.source}.starts_with("p0f_");
}

}  // namespace

std::vector<pollfd> Inquirer::descriptors() const {
    std::vector<pollfd> all = asker_.descriptors();
    if (!p0f_) return all;
    const std::vector<pollfd> of_p0f = p0f_->descriptors();
    all.insert(all.end(), of_p0f.begin(), of_p0f.end());
    return all;
}

void Inquirer::ask_p0f(Tasks::iterator task, std::span<const greylist::Fact> known) {
    auto* ask = std::get_if<AskLists>(&task->second.inquiry.about);
    if (!p0f_ || !ask) return;
    const auto fact = std::ranges::find_if(known, is_from_p0f);
    if (fact != known.end()) {
        auto& expire = task->second.inquiry.others_expire;
        expire = std::min(expire.value_or(fact->expires_at), fact->expires_at);
        return;
    }
    if (!p0f_askers_.emplace(greylist::address_key(ask->client), task->first).second) return;
    ask->asks_p0f = true;
    p0f_->ask(ask->client);
}

// Takes the descriptor of p0f away from those that are left for DNS.
void Inquirer::hear_p0f(std::vector<pollfd>& polled) {
    if (!p0f_) return;
    for (const pollfd& mine : p0f_->descriptors()) {
        const auto others = std::stable_partition(polled.begin(), polled.end(),
                                                  [&](const pollfd& one) { return one.fd != mine.fd; });
        p0f_->process({others, polled.end()});
        polled.erase(others, polled.end());
    }
    for (const auto& [client, said] : p0f_->take_answers()) deliver(client, said);
    const auto change = p0f_->take_change();
    if (!change) return;
    const bool answers = change->trouble.empty();
    logger_.write(log::Category::system, answers ? log::normal : log::warning,
                  answers ? "p0f answers at " + settings_.p0f_socket
                          : "warning: p0f at " + settings_.p0f_socket + ": " + change->trouble +
                                "; nothing is known from it until it answers");
}

void Inquirer::deliver(const net::Address& client, const Fingerprint& said) {
    const auto asked = p0f_askers_.extract(greylist::address_key(client));
    if (asked.empty()) return;
    const auto task = tasks_.find(asked.mapped());
    if (task == tasks_.end()) return;
    if (auto* ask = std::get_if<AskLists>(&task->second.inquiry.about)) ask->p0f = said;
    (said == Fingerprint{} ? counters_.p0f_unknown : counters_.p0f_known).add();
    if (task->second.open.empty()) advance(task);
}

}  // namespace sqlgrey::enrich
