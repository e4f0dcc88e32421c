// One list from one source: entries as text, ready to be asked.
//
// What an entry may be depends on the list (forms_of()); letter case never matters but in the regular
// expressions of clients_fqdn_whitelist, as in SQLgrey 1.8:
//
//   clients  192.0.2.1, 192.0.2 (a /24), 192.0 (a /16), 10/8, 2001:db8::1, 2001:db8::/32
//            host.example.org, *.example.org (hosts below it, not itself), /regexp/ searched in the name
//            in clients_fqdn_whitelist example.org is that one host and networks have no place; in the other
//            lists it is the host and all below it
//   senders  user@example.org, @example.org or example.org (exactly that domain), .example.org (it and all
//   below
//            it), <> (the empty sender), /regexp/ searched in the whole address
//   recipients  user@example.org, user@ (in any domain), both also as user+anything; @example.org (exactly
//   that
//            domain), example.org (it and all below it), /regexp/ searched in the whole address
//
// '#' begins a comment. Within a /regexp/ it belongs to the expression unless a blank stands before it or the
// expression has ended, so `/a#b/` is an expression; SQLgrey 1.8 and postgrey, which cut at any '#', can have
// no such entry. A network with host bits set is masked, with a warning. Of networks within each other the
// wider one counts, of equal entries the first.
//
// What nearly everybody fits is no entry of a blacklist: a network wider than an IPv4 /8 or an IPv6 /16, a
// public suffix ("com", "*.co.uk"), an expression that is found in every name or address. Elsewhere it
// counts, with a warning.
//
// A look-up costs a binary search in the networks, one hash per label of a name, and one pass of all regular
// expressions together, except those that only PCRE2 takes: these run one by one, each bounded
// (net::Pattern).
#pragma once

#include "sqlgrey/base/problem.hpp"
#include "sqlgrey/lists/list_name.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

using base::Problem;

struct LookupKeys;
struct Content;

// Immutable; may be asked by several threads at once. Shared, never copied.
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
    // How many entries were taken, equal ones counted each.
    std::size_t size() const;
    // The line or row of an entry that the client, sender or recipient (whatever the list is about) fits.
    std::optional<long long> find(const LookupKeys& keys) const;

  private:
    ListName name_;
    std::string source_;
    bool in_database_;
    std::unique_ptr<const Content> content_;
};

// Takes entries and tells what is wrong with them. Not more than the first 20 errors and 20 warnings are
// kept, the others counted. Used by one thread.
class ListBuilder {
  public:
    // A list from a file of that path.
    ListBuilder(ListName name, std::string path);
    // A list from the database: what add() calls a line is the id of a row.
    static ListBuilder of_rows(ListName name);
    ~ListBuilder();
    ListBuilder(ListBuilder&&) noexcept;

    // Takes a line of a file, or a row: an entry, perhaps with a comment behind it; blank lines and comments
    // are skipped, and so is, with a problem, what fits none of the list's forms or, in a blacklist, what
    // nearly everybody fits.
    void add(std::string_view text, long long line);

    struct Built {
        std::shared_ptr<const List> list;
        std::vector<Problem> problems;
    };
    // Once, at the end.
    Built build() &&;

  private:
    struct State;
    explicit ListBuilder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace sqlgrey::lists
