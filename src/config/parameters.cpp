// The table. Rows of a section are in the order of reading: a parameter whose default or meaning depends on
// another comes after it (reject_early_reconnect, log_override, db_dsn).
#include "sqlgrey/config/parameters.hpp"

#include "rows.hpp"
#include "sections.hpp"

#include <array>

namespace sqlgrey::config {
namespace {

std::vector<Parameter> process_rows() {
    return {
        path_row({"conf_dir", "/etc/sqlgrey", "Directory of the whitelists and regular expression files."},
                 &Settings::conf_dir, false),
        at_restart(
            text_row({"user", "sqlgrey", "User the daemon runs as once it has its sockets and its pid file."},
                     &Settings::user, false),
            &Settings::user),
        at_restart(text_row({"group", "sqlgrey", "Group the daemon runs as."}, &Settings::group, false),
                   &Settings::group),
        at_restart(path_row({"pidfile", "/var/run/sqlgrey.pid",
                             "File with the process id while the daemon runs in the background."},
                            &Settings::pidfile, false),
                   &Settings::pidfile),
        row({"workers", "0", "Processes that answer requests; 0 means one per processor core, at least two."},
            Type::number, "0 to 64",
            [](Settings& s, std::string_view v) {
                s.workers = static_cast<int>(read_number(v, {0, 64}));
            }),
    };
}

std::vector<Parameter> socket_rows() {
    Parameter mode = row({"unix_mode", "0666", "Permissions of unix sockets."}, Type::number, "0000 to 0777",
                         [](Settings& s, std::string_view v) { s.unix_mode = read_mode(v); });
    mode.unit = "octal";
    return {
        at_restart(row({"inet", "2501",
                        "TCP addresses to listen on: a port on localhost, host:port or [IPv6 address]:port, "
                        "several separated by commas; not used if only unix is set."},
                       Type::list, "", [](Settings& s, std::string_view v) { s.inet = read_endpoints(v); }),
                   &Settings::inet),
        at_restart(path_row({"unix", "", "Path of a unix socket to listen on, besides inet if both are set."},
                            &Settings::unix_path),
                   &Settings::unix_path),
        at_restart(mode, &Settings::unix_mode),
        at_restart(row({"milter", "",
                        "Sockets for mail servers that use sqlgrey as a milter: inet:host:port or unix:path, "
                        "several separated by commas; empty means none."},
                       Type::list, "", [](Settings& s, std::string_view v) { s.milter = read_milters(v); }),
                   &Settings::milter),
        at_restart(
            row({"metrics_listen", "",
                 "Where metrics for Prometheus are shown: host:port or the path of a unix socket; "
                 "empty means nowhere."},
                Type::text, "", [](Settings& s, std::string_view v) { s.metrics_listen = read_place(v); }),
            &Settings::metrics_listen),
        flag_row({"exim", "off", "Close each connection after one reply, as Exim needs it."},
                 &Settings::exim),
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
             "leaves its errors."},
            Type::list, "", [](Settings& s, std::string_view v) { s.levels = read_levels(s.levels, v); }),
        text_row({"log_ident", "", "Name in front of each log line; empty means the name of the program."},
                 &Settings::log_ident),
        choice_row(
            {"log_format", "classic",
             "Form of the log: classic as SQLgrey 1.8 writes it, json one object a line, postgrey as "
             "postgrey writes its decisions."},
            &Settings::log_format,
            {{"classic", LogFormat::classic}, {"json", LogFormat::json}, {"postgrey", LogFormat::postgrey}}),
        flag_row({"log_queue_id", "off",
                  "Put Postfix's queue id in front of the lines about a mail, as soon as the mail has one."},
                 &Settings::log_queue_id),
        row({"admin_mail", "postmaster",
             "Address that gets a mail when the database becomes unavailable or available again; empty means "
             "none."},
            Type::text, "",
            [](Settings& s, std::string_view v) {
                if (v.starts_with('-')) throw std::invalid_argument("expected a mail address or nothing");
                s.admin_mail = v;
            }),
        path_row({"sendmail", "/usr/sbin/sendmail", "The program that sends mail to admin_mail."},
                 &Settings::sendmail, false),
    };
}

// Any value is accepted: a parameter without effect must not prevent the start.
std::vector<Parameter> inert_rows() {
    const Setter nothing = [](Settings&, std::string_view) {};
    return {
        row({"db_prepare_cache", "0", "Cache of prepared statements in SQLgrey 1.8.",
             "db_prepare says whether statements are prepared"},
            Type::text, "", nothing),
        row({"clean_method", "sync", "Where SQLgrey 1.8 deleted expired rows.",
             "cleaning always runs in a process of its own"},
            Type::text, "sync or async", nothing),
        row({"whitelists_host", "sqlgrey.bouton.name",
             "Where the update script of SQLgrey 1.8 found its lists.",
             "lists are not fetched by this version"},
            Type::text, "", nothing),
    };
}

std::vector<Parameter> all_rows() {
    struct Section {
        std::string_view heading;
        std::vector<Parameter> rows;
    };
    const std::array<Section, 11> sections{{{"Files and process", process_rows()},
                                            {"Sockets", socket_rows()},
                                            {"Log", log_rows()},
                                            {"Greylisting", greylisting_rows()},
                                            {"Facts about unknown clients", enrich_rows()},
                                            {"Tarpit", tarpit_rows()},
                                            {"Lists", list_rows()},
                                            {"Replies", reply_rows()},
                                            {"Database", connection_rows()},
                                            {"Database", database_rows()},
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

std::vector<std::string_view> changes_that_need_restart(const Settings& in_force, const Settings& wanted) {
    std::vector<std::string_view> names;
    for (const Parameter& row : parameters()) {
        if (row.needs_restart && row.needs_restart(in_force, wanted)) names.push_back(row.name);
    }
    return names;
}

const Parameter* parameter(std::string_view name) {
    for (const Parameter& row : parameters()) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

}  // namespace sqlgrey::config
