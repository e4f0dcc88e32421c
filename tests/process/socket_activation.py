"""Sockets that systemd opens and passes: connections wait in them over a restart, and settings that name other
addresses are told."""

import os
import re
import signal
import socket
import stat
import subprocess

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, milter, policy
from support.daemon import end, end_by_number, wait_until
from support.ports import free_port

DEFER = "defer_if_permit Greylisted for 5 minutes"


def listener(port, host="127.0.0.1"):
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET,
                                backlog=1024)


class SocketActivation(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2})
        self.addCleanup(lambda: [each.close() for _, each in self.server.sockets])
        self.holder = None

    def tearDown(self):
        self.server.stop()
        end(self.holder)
        wait_until_none_is_left()

    def pass_port(self, port=None, name="policy"):
        self.server.sockets.append((name, listener(port or self.server.port)))

    def pass_path(self):
        path = os.path.join(self.directory, "passed")
        passed = socket.socket(socket.AF_UNIX)
        passed.bind(path)
        passed.listen()
        os.chmod(path, 0o666)
        self.server.sockets.append(("policy", passed))
        return path

    def waiting(self, address=None):
        """A connection with a request that nobody reads yet."""
        conversation = policy.Conversation(address or self.server.address)
        self.addCleanup(conversation.close)
        conversation.send(policy.request())
        return conversation

    def warnings(self):
        """About sockets. The lines that every start ends with are written by then."""
        self.server.wait_for_log("^conf: pools = off")
        return re.findall(r"^conf: warning: (.*ListenStream.*|.* socket unit.*)$", self.server.log(), re.MULTILINE)

    def refusal(self):
        done = self.server.run()
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    # -- what it is for -------------------------------------------------------------------------

    def test_connections_wait_while_no_daemon_runs(self):
        self.pass_port()
        before = self.waiting()
        self.server.start()
        self.assertEqual(before.reply(), DEFER)
        self.assertEqual(self.server.stop(), 0)
        between = [self.waiting() for _ in range(20)]
        self.server.start()
        for conversation in between:
            self.assertEqual(conversation.reply(), DEFER)
        self.assertEqual(self.warnings(), [])
        self.assertIn(f"sockets passed by systemd: 127.0.0.1:{self.server.port}\n", self.server.log())

    def test_a_unix_socket_is_served_and_its_file_stays(self):
        path = self.pass_path()
        self.server.configure(inet=None, unix=path)
        self.server.start()
        self.assertEqual(policy.ask(path), DEFER)
        self.assertEqual(self.server.stop(), 0)
        self.assertTrue(stat.S_ISSOCK(os.stat(path).st_mode))
        waiting = self.waiting(path)
        self.server.start()
        self.assertEqual(waiting.reply(), DEFER)
        self.assertEqual(self.warnings(), [])

    def test_a_path_through_a_link_is_the_same_socket(self):
        path = self.pass_path()
        os.symlink(self.directory, os.path.join(self.directory, "link"))
        self.server.configure(inet=None, unix=os.path.join(self.directory, "link", os.path.basename(path)))
        self.server.start()
        self.assertEqual(policy.ask(path), DEFER)
        self.assertEqual(self.warnings(), [])

    def test_a_reload_keeps_the_sockets(self):
        self.pass_port()
        self.server.start()
        for number in range(3):
            self.server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: self.server.log().count("a new generation") > number, "the reload")
            self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(self.server.log().count("sockets passed by systemd"), 1)

    def test_detached_with_a_pid_file(self):
        self.pass_port()
        self.daemonize(self.server)
        self.assertEqual(self.server.ask(), DEFER)
        done = self.server.run("--kill")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(os.path.exists(self.server.pid_file))

    def test_started_by_systemd_socket_activate(self):
        self.need("systemd-socket-activate", "systemd")
        with open(self.server.log_file, "ab") as log:
            self.holder = subprocess.Popen(["systemd-socket-activate", "-l", f"127.0.0.1:{self.server.port}",
                                            "--fdname=policy", *self.server.command()], cwd=self.server.state,
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self.server.reachable, "the socket")
        self.assertEqual(self.server.ask(), DEFER)  # by the daemon, which the first connection started
        self.server.wait_for_log(f"sockets passed by systemd: 127.0.0.1:{self.server.port}$")

    # -- settings that say something else -------------------------------------------------------

    def test_an_address_of_neither_side_is_lost(self):
        passed = free_port()
        self.pass_port(passed)
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(policy.ask(("127.0.0.1", passed)), DEFER)
        set_only, passed_only = self.warnings()
        self.assertIn(f"inet 127.0.0.1:{self.server.port} is not in the socket unit", set_only)
        self.assertIn(f"127.0.0.1:{passed} is in no setting inet, unix or milter", passed_only)
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "a new generation" in self.server.log(), "the reload")
        self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(len(self.warnings()), 2, "told again by a reload")

    def test_the_settings_say_which_socket_is_for_mail_servers(self):
        address = ("127.0.0.1", free_port())
        self.pass_port()
        self.pass_port(address[1])
        self.server.configure(milter=f"inet:{address[1]}@{address[0]}")
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        with milter.Conversation(address) as talk:
            talk.connect()
            talk.mail()
            self.assertEqual(talk.rcpt("eve@example.net"), "451 4.7.1 Greylisted for 5 minutes")
        self.assertEqual(self.warnings(), [])

    def test_a_socket_for_mail_servers_that_the_unit_lacks(self):
        port = free_port()
        self.pass_port()
        self.server.configure(milter=f"inet:127.0.0.1:{port}")
        self.server.start()
        with milter.Conversation(("127.0.0.1", port)) as talk:
            self.assertEqual(talk.version, 6)
        (warning,) = self.warnings()
        self.assertIn(f"milter inet:127.0.0.1:{port} is not in the socket unit", warning)

    def test_the_other_address_of_localhost_is_opened_without_a_word(self):
        self.pass_port()
        self.server.configure(inet=self.server.port)
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(self.warnings(), [])

    def test_all_addresses_in_the_settings_but_one_in_the_socket_unit(self):
        self.pass_port()
        self.server.configure(inet=f"0.0.0.0:{self.server.port}")
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        (warning,) = self.warnings()
        self.assertIn(f"inet 0.0.0.0:{self.server.port} is served only at 127.0.0.1:{self.server.port}", warning)

    def test_all_addresses_in_the_socket_unit_but_one_in_the_settings(self):
        self.server.sockets.append(("policy", listener(self.server.port, "0.0.0.0")))
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(self.warnings(), [])

    def test_the_file_of_a_unix_socket_of_the_settings_is_removed(self):
        self.pass_port()
        path = os.path.join(self.server.state, "own")
        self.server.configure(unix=path)
        self.server.start()
        self.assertEqual(policy.ask(path), DEFER)
        self.server.stop()
        self.assertFalse(os.path.exists(path))

    # -- what cannot be served ------------------------------------------------------------------

    def test_descriptors_that_are_not_open(self):
        self.pass_port()
        self.server.extra_environment = {}
        shell = ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=999999 exec "$@"', "sh", *self.server.command()]
        done = subprocess.run(shell, cwd=self.server.state, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=90, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("LISTEN_FDS announces 999999 descriptors, but 3 is not open", done.stderr)

    def test_what_is_no_listening_stream_socket(self):
        with open("/dev/null", "rb") as file, socket.socket(type=socket.SOCK_DGRAM) as datagrams, \
                socket.create_server(("127.0.0.1", 0)) as server, \
                socket.create_connection(server.getsockname()) as connection, \
                socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as netlink:
            for passed, why in ((file, "is not a socket"), (datagrams, "is not a stream socket"),
                                (netlink, "is not a stream socket"),
                                (connection, "does not listen; the socket unit must not contain Accept=yes")):
                self.server.sockets = [("policy", server), ("odd\nname", passed)]
                self.assertIn(f"descriptor 4 (odd\\x0aname), which the daemon was started with, {why}",
                              self.refusal())
            self.server.sockets = []

    def test_sockets_of_another_process_are_ignored(self):
        self.pass_port(free_port())
        self.server.extra_environment = {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
        self.server.sockets.pop()[1].close()
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        self.assertNotIn("passed by systemd", self.server.log())

    def test_names_do_not_matter(self):
        self.pass_port(name="sqlgrey.socket")
        self.pass_port(free_port(), name="")
        self.server.start()
        self.assertEqual([policy.ask(each.getsockname()) for _, each in self.server.sockets], [DEFER, DEFER])


if __name__ == "__main__":
    adopt_orphans()
    case.main()
