#include "store_clock.hpp"

namespace sqlgrey::store {

base::Time StoreClock::now() {
    if (!is_databases()) return here();
    std::int64_t seconds = 0;
    session_.prepared({StatementId::read_clock}).query([&](const Prepared& row) {
        seconds = row.number(0).value_or(0);
    });
    return base::at(seconds);
}

}  // namespace sqlgrey::store
