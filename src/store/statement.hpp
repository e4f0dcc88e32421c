// What identifies a statement. Each is defined once for all databases, in the file of its table (tables/), in
// catalog.cpp or in statement.cpp.
#pragma once

#include "dialect.hpp"
#include "sql.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sqlgrey::store {

enum class StatementId : std::uint8_t {
    // a session's own
    begin,
    begin_snapshot,
    limit_lock_wait,
    commit,
    read_clock,
    // decisions
    look_up,
    put_connect,
    touch_domain_awl,
    touch_from_awl,
    touch_client_awl,
    count_retry,
    put_from_awl,
    forget_connect_of_sender,
    put_domain_awl,
    forget_from_awl_of_domain,
    forget_connect_of_domain,
    remember_pool,
    look_up_elsewhere,
    look_up_letters,
    look_up_facts,
    any_pool,
    crowds,
    // config
    read_config,
    swap_config,
    add_config,
    put_config,
    // cleaning
    slice_end_connect,
    never_retried,
    expire_connect,
    slice_end_from_awl,
    expire_from_awl,
    slice_end_domain_awl,
    expire_domain_awl,
    slice_end_client_awl,
    expire_client_awl,
    slice_end_expectation,
    expire_expectation,
    slice_end_pool,
    expire_pool,
    slice_end_lists,
    expire_lists,
    slice_end_fact,
    expire_fact,
    slice_end_spf_network,
    expire_spf_network,
    counted_pools,
    rows_of_pool,
    put_organisation,
    forget_organisations,
    // facts about strangers
    read_asked,
    claim_fact,
    read_facts,
    put_fact,
    forget_spf_networks,
    put_spf_network,
    // daily statistics
    put_daily,
    put_daily_delay,
    oldest_day,
    forget_daily,
    oldest_day_of_delays,
    forget_daily_delay,
    read_daily,
    read_daily_delay,
    // lists
    list_rows,
    count_hits,
    // explaining
    waiting_between,
    // import
    import_look_up_senders,
    import_put_senders,
    import_look_up_triplets,
    import_put_triplets,
    import_look_up_clients,
    import_put_clients,
    // administration
    admin_sorted,
    admin_page,
    admin_pools,
    admin_count,
    admin_waiting,
    admin_erase,
    admin_move_back,
    admin_put,
    // schema
    catalog_tables,
    catalog_columns,
    catalog_indexes,
    missing_rights
};

// The parts of a lookup (look_up.hpp), or table and filters of a statement of the administration
// (tables/administration.hpp); 0 for all other statements.
using PartSet = std::uint32_t;

struct StatementKey {
    StatementId id;
    PartSet parts = 0;
    std::size_t rows = 0;  // of its list of rows; 0: any number, or it takes no list
    auto operator<=>(const StatementKey&) const = default;
};

// What a statement is for. Those of decisions, cleaning, facts and import are checked (statement_check.hpp),
// so none of them may insert empty texts. Those of the lists need no check, because they run as soon as there
// is a session: the lists are read, and hits of a row that does not exist are counted.
enum class Use {
    session,  // used by several
    decision,
    cleaning,
    statistics,
    facts,
    lists,
    import,
    administration,
    schema
};

struct StatementDefinition {
    StatementId id;
    const char* name;  // as error messages give it
    Use use;
    bool takes_rows;
    Sql (*make)(const Dialect& dialect, const StatementKey& key);
};

const StatementDefinition& definition_of(StatementId id);
// In the order of StatementId.
const std::vector<StatementDefinition>& all_statements();

}  // namespace sqlgrey::store
