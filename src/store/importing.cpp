// A batch is one transaction, which looks up rows and writes those that it can improve. Others may write the
// same rows meanwhile, so the statements themselves make sure that no row gets worse.
#include "sqlgrey/store/importing.hpp"

#include "awl.hpp"
#include "hosts.hpp"
#include "opening.hpp"
#include "schema.hpp"
#include "session.hpp"
#include "statement_check.hpp"
#include "tables/import_rows.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace sqlgrey::store {
namespace {

using greylist::Import;
using greylist::KnownClient;
using greylist::KnownSender;
using greylist::Policy;
using greylist::Seen;
using greylist::WaitingTriplet;

constexpr base::Seconds visit_timeout{30};  // includes waiting for locks; no mail waits for an import

using Key = std::vector<std::string>;

Key key_of(const KnownSender& row) {
    return {row.src, row.sender_domain, row.deverped};
}
Key sender_of(const WaitingTriplet& row) {
    return {row.triplet.src, row.triplet.sender_domain, row.triplet.deverped};
}
Key key_of(const WaitingTriplet& row) {
    const greylist::Triplet& t = row.triplet;
    return {t.src, t.sender_domain, t.sender_name, t.rcpt};
}
Key key_of(const KnownClient& row) {
    return {row.src};
}

struct Sender {
    std::optional<base::Time> domain_last;  // of domain_awl
    std::optional<Seen> seen;               // of from_awl
    mail::OwnHashes own_hashes = 0;         // of all rows of this sender in the batch
};

// The rows of a batch: first as the tables have them, then as they are to be written.
struct Rows {
    std::map<Key, Sender> senders;
    std::map<Key, std::optional<base::Time>> triplets;  // first_seen
    std::map<Key, std::optional<KnownClient>> clients;
    // The rows to write, sorted, so that two processes lock the same rows in the same order.
    std::set<Key> new_senders, new_triplets, new_clients;
};

// Takes one row after another, as if each came alone. Returns true if the row changes anything.
class Merging {
  public:
    Merging(Rows& rows, const Policy& policy, base::Time now)
        : rows_(rows), policy_(policy), now_(now), waiting_since_(now - policy.max_connect_age) {}

    bool operator()(const KnownSender& row) {
        const Key key = key_of(row);
        Sender& there = rows_.senders.at(key);
        if (alive(there.domain_last)) return false;
        const Seen best = there.seen ? Seen{std::min(there.seen->first, row.seen.first),
                                            std::max(there.seen->last, row.seen.last)}
                                     : row.seen;
        if (there.seen == best) return false;
        there.seen = best;
        there.own_hashes |= row.own_hashes;
        rows_.new_senders.insert(key);
        return true;
    }

    bool operator()(const WaitingTriplet& row) {
        const Sender& sender = rows_.senders.at(sender_of(row));
        if (alive(sender.domain_last) || (sender.seen && alive(sender.seen->last))) return false;
        const Key key = key_of(row);
        auto& first = rows_.triplets.at(key);
        if (first && *first >= waiting_since_ && *first <= row.first_seen) return false;
        first = row.first_seen;
        rows_.new_triplets.insert(key);
        return true;
    }

    bool operator()(const KnownClient& row) {
        const Key key = key_of(row);
        auto& there = rows_.clients.at(key);
        KnownClient best = row;
        if (there) {
            if (alive(there->seen.last)) best.passes = std::max(there->passes, row.passes);
            best.seen = {std::min(there->seen.first, row.seen.first),
                         std::max(there->seen.last, row.seen.last)};
        }
        if (there == best) return false;
        there = best;
        rows_.new_clients.insert(key);
        return true;
    }

  private:
    bool alive(const std::optional<base::Time>& last) const {
        return last && greylist::awl_row_counts(*last, now_, policy_);
    }

    Rows& rows_;
    const Policy& policy_;
    base::Time now_, waiting_since_;
};

class SqlImporting final : public greylist::Importing {
  public:
    SqlImporting(const Target& target, ImportMode mode) : mode_(mode), session_(target, purpose_of(mode)) {
        if (mode == ImportMode::look_only)
            refuse_old_tables(target.database);
        else
            make_ready(target);
    }

    std::vector<bool> take(std::span<const Import> batch, const Policy& policy, base::Time now) override {
        std::vector<bool> taken;
        const auto body = [&] { taken = take_once(batch, policy, now); };
        session_.within(visit_timeout, [&] {
            mode_ == ImportMode::write ? session_.transaction(body) : session_.visit(body);
        });
        return taken;
    }

  private:
    static Purpose purpose_of(ImportMode mode) {
        return mode == ImportMode::write ? Purpose::requests : Purpose::inspection;
    }

    void make_ready(const Target& target) {
        bring_up_to_date(session_, target, nullptr, {});
        session_.within(visit_timeout, [&] {
            session_.visit([&] {
                check_statements(session_, Use::import);
                session_.check_statement({StatementId::forget_connect_of_sender});  // of decisions, too
            });
        });
        prove_writable(session_, target, nullptr, {});
    }

    void refuse_old_tables(Database database) {
        bool is_ready = false;
        session_.within(visit_timeout,
                        [&] { session_.visit([&] { is_ready = is_up_to_date(session_, database); }); });
        if (!is_ready)
            throw greylist::StoreError(greylist::StoreError::Fault::schema,
                                       "the tables are not there or not up to date, and --dry-run changes "
                                       "nothing: start sqlgrey once, it brings them up to date");
    }

