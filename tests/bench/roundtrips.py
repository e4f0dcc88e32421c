"""How often the database is asked: statements, transactions and packets per request, as the database counts them.

Statements: PostgreSQL's pg_stat_statements (with BEGIN and COMMIT), MariaDB's status counters. Writes are transactions
that changed something: PostgreSQL's transaction ids, trx_rw_commits of MariaDB's InnoDB. The kernel counts the packets
sent on each connection to a server (ss); everything sent before waiting for a reply is one packet. SQLite's lookups and
writes are counted with strace, by the locks they take, and its waits for the disk as syncs; strace slows the daemon
down, so its batches are larger than at full speed. One lookup of ours is one batch.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time

from support import bench_report
from support.bench_databases import opened
from support.bench_servers import OURS, binaries
from support.daemon import end
from support.bench_tables import fill_known, greylister
from support.daemon import wait_until

RETRY = "retry"
SECONDS = 0  # unused: the load is a number of requests
ROUNDS = 1
EXTRA = {"PostgreSQL": ["shared_preload_libraries='pg_stat_statements'", "pg_stat_statements.track_utility=on"]}


def add_options(parser):
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 100], help="(1 100)")
    parser.add_argument("--workloads", nargs="+", default=["new", "awl", "mixed", RETRY],
                        help=f"(new awl mixed {RETRY}); {RETRY}: every mail comes again after an hour, and passes")
    parser.add_argument("--requests", type=int, default=5000, help="of each measurement (5000)")
    parser.add_argument("--perl", action="store_true", help="Perl sqlgrey too, with a tenth of the requests")


def measure(options, tools, results):
    for name in options.databases:
        with opened(name, options, EXTRA.get(name, ())) as database:
            for server_name, binary in binaries(options).items():
                if server_name == OURS or options.perl:
                    one_server(server_name, binary, database, options, tools, results)


def no_cleaning_now(database):
    """As if cleaned just now: the first cleaning, and opening a session for it, must not be counted."""
    database.run("delete from config where parameter = 'last_dbclean'",
                 f"insert into config (parameter, value) values ('last_dbclean', '{int(time.time())}')")


def one_server(name, binary, database, options, tools, results):
    # The daily statistics open a session of their own at the start, which is not a request's.
    settings = {"stats_interval": "0", **options.settings} if name == OURS else None
    requests = options.requests if name == OURS else max(1, options.requests // 10)

    def count(server, workload, connections, asked, known):
        with COUNTERS[database.kind](database, server) as counter:
            seen = tools.ask(server, asked, connections, requests=requests, known=known)
        counts = {"requests": seen["requests"], **counter.counts}
        results.add(counts, database=database.name, server=name, workload=workload, connections=connections)

    def fill():
        fill_known(tools, database, options.known)
        no_cleaning_now(database)

    with greylister(binary, database, settings, fill) as server:
        for connections in options.connections:
            for workload in options.workloads:
                if workload != RETRY:
                    count(server, workload, connections, workload, options.known)
    if RETRY not in options.workloads:
        return
    for connections in options.connections:
        with greylister(binary, database, settings, lambda: no_cleaning_now(database)) as server:
            tools.ask(server, "fill", 1, requests=requests, known=requests)
            database.run(f"update connect set first_seen = '{database.now(-3600)}'")
            count(server, RETRY, connections, "fill", requests)


class OnServer:
    """Counters of a server. As a context manager, gives the increase between its start and its end."""

    def __init__(self, database, server):
        self.database = database
        self.counts = {}

    def __enter__(self):
        self.before = self.packets()
        self.begin()
        return self

    def __exit__(self, *_):
        packets = self.packets() - self.before
        self.counts = {"packets": packets} if packets > 0 else {}
        self.counts.update(self.read())

    def packets(self):
        """Data segments sent by clients on the connections now open; 0 without ss."""
        if not shutil.which("ss"):
            return 0
        port = self.database.server.port
        done = subprocess.run(["ss", "-tinH", "dst", f"127.0.0.1:{port}"], capture_output=True, text=True, check=False,
                              timeout=30)
        return sum(int(number) for number in re.findall(r"\bdata_segs_out:(\d+)", done.stdout))


class OfPostgreSQL(OnServer):
    def begin(self):
        self.database.run("create extension if not exists pg_stat_statements", "select pg_stat_statements_reset()")
        self.transactions = self.numbers()

    def numbers(self):
        return int(self.database.value("select pg_snapshot_xmax(pg_current_snapshot())"))

    def read(self):
        writes = self.numbers() - self.transactions
        calls = "select coalesce(sum(calls), 0) from pg_stat_statements where query !~ 'pg_s'"
        return {"statements": int(self.database.value(calls)), "writes": writes,
                "look_ups": int(self.database.value(calls + r" and query ~* '^\s*(with|select)\y'"))}


class OfMariaDB(OnServer):
    WRITES = "select count from information_schema.innodb_metrics where name = 'trx_rw_commits'"

    def begin(self):
        self.database.run("set global innodb_monitor_enable = 'trx_rw_commits'")
        self.writes = int(self.database.value(self.WRITES))
        self.status = self.counters()

    def counters(self):
        lines = self.database.value("show global status where Variable_name in ('Questions', 'Com_select')")
        return {name: int(value) for name, value in (line.split("\t") for line in lines.splitlines())}

    def read(self):
        now = self.counters()
        # One of the statements is the query that counts them.
        return {"statements": now["Questions"] - self.status["Questions"] - 1,
                "look_ups": now["Com_select"] - self.status["Com_select"],
                "writes": int(self.database.value(self.WRITES)) - self.writes}


class OfSQLite:
    """Counts locks on bytes of SQLite's files. With a WAL (ours), a write locks byte 120 of its index, a read one of
    bytes 123 to 127. With a rollback journal (Perl), a write locks byte 2^30 + 1 of the database file, a read byte
    2^30 + 2."""

    WRITE = re.compile(r"l_type=F_WRLCK, .*l_start=(120|1073741825),")
    READ = re.compile(r"l_type=F_RDLCK, .*l_start=(12[3-7]|1073741826),")

    def __init__(self, database, server):
        self.server = server
        self.counts = {}

    def __enter__(self):
        self.strace = None
        if not shutil.which("strace"):
            return self
        self.directory = tempfile.mkdtemp(prefix="sqlgrey-bench-")
        self.path = os.path.join(self.directory, "calls")
        attach = [word for pid in self.server.pids() for word in ("-p", str(pid))]
        self.log = os.path.join(self.directory, "said")
        with open(self.log, "wb") as log:
            self.strace = subprocess.Popen(["strace", "-f", "-o", self.path, "-e", "trace=fcntl,fdatasync,fsync",
                                            *attach], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(lambda: self.said().count("attached") >= len(self.server.pids()), lambda: f"strace: {self.said()}")
        return self

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def __exit__(self, *_):
        if not self.strace:
            return
        end(self.strace)
        with open(self.path, encoding="utf-8", errors="replace") as file:
            self.counts = locks_in(file)
        shutil.rmtree(self.directory, ignore_errors=True)


def locks_in(lines):
    counts = {"look_ups": 0, "writes": 0, "syncs": 0}
    for line in lines:
        if "sync(" in line:
            counts["syncs"] += 1
        elif OfSQLite.WRITE.search(line):
            # Each attempt to write begins with a read.
            counts["look_ups"] -= 1
            counts["writes"] += "EAGAIN" not in line
        elif OfSQLite.READ.search(line):
            counts["look_ups"] += 1
    return counts


COUNTERS = {"postgresql": OfPostgreSQL, "mysql": OfMariaDB, "sqlite": OfSQLite}
FIGURES = ("statements", "packets", "look_ups", "writes", "syncs")


def show(options, results):
    lines = []
    for row in results.rows():
        median = row["median"]
        batches = median.get("look_ups") if row["server"] == OURS else None
        by_batch = [median[name] / batches if batches and name in median else None
                    for name in ("requests", "statements", "packets")]
        by_request = [f"{median[name] / median['requests']:.3f}" if name in median else None for name in FIGURES]
        lines.append([row["database"], row["server"], row["workload"], row["connections"], *by_batch, *by_request])
    return ("for each batch: requests, statements, packets | for each request: statements and so on\n"
            + bench_report.table(["database", "server", "workload", "connections", "requests/b", "statements/b",
                                  "packets/b", "| statements/r", "packets/r", "lookups/r", "writes/r", "syncs/r"],
                                 lines))
