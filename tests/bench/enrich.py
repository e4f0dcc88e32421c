"""What enrich costs the first reply: new and mixed mails with enrich off, and on with a DNS server that answers and with one
that is silent.

The DNS server runs on the same machine: what it takes of the processors is part of the difference.
"""

import contextlib
import socket

from support import bench_report, dns_server
from support.bench_databases import opened
from support.bench_tables import fill_known, greylister

SECONDS = 2
ROUNDS = 9
WORKLOADS = ("new", "mixed")
SERVERS = ("none", "answers", "silent")
SETTINGS = {"enrich": "on", "dnswl": "wl.example.org=127.0.0.10*medium", "dnswl_pass": "high",
            "dnsbl": "bl.example.org", "dnsbl_delay": "60m", "spf_identity": "on"}


def add_options(parser):
    parser.add_argument("--connections", type=int, default=100, help="(100)")
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS),
                        help="DNS servers; none: enrich = off")


@contextlib.contextmanager
def settings_with(server):
    """The settings of a daemon that asks that DNS server."""
    if server == "none":
        yield {"enrich": "off"}
    elif server == "answers":
        with dns_server.Server(dns_server.Zone()) as running:
            yield {**SETTINGS, "dns_servers": running.address}
    else:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unread:
            unread.bind(("127.0.0.1", 0))
            yield {**SETTINGS, "dns_servers": "127.0.0.1:%d" % unread.getsockname()[1]}


def measure(options, tools, results):
    for name in options.databases:
        with opened(name, options) as database:
            for turn in range(options.rounds):
                # In turn, so that none always runs first.
                first = turn % len(options.servers)
                for server in options.servers[first:] + options.servers[:first]:
                    one_round(database, server, options, tools, results)


def one_round(database, server, options, tools, results):
    with settings_with(server) as settings, greylister(
            options.daemon, database, {**options.settings, **settings},
            lambda: fill_known(tools, database, options.known)) as daemon:
        for workload in options.workloads:
            seen = tools.ask(daemon, workload, options.connections, seconds=options.seconds, known=options.known)
            results.add(seen, database=database.name, workload=workload, dns=server)


def show(options, results):
    lines = []
    for name in options.databases:
        for workload in options.workloads:
            for server in options.servers:
                rate, p50, p99 = (results.median(figure, database=name, workload=workload, dns=server)
                                  for figure in ("per_second", "p50_ms", "p99_ms"))
                base = results.median("p99_ms", database=name, workload=workload, dns=options.servers[0])
                lines.append([name, workload, server, rate, p50, p99, bench_report.ratio(p99, base)])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s; none: enrich = off\n"
            + bench_report.table(["database", "workload", "DNS server", "per second", "p50 ms", "p99 ms", "p99 of none"],
                                 lines))
