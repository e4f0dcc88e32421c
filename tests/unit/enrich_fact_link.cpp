#include "sqlgrey/enrich/fact_link.hpp"

#include <thread>

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::enrich;

namespace {

// A session that can be ended from outside.
class Session final : public greylist::FactStore {
  public:
    explicit Session(const bool& is_up) : is_up_(is_up) {}
    Claimed claim(std::span<const greylist::FactSubject>, base::Seconds) override { return {}; }
    std::vector<greylist::Fact> read(std::span<const greylist::FactSubject>) override { return {}; }
    void write(std::span<const greylist::Fact>, std::span<const DomainNetworks>) override {
        if (!is_up_) throw greylist::StoreUnavailable("it has gone");
    }
    void remember(std::span<const greylist::Change>) override {}

  private:
    const bool& is_up_;
};

struct LinkTest {
    std::vector<std::string> lines;
    log::Logger logger{log::Levels{log::normal}, std::make_unique<log::MemorySink>(lines)};
    bool server_is_up = true;
    std::unique_ptr<bool> session_is_up;
    int opened = 0;
    FactLink link{[&]() -> std::unique_ptr<greylist::FactStore> {
                      ++opened;
                      if (!server_is_up) throw greylist::StoreUnavailable("no server");
                      session_is_up = std::make_unique<bool>(true);
                      return std::make_unique<Session>(*session_is_up);
                  },
                  logger};

    bool visit() {
        return link.visit([](greylist::FactStore& store) { store.write({}, {}); });
    }
};

}  // namespace

TEST_CASE_METHOD(LinkTest, "the session is opened once") {
    REQUIRE(visit());
    REQUIRE(visit());
    REQUIRE(opened == 1);
}

TEST_CASE_METHOD(LinkTest, "a session that was closed meanwhile is replaced without a word") {
    REQUIRE(visit());
    *session_is_up = false;
    REQUIRE(visit());
    REQUIRE(opened == 2);
    REQUIRE(lines.empty());
}

TEST_CASE_METHOD(LinkTest, "a database that is away is logged once, and asked again after a pause") {
    server_is_up = false;
    REQUIRE_FALSE(visit());
    REQUIRE_FALSE(link.is_due());
    REQUIRE_FALSE(visit());
    REQUIRE(opened == 1);
    REQUIRE(lines.size() == 1);
    REQUIRE(lines[0].find("facts about unknown clients are not stored (enrich): no server") !=
            std::string::npos);
    server_is_up = true;
    while (!visit()) {  // for the pause of a second
        REQUIRE(opened == 1);
        std::this_thread::sleep_for(base::Milliseconds{20});
    }
    REQUIRE(lines.size() == 2);
    REQUIRE(lines[1].find("are stored again") != std::string::npos);
}
