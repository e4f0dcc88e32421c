// The bare database: N sessions that do the least a greylister must do for each mail. That is one lookup in
// the three tables and, for a new mail, one row and its commit. With --rows R a session takes R mails at a
// time: one lookup of R keys, one statement with the new rows, one commit.
//
// The tables must exist; any sqlgrey makes them. Each session has a thread, prepared statements that it
// keeps, and the settings of sqlgrey's sessions. Prints mails per second and the latency of a turn (R mails).
#include "command_line.hpp"
#include "latencies.hpp"
#include "workload.hpp"

#include <atomic>
#include <barrier>
#include <deque>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace {

using namespace sqlgrey::bench;

struct Options {
    std::string database;
    std::string target;
    std::string synchronous = "normal";
    std::string workload = "new";
    int sessions = 1;
    std::size_t rows = 1;
    double seconds = 0;
    std::uint64_t requests = 0;
    std::uint64_t seed = 1;
    std::uint64_t known = 10000;
    bool insert_only = false;
    bool json = false;
};

// Waits for SQLite's one writer. SQLite's own handler pauses for up to 100 ms, which no server would do.
int wait_for_lock(void*, int) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::this_thread::sleep_for(std::chrono::microseconds{50 + random() % 600});
    return 1;
}

void open(soci::session& session, const Options& options) {
    if (options.database == "sqlite") {
        session.open(soci::sqlite3, options.target);
        auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
        sqlite_api::sqlite3_busy_handler(backend->conn_, wait_for_lock, nullptr);
        session << "pragma journal_mode = wal";
        session << "pragma synchronous = " << options.synchronous;
    } else if (options.database == "postgresql") {
        session.open(soci::postgresql, options.target);
        // Otherwise each lookup is planned again, which costs more than running it, and a lookup of many keys
        // in large tables gets parallel workers, which cost even more.
        for (const char* setting :
             {"plan_cache_mode = force_generic_plan", "enable_seqscan = off", "enable_hashjoin = off",
              "enable_mergejoin = off", "jit = off", "max_parallel_workers_per_gather = 0"})
            session << "set " << setting;
    } else if (options.database == "mysql") {
        session.open(soci::mysql, options.target);
        session << "set names latin1 collate latin1_bin";
        session << "set session transaction isolation level read committed";
    } else {
        throw std::invalid_argument("--database is sqlite, postgresql or mysql, not '" + options.database +
                                    "'");
    }
}

// A prepared statement for `rows` mails, with the buffers of its parameters.
class Statement {
  public:
    Statement(soci::session& session, const std::string& text, std::size_t values, std::size_t columns)
        : values_(values), columns_(columns), nulls_(columns), statement_(session) {
        statement_.alloc();
        for (std::size_t i = 0; i < columns; ++i) statement_.exchange(soci::into(columns_[i], nulls_[i]));
        for (std::string& value : values_) statement_.exchange(soci::use(value));
        statement_.prepare(text);
        statement_.define_and_bind();
    }

    std::string& value(std::size_t i) { return values_[i]; }
    void change() { statement_.execute(true); }
    // Reads all rows and returns their number.
    std::size_t query() {
        statement_.execute(false);
        std::size_t count = 0;
        while (statement_.fetch()) ++count;
        return count;
    }

  private:
    std::deque<std::string> values_;
    std::deque<std::string> columns_;
    std::deque<soci::indicator> nulls_;
    soci::statement statement_;
};

std::string parameters(std::size_t first, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i ? ", :p" : ":p") + std::to_string(first + i);
    return text;
}

std::string look_up_text(std::size_t rows) {
    std::string text = "with k (n, src, sender_domain, sender_name, rcpt) as (";
    for (std::size_t row = 0; row < rows; ++row)
        text +=
            (row ? " union all select " : "select ") + std::to_string(row) + ", " + parameters(4 * row, 4);
    return text +
           ") select k.n, d.last_seen, f.last_seen, c.first_seen from k "
           "left join domain_awl d on d.src = k.src and d.sender_domain = k.sender_domain "
           "left join from_awl f on f.src = k.src and f.sender_domain = k.sender_domain"
           " and f.sender_name = k.sender_name "
           "left join connect c on c.src = k.src and c.sender_domain = k.sender_domain"
           " and c.sender_name = k.sender_name and c.rcpt = k.rcpt";
}

std::string insert_text(const std::string& database, std::size_t rows) {
    const std::string now = database == "sqlite" ? "strftime('%s', 'now')" : "now()";
    std::string text = "insert into connect (src, sender_domain, sender_name, rcpt, first_seen) values ";
    for (std::size_t row = 0; row < rows; ++row)
        text += (row ? ", (" : "(") + parameters(4 * row, 4) + ", " + now + ")";
    return text;
}

// One session and its mails.
class Greylister {
  public:
    Greylister(const Options& options, std::uint64_t number)
        : options_(options), work_(options.workload, options.seed * 100000 + number, options.known) {
        open(session_, options);
    }

    void turn() {
        std::vector<Mail> all;
        std::vector<Mail> fresh;
        for (std::size_t i = 0; i < options_.rows; ++i) {
            Turn next = work_.next();
            if (next.is_new) fresh.push_back(next.mail);
            all.push_back(std::move(next.mail));
        }
        if (!options_.insert_only && fill(look_ups_, all, true).query() != all.size())
            throw std::runtime_error("a lookup gave another number of rows than it was asked for");
        if (!fresh.empty()) fill(inserts_, fresh, false).change();
    }

