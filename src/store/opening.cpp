#include "opening.hpp"

#include "errors.hpp"
#include "schema.hpp"
#include "sqlgrey/store/schema_report.hpp"
#include "store_clock.hpp"

namespace sqlgrey::store {
namespace {

// Takes no lock, because nearly always nothing has to be done. Tables that are wrong are no error here,
// because another daemon may be changing them: migrate() looks again, with the lock.
bool looks_up_to_date(Session& session, const Target& target) {
    bool result = false;
    try {
        session.within(target.time_limit,
                       [&] { session.visit([&] { result = is_up_to_date(session, target.database); }); });
    } catch (const greylist::StoreError& error) {
        if (error.fault() != greylist::StoreError::Fault::schema) throw;
    }
    return result;
}

SchemaReport migrate_in_own_session(const Target& target, const base::Clock* clock) {
    Session session(target, Purpose::migrations);
    StoreClock time(session, clock);
    SchemaReport report;
    session.visit([&] { report = migrate(session, target.database, time.now() - target.max_connect_age); });
    return report;
}

bool is_ready(Session& session, const Target& target, Extra extra) {
    bool result = false;
    session.within(target.time_limit,
                   [&] { session.visit([&] { result = is_up_to_date(session, target.database, extra); }); });
    return result;
}

std::string first_of(const std::vector<std::string>& texts) {
    return texts.empty() ? "the database refuses" : texts.front();
}

}  // namespace

void bring_up_to_date(Session& session, const Target& target, const base::Clock* clock,
                      const OnOpen& on_open) {
    if (looks_up_to_date(session, target)) return;
    try {
        const SchemaReport report = migrate_in_own_session(target, clock);
        if (on_open.schema && !report.empty()) on_open.schema(report);
    } catch (const greylist::StoreError& error) {
        throw greylist::StoreError(error.fault(), with_database(error.what(), target));
    }
}

std::unique_ptr<Session> open_extra(const Target& target, Extra extra, const OnOpen& on_open) {
    std::unique_ptr<Session> session;
    try {
        session = std::make_unique<Session>(target, Purpose::requests);
    } catch (const greylist::StoreError& error) {
        throw greylist::StoreUnavailable(error.what());
    }
    bring_up_to_date(*session, target, extra, on_open);
    return session;
}

void bring_up_to_date(Session& session, const Target& target, Extra extra, const OnOpen& on_open) {
    if (is_ready(session, target, extra)) return;
    const SchemaReport report = migrate_in_own_session(target, nullptr);
    if (is_ready(session, target, extra)) {
        if (on_open.schema && !report.empty()) on_open.schema(report);
        return;
    }
    throw greylist::StoreError(greylist::StoreError::Fault::access,
                               "there is no table for them: " + first_of(report.not_done));
}

void prove_writable(Session& session, const Target& target, const base::Clock* clock, const OnOpen& on_open) {
    StoreClock time(session, clock);
    session.within(target.time_limit, [&] {
        session.visit([&] {
            session.prepared({StatementId::put_config})
                .bind("sqlgrey_opened")
                .bind(std::to_string(base::epoch(time.now())))
                .change();
        });
    });
    const std::vector<std::string> warnings = session.in_use();
    if (!on_open.warning) return;
    for (const std::string& warning : warnings) on_open.warning(warning);
}

}  // namespace sqlgrey::store
