"""Perl SQLgrey 1.8 and ours on one PostgreSQL or MariaDB database, whichever of the two was started first."""

import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from support import case, ctl
from support.daemon import PERL, wait_until


class WithPerl(SharedDatabase):
    def setUp(self):
        super().setUp()
        self.need(PERL, "sqlgrey")

    def pair(self, ours=None, perl=None):
        """Both, started in the order of the class; returns a connection to each, in that order."""
        self.perl = self.sharer("perl", binary=PERL, **(perl or {}))
        self.ours = self.sharer("ours", **(ours or {}))
        order = self.in_order(self.perl, self.ours)
        talks = []
        for daemon in order:
            daemon.start()
            talks += self.talk(daemon)
            self.assertEqual(talks[-1].ask(sender=f"hello{len(talks)}@example.org"), DEFER)
        return talks

    def directions(self, talks):
        return (talks, talks[::-1])

    def test_a_first_attempt_at_one_passes_at_the_other(self):
        for one, other in self.directions(self.pair()):
            with self.subTest(first_seen_by=one is other):
                self.number += 1
                sender = f"sender@seen{self.number}.example"
                self.assertEqual(one.ask(sender=sender), DEFER)
                self.assertEqual(other.ask(sender=sender), DEFER)
                self.base.age("connect", DELAY)
                self.assertRegex(other.ask(sender=sender), r"delayed 00:01:[45]")
                self.assertEqual(self.base.count("connect", f"sender_domain = 'seen{self.number}.example'"), 0)
        self.no_trouble(self.ours)

    def test_the_auto_whitelists_of_one_work_at_the_other(self):
        for one, other in self.directions(self.pair()):
            self.number += 1
            domain = f"list{self.number}.example"
            for sender in (f"first@{domain}", f"second@{domain}"):
                self.assertEqual(one.ask(sender=sender), DEFER)
                self.base.age("connect", DELAY)
                self.assertIn("delayed", one.ask(sender=sender))
                if sender.startswith("first"):
                    self.assertIn("from auto-whitelisted", other.ask(sender=sender))
            self.assertIn("domain auto-whitelisted", other.ask(sender=f"third@{domain}"))
            self.assertIn("domain auto-whitelisted", one.ask(sender=f"fourth@{domain}"))
        self.no_trouble(self.ours)

    def test_both_together_promote_a_domain(self):
        for one, other in self.directions(self.pair()):
            self.number += 1
            domain = f"both{self.number}.example"
            for daemon, sender in ((one, f"first@{domain}"), (other, f"second@{domain}")):
                self.assertEqual(daemon.ask(sender=sender), DEFER)
                self.base.age("connect", DELAY)
                self.assertIn("delayed", daemon.ask(sender=sender))
            self.assertEqual(self.base.count("domain_awl", f"sender_domain = '{domain}'"), 1)
            self.assertEqual(self.base.count("from_awl", f"sender_domain = '{domain}'"), 0)
        self.no_trouble(self.ours)

    def test_an_expired_row_of_ours_is_a_line_in_perls_log_and_perl_goes_on(self):
        self.pair()
        ours, perl = self.talk(self.ours)[0], self.talk(self.perl)[0]
        self.assertEqual(ours.ask(sender="stale@example.com"), DEFER)
        self.base.age("connect", 25 * 3600)
        self.assertEqual(perl.ask(sender="stale@example.com"), DEFER)
        self.perl.wait_for_log("^dbaccess: .*couldn't do query")
        self.assertEqual(perl.ask(sender="after@example.com"), DEFER)
        self.assertEqual(ours.ask(sender="stale@example.com"), DEFER)
        self.base.age("connect", DELAY)
        self.assertIn("delayed", perl.ask(sender="stale@example.com"))
        self.assertIn("delayed", ours.ask(sender="after@example.com"))
        self.no_trouble(self.ours)

    def test_perl_cleans_for_both(self):
        self.pair(perl={"db_cleandelay": 1})
        self.leave_a_stale_row()
        # It does so when it is asked, and checks the table only when its own memory says that cleaning is due.
        wait_until(lambda: self.perl.ask(sender="occasion@example.org") and "connect (1)" in self.perl.log(), "cleaning")
        self.assertEqual(self.base.count("connect", "sender_name = 'stale'"), 0)
        self.assertEqual(self.ours.ask(sender="stale@example.com"), DEFER)
        self.assertNotIn("connect (1)", self.ours.log())
        self.no_trouble(self.ours)

    def test_ours_cleans_for_both(self):
        self.pair(ours={"db_cleandelay": 2})
        self.leave_a_stale_row()
        self.ours.wait_for_log(r"^perf: spent \d+s cleaning: .* connect \(1\)")
        self.assertRegex(self.ours.log(), r"(?m)^spam: 192\.0\.2: stale@example\.com -> bob@example\.net at ")
        self.assertEqual(self.base.count("connect", "sender_name = 'stale'"), 0)
        self.assertEqual(self.perl.ask(sender="stale@example.com"), DEFER)
        self.assertNotIn("connect (1)", self.perl.log())
        self.no_trouble(self.ours)

    def test_both_obey_a_release(self):
        for number, (one, other) in enumerate(self.directions(self.pair())):
            sender = f"waits@release{number}.example"
            self.assertEqual(one.ask(sender=sender), DEFER)
            self.assertEqual(other.ask(sender=sender), DEFER)
            done = ctl.run(self.ours, "release", "--sender", sender)
            self.assertIn("released 1 triplet of 1", done.stderr)
            self.assertIn("delayed", other.ask(sender=sender))
            self.assertIn("from auto-whitelisted", one.ask(sender=sender))
            done = ctl.run(self.ours, "forget", "--sender", sender, "--yes")
            self.assertIn("forgot 1 row\n", done.stderr)
            for talk in (one, other):
                self.assertEqual(talk.ask(sender=sender), DEFER)
        self.no_trouble(self.ours)

    def test_entries_of_lists_are_ours_and_do_perl_no_harm(self):
        self.pair(ours={"lists_in_database": "on"})
        ours, perl = self.talk(self.ours)[0], self.talk(self.perl)[0]
        done = ctl.run(self.ours, "allow", "--sender", "@friend.example")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = ctl.run(self.ours, "deny", "--sender", "@spam.example")
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_until(lambda: ours.ask(sender="a@friend.example") != DEFER and ours.ask(sender="a@spam.example") != DEFER,
                   "the lists are read")
        self.assertRegex(ours.ask(sender="a@spam.example"), "^5")
        for sender in ("b@friend.example", "b@spam.example"):
            self.assertEqual(perl.ask(sender=sender), DEFER)
        self.base.age("connect", DELAY)
        self.assertIn("delayed", perl.ask(sender="b@friend.example"))
        self.no_trouble(self.ours)

    def ask_pool(self, talk, address="192.0.2.10", name="mx1.example.org", **attributes):
        return talk.ask(client_name=name, client_address=address, **attributes)

    def test_pools_leave_the_rows_of_perl_to_it_and_read_them(self):
        self.pair(ours={"pools": "on"})
        ours, perl = self.talk(self.ours)[0], self.talk(self.perl)[0]
        # What Perl saw first passes at ours, which leaves the row that Perl would have written.
        self.assertEqual(self.ask_pool(perl, sender="perl@one.example"), DEFER)
        self.base.age("connect", DELAY)
        self.assertIn("delayed", self.ask_pool(ours, sender="perl@one.example"))
        self.assertEqual(self.base.rows("select src from from_awl where sender_domain = 'one.example' order by src"),
                         [("192.0.2",), ("@example.org",)])
        self.assertIn("from auto-whitelisted", self.ask_pool(perl, sender="perl@one.example"))
        self.assertIn("from auto-whitelisted", self.ask_pool(ours, "198.51.100.9", "mx9.example.org",
                                                             sender="perl@one.example"))
        # Whom Perl knows ours knows.
        self.assertEqual(self.ask_pool(perl, sender="known@two.example"), DEFER)
        self.base.age("connect", DELAY)
        self.assertIn("delayed", self.ask_pool(perl, sender="known@two.example"))
        self.assertIn("from auto-whitelisted", self.ask_pool(ours, sender="known@two.example"))
        # What ours saw first waits at Perl by a row of its own, and both let it pass.
        self.assertEqual(self.ask_pool(ours, sender="ours@three.example"), DEFER)
        self.assertEqual(self.ask_pool(perl, sender="ours@three.example"), DEFER)
        self.base.age("connect", DELAY)
        self.assertIn("delayed", self.ask_pool(perl, sender="ours@three.example"))
        self.assertRegex(self.ask_pool(ours, sender="ours@three.example"), "whitelisted|delayed")
        self.assertIn("whitelisted", self.ask_pool(ours, "198.51.100.9", "mx9.example.org", sender="ours@three.example"))
        self.assertNotIn("couldn't", self.perl.log())
        self.no_trouble(self.ours)

    def test_with_throttling_a_letter_that_a_pool_began_passes_at_perl(self):
        self.pair(ours={"pools": "on", "connect_src_throttle": 20})
        ours, perl = self.talk(self.ours)[0], self.talk(self.perl)[0]
        self.assertEqual(self.ask_pool(ours, sender="a@four.example"), DEFER)
        self.base.age("connect", DELAY)
        self.assertIn("delayed", self.ask_pool(perl, sender="a@four.example"))
        self.no_trouble(self.ours)

    def leave_a_stale_row(self):
        self.assertEqual(self.ours.ask(sender="stale@example.com"), DEFER)
        self.base.age("connect", 25 * 3600, "sender_name = 'stale'")


class PerlFirst:
    @staticmethod
    def in_order(perl, ours):
        return (perl, ours)


class OursFirst:
    @staticmethod
    def in_order(perl, ours):
        return (ours, perl)


# Another time zone: both must understand Perl's now() alike.
def postgresql():
    return databases.PostgreSQL(options=["timezone='America/St_Johns'"])


def mariadb():
    return databases.MariaDB(options=["--default-time-zone=+05:30"])


class PerlFirstOnPostgreSQL(PerlFirst, WithPerl):
    make_database = staticmethod(postgresql)


class OursFirstOnPostgreSQL(OursFirst, WithPerl):
    make_database = staticmethod(postgresql)


class PerlFirstOnMariaDB(PerlFirst, WithPerl):
    make_database = staticmethod(mariadb)


class OursFirstOnMariaDB(OursFirst, WithPerl):
    make_database = staticmethod(mariadb)


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(case_class) for case_class in (
        PerlFirstOnPostgreSQL, OursFirstOnPostgreSQL, PerlFirstOnMariaDB, OursFirstOnMariaDB))


if __name__ == "__main__":
    case.main()
