"""How often the database is asked: statements, transactions and packets for each request, as the database counts them.

Statements: PostgreSQL's pg_stat_statements (BEGIN and COMMIT too), MariaDB's status counters. Writes are transactions
that changed something: numbers given to them by PostgreSQL, trx_rw_commits of MariaDB's InnoDB. Packets sent to a
server are counted by the kernel for each connection (ss); what is sent before a reply is waited for is one. SQLite's
lookups and writes are counted with strace by the locks they take, its waits for the disk as syncs; this slows the
daemon down, so that its batches are larger than at full speed. Batches are as many as lookups of ours.
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
SECONDS = 0  # of no use here: a number of requests is asked
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
    """The first cleaning of a daemon, with the statements that open its session, would be counted too."""
    database.run("delete from config where parameter = 'last_dbclean'",
                 f"insert into config (parameter, value) values ('last_dbclean', '{int(time.time())}')")


def one_server(name, binary, database, options, tools, results):
    settings = options.settings if name == OURS else None
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
    """Counters of a server: what they are behind the load less what they were before. `with` makes the difference."""

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
        """Data segments that clients have sent on connections that are open; 0 without ss."""
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
        # Of the statements, the one that counts them is our own.
        return {"statements": now["Questions"] - self.status["Questions"] - 1,
                "look_ups": now["Com_select"] - self.status["Com_select"],
                "writes": int(self.database.value(self.WRITES)) - self.writes}


class OfSQLite:
    """By its locks on bytes of files. Ours has a WAL: of its index byte 120 is taken for writing, one of 123 to 127
    for reading. Perl's has a journal: of the file the second and the third byte from 2^30 on are taken."""

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
            # Each attempt to write reads first.
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