  private:
    using Statements = std::map<std::size_t, std::unique_ptr<Statement>>;

    // The statement for that number of mails, prepared when first needed, with their values.
    Statement& fill(Statements& kept, const std::vector<Mail>& mails, bool look_up) {
        std::unique_ptr<Statement>& place = kept[mails.size()];
        if (!place) {
            const std::string text =
                look_up ? look_up_text(mails.size()) : insert_text(options_.database, mails.size());
            place = std::make_unique<Statement>(session_, text, 4 * mails.size(), look_up ? 4 : 0);
        }
        std::size_t i = 0;
        for (const Mail& mail : mails)
            for (const std::string* part : {&mail.address, &mail.domain, &mail.name, &mail.recipient})
                place->value(i++) = *part;
        return *place;
    }

    const Options& options_;
    Workload work_;
    soci::session session_;
    Statements look_ups_;  // declared after the session, so destroyed before it
    Statements inserts_;
};

struct Outcome {
    Latencies latencies;
    double elapsed = 0;
};

// Opens all sessions before the first turn. An error in one ends all.
class Run {
  public:
    explicit Run(const Options& options)
        : options_(options),
          parts_(static_cast<std::size_t>(options.sessions)),
          ready_(options.sessions + 1) {}

    Outcome run() {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < parts_.size(); ++i) threads.emplace_back([this, i] { work(i); });
        ready_.arrive_and_wait();
        start_ = std::chrono::steady_clock::now();
        go_ = true;
        go_.notify_all();
        for (std::jthread& thread : threads) thread.join();
        if (error_) std::rethrow_exception(error_);
        Outcome outcome;
        outcome.elapsed = seconds_since(start_);
        for (const Latencies& part : parts_) outcome.latencies.add(part);
        return outcome;
    }

  private:
    bool wants_more() {
        if (failed_) return false;
        if (options_.requests > 0 && asked_.fetch_add(options_.rows) >= options_.requests) return false;
        return options_.seconds <= 0 || seconds_since(start_) < options_.seconds;
    }

    void work(std::size_t number) {
        std::unique_ptr<Greylister> greylister;
        try {
            const std::lock_guard one_at_a_time(opening_);  // MySQL's client library needs it for the first
            greylister = std::make_unique<Greylister>(options_, number);
        } catch (...) {
            fail();
        }
        ready_.arrive_and_wait();
        go_.wait(false);
        try {
            while (greylister && wants_more()) {
                const SteadyTime began = std::chrono::steady_clock::now();
                greylister->turn();
                parts_[number].add(seconds_since(began));
            }
        } catch (...) {
            fail();
        }
    }

    void fail() {
        if (!failed_.exchange(true)) error_ = std::current_exception();
    }

    const Options& options_;
    std::vector<Latencies> parts_;
    std::mutex opening_;
    std::barrier<> ready_;
    SteadyTime start_;
    std::atomic<bool> go_ = false;
    std::atomic<bool> failed_ = false;
    std::atomic<std::uint64_t> asked_ = 0;
    std::exception_ptr error_;
};

void print(Outcome outcome, const Options& options) {
    const std::size_t mails = outcome.latencies.count() * options.rows;
    std::printf(
        options.json ? "{\"requests\": %zu, \"seconds\": %.3f, \"per_second\": %.1f, \"sessions\": %d, "
                       "\"rows\": %zu, "
                     : "%zu mails in %.3f s: %.1f per second; %d sessions, %zu mails a turn\n",
        mails, outcome.elapsed, static_cast<double>(mails) / outcome.elapsed, options.sessions, options.rows);
    outcome.latencies.print(options.json);
    if (options.json) std::printf("}\n");
}

Options parse(int argc, char** argv) {
    namespace po = boost::program_options;
    Options options;
    po::options_description description("bare_database: what the database does without a greylister");
    description.add_options()("help,h", "this text")("database", po::value(&options.database),
                                                     "sqlite, postgresql or mysql")(
        "target", po::value(&options.target), "SOCI's connection string")(
        "synchronous", po::value(&options.synchronous), "SQLite: off, normal or full (normal)")(
        "workload", po::value(&options.workload), "new, awl, mixed or dictionary")(
        "sessions", po::value(&options.sessions), "at the same time (1)")(
        "rows", po::value(&options.rows), "mails a turn (1)")("seconds", po::value(&options.seconds),
                                                              "how long")(
        "requests", po::value(&options.requests), "how many mails")("seed", po::value(&options.seed),
                                                                    "same seed, same mails (1)")(
        "known", po::value(&options.known), "mails the auto-whitelist knows (10000)")(
        "insert-only", po::bool_switch(&options.insert_only), "no lookup before the row of a new mail")(
        "json", po::bool_switch(&options.json), "one JSON object");
    sqlgrey::bench::parse(argc, argv, description);
    if (options.seconds <= 0 && options.requests == 0)
        throw std::invalid_argument("give --seconds or --requests");
    if (options.sessions < 1 || options.rows < 1 || options.known < 1)
        throw std::invalid_argument("--sessions, --rows and --known are at least 1");
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Options options = parse(argc, argv);
        print(Run(options).run(), options);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "bare_database: " << error.what() << '\n';
        return 1;
    }
}
