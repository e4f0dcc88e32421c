"""sqlgrey --replace: a new daemon takes the place of the running one. No request is lost and no connection is closed;
whatever goes wrong with the new one, the old one goes on.

SQLGREY_REPLACES=500 in the environment replaces it more often under load."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, metrics, milter, policy
from support.daemon import LIMIT, give_to_daemon, wait_until
from support.ports import free_port
from support.strict_client import StrictLoad
from support.successor import HELLO, Successor

DEFER = "defer_if_permit Greylisted for 5 minutes"
MILTER_DEFER = "451 4.7.1 Greylisted for 5 minutes"
REPLACES = int(os.environ.get("SQLGREY_REPLACES", "10"))


class ReplaceCase(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2})
        self.addCleanup(wait_until_none_is_left)
        self.addCleanup(self.server.run, "--kill")  # whichever it is at the end of a test that fails
        self.addCleanup(self.server.stop)
        self.pid_option = ("--pidfile", self.server.pid_file)

    def start(self):
        self.server.start(*self.pid_option)
        return self.server.process

    def replace(self):
        """Waits until the new one serves and the old one has ended; returns the old one."""
        old = self.server.process
        self.server.start("--replace", *self.pid_option)
        self.assertEqual(old.wait(LIMIT), 0, self.server.log())
        return old

    def try_to_replace(self, *arguments, **process):
        """A successor that is expected to fail: its status and what it said."""
        done = subprocess.run(self.server.command("--replace", *self.pid_option, *arguments), cwd=self.server.state,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False,
                              **process)
        return done.returncode, done.stderr

    def assert_goes_on(self, process):
        """`process` is still the daemon: it answers, it has the pid file, and it can be replaced."""
        self.assertIsNone(process.poll(), self.server.log())
        self.assertEqual(self.server.ask(recipient="on@example.net"), DEFER)
        wait_until(lambda: self.pid_in_file() == process.pid, "its pid in the file")
        self.server.process = process
        self.replace()
        self.assertEqual(self.server.ask(recipient="on@example.net"), DEFER)

    def pid_in_file(self):
        with open(self.server.pid_file, encoding="ascii") as file:
            return int(file.read() or 0)

    def load(self, **options):
        load = StrictLoad(self.server.address, **options)
        self.addCleanup(load.stop)
        load.wait_for_more(100)
        return load

    def assert_all_were_answered(self, load):
        load.stop()
        self.assertEqual(load.lost(), [])
        replies = load.replies()
        self.assertEqual(set(replies.values()), {DEFER})
        rows = {row[0] for row in self.server.tables.execute("select rcpt from connect")}
        self.assertEqual(set(replies) - rows, set())
        self.assertNotRegex(self.server.log(), r"without the database|not finish")


class Replace(ReplaceCase):
    def test_under_load_no_connection_is_closed_and_no_request_is_lost(self):
        self.start()
        load = self.load(pause=0.005)
        for _ in range(REPLACES):
            self.replace()
            load.wait_for_more(50)
        self.assert_all_were_answered(load)
        self.assertEqual(load.closed(), 0)
        print(f"{REPLACES} replaces, {len(load.replies())} requests, longest {load.longest() * 1000:.0f} ms")

    def test_it_has_the_pid_file_and_is_ended_by_kill(self):
        self.start()
        for _ in range(2):
            self.replace()
            wait_until(lambda: self.pid_in_file() == self.server.process.pid, "the new pid in the file")
        self.assertTrue(os.path.exists(self.server.pid_file + ".replace"))
        done = self.server.run("--kill")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.server.process.wait(LIMIT), 0)
        self.assertEqual([name for name in os.listdir(self.server.state) if "pid" in name], [])

    def test_in_the_background(self):
        self.daemonize(self.server)
        for _ in range(2):
            before = self.pid_in_file()
            with policy.Conversation(self.server.address) as talk:
                talk.ask()
                done = self.server.run("--daemonize", "--replace")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotEqual(self.pid_in_file(), before)
                self.assertEqual(talk.ask(), DEFER)
        self.assertEqual(self.server.run("--kill").returncode, 0)

    def test_without_a_running_daemon_it_starts_as_usual(self):
        self.server.start("--replace", *self.pid_option)
        self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(self.pid_in_file(), self.server.process.pid)

    def test_new_settings_are_in_force(self):
        """Also those that a reload does not change."""
        path = os.path.join(self.server.state, "socket")
        self.server.configure(unix=path)
        self.start()
        with policy.Conversation(self.server.address) as talk, policy.Conversation(path) as other:
            self.assertEqual((talk.ask(), other.ask()), (DEFER, DEFER))
            self.replace()
            self.assertEqual((talk.ask(), other.ask(), policy.ask(path)), (DEFER, DEFER, DEFER))
            self.server.configure(unix=None, reconnect_delay=7, workers=3)
            self.replace()
            self.assertEqual((talk.ask(), other.ask()), (DEFER.replace("5", "7"),) * 2)
            wait_until(lambda: not os.path.exists(path), "the unused socket removed")
        self.server.configure(unix=path + ".2", inet=None)
        self.replace()
        self.assertIn("7 minutes", policy.ask(path + ".2"))

    def test_mail_servers_and_their_sockets_pass_too(self):
        path, port = os.path.join(self.server.state, "milter"), free_port()
        both = f"unix:{path}, inet:127.0.0.1:{port}"
        self.server.configure(milter=both)
        self.start()
        with milter.Conversation(path) as old:
            old.connect()
            old.mail()
            self.assertEqual(old.rcpt(), MILTER_DEFER)
            for settings in (both, f"inet:127.0.0.1:{port}"):
                self.server.configure(milter=settings)
                self.replace()
                self.assertEqual(os.path.exists(path), settings == both)
                self.assertEqual(old.rcpt("eve@example.net"), MILTER_DEFER)
                with milter.Conversation(("127.0.0.1", port)) as new:
                    new.connect()
                    new.mail()
                    self.assertEqual(new.rcpt("joe@example.net"), MILTER_DEFER)
        self.assertEqual(self.server.tables.count("connect"), 3)

    def test_what_is_remembered_about_a_connection_goes_along(self):
        self.server.configure(reconnect_delay=0, prepend=1)
        self.start()
        text = policy.request(recipient="slow@example.net", instance="9.9")
        with policy.Conversation(self.server.address) as talk, policy.Conversation(self.server.address) as slow:
            talk.ask(recipient="a@example.net")
            talk.ask(recipient="b@example.net")
            time.sleep(1.1)  # reconnect_delay is over in a later second
            self.assertIn("X-Greylist", talk.ask(recipient="a@example.net", instance="1f.2"))
            for at in range(0, len(text), 100):
                slow.send(text[at:at + 100])
                self.replace()
                self.assertEqual(talk.ask(recipient="b@example.net", instance="1f.2"), "dunno")
            self.assertIn("X-Greylist", talk.ask(recipient="b@example.net", instance="1f.3"))
            self.assertNotEqual(slow.reply(), "")

    def test_a_client_that_never_reads_does_not_delay_it(self):
        self.start()
        with policy.Conversation(self.server.address) as talk, contextlib.suppress(TimeoutError):
            talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            talk.socket.settimeout(1)
            for number in range(20000):
                talk.send(policy.request(recipient=f"r{number}@example.net"))
        with policy.Conversation(self.server.address) as other:
            other.ask()
            self.replace()
            self.assertEqual(other.ask(), DEFER)

    def test_counters_go_on(self):
        place = os.path.join(self.server.state, "metrics")
        self.server.configure(metrics_listen=place)
        self.start()
        for number in range(5):
            self.server.ask(recipient=f"r{number}@example.net")
        self.replace()
        self.server.ask()
        samples = metrics.samples(metrics.get(place)[2])
        self.assertEqual(sum(value for name, value in samples.items() if name.startswith("sqlgrey_decisions_total")), 6)
        self.assertEqual(samples["sqlgrey_workers"], 2)

    def test_systemd_is_told_the_new_main_process(self):
        path = os.path.join(self.server.state, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            give_to_daemon(path)
            manager.settimeout(LIMIT)
            said = []
            self.server.extra_environment["NOTIFY_SOCKET"] = path
            self.server.start(*self.pid_option, wait=False)
            while "READY=1" not in said:
                said.append(manager.recv(4096).decode())
            del self.server.extra_environment["NOTIFY_SOCKET"]
            old = self.server.process
            environment = {name: value for name, value in self.server.environment().items() if name != "NOTIFY_SOCKET"}
            self.server.process = subprocess.Popen(self.server.command("--replace", *self.pid_option), env=environment,
                                                   cwd=self.server.state, stdin=subprocess.DEVNULL)
            self.assertEqual(old.wait(LIMIT), 0)
            while f"MAINPID={self.server.process.pid}" not in said:
                said.append(manager.recv(4096).decode())
            self.assertNotIn("STOPPING=1", said)
            self.server.stop()
            while "STOPPING=1" not in said:
                said.append(manager.recv(4096).decode())


class Failures(ReplaceCase):
    """The old daemon goes on."""

    def test_wrong_settings(self):
        process = self.start()
        for wrong in ({"reconnect_delay": "soon"}, {"reconnect_delay": None, "unix": "/nowhere/socket"}):
            self.server.configure(**wrong)
            status, said = self.try_to_replace()
            self.assertEqual(status, 1)
            self.assertIn(next(reversed(wrong)) if "unix" not in wrong else "/nowhere/socket", said)
        self.server.configure(unix=None)
        self.assert_goes_on(process)

    def test_a_database_that_cannot_be_used(self):
        process = self.start()
        broken = os.path.join(self.server.state, "broken")
        with open(broken, "w", encoding="ascii") as file:
            file.write("This is no database. " * 1000)
        give_to_daemon(broken)
        good = self.server.settings["db_name"]
        self.server.configure(db_name=broken)
        status, said = self.try_to_replace()
        self.assertEqual(status, 1, said)
        self.assertIn("database cannot be used", said)
        self.server.configure(db_name=good, db_type="Pg", db_host="127.0.0.1", db_port=free_port(), on_db_failure="pass")
        status, said = self.try_to_replace()
        self.assertEqual(status, 1, said)
        self.assertRegex(said, "database cannot be used: .*Connection refused")
        self.server.configure(db_type="SQLite", db_host=None, db_port=None, on_db_failure=None)
        self.assert_goes_on(process)

    def test_it_ends_at_any_step(self):
        process = self.start()
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            for step in range(4):
                with Successor(self.server) as successor:
                    if step >= 1:
                        names = successor.prepare()
                        self.assertIn("sqlgrey-listener", names)
                        self.assertIn("sqlgrey-replace", names)
                    if step >= 2:
                        successor.say("ready")
                    if step >= 3:
                        self.assertEqual(successor.hear(), ("go", None))
                # The connection may have been with the successor.
                with contextlib.suppress(policy.Closed, ConnectionResetError, BrokenPipeError):
                    self.assertEqual(talk.ask(), DEFER)
                self.assertEqual(self.server.ask(recipient=f"s{step}@example.net"), DEFER)
                wait_until(lambda: self.pid_in_file() == process.pid, "the old pid in the file")
        self.assertEqual(self.server.log().count("ended before it replaced this daemon"), 3)
        self.assert_goes_on(process)

    def test_it_is_killed_at_any_time(self):
        """Or nearly: the moment in which both could end is left out."""
        place = os.path.join(self.server.state, "metrics")
        self.server.configure(metrics_listen=place)
        process = self.start()
        load = self.load(pause=0.005)
        for _ in range(REPLACES):
            with open(self.server.log_file, "ab") as log:
                child = subprocess.Popen(self.server.command("--replace", *self.pid_option), cwd=self.server.state,
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
            time.sleep(random.uniform(0, 0.2))
            child.send_signal(signal.SIGSTOP)
            if f"process {child.pid} serves now" in self.server.log():  # too late: the old one may be about to end
                child.send_signal(signal.SIGCONT)
                self.assertEqual(process.wait(LIMIT), 0)
                process = self.server.process = child
            else:
                child.kill()
                child.wait()
            load.wait_for_more(20)
        self.assert_all_were_answered(load)
        wait_until(lambda: metrics.samples(metrics.get(place)[2])["sqlgrey_workers"] == 2, "2 workers counted")

    def test_the_running_daemon_dies_while_it_is_replaced(self):
        """Then the new one serves: it has the sockets."""
        process = self.start()
        new = subprocess.Popen(self.server.command("--replace", *self.pid_option), cwd=self.server.state,
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.server.wait_for_log("is about to replace this daemon")
        process.kill()
        process.wait()
        self.server.process = new
        wait_until(lambda: self.pid_in_file() == new.pid, "the new pid in the file")
        self.assertEqual(self.server.ask(), DEFER)
        self.replace()

    def test_two_at_once(self):
        process = self.start()
        with Successor(self.server) as first:
            first.prepare()
            status, said = self.try_to_replace()
            self.assertEqual(status, 1)
            self.assertRegex(said, rf"refuses to be replaced: process {os.getpid()} is replacing it already")
        self.assert_goes_on(process)

    def test_another_version(self):
        process = self.start()
        with Successor(self.server) as newer:
            newer.say("sqlgrey replace 2\n1")
            self.assertRegex(newer.hear()[0], "^refused: it does not understand this version")
        self.assert_goes_on(process)

    def test_another_format_of_connections(self):
        """They are closed after the reply that is due."""
        process = self.start()
        with policy.Conversation(self.server.address) as talk, Successor(self.server) as newer:
            talk.ask()
            newer.say(HELLO.replace("\n2", "\n3"))
            while newer.hear()[0] != "all":
                pass
            newer.say("ready")
            self.assertEqual(newer.hear(), ("go", None))
            self.assertEqual(talk.socket.recv(1), b"")
            self.assertEqual(newer.hear(), (None, None))
            self.assertEqual(process.wait(LIMIT), 0)

    def test_another_user(self):
        self.need_root("starts it as two users")
        process = self.start()
        os.chmod(self.server.state, 0o777)
        other = {"user": "daemon", "group": "daemon", "extra_groups": []}
        status, said = self.try_to_replace(**other)
        self.assertEqual(status, 1)
        self.assertRegex(said, r"cannot connect to .*\.replace: Permission denied")
        os.chmod(self.server.pid_file + ".replace", 0o666)
        self.assertIn("cannot write the pid file", self.try_to_replace(**other)[1])
        os.chmod(self.server.pid_file, 0o666)
        self.assertIn("only root and the account that it runs as may replace it", self.try_to_replace(**other)[1])
        self.assert_goes_on(process)

    def test_while_a_reload_runs(self):
        self.start()
        load = self.load(pause=0.005)
        for _ in range(5):
            self.server.process.send_signal(signal.SIGHUP)
            self.replace()
            self.server.process.send_signal(signal.SIGHUP)
            load.wait_for_more(50)
        self.assert_all_were_answered(load)
        self.assertEqual(load.closed(), 0)

    def test_a_stop_ends_both(self):
        self.start()
        with Successor(self.server) as successor:
            successor.prepare()
            self.assertEqual(self.server.stop(), 0)
            self.assertEqual(successor.hear(), ("refused: it is stopping", None))


if __name__ == "__main__":
    adopt_orphans()
    case.main()
