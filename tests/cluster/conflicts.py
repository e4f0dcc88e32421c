"""A deadlock or serialisation failure at the server is retried, and neither mail nor log shows it."""

import threading
import time
import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from support import case
from support.daemon import wait_until

SENDER = "alice@conflict.example"
# What a promotion of SENDER writes first; it then deletes the triplet's row of connect.
PROMOTED = "insert into from_awl values ('alice', 'conflict.example', '192.0.2', now(), now())"


class Conflict(SharedDatabase):
    def setUp(self):
        super().setUp()
        self.served = self.sharer(workers=2, on_db_failure="defer", db_timeout="10s").start()
        self.talker = self.talk(self.served)[0]
        self.assertEqual(self.talker.ask(sender=SENDER), DEFER)
        self.base.age("connect", DELAY)

    def retried(self, other, *meanwhile):
        """SENDER retries while `other` has locked the triplet's row; once the daemon waits for it, `other`
        continues."""
        replies = []
        asking = threading.Thread(target=lambda: replies.append(self.talker.ask(sender=SENDER)))
        asking.start()
        try:
            self.wait_for_conflict()
            other.run(*meanwhile)
        finally:
            asking.join()
        self.assertRegex(replies[0], "delayed 00:0")
        self.assertEqual(self.base.count("from_awl"), 1)
        self.no_trouble(self.served)

    def wait_for_conflict(self):
        wait_until(self.base.waits, "the daemon waits for the row", 5)

    def test_a_deadlock(self):
        with self.base.session() as other:
            other.run(*self.as_survivor, "begin", *self.weight,
                      "select * from connect where sender_domain = 'conflict.example' for update")
            # Now each waits for the other, until the server chooses the daemon as its victim.
            self.retried(other, PROMOTED, "rollback")
            self.was_a_deadlock()


class OnPostgreSQL(Conflict):
    as_survivor = ("set deadlock_timeout = '60s'",)
    weight = ()

    @staticmethod
    def make_database():
        return databases.PostgreSQL(options=["deadlock_timeout=300ms"])

    def was_a_deadlock(self):
        self.assertIn("deadlock detected", self.base.server.tail())

    def test_a_serialisation_failure(self):
        name = self.base.server.name
        self.addCleanup(self.base.execute, f"alter database {name} reset default_transaction_isolation")
        self.base.execute(f"alter database {name} set default_transaction_isolation = 'repeatable read'")
        self.base.end_sessions()
        with self.base.session() as other:
            other.run("begin", "update connect set first_seen = first_seen where sender_domain = 'conflict.example'")
            self.retried(other, "commit")
        self.assertIn("could not serialize access", self.base.server.tail())


class OnMariaDB(Conflict):
    """The daemon's session does not wait here: it is refused at once, and tries again."""

    make_database = databases.MariaDB
    as_survivor = ()
    weight = ()

    def wait_for_conflict(self):
        time.sleep(0.3)

    def was_a_deadlock(self):
        self.assertEqual(self.base.rows("show global status like 'Innodb_deadlocks'")[0][1], "0")


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(where) for where in (OnPostgreSQL, OnMariaDB))


if __name__ == "__main__":
    case.main()
