"""A daemon without the processes, threads or memory that it needs logs that, continues with what it has, and
recovers once the limit is raised."""

import contextlib
import os
import resource
import signal
import subprocess
import time

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, policy
from support.daemon import unprivileged, wait_until

DEFER = "defer_if_permit Greylisted for 5 minutes"


class Limits(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2}).start()
        self.master = self.server.process.pid

    def tearDown(self):
        self.server.stop()
        wait_until_none_is_left()

    def limit(self, pid, name, value):
        """Sets the soft limit of a running process, as its user: root may not be allowed to."""
        account = {}
        if os.geteuid() == 0:
            user, group = unprivileged()
            account = {"user": user, "group": group, "extra_groups": []}
        subprocess.run(["prlimit", "--pid", str(pid), f"--{name}={value}:"], check=True, **account)

    def no_memory_for_threads(self):
        """A process of that size can be created and can allocate a little, but not the stack of a thread."""
        with open(f"/proc/{self.master}/statm", encoding="ascii") as file:
            pages = int(file.read().split()[0])
        self.limit(self.master, "as", pages * resource.getpagesize() + 4 * 1024 * 1024)

    def kill_all(self):
        for child in self.server.children():
            os.kill(child, signal.SIGKILL)

    def is_answered(self):
        """Not by a worker that is just ending for lack of memory."""
        try:
            return self.server.ask() == DEFER
        except (OSError, policy.Closed):
            return False

    def assert_it_recovers(self):
        wait_until(self.is_answered, "the service goes on")
        wait_until(lambda: len(self.server.children()) == 3, lambda: f"all children, not {self.server.children()}")
        self.assertNotIn("by signal 6", self.server.log(), "no process was ended by an exception")
        self.assertIsNone(self.server.process.poll())

    def test_workers_without_threads_end_with_a_log_line_and_are_replaced(self):
        self.no_memory_for_threads()
        self.kill_all()
        self.server.wait_for_log(r"cannot go on: (no thread can be started; raise the limits|out of memory)")
        self.server.wait_for_log(r"worker \d+ ended with status 1, starting another")
        self.limit(self.master, "as", "unlimited")
        self.assert_it_recovers()

    def test_a_reload_without_memory_keeps_the_old_workers(self):
        with policy.Conversation(self.server.address) as talk:
            self.assertEqual(talk.ask(), DEFER)
            old = set(self.server.children())
            self.no_memory_for_threads()
            self.server.process.send_signal(signal.SIGHUP)
            self.server.wait_for_log("cannot go on: |cannot reload|out of memory")
            self.assertEqual(talk.ask(recipient="a@example.net"), DEFER)
            self.assertEqual(self.server.ask(recipient="b@example.net"), DEFER)
            self.limit(self.master, "as", "unlimited")
            self.server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: not old & set(self.server.children()), "the old generation gone")
            self.assertEqual(talk.ask(recipient="c@example.net"), DEFER)
        self.assert_it_recovers()

    def test_a_worker_without_memory_is_replaced(self):
        """Requests already read must not be answered wrongly, and the other workers continue."""
        for child in self.server.children():
            with open(f"/proc/{child}/statm", encoding="ascii") as file:
                pages = int(file.read().split()[0])
            self.limit(child, "as", pages * resource.getpagesize() + 65536)
        # Requests without end, as large as allowed: the memory that a worker has reserved takes hundreds of them.
        begun = b"".join(b"n%d=%s\n" % (number, b"x" * 500) for number in range(127))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with contextlib.ExitStack() as talks:
            for _ in range(4000):
                if "out of memory" in self.server.log():
                    break
                try:
                    talks.enter_context(policy.Conversation(self.server.address)).send(begun)
                except OSError:
                    pass  # from a worker that has just ended
            self.server.wait_for_log(r"cannot go on: out of memory")
        self.assert_it_recovers()

    def test_no_process_can_be_started(self):
        if os.geteuid() != 0:
            self.skipTest("needs a user of its own for the daemon: run as root")
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        self.limit(self.master, "nproc", 1)
        first = self.server.children()[0]
        os.kill(first, signal.SIGKILL)
        self.server.wait_for_log(r"cannot start a \w+ process: Resource temporarily unavailable; raise the limits")
        for number in range(20):
            self.assertEqual(self.server.ask(recipient=f"{number}@example.net"), DEFER)
        self.kill_all()
        time.sleep(3)  # so that pauses have grown
        self.assertEqual(self.server.children(), [])
        self.limit(self.master, "nproc", "unlimited" if hard == resource.RLIM_INFINITY else hard)
        self.assert_it_recovers()


if __name__ == "__main__":
    adopt_orphans()
    case.main()