    std::vector<bool> take_once(std::span<const Import> batch, const Policy& policy, base::Time now) {
        Rows rows;
        for (const Import& one : batch) {
            if (const auto* sender = std::get_if<KnownSender>(&one)) rows.senders[key_of(*sender)];
            if (const auto* client = std::get_if<KnownClient>(&one)) rows.clients[key_of(*client)];
            if (const auto* triplet = std::get_if<WaitingTriplet>(&one)) {
                rows.triplets[key_of(*triplet)];
                rows.senders[sender_of(*triplet)];
            }
        }
        look_up(rows);
        std::vector<bool> taken;
        Merging merge(rows, policy, now);
        for (const Import& one : batch) taken.push_back(std::visit(merge, one));
        if (mode_ == ImportMode::write) write(rows, policy, now);
        return taken;
    }

    void look_up(Rows& rows) {
        fill(StatementId::import_look_up_senders, rows.senders, [](Sender& sender, const Prepared& row) {
            sender = {row.time(1), seen(row, 2), 0};
        });
        fill(StatementId::import_look_up_triplets, rows.triplets,
             [](std::optional<base::Time>& first, const Prepared& row) { first = row.time(1); });
        fill(StatementId::import_look_up_clients, rows.clients,
             [](std::optional<KnownClient>& client, const Prepared& row) {
                 if (const auto times = seen(row, 2))
                     client = KnownClient{"", row.number(1).value_or(0), *times};
             });
        for (auto& [key, client] : rows.clients)
            if (client) client->src = key.front();
    }

    template <typename Map, typename Set>
    void fill(StatementId id, Map& map, Set set) {
        std::vector<typename Map::value_type*> rows;
        rows.reserve(map.size());
        for (auto& row : map) rows.push_back(&row);
        session_.over_list({id}, rows.size(), [&](Prepared& statement, const auto& indexes) {
            for (const std::size_t i : indexes) {
                statement.row();
                for (const std::string& part : rows[i]->first) statement.bind(part);
            }
            statement.query([&](const Prepared& row) {
                const auto n = static_cast<std::size_t>(row.number(0).value_or(0));
                set(rows[indexes[n]]->second, row);
            });
        });
    }

    // `bind_row` binds the parameters of a row, `bind_end` those after all rows.
    template <typename BindRow, typename BindEnd>
    void put(StatementId id, const std::set<Key>& keys, BindRow bind_row, BindEnd bind_end) {
        const std::vector<Key> rows(keys.begin(), keys.end());
        session_.over_list({id}, rows.size(), [&](Prepared& statement, const auto& indexes) {
            for (const std::size_t i : indexes) bind_row(statement.row(), rows[i]);
            bind_end(statement);
            statement.change();
        });
    }

    void write(const Rows& rows, const Policy& policy, base::Time now) {
        const auto nothing = [](Prepared&) {};
        put(
            StatementId::import_put_triplets, rows.new_triplets,
            [&](Prepared& statement, const Key& key) {
                bind_connect_row(statement, {key[0], key[1], key[2], {}, key[3]}, *rows.triplets.at(key));
            },
            [&](Prepared& statement) { statement.bind(base::epoch(now - policy.max_connect_age)); });
        put(
            StatementId::import_put_senders, rows.new_senders,
            [&](Prepared& statement, const Key& key) {
                bind_from_awl_row(statement, key[0], key[1], key[2], *rows.senders.at(key).seen);
            },
            nothing);
        put(
            StatementId::forget_connect_of_sender, rows.new_senders,
            [&](Prepared& statement, const Key& key) {
                const mail::OwnHashes own = rows.senders.at(key).own_hashes;
                statement.bind(key[0]).bind(key[1]).bind(session_.dialect().words.pattern(key[2], own));
            },
            nothing);
        put(
            StatementId::import_put_clients, rows.new_clients,
            [&](Prepared& statement, const Key& key) {
                const KnownClient& client = *rows.clients.at(key);
                const auto& [first, last] = client.seen;
                bind_client_awl_row(statement, client.src, {client.passes, last, last}, first);
            },
            [&](Prepared& statement) { statement.bind(base::epoch(now - policy.awl_age)); });
    }

    ImportMode mode_;
    Session session_;
};

// In place of a database that does not exist yet: everything is new.
class NothingThere final : public greylist::Importing {
  public:
    std::vector<bool> take(std::span<const Import> batch, const Policy&, base::Time) override {
        return std::vector<bool>(batch.size(), true);
    }
};

bool is_absent(const Target& target) {
    std::error_code unknown;
    return target.database == Database::sqlite && !std::filesystem::exists(target.name, unknown) && !unknown;
}

}  // namespace

std::unique_ptr<greylist::Importing> open_importing(const Target& target, ImportMode mode) {
    Target own_target = target;
    own_target.time_limit = std::max<base::Milliseconds>(target.time_limit, visit_timeout);
    if (mode == ImportMode::look_only && is_absent(target)) return std::make_unique<NothingThere>();
    return open_first_good(own_target,
                           [&](const Target& one) { return std::make_unique<SqlImporting>(one, mode); });
}

}  // namespace sqlgrey::store
