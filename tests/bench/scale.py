"""Throughput with full tables compared with small ones: each of the three tables has --rows rows.

Every row of from_awl belongs to a known mail of the load, so that the whole table is used; no mail needs the rows of
the two others. The tables are filled by SQL before the measurement.
"""

import contextlib
import time

from support import bench_report
from support.bench_databases import opened
from support.bench_servers import Running, SqlGrey
from support.bench_tables import fill_domains, fill_known, fill_waiting, with_tables

SECONDS = 3
ROUNDS = 3
# Seconds. Rows last seen more than a minute ago would be written again, and filling many takes longer than a minute, so
# last_seen is in the future. PostgreSQL's times have no zone: a future time may be taken for one in the hour that is
# repeated when summer time ends, and count as one hour less.
AHEAD = 3 * 3600


def add_options(parser):
    parser.add_argument("--rows", type=int, nargs="+", default=[10000, 1000000],
                        help="in each table, the first being what others are compared with (10000 1000000)")
    parser.add_argument("--connections", type=int, default=100, help="(100)")
    parser.add_argument("--workloads", nargs="+", default=["new", "awl", "mixed"])


def measure(options, tools, results):
    for name in options.databases:
        with contextlib.ExitStack() as running:
            # One server for each number of rows, so that rounds can be interleaved.
            bases = [(running.enter_context(opened(name, options)), rows) for rows in options.rows]
            for database, rows in bases:
                fill_all(database, rows, options, tools)
            for _ in range(options.rounds):
                for database, rows in bases:
                    one_round(database, rows, options, tools, results)


def fill_all(database, rows, options, tools):
    began = time.monotonic()

    def fill():
        fill_known(tools, database, rows, AHEAD)
        fill_waiting(tools, database, rows)
        fill_domains(tools, database, rows)
        database.settle()

    database.fresh()
    with_tables(options.daemon, database, fill)
    sizes = ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in database.sizes().items())
    print(f"{database.name}: {rows:,} rows in each table in {time.monotonic() - began:.0f} s; {sizes}", flush=True)


def one_round(database, rows, options, tools, results):
    with Running(SqlGrey(options.daemon, database, options.settings)) as server:
        for workload in options.workloads:
            seen = tools.ask(server, workload, options.connections, seconds=options.seconds, known=rows)
            results.add(seen, database=database.name, workload=workload, rows=rows)


def show(options, results):
    lines = []
    for row in results.rows():
        least = results.median("per_second", database=row["database"], workload=row["workload"], rows=options.rows[0])
        median = row["median"]
        lines.append([row["database"], row["workload"], row["rows"], median["per_second"], median["p50_ms"],
                      median["p99_ms"], bench_report.ratio(median["per_second"], least)])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s, {options.connections} connections\n"
            + bench_report.table(["database", "workload", "rows", "per second", "p50 ms", "p99 ms",
                                  f"of {options.rows[0]:,} rows"], lines))
