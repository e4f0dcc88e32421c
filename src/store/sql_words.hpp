// Where the SQL of the three databases differs. Each statement is written once, in tables/, and takes what
// differs from here, as text made of names and parameters.
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
    // A parameter in seconds since 1970, as a timestamp column stores it.
    virtual std::string timestamp(const std::string& parameter) const = 0;
    // A timestamp column as log lines show it.
    virtual std::string shown(const std::string& column) const = 0;
    // The database's clock in seconds since 1970; empty if the caller's clock counts.
    virtual std::string now() const = 0;
    // "on conflict (<key>) do update set ", or the like.
    virtual std::string on_conflict(const std::string& key) const = 0;
    // In such an update, the value that would have been inserted.
    virtual std::string excluded(const std::string& column) const = 0;
    // "<column> matches <parameter>", where the parameter was made by pattern().
    virtual std::string matches(const std::string& column, const std::string& parameter) const = 0;
    // A deverped name as a pattern. A '#' put in by deverping matches any run of characters; everything else,
    // also a '#' of the sender's own, matches itself.
    virtual std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const = 0;
    // Begins a transaction that writes.
    virtual std::string begin() const { return "begin"; }
    // Sets how long statements of the current transaction wait for a lock. Empty on SQLite, whose busy
    // handler does it, and on MySQL, which cannot set so short a time.
    virtual std::string limit_lock_wait(base::Milliseconds) const { return {}; }
};

// pattern() for LIKE with '!' as its escape character.
std::string like_pattern(std::string_view deverped, mail::OwnHashes own_hashes);

}  // namespace sqlgrey::store
