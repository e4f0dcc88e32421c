// All lists together: what they decide about a client, a sender and a recipient.
//
// A Lists is a snapshot: immutable, so several threads may use it at once, and pure: it needs no clock, file
// or database.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/lists/list.hpp"
#include "sqlgrey/policy/attempt.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

// Where an entry was written. `source` lives as long as the Lists that returned it.
struct EntryRef {
    ListName list;
    std::string_view source;  // the path of the file, or "database"
    std::int64_t line = 0;    // in the file, or the id of the row
    bool is_row = false;      // its hits are counted: LiveLists::hit(line)
};

enum class MatchKind { none, whitelisted, blacklisted };

struct Match {
    MatchKind kind = MatchKind::none;
    bool never_awl = false;      // with `none`: client and sender are never auto-whitelisted
    std::optional<EntryRef> by;  // the entry that decided `kind` or, with `none`, never_awl
};

// A list as an attempt asks it, for people.
struct Asked {
    enum class Answer {
        empty,           // it has no entries
        no_entry,        // none that the attempt fits
        found,           // `by` decides, or forbids auto-whitelisting
        not_verified,    // whitelist_senders_verified: the client's name is none of the sender's domain
        decided_earlier  // not asked: an earlier list has decided
    };
    ListName list;
    Answer answer;
    std::size_t entries = 0;     // of all its sources
    std::optional<EntryRef> by;  // of `found`
};

struct Options {
    // Anybody can forge a sender. With this, an entry of whitelist_senders counts only if the client's
    // verified name is the sender's domain or a host below it, so an entry for the empty sender never counts.
    bool senders_need_name = false;
};

class Lists {
  public:
    Lists() = default;
    // Among lists of the same name the earlier one is searched first. Null pointers and empty lists are
    // ignored.
    explicit Lists(const std::vector<std::shared_ptr<const List>>& lists, Options options = {});
    // These lists, followed by `more`.
    Lists with(const std::vector<std::shared_ptr<const List>>& more) const;

    // Searches in this order, and the first list that has a matching entry decides: whitelist_recipients,
    // blacklist_clients, blacklist_senders, clients_ip_whitelist, clients_fqdn_whitelist, whitelist_clients,
    // whitelist_senders. Then never_whitelist_clients and never_whitelist_senders. Takes about a microsecond,
    // however large the lists are; regular expressions take time linear in the length of the attempt.
    Match match(const policy::Attempt& attempt) const;

    // All lists in that order, and what each of them says; the first that is `found` is what match() gives.
    std::vector<Asked> explain(const policy::Attempt& attempt) const;

    // True if an entry looks at what p0f says about a client (policy::Attempt::p0f).
    bool uses_p0f() const { return uses_p0f_; }

    // How many entries a list has, in all its files and rows.
    std::size_t entries(ListName name) const;

  private:
    void add(const std::vector<std::shared_ptr<const List>>& lists);
    const std::vector<std::shared_ptr<const List>>& sources(ListName name) const;
    std::optional<EntryRef> find(ListName name, const LookupKeys& keys) const;
    bool is_asked(ListName name, const LookupKeys& keys) const;

    std::array<std::vector<std::shared_ptr<const List>>, all_list_names.size()> lists_;
    Options options_;
    bool uses_p0f_ = false;
};

// Further files that settings name, like postgrey's options --whitelist-clients and --whitelist-recipients.
struct ExtraFiles {
    std::vector<std::string> whitelist_clients;
    std::vector<std::string> whitelist_recipients;
};

struct LoadedLists {
    std::shared_ptr<const Lists> lists;
    std::vector<Problem> problems;
};

// Reads the static files: `extra`, and those in conf_dir without ".local". The master calls it once, before
// it forks, so that all workers share the memory. No file, whatever it is or holds, makes it fail. A missing
// file is a warning if we ship it (clients_ip_whitelist, clients_fqdn_whitelist), an error if it is one of
// `extra`, and otherwise no problem; a file that cannot be read is an error. The result includes the problems
// of check_file_names(). Throws only if memory runs out.
LoadedLists load_lists(const std::string& conf_dir, const ExtraFiles& extra, Options options);

// When the file of the list in conf_dir or its ".local" file was last changed, whichever is later; nothing if
// there is none.
std::optional<base::Time> newest_file(const std::string& conf_dir, ListName list);

// The problems of the ".local" files as they are now; for --check-config.
std::vector<Problem> check_local_lists(const std::string& conf_dir);

// Warns of files in conf_dir that look like lists but are not: those that end in ".local", or whose name is
// nearly that of a list or of a file of expressions. Files in `extra` may have any name.
std::vector<Problem> check_file_names(const std::string& conf_dir, const ExtraFiles& extra);

}  // namespace sqlgrey::lists
