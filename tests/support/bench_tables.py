"""Filling the tables before a measurement."""

import contextlib
import datetime

from support.bench_servers import Running, SqlGrey

KNOWN = ("sender_name", "sender_domain", "src", "first_seen", "last_seen")
WAITING = ("sender_name", "sender_domain", "src", "rcpt", "first_seen")


def fill_known(tools, database, number, ahead=0):
    """The mails of the workloads awl and mixed, in from_awl, seen now or so many seconds `ahead`."""
    when = database.now(ahead)
    database.load("from_awl", KNOWN, (f"{line}\t{when}\t{when}" for line in tools.known(number)))


def fill_waiting(tools, database, number, ahead=0):
    """Rows in connect that no workload asks for, first seen at any second of the day before now + ahead."""
    times = a_day(database.now(ahead))
    database.load("connect", WAITING, (f"waiting.{line}\tsomebody@example.net\t{times[i * 7919 % len(times)]}"
                                       for i, line in enumerate(tools.known(number))))


def a_day(end):
    """Each second of the day before that time, in the database's format."""
    if end.isdigit():
        return [str(int(end) - second) for second in range(86400)]
    last = datetime.datetime.fromisoformat(end)
    return [str(last - datetime.timedelta(seconds=second)) for second in range(86400)]


def fill_domains(tools, database, number):
    """Rows in domain_awl that no workload asks for."""
    when = database.now()
    lines = (line.split("\t") for line in tools.known(number))
    database.load("domain_awl", KNOWN[1:],
                  (f"{name}.domain.example\t{address}\t{when}\t{when}" for name, _, address in lines))


@contextlib.contextmanager
def greylister(binary, database, settings=None, fill=None):
    """A greylister on an empty database. `fill` is called once the tables exist and nothing uses them."""
    database.fresh()
    if fill:
        with_tables(binary, database, fill)
    with Running(SqlGrey(binary, database, settings)) as server:
        yield server


def with_tables(binary, database, fill=lambda: None):
    """Lets this greylister create its tables in an empty database, and fill() add rows."""
    server = SqlGrey(binary, database)
    try:
        server.make_tables()
    finally:
        server.stop()
    fill()
