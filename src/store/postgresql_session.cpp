#include "postgresql_session.hpp"

#include "percent.hpp"
#include "sqlgrey/base/time_limit.hpp"
#include "sqlgrey/greylist/store.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <stdexcept>
#include <utility>
#include <vector>

#include <soci/postgresql/soci-postgresql.h>
#include <sys/socket.h>

namespace sqlgrey::store {
namespace {

constexpr int highest_pid = 1 << 22;  // Linux, proc(5); the number that a pooler makes up has 32 bits

std::string connect_string(const Target& target) {
    std::string hosts, ports;
    for (const Host& host : target.hosts) {
        const std::string separator = &host == &target.hosts.front() ? "" : ",";
        hosts += separator + host.name;
        ports += separator + (host.port ? std::to_string(host.port) : "");
    }
    // A standby accepts connections, but cannot be written to.
    const std::string attributes = target.read_only ? "any" : "read-write";
    std::vector<std::pair<std::string, std::string>> pairs{{"dbname", target.name},
                                                           {"user", target.user},
                                                           {"host", hosts},
                                                           {"port", ports},
                                                           {"target_session_attrs", attributes},
                                                           {"connect_timeout", "2"},
                                                           {"client_encoding", "UTF8"},
                                                           {"keepalives_idle", "5"},
                                                           {"keepalives_interval", "2"},
                                                           {"keepalives_count", "3"},
                                                           {"tcp_user_timeout", "10000"},
                                                           {"application_name", "sqlgrey"}};
    if (!target.password.empty()) pairs.emplace_back("password", target.password);
    pairs.insert(pairs.end(), target.options.begin(), target.options.end());
    std::string text = "postgresql://";
    for (const auto& [name, value] : pairs)
        text += (text.ends_with('/') ? '?' : '&') + percent_encoded(name) + '=' + percent_encoded(value);
    return text;
}

std::string server_of(const PGconn* connection) {
    const char* port = PQport(connection);
    return std::string{PQhost(connection)} + ", port " + (port ? port : "");
}

// What to do about a message of PgBouncer, which at most names a parameter.
std::string advice(std::string_view message) {
    struct Advice {
        std::string_view words, text;
    };
    constexpr std::array<Advice, 4> known{
        {{"statement pooling mode",
          "; the pooler's pool_mode = statement cannot be used: set it to transaction or session"},
         {"query_wait_timeout",
          "; the pooler has no server connection free: raise its pool_size, or set pool_mode = transaction"},
         {"max_client_conn", "; raise max_client_conn of the pooler"},
         {"unsupported startup parameter", "; name it in ignore_startup_parameters of the pooler"}}};
    for (const Advice& one : known)
        if (message.find(one.words) != std::string_view::npos) return std::string{one.text};
    return {};
}

[[noreturn]] void cannot_connect(const PGconn* connection) {
    std::string message = PQerrorMessage(connection);
    const std::string more = advice(message);
    if (!more.empty()) message = message.substr(0, message.find('\n')) + more;
    throw soci::soci_error("Cannot establish connection to the database.\n" + message);
}

// The login was accepted and no answer follows: most likely a pooler that has no server connection for us.
std::string silence(const PGconn* connection, base::Milliseconds waited) {
    const int pid = PQbackendPID(connection);
    const std::string text = server_of(connection) + ": the login was accepted, but no answer came within " +
                             std::to_string(waited.count()) + " ms (db_timeout)";
    if (pid > 0 && pid <= highest_pid) return text;
    return text +
           "; this is a connection pooler that has no server connection free: in session mode each worker "
           "needs up to two and the cleaning one, so raise its pool_size, or set pool_mode = transaction";
}

// Asks the server for its process number. A pooler has given us a made-up one at the login (PQbackendPID). If
// there is a pooler, also checks that it allows transactions.
bool finds_pooler(PGconn* connection, base::Milliseconds time_limit) {
    std::atomic<bool> too_late = false;
    const base::TimeLimit limit(time_limit, [&too_late, socket = PQsocket(connection)] {
        too_late = true;
        ::shutdown(socket, SHUT_RDWR);
    });
    const auto ask = [&](const char* text) {
        PostgresqlResult result{PQexec(connection, text)};
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return result;
        if (too_late) throw greylist::StoreUnavailable(silence(connection, time_limit));
        cannot_connect(connection);
    };
    const PostgresqlResult pid = ask("select pg_backend_pid()");
    if (std::to_string(PQbackendPID(connection)) == PQgetvalue(pid.get(), 0, 0)) return false;
    ask("begin");
    ask("rollback");
    return true;
}

bool shall_prepare(Preparing preparing, bool pooled) {
    if (preparing == Preparing::automatic) return !pooled;
    return preparing == Preparing::always;
}

[[noreturn]] void not_here(const char* what) {
    throw std::logic_error(std::string{what} + " are not for SOCI's statements on PostgreSQL");
}

class Text;

// A column of the first row.
class IntoColumn final : public soci::details::standard_into_type_backend {
  public:
    explicit IntoColumn(const Text& text) : text_(text) {}
    void define_by_pos(int& position, void* data, soci::details::exchange_type type) override {
        column_ = position++ - 1;
        data_ = data;
        type_ = type;
    }
    void pre_fetch() override {}
    void post_fetch(bool got_data, bool called_from_fetch, soci::indicator* indicator) override;
    void clean_up() override {}

