// One database session and the statements prepared in it, as one disposable unit: when the connection is
// lost, all of it goes and a new one is built (a statement that outlives a reconnect crashes).
#pragma once

#include "dialect.hpp"
#include "patience.hpp"
#include "prepared.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <soci/soci.h>

namespace sqlgrey::store {

class Session {
  public:
    // Connects. Throws greylist::StoreUnavailable.
    Session(const Target& target, Purpose purpose);

    const Dialect& dialect() const { return dialect_; }
    soci::session& raw() { return session_; }

    // The statement of that name, prepared the first time it is asked for.
    Prepared& prepared(const std::string& name, const std::function<Sql(const Dialect&)>& make);

    // Runs one visit: starts its patience, repeats it (rolled back first) while the database says that it may
    // succeed now and the patience lasts, and turns every other error into StoreUnavailable.
    void visit(const std::function<void()>& body);
    // The same for several statements that are to be one transaction.
    void transaction(const std::function<void()>& body);

    // From another thread: a statement that waits fails soon.
    void interrupt() noexcept;

  private:
    void roll_back() noexcept;

    const Dialect& dialect_;
    base::Milliseconds time_limit_;
    Patience patience_;
    std::shared_ptr<void> beside_;
    soci::session session_;
    base::unique_fd socket_;
    std::map<std::string, Prepared> statements_;  // after session_: they must go before it
    bool in_transaction_ = false;
};

// What SOCI says as one line: without the statement, a trailing dot or blank.
std::string one_line(std::string_view message);

}  // namespace sqlgrey::store
