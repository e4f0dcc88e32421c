"""What a start does with the database: creates and takes over tables, logs that once, and fails if it would be
useless; an unavailable database does not delay it."""

import os
import socket
import sqlite3
import time

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case
from support.daemon import children_of, wait_until

DEFER = "defer_if_permit Greylisted for 5 minutes"


class SilentServer:
    """Accepts connections and never answers."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def close(self):
        self.socket.close()


class Startup(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2})
        self.tables = self.server.tables

    def tearDown(self):
        self.server.stop()
        wait_until_none_is_left()

    def timed_start(self):
        began = time.monotonic()
        self.server.start()
        return time.monotonic() - began

    def restart_after(self, *statements):
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        self.server.stop()
        for statement in statements:
            self.tables.execute(statement)

    def refusal(self, *arguments):
        done = self.server.run(*arguments)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    # -- tables ---------------------------------------------------------------------------------

    def test_a_dropped_table_is_created_again_at_the_next_start(self):
        for table in ("connect", "from_awl", "domain_awl", "config", "optin_email", "lists"):
            self.restart_after(f"drop table {table}")
            self.server.start()
            self.assertEqual(self.server.ask(sender=f"{table}@example.org"), DEFER)
            self.assertIn(f"the tables are brought up to date: make table {table}", self.server.log())
            self.assertNotIn("the database is away", self.server.log())
            self.server.stop()

    def test_a_dropped_table_is_created_again_after_a_reload(self):
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        old = self.server.children()
        self.tables.execute("drop table domain_awl")
        os.kill(self.server.process.pid, 1)
        wait_until(lambda: self.server.children() and not set(old) & set(self.server.children()), "a new generation")
        wait_until(lambda: self.server.ask(sender="after@example.org") == DEFER, "greylisting")
        self.assertEqual(self.server.log().count("make table domain_awl"), 1)

    def test_a_take_over_is_logged_once(self):
        self.restart_after("delete from config where parameter = 'sqlgrey_schema'",
                           "insert into from_awl values ('a', 'example.org', '192.0.2', 1, 1)")
        self.server.configure(workers=4)
        self.server.start()
        self.assertEqual(self.server.log().count("taken over: 1 sender, 0 domains, 1 waiting"), 1, self.server.log())

    # -- problems that stop the start -------------------------------------------------------

    def test_tables_of_a_newer_sqlgrey_stop_the_start(self):
        self.restart_after("update config set value = '99' where parameter = 'sqlgrey_schema'")
        for arguments in ((), ("-d",)):
            self.assertRegex(self.refusal(*arguments), r"(?m)^sqlgrey: .*the tables have level 99 .* levels up to 5")
            self.assertFalse(os.path.exists(self.server.pid_file) and open(self.server.pid_file).read())
        with self.assertRaises(OSError):
            socket.create_connection(self.server.address, 1)

    def test_tables_of_an_old_sqlgrey_stop_the_start_and_the_unix_socket_is_removed(self):
        self.restart_after("delete from config where parameter = 'sqlgrey_schema'",
                           "update config set value = '2' where parameter = 'version'")
        path = os.path.join(self.server.state, "socket")
        self.server.configure(unix=path)
        self.assertIn("version 2 of SQLgrey", self.refusal())
        self.assertFalse(os.path.exists(path))

    def test_such_tables_do_not_stop_the_start_if_the_settings_let_mail_pass(self):
        self.restart_after("update config set value = '99' where parameter = 'sqlgrey_schema'")
        self.server.configure(on_db_failure="defer")
        self.assertIn("the tables have level 99", self.refusal())
        self.server.configure(on_db_failure="pass")
        self.server.start()
        self.server.wait_for_log("^dbaccess: error: database cannot be used: .*the tables have level 99.*mail is let through")
        self.assertNotEqual(self.server.ask(sender="x@example.org"), DEFER)

    # -- outages ----------------------------------------------------------------------------

    def test_a_server_that_refuses_connections_does_not_delay_the_start(self):
        silent = SilentServer()
        silent.close()
        self.server.configure(db_type="Pg", db_name="x", db_user="x", db_host="127.0.0.1", db_port=silent.port)
        self.assertLess(self.timed_start(), 3)

    def test_a_silent_server_does_not_delay_the_start_and_no_process_is_left(self):
        silent = SilentServer()
        self.addCleanup(silent.close)
        for kind in ("Pg", "mysql"):
            self.server.configure(db_type=kind, db_name="x", db_user="x", db_host="127.0.0.1", db_port=silent.port,
                                  db_timeout="1s")
            self.assertLess(self.timed_start(), 5)
            began = time.monotonic()
            self.assertEqual(self.server.stop(), 0)
            self.assertLess(time.monotonic() - began, 8)
            wait_until_none_is_left()

    def test_a_lock_does_not_delay_the_start_and_a_worker_takes_over_later(self):
        self.restart_after("delete from config where parameter = 'sqlgrey_schema'")
        holder = sqlite3.connect(self.tables.path, isolation_level=None)
        holder.execute("begin immediate")
        self.assertLess(self.timed_start(), 6)
        self.assertNotIn("taken over", self.server.log())
        holder.execute("commit")
        holder.close()
        wait_until(lambda: self.server.ask(sender="after@example.org") == DEFER, "greylisting")
        self.assertEqual(self.server.log().count("taken over: 0 senders, 0 domains, 1 waiting"), 1, self.server.log())

    def test_a_stop_ends_the_wait(self):
        silent = SilentServer()
        self.addCleanup(silent.close)
        self.server.configure(db_type="Pg", db_name="x", db_user="x", db_host="127.0.0.1", db_port=silent.port,
                              db_timeout="20s")
        self.server.start(wait=False)
        wait_until(lambda: children_of(self.server.process.pid), "the child")
        self.assertEqual(self.server.stop(limit=15), 0)
        self.assertFalse(os.path.exists(self.server.pid_file) and open(self.server.pid_file).read())


if __name__ == "__main__":
    adopt_orphans()
    case.main()
