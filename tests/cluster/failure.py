"""The database fails in all the ways a server can: mail goes on by the failure policy within the promised time, and
service recovers by itself."""

import contextlib
import os
import socket
import time
import unittest

import databases
from shared_database import DEFER
from outage import CONNECTIONS, DB_TIMEOUT, LONGEST, WITHOUT, WORKERS, OutageCase
from support import case
from support.daemon import wait_until
from support.silence import Wire

FROZEN = 8  # seconds
PLAIN = "plain"  # a user of MariaDB without administrative rights


class Failure(OutageCase):
    def tearDown(self):
        # The next test needs a server that works.
        self.base.server.thaw()
        self.come_back()

    def come_back(self):
        if self.base.server.process.poll() is not None:
            self.base.server.start(create=False)

    def outage(self, begin, end, seconds=1.5):
        self.begin()
        begin()
        self.asked_while_away(seconds)
        end()
        self.back_in_time()
        lasted, answered = self.one_line_each()
        # Seconds since the failure was noticed, which takes db_timeout unless the connection is refused.
        self.assertGreaterEqual(lasted, int(seconds) - DB_TIMEOUT - 1)
        self.assertEqual(answered, self.number - self.deferred)
        self.nothing_was_written_without_it()

    def test_not_there_at_start(self):
        self.base.server.stop()
        self.served = self.sharer(workers=WORKERS, on_db_failure=self.policy).start()
        self.connections = self.talk(self.served, CONNECTIONS)
        self.asked_while_away()
        self.come_back()
        self.back_in_time()
        self.one_line_each()
        self.assertEqual(self.base.rows("select value from config where parameter = 'version'"), [("3",)])

    def test_stopped_and_started(self):
        self.outage(self.base.server.stop, self.come_back)

    def test_killed_and_started(self):
        self.outage(self.base.server.kill, self.come_back)

    def test_frozen(self):
        self.outage(self.base.server.freeze, self.base.server.thaw, FROZEN)

    def test_a_restart_while_no_request_comes_in_goes_unnoticed(self):
        self.begin()
        self.base.server.stop()
        self.come_back()
        for connection in self.connections:
            self.assertEqual(self.ask_new(connection)[0], DEFER)
        self.no_trouble(self.served)

    def test_a_second_outage_is_logged_like_the_first(self):
        self.begin()
        for times in (1, 2):
            self.base.server.stop()
            self.asked_while_away(0.3)
            self.come_back()
            self.back_in_time()
            self.served.wait_for_log("(?s)" + "database available again.*" * times)
        self.assertEqual(self.served.log().count("database unavailable"), 2)

    def test_mail_passes_if_the_settings_say_so(self):
        self.policy = "pass"
        self.begin()
        self.base.server.stop()
        self.asked_while_away(0.3)
        self.come_back()
        self.back_in_time()
        self.one_line_each()

    def test_silent_connections(self):
        """Connections are neither closed nor refused: the server does not answer on existing ones, but does on new
        ones. Workers, cleaning and the stop of the daemon must not hang."""
        with Wire(self.base.server.port) as wire:
            self.begin(db_port=wire.port, db_cleandelay=1)
            self.served.wait_for_log("^perf: ")
            wire.fall_silent()
            self.asked_while_away(4)
            wire.heal()
            self.back_in_time()
            self.one_line_each()
            before = self.served.log().count("perf: ")
            wait_until(lambda: self.served.log().count("perf: ") > before, "cleaning", 15)
            began = time.monotonic()
            self.assertEqual(self.served.stop(), 0)
            self.assertLess(time.monotonic() - began, LONGEST)

    def test_a_table_that_is_locked_for_long(self):
        """Each request waits its time; none is left running on the server."""
        self.begin(lists_in_database="off")  # only sessions for requests
        sessions = len(self.base.sessions())
        with self.base.session() as other:
            other.run(*self.lock_connect)
            came = self.ask_for(5)
            self.assertLess(max(took for _, took in came), LONGEST)
            self.assertEqual({reply for reply, _ in came}, {WITHOUT[self.policy]})
            self.assertLessEqual(len(self.base.sessions()), 2 * sessions)
        self.back_in_time()


