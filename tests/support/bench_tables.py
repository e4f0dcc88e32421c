"""What stands in the tables before something is measured."""

import contextlib
import datetime

from support.bench_servers import Running, SqlGrey

KNOWN = ("sender_name", "sender_domain", "src", "first_seen", "last_seen")
WAITING = ("sender_name", "sender_domain", "src", "rcpt", "first_seen")


def fill_known(tools, database, number, ahead=0):
    """The mails of the workloads awl and mixed, in from_awl, seen just now or so many seconds `ahead`."""
    when = database.now(ahead)
    database.load("from_awl", KNOWN, (f"{line}\t{when}\t{when}" for line in tools.known(number)))


def fill_waiting(tools, database, number, ahead=0):
    """As many rows in connect of which no workload asks, first seen at any second of the day before now + ahead."""
    times = a_day(database.now(ahead))
    database.load("connect", WAITING, (f"waiting.{line}\tsomebody@example.net\t{times[i * 7919 % len(times)]}"
                                       for i, line in enumerate(tools.known(number))))


def a_day(end):
    """Each second of the day before that time, in the database's words."""
    if end.isdigit():
        return [str(int(end) - second) for second in range(86400)]
    last = datetime.datetime.fromisoformat(end)
    return [str(last - datetime.timedelta(seconds=second)) for second in range(86400)]


def fill_domains(tools, database, number):
    """As many rows in domain_awl of which no workload asks."""
    when = database.now()
    lines = (line.split("\t") for line in tools.known(number))
    database.load("domain_awl", KNOWN[1:],
                  (f"{name}.domain.example\t{address}\t{when}\t{when}" for name, _, address in lines))


@contextlib.contextmanager
def greylister(binary, database, settings=None, fill=None):
    """A greylister that runs on an empty database of its own. `fill` is called when the tables are there and nobody
    uses them."""
    database.fresh()
    if fill:
        with_tables(binary, database, fill)
    with Running(SqlGrey(binary, database, settings)) as server:
        yield server


def with_tables(binary, database, fill=lambda: None):
    """An empty database gets the tables that this greylister makes, and what fill() puts into them."""
    server = SqlGrey(binary, database)
    try:
        server.make_tables()
    finally:
        server.stop()
    fill()
