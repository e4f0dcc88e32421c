// All lists together: what they say of a client, a sender and a recipient.
//
// A Lists is a snapshot: immutable, so it may be asked by several threads at once, and pure: no clock, no
// file, no database.
#pragma once

#include "sqlgrey/lists/list.hpp"
#include "sqlgrey/policy/attempt.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::lists {

// Where an entry comes from. The text lives as long as the Lists that gave it.
struct EntryRef {
    ListName list;
    std::string_view source;  // the path of the file, or "database"
    long long line = 0;       // in the file, or the id of the row
    bool is_row = false;      // then hits are counted: LiveLists::hit(line)
};

enum class MatchKind { none, whitelisted, blacklisted };

struct Match {
    MatchKind kind = MatchKind::none;
    bool never_awl = false;      // if `none`: neither client nor sender may become auto-white-listed
    std::optional<EntryRef> by;  // the entry that decided `kind`, or, if that is `none`, never_awl
};

// A list as an attempt asks it, for people.
struct Asked {
    enum class Answer {
        empty,           // it has no entries
        no_entry,        // none that the attempt fits
        found,           // `by` decides, or forbids auto-white-listing
        not_verified,    // whitelist_senders_verified: the client's name is none of the sender's domain
        decided_earlier  // not asked: an earlier list has decided
    };
    ListName list;
    Answer answer;
    std::size_t entries = 0;     // of all its sources
    std::optional<EntryRef> by;  // of `found`
};

struct Options {
    // A sender is easily forged. With this an entry of whitelist_senders counts only if the client's verified
    // name is the domain of the sender's address or a host below it; so the empty sender never does.
    bool senders_need_name = false;
};

class Lists {
  public:
    Lists() = default;
    // Of lists with the same name the earlier one is asked first. Null pointers and empty lists are left out.
    explicit Lists(const std::vector<std::shared_ptr<const List>>& lists, Options options = {});
    // The same and these behind it.
    Lists with(const std::vector<std::shared_ptr<const List>>& more) const;

    // Asks in this order, and the first that knows a part of it decides: whitelist_recipients,
    // blacklist_clients, blacklist_senders, clients_ip_whitelist, clients_fqdn_whitelist, whitelist_clients,
    // whitelist_senders. Then never_whitelist_clients and never_whitelist_senders. About a microsecond,
    // whatever the lists hold, but for regular expressions: linear in the attempt.
    Match match(const policy::Attempt& attempt) const;

    // All lists in that order, and what each of them says; the first that is `found` is what match() gives.
    std::vector<Asked> explain(const policy::Attempt& attempt) const;

  private:
    void add(const std::vector<std::shared_ptr<const List>>& lists);
    const std::vector<std::shared_ptr<const List>>& sources(ListName name) const;
    std::optional<EntryRef> find(ListName name, const LookupKeys& keys) const;
    bool is_asked(ListName name, const LookupKeys& keys) const;

    std::array<std::vector<std::shared_ptr<const List>>, all_list_names.size()> lists_;
    Options options_;
};

// Files an admin names beside those in conf_dir, as postgrey's options --whitelist-clients and
// --whitelist-recipients do.
struct ExtraFiles {
    std::vector<std::string> whitelist_clients;
    std::vector<std::string> whitelist_recipients;
};

struct LoadedLists {
    std::shared_ptr<const Lists> lists;
    std::vector<Problem> problems;
};

// Reads the static files, those in conf_dir without ".local": done once in the master, before the fork, so
// that all workers share the memory. Survives anything a file may be or hold. A missing file is no problem
// unless we ship it (clients_ip_whitelist, clients_fqdn_whitelist: a warning) or it is one of `extra` (an
// error); one that cannot be read is an error. Those of check_file_names() are among the problems. Throws for
// lack of memory only.
LoadedLists load_lists(const std::string& conf_dir, const ExtraFiles& extra, Options options);

// What is wrong with the ".local" files as they are now; for --check-config.
std::vector<Problem> check_local_lists(const std::string& conf_dir);

// Files in conf_dir that look like lists and are none: with ".local" at the end, or a name that is nearly
// that of a list or of a file of expressions. Warnings; `extra` are read, whatever they are called.
std::vector<Problem> check_file_names(const std::string& conf_dir, const ExtraFiles& extra);

}  // namespace sqlgrey::lists