class OnPostgreSQL(Failure):
    make_database = databases.PostgreSQL
    lock_connect = ("begin", "lock table connect in exclusive mode")

    def test_refused_by_pg_hba(self):
        path = os.path.join(self.base.server.data, "pg_hba.conf")
        with open(path, encoding="utf-8") as file:
            before = file.read()

        def write(text):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            self.base.server.query("select pg_reload_conf()", "postgres")

        def refuse():
            write("host sqlgrey all 127.0.0.1/32 reject\n" + before)
            wait_until(lambda: not self.connects(), "the new pg_hba.conf")
            self.base.end_sessions()

        self.addCleanup(write, before)
        self.outage(refuse, lambda: write(before))

    def connects(self):
        try:
            return bool(self.base.count("connect") + 1)
        except RuntimeError:
            return False

    def test_read_only(self):
        def read_only(value):
            self.base.server.query(f"alter database sqlgrey set default_transaction_read_only = {value}", "postgres")

        def begin():
            read_only("on")
            self.base.end_sessions()

        self.outage(begin, lambda: read_only("off"))


class OnMariaDB(Failure):
    make_database = databases.MariaDB
    lock_connect = ("lock tables connect read",)

    def setUp(self):
        super().setUp()
        self.base.execute(f"create user if not exists {PLAIN}@'127.0.0.1'")
        self.base.execute("grant select, insert, update, delete, create, alter, index, drop "
                          f"on {self.base.server.name}.* to {PLAIN}@'127.0.0.1'")

    def sharer(self, *arguments, **settings):
        return super().sharer(*arguments, **{"db_user": PLAIN, **settings})

    def test_read_only(self):
        def read_only(value):
            self.base.execute(f"set global read_only = {value}")

        self.addCleanup(read_only, 0)
        self.outage(lambda: read_only(1), lambda: read_only(0))

    def test_too_many_connections(self):
        self.begin()
        address = ("127.0.0.1", self.base.server.port)
        with self.base.session() as root, contextlib.ExitStack() as others:
            usual = root.run("select @@max_connections").strip()
            self.addCleanup(self.base.execute, f"set global max_connections = {usual}")
            root.run("set global max_connections = 10", *(f"kill {number}" for number, in self.base.sessions()))
            # They occupy connections without logging in; the server lets them for ten seconds.
            for _ in range(20):
                others.enter_context(socket.create_connection(address, 5))
            self.asked_while_away()
            others.close()
            root.run(f"set global max_connections = {usual}")
        self.back_in_time()
        self.one_line_each()

    def test_an_idle_session_that_the_server_ends(self):
        self.addCleanup(self.base.execute, "set global wait_timeout = 28800")
        self.base.execute("set global wait_timeout = 1")
        self.begin()
        time.sleep(2)
        for connection in self.connections:
            self.assertEqual(self.ask_new(connection)[0], DEFER)
        self.no_trouble(self.served)

    def test_the_first_host_is_read_only_the_second_is_not(self):
        """An old primary that came back as a replica."""
        with databases.MariaDB() as other:
            other.execute(f"create user {PLAIN}@'127.0.0.1'")
            other.execute(f"grant all on {other.server.name}.* to {PLAIN}@'127.0.0.1'")
            other.execute("set global read_only = 1")
            ports = (other.server.port, self.base.server.port)
            self.begin(db_host=", ".join(f"127.0.0.1:{port}" for port in ports), db_port=None)
            self.no_trouble(self.served)
            self.assertEqual(self.base.count("connect"), self.number)


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(where) for where in (OnPostgreSQL, OnMariaDB))


if __name__ == "__main__":
    case.main()
