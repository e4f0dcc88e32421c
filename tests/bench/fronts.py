"""What the protocol costs: the same mails asked about as a policy server's client and as a mail server with a milter.

One worker, at the same daemon in turn. `cpu_us` is the processor time of the daemon for each request, which a busy
machine disturbs less than the rate. A mail server sends what it has to say about a client and message with the first
recipient; each request is one recipient of a message of its own, on a connection that is used for many.
"""

import os

from support import bench_report
from support.bench_databases import opened
from support.bench_tables import fill_known, greylister
from support.ports import free_port

SECONDS = 2
ROUNDS = 9
FRONTS = ("policy", "milter")
WORKLOADS = ("awl", "new", "mixed")


def add_options(parser):
    parser.add_argument("--connections", type=int, default=50, help="(50)")
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))


class Front:
    """What Tools.ask() wants to know of a server."""

    def __init__(self, address):
        self.address = address


def measure(options, tools, results):
    for name in options.databases:
        with opened(name, options) as database:
            port = free_port()
            settings = {**options.settings, "workers": 1, "milter": f"inet:127.0.0.1:{port}"}
            with greylister(options.daemon, database, settings,
                            lambda base=database: fill_known(tools, base, options.known)) as server:
                places = {"policy": server, "milter": Front(("127.0.0.1", port))}
                for turn in range(options.rounds):
                    for workload in options.workloads:
                        # In turn, so that neither always runs first.
                        for front in FRONTS if turn % 2 else reversed(FRONTS):
                            before = cpu_time(server)
                            seen = tools.ask(places[front], workload, options.connections, seconds=options.seconds,
                                             known=options.known, milter=front == "milter")
                            used = (cpu_time(server) - before) / seen["requests"] * 1e6
                            results.add({**seen, "cpu_us": used}, database=database.name, workload=workload, front=front)


def cpu_time(server):
    """Seconds that the processes of the daemon have used so far."""
    ticks = 0
    for pid in server.pids():
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def show(options, results):
    lines = []
    for name in options.databases:
        for workload in options.workloads:
            of = {"database": name, "workload": workload}
            rates = [results.median("per_second", front=front, **of) for front in FRONTS]
            costs = [results.median("cpu_us", front=front, **of) for front in FRONTS]
            lines.append([name, workload, *rates, bench_report.ratio(rates[1], rates[0]), *costs,
                          bench_report.ratio(costs[0], costs[1])])
    heads = ["database", "workload", "policy per second", "milter per second", "of policy", "policy us", "milter us",
             "of policy's rate"]
    return f"medians of {options.rounds} rounds of {options.seconds:g} s\n" + bench_report.table(heads, lines)
