"""Names that are not ASCII, taken over from the real Perl SQLgrey on PostgreSQL and MariaDB, and shared with it
afterwards."""

import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from support import case
from support.daemon import PERL

JOSE, POST = "josé@sender.example", "почта@пример.example"


class TakeOverOfText(SharedDatabase):
    def setUp(self):
        super().setUp()
        self.need(PERL, "sqlgrey")

    def perl(self, name="perl"):
        perl = self.sharer(name, binary=PERL, greymethod="full", group_domain_level=10).start()
        self.assertEqual(self.talk(perl)[0].ask(sender=f"hello@{name}.example"), DEFER)
        return perl

    def accepted_by(self, daemon, sender):
        talk = self.talk(daemon)[0]
        self.assertEqual(talk.ask(sender=sender), DEFER)
        self.base.age("connect", DELAY)
        self.assertIn("delayed", talk.ask(sender=sender))

    def test_senders_known_to_one_are_known_to_the_other(self):
        perl = self.perl()
        for sender in (JOSE, POST):
            self.accepted_by(perl, sender)
        self.assertEqual(self.talk(perl)[0].ask(sender="waits-" + JOSE), DEFER)
        perl.stop()
        ours = self.sharer("ours", greymethod="full", group_domain_level=10).start()
        self.assertIn("taken over: 2 senders, 0 domains, 2 waiting", ours.log())
        talk = self.talk(ours)[0]
        for sender in (JOSE, POST):
            self.assertIn("from auto-whitelisted", talk.ask(sender=sender))
        self.base.age("connect", DELAY)
        self.assertIn("delayed", talk.ask(sender="waits-" + JOSE))

        self.let_perl_agree()
        beside = self.perl("beside")
        for sender in (JOSE, POST):
            self.assertIn("from auto-whitelisted", self.talk(beside)[0].ask(sender=sender))
        for one, other in ((ours, beside), (beside, ours)):
            sender = f"{other.directory.rsplit('/', 1)[-1]}-{POST}"
            self.assertEqual(self.talk(one)[0].ask(sender=sender), DEFER)
            self.base.age("connect", DELAY)
            self.assertIn("delayed", self.talk(other)[0].ask(sender=sender))
            self.assertIn("from auto-whitelisted", self.talk(one)[0].ask(sender=sender))

    def let_perl_agree(self):
        """MySQL and MariaDB need nothing."""


class OnPostgreSQL(TakeOverOfText):
    make_database = databases.PostgreSQL

    def let_perl_agree(self):
        self.base.execute("alter role postgres in database sqlgrey set client_encoding = 'SQL_ASCII'")


class OnPostgreSQLInLatin1(TakeOverOfText):
    make_database = databases.PostgreSQL

    def setUp(self):
        super().setUp()
        self.base.server.query("drop database sqlgrey", "postgres")
        self.base.server.query("create database sqlgrey encoding 'LATIN1' locale 'C' template template0", "postgres")


class OnPostgreSQLInNoEncoding(TakeOverOfText):
    make_database = databases.PostgreSQL

    def setUp(self):
        super().setUp()
        self.base.server.query("drop database sqlgrey", "postgres")
        self.base.server.query("create database sqlgrey encoding 'SQL_ASCII' locale 'C' template template0", "postgres")


class OnMariaDB(TakeOverOfText):
    make_database = databases.MariaDB


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(each) for each in (
        OnPostgreSQL, OnPostgreSQLInLatin1, OnPostgreSQLInNoEncoding, OnMariaDB))


if __name__ == "__main__":
    case.main()
