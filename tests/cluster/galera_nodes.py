"""A MariaDB Galera cluster of three nodes, with a daemon at each: conflicts are retried and never visible, and when
any node is killed decisions continue."""

import time
import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase, ask_all, timed
from many import PASSED, SENDERS_OF_DOMAINS
from outage import LONGEST, WITHOUT
from support import case
from support.daemon import wait_until
from support.galera import Cluster, provider

CONTINUES_WITHIN = 6  # the cluster itself takes two to four to drop a dead node
FIRST_TO_LAST = ((0, 1, 2), (1, 2, 0), (2, 0, 1))


class Galera(SharedDatabase):
    @classmethod
    def setUpClass(cls):
        if not provider():
            raise unittest.SkipTest("no Galera provider (package galera-4)")
        cls.cluster = cls.enterClassContext(Cluster())
        cls.base = databases.MariaDB(cls.cluster.nodes[0])

    def setUp(self):
        super().setUp()
        # All on an empty database at once: they also create the tables at the same time.
        self.three = [self.sharer(f"daemon{order[0]}", workers=2, on_db_failure="defer", db_port=None,
                                  db_host=self.cluster.hosts(*order)) for order in FIRST_TO_LAST]
        for daemon in self.three:
            daemon.start()
        self.connections = [talk for daemon in self.three for talk in self.talk(daemon, 2)]
        self.wait_for_decisions()

    def wait_for_decisions(self):
        wait_until(lambda: all([self.ask_new(talk)[0] == DEFER for talk in self.connections]),
                   lambda: "\n".join(daemon.log() for daemon in self.three))

    def test_a_conflicts_are_never_visible(self):
        self.base.execute("delete from connect")
        before = self.conflicts()
        replies = ask_all(self.connections, SENDERS_OF_DOMAINS)
        self.assertEqual({reply for of_one in replies for reply in of_one}, {DEFER})
        wait_until(lambda: {node.query("select count(*) from connect") for node in self.cluster.nodes}
                   == {str(len(SENDERS_OF_DOMAINS))}, "one row each at all nodes")
        self.base.age("connect", DELAY)
        time.sleep(0.5)  # until all nodes show it
        for of_one in ask_all(self.connections, SENDERS_OF_DOMAINS):
            for reply in of_one:
                self.assertRegex(reply, PASSED)
        for of_one in ask_all(self.connections[-1:], SENDERS_OF_DOMAINS):
            self.assertIn("auto-whitelisted", of_one[0])
        self.assertGreater(self.conflicts(), before, "no conflict: nothing was tested")
        self.no_trouble(*self.three)

    def conflicts(self):
        return sum(int(node.state(kind)) for node in self.cluster.nodes
                   for kind in ("local_cert_failures", "local_bf_aborts"))

    def test_b_a_killed_node(self):
        """The last test, because the cluster is incomplete afterwards."""
        self.cluster.nodes[0].kill()
        killed = time.monotonic()
        worst = 0
        since = None  # when uninterrupted decisions began again
        while time.monotonic() - killed < CONTINUES_WITHIN + 2:
            for talk in self.connections:
                self.number += 1
                reply, took = timed(talk, sender=f"killed{self.number}@killed{self.number}.example")
                self.assertIn(reply, (DEFER, WITHOUT["defer"]))
                worst = max(worst, took)
                if reply != DEFER:
                    since = None
                elif since is None:
                    since = time.monotonic()
            time.sleep(0.05)
        self.assertLess(worst, LONGEST)
        self.assertIsNotNone(since, "\n".join(daemon.log() for daemon in self.three))
        self.assertLess(since - killed, CONTINUES_WITHIN)
        self.assertEqual(len({node.query("select count(*) from connect") for node in self.cluster.nodes[1:]}), 1)
        for daemon in self.three:
            log = daemon.log()
            self.assertEqual(log.count("database unavailable"), log.count("database available again"), log)
            self.assertLessEqual(log.count("database unavailable"), 1, log)


if __name__ == "__main__":
    case.main()
