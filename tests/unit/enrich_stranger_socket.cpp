#include "sqlgrey/enrich/counters.hpp"
#include "sqlgrey/enrich/stranger_socket.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::enrich;

namespace {

Stranger stranger(const std::string& sender) {
    Stranger one{"11.2.3.4", "mx.example", sender, {"11.2.3.4", "a.example"}};
    one.letter = Stranger::Letter{{"11.2.3", "a.example", "alice", "alice", "bob@example.net"},
                                  base::at(1'800'000'000)};
    return one;
}

std::vector<Stranger> all_of(const std::vector<Told>& told) {
    std::vector<Stranger> all;
    for (const Told& batch : told) all.insert(all.end(), batch.strangers.begin(), batch.strangers.end());
    return all;
}

}  // namespace

TEST_CASE("the resolver hears what workers tell, and when") {
    const StrangerSockets sockets = make_stranger_sockets();
    const std::vector<Stranger> batch{stranger("a@a.example"), stranger("")};
    const auto before = std::chrono::system_clock::now();
    REQUIRE(tell(sockets.workers.get(), batch) == 0);
    REQUIRE(tell(sockets.workers.get(), {}) == 0);
    const std::vector<Told> told = hear(sockets.resolver.get(), 64);
    REQUIRE(told.size() == 1);
    Stranger expected = batch[0];
    expected.letter->triplet.src.clear();  // not sent: it waits under another
    REQUIRE(told[0].strangers[0] == expected);
    REQUIRE(told[0].strangers.size() == 2);
    REQUIRE(told[0].when >= before - std::chrono::milliseconds{1});
    REQUIRE(told[0].when <= std::chrono::system_clock::now());
    REQUIRE(hear(sockets.resolver.get(), 64).empty());
}

TEST_CASE("a batch that is too large for a datagram is told in parts") {
    const StrangerSockets sockets = make_stranger_sockets();
    const std::vector<Stranger> batch(64, stranger(std::string(1900, 'x') + "@a.example"));
    REQUIRE(tell(sockets.workers.get(), batch) == 0);
    const std::vector<Told> told = hear(sockets.resolver.get(), 64);
    REQUIRE(told.size() > 1);
    REQUIRE(all_of(told).size() == 64);
}

TEST_CASE("nobody waits for a resolver that does not read") {
    const StrangerSockets sockets = make_stranger_sockets();
    const std::vector<Stranger> batch(64, stranger("a@a.example"));
    std::size_t dropped = 0, batches = 0;
    while (dropped == 0 && ++batches < 100'000) dropped = tell(sockets.workers.get(), batch);
    REQUIRE(dropped == 64);
    REQUIRE(all_of(hear(sockets.resolver.get(), 1)).size() == 64);
    REQUIRE(tell(sockets.workers.get(), batch) == 0);
}

TEST_CASE("a resolver that is gone costs only what is told") {
    StrangerSockets sockets = make_stranger_sockets();
    sockets.resolver.reset();
    REQUIRE(tell(sockets.workers.get(), std::vector<Stranger>(3, stranger("a@a.example"))) == 3);
}

TEST_CASE("each list has its own state, and more lists than there is room for share the last") {
    const auto counters = std::make_unique<Counters>();
    REQUIRE(find_state(*counters, "dnsbl a.example") == nullptr);
    ListState& first = state_of(*counters, "dnsbl a.example");
    REQUIRE(&state_of(*counters, "dnsbl a.example") == &first);
    REQUIRE(&state_of(*counters, "dnswl a.example") != &first);
    first.off_until.set(10'000);
    REQUIRE(find_state(*counters, "dnsbl a.example")->is_off(base::at(9'999)));
    REQUIRE_FALSE(find_state(*counters, "dnsbl a.example")->is_off(base::at(10'000)));
    REQUIRE_FALSE(
        find_state(*counters, "dnsbl a.example")->is_off(base::at(1'000)));  // the clock was set back
    for (int i = 0; i < 300; ++i) state_of(*counters, "dnsbl " + std::to_string(i)).answers[0].add();
    REQUIRE(counters->lists.back().answers[0].value() > 100);
    REQUIRE(find_state(*counters, "dnsbl a.example") == &first);
}
