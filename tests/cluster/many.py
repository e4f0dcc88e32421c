"""Four daemons on one database that get the same requests at the same moment: they leave the rows and give the
replies that one daemon would, no sender is lost, and one of them cleans."""

import re
import time
import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase, ask_all
from support import case, policy
from support.daemon import wait_until

DAEMONS = 4
DOMAINS = 40
SENDERS = 3  # of each domain, so every domain is promoted, most of them by several workers at once

PERIOD = 2  # seconds
PASSED = r"delayed 00:0|auto-whitelisted"

SENDERS_OF_DOMAINS = [{"sender": f"sender{sender}@domain{domain}.example"}
                      for domain in range(DOMAINS) for sender in range(SENDERS)]


class Many(SharedDatabase):
    def connections(self, daemons):
        """Two connections to each, so both workers of each are asked at once."""
        return [conversation for daemon in daemons for conversation in self.talk(daemon, 2)]

    def test_the_same_triplets_at_the_same_moment_have_one_row_each(self):
        daemons = self.sharers(DAEMONS, workers=2)
        connections = self.connections(daemons)
        replies = ask_all(connections, SENDERS_OF_DOMAINS)
        self.assertEqual({reply for of_one in replies for reply in of_one}, {DEFER})
        self.assertEqual(self.base.count("connect"), len(SENDERS_OF_DOMAINS))
        self.no_trouble(*daemons)

    def test_concurrent_promotions_lose_no_sender(self):
        daemons = self.sharers(DAEMONS, workers=2)
        connections = self.connections(daemons)
        ask_all(connections[:1], SENDERS_OF_DOMAINS)
        self.base.age("connect", DELAY)
        for question, of_one in zip(SENDERS_OF_DOMAINS, ask_all(connections, SENDERS_OF_DOMAINS)):
            for reply in of_one:
                self.assertRegex(reply, PASSED, question)
        domains = set(self.base.rows("select sender_domain, src from domain_awl"))
        senders = set(self.base.rows("select sender_name, sender_domain from from_awl"))
        for question in SENDERS_OF_DOMAINS:
            name, domain = question["sender"].split("@")
            self.assertTrue((domain, "192.0.2") in domains or (name, domain) in senders, question)
        self.assertEqual(self.base.count("connect"), 0)
        for reply in ask_all(connections[-1:], SENDERS_OF_DOMAINS):
            self.assertIn("auto-whitelisted", reply[0])
        self.no_trouble(*daemons)

    def test_the_senders_of_one_domain_promoted_at_the_same_moment(self):
        """Each connection retries for another sender of the domain: both kinds of promotion happen at once."""
        daemons = self.sharers(DAEMONS, workers=2)
        connections = self.connections(daemons)
        questions = [[{"sender": f"sender{place}@domain{domain}.example"} for domain in range(DOMAINS)]
                     for place in range(len(connections))]
        for of_one in questions:
            ask_all(connections[:1], of_one)
        self.base.age("connect", DELAY)
        for round_of in zip(*questions):
            for reply in self.each_its_own(connections, round_of):
                self.assertRegex(reply, PASSED)
        for of_one in questions:
            for reply in ask_all(connections[:1], of_one):
                self.assertIn("auto-whitelisted", reply[0])
        self.no_trouble(*daemons)

    @staticmethod
    def each_its_own(connections, questions):
        """All are sent before any reply is read."""
        for conversation, question in zip(connections, questions):
            conversation.send(policy.request(**question))
        return [conversation.reply() for conversation in connections]

    def test_one_of_them_cleans_in_each_period(self):
        daemons = self.sharers(DAEMONS, workers=1, db_cleandelay=PERIOD)
        talk = self.talk(daemons[0])[0]
        claims = set()
        gone = 0
        for number in range(3):
            before = len(self.cleanings(daemons))
            talk.ask(sender=f"stale{number}@example.org")
            self.base.age("connect", 25 * 3600)
            wait_until(lambda: self.looked(claims) and len(self.cleanings(daemons)) > before
                       and not self.base.count("connect"), "cleaning")
            gone += 1
        time.sleep(0.3)  # another daemon's line would be there by now
        self.looked(claims)
        cleanings = self.cleanings(daemons)
        self.assertEqual(sum(rows for rows in cleanings), gone)
        # Each cleaning sets the time: one line per value ever seen.
        self.assertEqual(len(cleanings), len(claims - {0}), claims)
        times = sorted(claims - {0})
        for earlier, later in zip(times, times[1:]):
            self.assertGreaterEqual(later - earlier, PERIOD)
        spam = [line for daemon in daemons for line in daemon.log().splitlines() if line.startswith("spam: ")]
        self.assertEqual(len(spam), gone, spam)
        self.no_trouble(*daemons)

    def looked(self, claims):
        claims.add(int(self.base.rows("select value from config where parameter = 'last_dbclean'")[0][0]))
        return True

    @staticmethod
    def cleanings(daemons):
        """For each cleaning, by any daemon, how many rows of connect were deleted."""
        return [int(rows) for daemon in daemons
                for rows in re.findall(r"^perf: spent .*connect \((\d+)\)", daemon.log(), re.MULTILINE)]


class OnPostgreSQL(Many):
    make_database = databases.PostgreSQL


class OnMariaDB(Many):
    make_database = databases.MariaDB


class OnSQLite(Many):
    make_database = databases.SQLite


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(where) for where in (OnPostgreSQL, OnMariaDB, OnSQLite))


if __name__ == "__main__":
    case.main()