  private:
    template <typename Number>
    void read_number(std::string_view value) {
        std::from_chars(value.data(), value.data() + value.size(), *static_cast<Number*>(data_));
    }

    const Text& text_;
    int column_ = 0;
    void* data_ = nullptr;
    soci::details::exchange_type type_{};
};

class Text final : public soci::details::statement_backend {
  public:
    explicit Text(PostgresqlSession& session) : session_(session) {}
    const PGresult* result() const { return result_.get(); }

    void alloc() override {}
    void clean_up() override {}
    void prepare(const std::string& query, soci::details::statement_type) override { query_ = query; }
    exec_fetch_result execute(int) override {
        result_ = session_.run(query_);
        return PQntuples(result_.get()) > 0 ? ef_success : ef_no_data;
    }
    exec_fetch_result fetch(int) override { return ef_no_data; }
    long long get_affected_rows() override { not_here("counts of rows"); }
    int get_number_of_rows() override { return PQntuples(result_.get()); }
    std::string get_parameter_name(int) const override { not_here("parameters"); }
    std::string rewrite_for_procedure_call(const std::string&) override { not_here("procedures"); }
    int prepare_for_describe() override { not_here("rows of any shape"); }
    void describe_column(int, soci::data_type&, std::string&) override { not_here("rows of any shape"); }
    IntoColumn* make_into_type_backend() override { return new IntoColumn(*this); }
    soci::details::standard_use_type_backend* make_use_type_backend() override { not_here("parameters"); }
    soci::details::vector_into_type_backend* make_vector_into_type_backend() override { not_here("vectors"); }
    soci::details::vector_use_type_backend* make_vector_use_type_backend() override { not_here("vectors"); }

  private:
    PostgresqlSession& session_;
    std::string query_;
    PostgresqlResult result_;
};

void IntoColumn::post_fetch(bool got_data, bool, soci::indicator* indicator) {
    if (!got_data) return;
    const bool is_null = PQgetisnull(text_.result(), 0, column_) != 0;
    if (is_null && !indicator) throw soci::soci_error("Null value fetched and no indicator defined.");
    if (indicator) *indicator = is_null ? soci::i_null : soci::i_ok;
    const std::string_view value = PQgetvalue(text_.result(), 0, column_);
    if (type_ == soci::details::x_stdstring)
        *static_cast<std::string*>(data_) = value;
    else if (type_ == soci::details::x_integer)
        read_number<int>(value);
    else if (type_ == soci::details::x_long_long)
        read_number<long long>(value);
    else
        not_here("columns of other types");
}

struct Factory final : soci::backend_factory {
    soci::details::session_backend* make_session(
        const soci::connection_parameters& parameters) const override {
        return new PostgresqlSession(parameters.get_connect_string());
    }
};

// A prepared statement exists already, or does not exist: the server connection has changed.
bool is_of_pooler(std::string_view state) {
    return state == "42P05" || state == "26000";
}

}  // namespace

PostgresqlSession::PostgresqlSession(const std::string& connect_string)
    : connection(PQconnectdb(connect_string.c_str())) {
    if (PQstatus(connection.get()) != CONNECTION_OK) cannot_connect(connection.get());
    // By default the library writes notices to standard error, and waits for its reader.
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
}

bool PostgresqlSession::is_connected() {
    const PostgresqlResult result{PQexec(connection.get(), "")};
    return PQstatus(connection.get()) == CONNECTION_OK;
}

PostgresqlResult PostgresqlSession::run(const std::string& text) {
    PostgresqlResult result{PQexec(connection.get(), text.c_str())};
    check(connection.get(), result.get());
    return result;
}

soci::details::statement_backend* PostgresqlSession::make_statement_backend() {
    return new Text(*this);
}
soci::details::rowid_backend* PostgresqlSession::make_rowid_backend() {
    not_here("row identifiers");
}
soci::details::blob_backend* PostgresqlSession::make_blob_backend() {
    not_here("large objects");
}

void connect_postgresql(soci::session& session, const Target& target) {
    static const Factory factory;
    session.open(factory, connect_string(target));
    PostgresqlSession& ours = postgresql_session(session);
    ours.pooled = finds_pooler(ours.connection.get(), target.time_limit);
    ours.prepares = shall_prepare(target.preparing, ours.pooled);
}

PostgresqlSession& postgresql_session(soci::session& session) {
    return *static_cast<PostgresqlSession*>(session.get_backend());
}

void check(const PGconn* connection, const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
    const char* told = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string state = told ? told : "     ";  // SOCI wants five characters
    std::string message = PQresultErrorMessage(result);
    if (message.empty()) message = PQerrorMessage(connection);
    std::string more = advice(message);
    if (is_of_pooler(state))
        more = "; a connection pooler gives its connections to several clients: set db_prepare = auto or off";
    if (!more.empty()) message = message.substr(0, message.find('\n')) + more;
    throw soci::postgresql_soci_error(message, state.c_str());
}

}  // namespace sqlgrey::store
