"""Without a daemon: Postfix's spawn(8) starts sqlgrey --stdio for each smtpd."""

import os

from support import case
from support.daemon import children_of, wait_until
from instance import MASTER, Postfix

CLIENT = ("192.0.2.10", "mx1.example.org")


class Spawn(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")
        self.server = self.daemon()  # for its settings and tables; not started
        command = " ".join(self.server.command("--stdio"))
        self.postfix = Postfix(os.path.join(self.directory, "postfix"), "unix:private/sqlgrey", ["bob"],
                               f"sqlgrey unix - n n - 0 spawn user=nobody argv={command}\n")
        self.addCleanup(self.postfix.stop)
        self.postfix.start()

    def running(self):
        """The processes that spawn(8) has started."""
        grandchildren = [child for process in children_of(self.postfix.process.pid) for child in children_of(process)]
        return [pid for pid in grandchildren if self.is_ours(pid)]

    @staticmethod
    def is_ours(pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return b"--stdio" in file.read().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False

    def test_deferred_then_accepted_then_known(self):
        to_bob = (CLIENT, "alice@example.org", ["bob@example.net"])
        for _ in ("first attempt", "early retry"):
            [(code, text)] = self.postfix.recipients(*to_bob)
            self.assertEqual(code, 450, text)
            self.assertIn("Greylisted for 5 minutes", text)
        tables = self.server.tables
        self.assertEqual(tables.keys("connect"), [("alice", "example.org", "192.0.2", "bob@example.net")])
        tables.age("connect", 301)
        self.postfix.send(*to_bob, subject="after the delay")
        self.assertRegex(self.postfix.delivered("bob", "after the delay"),
                         r"(?m)^X-Greylist: delayed 00:05:\d\d by SQLgrey-\d")
        self.postfix.send(*to_bob, subject="known")
        self.assertIn("from auto-whitelisted", self.postfix.delivered("bob", "known"))
        self.assertGreaterEqual(len(self.running()), 1, "it stays as long as its smtpd keeps the connection")

    def test_it_ends_with_postfix(self):
        self.postfix.recipients(CLIENT, "alice@example.org", ["bob@example.net"])
        started = self.running()
        self.assertGreaterEqual(len(started), 1)
        self.postfix.stop()
        wait_until(lambda: not [pid for pid in started if self.is_ours(pid)], "they are gone")


if __name__ == "__main__":
    case.main()
