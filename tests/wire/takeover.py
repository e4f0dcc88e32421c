"""A database of Perl SQLgrey is taken over with all its rows, and Perl can work on it afterwards."""

import shutil
import time

from support import case
from support.daemon import PERL, give_to_daemon

DEFER = "defer_if_permit Greylisted for 5 minutes"


class Takeover(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need(PERL, "sqlgrey")
        self.now = int(time.time())
        self.perl = self.daemon("perl", binary=PERL).start()

    def taken_over(self):
        """Starts ours on Perl's database."""
        self.perl.stop()
        ours = self.daemon("ours")
        shutil.copy(self.perl.tables.path, ours.tables.path)
        give_to_daemon(ours.tables.path)
        return ours.start()

    def insert(self, table, *rows):
        marks = ", ".join("?" * len(rows[0]))
        self.perl.tables.many(f"insert into {table} values ({marks})", rows)

    def test_all_rows_are_there_and_count(self):
        self.perl.ask(sender="early@example.org")
        self.perl.ask(sender="ready@example.org")
        self.perl.tables.execute("update connect set first_seen = ? where sender_name = 'ready'", self.now - 400)
        self.insert("from_awl", ("friend", "example.com", "192.0.2", self.now - 9000, self.now - 8000))
        self.insert("domain_awl", ("example.edu", "192.0.2", self.now - 9000, self.now - 8000))
        self.insert("optout_email", ("free@example.net",))
        before = {table: self.perl.tables.rows(table) for table in ("connect", "from_awl", "domain_awl")}
        ours = self.taken_over()
        for table, rows in before.items():
            self.assertEqual(ours.tables.rows(table), rows, table)
        self.assertEqual(ours.tables.execute("select email from optout_email"), [("free@example.net",)])
        self.assertEqual(ours.ask(sender="early@example.org"), DEFER)
        self.assertRegex(ours.ask(sender="ready@example.org"), "delayed 00:0[67]:")
        self.assertIn("from auto-whitelisted", ours.ask(sender="friend@example.com"))
        self.assertIn("domain auto-whitelisted", ours.ask(sender="any@example.edu"))

    def test_of_duplicates_the_oldest_that_still_counts_stays(self):
        stale, old, young = self.now - 100000, self.now - 5000, self.now - 100
        twins = [("twin", "example.org", "192.0.2", "bob@example.net", seen) for seen in (young, old, stale, old)]
        stales = [("stale", "example.org", "192.0.2", "bob@example.net", seen) for seen in (stale, stale - 50)]
        self.insert("connect", *twins, *stales, ("one", "example.org", "192.0.2", "bob@example.net", young))
        ours = self.taken_over()
        rows = ours.tables.rows("connect")
        self.assertEqual([row for row in rows if row[0] == "twin"], [twins[1]])
        self.assertEqual([row[4] for row in rows if row[0] == "one"], [young])
        self.assertLessEqual(len([row for row in rows if row[0] == "stale"]), 1)
        self.assertRegex(ours.ask(sender="twin@example.org"), "delayed 01:2[34]:")
        self.assertEqual(ours.ask(sender="stale@example.org"), DEFER)

    def test_the_version_stays_3_and_perl_can_go_back(self):
        self.perl.ask()
        ours = self.taken_over()
        ours.ask(sender="new@example.org")
        version = ours.tables.execute("select value from config where parameter = 'version'")
        self.assertEqual([str(value) for value, in version], ["3"])
        ours.stop()
        back = self.daemon("back", binary=PERL)
        shutil.copy(ours.tables.path, back.tables.path)
        give_to_daemon(back.tables.path)
        back.start()
        self.assertEqual(back.ask(sender="new@example.org"), DEFER)
        back.ask(sender="another@example.org")
        self.assertEqual([row[0] for row in back.tables.rows("connect")], ["alice", "another", "new"], back.log())

    def test_perl_and_ours_on_the_same_database(self):
        self.perl.ask(sender="perl@example.org")
        ours = self.daemon("ours", settings={"db_name": self.perl.tables.path}).start()
        ours.ask(sender="ours@example.org")
        self.perl.ask(sender="ours@example.org")
        ours.ask(sender="perl@example.org")
        self.assertEqual([row[0] for row in self.perl.tables.rows("connect")], ["ours", "perl"])
        self.perl.tables.age("connect", 400)
        self.assertIn("delayed", self.perl.ask(sender="ours@example.org"))
        self.assertIn("from auto-whitelisted", ours.ask(sender="ours@example.org"))


if __name__ == "__main__":
    case.main()
