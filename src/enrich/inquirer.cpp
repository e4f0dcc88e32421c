#include "sqlgrey/enrich/inquirer.hpp"

#include "sqlgrey/enrich/networks.hpp"
#include "sqlgrey/greylist/identities.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sqlgrey::enrich {
namespace {

using greylist::Fact;
using greylist::FactSubject;

constexpr base::Milliseconds usual_wait{1000};  // while nothing is to be done
constexpr base::Milliseconds busy_wait{100};    // for deadlines and the database
constexpr std::size_t most_bytes = 262'144;     // of the answers about a subject
// What one transaction writes takes a few milliseconds.
constexpr std::size_t most_stored_at_once = 64;
constexpr std::size_t most_ranges_at_once = 2000;
constexpr std::size_t most_recent = 256;
constexpr base::Seconds recent_lasts{60};

std::size_t size_of(const net::DnsAnswer& answer) {
    std::size_t bytes = sizeof answer + answer.addresses.size() * sizeof(net::Address);
    for (const std::string& text : answer.texts) bytes += sizeof(std::string) + text.size();
    return bytes;
}

// p0f answers each question, with nothing after a second.
bool waits_for_p0f(const Inquiry& inquiry) {
    const auto* ask = std::get_if<AskLists>(&inquiry.about);
    return ask && ask->asks_p0f && !ask->p0f;
}

std::uint64_t milliseconds_since(std::chrono::system_clock::time_point when) {
    const auto passed =
        std::chrono::duration_cast<base::Milliseconds>(std::chrono::system_clock::now() - when);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(passed.count(), 0));
}

}  // namespace

Inquirer::Inquirer(InquirerSettings settings, FactLink::Open open_store, Counters& counters,
                   const log::Logger& logger)
    : settings_(std::move(settings)),
      counters_(counters),
      logger_(logger),
      link_(std::move(open_store), logger),
      asker_(settings_.dns, counters.questions) {
    if (!settings_.p0f_socket.empty()) p0f_.emplace(P0fSettings{.socket = settings_.p0f_socket});
    test_lists();
}

void Inquirer::add(std::vector<Told> told) {
    for (Told& batch : told)
        for (Stranger& stranger : batch.strangers) queue_.push_back({std::move(stranger), batch.when});
    if (queue_.size() > most_waiting) flooded_until_ = Clock::now() + flood_lasts;
    while (queue_.size() > most_waiting) {
        queue_.pop_front();
        counters_.dropped.add();
    }
}

bool Inquirer::wants_strangers() const {
    return !is_flooded() || Clock::now() >= claim_due_;
}

base::Milliseconds Inquirer::longest_wait() const {
    if (is_idle() && queue_.empty()) return usual_wait;
    const bool claims_soon = !queue_.empty() && has_room() && link_.is_due() && !is_flooded();
    const bool visits_soon = !found_.empty() || claims_soon;
    const base::Milliseconds of_dns =
        std::min(asker_.longest_wait(), visits_soon ? between_visits : busy_wait);
    return p0f_ ? std::min(of_dns, p0f_->longest_wait()) : of_dns;
}

void Inquirer::process(std::vector<pollfd> polled) {
    test_lists();
    hear_p0f(polled);
    for (auto& [question, answer] : asker_.process(polled)) {
        tell(watch_.note(answer.kind, Clock::now()));
        deliver(question, std::move(answer));
    }
    end_overdue();
    store_found();
    take_from_queue();
    store_found();
}

base::Time Inquirer::now() const {
    return database_time_ + std::chrono::duration_cast<base::Seconds>(Clock::now() - database_time_at_);
}

// -- answers ------------------------------------------------------------------------------------

void Inquirer::tell(AnswerWatch::Change change) {
    if (change == AnswerWatch::Change::silent)
        logger_.write(log::Category::system, log::warning,
                      "warning: DNS has answered none of the last " + std::to_string(unanswered_in_a_row) +
                          " questions; nothing is found out about unknown clients until it does: see "
                          "dns_servers and dns_timeout");
    if (change == AnswerWatch::Change::answers)
        logger_.write(log::Category::system, log::normal, "DNS answers again");
}

void Inquirer::deliver(const net::DnsQuestion& question, net::DnsAnswer answer) {
    note_tests(question, answer);
    const auto asked = askers_.extract(question);
    if (asked.empty()) return;
    shorten(answer, question.type);
    std::vector<FactSubject> complete;
    for (const FactSubject& subject : asked.mapped()) {
        const auto task = tasks_.find(subject);
        if (task == tasks_.end() || task->second.open.erase(question) == 0) continue;
        task->second.inquiry.answers[question] = answer;
        task->second.bytes += size_of(answer);
        if (task->second.bytes > most_bytes) task->second.is_over = true;
        if (task->second.open.empty()) complete.push_back(subject);
    }
    advance_all(complete);
}

void Inquirer::end_overdue() {
    const Clock::time_point moment = Clock::now();
    std::vector<FactSubject> overdue;
    for (auto& [subject, task] : tasks_) {
        if (moment < task.end || task.open.empty()) continue;
        task.is_over = true;
        for (const net::DnsQuestion& question : task.open) {
            task.inquiry.answers[question] = {.kind = net::AnswerKind::timeout};
            if (const auto asked = askers_.find(question); asked != askers_.end()) {
                asked->second.erase(subject);
                if (asked->second.empty()) askers_.erase(asked);
            }
        }
        task.open.clear();
        overdue.push_back(subject);
    }
    advance_all(overdue);
}

