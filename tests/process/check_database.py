"""sqlgrey --check-config --check-database: prints what a start would do with the tables, and changes nothing."""

import hashlib
import os
import sqlite3
import unittest

from support import case, servers
from support.daemon import give_to_daemon

PERL_TABLES = """
create table from_awl (sender_name varchar(64) not null, sender_domain varchar(255) not null, src varchar(39) not null,
  first_seen timestamp not null{now}, last_seen timestamp not null{now}, primary key (src, sender_domain, sender_name));
create table domain_awl (sender_domain varchar(255) not null, src varchar(39) not null,
  first_seen timestamp not null{now}, last_seen timestamp not null{now}, primary key (src, sender_domain));
create table connect (sender_name varchar(64) not null, sender_domain varchar(255) not null, src varchar(39) not null,
  rcpt varchar(255) not null, first_seen timestamp not null{now});
create table config (parameter varchar(255) not null, value varchar(255), primary key (parameter));
insert into config (parameter, value) values ('version', '3');
insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values
  ('a', 'example.org', '192.0.2', current_timestamp, current_timestamp),
  ('b', 'example.org', '192.0.2', current_timestamp, current_timestamp);
insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values
  ('c', 'example.org', '192.0.2', 'bob@example.net', current_timestamp),
  ('c', 'example.org', '192.0.2', 'bob@example.net', current_timestamp);
"""
TAKEN_OVER = "2 senders, 0 domains, 2 waiting would be taken over, duplicates of 1 merged"


class Checking(case.DaemonCase):
    def check(self, status=0):
        done = self.server.run("--check-config", "--check-database")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr


class OnSQLite(Checking):
    def setUp(self):
        super().setUp()
        self.server = self.daemon()

    def files(self):
        """Names and contents, except for the memory shared by the users of a SQLite file."""
        found = {}
        for name in os.listdir(self.server.state):
            with open(os.path.join(self.server.state, name), "rb") as file:
                found[name] = None if name.endswith("-shm") else hashlib.sha256(file.read()).hexdigest()
        return found

    def unchanged(self, status=0):
        before = self.files()
        said = self.check(status)
        self.assertEqual(self.files(), before, said)
        return said

    def make(self, script):
        base = sqlite3.connect(self.server.tables.path)
        base.executescript(script)
        base.close()
        give_to_daemon(self.server.tables.path)

    def test_no_file(self):
        self.assertIn("there is no file", self.unchanged())

    def test_tables_of_perl(self):
        self.make(PERL_TABLES.format(now=""))
        self.assertIn(TAKEN_OVER, self.unchanged())

    def test_tables_in_use_and_not_in_use(self):
        self.server.start()
        self.server.ask()
        self.assertIn("up to date, nothing would be done; has 0 senders, 0 domains, 1 waiting", self.unchanged())
        self.server.stop()
        self.assertIn("up to date, nothing would be done; has 0 senders, 0 domains, 1 waiting", self.unchanged())
        for table in ("daily", "fact"):
            self.server.tables.execute(f"drop table {table}")
        said = self.unchanged()
        self.assertIn("up to date, nothing would be done", said)
        self.assertIn("for daily statistics would be done: make table daily\n", said)
        self.assertIn("for facts about strangers (enrich) would be done: make table fact\n", said)
        self.server.tables.execute("drop table from_awl")
        self.assertIn("make table from_awl", self.unchanged())

    def test_what_stops_the_start(self):
        self.make(PERL_TABLES.format(now="") + "drop table connect; create table connect (sender_name text);")
        self.assertIn("table connect has no column sender_domain", self.unchanged(1))
        self.make("update config set value = '2'")
        self.assertIn("start SQLgrey 1.8 on them once", self.unchanged(1))

    def test_a_file_that_is_not_a_database(self):
        with open(self.server.tables.path, "w", encoding="ascii") as file:
            file.write("no database\n" * 1000)
        give_to_daemon(self.server.tables.path)
        self.assertIn("not a database", self.unchanged(1))

    def test_it_runs_as_the_daemons_user(self):
        self.need_root("becomes another user")
        self.make(PERL_TABLES.format(now=""))
        os.chown(self.server.tables.path, 0, 0)
        self.assertIn("Permission denied", self.unchanged(1))
        give_to_daemon(self.server.tables.path)
        os.chown(self.server.state, 0, 0)
        self.assertIn("directory", self.unchanged(1))

    def test_it_works_without_check_config(self):
        self.assertEqual(self.server.run("--check-database").returncode, 0)


class OnServer(Checking):
    @classmethod
    def setUpClass(cls):
        cls.base = cls.enterClassContext(cls.make_server())

    def setUp(self):
        super().setUp()
        self.server = self.daemon()
        for line in self.base.conf_lines():
            name, value = line.split(" = ")
            self.server.configure(**{name: value})

    def test_from_nothing_to_tables_in_use(self):
        self.assertIn("there are no tables yet: they would be made", self.check())
        self.assertEqual(self.tables(), "0")
        for statement in PERL_TABLES.format(now=self.now).split(";"):
            if statement.strip():
                self.base.query(statement)
        self.assertIn(TAKEN_OVER, self.check())
        self.base.query(self.obstacle)
        self.assertIn("table connect has a column host that must not be empty", self.check(1))
        self.base.query("alter table connect drop column host")
        self.assertEqual(self.tables(), "4")
        self.as_restricted_user()
        self.server.start()
        self.assertIn("taken over: 2 senders, 0 domains, 1 waiting; 1 duplicate merged", self.server.log())
        self.assertIn("up to date, nothing would be done; has 2 senders, 0 domains, 1 waiting", self.check())

    def as_restricted_user(self):
        """Checks as a user without the rights, and grants what the error message says."""
        self.server.configure(db_user="weak")
        said = self.check(1)
        for line in said.splitlines():
            if '"' in line:
                self.base.query(line.split('"')[1])
        self.assertIn(TAKEN_OVER, self.check())

    def test_no_server(self):
        self.server.configure(db_port=1)
        self.assertIn("error: ", self.check(1))


class OnPostgreSQL(OnServer):
    make_server = staticmethod(servers.PostgreSQL)
    now = ""
    obstacle = "alter table connect add column host text; update connect set host = 'x'; " \
               "alter table connect alter column host set not null"

    def tables(self):
        return self.base.query("select count(*) from pg_tables where schemaname = 'public'")

    def as_restricted_user(self):
        self.base.query("create role weak login; grant select on all tables in schema public to weak")
        super().as_restricted_user()


class OnMariaDB(OnServer):
    make_server = staticmethod(servers.MariaDB)
    now = " default current_timestamp"
    obstacle = "alter table connect add column host varchar(20) not null"

    def tables(self):
        return self.base.query("select count(*) from information_schema.tables where table_schema = database()")

    def as_restricted_user(self):
        self.base.query("create user 'weak'@'127.0.0.1'")
        self.base.query("grant select on sqlgrey.* to 'weak'@'127.0.0.1'")
        super().as_restricted_user()


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(each) for each in (OnSQLite, OnPostgreSQL, OnMariaDB))


if __name__ == "__main__":
    case.main()
