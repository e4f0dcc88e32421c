// One list of rows for each kind of change.
#include "change_writer.hpp"

#include "statements.hpp"

#include <algorithm>
#include <concepts>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

namespace sqlgrey::store {
namespace {

using greylist::Change;
using greylist::CountRetry;
using greylist::PutConnect;
using greylist::PutDomainAwl;
using greylist::PutFromAwl;
using greylist::TouchClientAwl;
using greylist::TouchDomainAwl;
using greylist::TouchFromAwl;
using greylist::Triplet;

void bind_put(Prepared& row, const PutConnect& put) {
    const Triplet& t = put.triplet;
    row.bind(t.sender_name).bind(t.sender_domain).bind(t.src).bind(t.rcpt).bind(base::epoch(put.now));
}
void bind_put(Prepared& row, const CountRetry& pass) {
    row.bind(pass.src).bind(1);
    for (int time = 0; time < 3; ++time) row.bind(base::epoch(pass.now));
}
void bind_put(Prepared& row, const PutFromAwl& put) {
    row.bind(put.deverped).bind(put.sender_domain).bind(put.src);
    row.bind(base::epoch(put.first_seen)).bind(base::epoch(put.now));
}
void bind_put(Prepared& row, const PutDomainAwl& put) {
    row.bind(put.sender_domain).bind(put.src);
    row.bind(base::epoch(put.first_seen)).bind(base::epoch(put.now));
}

void bind_key(Prepared& row, const TouchDomainAwl& touch) {
    row.bind(touch.src).bind(touch.sender_domain);
}
void bind_key(Prepared& row, const TouchFromAwl& touch) {
    row.bind(touch.src).bind(touch.sender_domain).bind(touch.deverped);
}
void bind_key(Prepared& row, const TouchClientAwl& touch) {
    row.bind(touch.src);
}
void bind_key(Prepared& row, const PutDomainAwl& put) {
    row.bind(put.src).bind(put.sender_domain);
}

// The changes of one kind, each once, in the order of their keys: two workers that lock the same rows then
// lock them in the same order.
template <typename Kind>
std::vector<Kind> sorted(std::span<const Change> changes) {
    std::vector<Kind> found;
    for (const Change& change : changes)
        if (const Kind* one = std::get_if<Kind>(&change)) found.push_back(*one);
    const auto key = [](const Kind& change) {
        if constexpr (std::is_same_v<Kind, PutConnect>)
            return std::tie(change.triplet.src, change.triplet.sender_domain, change.triplet.sender_name,
                            change.triplet.rcpt);
        else if constexpr (std::is_same_v<Kind, TouchFromAwl> || std::is_same_v<Kind, PutFromAwl>)
            return std::tie(change.src, change.sender_domain, change.deverped);
        else if constexpr (std::is_same_v<Kind, TouchClientAwl> || std::is_same_v<Kind, CountRetry>)
            return std::tie(change.src);
        else
            return std::tie(change.src, change.sender_domain);
    };
    std::ranges::stable_sort(found, [&](const Kind& a, const Kind& b) { return key(a) < key(b); });
    const auto repeated =
        std::ranges::unique(found, [&](const Kind& a, const Kind& b) { return key(a) == key(b); });
    found.erase(repeated.begin(), repeated.end());
    return found;
}

class ChangeWriter {
  public:
    explicit ChangeWriter(Session& session) : session_(session) {}

    // Kind by kind, so that it takes as many statements whatever their number: a domain's rows behind those
    // of its senders, because what made the last of them promotes it.
    void write(std::span<const Change> changes) {
        put_connect(sorted<PutConnect>(changes));
        touch("touch_domain_awl_", statements::touch_domain_awl, sorted<TouchDomainAwl>(changes));
        touch("touch_from_awl_", statements::touch_from_awl, sorted<TouchFromAwl>(changes));
        touch("touch_client_awl_", statements::touch_client_awl, sorted<TouchClientAwl>(changes));
        count(sorted<CountRetry>(changes));
        put_from_awl(sorted<PutFromAwl>(changes));
        put_domain_awl(sorted<PutDomainAwl>(changes));
    }

  private:
    // Runs a statement over the changes; `bind` binds one of them as a row, `bind_rest` what is behind the
    // rows.
    template <typename Kind>
    void over(
        const std::string& name, Sql (*make)(const Dialect&, std::size_t), const std::vector<Kind>& changes,
        const std::invocable<Prepared&, const Kind&> auto& bind,
        const std::function<void(Prepared&)>& bind_rest = [](Prepared&) {}) {
        session_.over_list(name, changes.size(), make, [&](Prepared& statement, const auto& rows) {
            for (const std::size_t i : rows) bind(statement.row(), changes[i]);
            bind_rest(statement);
            statement.change();
        });
    }
    template <typename Put>
    void put(
        const std::string& name, Sql (*make)(const Dialect&, std::size_t), const std::vector<Put>& puts,
        const std::function<void(Prepared&)>& bind_rest = [](Prepared&) {}) {
        over(
            name, make, puts, [](Prepared& row, const Put& one) { bind_put(row, one); }, bind_rest);
    }
    template <typename Touch>
    void touch(const std::string& name, Sql (*make)(const Dialect&, std::size_t),
               const std::vector<Touch>& touches) {
        session_.over_list(name, touches.size(), make, [&](Prepared& statement, const auto& rows) {
            statement.bind(base::epoch(touches.front().now));
            for (const std::size_t i : rows) bind_key(statement.row(), touches[i]);
            statement.change();
        });
    }

    void put_connect(const std::vector<PutConnect>& puts) {
        put("put_connect_", statements::put_connect, puts,
            [&](Prepared& statement) { statement.bind(base::epoch(puts.front().counts_since)); });
    }

    void count(const std::vector<CountRetry>& passes) {
        put("count_pass_", statements::count_pass, passes, [&](Prepared& statement) {
            const CountRetry& any = passes.front();
            for (int column = 0; column < 2; ++column)
                statement.bind(base::epoch(any.counts_since))
                    .bind(base::epoch(any.now - greylist::retry_step));
        });
    }

    void put_from_awl(const std::vector<PutFromAwl>& puts) {
        put("put_from_awl_", statements::put_from_awl, puts);
        over("forget_connect_of_sender_", statements::forget_connect_of_sender, puts,
             [this](Prepared& row, const PutFromAwl& put) {
                 row.bind(put.src).bind(put.sender_domain);
                 row.bind(session_.dialect().pattern(put.deverped, put.own_hashes));
             });
    }

    void put_domain_awl(const std::vector<PutDomainAwl>& puts) {
        put("put_domain_awl_", statements::put_domain_awl, puts);
        forget_behind(puts);
    }
    void forget_behind(const std::vector<PutDomainAwl>& puts) {
        const auto bind = [](Prepared& row, const PutDomainAwl& put) { bind_key(row, put); };
        over("forget_from_awl_of_domain_", statements::forget_from_awl_of_domain, puts, bind);
        over("forget_connect_of_domain_", statements::forget_connect_of_domain, puts, bind);
    }

    Session& session_;
};

}  // namespace

void write_changes(Session& session, std::span<const Change> changes) {
    ChangeWriter(session).write(changes);
}

}  // namespace sqlgrey::store
