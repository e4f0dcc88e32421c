"""p99 latency while very many rows expire at once, compared with the usual p99; and how large SQLite's files become.

When cleaning falls due, connect has --rows expired rows, spread over the seconds of a day. The load runs in slices,
some before cleaning and the others during it, and p99 is taken of each. The sizes of SQLite's file and WAL are watched
all the time.
"""

import statistics
import threading
import time

from support import bench_report
from support.bench_databases import opened
from support.bench_tables import fill_known, fill_waiting, greylister

SECONDS = 2
ROUNDS = 5  # slices before cleaning; during it there are as many as fit
EXPIRED = -2 * 86400  # age of the youngest row in seconds; max_connect_age is a day


def add_options(parser):
    parser.add_argument("--rows", type=int, default=200000, help="that expire (200000)")
    parser.add_argument("--connections", type=int, default=100, help="(100)")
    parser.add_argument("--workload", default="mixed", help="(mixed)")
    parser.add_argument("--limit", type=float, default=600, help="seconds that cleaning may take (600)")


def measure(options, tools, results):
    for name in options.databases:
        with opened(name, options) as database:
            with greylister(options.daemon, database, options.settings,
                            lambda: prepare(database, options, tools)) as server:
                results.add(watch(server, database, options, tools), database=name)


def prepare(database, options, tools):
    fill_known(tools, database, options.known)
    fill_waiting(tools, database, options.rows, EXPIRED)
    database.settle()
    # As if cleaned just now, so that cleaning is not due yet.
    due(database, int(time.time()))


def due(database, last):
    database.run(f"update config set value = '{last}' where parameter = 'last_dbclean'")


def watch(server, database, options, tools):
    def one_slice():
        return tools.ask(server, options.workload, options.connections, seconds=options.seconds, known=options.known)

    usual = [one_slice() for _ in range(options.rounds)]
    before = left(database)
    with Sizes(database) as sizes:
        due(database, 0)
        began = time.monotonic()
        during, waited = [], 0.0
        while left(database):
            if time.monotonic() - began > options.limit:
                raise SystemExit(f"{database.name}: rows are left {options.limit:g} s after cleaning fell due")
            one = one_slice()
            # The daemon checks every ten seconds whether cleaning is due.
            if cleaning_began(database):
                during.append(one)
            else:
                waited = time.monotonic() - began
        spent = time.monotonic() - began - waited
    if not before or not during:
        raise SystemExit(f"{database.name}: no rows expired while something was measured: take more --rows")
    return {"usual_p99_ms": statistics.median(one["p99_ms"] for one in usual),
            "p99_ms": statistics.median(one["p99_ms"] for one in during),
            "worst_p99_ms": max(one["p99_ms"] for one in during), "max_ms": max(one["max_ms"] for one in during),
            "usual_per_second": statistics.median(one["per_second"] for one in usual),
            "per_second": statistics.median(one["per_second"] for one in during),
            "spent_seconds": spent, "slices": len(during), **sizes.most}


def left(database):
    """Whether any of the expired rows is left."""
    return database.value("select 1 from connect where sender_name like 'waiting.%'"
                          f" and first_seen < '{database.now(-86400 - 3600)}' limit 1") not in (None, "")


def cleaning_began(database):
    return database.value("select value from config where parameter = 'last_dbclean'") not in ("0", "")


class Sizes:
    """The largest sizes seen. SQLite's files are checked ten times a second; servers only before and after."""

    def __init__(self, database):
        self.database = database
        self.most = {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self):
        self.first = self.database.sizes()
        if self.database.kind == "sqlite":
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()
        last = self.database.sizes()
        for name in last:
            self.most[f"{name}_before"] = self.first[name]
            self.most[f"{name}_after"] = last[name]
            self.most[f"{name}_most"] = max(self.most.get(f"{name}_most", 0), last[name], self.first[name])

    def _look(self):
        while not self.over.wait(0.1):
            for name, size in self.database.sizes().items():
                self.most[f"{name}_most"] = max(size, self.most.get(f"{name}_most", 0))


def show(options, results):
    lines, sizes = [], []
    for row in results.rows():
        one = row["median"]
        lines.append([row["database"], one["usual_p99_ms"], one["p99_ms"],
                      bench_report.ratio(one["p99_ms"], one["usual_p99_ms"]), one["worst_p99_ms"], one["max_ms"],
                      one["usual_per_second"], one["per_second"], one["spent_seconds"]])
        for name in ("file", "wal", "database"):
            if f"{name}_most" in one:
                sizes.append([row["database"], name,
                              *(one[f"{name}_{when}"] / 1e6 for when in ("before", "most", "after"))])
    return (f"{options.rows:,} rows expire at once; {options.connections} connections, {options.workload}, slices of"
            f" {options.seconds:g} s\n"
            + bench_report.table(["database", "usual p99 ms", "p99 ms", "of usual", "worst p99", "max ms",
                                  "usual per second", "per second", "seconds it took"], lines)
            + "\n" + bench_report.table(["database", "size of", "MB before", "MB at most", "MB after"], sizes))
