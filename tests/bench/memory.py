"""Memory of all processes of a greylister, before and after many requests, and the time from start to first answer.

Memory is PSS, in which a page shared by n processes counts 1/n in each. It is taken after each tenth of the requests.
Growth is that of `own` memory (not backed by files) since the first tenth, when everything that is allocated once has
been; pages of files, such as programs and libraries, count less while other programs use them too. Start to first
answer is the time from starting the program to its reply to a new mail, with the auto-whitelist already in the
database. Peers get a hundredth of the requests.
"""

import os
import time

from support import bench_report, policy
from support.bench_databases import opened
from support.bench_servers import OURS, POSTGREY, Postgrey, Running, SqlGrey, binaries
from support.bench_tables import fill_known, greylister, with_tables
from support.daemon import LIMIT

SECONDS = 0  # unused: the load is a number of requests
ROUNDS = 5
PARTS = 10


def add_options(parser):
    parser.add_argument("--connections", type=int, default=100, help="(100)")
    parser.add_argument("--workload", default="mixed", help="(mixed)")
    parser.add_argument("--requests", type=int, default=1000000, help="in all (1000000)")


def measure(options, tools, results):
    for name in options.databases:
        with opened(name, options) as database:
            def fill():
                fill_known(tools, database, options.known)

            for server_name, binary in binaries(options).items():
                of = {"database": name, "server": server_name}
                settings = options.settings if server_name == OURS else None
                with greylister(binary, database, settings, fill) as server:
                    results.add(growth(server, server_name, options, tools), **of)
                database.fresh()
                with_tables(binary, database, fill)
                for _ in range(options.rounds):
                    results.add({"first_answer_ms": 1000 * first_answer(binary, database, settings)}, **of)
    if os.path.exists(POSTGREY):
        with Running(Postgrey()) as server:
            results.add(growth(server, "postgrey", options, tools), database="-", server="postgrey")


def growth(server, name, options, tools):
    requests = options.requests if name == OURS else max(PARTS, options.requests // 100)
    sizes = [memory_of(server.pids())]
    for _ in range(PARTS):
        tools.ask(server, options.workload, options.connections, requests=max(1, requests // PARTS),
                  known=options.known)
        sizes.append(memory_of(server.pids()))
    all_mb, own_mb = zip(*sizes)
    return {"requests": requests, "processes": len(server.pids()), "idle_mb": all_mb[0], "last_mb": all_mb[-1],
            "own_first_mb": own_mb[1], "own_last_mb": own_mb[-1], "sizes_mb": all_mb, "own_sizes_mb": own_mb}


def memory_of(pids):
    """(all, own) in megabytes; own is not backed by files."""
    kilobytes = {"Pss": 0, "Pss_Anon": 0}
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for name, _, rest in (line.partition(":") for line in file):
                if name in kilobytes:
                    kilobytes[name] += int(rest.split()[0])
    return kilobytes["Pss"] / 1024, kilobytes["Pss_Anon"] / 1024


def first_answer(binary, database, settings):
    """Seconds. Only a deferral counts: without the database the mail would pass."""
    server = SqlGrey(binary, database, settings)
    try:
        began = time.monotonic()
        server.daemon.start(wait=False)
        number = 0
        while time.monotonic() - began < LIMIT:
            number += 1
            try:
                if "Greylisted" in policy.ask(server.address, sender=f"first{began}.{number}@start.example"):
                    return time.monotonic() - began
            except (OSError, policy.Closed):
                pass
            time.sleep(0.0005)
        raise SystemExit(f"no mail was deferred within {LIMIT} s of the start:\n{server.daemon.log()}")
    finally:
        server.stop()


def show(options, results):
    lines = []
    for row in results.rows():
        median = row["median"]
        grown = median["own_last_mb"] / median["own_first_mb"] - 1
        lines.append([row["database"], row["server"], int(median["processes"]), int(median["requests"]),
                      median["idle_mb"], median["last_mb"], median["own_first_mb"], median["own_last_mb"],
                      f"{grown:+.1%}", median.get("first_answer_ms")])
    return bench_report.table(["database", "server", "processes", "requests", "idle MB", "MB at the end",
                               "own at a tenth", "own at the end", "growth", "first answer ms"], lines)
