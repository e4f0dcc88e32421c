// What the resolver child does: takes strangers from its queue, claims in the database what nobody has asked
// yet, asks DNS and p0f, and stores the facts. Everything in batches: a claim, a lookup and a transaction
// serve many strangers.
//
// Bounded whatever clients, their domains and DNS servers do: strangers that wait and those in work, the time
// for each, the questions at once, and what is kept of answers.
#pragma once

#include "sqlgrey/enrich/answer_watch.hpp"
#include "sqlgrey/enrich/counters.hpp"
#include "sqlgrey/enrich/dns_asker.hpp"
#include "sqlgrey/enrich/fact_link.hpp"
#include "sqlgrey/enrich/inquiry.hpp"
#include "sqlgrey/enrich/list_tests.hpp"
#include "sqlgrey/enrich/p0f_client.hpp"
#include "sqlgrey/enrich/stranger_socket.hpp"
#include "sqlgrey/log/logger.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::enrich {

inline constexpr std::size_t most_waiting = 4096;  // strangers; then the oldest is dropped
inline constexpr std::size_t most_in_work = 384;   // subjects, up to three of a stranger
inline constexpr base::Seconds most_time{10};      // for a subject; then what has no answer is a timeout
inline constexpr base::Seconds claim_lasts{30};    // if this process dies meanwhile

// Claims and writes follow one another not faster than that, so that each serves many strangers when many
// come; the first after a pause waits for nothing.
inline constexpr base::Milliseconds between_visits{10};
// The same in a flood: for a second after a stranger was dropped because too many waited. Then 256 of them a
// second are asked about. Facts about a few of very many are worth little, and the processor is for the
// replies: without this limit a worker under full load answers half as many.
inline constexpr base::Milliseconds between_claims_in_flood{250};
inline constexpr base::Seconds flood_lasts{1};

struct InquirerSettings {
    std::vector<DnsList> lists{};
    bool spf_identity = false;  // networks of domains are asked about, and letters wait under them
    base::Seconds max_connect_age{std::chrono::hours{24}};
    std::vector<net::Address> own{};  // addresses of this machine
    base::Seconds keep_listed{0};     // AskLists
    base::Seconds keep_fail{0};       // AskSpf
    dns::ResolverSettings dns{};
    std::string p0f_socket{};  // empty: p0f is not asked
};

// For one thread.
class Inquirer {
  public:
    using Clock = std::chrono::steady_clock;

    // References must outlive it. Throws base::StartError.
    Inquirer(InquirerSettings settings, FactLink::Open open_store, Counters& counters,
             const log::Logger& logger);

    // Puts them into the queue.
    void add(std::vector<Told> told);

    // False in a flood until it is time to take some of them: what comes meanwhile need not be read.
    bool wants_strangers() const;

    // What to poll for DNS and p0f, and how long at most before process() must be called.
    std::vector<pollfd> descriptors() const;
    base::Milliseconds longest_wait() const;
    // Does what can be done now. Call it after each poll and after add(). Waits only for the database.
    void process(std::vector<pollfd> polled);
    // For a stop: takes no more from the queue.
    void take_no_more() { takes_more_ = false; }
    // Nothing is being asked or waits to be stored.
    bool is_idle() const { return tasks_.empty() && found_.empty() && letters_.empty(); }

