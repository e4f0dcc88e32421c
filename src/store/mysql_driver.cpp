// A session on MySQL or MariaDB, its settings and its errors.
//
// Text is latin1_bin in the session and varbinary in the tables, so bytes are stored and compared as they
// are, whatever an address holds and whatever character set a Perl SQLgrey uses. The session's time zone is
// UTC, where no hour comes twice; `timestamp` columns hold UTC anyway.
#include "driver.hpp"
#include "mysql_session.hpp"
#include "mysql_statement.hpp"
#include "sqlgrey/greylist/store.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>

#include <fcntl.h>
#include <soci/mysql/soci-mysql.h>

namespace sqlgrey::store {
namespace {

// A value of SOCI's connection string.
std::string quoted(const std::string& value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

// An option of the DSN, as DBD::mysql or SOCI calls it, for SOCI's connection string; empty if it needs
// nothing there.
std::string option_text(const std::string& name, const std::string& value) {
    static const std::map<std::string, std::string> words{{"mysql_ssl_ca_file", "sslca"},
                                                          {"mysql_ssl_client_cert", "sslcert"},
                                                          {"mysql_socket", "unix_socket"},
                                                          {"sslca", "sslca"},
                                                          {"sslcert", "sslcert"},
                                                          {"mysql_ssl_client_key", "sslkey"},
                                                          {"sslkey", "sslkey"},
                                                          {"unix_socket", "unix_socket"}};
    if (const auto word = words.find(name); word != words.end())
        return " " + word->second + "=" + quoted(value);
    return {};  // mysql_ssl: the CA turns TLS on; without one, mysql_ssl has been refused
}

// MySQL's limits are in whole seconds, 1 at least.
std::int64_t whole_seconds(base::Milliseconds limit) {
    return std::chrono::ceil<base::Seconds>(limit).count();
}

std::string connect_string(const Target& target, const Host& host, Purpose purpose) {
    std::string text = "db=" + quoted(target.name) + " user=" + quoted(target.user);
    if (!target.password.empty()) text += " password=" + quoted(target.password);
    const bool is_socket = host.name.starts_with('/');
    if (!host.name.empty()) text += (is_socket ? " unix_socket=" : " host=") + quoted(host.name);
    if (host.port) text += " port=" + std::to_string(host.port);
    const std::string limit =
        std::to_string(purpose == Purpose::migrations ? 3600 : whole_seconds(target.time_limit) + 1);
    // For the names above; configure_session() sets the character set of everything else.
    text += " charset=utf8mb4 connect_timeout=2 read_timeout=" + limit + " write_timeout=" + limit;
    for (const auto& [name, value] : target.options) text += option_text(name, value);
    return text;
}

std::map<unsigned, ErrorClass> classes_of_numbers() {
    std::map<unsigned, ErrorClass> classes;
    const auto add = [&classes](ErrorClass error, std::initializer_list<unsigned> numbers) {
        for (const unsigned number : numbers) classes[number] = error;
    };
    // Deadlock (also Galera's certification conflict, which COMMIT may report); a duplicate key means that
    // another session has inserted the row meanwhile.
    add(ErrorClass::retryable, {1213, 1062, 1020});
    add(ErrorClass::locked, {1205, 3572});
    add(ErrorClass::access,
        {1044, 1045, 1049, 1130, 1142, 1143, 1227, 1251, 1275, 1370, 1396, 1524, 1698, 1862});
    add(ErrorClass::schema, {1054, 1051, 1109, 1136, 1146, 1048, 1364, 1072, 1176});
    add(ErrorClass::damaged, {1034, 1035, 1194, 1195, 1712, 1877});
    add(ErrorClass::full, {1021, 1114, 1041, 1037});
    // Too many connections, shutdown, read-only, a node without its cluster, connection lost, a time limit.
    add(ErrorClass::unavailable, {1040, 1053, 1047, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1180,
                                  1203, 1226, 1290, 1317, 1792, 1836, 1927, 1969, 3024, 3100, 4031});
    return classes;
}

class MysqlDriver final : public Driver {
  public:
    using Driver::Driver;

    void connect(const Target& target, Purpose purpose) override {
        static const MysqlFactory factory;
        const Host host = target.hosts.empty() ? Host{} : target.hosts.front();
        session_.open(factory, connect_string(target, host, purpose));
        ours().prepares = target.preparing != Preparing::never;
    }
    void configure_session(const Target&, Purpose purpose, Deadline&) override {
        // The client library must know it, too, to quote values in statements that are not prepared.
        if (mysql_set_character_set(connection(), "latin1") != 0)
            throw soci::mysql_soci_error(mysql_error(connection()),
                                         static_cast<int>(mysql_errno(connection())));
        session_ << "set names latin1 collate latin1_bin";
        session_ << "set time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";
        session_ << "set session transaction isolation level read committed";
        if (purpose == Purpose::migrations) return;
        // Whole seconds are too long, so MariaDB does not wait at all, and Session::visit() tries again.
        // MySQL's least is 1 s.
        const std::string limit = is_mariadb() ? "0" : "1";
        session_ << "set innodb_lock_wait_timeout = " << limit << ", lock_wait_timeout = " << limit;
    }
    // Statements without parameters are not prepared, because some versions cannot prepare "begin". A server
    // that has reached max_prepared_stmt_count, or a proxy that cannot prepare, still accepts a text.
    std::unique_ptr<Statement> prepare(const std::string& text, Values& parameters,
                                       Values& columns) override {
        if (parameters.empty() || !ours().prepares) return Driver::prepare(text, parameters, columns);
        try {
            return mysql_statement(connection(), text, parameters, columns);
        } catch (const soci::mysql_soci_error& error) {
            const ErrorClass refused = classify(error);
            if (refused == ErrorClass::schema || refused == ErrorClass::access) throw;
            return Driver::prepare(text, parameters, columns);
        }
    }
    base::unique_fd socket() override {
        return base::unique_fd{::fcntl(mysql_get_socket(connection()), F_DUPFD_CLOEXEC, 0)};
    }
    // By the error numbers of the server and the client library.
    ErrorClass classify(const soci::soci_error& error) override {
        const auto* native = dynamic_cast<const soci::mysql_soci_error*>(&error);
        if (!native) return ErrorClass::unavailable;
        static const std::map<unsigned, ErrorClass> classes = classes_of_numbers();
        const auto found = classes.find(native->err_num_);
        if (found != classes.end()) return found->second;
        // Errors of a storage engine or a file. Their text has the system's error number: 28 is ENOSPC.
        if (native->err_num_ == 1030 || native->err_num_ == 3 || native->err_num_ == 1026)
            return std::string_view{error.what()}.find("28") != std::string_view::npos
                       ? ErrorClass::full
                       : ErrorClass::unavailable;
        const bool from_client = native->err_num_ >= 2000 && native->err_num_ < 3000;
        return from_client ? ErrorClass::unavailable : ErrorClass::statement;
    }

    void lock_schema() override {
        int got = 0;
        session_ << "select coalesce(get_lock('sqlgrey_schema', 60), 0)", soci::into(got);
        if (got != 1)
            throw greylist::StoreUnavailable("another sqlgrey has been migrating the schema for a minute");
    }
    void unlock_schema() override {
        int released = 0;
        session_ << "select coalesce(release_lock('sqlgrey_schema'), 0)", soci::into(released);
    }
    bool schema_is_transactional() const override { return false; }

  private:
    MysqlSession& ours() { return *static_cast<MysqlSession*>(session_.get_backend()); }
    MYSQL* connection() { return ours().soci->conn_; }
    bool is_mariadb() {
        const std::string_view version = mysql_get_server_info(connection());
        return version.find("MariaDB") != std::string_view::npos;
    }
};

}  // namespace

std::unique_ptr<Driver> mysql_driver(soci::session& session) {
    return std::make_unique<MysqlDriver>(session);
}

}  // namespace sqlgrey::store
