"""The daemon's life: stopping, dying children, a dying master, new settings, notifying systemd. Mail goes on
meanwhile, and no process is left behind."""

import os
import signal
import socket
import threading

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, policy
from support.daemon import LIMIT, alive, give_to_daemon, wait_until

DEFER = "defer_if_permit Greylisted for 5 minutes"


class Traffic:
    """Mail that goes on while something happens, each request on its own connection. A lost connection is allowed,
    because Postfix opens another one; a refused connection is not."""

    def __init__(self, address):
        self.address = address
        self.replies = []
        self.lost = 0
        self.refused = []
        self.going = True
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        number = 0
        while self.going:
            number += 1
            try:
                self.replies.append(policy.ask(self.address, recipient=f"r{number}@example.net"))
            except (policy.Closed, ConnectionResetError, BrokenPipeError):
                self.lost += 1
            except OSError as error:
                self.refused.append(error)

    def wait_for_more(self, count=20):
        goal = len(self.replies) + count
        wait_until(lambda: len(self.replies) >= goal, f"{count} more replies")

    def stop(self):
        self.going = False
        self.thread.join()


class Life(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2})

    def tearDown(self):
        self.server.stop()
        wait_until_none_is_left()

    def traffic(self):
        traffic = Traffic(self.server.address)
        self.addCleanup(traffic.stop)
        traffic.wait_for_more()
        return traffic

    def test_term_and_int_stop_it_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.server.start()
            with policy.Conversation(self.server.address) as idle:
                idle.ask()
                self.assertEqual(self.server.stop(number), 0)
            wait_until_none_is_left()
            self.assertFalse(self.server.reachable())

    def test_pending_requests_are_answered_before_it_ends(self):
        self.server.start()
        talks = [policy.Conversation(self.server.address) for _ in range(60)]
        try:
            for talk in talks:
                talk.ask()  # so that each is with a worker
            for number, talk in enumerate(talks):
                talk.send(policy.request(recipient=f"last{number}@example.net"))
            self.server.process.send_signal(signal.SIGTERM)
            self.assertEqual({talk.reply() for talk in talks}, {DEFER})
        finally:
            for talk in talks:
                talk.close()
        self.assertEqual(self.server.process.wait(LIMIT), 0)
        rows = self.server.tables.execute("select count(*) from connect where rcpt like 'last%'")
        self.assertEqual(rows, [(60,)])

    def test_a_killed_child_is_replaced_and_mail_goes_on(self):
        self.server.start()
        traffic = self.traffic()
        for _ in range(3):
            before = self.server.children()
            for victim in before:
                os.kill(victim, signal.SIGKILL)
                wait_until(lambda: len(self.server.children()) >= len(before) and victim not in self.server.children(),
                           lambda: f"a child in the place of {victim}, there are {self.server.children()}")
                traffic.wait_for_more()
        traffic.stop()
        self.assertEqual(traffic.refused, [])
        self.assertEqual(set(traffic.replies), {DEFER})
        self.assertLessEqual(traffic.lost, 9 * 2, "at most what the dead had in hand")

    def test_children_exit_when_the_master_is_killed(self):
        self.server.start()
        self.traffic().stop()
        children = self.server.children()
        self.assertEqual(self.server.stop(signal.SIGKILL), -signal.SIGKILL)
        wait_until(lambda: not any(alive(child) for child in children), "the children gone")
        wait_until_none_is_left()

    def test_a_row_survives_the_killing_of_all_processes_once_it_is_answered(self):
        self.server.start()
        self.server.ask()
        for pid in [self.server.process.pid, *self.server.children()]:
            os.kill(pid, signal.SIGKILL)
        self.server.stop()
        wait_until_none_is_left()
        self.assertEqual(self.server.tables.count("connect"), 1)
        self.server.start()
        self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(self.server.tables.count("connect"), 1)

    def test_all_workers_start_on_a_database_that_does_not_exist(self):
        """They create it together, and the first request is like any other."""
        for number in range(5):
            server = self.daemon(f"fresh{number}", settings={"workers": 8}).start()
            with policy.Conversation(server.address) as talk:
                self.assertEqual(talk.ask(), DEFER, server.log())
            self.assertNotIn("dbaccess: error", server.log())
            server.stop()

    def test_hup_applies_new_settings_and_refuses_no_connection(self):
        self.server.start()
        old = set(self.server.children())
        traffic = self.traffic()
        self.server.configure(reconnect_delay=7)
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "7 minutes" in self.server.ask(recipient="hup@example.net"), "the new settings in force")
        traffic.wait_for_more()
        traffic.stop()
        self.assertEqual((traffic.refused, traffic.lost), ([], 0))
        self.assertLessEqual(set(traffic.replies), {DEFER, DEFER.replace("5", "7")})
        wait_until(lambda: not old & set(self.server.children()), "the old generation gone")

    def test_hup_with_wrong_settings_keeps_the_old_ones(self):
        self.server.start()
        self.server.configure(reconnect_delay="soon")
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait_for_log(r"^conf: .*sqlgrey\.conf:\d+: .*reconnect_delay")
        self.assertEqual(self.server.ask(), DEFER)
        self.server.configure(reconnect_delay=6)
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "6 minutes" in self.server.ask(), "the good settings in force")

    def test_many_reloads_in_a_row_end_well(self):
        self.server.start()
        count = len(self.server.children())
        traffic = self.traffic()
        for _ in range(20):
            self.server.process.send_signal(signal.SIGHUP)
            traffic.wait_for_more(2)
        traffic.stop()
        self.assertEqual((traffic.refused, traffic.lost), ([], 0))
        wait_until(lambda: len(self.server.children()) == count, lambda: f"{count} children again, not {self.server.children()}")

    def test_systemd_is_notified_when_requests_are_answered(self):
        path = os.path.join(self.server.state, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            give_to_daemon(path)
            notify.settimeout(LIMIT)
            server = self.daemon("told", environment={"NOTIFY_SOCKET": path}).start(wait=False)
            self.assertIn("READY=1", notify.recv(4096).decode())
            self.assertTrue(server.reachable())
            self.assertEqual(server.stop(), 0)
            self.assertIn("STOPPING=1", notify.recv(4096).decode())


if __name__ == "__main__":
    adopt_orphans()
    case.main()
