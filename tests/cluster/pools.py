"""Pools on the three databases, and of several daemons on one."""

import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from support import case
from support.daemon import wait_until

WEEK = 7 * 24 * 3600


class Pools(SharedDatabase):
    def setUp(self):
        super().setUp()
        self.one, self.other = (self.sharer(name, pools="on", workers=1).start() for name in ("one", "other"))
        self.talks = {daemon: self.talk(daemon)[0] for daemon in (self.one, self.other)}

    def ask(self, daemon, name, address, **attributes):
        return self.talks[daemon].ask(client_name=name, client_address=address, **attributes)

    def waits(self, *arguments, **attributes):
        self.assertEqual(self.ask(*arguments, **attributes), DEFER)

    def passes(self, *arguments, **attributes):
        self.assertRegex(self.ask(*arguments, **attributes), "^PREPEND")

    def test_a_retry_counts_from_another_server_at_another_host(self):
        self.waits(self.one, "mail-wr1-f41.google.com", "209.85.221.41")
        self.assertEqual(self.base.rows("select src from connect"), [("@google.com",)])
        self.assertEqual(self.base.rows("select member, pool, evidence from pool"),
                         [("209.85.221", "@google.com", "mail-wr1-f41.google.com")])
        self.base.age("connect", DELAY)
        self.passes(self.other, "mail-lf1-f12.google.com", "209.85.167.12")
        self.passes(self.one, "mail-ed1-x52f.google.com", "2a00:1450:4864:20::52f", recipient="else@example.net")
        self.waits(self.one, "google.com.evil.example", "203.0.113.9")
        self.assertEqual(self.base.rows("select src from from_awl"), [("@google.com",)])
        self.no_trouble(self.one, self.other)

    def test_rows_under_the_former_identity_count_and_are_left_for_a_perl_sqlgrey(self):
        self.base.execute("insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values "
                          "('alice', 'example.org', '192.0.2', 'bob@example.net', now())")
        self.base.age("connect", DELAY)
        self.passes(self.one, "mx1.example.org", "192.0.2.10")
        self.assertEqual(self.base.rows("select src from from_awl order by src"), [("192.0.2",), ("@example.org",)])
        self.assertEqual(self.base.count("connect"), 0)

    def test_a_known_sender_under_the_former_identity_is_inherited(self):
        for sender in ("alice", "carol"):
            self.base.execute("insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values "
                              f"('{sender}', 'example.org', '192.0.2', now(), now())")
        self.base.execute("insert into domain_awl (sender_domain, src, first_seen, last_seen) values "
                          "('whole.example', '192.0.2', now(), now())")
        self.passes(self.one, "mx1.example.org", "192.0.2.10")
        self.passes(self.other, "mx9.example.org", "198.51.100.9")
        self.passes(self.one, "mx1.example.org", "192.0.2.10", sender="x@whole.example")
        self.passes(self.other, "mx9.example.org", "198.51.100.9", sender="y@whole.example")

    def test_a_name_that_cannot_be_verified_for_a_while(self):
        self.waits(self.one, "mx1.example.org", "192.0.2.10")
        self.waits(self.one, "unknown", "198.51.100.10", sender="x@second.example")
        self.base.age("connect", DELAY)
        self.passes(self.other, "unknown", "192.0.2.10")
        self.passes(self.other, "mx2.example.org", "198.51.100.10", sender="x@second.example")
        self.passes(self.one, "unknown", "192.0.2.99")
        self.base.age("pool", WEEK)
        self.waits(self.one, "unknown", "192.0.2.98")

    def test_two_organisations_in_one_network(self):
        self.waits(self.one, "mx1.one.example", "192.0.2.10")
        self.waits(self.other, "mx1.two.example", "192.0.2.11")
        self.assertEqual(self.base.rows("select member, length(pool) from pool"), [("192.0.2", "0")])
        self.base.age("connect", DELAY)
        self.waits(self.one, "unknown", "192.0.2.12")
        self.base.age("pool", WEEK + 1)
        self.waits(self.one, "mx1.one.example", "192.0.2.10", recipient="else@example.net")
        self.assertEqual(self.base.rows("select pool from pool"), [("@one.example",)])


class WithoutProof(SharedDatabase):
    def test_a_letter_passes_at_its_second_retry_from_elsewhere_at_any_host_and_alone(self):
        talks = [self.talk(self.sharer(name, pools="on", workers=1, pool_unproven_retries=2).start())[0]
                 for name in ("one", "other")]
        for number, address in enumerate(("192.0.2.10", "198.51.100.10", "198.51.100.11")):
            self.assertEqual(talks[number % 2].ask(client_name="unknown", client_address=address), DEFER)
            if number == 0:
                self.base.age("connect", DELAY)
        self.assertEqual(self.base.rows("select rcpt from connect where src = '*' order by rcpt"),
                         [("192.0.2",), ("198.51.100",)])
        self.assertIn("delayed", talks[0].ask(client_name="unknown", client_address="203.0.113.10"))
        self.assertEqual(talks[1].ask(client_name="unknown", client_address="203.0.114.10", recipient="else@example.net"),
                         DEFER)
        for table in ("from_awl", "domain_awl", "pool"):
            self.assertEqual(self.base.count(table), 0, table)


class Crowds(SharedDatabase):
    def test_a_crowd_counts_as_before_on_all_hosts_and_recovers(self):
        one = self.sharer(pools="on", workers=1, pool_crowd=3, db_cleandelay=1).start()
        talk = self.talk(one)[0]
        for number in range(3):
            talk.ask(client_name=f"line{'abc'[number]}.access.example", client_address=f"198.51.{number}.9",
                     sender=f"s@d{number}.example")
        self.base.age("connect", 25 * 3600)
        wait_until(lambda: self.base.count("organisation", "crowd = 1") == 1, "they are counted as a crowd")
        self.assertEqual(self.base.rows("select src, never_came_back, came_back from organisation"),
                         [("@access.example", "3", "0")])
        other = self.sharer("other", pools="on", workers=1).start()
        talk = self.talk(other)[0]
        self.assertEqual(talk.ask(client_name="linea.access.example", client_address="198.51.100.9"), DEFER)
        self.assertEqual(self.base.rows("select src from connect"), [("198.51.100",)])
        self.base.execute(f"update organisation set halved_at = {self.base.minus('halved_at', 31 * 24 * 3600)}")
        wait_until(lambda: self.base.count("organisation", "crowd = 0") == 1, "it has recovered")
        self.assertIn("pool: clients of @access.example are no longer a crowd", one.log())


def on(base, which):
    return type(f"{which.__name__}On{base.__name__}", (which,), {"make_database": base})


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(on(base, which))
                              for base in (databases.PostgreSQL, databases.MariaDB) for which in (Pools, WithoutProof, Crowds))


if __name__ == "__main__":
    case.main()
