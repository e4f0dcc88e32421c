"""How the databases find the rows that a request needs: by keys, so that the size of a table does not matter.

Statements: each database explains every statement of a decision on tables with rows; none reads a table completely.
Plans: PostgreSQL's plans of our statements do not depend on its statistics when it planned: the tables were analysed
empty, have grown since, and neither they nor their indexes are read completely."""

import os
import re
import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from support import case
from support.daemon import wait_until

ROWS = 40000  # in each table, never asked for; their primary keys have several hundred pages each
MAILS = 20
ASKED = 3 * MAILS
HERE = "sender_domain = 'here.example'"


class Plans(SharedDatabase):
    make_database = databases.PostgreSQL

    def grow(self):
        names = f"from generate_series(1, {ROWS}) i"
        for into in (f"connect select 'n' || i, 'd' || i, '192.0.2', 'r', localtimestamp {names}",
                     f"from_awl select 'n' || i, 'd' || i, '192.0.2', localtimestamp, localtimestamp {names}",
                     f"domain_awl select 'd' || i, '192.0.2', localtimestamp, localtimestamp {names}"):
            self.base.execute(f"insert into {into}")

    def ask_each(self, connection):
        return [connection.ask(sender=f"alice{letter}@here.example") for letter in "ghijklmnopqrstuvwxyz"[:MAILS]]

    def pages_of_indexes(self):
        return int(self.base.rows("select sum(idx_blks_hit + idx_blks_read) from pg_statio_user_tables")[0][0])

    def test_tables_that_were_empty_when_analysed(self):
        served = self.sharer(workers=1, group_domain_level=MAILS).start()
        connection, = self.talk(served)
        self.ask_new(connection)
        self.base.execute("delete from connect")
        self.base.execute("vacuum analyze")  # so that everything is planned again
        self.ask_new(connection)
        self.grow()
        self.base.execute("select pg_stat_reset()")
        self.assertEqual(set(self.ask_each(connection)), {DEFER})
        self.base.age("connect", DELAY, HERE)
        for reply in self.ask_each(connection):
            self.assertRegex(reply, "delayed 00:0")
        self.assertEqual(self.base.count("domain_awl", HERE), 1, "the last of them promotes the domain")
        self.base.age("domain_awl", 86400, HERE)
        for reply in self.ask_each(connection):
            self.assertIn("domain auto-whitelisted", reply)
        self.no_trouble(served)
        served.stop()
        wait_until(lambda: not self.base.rows("select 1 from pg_stat_activity where application_name = 'sqlgrey'"),
                   "the sessions have ended and told what they read")
        self.assertLess(self.pages_of_indexes() / ASKED, 100)


GOLDEN = os.path.join(os.path.dirname(__file__), "..", "store", "golden")
SOME = 6000  # rows in each table: enough that reading all of them is never cheaper
AT_ONCE = 500
COLUMNS = {
    "connect": "src sender_domain sender_name rcpt first_seen",
    "from_awl": "src sender_domain sender_name first_seen last_seen",
    "domain_awl": "src sender_domain first_seen last_seen",
    "client_awl": "src last_counted first_seen last_seen",
    "pool": "member pool first_seen last_seen",
    "expectation": "rcpt sender_domain expires_at",
    "fact": "client domain source value expires_at",
    "spf_network": "domain first_address last_address expires_at",
    "optin_domain": "domain", "optin_email": "email", "optout_domain": "domain", "optout_email": "email"}
TIMES = ("first_seen", "last_seen", "last_counted")
# Not part of a request: a worker runs them every ten seconds. They read one row, and one row of each organisation.
EVERY_TEN_SECONDS = {"any_pool", "crowds"}
OF_RESOLVER = ("read_asked", "claim_fact", "read_facts", "put_fact", "forget_spf_networks")


class Statements(SharedDatabase):
    """`scans` finds the tables, or their aliases, that a plan reads completely."""

    name = scans = None

    def statements(self):
        """(heading, text with values) of each statement of a decision or the resolver, from the files that test_store_sql
        compares."""
        with open(os.path.join(GOLDEN, f"{self.name}.sql"), encoding="utf-8") as file:
            every = re.findall(r"^-- (.*)\n([^;]*);", file.read(), re.M)
        headings = [heading for heading, _ in every]
        first, last = (next(i for i, heading in enumerate(headings) if heading.startswith(name))
                       for name in ("look_up of", "crowds"))
        for name in ("look_up_elsewhere", "look_up_facts"):
            self.assertIn(name, " ".join(headings[first:last]))
        of_resolver = [one for one in every if one[0].startswith(OF_RESOLVER)]
        self.assertEqual(len(of_resolver), len(OF_RESOLVER))
        return [(heading, self.with_values(text)) for heading, text in every[first:last + 1] + of_resolver
                if heading not in EVERY_TEN_SECONDS]

    @staticmethod
    def with_values(text):
        text = re.sub(r":p\d+( as text\[\])", r"'{x1,x2}'\1", text)
        text = re.sub(r":p\d+( as bigint\[\])", r"'{1,2}'\1", text)
        return re.sub(r":p\d+", "'1'", text)

    def time(self):
        return "localtimestamp"

    def fill(self):
        for table, columns in COLUMNS.items():
            names = columns.split()
            for begin in range(0, SOME, AT_ONCE):
                rows = (", ".join(self.time() if name in TIMES else "1" if name == "expires_at" else f"'x{i}'"
                                  for name in names) for i in range(begin, begin + AT_ONCE))
                self.base.execute(f"insert into {table} ({', '.join(names)}) values ({'), ('.join(rows)})")

    def analyze(self):
        self.base.execute("analyze")

    def scanned(self, plan):
        return re.findall(self.scans, "\n".join(" | ".join(row) for row in plan))

    def test_no_table_is_read_completely(self):
        self.sharer().start().stop()
        self.fill()
        self.analyze()
        self.assertTrue(self.scanned(self.explain("select count(*) from connect where rcpt <> 'x'")),
                        "a plan that reads all rows is recognised")
        for heading, text in self.statements():
            plan = self.explain(text)
            self.assertEqual(self.scanned(plan), [], f"{heading}: {plan}")

    def explain(self, text):
        return self.base.rows("explain " + text)


class OnSQLite(Statements):
    make_database = databases.SQLite
    name = "sqlite"
    scans = r"\bSCAN (?!k\b|pair\b|\d+ CONSTANT|CONSTANT|SUBQUERY|\()(\w+)"

    def time(self):
        return "1700000000"

    def explain(self, text):
        return self.base.rows("explain query plan " + text)


class OnPostgreSQL(Statements):
    make_database = databases.PostgreSQL
    name = "postgresql"
    scans = r"Seq Scan on (\w+)"


class OnMariaDB(Statements):
    make_database = databases.MariaDB
    name = "mysql"
    # id | select_type | table | type: ALL is all rows, index a whole index. <derived2> are the keys asked for. What an
    # insert's plan says of its table means nothing.
    scans = r"\| (?!INSERT)[\w ]+ \| (\w+) \| (?:ALL|index) \|"

    def analyze(self):
        for table in COLUMNS:
            self.base.execute(f"analyze table {table}")


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(where)
                              for where in (Plans, OnSQLite, OnPostgreSQL, OnMariaDB))


if __name__ == "__main__":
    case.main()
