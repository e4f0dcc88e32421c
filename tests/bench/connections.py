"""One connection and thousands: what a single mail costs, and whether all connections are served.

One connection: the median time of a mail, compared with the same statements on the bare database in one session (a
lookup; for a new mail, its row and commit), and with these plus a request and a reply over the network, the time of a
server that only replies dunno. Many: whether each connection was answered, the requests answered on the least served
one as a share of the mean, and the ratio of p99 to median.
"""

from support import bench_report
from support.bench_databases import opened
from support.bench_servers import OURS, Dunno, Running, binaries
from support.bench_tables import fill_known, greylister, with_tables

SECONDS = 4
ROUNDS = 3
ALONE = ("new", "awl")
BARE = "bare"
DUNNO = "dunno"


def add_options(parser):
    parser.add_argument("--connections", type=int, nargs="+", default=[500, 2000], help="how many are many (500 2000)")
    parser.add_argument("--workload", default="mixed", help="of the many (mixed)")
    parser.add_argument("--perl", action="store_true", help="Perl sqlgrey too")


def measure(options, tools, results):
    with Running(Dunno(tools.directory)) as server:
        for _ in range(options.rounds):
            results.add(tools.ask(server, "new", 1, seconds=options.seconds), server=DUNNO, connections=1)
    for name in options.databases:
        with opened(name, options) as database:
            for _ in range(options.rounds):
                one_round(database, options, tools, results)


def one_round(database, options, tools, results):
    def fill():
        fill_known(tools, database, options.known)

    for server_name, binary in binaries(options).items():
        if server_name != OURS and not options.perl:
            continue
        with greylister(binary, database, options.settings if server_name == OURS else None, fill) as server:
            for workload, connections in [(one, 1) for one in ALONE] + [(options.workload, many)
                                                                         for many in options.connections]:
                seen = tools.ask(server, workload, connections, seconds=options.seconds, known=options.known)
                results.add({**seen, **fairness(seen)}, database=database.name, server=server_name, workload=workload,
                            connections=connections)
    database.fresh()
    with_tables(binaries(options)[OURS], database, fill)
    for workload in ALONE:
        seen = tools.bare(database, workload, 1, seconds=options.seconds, known=options.known)
        results.add(seen, database=database.name, server=BARE, workload=workload, connections=1)


def fairness(seen):
    return {"least_of_mean": seen["share_least"] / seen["share_mean"] if seen["share_mean"] else 0,
            "tail": seen["p99_ms"] / seen["p50_ms"] if seen["p50_ms"] else 0}


def show(options, results):
    alone, many = [], []
    for row in results.rows():
        median = row["median"]
        if row["server"] in (BARE, DUNNO):
            continue
        if row["connections"] == 1:
            bare = results.median("p50_ms", database=row["database"], server=BARE, workload=row["workload"])
            dunno = results.median("p50_ms", server=DUNNO)
            own = median["p50_ms"]
            alone.append([row["workload"], row["database"], row["server"],
                          *(round(1000 * ms) for ms in (own, bare, dunno)),
                          bench_report.ratio(own, bare), bench_report.ratio(own, bare + dunno)])
        else:
            many.append([row["connections"], row["database"], row["server"], median["per_second"],
                         int(median["unanswered"]), median["share_least"], median["share_mean"], median["share_most"],
                         median["least_of_mean"], median["p50_ms"], median["p99_ms"], median["tail"]])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s\none connection\n"
            + bench_report.table(["workload", "database", "server", "p50 us", "bare us", "dunno us", "of bare",
                                  "of bare + dunno"], alone)
            + f"\nmany connections, {options.workload}\n"
            + bench_report.table(["connections", "database", "server", "per second", "unanswered", "least", "mean",
                                  "most", "least/mean", "p50 ms", "p99 ms", "p99/p50"], many))
