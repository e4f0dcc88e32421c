"""miltertest, which knows the protocol from libmilter's side, runs scripts against the daemon."""

import os
import subprocess

from support import case
from support.daemon import LIMIT
from support.ports import free_port

HERE = os.path.dirname(os.path.abspath(__file__))


class Scripts(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need("miltertest", "miltertest")
        self.place = f"inet:{free_port()}@127.0.0.1"
        self.server = self.daemon(settings={"milter": self.place})
        self.server.list_file("clients_ip_whitelist.local", "203.0.113.7\n")
        self.server.start()
        self.tables = self.server.tables

    def run_script(self, name):
        done = subprocess.run(["miltertest", "-v", "-D", f"place={self.place}", "-s", os.path.join(HERE, name)],
                              capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout + done.stderr + self.server.log())

    def test_first_attempt_and_retry(self):
        self.run_script("first_attempt.lua")
        self.assertEqual(self.tables.keys("connect"), [("alice", "example.org", "192.0.2", "bob@example.net"),
                                                       ("alice", "example.org", "192.0.2", "eve@example.net")])
        self.tables.age("connect", 301)
        self.run_script("retry.lua")
        self.assertEqual(self.tables.keys("from_awl"), [("alice", "example.org", "192.0.2")])

    def test_accepted(self):
        self.run_script("accepted.lua")
        self.assertEqual(self.tables.count("connect"), 0)

    def test_old_server(self):
        self.run_script("old_server.lua")
        self.assertEqual(self.tables.keys("connect"), [("carol", "example.org", "192.0.2.10", "bob@example.net")])


if __name__ == "__main__":
    case.main()
