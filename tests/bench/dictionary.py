"""The worst sender: one client and one sender that try ever new recipients, so that all rows have the same beginning.

Throughput at the beginning and with so many rows of that sender in connect; Perl sqlgrey with a tenth of the rows.
"""

from support import bench_report
from support.bench_databases import opened
from support.bench_servers import NAME_OF_PERL, OURS, Running, SqlGrey, binaries
from support.bench_tables import WAITING, with_tables

SECONDS = 3
ROUNDS = 3


def add_options(parser):
    parser.add_argument("--rows", type=int, default=100000, help="of that sender (100000)")
    parser.add_argument("--connections", type=int, default=100, help="(100)")


def measure(options, tools, results):
    for name in options.databases:
        with opened(name, options) as database:
            for _ in range(options.rounds):
                for server_name, binary in binaries(options).items():
                    one_round(server_name, binary, database, options, tools, results)


def one_round(name, binary, database, options, tools, results):
    rows = options.rows if name == OURS else options.rows // 10
    for number in (0, rows):
        database.fresh()
        with_tables(binary, database, lambda: fill(database, number))
        with Running(SqlGrey(binary, database, options.settings if name == OURS else None)) as server:
            seen = tools.ask(server, "dictionary", options.connections, seconds=options.seconds)
        results.add(seen, database=database.name, server=name, rows=number)


def fill(database, number):
    if not number:
        return
    when = database.now()
    database.load("connect", WAITING, (f"guesser\tdictionary.example\t192.0.2.66\ttried{i}@example.net\t{when}"
                                       for i in range(number)))
    database.settle()


def show(options, results):
    lines = []
    for row in results.rows():
        first = results.median("per_second", database=row["database"], server=row["server"], rows=0)
        median = row["median"]
        lines.append([row["database"], row["server"], row["rows"], median["per_second"], median["p50_ms"],
                      median["p99_ms"], bench_report.ratio(median["per_second"], first)])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s, {options.connections} connections;"
            f" {NAME_OF_PERL} with a tenth of the rows\n"
            + bench_report.table(["database", "server", "rows before", "per second", "p50 ms", "p99 ms",
                                  "of the first"], lines))
