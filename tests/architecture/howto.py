"""HOWTO.md is complete and correct: it names every parameter, every list and every option of postgrey, its links
work, its settings are valid, and its SQL and that of sql/report runs on the daemon's tables, with exactly the rights
that HOWTO.md gives."""

import glob
import os
import re
import shutil
import sqlite3
import subprocess
import time
import unittest

from support import case, servers

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 60
DATABASES = {"sqlite", "postgresql", "mysql"}
POSTGREY = "/usr/sbin/postgrey"
DAYS_AGO = {"sqlite": "strftime('%s', 'now') - {} * 86400",
            "postgresql": "localtimestamp - interval '{} days'",
            "mysql": "now() - interval {} day"}
# SQL of an administrator: before the first start, after it, about one person, and at the end. chapters.py runs the last
# two.
STEPS = {"create", "restrict", "look", "erase", "drop"}


def text_of(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def howto():
    return text_of("HOWTO.md")


def without_blocks(text):
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", text)


def chapter(heading):
    """The text of a chapter with its tables, without code blocks."""
    found = re.split(r"(?m)^## \d+\. (.*)$", without_blocks(howto()))
    return found[found.index(heading) + 1]


def blocks(language):
    """The code blocks of a language: [(words after the language, text)]."""
    found = re.findall(r"(?ms)^```(\w+)([^\n]*)\n(.*?)^```$", howto())
    return [(set(words.split()), body) for name, words, body in found if name == language]


def sql_for(database, step=None):
    """What an administrator of that database types: in one step, or in daily use."""
    wanted = {database, step} if step else {database}
    return [body for words, body in blocks("sql") if words == wanted or (not step and not words)]


def anchor(heading):
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def report_files(database):
    found = glob.glob(os.path.join(TOP, "sql", "report", "*.sql"))
    return sorted(found + glob.glob(os.path.join(TOP, "sql", "report", database, "*.sql")))


class Text(case.DaemonCase):
    def test_every_parameter_is_named(self):
        done = subprocess.run([self.binary, "--print-config", "-f", os.devnull], capture_output=True, text=True,
                              check=True, timeout=LIMIT)
        names = re.findall(r"(?m)^(?:# )?(\w+) *=", done.stdout)
        self.assertGreater(len(names), 30)
        settings = chapter("Settings")
        for name in names:
            self.assertIn(f"`{name}`", settings)

    def test_every_list_is_named(self):
        done = subprocess.run([self.binary, "--print-schema", "-f", os.devnull], capture_output=True, text=True,
                              check=True, timeout=LIMIT)
        names = set(re.findall(r"'(\w+list\w*)'", done.stdout))
        self.assertEqual(len(names), 9)
        lists = chapter("Whitelists and blacklists")
        self.assertEqual(set(re.findall(r"(?m)^\| `(\w+list\w*)` \|", lists)), names)

    def test_every_option_of_postgrey_is_named(self):
        self.need(POSTGREY, "postgrey")
        done = subprocess.run([POSTGREY, "--help"], capture_output=True, text=True, check=False, timeout=LIMIT)
        options = re.findall(r"(?m)^ +(?:-\w, +)?(--[\w-]+)", done.stdout)
        self.assertGreater(len(options), 25)
        rows = chapter("Migrating from postgrey, or from nothing").split("Every option of postgrey")[1]
        for option in options:
            self.assertRegex(rows, rf"`{option}[=`]")

    def test_the_acl_for_exim_is_the_file(self):
        self.assertEqual([body for _, body in blocks("exim")], [text_of("conf", "exim.acl")])

    def test_every_link_has_a_target(self):
        text = without_blocks(howto())
        anchors = {anchor(heading) for heading in re.findall(r"(?m)^#+ (.*)$", text)}
        links = re.findall(r"\]\(([^)]*)\)", text)
        self.assertGreater(len(links), 9)
        for link in links:
            if link.startswith("#"):
                self.assertIn(link[1:], anchors)
            elif "://" not in link:
                self.assertTrue(os.path.exists(os.path.join(TOP, link)), link)

    def test_its_settings_are_valid(self):
        shown = blocks("ini")
        self.assertGreater(len(shown), 4)
        for _, lines in shown:
            # Password files and directories of SQLite do not exist here.
            lines = re.sub(r"(?m)^(db_pass_file|db_name = /).*\n", "", lines)
            server = self.daemon()
            with open(server.config_file, "w", encoding="utf-8") as file:
                file.write(lines)
            os.chmod(server.config_file, 0o600)  # some contain a password, and the daemon's user reads them at a reload
            if os.geteuid() == 0:
                shutil.chown(server.config_file, "sqlgrey", "sqlgrey")
            done = server.run("--check-config")
            self.assertEqual((done.returncode, done.stderr), (0, ""), lines)

    def test_every_block_of_sql_is_labelled(self):
        for words, body in blocks("sql"):
            self.assertLessEqual(words, DATABASES | STEPS, body)
            self.assertLessEqual(len(words & DATABASES), 1, body)

    def test_every_report_begins_with_its_question_and_is_listed(self):
        everywhere = {os.path.basename(path) for path in glob.glob(os.path.join(TOP, "sql", "report", "*.sql"))}
        of_each = {database: {os.path.basename(path) for path in report_files(database)} - everywhere
                   for database in DATABASES}
        self.assertEqual(of_each["sqlite"], of_each["postgresql"])
        self.assertEqual(of_each["sqlite"], of_each["mysql"])
        listed = set(re.findall(r"(?m)^\| `(\S+\.sql)` \|", howto()))
        self.assertEqual(listed, everywhere | {f"<database>/{name}" for name in of_each["sqlite"]})
        for database in DATABASES:
            for path in report_files(database):
                first = text_of(path).split("\n", 1)[0]
                self.assertRegex(first, r"^-- .*\?", path)


class Sql(case.DaemonCase):
    """A daemon with a waiting triplet and one that has passed; then all the SQL, then both again."""

    def live_through(self, database, settings, run, restrict):
        server = self.daemon(settings={"reconnect_delay": 0, "group_domain_level": 3, "optmethod": "optout", **settings})
        server.start()
        self.assertIn("Greylisted", server.ask(sender="waits@waiting.example"))
        self.assertIn("Greylisted", server.ask(sender="listed@known.example"))
        # With a delay of 0 a retry only has to come in a later second.
        self.wait_for("delayed", server, sender="listed@known.example")
        restrict()
        server.stop()
        server.start()
        self.assertIn("Greylisted", server.ask(sender="later@waiting.example"))
        self.assertIn("from auto-whitelisted", server.ask(sender="listed@known.example"))
        self.queries(database, run)
        self.wait_for("delayed", server, sender="waits@waiting.example")
        self.assertIn("from auto-whitelisted", server.ask(sender="alice@example.org"), "put there by the HOWTO's SQL")
        self.assertIn("inactive for a recipient", server.ask(sender="new@example.com", recipient="eve@example.net"))
        self.assertIn("inactive for a recipient", server.ask(sender="new@example.com", recipient="x@customer.example"))
        self.wait_for(" whitelisted by", server, sender="new@example.com", client_address="203.0.113.5")
        self.wait_for("554 5.7.1", server, sender="new@mail.spam.example")
        self.wait_for_hits(run)

    def wait_for(self, word, server, **request):
        for _ in range(400):
            reply = server.ask(**request)
            if word in reply:
                return
            time.sleep(0.05)
        self.fail(f"no {word!r} but {reply!r}")

    def wait_for_hits(self, run):
        for _ in range(400):
            said = run("select entry from lists where hits > 0 and last_hit is not null order by entry;\n")
            if "spam.example" in said and "203.0.113" in said:
                return
            time.sleep(0.05)
        self.fail(f"not all hits are counted: {said!r}")

    def queries(self, database, run):
        for sql in sql_for(database):
            run(sql)
        ago = DAYS_AGO[database].format
        run(f"update from_awl set last_seen = {ago(54)} where sender_name = 'alice';\n")
        run(f"update lists set added_at = {ago(91)} where list = 'whitelist_clients';\n")
        [unused] = [run(sql) for sql in sql_for(database) if "coalesce(last_hit, added_at)" in sql]
        self.assertIn("203.0.113.0/25", unused)
        self.assertNotIn("spam.example", unused)
        said = {}
        for path in report_files(database):
            said[os.path.basename(path)] = run(text_of(path))
        self.assertIn("waits", said["waiting_now.sql"])
        self.assertIn("waiting.example", said["waiting_longest.sql"])
        self.assertIn("listed", said["awl_by_last_use.sql"])
        self.assertIn("alice", said["awl_about_to_expire.sql"])
        self.assertNotIn("listed", said["awl_about_to_expire.sql"])
        self.assertIn("192.0.2", said["waiting_by_source.sql"])
        self.assertIn("bob@example.net", said["waiting_by_recipient.sql"])
        self.assertIn("known.example", said["domains_to_come.sql"])
        year = time.strftime("%Y")
        for name in ("waiting_now.sql", "awl_by_last_use.sql", "housekeeping.sql"):
            self.assertIn(year, said[name], "a time that a reader understands")

    def test_on_sqlite(self):
        path = os.path.join(self.directory, "daemon", "state", "sqlgrey.db")

        def run(sql):
            base = sqlite3.connect(path, timeout=20)
            with base:
                rows = [row for one in sql.split(";\n") if one.strip() for row in base.execute(one).fetchall()]
            base.close()
            return str(rows)

        self.live_through("sqlite", {}, run, lambda: None)

    def test_on_postgresql(self):
        with Administered(servers.PostgreSQL()) as server:
            def run(sql, database="sqlgrey"):
                return server.run("psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(server.port), "-U",
                                  server.user, "-d", database, "-v", "ON_ERROR_STOP=1", "-f", "-", input=sql.encode())

            run("".join(sql_for("postgresql", "create")), "postgres")
            settings = {"db_type": "Pg", "db_name": "sqlgrey", "db_user": "sqlgrey", "db_pass": "secret",
                        "db_host": "127.0.0.1", "db_port": server.port}
            self.live_through("postgresql", settings, run, lambda: run("".join(sql_for("postgresql", "restrict"))))

    def test_on_mysql(self):
        with Administered(servers.MariaDB()) as server:
            def run(sql, database="sqlgrey"):
                return server.run("mariadb", "--no-defaults", "-N", "-B", "-u", "root", "-S", server.socket, database,
                                  input=sql.encode())

            run("".join(sql_for("mysql", "create")), "mysql")
            settings = {"db_type": "mysql", "db_name": "sqlgrey", "db_user": "sqlgrey", "db_pass": "secret",
                        "db_host": server.socket}
            self.live_through("mysql", settings, run, lambda: run("".join(sql_for("mysql", "restrict"))))


class Administered:
    """A server without user and database."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.server.prepare()
        self.server.start(create=False)
        return self.server

    def __exit__(self, *what):
        self.server.__exit__(*what)


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(one) for one in (Text, Sql))


if __name__ == "__main__":
    case.main()
