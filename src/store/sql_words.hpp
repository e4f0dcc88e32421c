// The words in which the SQL of the three databases differs. Statements exist once, in tables/; each word is
// a function of names and parameters and gives text.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/mail/address.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::store {

class SqlWords {
  public:
    virtual ~SqlWords() = default;

    // A timestamp column as whole seconds since 1970.
    virtual std::string seconds(const std::string& column) const = 0;
    // The same of a column whose time may lie ahead, as an end does.
    virtual std::string seconds_ahead(const std::string& column) const { return seconds(column); }
    // Seconds since 1970 (a parameter) as the column holds it.
    virtual std::string timestamp(const std::string& parameter) const = 0;
    // The column as log lines show it.
    virtual std::string shown(const std::string& column) const = 0;
    // The database's clock in seconds since 1970; empty: the caller's clock rules.
    virtual std::string now() const = 0;
    // "on conflict (<key>) do update set ", or the like.
    virtual std::string on_conflict(const std::string& key) const = 0;
    // In such an update: the value that was to be inserted.
    virtual std::string excluded(const std::string& column) const = 0;
    // "<column> matches <parameter>", where the parameter was made by pattern().
    virtual std::string matches(const std::string& column, const std::string& parameter) const = 0;
    // A deverped name as pattern: a '#' that is not the sender's own is any run of characters, all else is
    // itself.
    virtual std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const = 0;
    // Opens a transaction that writes.
    virtual std::string begin() const { return "begin"; }
    // How long a statement waits for a lock, for the transaction that has just begun; empty: as the session's
    // Deadline says, or the server cannot be told so finely.
    virtual std::string limit_lock_wait(base::Milliseconds) const { return {}; }
};

// pattern() for LIKE with '!' as its escape character.
std::string like_pattern(std::string_view deverped, mail::OwnHashes own_hashes);

}  // namespace sqlgrey::store