void Inquirer::advance_all(std::span<const FactSubject> subjects) {
    for (const FactSubject& subject : subjects)
        if (const auto task = tasks_.find(subject); task != tasks_.end()) advance(task);
}

// Asks what comes next, or finishes the task, which may finish those that wait for it.
void Inquirer::advance(Tasks::iterator task) {
    while (true) {
        auto step = next(task->second.inquiry, now());
        if (auto* found = std::get_if<Found>(&step)) {
            if (!waits_for_p0f(task->second.inquiry) && !waits_for_networks(task))
                finish(task, std::move(*found));
            return;
        }
        for (const net::DnsQuestion& question : std::get<spf::Questions>(step)) {
            if (task->second.is_over) {
                task->second.inquiry.answers[question] = {.kind = net::AnswerKind::timeout};
                continue;
            }
            task->second.open.insert(question);
            askers_[question].insert(task->first);
            asker_.want(question);
        }
        if (!task->second.open.empty()) return;
    }
}

// The facts about a client and a domain say that nothing is left to be asked: not before the networks are
// stored, or a first attempt meanwhile would not be told of them.
bool Inquirer::waits_for_networks(Tasks::iterator task) {
    if (!std::holds_alternative<AskSpf>(task->second.inquiry.about)) return false;
    const auto domain = tasks_.find({{}, task->first.domain});
    if (domain == tasks_.end()) return false;
    domain->second.after.push_back(task->first);
    return true;
}

void Inquirer::finish(Tasks::iterator task, Found found) {
    Task done = std::move(task->second);
    tasks_.erase(task);
    for (const ListResult& result : found.lists) note(result);
    if (found.networks) finish_networks(done, *found.networks);
    if (done.is_ours) found_.push_back({std::move(found), std::move(done.arrivals)});
    advance_all(done.after);
}

void Inquirer::finish_networks(const Task& done, const greylist::FactStore::DomainNetworks& networks) {
    for (const Letter& letter : done.letters)
        if (has(networks.ranges, letter.client)) put_letter(letter);
    for (const FactSubject& subject : done.after) {
        const auto waiting = tasks_.find(subject);
        if (waiting == tasks_.end()) continue;
        auto& expire = waiting->second.inquiry.others_expire;
        expire = std::min(expire.value_or(networks.expires_at), networks.expires_at);
    }
    const Clock::time_point moment = Clock::now();
    std::erase_if(recent_, [&](const auto& one) { return one.second.until <= moment; });
    if (recent_.size() >= most_recent) recent_.erase(recent_.begin());
    recent_[networks.domain] = {networks.ranges, moment + recent_lasts};
}

void Inquirer::put_letter(const Letter& letter) {
    greylist::Triplet triplet = letter.letter.triplet;
    triplet.src = greylist::domain_identity(triplet.sender_domain);
    letters_.emplace_back(greylist::PutConnect{std::move(triplet), letter.letter.first_seen,
                                               now() - settings_.max_connect_age});
}

// -- storing ------------------------------------------------------------------------------------

void Inquirer::store_found() {
    if (found_.empty() && letters_.empty()) return;
    const Clock::time_point moment = Clock::now();
    if (moment < store_due_ && found_.size() < most_stored_at_once && takes_more_) return;
    store_due_ = moment + between_visits;
    std::vector<Stored> all = std::exchange(found_, {});
    std::span<Stored> rest = all;
    while (!rest.empty()) {
        std::size_t count = 0, ranges = 0;
        while (count < std::min(rest.size(), most_stored_at_once) && ranges < most_ranges_at_once) {
            const Found& found = rest[count++].found;
            if (found.networks) ranges += found.networks->ranges.size();
        }
        store(rest.first(count));
        rest = rest.subspan(count);
    }
    if (const std::vector<greylist::Change> letters = std::exchange(letters_, {}); !letters.empty())
        link_.visit([&](greylist::FactStore& store) { store.remember(letters); });
}

void Inquirer::store(std::span<const Stored> portion) {
    std::vector<Fact> facts;
    std::vector<greylist::FactStore::DomainNetworks> networks;
    for (const Stored& one : portion) {
        facts.insert(facts.end(), one.found.facts.begin(), one.found.facts.end());
        if (one.found.networks) networks.push_back(*one.found.networks);
    }
    // Of two hosts that write the same rows none waits for the other's second row.
    std::ranges::sort(facts, {}, [](const Fact& fact) { return std::tie(fact.subject, fact.source); });
    std::ranges::sort(networks, {}, &greylist::FactStore::DomainNetworks::domain);
    if (!link_.visit([&](greylist::FactStore& store) { store.write(facts, networks); })) return;
    counters_.facts.add(facts.size());
    for (const Stored& one : portion)
        for (const auto& arrival : one.arrivals)
            if (--arrival->left == 0) counters_.stored.add(milliseconds_since(arrival->when));
}

}  // namespace sqlgrey::enrich
