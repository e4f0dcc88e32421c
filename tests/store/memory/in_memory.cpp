// The store in memory, for the cases that know no SQL.
#include "store/any_store.hpp"
#include "support/memory_store.hpp"

#include <stdexcept>

namespace sqlgrey::store {
namespace {

class InMemory final : public AnyStore {
  public:
    explicit InMemory(const base::Clock& clock) : store_(clock) {}

    greylist::Store& store() override { return store_; }
    std::size_t rows(const std::string& table) override {
        std::size_t number = 0;
        with(table, [&](const auto& rows) { number = rows.size(); });
        return number;
    }
    void clear(const std::string& table) override {
        with(table, [](auto& rows) { rows.clear(); });
    }
    void opt(const std::string& table, const std::string& domain_or_email) override {
        greylist::Opted& opted = store_.opted[domain_or_email];
        if (table == "optin_domain") opted.in_domain = true;
        if (table == "optin_email") opted.in_email = true;
        if (table == "optout_domain") opted.out_domain = true;
        if (table == "optout_email") opted.out_email = true;
    }

  private:
    template <typename Do>
    void with(const std::string& table, const Do& action) {
        if (table == "connect") return action(store_.connect);
        if (table == "from_awl") return action(store_.from_awl);
        if (table == "domain_awl") return action(store_.domain_awl);
        if (table == "client_awl") return action(store_.client_awl);
        throw std::logic_error("the store in memory has no table " + table);
    }

    test::MemoryStore store_;
};

}  // namespace

std::unique_ptr<AnyStore> empty_store(const base::Clock& clock) {
    return std::make_unique<InMemory>(clock);
}

}  // namespace sqlgrey::store
