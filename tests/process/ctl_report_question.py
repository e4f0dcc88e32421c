"""sqlgreyctl report QUESTION: it prints the rows that the database's own client prints for the file in sql/report."""

import csv
import glob
import json
import os
import subprocess
import time

from support import case, ctl, servers
from support.daemon import LIMIT, wait_until

REPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "sql", "report")
MOVE = os.path.join(REPORT, "..", "move")
NOW = int(time.time())
DAYS = [("mx1", "from_awl", 1, 70), ("mx1", "from_awl", 2, 7), ("mx2", "from_awl", 1, 5), ("mx1", "first_attempt", 1, 9),
        ("mx1", "reconnect_ok", 1, 4), ("mx2", "never_retried", 1, 3), ("mx1", "passed_by_policy", 1, 2),
        ("mx1", "rows:connect", 1, 100), ("mx2", "rows:connect", 1, 120)]
WAITS = [("mx1", 300, 1, 50), ("mx2", 300, 1, 10), ("mx1", 360, 2, 30), ("mx1", 3600, 1, 9), ("mx1", 0, 1, 1)]


def rows_of_tables():
    """As sqlgreyctl export writes them."""
    def stamp(age):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - age))

    for number in range(30):
        yield {"table": "connect", "src": f"192.0.{number % 3}", "sender_domain": f"d{number % 2}.example",
               "sender_name": "=alice" if number == 7 else f"n{number % 5}", "rcpt": f"r{number}@example.net",
               "first_seen": stamp(number * 600 + 20)}
    for number in range(2):
        yield {"table": "connect", "src": f"203.0.{number}", "sender_domain": "pool.example", "sender_name": "bob",
               "rcpt": "carol@example.net", "first_seen": stamp(7200 + 600 * number)}
    yield {"table": "connect", "src": "*", "sender_domain": "", "sender_name": "0123", "rcpt": "192.0.2",
           "first_seen": stamp(30)}  # a network that a letter came from: no triplet
    yield {"table": "connect", "src": "=d0.example", "sender_domain": "d0.example", "sender_name": "n0",
           "rcpt": "r0@example.net", "first_seen": stamp(20)}  # the first letter, also under its sender's domain
    for number in range(6):
        yield {"table": "from_awl", "src": "192.0.2", "sender_domain": f"d{number % 2}.example", "sender_name": f"a{number}",
               "first_seen": stamp(58 * 86400), "last_seen": stamp((30 + 5 * number) * 86400)}
    for number in range(3):
        yield {"table": "domain_awl", "src": f"198.51.{number}", "sender_domain": "big.example",
               "first_seen": stamp(9 * 86400), "last_seen": stamp(number * 3600)}


class Place:
    """A database, and how its own client answers a file: the names of the columns, and rows of texts."""

    def __init__(self, test, name, base=None):
        self.name, self.base = name, base
        settings = dict(line.split(" = ", 1) for line in base.conf_lines()) if base else {}
        self.server = test.daemon(name, settings=settings)
        data = "".join(json.dumps(row) + "\n" for row in rows_of_tables()).encode()
        done = ctl.run(self.server, "import", "-", stdin=data)
        test.assertEqual(done.returncode, 0, done.stderr)
        execute = base.query if base else self.server.tables.execute
        for day in ("2026-11-26", "2026-11-27"):
            for host, key, run, count in DAYS:
                execute(f"insert into daily (day, host, name, run, count) values ('{day}', '{host}', '{key}', {run}, {count})")
            for host, up_to, run, count in WAITS:
                execute("insert into daily_delay (day, host, up_to, run, count) "
                        f"values ('{day}', '{host}', {up_to}, {run}, {count})")

    def command(self):
        if not self.base:
            return ["sqlite3", "-csv", "-header", self.server.tables.path]
        port = str(self.base.port)
        if self.name == "postgresql":
            return ["psql", "-X", "-q", "--csv", "-h", "127.0.0.1", "-p", port, "-U", self.base.user, self.base.name]
        return ["mariadb", "--no-defaults", "--batch", "--raw", "-h", "127.0.0.1", "-P", port, "-u", self.base.user,
                self.base.name]

    def take_statistics_of(self, place):
        """With the queries in sql/move."""
        for table in ("daily", "daily_delay"):
            self.base.query(f"delete from {table}")
        with open(os.path.join(MOVE, f"{self.name}.sql"), encoding="ascii") as sql:
            moved = subprocess.run(["sqlite3", "-readonly", place.server.tables.path], stdin=sql, capture_output=True,
                                   timeout=LIMIT, check=True).stdout
        subprocess.run(self.command(), input=moved, timeout=LIMIT, check=True)

    def native(self, file):
        with open(file, encoding="ascii") as sql:
            done = subprocess.run(self.command(), stdin=sql, capture_output=True, text=True, timeout=LIMIT, check=True)
        dialect = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if self.name == "mysql" else {}
        rows = list(csv.reader(done.stdout.splitlines(), **dialect))
        return [["" if cell == "NULL" else cell for cell in row] for row in rows]

    def ours(self, question):
        done = ctl.run(self.server, "report", question, "--format", "csv")
        assert done.returncode == 0, done.stderr
        rows = list(csv.reader(done.stdout.splitlines()))
        return [["=alice" if cell == "'=alice" else cell for cell in row] for row in rows]


def files(database):
    return sorted(glob.glob(os.path.join(REPORT, "*.sql")) + glob.glob(os.path.join(REPORT, database, "*.sql")))


def question_of(path):
    return os.path.splitext(os.path.basename(path))[0]


