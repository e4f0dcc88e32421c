"""What a new daemon does (sqlgrey --replace) if the running one, which is the test here, does not let it serve."""

import os
import socket
import subprocess

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case
from support.daemon import LIMIT, wait_until
from support.ports import free_port
from support.successor import Predecessor, own_cgroup

DEFER = "defer_if_permit Greylisted for 5 minutes"


class Successors(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2})
        self.addCleanup(wait_until_none_is_left)

    def pid_in_file(self):
        with open(self.server.pid_file, encoding="ascii") as file:
            return int(file.read() or 0)

    def start_successor(self):
        return subprocess.Popen(self.server.command("--replace", "--pidfile", self.server.pid_file), cwd=self.server.state, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def assert_fails(self, process, reason):
        """And leaves the files alone, which are not its own."""
        said = process.communicate(timeout=LIMIT)[1]
        self.assertEqual(process.returncode, 1, said)
        self.assertRegex(said, reason)
        self.assertEqual(self.pid_in_file(), os.getpid())
        self.assertTrue(os.path.exists(self.server.pid_file + ".replace"))
        self.assertFalse(self.server.reachable(), "it does not serve")

    def ready_successor(self, running):
        """One that has started its children and waits to be told to go."""
        process = self.start_successor()
        successor = running.accept()
        self.addCleanup(successor.close)
        successor.say("welcome 1\n\n" + own_cgroup())
        successor.say("all")
        self.assertEqual(successor.hear(), ("ready", None))
        return process, successor

    def test_it_is_refused(self):
        with Predecessor(self.server) as running:
            process = self.start_successor()
            with running.accept() as successor:
                successor.say("refused: it is busy")
                self.assert_fails(process, r"refuses to be replaced: it is busy")

    def test_it_is_refused_at_the_end(self):
        with Predecessor(self.server) as running:
            process, successor = self.ready_successor(running)
            successor.say("refused: it is stopping")
            self.assert_fails(process, r"refuses to be replaced: it is stopping")

    def test_another_version(self):
        with Predecessor(self.server) as running:
            process = self.start_successor()
            with running.accept() as successor:
                successor.say("welcome 2\n")
                self.assert_fails(process, "is of another version and cannot be replaced; stop it with --kill")

    def test_a_service_of_systemd(self):
        with Predecessor(self.server) as running:
            process = self.start_successor()
            with running.accept() as successor:
                successor.say("welcome 1\n/run/systemd/notify\n0::/system.slice/sqlgrey.service\n")
                self.assert_fails(process, "is a service of systemd, .* use: systemctl restart sqlgrey")

    def test_the_connection_breaks(self):
        with Predecessor(self.server) as running:
            process, successor = self.ready_successor(running)
            successor.close()
            self.assert_fails(process, "which still runs, has broken")

    def test_it_is_told_to_stop(self):
        with Predecessor(self.server) as running:
            process, _ = self.ready_successor(running)
            process.terminate()
            self.assert_fails(process, "told to stop before it has replaced the running daemon")

    def test_descriptors_that_it_has_no_use_for_are_not_used(self):
        with Predecessor(self.server) as running, open("/dev/null", "rb") as null, \
                socket.create_server(("127.0.0.1", free_port())) as other:
            process = self.start_successor()
            successor = running.accept()
            self.addCleanup(successor.close)
            successor.say("welcome 1\n\n" + own_cgroup())
            for each in (null, other):
                successor.give("sqlgrey-listener", each)
            for name in ("sqlgrey-metrics", "sqlgrey-counters 2.0.0 1", "sqlgrey-connection"):
                successor.give(name, null)
            successor.say("all")
            self.assertEqual(successor.hear(), ("ready", None))
            successor.say("go")
            wait_until(lambda: self.pid_in_file() == process.pid, "its pid in the file")
            self.assertEqual(self.server.ask(), DEFER)
            process.terminate()
            process.communicate(timeout=LIMIT)
            successor.close()


if __name__ == "__main__":
    adopt_orphans()
    case.main()
