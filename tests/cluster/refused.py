"""What a server refuses until an administrator acts: a revoked right, a user that may not log in, a renamed column.
It is logged as such, once, with the statement and what to do; mail goes on; service recovers once it is corrected."""

import time
import unittest

import databases
from shared_database import DEFER
from outage import OutageCase
from support import case, ctl
from support.daemon import wait_until

USER = "plain"


class Refused(OutageCase):
    policy = "pass"

    def sharer(self, *arguments, **settings):
        return super().sharer(*arguments, **{"db_user": USER, **settings})

    def refused(self, break_it, correct_it, words):
        """Breaks something while requests come in, and corrects it: one line each."""
        self.begin()
        break_it()
        end = time.monotonic() + 4
        while time.monotonic() < end:
            for connection in self.connections:
                self.assertEqual(self.ask_new(connection)[0], "dunno")
            time.sleep(0.05)
        correct_it()
        wait_until(lambda: all([self.decided(connection) for connection in self.connections]),
                   lambda: f"service; it said:\n{self.served.log()}", 15)
        self.served.wait_for_log("^dbaccess: database available again after")
        lines = [line for line in self.served.log().splitlines() if line.startswith("dbaccess:")]
        errors = [line for line in lines if "cannot be used" in line]
        self.assertEqual(len(errors), 1, lines)
        self.assertRegex(errors[0], words)
        self.assertEqual(sum("available again" in line for line in lines), 1, lines)
        for word in ("::", "backend", "soci", "while executing"):
            self.assertNotIn(word, errors[0])

    def test_a_column_that_was_renamed(self):
        self.refused(lambda: self.base.execute(self.rename.format("rcpt", "recipient")),
                     lambda: self.base.execute(self.rename.format("recipient", "rcpt")),
                     r"database sqlgrey at 127\.0\.0\.1:\d+: table connect has no column rcpt.*put the table aside")

    def test_a_right_that_was_taken_away(self):
        self.refused(lambda: self.base.execute(self.revoke), lambda: self.base.execute(self.grant),
                     rf"denied.*connect.* \(statement put_connect\); grant user {USER} select, insert, update")

    def test_a_right_that_only_the_cleaning_needs(self):
        # Only cleaning deletes rows of domain_awl, and it is not due for days.
        self.base.execute(self.revoke_delete)
        self.begin()
        self.served.wait_for_log(r"error: cleaning failed: .*denied.*domain_awl.* \(statement expire_domain_awl\)")
        self.assertEqual(self.ask_new(self.connections[0])[0], DEFER)
        self.assertNotIn("cannot be used", self.served.log())

    def without_statistics(self, words):
        self.begin(stats_interval="1s")
        self.served.wait_for_log(rf"error: daily statistics are not written \(stats_interval\): .*{words}")
        for _ in range(3):
            self.assertEqual(self.ask_new(self.connections[0])[0], DEFER)
            time.sleep(0.5)
        self.assertNotIn("cannot be used", self.served.log())
        self.assertEqual(self.served.log().count("daily statistics are not written"), 1, self.served.log())

    def test_a_right_that_only_statistics_need(self):
        self.base.execute(self.revoke.replace("connect", "daily"))
        self.without_statistics(r"denied.*daily.* \(statement put_daily\)")

    def test_tables_of_statistics_that_the_user_may_not_make(self):
        self.base.execute("drop table daily")
        self.without_statistics(r"there is no table for them: make table daily: .*denied")

    def without_facts(self, words):
        """Mail is decided, and expired rows of other tables are deleted."""
        self.base.execute("insert into domain_awl (src, sender_domain, first_seen, last_seen) values "
                          "('192.0.2', 'old.example', '2020-01-01 00:00:00', '2020-01-01 00:00:00')")
        self.begin(enrich="on", dns_servers="127.0.0.1:9", db_cleandelay="1s")
        self.served.wait_for_log(rf"warning: facts about unknown clients are not stored \(enrich\): .*{words}")
        wait_until(lambda: not self.base.rows("select 1 from domain_awl"), "the row is deleted")
        self.assertEqual(self.ask_new(self.connections[0])[0], DEFER)
        self.assertNotIn("cannot be used", self.served.log())
        self.assertNotIn("cleaning failed", self.served.log())

    def test_rights_that_only_facts_need(self):
        for table in ("fact", "spf_network"):
            self.base.execute(self.revoke.replace("insert", "select, insert, update, delete").replace("connect", table))
        self.without_facts("(denied|there is no table for them).*")

    def test_tables_of_facts_that_the_user_may_not_make(self):
        self.base.execute("drop table spf_network")
        self.without_facts("there is no table for them: make table spf_network: .*denied")

    def test_a_right_that_the_import_needs(self):
        self.base.execute(self.revoke)
        imported = ctl.run(self.sharer(), "import", "maillog", "-")
        self.assertEqual(imported.returncode, 1)
        self.assertRegex(imported.stderr, r"denied.*connect.* \(statement import_put_triplets\)")


class OnPostgreSQL(Refused):
    make_database = databases.PostgreSQL
    rename = "alter table connect rename column {} to {}"
    revoke = f"revoke insert on connect from {USER}"
    grant = f"grant insert on connect to {USER}"
    revoke_delete = f"revoke delete on domain_awl from {USER}"

    def setUp(self):
        super().setUp()
        if not self.base.rows(f"select 1 from pg_roles where rolname = '{USER}'"):
            self.base.execute(f"create role {USER} login")
        # The administrator creates the tables: the daemon's user is not their owner.
        self.sharer("maker", db_user=self.base.server.user).start().stop()
        self.base.execute(f"grant select, insert, update, delete on all tables in schema public to {USER}")
        self.base.execute(f"grant usage on schema public to {USER}")

    def test_a_user_that_may_not_log_in(self):
        def login(word):
            self.base.execute(f"alter role {USER} {word}")

        def refuse():
            login("nologin")
            self.base.end_sessions()

        self.refused(refuse, lambda: login("login"), "not permitted to log in; correct db_user, db_pass")


class OnMariaDB(Refused):
    make_database = databases.MariaDB
    rename = "alter table connect rename column {} to {}"

    def setUp(self):
        super().setUp()
        self.who = f"{USER}@'127.0.0.1'"
        name = self.base.server.name
        self.base.execute(f"drop user if exists {self.who}")
        self.base.execute(f"create user {self.who} identified by 'right'")
        self.sharer("maker", db_user=self.settings_user()).start().stop()
        for table, in self.base.rows("show tables"):
            self.base.execute(f"grant select, insert, update, delete on {name}.{table} to {self.who}")
        self.revoke = f"revoke insert on {name}.connect from {self.who}"
        self.grant = f"grant insert on {name}.connect to {self.who}"
        self.revoke_delete = f"revoke delete on {name}.domain_awl from {self.who}"

    def settings_user(self):
        return self.base.settings()["db_user"]

    def sharer(self, *arguments, **settings):
        return super().sharer(*arguments, **{"db_pass": "right", **settings} if "db_user" not in settings else settings)

    def test_a_password_that_was_changed(self):
        def password(word):
            self.base.execute(f"set password for {self.who} = password('{word}')")

        def refuse():
            password("other")
            for number, in self.base.sessions():
                self.base.execute(f"kill {number}")

        self.refused(refuse, lambda: password("right"), f"Access denied for user '{USER}'.*; correct db_user, db_pass")


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(where) for where in (OnPostgreSQL, OnMariaDB))


if __name__ == "__main__":
    case.main()
