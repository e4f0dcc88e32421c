"""What durability costs: new mail, a row each, with the settings that decide when a commit waits for the disk.

SQLite: our sqlite_synchronous. PostgreSQL: synchronous_commit, and fsync, without which a crash of the machine may
destroy the database. MariaDB: innodb_flush_log_at_trx_commit. The first value of each is the default.
"""

import contextlib

from support import bench_report
from support.bench_databases import MariaDB, PostgreSQL, SQLite
from support.bench_tables import fill_known, greylister

SECONDS = 3
ROUNDS = 3
# (setting, value, what a crash of the machine loses)
SETTINGS = {
    "SQLite": [("sqlite_synchronous", "normal", "last moments"), ("sqlite_synchronous", "full", "nothing"),
               ("sqlite_synchronous", "off", "perhaps the file")],
    "PostgreSQL": [("synchronous_commit", "on", "nothing"), ("synchronous_commit", "off", "last moments"),
                   ("fsync", "off", "perhaps the database")],
    "MariaDB": [("innodb_flush_log_at_trx_commit", "1", "nothing"),
                ("innodb_flush_log_at_trx_commit", "2", "last second"),
                ("innodb_flush_log_at_trx_commit", "0", "last second, also of the server alone")],
}


def add_options(parser):
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 100], help="(1 100)")


def under(name, setting, value, options):
    """The database with that setting, and our daemon's settings for it."""
    if name == "SQLite":
        return SQLite(), {setting: value}
    if name == "PostgreSQL":
        return PostgreSQL(options.server_memory, [f"{setting}={value}"]), {}
    return MariaDB(options.server_memory, [f"--{setting.replace('_', '-')}={value}"]), {}


def measure(options, tools, results):
    for name in options.databases:
        with contextlib.ExitStack() as running:
            ready = []
            for setting, value, _ in SETTINGS[name]:
                database, settings = under(name, setting, value, options)
                ready.append((running.enter_context(database), setting, value, settings))
            for _ in range(options.rounds):
                for database, setting, value, settings in ready:
                    with greylister(options.daemon, database, {**options.settings, **settings},
                                    lambda: fill_known(tools, database, options.known)) as server:
                        for connections in options.connections:
                            seen = tools.ask(server, "new", connections, seconds=options.seconds)
                            results.add(seen, database=name, setting=setting, value=value, connections=connections)


def show(options, results):
    lines = []
    for name in options.databases:
        for connections in options.connections:
            default = None
            for setting, value, lost in SETTINGS[name]:
                per_second, p50, p99 = (results.median(figure, database=name, setting=setting, value=value,
                                                       connections=connections)
                                        for figure in ("per_second", "p50_ms", "p99_ms"))
                default = default or per_second
                lines.append([name, f"{setting} = {value}", lost, connections, per_second, p50, p99,
                              bench_report.ratio(per_second, default)])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s, workload new\n"
            + bench_report.table(["database", "setting", "a crash loses", "connections", "per second", "p50 ms",
                                  "p99 ms", "of default"], lines))