  private:
    // A stranger whose facts are not all stored yet.
    struct Arrival {
        std::chrono::system_clock::time_point when;
        std::size_t left = 0;  // subjects
    };
    struct Waiting {
        Stranger stranger;
        std::chrono::system_clock::time_point when;
    };
    struct Letter {
        net::Address client;
        Stranger::Letter letter;
    };
    struct Task {
        Inquiry inquiry;
        Clock::time_point end;
        bool is_ours = true;    // false: another host asks and writes; this one for its letters only
        bool is_over = false;   // what has no answer has none any more
        std::size_t bytes = 0;  // of its answers
        std::set<net::DnsQuestion> open{};
        std::vector<std::shared_ptr<Arrival>> arrivals{};
        std::vector<Letter> letters{};
        // Of AskNetworks: clients whose SPF result is stored after it, because it says that all is known.
        std::vector<greylist::FactSubject> after{};
    };
    struct Stored {
        Found found;
        std::vector<std::shared_ptr<Arrival>> arrivals;
    };
    // The networks of a domain that were compiled lately, for letters that come a moment later.
    struct Recent {
        std::vector<greylist::AddressRange> ranges;
        Clock::time_point until;
    };
    // The subjects of a stranger.
    struct Subjects {
        net::Address client;
        std::vector<greylist::FactSubject> all;
        std::optional<std::string> domain{};  // as in DNS; nothing: the last of `all` is not about a domain
    };
    using Tasks = std::map<greylist::FactSubject, Task>;

    // Of subjects: those that this process asks about, and what the database has of all.
    struct Claims {
        std::set<greylist::FactSubject> won{};
        std::map<greylist::FactSubject, std::vector<greylist::Fact>> known{};
    };

    void ask_p0f(Tasks::iterator task, std::span<const greylist::Fact> known);
    void hear_p0f(std::vector<pollfd>& polled);
    void deliver(const net::Address& client, const Fingerprint& said);
    void deliver(const net::DnsQuestion& question, net::DnsAnswer answer);
    void end_overdue();
    void advance_all(std::span<const greylist::FactSubject> subjects);
    void advance(Tasks::iterator task);
    bool waits_for_networks(Tasks::iterator task);
    void finish(Tasks::iterator task, Found found);
    void finish_networks(const Task& done, const greylist::FactStore::DomainNetworks& networks);
    void put_letter(const Letter& letter);
    void tell(AnswerWatch::Change change);
    void test_lists();
    void note_tests(const net::DnsQuestion& question, const net::DnsAnswer& answer);
    void note(const ListResult& result);
    void switch_off(ListState& state, const ListResult& result);
    void store_found();
    void store(std::span<const Stored> portion);

    bool is_flooded() const { return Clock::now() < flooded_until_; }
    bool has_room() const;
    bool is_time_to_claim() const;
    void take_from_queue();
    std::optional<Subjects> subjects_of(const Stranger& stranger) const;
    void begin(std::span<const Waiting> batch, greylist::FactStore& store);
    Claims claim(const std::vector<greylist::FactSubject>& subjects, greylist::FactStore& store);
    void begin(const Waiting& one, const Subjects& subjects, const Claims& claims,
               std::vector<greylist::FactSubject>& begun);
    void add_letter(const Waiting& one, const Subjects& subjects, const Claims& claims,
                    std::vector<greylist::FactSubject>& begun);
    Task new_task(const Waiting& one, const Subjects& subjects, const greylist::FactSubject& subject,
                  const Claims& claims) const;
    void ask_lists(const net::Address& client, std::span<const greylist::Fact> known, Inquiry& inquiry) const;
    bool is_off(const DnsList& list) const;
    base::Time now() const;  // the database's

    InquirerSettings settings_;
    Counters& counters_;
    const log::Logger& logger_;
    FactLink link_;
    DnsAsker asker_;
    AnswerWatch watch_{};
    ListTests tests_;
    Clock::time_point tests_due_{};  // when to look whether one is due
    std::optional<P0fClient> p0f_;
    std::deque<Waiting> queue_;
    bool takes_more_ = true;
    Tasks tasks_;
    std::map<net::DnsQuestion, std::set<greylist::FactSubject>> askers_;
    std::map<std::string, greylist::FactSubject> p0f_askers_;  // by greylist::address_key()
    std::vector<Stored> found_;
    std::vector<greylist::Change> letters_;
    std::map<std::string, Recent> recent_;  // by the domain as stored
    Clock::time_point claim_due_{}, store_due_{};
    Clock::time_point flooded_until_{};
    base::Time database_time_{};
    Clock::time_point database_time_at_{};
};

}  // namespace sqlgrey::enrich