class Questions(case.DaemonCase):
    def same_both_ways(self, place):
        for path in files(place.name):
            question = question_of(path)

            def pair(path=path, question=question):
                """Minutes may pass between the two: then the client's answer has changed."""
                before, ours, after = place.native(path), place.ours(question), place.native(path)
                return (before, ours) if before == after else None

            with self.subTest(database=place.name, question=question):
                native, ours = wait_until(pair, "the same answer twice")
                self.assertGreater(len(native), 1, "no rows")
                self.assertEqual(ours, native)

    def test_on_sqlite(self):
        self.need("sqlite3", "sqlite3")
        self.same_both_ways(Place(self, "sqlite"))

    def test_on_postgresql(self):
        with servers.BY_NAME["postgresql"](options=["timezone = 'Europe/Paris'"]) as base:
            self.same_both_ways(Place(self, "postgresql", base))

    def test_on_mariadb(self):
        with servers.BY_NAME["mysql"](options=["--default-time-zone=+05:30"]) as base:
            self.same_both_ways(Place(self, "mysql", base))


    def test_statistics_move_from_sqlite_to_a_server(self):
        self.need("sqlite3", "sqlite3")
        sqlite = Place(self, "sqlite")
        for name in ("postgresql", "mysql"):
            with servers.BY_NAME[name]() as base:
                place = Place(self, name, base)
                place.take_statistics_of(sqlite)
                for question in ("verdicts_by_day", "waits_by_day", "rows_by_day"):
                    self.assertEqual(place.ours(question), sqlite.ours(question), name)


class Formats(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.place = Place(self, "sqlite")

    def report(self, *arguments):
        return ctl.run(self.place.server, "report", *arguments)

    def test_every_question_is_listed_with_its_sentence(self):
        listed = [json.loads(line) for line in self.report("--list", "--format", "json").stdout.splitlines()]
        with_sentence = {}
        for path in files("sqlite"):
            with open(path, encoding="ascii") as file:
                with_sentence[question_of(path)] = file.readline()[3:].rstrip("\n")
        self.assertEqual({row["question"]: row["sentence"] for row in listed}, with_sentence)

    def test_numbers_are_numbers_in_json(self):
        rows = [json.loads(line) for line in self.report("waits_by_day", "--format", "json").stdout.splitlines()]
        self.assertEqual(rows[0], {"day": "2026-11-27", "mails": 100, "half_within": 300, "nine_in_ten_within": 360,
                                   "ninety_nine_within": 3600})
        rows = [json.loads(line) for line in self.report("mails_by_day", "--format", "json").stdout.splitlines()]
        self.assertEqual(rows[0], {"day": "2026-11-27", "known": 82, "not_greylisted": 0, "passed_after_waiting": 4,
                                   "first_attempts": 9, "deferred_again": 0, "blacklisted": 0, "without_database": 2,
                                   "never_retried": 3})
        rows = [json.loads(line) for line in self.report("rows_by_day", "--format", "json").stdout.splitlines()]
        self.assertEqual(rows[0], {"day": "2026-11-27", "what": "rows:connect", "number_of_rows": 120})

    def test_what_is_no_triplet_does_not_wait(self):
        for question, column, value in (("waiting_now", "src", "*"), ("waiting_longest", "sender_domain", ""),
                                        ("waiting_by_source", "src", "*"), ("waiting_by_recipient", "rcpt", "192.0.2")):
            shown = [json.loads(line)[column] for line in self.report(question, "--format", "json").stdout.splitlines()]
            self.assertGreater(len(shown), 1, question)
            self.assertNotIn(value, shown, question)
        for question in ("waiting_now", "waiting_by_source"):
            shown = [json.loads(line) for line in self.report(question, "--format", "json").stdout.splitlines()]
            self.assertNotIn("=d0.example", [row["src"] for row in shown])
        shown = [json.loads(line) for line in self.report("retries_from_elsewhere", "--format", "json").stdout.splitlines()]
        self.assertEqual([row["sender_domain"] for row in shown], ["pool.example"])

    def test_text_has_a_heading_and_aligned_columns(self):
        lines = self.report("verdicts_by_day").stdout.splitlines()
        self.assertEqual(lines[0].split(), ["day", "host", "verdict", "mails"])
        self.assertEqual(lines[1].split(), ["2026-11-27", "mx1", "from_awl", "77"])

    def test_wrong_command_lines_are_refused(self):
        for arguments, words in ((("waiting_nov",), "waiting_now?"), (("../../etc/passwd",), "no question"),
                                 (("waiting_now", "--list"), "expected one of them"),
                                 (("waiting_now", "--days", "3"), "--days has no effect"),
                                 (("waiting_now", "table_sizes"), "one more")):
            done = self.report(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(words, done.stderr)

    def test_no_rows_are_told_by_the_status(self):
        self.place.server.tables.execute("delete from daily")
        self.assertEqual(self.report("mails_by_day").returncode, 3)

    def test_a_missing_table_is_named(self):
        self.place.server.tables.execute("drop table daily")
        done = self.report("mails_by_day")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "daily")

    def test_every_file_limits_its_rows_and_names_its_columns(self):
        for database in ("sqlite", "postgresql", "mysql"):
            for path in files(database):
                with open(path, encoding="ascii") as file:
                    text = file.read()
                self.assertRegex(text, r"\A-- .*\?.*\n-- columns: (\w+ (text|number)(, |\n))+select ", path)
                self.assertRegex(text, r"\nlimit [1-9]\d{1,3};\n\Z", path)


if __name__ == "__main__":
    case.main()
