"""What pools cost: the same mails with pools off and on, from clients without a verified name and from named servers.

Known senders need one lookup either way; strangers need a second one with pools on. Each network of the named servers
has a row in domain_awl, as those of a provider soon have, so that connect_src_throttle defers no mail of theirs.
"""

from support import bench_report
from support.bench_databases import opened
from support.bench_tables import KNOWN, greylister

SECONDS = 2
ROUNDS = 9
WORKLOADS = ("awl", "new", "mixed")
NETWORKS = 997 * 2  # of named servers of new mails: workload.hpp


def add_options(parser):
    parser.add_argument("--connections", type=int, default=100, help="(100)")
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--clients", nargs="+", choices=("unknown", "named"), default=["unknown", "named"])


def source(address, domain, clients, pools):
    if clients == "unknown":
        return address
    return "@" + domain if pools == "on" else address.rpartition(".")[0]


def fill(tools, database, options, clients, pools):
    when = database.now()
    rows = set()
    for line in tools.known(options.known):
        name, domain, address = line.split("\t")
        rows.add((name, domain, source(address, domain, clients, pools)))
    if clients == "named":
        database.load("domain_awl", KNOWN[1:], (f"provider.example\t10.{network >> 8}.{network & 255}\t{when}\t{when}"
                                                for network in range(NETWORKS)))
    database.load("from_awl", KNOWN, (f"{name}\t{domain}\t{src}\t{when}\t{when}" for name, domain, src in sorted(rows)))


def measure(options, tools, results):
    for name in options.databases:
        with opened(name, options) as database:
            for turn in range(options.rounds):
                for clients in options.clients:
                    # In turn, so that neither always runs first.
                    for pools in ("off", "on") if turn % 2 else ("on", "off"):
                        one_round(database, clients, pools, options, tools, results)


def one_round(database, clients, pools, options, tools, results):
    with greylister(options.daemon, database, {**options.settings, "pools": pools},
                    lambda: fill(tools, database, options, clients, pools)) as server:
        for workload in options.workloads:
            seen = tools.ask(server, workload, options.connections, seconds=options.seconds, known=options.known,
                             named=clients == "named")
            results.add(seen, database=database.name, clients=clients, workload=workload, pools=pools)


def show(options, results):
    lines = []
    for name in options.databases:
        for clients in options.clients:
            for workload in options.workloads:
                off, on = (results.median("per_second", database=name, clients=clients, workload=workload, pools=pools)
                           for pools in ("off", "on"))
                lines.append([name, clients, workload, off, on, bench_report.ratio(on, off)])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s\n"
            + bench_report.table(["database", "clients", "workload", "off per second", "on per second", "of off"], lines))
