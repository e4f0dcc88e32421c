// The rows of the table about the database and its connections.
#include "rows.hpp"
#include "sections.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/dsn.hpp"

namespace sqlgrey::config {

using std::chrono::days;
using std::chrono::seconds;

std::vector<Parameter> connection_rows() {
    return {
        choice_row({"db_type", "SQLite", "Kind of database."}, &Settings::db_type,
                   {{"SQLite", Database::sqlite},
                    {"Pg", Database::postgresql},
                    {"postgresql", Database::postgresql},
                    {"postgres", Database::postgresql},
                    {"mysql", Database::mysql},
                    {"mariadb", Database::mysql}}),
        text_row({"db_name", "sqlgrey",
                  "Name of the database; with SQLite its file, relative to the directory in which the daemon "
                  "is started."},
                 &Settings::db_name, false),
        row({"db_host", "localhost",
             "Server of the database, or several separated by commas, tried in turn: names, addresses, "
             "host:port, "
             "or the directory of a socket."},
            Type::list, "", [](Settings& s, std::string_view v) { s.db_hosts = read_db_hosts(v); }),
        row({"db_port", "default", "Port of the server; default means the usual one of the database."},
            Type::number, "1 to 65535 or default",
            [](Settings& s, std::string_view v) { s.db_port = read_db_port(v); }),
        text_row({"db_user", "sqlgrey", "User name on the server."}, &Settings::db_user),
        row({"db_pass", "", "Password on the server; a # with a blank in front of it starts a comment."},
            Type::secret, "", [](Settings& s, std::string_view v) { s.db_pass = v; }),
        row({"db_dsn", "",
             "Data source in DBI form or as a URI; overrides db_type, db_name, db_host and db_port, and as a "
             "URI db_user and db_pass."},
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
        path_row({"db_pass_file", "", "File whose first line is the password; overrides db_pass and db_dsn."},
                 &Settings::db_pass_file),
    };
}

std::vector<Parameter> database_rows() {
    constexpr TimeRange timeout{base::Milliseconds{100}, base::Milliseconds{60'000}};
    Parameter db_timeout = row(
        {"db_timeout", "2s", "How long a request may wait for the database before on_db_failure answers it."},
        Type::duration, shown_duration(timeout.least) + " to " + shown_duration(timeout.most),
        [=](Settings& s, std::string_view v) { s.db_timeout = read_duration(v, "s", timeout); });
    db_timeout.unit = "s";
    return {
        db_timeout,
        choice_row({"on_db_failure", "pass", "What happens to mail while the database is unavailable."},
                   &Settings::on_db_failure, {{"pass", OnFailure::pass}, {"defer", OnFailure::defer}}),
        seconds_row({"db_cleandelay", "1800", "How often expired rows are deleted."}, "s", days{7},
                    seconds{1}, &Settings::db_cleandelay),
        seconds_row({"stats_interval", "5m", "How often the daily statistics are written; 0 means never."},
                    "s", days{1}, seconds{0}, &Settings::stats_interval),
        seconds_row({"stats_age", "400", "How long the daily statistics are kept."}, "d", days{3650}, days{1},
                    &Settings::stats_age),
        choice_row({"db_prepare", "auto",
                    "Whether the server prepares statements once, which is faster, or parses them every "
                    "time; auto prepares them unless PostgreSQL is behind a connection pooler."},
                   &Settings::db_prepare,
                   {{"auto", Preparing::automatic},
                    {"on", Preparing::always},
                    {"off", Preparing::never},
                    {"1", Preparing::always},
                    {"0", Preparing::never}}),
        row({"sqlite_synchronous", "normal",
             "How safe SQLite makes each commit against a crash of the machine; full waits for the disk "
             "every time."},
            Type::choice, "off, normal or full",
            [](Settings& s, std::string_view v) {
                const std::string word = base::ascii_lower(base::trimmed(v));
                if (word != "off" && word != "normal" && word != "full") {
                    throw std::invalid_argument("expected off, normal or full");
                }
                s.sqlite_synchronous = word;
            }),
        flag_row({"db_cluster", "off", "Look up in read_hosts and write to db_host."}, &Settings::db_cluster),
        row({"read_hosts", "",
             "Replicas of db_host, written in the same form, that are asked first if db_cluster is on."},
            Type::list, "", [](Settings& s, std::string_view v) { s.read_hosts = read_db_hosts(v); }),
        path_row({"privacy_key_file", "",
                  "File whose first line is a key: senders, recipients and clients are then stored as hashes "
                  "made with it; empty means unchanged."},
                 &Settings::privacy_key_file),
    };
}

}  // namespace sqlgrey::config
