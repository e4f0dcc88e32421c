"""Throughput and latency of ours, Perl sqlgrey, postgrey, a server that only replies dunno, and the bare database.

Workloads: `new` (every mail is new and makes a row), `awl` (every sender is known), `mixed` (of ten mails, seven are
known, two new, one an early retry). The bare database does the same work without a greylister. `one by one`: a session
per connection, each with one mail per commit (`new`: only its row). `64 at a time`: a session per core, each with 64
mails per commit.
"""

import contextlib
import os
import time

from support import bench_report
from support.bench_databases import opened
from support.bench_servers import OURS, POSTGREY, Dunno, Postgrey, Running, binaries
from support.bench_tables import fill_known, greylister, with_tables

SECONDS = 3
ROUNDS = 3
WORKLOADS = ("new", "awl", "mixed")
NO_DATABASE = "-"
EACH = "bare, one by one"
MANY = "bare, 64 at a time"
BARE = {EACH: 1, MANY: 64}


def add_options(parser):
    parser.add_argument("--connections", type=int, default=100, help="to the policy server (100)")
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))


def measure(options, tools, results):
    with contextlib.ExitStack() as running:
        dunno = running.enter_context(Running(Dunno(tools.directory)))
        postgrey = running.enter_context(Running(Postgrey())) if os.path.exists(POSTGREY) else None
        if postgrey:
            teach(postgrey, options, tools)
        databases = [running.enter_context(opened(name, options)) for name in options.databases]
        for _ in range(options.rounds):
            without_database({"dunno": dunno, "postgrey": postgrey}, options, tools, results)
            for database in databases:
                with_database(database, options, tools, results)


def teach(postgrey, options, tools):
    """postgrey knows only mail that it has seen twice, with its delay of one second in between."""
    for pause in (2, 0):
        tools.ask(postgrey, "fill", options.connections, requests=options.known, known=options.known)
        time.sleep(pause)


def without_database(servers, options, tools, results):
    for workload in options.workloads:
        for name, server in servers.items():
            if server:
                seen = tools.ask(server, workload, options.connections, seconds=options.seconds, known=options.known)
                results.add(seen, database=NO_DATABASE, workload=workload, server=name)


def with_database(database, options, tools, results):
    def fill():
        fill_known(tools, database, options.known)

    for name, binary in binaries(options).items():
        with greylister(binary, database, options.settings if name == OURS else None, fill) as server:
            for workload in options.workloads:
                seen = tools.ask(server, workload, options.connections, seconds=options.seconds, known=options.known)
                results.add(seen, database=database.name, workload=workload, server=name)
    database.fresh()
    with_tables(binaries(options)[OURS], database, fill)
    for workload in options.workloads:
        for name, rows in BARE.items():
            results.add(bare(database, workload, rows, options, tools),
                        database=database.name, workload=workload, server=name)


def bare(database, workload, rows, options, tools):
    sessions = options.connections if rows == 1 else max(2, os.cpu_count())
    only = ["--insert-only"] if workload == "new" else []
    return tools.bare(database, workload, sessions, "--rows", rows, *only, seconds=options.seconds,
                      known=options.known)


def show(options, results):
    lines = []
    for workload in options.workloads:
        for row in results.rows():
            if row["workload"] != workload:
                continue
            ours = results.median("per_second", database=row["database"], workload=workload, server=OURS)
            median = row["median"]
            lines.append([workload, row["database"], row["server"], median["per_second"], median["p50_ms"],
                          median["p99_ms"], median["max_ms"], as_many(ours, median["per_second"], row["server"])])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s, {options.connections} connections\n"
            + bench_report.table(["workload", "database", "server", "per second", "p50 ms", "p99 ms", "max ms",
                                  "ours is"], lines)
            + "\n" + beside_all(options, results))


def as_many(ours, other, server):
    return "" if ours is None or server == OURS else bench_report.ratio(ours, other) + "x"


def beside_all(options, results):
    """Ours on each database, compared with servers that use none of these databases."""
    lines = []
    for workload in options.workloads:
        for database in options.databases:
            ours = results.median("per_second", database=database, workload=workload, server=OURS)
            ratios = [bench_report.ratio(ours, results.median("per_second", workload=workload, server=other)) + "x"
                      for other in ("postgrey", "dunno")]
            lines.append([workload, database, *ratios])
    return bench_report.table(["workload", "ours on", "of postgrey", "of dunno"], lines)
