// From the queue to tasks: which subjects of strangers are asked about, and by whom.
#include "sqlgrey/enrich/inquirer.hpp"
#include "sqlgrey/enrich/networks.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::enrich {
namespace {

using greylist::Fact;
using greylist::FactSubject;

constexpr std::size_t most_at_once = 64;  // strangers of one claim
// Strangers that wait for one subject: a client that sends to many recipients at once.
constexpr std::size_t most_of_subject = 1000;

bool is_about_domain(const FactSubject& subject) {
    return subject.client.empty();
}

}  // namespace

bool Inquirer::has_room() const {
    return takes_more_ && tasks_.size() + 3 * most_at_once <= most_in_work;
}

bool Inquirer::is_time_to_claim() const {
    return !queue_.empty() && has_room() && link_.is_due() && Clock::now() >= claim_due_;
}

void Inquirer::take_from_queue() {
    if (!is_time_to_claim()) return;
    const std::size_t count = std::min(queue_.size(), most_at_once);
    claim_due_ = Clock::now() + (is_flooded() ? between_claims_in_flood : between_visits);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    const std::vector<Waiting> batch(queue_.begin(), end);
    if (link_.visit([&](greylist::FactStore& store) { begin(batch, store); }))
        queue_.erase(queue_.begin(), end);
}

std::optional<Inquirer::Subjects> Inquirer::subjects_of(const Stranger& stranger) const {
    const auto client = net::parse_address(stranger.client);
    if (!client) return {};
    const auto& [key, domain] = stranger.subject;
    Subjects subjects{*client, {{key, {}}}};
    if (domain.empty() || stranger.sender.empty()) return subjects;
    subjects.all.push_back(stranger.subject);
    subjects.domain = domain_of_sender(stranger.sender);
    if (settings_.spf_identity && subjects.domain) subjects.all.push_back({{}, domain});
    return subjects;
}

// One claim and one lookup for all subjects of the batch.
void Inquirer::begin(std::span<const Waiting> batch, greylist::FactStore& store) {
    std::set<FactSubject> fresh;
    for (const Waiting& one : batch)
        if (const auto subjects = subjects_of(one.stranger))
            for (const FactSubject& subject : subjects->all)
                if (!tasks_.contains(subject)) fresh.insert(subject);
    Claims claims;
    if (!fresh.empty()) claims = claim({fresh.begin(), fresh.end()}, store);
    std::vector<FactSubject> begun;
    for (const Waiting& one : batch)
        if (const auto subjects = subjects_of(one.stranger)) begin(one, *subjects, claims, begun);
    advance_all(begun);
}

Inquirer::Claims Inquirer::claim(const std::vector<FactSubject>& subjects, greylist::FactStore& store) {
    Claims claims;
    const greylist::FactStore::Claimed claimed = store.claim(subjects, claim_lasts);
    database_time_ = claimed.now;
    database_time_at_ = Clock::now();
    for (std::size_t i = 0; i < subjects.size(); ++i)
        if (claimed.won[i]) claims.won.insert(subjects[i]);
    if (claims.won.empty()) return claims;
    for (Fact& fact : store.read(subjects)) {
        const FactSubject subject = fact.subject;
        claims.known[subject].push_back(std::move(fact));
    }
    return claims;
}

void Inquirer::begin(const Waiting& one, const Subjects& subjects, const Claims& claims,
                     std::vector<FactSubject>& begun) {
    const auto arrival = std::make_shared<Arrival>(Arrival{one.when});
    for (const FactSubject& subject : subjects.all) {
        auto task = tasks_.find(subject);
        if (task == tasks_.end() && claims.won.contains(subject)) {
            task = tasks_.emplace(subject, new_task(one, subjects, subject, claims)).first;
            const auto known = claims.known.find(subject);
            ask_p0f(task, known == claims.known.end() ? std::span<const Fact>{} : known->second);
            begun.push_back(subject);
        }
        const bool is_ours = task != tasks_.end() && task->second.is_ours;
        if (!is_ours || task->second.arrivals.size() >= most_of_subject) continue;
        task->second.arrivals.push_back(arrival);
        ++arrival->left;
    }
    if (one.stranger.letter && subjects.domain && settings_.spf_identity)
        add_letter(one, subjects, claims, begun);
}

// If another host asks for the networks, this one needs them for the letter all the same.
void Inquirer::add_letter(const Waiting& one, const Subjects& subjects, const Claims& claims,
                          std::vector<FactSubject>& begun) {
    const FactSubject& subject = subjects.all.back();
    const Letter letter{subjects.client, *one.stranger.letter};
    const auto recent = recent_.find(subject.domain);
    if (recent != recent_.end() && Clock::now() < recent->second.until) {
        if (has(recent->second.ranges, subjects.client)) put_letter(letter);
        return;
    }
    auto task = tasks_.find(subject);
    if (task == tasks_.end()) {
        task = tasks_.emplace(subject, new_task(one, subjects, subject, claims)).first;
        task->second.is_ours = false;
        begun.push_back(subject);
    }
    if (task->second.letters.size() < most_of_subject) task->second.letters.push_back(letter);
}

Inquirer::Task Inquirer::new_task(const Waiting& one, const Subjects& subjects, const FactSubject& subject,
                                  const Claims& claims) const {
    Task task{.inquiry = {subject, AskLists{}}, .end = Clock::now() + most_time};
    const auto facts_of = [&](const FactSubject& which) {
        const auto found = claims.known.find(which);
        return found == claims.known.end() ? std::span<const Fact>{} : std::span<const Fact>{found->second};
    };
    const auto expires_with = [&](const Fact& fact) {
        auto& expire = task.inquiry.others_expire;
        expire = std::min(expire.value_or(fact.expires_at), fact.expires_at);
    };
    if (is_about_domain(subject)) {
        task.inquiry.about = AskNetworks{*subjects.domain, settings_.own};
    } else if (subject.domain.empty()) {
        ask_lists(subjects.client, facts_of(subject), task.inquiry);
    } else {
        task.inquiry.about = AskSpf{{.client = subjects.client,
                                     .helo = one.stranger.helo,
                                     .sender = one.stranger.sender,
                                     .now = base::SystemClock{}.now()},
                                    settings_.keep_fail};
        for (const Fact& fact : facts_of({{}, subject.domain}))
            if (fact.source == "asked" && fact.value == "done") expires_with(fact);
    }
    return task;
}

// All lists, without those whose facts still count and those that refuse.
void Inquirer::ask_lists(const net::Address& client, std::span<const Fact> known, Inquiry& inquiry) const {
    AskLists ask{.client = client, .keep_listed = settings_.keep_listed};
    if (is_public(client)) {
        for (const DnsList& list : settings_.lists) {
            const auto fact = std::ranges::find(known, source_of(list), &Fact::source);
            if (fact != known.end()) {
                auto& expire = inquiry.others_expire;
                expire = std::min(expire.value_or(fact->expires_at), fact->expires_at);
            } else if (is_off(list)) {
                ask.some_left_out = true;
            } else {
                ask.lists.push_back(list);
                if (tests_.is_due(list, Clock::now())) ask.tested.insert(list.zone);
            }
        }
    }
    inquiry.about = std::move(ask);
}

}  // namespace sqlgrey::enrich
