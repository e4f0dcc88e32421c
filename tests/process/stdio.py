"""--stdio: one conversation on standard input and output of any kind, and what is left afterwards."""

import os
import signal
import socket
import sqlite3
import subprocess
import time

from support import case, policy, syslog
from support.daemon import LIMIT, unprivileged, wait_until

AS_DAEMON = {"user": unprivileged()[0], "group": unprivileged()[1], "extra_groups": []} if os.geteuid() == 0 else {}


class Stdio(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.syslog = syslog.Syslog(self.directory)
        self.addCleanup(self.syslog.close)
        self.server = self.daemon()
        self.processes = []
        self.addCleanup(self.kill_all)

    def kill_all(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for end in (process.stdin, process.stdout, process.stderr):
                if end:
                    end.close()

    def spawn(self, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE):
        process = subprocess.Popen(self.server.command("--stdio"), stdin=stdin, stdout=stdout, stderr=stderr,
                                   cwd=self.server.state, **AS_DAEMON)
        self.processes.append(process)
        return process

    def talk(self, text):
        """Sends all the input and its end; returns (exit status, output, standard error)."""
        process = self.spawn()
        out, err = process.communicate(text, timeout=LIMIT)
        return process.returncode, out.decode(), err.decode()

    def test_through_pipes(self):
        process = self.spawn()
        for sender in ("alice@example.org", "carol@example.org"):
            process.stdin.write(policy.request(sender=sender))
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"action=defer_if_permit Greylisted for 5 minutes\n")
            self.assertEqual(process.stdout.readline(), b"\n")
        self.assertIsNone(process.poll(), "it waits for more")
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"")
        self.assertEqual(process.wait(LIMIT), 0)
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(self.server.tables.count("connect"), 2)

    def test_nobody_waits_in_a_tarpit_that_no_process_can_count(self):
        self.server.configure(tarpit="60s", tarpit_when="all", targrey="on")
        deferred = "action=defer_if_permit Greylisted for 5 minutes\n\n"
        self.assertEqual(self.talk(policy.request(instance="m1")), (0, deferred, ""))

    def test_over_one_socket_as_with_spawn(self):
        ours, theirs = socket.socketpair()
        with ours:
            process = self.spawn(theirs, theirs, theirs)
            theirs.close()
            ours.settimeout(LIMIT)
            ours.sendall(policy.request())
            reply = b""
            while not reply.endswith(b"\n\n"):
                reply += ours.recv(4096)
            self.assertEqual(reply, b"action=defer_if_permit Greylisted for 5 minutes\n\n")
        self.assertEqual(process.wait(LIMIT), 0)

    def test_from_a_file_and_many_at_once(self):
        path = os.path.join(self.directory, "requests")
        with open(path, "wb") as file:
            for i in range(500):
                file.write(policy.request(recipient=f"user{i}@example.net"))
        with open(path, "rb") as file:
            process = self.spawn(stdin=file)
            out, _ = process.communicate(timeout=LIMIT)
        self.assertEqual(out, b"action=defer_if_permit Greylisted for 5 minutes\n\n" * 500)
        self.assertEqual(self.server.tables.count("connect"), 500)

    def test_it_shares_the_tables_with_a_daemon(self):
        self.assertEqual(self.talk(policy.request())[0], 0)
        self.server.tables.age("connect", 301)
        self.server.start()
        self.assertRegex(self.server.ask(), r"^PREPEND X-Greylist: delayed 00:05:\d\d by SQLgrey-")
        _, out, _ = self.talk(policy.request())
        self.assertRegex(out, r"^action=PREPEND X-Greylist: from auto-whitelisted by SQLgrey-")

    def test_an_empty_input_is_not_an_error(self):
        self.assertEqual(self.talk(b""), (0, "", ""))

    def test_it_ends_when_its_replies_cannot_be_written(self):
        process = self.spawn()
        process.stdout.close()
        process.stdin.write(policy.request())
        process.stdin.flush()
        self.assertEqual(process.wait(LIMIT), 0)

    def test_it_logs_to_syslog_and_not_to_the_client(self):
        status, out, err = self.talk(policy.request())
        self.assertEqual((status, out.count("\n"), err), (0, 2, ""))
        wait_until(lambda: [text for _, ident, text in self.syslog.messages()
                            if ident.startswith("sqlgrey") and text.startswith("grey: new: 192.0.2(192.0.2.10)")],
                   lambda: f"a line of the log in {self.syslog.lines}")

    def test_wrong_settings_are_logged_to_syslog(self):
        self.server.configure(reconnect_delay="soon")
        self.assertEqual(self.talk(policy.request()), (1, "", ""))
        wait_until(lambda: [text for _, _, text in self.syslog.messages()
                            if text.startswith("conf: ") and "reconnect_delay" in text and "soon" in text],
                   lambda: f"a line about the bad value in {self.syslog.lines}")

    def test_a_database_out_of_reach_lets_the_mail_pass(self):
        self.server.configure(db_name=os.path.join(self.directory, "absent", "sqlgrey.db"))
        status, out, _ = self.talk(policy.request())
        self.assertEqual((status, out), (0, "action=dunno\n\n"))

    def test_it_waits_for_a_locked_database_no_longer_than_db_timeout(self):
        self.server.configure(db_timeout="500ms")
        self.talk(b"")
        process = self.spawn()
        process.stdin.write(policy.request(sender="known@example.org"))
        process.stdin.flush()
        self.assertIn(b"Greylisted", process.stdout.readline())
        process.stdout.readline()
        with Lock(self.server.tables.path):
            began = time.monotonic()
            process.stdin.write(policy.request(sender="new@example.org"))
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"action=dunno\n")
            self.assertLess(time.monotonic() - began, 10)
        process.stdin.close()
        self.assertEqual(process.wait(LIMIT), 0)

    def test_it_cleans_when_cleaning_is_due(self):
        self.talk(policy.request(sender="old@example.org"))
        tables = self.server.tables
        tables.age("connect", 2 * 86400)
        self.talk(policy.request(sender="fresh@example.org"))
        self.assertEqual(tables.count("connect"), 2, "cleaned a moment ago: not due")
        tables.execute("update config set value = '0' where parameter = 'last_dbclean'")
        self.talk(b"")
        self.assertEqual(tables.keys("connect"), [("fresh", "example.org", "192.0.2", "bob@example.net")])

    def test_it_does_not_touch_pid_file_and_sockets(self):
        path = os.path.join(self.server.state, "socket")
        self.server.configure(unix=path)
        process = self.spawn()
        process.stdin.write(policy.request())
        process.stdin.flush()
        process.stdout.readline()
        self.assertFalse(os.path.exists(self.server.pid_file))
        self.assertFalse(os.path.exists(path))
        self.assertFalse(self.server.reachable())

    def test_term_ends_it(self):
        process = self.spawn()
        process.stdin.write(policy.request())
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(LIMIT), -signal.SIGTERM)
        self.assertEqual(self.server.tables.count("connect"), 1, "what was answered is written")


class Lock:
    """Blocks all writers."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.base = sqlite3.connect(self.path, isolation_level=None, timeout=20)
        self.base.execute("begin immediate")

    def __exit__(self, *_):
        self.base.execute("rollback")
        self.base.close()


if __name__ == "__main__":
    syslog.enter_namespace()
    case.main()
