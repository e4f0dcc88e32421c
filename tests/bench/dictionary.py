"""A dictionary attack: one client and one sender try a new recipient each time, so all keys begin alike.

Throughput with no rows and with --rows rows of that sender in connect, and the time of the reply that accepts a retry
of one of them, which deletes them all. Perl sqlgrey gets a tenth of the rows.
"""

import time

from support import bench_report, policy
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
            if number:
                seen["accepted_ms"] = acceptance(server)
        results.add(seen, database=database.name, server=name, rows=number)


def fill(database, number):
    if not number:
        return
    an_hour_ago = database.now(-3600)
    database.load("connect", WAITING, (f"guesser\tdictionary.example\t192.0.2.66\ttried{i}@example.net\t{an_hour_ago}"
                                       for i in range(number)))
    database.settle()


def acceptance(server):
    """The time of an accepted retry, in milliseconds."""
    with policy.Conversation(server.address) as conversation:
        began = time.perf_counter()
        reply = conversation.ask(client_address="192.0.2.66", client_name="unknown",
                                 sender="guesser@dictionary.example", recipient="tried0@example.net")
        took = 1000 * (time.perf_counter() - began)
    if "delayed" not in reply:
        raise RuntimeError(f"the retry was answered {reply}")
    return took


def show(options, results):
    lines = []
    for row in results.rows():
        first = results.median("per_second", database=row["database"], server=row["server"], rows=0)
        median = row["median"]
        lines.append([row["database"], row["server"], row["rows"], median["per_second"], median["p50_ms"],
                      median["p99_ms"], bench_report.ratio(median["per_second"], first), median.get("accepted_ms")])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s, {options.connections} connections;"
            f" {NAME_OF_PERL} with a tenth of the rows\n"
            + bench_report.table(["database", "server", "rows before", "per second", "p50 ms", "p99 ms",
                                  "of the first", "acceptance ms"], lines))
