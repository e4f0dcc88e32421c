// The table. A section's rows stand in the order in which they are read: a parameter whose default or
// meaning hangs on another one stands behind it (reject_early_reconnect, log_override, db_dsn).
#include "sqlgrey/config/parameters.hpp"

#include "rows.hpp"
#include "sqlgrey/config/dsn.hpp"

#include <array>

namespace sqlgrey::config {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

std::vector<Parameter> process_rows() {
    return {
        path_row({"conf_dir", "/etc/sqlgrey", "Directory of the whitelists and regular expression files."},
                 &Settings::conf_dir, false),
        text_row({"user", "sqlgrey", "User the daemon runs as once it has its sockets and its pid file."},
                 &Settings::user, false),
        text_row({"group", "sqlgrey", "Group the daemon runs as."}, &Settings::group, false),
        path_row({"pidfile", "/var/run/sqlgrey.pid",
                  "File that holds the process id while the daemon runs in the background."},
                 &Settings::pidfile, false),
        row({"workers", "0", "Processes that answer requests; 0 means one a processor core, at least two."},
            Type::number, "0 to 64",
            [](Settings& s, std::string_view v) {
                s.workers = static_cast<int>(read_number(v, {0, 64}));
            }),
    };
}

std::vector<Parameter> socket_rows() {
    Parameter mode = row({"unix_mode", "0666", "Permissions of the unix socket."}, Type::number,
                         "0000 to 0777", [](Settings& s, std::string_view v) { s.unix_mode = read_mode(v); });
    mode.unit = "octal";
    return {
        row({"inet", "2501",
             "TCP addresses to listen on: a port on localhost, host:port or [IPv6 address]:port, several "
             "with "
             "commas between; not used if only unix is set."},
            Type::list, "", [](Settings& s, std::string_view v) { s.inet = read_endpoints(v); }),
        path_row({"unix", "", "Path of a unix socket to listen on, besides inet if both are set."},
                 &Settings::unix_path),
        mode,
    };
}

std::vector<Parameter> log_rows() {
    return {
        row({"loglevel", "2",
             "How much is logged: 0 errors, 1 warnings, 2 normal, 3 verbose, 4 debug, the letter O nothing."},
            Type::number, "0 to 4 or O",
            [](Settings& s, std::string_view v) {
                s.loglevel = read_level(v);
                s.levels = log::Levels{s.loglevel};
            }),
        row({"log_override", "",
             "Levels of single categories, as in whitelist:1,grey:3; the letter O silences a category, 0 "
             "keeps its "
             "errors."},
            Type::list, "", [](Settings& s, std::string_view v) { s.levels = read_levels(s.levels, v); }),
        text_row({"log_ident", "", "Name in front of each log line; empty means the name of the program."},
                 &Settings::log_ident),
        row({"admin_mail", "postmaster",
             "Who gets a mail when the database goes away or comes back; empty means nobody."},
            Type::text, "",
            [](Settings& s, std::string_view v) {
                if (v.starts_with('-')) throw std::invalid_argument("expected a mail address or nothing");
                s.admin_mail = v;
            }),
        path_row({"sendmail", "/usr/sbin/sendmail", "The program that takes the mails to admin_mail."},
                 &Settings::sendmail, false),
    };
}

std::vector<Parameter> greylisting_rows() {
    return {
        seconds_row({"reconnect_delay", "5", "How long a sender has to wait before it may try again."}, "min",
                    days{7}, seconds{0}, &Settings::reconnect_delay),
        seconds_row({"max_connect_age", "24",
                     "How long a first attempt is remembered; a retry after that counts as a first attempt."},
                    "h", days{365}, seconds{1}, &Settings::max_connect_age),
        seconds_row({"awl_age", "60", "How long a sender stays auto-whitelisted after its last mail."}, "d",
                    days{3650}, seconds{1}, &Settings::awl_age),
        count_row(
            {"group_domain_level", "2",
             "Number of different senders of a domain after which the whole domain is auto-whitelisted; 0 "
             "means never."},
            {0, 1'000'000}, &Settings::group_domain_level),
        count_row(
            {"connect_src_throttle", "0",
             "Number of unanswered first attempts after which an unknown client is put off without being "
             "remembered; 0 means never."},
            {0, 1'000'000}, &Settings::connect_src_throttle),
        choice_row(
            {"greymethod", "smart",
             "What of a client's address counts: the class C network unless it looks like a dial-up "
             "(smart), all of it (full), or always the class C network (classc)."},
            &Settings::greymethod,
            {{"smart", GreyMethod::smart}, {"full", GreyMethod::full}, {"classc", GreyMethod::classc}}),
        choice_row({"optmethod", "none",
                    "Whose mail is greylisted: every recipient's (none), that of recipients who asked for it "
                    "(optin), or of all but those who asked not to (optout).",
                    "not in this version; every recipient is greylisted"},
                   &Settings::optmethod,
                   {{"none", OptMethod::none}, {"optin", OptMethod::optin}, {"optout", OptMethod::optout}}),
        flag_row(
            {"discrimination", "off", "Greylist only requests that a rule of discrimination.regexp matches.",
             "not in this version; every sender is greylisted"},
            &Settings::discrimination),
        flag_row({"discrimination_add_rulenr", "off",
                  "Put the number of the rule that matched behind the text of the reply.",
                  "not in this version; there are no discrimination rules to number"},
                 &Settings::discrimination_add_rulenr),
    };
}

std::vector<Parameter> reply_rows() {
    return {
        flag_row({"prepend", "1", "Add an X-Greylist header to mail that passes, telling why."},
                 &Settings::prepend),
        choice_row(
            {"reject_first_attempt", "delay",
             "How a first attempt is refused: after Postfix's other restrictions (delay) or at once with "
             "reject_code (immed)."},
            &Settings::reject_first_attempt, {{"delay", Reject::delay}, {"immed", Reject::immed}}),
        row({"reject_early_reconnect", "",
             "How a retry before reconnect_delay is refused; empty means as reject_first_attempt."},
            Type::choice, "delay, immed or empty",
            [](Settings& s, std::string_view v) {
                const std::string word = lower(trimmed(v));
                if (!word.empty() && word != "delay" && word != "immed") {
                    throw std::invalid_argument("expected delay, immed or nothing");
                }
                if (word.empty())
                    s.reject_early_reconnect = s.reject_first_attempt;
                else
                    s.reject_early_reconnect = word == "immed" ? Reject::immed : Reject::delay;
            }),
        row({"reject_code", "450",
             "Code or word of a reply that refuses at once; dunno lets all mail pass, to watch what would "
             "happen."},
            Type::text, "400 to 499, dunno, defer, defer_if_permit or defer_if_reject",
            [](Settings& s, std::string_view v) { s.reject_code = read_reject_code(v); }),
    };
}

std::vector<Parameter> where_rows() {
    return {
        choice_row({"db_type", "SQLite", "Kind of database."}, &Settings::db_type,
                   {{"SQLite", DbType::sqlite},
                    {"Pg", DbType::postgresql},
                    {"postgresql", DbType::postgresql},
                    {"postgres", DbType::postgresql},
                    {"mysql", DbType::mysql},
                    {"mariadb", DbType::mysql}}),
        text_row({"db_name", "sqlgrey",
                  "Name of the database; with SQLite its file, taken from the directory the daemon is "
                  "started in."},
                 &Settings::db_name, false),
        row({"db_host", "localhost",
             "Server of the database, or several with commas between, tried in turn: names, addresses, "
             "host:port, "
             "or the directory of a socket."},
            Type::list, "", [](Settings& s, std::string_view v) { s.db_hosts = read_db_hosts(v); }),
        row({"db_port", "default", "Port of the server; default means the usual one of the database."},
            Type::number, "1 to 65535 or default",
            [](Settings& s, std::string_view v) { s.db_port = read_db_port(v); }),
        text_row({"db_user", "sqlgrey", "User name at the server."}, &Settings::db_user),
        row({"db_pass", "", "Password at the server; a # cannot be part of it, see db_pass_file."},
            Type::secret, "", [](Settings& s, std::string_view v) { s.db_pass = v; }),
        row({"db_dsn", "",
             "Data source in DBI form or as a URI; wins over db_type, db_name, db_host and db_port, and in a "
             "URI over "
             "db_user and db_pass."},
            Type::dsn, "",
            [](Settings& s, std::string_view v) {
                if (v.empty()) return;
                Dsn dsn = read_dsn(v);
                s.db_type = dsn.type;
                s.db_hosts = std::move(dsn.hosts);
                s.db_port = dsn.port;
                if (dsn.name) s.db_name = std::move(*dsn.name);
                if (dsn.user) s.db_user = std::move(*dsn.user);
                if (dsn.pass) s.db_pass = std::move(*dsn.pass);
                s.db_options = std::move(dsn.options);
            }),
        path_row({"db_pass_file", "", "File whose first line is the password; wins over db_pass and db_dsn."},
                 &Settings::db_pass_file),
    };
}

std::vector<Parameter> work_rows() {
    constexpr TimeRange timeout{base::Milliseconds{100}, base::Milliseconds{60'000}};
    Parameter db_timeout = row(
        {"db_timeout", "2s", "How long a request may wait for the database before on_db_failure answers it."},
        Type::duration, shown_duration(timeout.least) + " to " + shown_duration(timeout.most),
        [=](Settings& s, std::string_view v) { s.db_timeout = read_duration(v, "s", timeout); });
    db_timeout.unit = "s";
    return {
        db_timeout,
        choice_row({"on_db_failure", "pass", "What becomes of mail while the database is out of reach."},
                   &Settings::on_db_failure, {{"pass", OnFailure::pass}, {"defer", OnFailure::defer}}),
        seconds_row({"db_cleandelay", "1800", "How often expired rows are deleted."}, "s", days{7},
                    seconds{1}, &Settings::db_cleandelay),
        row({"db_synchronous", "normal",
             "How hard SQLite makes each commit safe against a crash of the machine; full waits for the disk "
             "every "
             "time."},
            Type::choice, "off, normal or full",
            [](Settings& s, std::string_view v) {
                const std::string word = lower(trimmed(v));
                if (word != "off" && word != "normal" && word != "full") {
                    throw std::invalid_argument("expected off, normal or full");
                }
                s.db_synchronous = word;
            }),
        flag_row({"db_cluster", "off", "Look up in read_hosts and write to db_host."}, &Settings::db_cluster),
        row({"read_hosts", "",
             "Replicas of db_host that are asked first with db_cluster, written as in db_host."},
            Type::list, "", [](Settings& s, std::string_view v) { s.read_hosts = read_db_hosts(v); }),
    };
}

std::vector<Parameter> inert_rows() {
    return {
        inert_flag_row({"db_prepare_cache", "0", "Cache of prepared statements in SQLgrey 1.8.",
                        "statements are always kept prepared"}),
        row({"clean_method", "sync", "Where SQLgrey 1.8 deleted expired rows.",
             "cleaning always runs in a process of its own"},
            Type::choice, "sync or async",
            [](Settings&, std::string_view v) {
                const std::string word = lower(trimmed(v));
                if (word != "sync" && word != "async") throw std::invalid_argument("expected sync or async");
            }),
        row({"whitelists_host", "sqlgrey.bouton.name",
             "Where the update script of SQLgrey 1.8 found its lists.",
             "lists are not fetched by this version"},
            Type::text, "", [](Settings&, std::string_view) {}),
    };
}

std::vector<Parameter> all_rows() {
    struct Section {
        std::string_view heading;
        std::vector<Parameter> rows;
    };
    const std::array<Section, 8> sections{{{"Files and process", process_rows()},
                                           {"Sockets", socket_rows()},
                                           {"Log", log_rows()},
                                           {"Greylisting", greylisting_rows()},
                                           {"Replies", reply_rows()},
                                           {"Database", where_rows()},
                                           {"Database", work_rows()},
                                           {"Known for SQLgrey 1.8, without effect", inert_rows()}}};
    std::vector<Parameter> all;
    for (const Section& section : sections) {
        for (Parameter parameter : section.rows) {
            parameter.section = section.heading;
            all.push_back(std::move(parameter));
        }
    }
    return all;
}

}  // namespace

std::span<const Parameter> parameters() {
    static const std::vector<Parameter> table = all_rows();
    return table;
}

const Parameter* parameter(std::string_view name) {
    for (const Parameter& row : parameters()) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

}  // namespace sqlgrey::config
