"""An open transaction keeps rows locked: requests that need them get the reply of the failure policy, all others are
decided, none waits for db_timeout, and it is not an outage."""

import threading
import time
import unittest

import databases
from shared_database import DEFER, SharedDatabase
from support import case
from support.daemon import wait_until

SECONDS = 6
LONGEST = 1.5  # of a request, on a busy machine
PASS = "PREPEND X-Greylist: domain auto-whitelisted by SQLgrey-2.0.0"


class LockedRows(SharedDatabase):
    def setUp(self):
        super().setUp()
        self.served = self.sharer(workers=2).start()
        for domain in ("locked.example", "known.example"):
            self.base.execute("insert into domain_awl (sender_domain, src, first_seen, last_seen) "
                              f"values ('{domain}', '192.0.2', now(), now())")
        self.base.age("domain_awl", 3600)

    def ask_all_the_while(self, jobs):
        """Each job: (a function from a number to a sender, the possible replies). Returns the others."""
        wrong, counts, longest = [], [0] * len(jobs), [0.0]
        end = time.monotonic() + SECONDS

        def run(index, conversation, sender, expected):
            number = 0
            while time.monotonic() < end:
                number += 1
                began = time.monotonic()
                reply = conversation.ask(sender=sender(number))
                longest[0] = max(longest[0], time.monotonic() - began)
                counts[index] += 1
                if reply not in expected:
                    wrong.append((sender(number), reply))

        threads = [threading.Thread(target=run, args=(index, conversation, *job))
                   for index, (conversation, job) in enumerate(zip(self.talk(self.served, len(jobs)), jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return wrong, counts, longest[0]

    def test_a_row_of_domain_awl(self):
        with self.base.session() as other:
            other.run(self.read_committed, "begin", "update domain_awl set last_seen = last_seen "
                      "where src = '192.0.2' and sender_domain = 'locked.example'")
            jobs = [(lambda number, k=k: f"n{k}x{number}@new{k}x{number}.example", {DEFER}) for k in range(3)]
            jobs += [(lambda number: "a@known.example", {PASS})] * 3
            jobs += [(lambda number: "a@locked.example", {"dunno"})] * 2
            wrong, counts, longest = self.ask_all_the_while(jobs)
            other.run("rollback")
        self.assertEqual(wrong, [])
        self.assertLess(longest, LONGEST)
        # Earlier, each request took two seconds: about 30 in this time.
        self.assertGreater(sum(counts[:6]), 300, counts)
        log = self.served.log()
        self.assertNotIn("database unavailable", log)
        self.assertEqual(log.count("another transaction keeps rows locked"), 1, log)
        conversation = self.talk(self.served)[0]
        wait_until(lambda: conversation.ask(sender="a@locked.example") == PASS, "the row that was locked", 5)

    def test_many_rows_of_connect(self):
        """A `delete` of all waiting rows that is not committed; new senders are not locked."""
        conversation = self.talk(self.served)[0]
        for number in range(20):
            self.assertEqual(conversation.ask(sender=f"old{number}@old.example"), DEFER)
        self.base.age("connect", 7200)
        with self.base.session() as other:
            other.run(self.read_committed, "begin", "delete from connect where src = '192.0.2' and sender_domain = 'old.example'")
            jobs = [(lambda number, k=k: f"n{k}x{number}@new{k}x{number}.example", {DEFER}) for k in range(3)]
            jobs += [(lambda number: f"old{number % 20}@old.example", {"dunno"})] * 3
            wrong, counts, longest = self.ask_all_the_while(jobs)
            other.run("rollback")
        self.assertEqual(wrong, [])
        self.assertLess(longest, LONGEST)
        self.assertNotIn("database unavailable", self.served.log())
        self.assertGreater(sum(counts[:3]), 150, counts)


class OnPostgreSQL(LockedRows):
    make_database = databases.PostgreSQL
    read_committed = "set session characteristics as transaction isolation level read committed"


class OnMariaDB(LockedRows):
    make_database = databases.MariaDB
    # The default, repeatable read, also locks the gaps between rows: then no row can be added there.
    read_committed = "set session transaction isolation level read committed"


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(where) for where in (OnPostgreSQL, OnMariaDB))


if __name__ == "__main__":
    case.main()
