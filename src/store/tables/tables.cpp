#include "tables.hpp"

namespace sqlgrey::store {

const std::vector<const Table*>& tables() {
    static const std::vector<const Table*> all{
        &domain_awl_table(),  &from_awl_table(),     &connect_table(), &sources(),
        &client_awl_table(),  &opt_tables(),         &config_table(),  &pool_table(),
        &expectation_table(), &organisation_table(), &lists_table(),   &fact_table(),
        &spf_network_table(), &daily_tables(),       &administration()};
    return all;
}

}  // namespace sqlgrey::store
