"""The tools besides the load generator: the minimal policy server, and bare_database on all three databases. Checks
that they do and count what they should; speed is not judged."""

import json
import os
import subprocess

from support import case, policy
from support.bench_databases import KINDS
from support.bench_servers import Dunno, Running, Tools
from support.bench_tables import fill_known, with_tables
from support.daemon import LIMIT



class LeastServer(case.DaemonCase):
    def test_it_says_dunno_to_everybody(self):
        with Running(Dunno(self.tools)) as server:
            seen = Tools(self.tools).ask(server, "mixed", 50, requests=2000, known=10)
        self.assertEqual((seen["requests"], seen["passed"], seen["unanswered"]), (2000, 2000, 0))

    def test_requests_come_in_any_pieces(self):
        request = policy.request()
        with Running(Dunno(self.tools)) as server, policy.Conversation(server.address) as talk:
            for data in (request, request[:-1], b"\n", request + request[:20], request[20:]):
                talk.send(data)
            self.assertEqual([talk.reply() for _ in range(4)], ["dunno"] * 4)

    def test_it_says_what_is_wrong_with_its_address(self):
        done = subprocess.run([os.path.join(self.tools, "dunno"), "nowhere"], capture_output=True, text=True,
                              timeout=LIMIT)
        self.assertEqual((done.returncode, done.stderr), (1, "dunno: expected address:port, got 'nowhere'\n"))


class BareDatabase(case.DaemonCase):
    def check(self, name):
        with KINDS[name]() as database:
            database.fresh()
            with_tables(self.binary, database, lambda: fill_known(Tools(self.tools), database, 100))
            self.rows_are_as_many_as_new_mails(database)

    def bare(self, database, *arguments):
        done = subprocess.run([os.path.join(self.tools, "bare_database"), "--json", *database.bare(), "--known", "100",
                               *arguments], capture_output=True, text=True, check=False, timeout=LIMIT)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def rows_are_as_many_as_new_mails(self, database):
        def rows(table):
            return int(database.value(f"select count(*) from {table}"))

        one_by_one = self.bare(database, "--workload", "new", "--requests", "60", "--sessions", "3", "--seed", "1")
        self.assertEqual((one_by_one["requests"], one_by_one["sessions"], one_by_one["rows"]), (60, 3, 1))
        before = rows("connect") - 1  # the greylister that made the tables had one mail
        self.assertEqual(before, 60)
        self.bare(database, "--workload", "new", "--requests", "80", "--rows", "16", "--insert-only", "--seed", "2")
        self.assertEqual(rows("connect") - 1, before + 80)
        self.bare(database, "--workload", "awl", "--requests", "160", "--rows", "16", "--seed", "3")
        self.assertEqual(rows("connect") - 1, before + 80)
        mixed = self.bare(database, "--workload", "mixed", "--requests", "200", "--sessions", "2", "--seed", "4")
        self.assertEqual(mixed["requests"], 200)
        self.assertGreater(rows("connect") - 1, before + 80)
        self.assertLess(rows("connect") - 1, before + 80 + 100)
        self.assertEqual(rows("from_awl"), 100)

    def test_sqlite(self):
        self.check("SQLite")

    def test_postgresql(self):
        self.check("PostgreSQL")

    def test_mariadb(self):
        self.check("MariaDB")

    def test_a_database_that_is_not_there_is_an_error(self):
        done = subprocess.run([os.path.join(self.tools, "bare_database"), "--database", "postgresql", "--target",
                               "host=127.0.0.1 port=1", "--requests", "1"], capture_output=True, text=True,
                              check=False, timeout=LIMIT)
        self.assertEqual(done.returncode, 1)
        self.assertIn("refused", done.stderr)


if __name__ == "__main__":
    case.main("tools")
