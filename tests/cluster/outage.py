"""Base class of the tests of a failing database: asks continuously, and checks waiting times, replies and the log.

The limits are those that sqlgrey promises, plus some for a busy machine."""

import re
import time

from shared_database import DEFER, SharedDatabase
from support.daemon import wait_until

WORKERS = 2
CONNECTIONS = 4
DB_TIMEOUT = 2
LONGEST = DB_TIMEOUT + 1  # of one request, whatever the database does
AT_ONCE = 0.5  # while it is known to be unavailable
BACK_WITHIN = 4  # 2 are promised

WITHOUT = {"pass": "dunno", "defer": "defer_if_permit Greylisting cannot look up its database -  Try again later."}


class OutageCase(SharedDatabase):
    policy = "defer"
    deferred = 0  # requests that were decided, all of them new

    def ask_new(self, conversation):
        reply, took = super().ask_new(conversation)
        self.deferred += reply == DEFER
        return reply, took

    def begin(self, **settings):
        """A working daemon, and connections to all its workers."""
        self.served = self.sharer(workers=WORKERS, on_db_failure=self.policy, **settings).start()
        self.connections = self.talk(self.served, CONNECTIONS)
        for connection in self.connections:
            self.assertEqual(self.ask_new(connection)[0], DEFER)

    def ask_for(self, seconds):
        """Asks on one connection after the other; returns (reply, seconds) of each."""
        came = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            came += [self.ask_new(connection) for connection in self.connections]
            time.sleep(0.05)
        return came

    def asked_while_away(self, seconds=1.5):
        """The first request may wait; all get the reply of the failure policy."""
        came = self.ask_for(seconds)
        self.assertEqual({reply for reply, _ in came}, {WITHOUT[self.policy]})
        self.assertLess(came[0][1], LONGEST)
        self.assertLess(max(took for _, took in came[1:]), AT_ONCE, [took for _, took in came])
        return came

    def back_in_time(self):
        """All connections get decisions again, without a restart."""
        began = time.monotonic()
        wait_until(lambda: all([self.decided(connection) for connection in self.connections]),
                   lambda: f"service; it said:\n{self.served.log()}")
        self.assertLess(time.monotonic() - began, BACK_WITHIN)

    def decided(self, connection):
        reply, took = self.ask_new(connection)
        self.assertLess(took, LONGEST)
        self.assertIn(reply, (DEFER, WITHOUT[self.policy]))
        return reply == DEFER

    def one_line_each(self):
        """One line when the outage began and one when it ended, with the number of requests answered meanwhile."""
        self.served.wait_for_log("^dbaccess: database available again after")
        time.sleep(0.7)  # a second one would come with the other workers' next attempt
        for connection in self.connections:
            self.assertEqual(self.ask_new(connection)[0], DEFER)
        lines = [line for line in self.served.log().splitlines() if line.startswith("dbaccess:")]
        self.assertEqual(len(lines), 2, lines)
        return self.a_pair(lines)

    def a_pair(self, lines):
        action = {"pass": "let through", "defer": "deferred"}[self.policy]
        self.assertRegex(lines[0], rf"^dbaccess: error: database (unavailable|cannot be used): .*mail is {action}")
        self.assertNotIn("@", lines[0])
        self.assertLess(len(lines[0]), 500)
        told = re.fullmatch(r"dbaccess: database available again after (\d+) s, (\d+) requests were answered without it",
                            lines[1])
        self.assertTrue(told, lines[1])
        return int(told[1]), int(told[2])

    def nothing_was_written_without_it(self):
        """Requests answered by the failure policy have left no row, and are not logged as decided later."""
        decided = [line for line in self.served.log().splitlines() if line.startswith("grey: new:")]
        self.assertEqual(len(decided), self.deferred)
        # Some may be missing: these servers do not wait for the disk.
        self.assertLessEqual(self.base.count("connect"), self.deferred)
