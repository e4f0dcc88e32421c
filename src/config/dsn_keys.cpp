#include "dsn_keys.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace sqlgrey::config {
namespace {

// The keys of libpq 15 (PQconndefaults); a test compares them.
constexpr std::array<std::string_view, 31> of_postgresql{"service",
                                                         "passfile",
                                                         "channel_binding",
                                                         "connect_timeout",
                                                         "hostaddr",
                                                         "client_encoding",
                                                         "options",
                                                         "application_name",
                                                         "fallback_application_name",
                                                         "keepalives",
                                                         "keepalives_idle",
                                                         "keepalives_interval",
                                                         "keepalives_count",
                                                         "tcp_user_timeout",
                                                         "sslmode",
                                                         "sslcompression",
                                                         "sslcert",
                                                         "sslkey",
                                                         "sslpassword",
                                                         "sslrootcert",
                                                         "sslcrl",
                                                         "sslcrldir",
                                                         "sslsni",
                                                         "requirepeer",
                                                         "ssl_min_protocol_version",
                                                         "ssl_max_protocol_version",
                                                         "gssencmode",
                                                         "krbsrvname",
                                                         "gsslib",
                                                         "replication",
                                                         "target_session_attrs"};

constexpr std::array<std::string_view, 9> of_mysql{
    "mysql_socket", "unix_socket",           "mysql_ssl", "mysql_ssl_ca_file",
    "sslca",        "mysql_ssl_client_cert", "sslcert",   "mysql_ssl_client_key",
    "sslkey"};

// Keys of DBD::mysql that only tune the Perl driver.
constexpr std::array<std::string_view, 19> ignored_of_mysql{"mysql_enable_utf8",
                                                            "mysql_enable_utf8mb4",
                                                            "mysql_auto_reconnect",
                                                            "mysql_server_prepare",
                                                            "mysql_emulated_prepare",
                                                            "mysql_use_result",
                                                            "mysql_compression",
                                                            "mysql_connect_timeout",
                                                            "mysql_read_timeout",
                                                            "mysql_write_timeout",
                                                            "mysql_client_found_rows",
                                                            "mysql_bind_type_guessing",
                                                            "mysql_bind_comment_placeholders",
                                                            "mysql_no_autocommit_cmd",
                                                            "mysql_multi_statements",
                                                            "mysql_init_command",
                                                            "mysql_embedded_options",
                                                            "mysql_local_infile",
                                                            "mysql_ssl_optional"};

bool holds(std::span<const std::string_view> keys, std::string_view key) {
    return std::ranges::find(keys, key) != keys.end();
}

std::span<const std::string_view> keys_of(Database type) {
    if (type == Database::postgresql) return of_postgresql;
    if (type == Database::mysql) return of_mysql;
    return {};
}

}  // namespace

KeyUse use_of(Database type, std::string_view key) {
    if (holds(keys_of(type), key)) return KeyUse::option;
    const bool ignored =
        type == Database::sqlite || (type == Database::mysql && holds(ignored_of_mysql, key));
    return ignored ? KeyUse::ignored : KeyUse::unknown;
}

std::string known_keys(Database type) {
    if (type == Database::sqlite) return "dbname";
    std::string list = "dbname, host, port, user, password";
    for (const std::string_view key : keys_of(type)) list += ", " + std::string{key};
    return list;
}

bool is_secret_key(std::string_view key) {
    return base::ascii_lower(key).find("pass") != std::string::npos;
}

}  // namespace sqlgrey::config
