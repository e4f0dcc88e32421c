#include "session.hpp"

#include "sqlgrey/base/time_limit.hpp"

#include <random>
#include <thread>

#include <sys/socket.h>

namespace sqlgrey::store {
namespace {

// Short and uneven, so that two that collided do not collide again.
void pause_before_retry(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    const int limit_ms = 2 << std::min(attempt, 5);
    std::this_thread::sleep_for(base::Milliseconds{1 + static_cast<int>(random() % limit_ms)});
}

// SOCI adds the whole statement and its values, which may be somebody's mail addresses.
std::string_view without_statement(std::string_view message) {
    for (const char* addition :
         {" while executing \"", " while preparing \"", " while fetching data", " with :p0="})
        message = message.substr(0, message.find(addition));
    return message;
}

}  // namespace

std::string one_line(std::string_view message) {
    message = without_statement(message);
    std::string line;
    for (const char c : message) {
        const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : c;
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
    return line;
}

Session::Session(const Target& target, Purpose purpose)
    : dialect_(dialect_of(target.database)), time_limit_(target.time_limit) {
    try {
        dialect_.connect(session_, target, purpose);
        socket_ = dialect_.socket(session_);
    } catch (const soci::soci_error& error) {
        throw greylist::StoreUnavailable(one_line(error.what()));
    }
    const base::TimeLimit limit(target.time_limit, [this] { interrupt(); });
    visit([&] { beside_ = dialect_.settle(session_, target, purpose, patience_); });
}

Prepared& Session::prepared(const std::string& name, const std::function<Sql(const Dialect&)>& make) {
    const auto found = statements_.find(name);
    if (found != statements_.end()) return found->second;
    return statements_.try_emplace(name, dialect_, session_, make(dialect_)).first->second;
}

void Session::visit(const std::function<void()>& body) {
    patience_.start(time_limit_);
    for (int attempt = 0;; ++attempt) {
        try {
            return body();
        } catch (const soci::soci_error& error) {
            const bool again = dialect_.classify(error, session_) == Trouble::again && !patience_.over();
            roll_back();
            if (!again) throw greylist::StoreUnavailable(reason(error));
        }
        pause_before_retry(attempt);
    }
}

std::string Session::reason(const soci::soci_error& error) const {
    const std::string known = beside_ ? beside_->reason() : "";
    return known.empty() ? one_line(error.what()) : known;
}

void Session::transaction(const std::function<void()>& body) {
    enclosed(dialect_.begin(), body);
}

void Session::snapshot(const std::function<void()>& body) {
    enclosed("begin", body);
}

void Session::enclosed(const std::string& begin, const std::function<void()>& body) {
    visit([&] {
        word(begin);
        in_transaction_ = true;
        body();
        word("commit");
        in_transaction_ = false;
    });
}

void Session::word(const std::string& text) {
    prepared(text, [&](const Dialect&) { return Sql{text, {}, {}}; }).change();
}

void Session::roll_back() noexcept {
    if (!in_transaction_) return;
    in_transaction_ = false;
    try {
        session_ << "rollback";
    } catch (const std::exception&) {
        // The transaction is over anyway: SQLite and the servers roll back by themselves what broke.
    }
}

void Session::interrupt() noexcept {
    patience_.interrupted = true;
    if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

}  // namespace sqlgrey::store
