// One list from one source, ready for lookups.
//
// Which forms an entry may have depends on the list (forms_of()). Letter case matters only in the regular
// expressions of clients_fqdn_whitelist, as in SQLgrey 1.8:
//
//   clients  192.0.2.1, 192.0.2 (a /24), 192.0 (a /16), 10/8, 2001:db8::1, 2001:db8::/32
//            host.example.org, *.example.org (hosts below it, not itself), /regexp/ searched in the name
//            in clients_fqdn_whitelist example.org is that one host and networks have no place; in the other
//            lists it is the host and all below it
//            p0f_os:Linux*, p0f_link:DSL, p0f_distance:1? (but not in clients_fqdn_whitelist): what p0f says
//            about the client, with * for any text and ? for any character; matches nobody else
//   senders  user@example.org, @example.org or example.org (exactly that domain), .example.org (it and
//            all below it), <> (the empty sender), /regexp/ searched in the whole address
//   recipients  user@example.org, user@ (in any domain), both also as user+anything; @example.org
//            (exactly that domain), example.org (it and all below it), /regexp/ searched in the address
//
// '#' begins a comment. Inside a /regexp/ it is part of the expression, unless a blank precedes it or the
// expression has ended: `/a#b/` is an expression. SQLgrey 1.8 and postgrey cut at any '#', so they can have
// no such entry. A network with host bits set is masked, with a warning. If one network contains another, the
// wider one counts; of equal entries, the first.
//
// A blacklist rejects entries that would match nearly everybody: a network wider than an IPv4 /8 or an IPv6
// /16, a public suffix ("com", "*.co.uk"), an expression that is found in every name or address. Other lists
// accept them with a warning.
//
// A lookup costs a binary search in the networks, one hash for each label of a name, and one pass of all
// regular expressions together. Those that only PCRE2 accepts run one by one, each bounded (net::Pattern).
#pragma once

#include "sqlgrey/base/problem.hpp"
#include "sqlgrey/lists/list_name.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

using base::Problem;

struct LookupKeys;
struct Content;

// Immutable; several threads may use it at once. Shared, never copied.
class List {
  public:
    List(ListName name, std::string source, bool in_database, std::unique_ptr<const Content> content);
    ~List();
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    ListName name() const { return name_; }
    // The path of the file, or "database".
    const std::string& source() const { return source_; }
    bool in_database() const { return in_database_; }
    // The number of valid entries; duplicates count.
    std::size_t size() const;
    // True if an entry looks at what p0f says about a client.
    bool uses_p0f() const;
    // The line or row of an entry that matches the client, sender or recipient, depending on the list.
    std::optional<std::int64_t> find(const LookupKeys& keys) const;

  private:
    ListName name_;
    std::string source_;
    bool in_database_;
    std::unique_ptr<const Content> content_;
};

// Collects entries and their problems. It keeps the first 20 errors and 20 warnings and counts the others.
// For one thread.
class ListBuilder {
  public:
    // A list from a file of that path.
    ListBuilder(ListName name, std::string path);
    // A list from the database: the line number of add() is the id of the row.
    static ListBuilder of_rows(ListName name);
    ~ListBuilder();
    ListBuilder(ListBuilder&&) noexcept;

    // Adds a line of a file, or a row: an entry, perhaps followed by a comment. Blank lines and comments are
    // skipped. An entry that has none of the list's forms, or that would make a blacklist match nearly
    // everybody, is skipped and reported.
    void add(std::string_view text, std::int64_t line);

    struct Built {
        std::shared_ptr<const List> list;
        std::vector<Problem> problems;
    };
    // Call it once, at the end.
    Built build() &&;

  private:
    struct State;
    explicit ListBuilder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace sqlgrey::lists
