// The database under test as an AnyStore, for the cases without SQL.
#include "any_store.hpp"
#include "database.hpp"

namespace sqlgrey::store {
namespace {

class OnDatabase final : public AnyStore {
  public:
    explicit OnDatabase(const base::Clock& clock) : store_(open_store(database_.target(), &clock)) {}

    greylist::Store& store() override { return *store_; }
    std::size_t rows(const std::string& table) override {
        return static_cast<std::size_t>(database_.rows(table));
    }
    void clear(const std::string& table) override { database_.sql() << "delete from " << table; }
    void opt(const std::string& table, const std::string& domain_or_email) override {
        const std::string column = table.substr(table.find('_') + 1);
        database_.sql() << "insert into " << table << "(" << column << ") values ('" << domain_or_email
                        << "')";
    }

  private:
    TestDatabase database_;
    std::unique_ptr<greylist::Store> store_;
};

}  // namespace

std::unique_ptr<AnyStore> empty_store(const base::Clock& clock) {
    return std::make_unique<OnDatabase>(clock);
}

}  // namespace sqlgrey::store
