// The master at a stop whose connections are kept in systemd's descriptor store, and at the start after it.
#include "supervisor.hpp"

#include <utility>

namespace sqlgrey::process {

namespace {

// Between two requests a connection leaves its worker at once; systemd starts the daemon again when all have.
// A client that does not read its reply, or a database that takes longer, must not delay that.
constexpr base::Milliseconds hand_over_limit{500};

}  // namespace

// False if there is no store: connections are closed then.
bool Supervisor::begin_to_keep() {
    auto& store = options_.keeping.store;
    if (!store || waits_for_predecessor()) return false;
    forget_and_queue_stored();  // they were not passed yet, and go back with what is remembered
    for (const Offered& each : options_.keeping.kept)
        if (!store->put(each.name, each.fd)) return false;
    if (acceptor_.holds_one()) handover_.add(acceptor_.take_in_hand());
    finish_at_ = now_ + hand_over_limit;
    return true;
}

// What is left in the workers is closed after the reply that is due.
void Supervisor::finish_late_ones() {
    if (!finish_at_ || now_ < *finish_at_) return;
    finish_at_.reset();
    for (const auto& generation : generations_) generation->finish(now_);
}

// One that cannot be kept is closed. Each attempt may take a second, so the first failure is the last.
void Supervisor::keep(const base::Message& connection) {
    auto& store = options_.keeping.store;
    if (!keeping_failed_) keeping_failed_ = !store->put_connection(connection);
}

void Supervisor::has_kept() {
    const auto& store = *options_.keeping.store;
    store.wait_until_taken();
    write(log::normal, std::to_string(store.connections()) +
                           " connections are kept in systemd's descriptor store for the next start");
    if (keeping_failed_)
        write(
            log::warning,
            "the others had no room there and were closed; raise FileDescriptorStoreMax= and FDSTORE= of the "
            "unit (systemctl edit sqlgrey)");
    if (options_.keeping.on_kept) options_.keeping.on_kept();
}

// Not to the first child that is ready, which would get all of them.
void Supervisor::take_stored_connections() {
    if (options_.keeping.on_taken && current_has_taken_over()) forget_and_queue_stored();
}

void Supervisor::forget_and_queue_stored() {
    if (!options_.keeping.on_taken) return;
    std::exchange(options_.keeping.on_taken, nullptr)();
    for (base::Message& connection : std::exchange(options_.keeping.connections, {}))
        handover_.add(std::move(connection));
}

}  // namespace sqlgrey::process
