// The settings in force, typed. The table of parameters (config/parameters.hpp), which fills this struct, has
// the meaning, unit, default and range of each.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sqlgrey::config {

using base::Database;
using base::GreyMethod;
using base::LogFormat;
using base::OptMethod;
using base::Preparing;

// Parameter on_db_failure.
enum class OnFailure { pass, defer };
// Parameters reject_first_attempt and reject_early_reconnect.
enum class Reject { delay, immed };

// Parameter dnswl_pass.
enum class DnswlPass { off, none, low, medium, high };

// Parameter tarpit_when.
enum class TarpitWhen { dynamic, suspicious, all };

// A DNS list of the parameters dnswl and dnsbl: codes that count, and what they are worth. A zone may have
// several entries.
struct DnsListEntry {
    struct Codes {  // IPv4 addresses as numbers
        std::uint32_t first, last;
        bool operator==(const Codes&) const = default;
    };
    std::string zone;            // in lower case
    std::vector<Codes> codes;    // empty: those that are known of the list
    std::optional<int> worth{};  // of dnsbl the weight; of dnswl the trust, 0 (none) to 3 (high)
    bool operator==(const DnsListEntry&) const = default;
};

struct Settings {
    // files and process
    std::string conf_dir;
    std::string user;
    std::string group;
    std::string pidfile;
    std::vector<std::string> inet;  // each "host:port", "[v6]:port" or "port" (localhost); empty: none
    std::string unix_path;          // empty: none
    unsigned unix_mode = 0;
    std::vector<std::string> milter;  // each "inet:" and an address as in inet, or "unix:" and a path
    std::string metrics_listen;       // an address as in inet, or the path of a Unix socket; empty: none
    bool exim = false;
    int workers = 0;  // 0: one per core, at least 2

    // log
    int loglevel = 0;    // -1: silent
    log::Levels levels;  // loglevel and log_override together
    std::string log_ident;
    LogFormat log_format = LogFormat::classic;
    bool log_queue_id = false;
    std::string admin_mail;  // empty: no mail
    std::string sendmail;

    // greylisting
    base::Seconds reconnect_delay{};
    std::int64_t retry_count = 1;
    base::Seconds max_connect_age{};
    std::int64_t connect_src_throttle = 0;
    base::Seconds awl_age{};
    std::int64_t group_domain_level = 0;
    std::int64_t auto_whitelist_clients = 0;  // 0: never
    GreyMethod greymethod = GreyMethod::smart;
    std::int64_t ipv4_prefix = 0;
    std::int64_t ipv6_prefix = 0;
    bool pools = false;
    std::int64_t pool_crowd = 0;             // 0: never
    std::int64_t pool_unproven_retries = 0;  // 0: never
    std::string public_suffix_list;          // empty: the system's
    bool message_coherence = false;
    bool training = false;
    OptMethod optmethod = OptMethod::none;
    bool discrimination = false;
    bool discrimination_add_rulenr = false;

    // facts about unknown clients
    bool enrich = false;
    std::vector<std::string> dns_servers;  // each as dns::parse_server() reads it; empty: resolv.conf's
    base::Milliseconds dns_timeout{};
    std::vector<DnsListEntry> dnswl;
    std::vector<DnsListEntry> dnsbl;
    std::string p0f_socket;  // empty: p0f is not asked
    std::int64_t dnsbl_threshold = 0;
    DnswlPass dnswl_pass = DnswlPass::off;
    base::Seconds dnsbl_delay{};  // 0: none
    bool spf_identity = false;
    base::Seconds spf_fail_delay{};           // 0: none
    base::Milliseconds first_contact_wait{};  // 0: none

    // tarpit
    base::Seconds tarpit{};  // 0: none
    TarpitWhen tarpit_when = TarpitWhen::dynamic;
    std::int64_t tarpit_clients = 0;
    bool targrey = false;

    // lists
    std::vector<std::string> whitelist_clients;     // absolute paths
    std::vector<std::string> whitelist_recipients;  // absolute paths
    bool whitelist_senders_verified = false;
    bool lists_in_database = false;

    // replies
    bool prepend = false;
    Reject reject_first_attempt = Reject::delay;
    Reject reject_early_reconnect = Reject::delay;  // unset: as reject_first_attempt
    std::string reject_code;
    std::string greylist_text;  // with %s, %m, %r and %%; empty: our text
    bool reply_id = false;
    std::string blacklist_reply;
    std::string x_greylist_header;  // "Name: text", %t, %v, %d, %h, %w and %% in it; empty: "X-Greylist: %w"
    std::string hostname;           // empty: the machine's

    // database
    Database db_type = Database::sqlite;
    std::string db_name;  // SQLite: an absolute path
    // Host names, addresses, or a socket directory or file (begins with '/'). An entry may have a port:
    // "host:port", "[v6]:port"; read_db_host() (config/dsn.hpp) separates the two. Empty: db_dsn names no
    // host, so the client library's default applies.
    std::vector<std::string> db_hosts;
    int db_port = 0;  // for entries without one; 0: the database's default
    std::string db_user;
    std::string db_pass;                                          // after reading db_dsn and db_pass_file
    std::string db_pass_file;                                     // empty: none
    std::vector<std::pair<std::string, std::string>> db_options;  // other keys of the DSN, passed through
    Preparing db_prepare = Preparing::automatic;
    std::string sqlite_synchronous;  // SQLite: off, normal, full
    base::Milliseconds db_timeout{};
    OnFailure on_db_failure = OnFailure::pass;
    base::Seconds db_cleandelay{};
    base::Seconds stats_interval{};  // 0: no daily statistics
    base::Seconds stats_age{};
    bool db_cluster = false;
    std::vector<std::string> read_hosts;  // as db_hosts
    std::string privacy_key_file;         // empty: none
    std::string privacy_key;              // the first line of that file; empty: nothing is hashed

    bool operator==(const Settings&) const = default;
};

}  // namespace sqlgrey::config
