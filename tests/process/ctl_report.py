"""sqlgreyctl report as text, rows and a file, on each database."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import resource
import shlex
import socket
import stat
import struct
import subprocess
import termios

from support import case, ctl, report_rows, servers
from support.daemon import wait_until

SENTENCE = r"Of [\d,]+ strangers in 30 days, 75 % never came back; honest mail waited 7 min in the middle, more than 24 h at p99\."


class Report(case.DaemonCase):
    def ctl(self, server, *arguments, status=0):
        done = ctl.run(server, "report", *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def filled(self, **settings):
        server = self.start(**settings)
        server.stop()
        report_rows.fill(server, "sqlite", server.tables.execute)
        return server

    def rows(self, server, *arguments):
        """{name of the table: its rows}"""
        tables = {}
        for line in self.ctl(server, "--format", "json", *arguments).stdout.splitlines():
            row = json.loads(line)
            if "command" in row:
                self.assertIn(f"sqlgreyctl -f {server.config_file} allow ", row["command"])
            tables.setdefault(row.pop("table"), []).append(row)
        return tables

    def test_the_report_is_the_same_on_each_database(self):
        pages = {"sqlite": self.rows(self.filled())}
        with servers.BY_NAME["postgresql"]() as postgresql, servers.BY_NAME["mysql"]() as mysql:
            for name, base in (("postgresql", postgresql), ("mysql", mysql)):
                server = self.daemon(name, settings=dict(line.split(" = ", 1) for line in base.conf_lines()))
                server.start()
                server.stop()
                report_rows.fill(server, name, base.query)
                pages[name] = self.rows(server)
                self.assertIn("<svg", self.ctl(server, "--html", "-").stdout)
        for tables in pages.values():
            for row in tables["sources"]:
                row.pop("command", None)  # names the settings
        for name in ("postgresql", "mysql"):
            self.assertEqual(pages[name], pages["sqlite"], name)
        self.check_rows(pages["sqlite"])

    def check_rows(self, tables):
        with open(os.path.join(report_rows.TOP, "conf", "man", "sqlgreyctl.8"), encoding="utf-8") as file:
            listed = file.read().split("The tables:", 1)[1].split(".TP", 1)[0]
        for name in tables:
            self.assertRegex(listed, rf"\b{name}\b")
        counts, delays = report_rows.daily(30)
        totals = {}
        for _, _, name, _, count in counts:
            totals[name] = totals.get(name, 0) + count
        (whole,) = tables["report"]
        self.assertRegex(whole["sentence"], rf"\A{SENTENCE}\Z")
        for name, column in (("first_attempt", "first_attempts"), ("reconnect_ok", "came_back"),
                             ("never_retried", "never_retried"), ("store_unavailable", "without_database")):
            self.assertEqual(whole[column], totals[name], name)
        self.assertEqual((whole["first_day"], whole["last_day"]), (report_rows.day(29), report_rows.day(0)))
        self.assertEqual([row["day"] for row in tables["requests"]], [report_rows.day(29 - n) for n in range(30)])
        self.assertEqual(sum(row["mails"] for row in tables["wait_buckets"]), sum(row[4] for row in delays))
        self.assertEqual([row["host"] for row in tables["hosts"]], ["mx1.example.net", "mx2.example.net"])
        self.assertEqual([row["day"] for row in tables["outages"]], [report_rows.day(n) for n in (4, 13, 22)])
        self.assertEqual(tables["outages"][0]["passed"], 100)
        self.assertNotIn("*", [row["client_address"] for row in tables["sources"]])
        self.assertEqual(tables["sources"][0]["waiting"], len(report_rows.HOSTILE) + 1)
        self.assertEqual([(row["came_back"], row["never_came_back"]) for row in sorted(tables["pools"], key=lambda row: row["came_back"])],
                         [(n, 5 * n) for n in range(len(report_rows.HOSTILE))])
        self.check_facts(tables["facts"])
        self.assertEqual(tables["list_hits"][0]["hits"], len(report_rows.HOSTILE))
        self.assertEqual(len(tables["unused_entries"]), len(report_rows.HOSTILE))

    def check_facts(self, rows):
        """Of each source the most frequent first; not what has expired or is no fact about a client."""
        known = {(row["source"], row["value"]): row["count"] for row in rows}
        self.assertEqual(known["spf", "pass"] + known["spf", "fail"], len(report_rows.HOSTILE))
        self.assertEqual([key for key in known if key[0] == "spf"], [("spf", "fail"), ("spf", "pass")])
        self.assertEqual((known["dnswl wl.example", "trust high"], known["dnswl wl.example", "not listed"]),
                         (3, len(report_rows.HOSTILE) - 3))
        lists = {name for name, _ in known if name.startswith("dnsbl ")}
        self.assertEqual(len(lists), len(report_rows.HOSTILE))
        for name in lists:
            self.assertEqual((known[name, "not listed"], known[name, "listed"]), (3, 2))
        self.assertEqual(len([1 for name, _ in known if name == "p0f_os"]), 8)
        self.assertEqual({name for name, _ in known} - lists, {"spf", "dnswl wl.example", "p0f_os"})

    def test_text_and_csv_have_the_same_numbers(self):
        server = self.filled()
        text = self.ctl(server).stdout
        self.assertRegex(text, rf"\A{SENTENCE}\n")
        self.assertNotIn("\x1b", text)
        for heading in ("Requests by outcome", "Who waits now", "Pools", "What is known of unknown clients",
                        "List entries never hit", "Hosts"):
            self.assertIn(f"\n\n{heading}\n", text)
        values = {(row["table"], row["row"], row["name"]): row["value"]
                  for row in csv.DictReader(io.StringIO(self.ctl(server, "--format=csv").stdout))}
        for day in self.rows(server)["requests"]:
            self.assertEqual(values["requests", day["day"], "known"], str(day["known"]))
            self.assertRegex(text, rf"(?m)^{day['day']} +{day['known']} ")

    def test_the_period_is_as_many_days_as_asked(self):
        server = self.filled()
        self.assertEqual(len(self.rows(server, "--days", "7")["requests"]), 7)
        self.assertEqual(len(self.rows(server, "--days=1")["requests"]), 1)
        self.assertEqual(len(self.rows(server, "--days=400")["requests"]), 30)
        for wrong in ("0", "401", "x", "-3", "1.5"):
            self.assertIn("--days", self.ctl(server, f"--days={wrong}", status=2).stderr)
        self.assertIn("expected one of them", self.ctl(server, "--html", "-", "--format", "json", status=2).stderr)

    def test_what_a_daemon_has_counted_today_is_reported(self):
        server = self.start(reconnect_delay="1s", max_connect_age="2d")
        for name in ("alice", "bob", "carol"):
            self.assertIn("defer_if_permit", server.ask(sender=f"{name}@example.org", client_address="192.0.2.7"))
        wait_until(lambda: "defer_if_permit" not in server.ask(sender="alice@example.org", client_address="192.0.2.7"),
                   "the retry to pass")
        server.stop()
        (whole,) = self.rows(server)["report"]
        self.assertRegex(whole["sentence"], r"\A3 strangers had to wait on \d+ \w+ \d{4}, 1 came back so far; how many never do is "
                                            r"known after 2 days \(max_connect_age\); honest mail waited at most 1 min in the middle, at most 1 min at p99\.")
        self.assertEqual((whole["first_attempts"], whole["came_back"], whole["never_retried"]), (3, 1, 0))
        (host,) = self.rows(server)["hosts"]
        self.assertEqual(host["host"], socket.gethostname())
        self.assertIn("3 strangers had to wait", self.ctl(server, "--html", "-").stdout)

    def test_without_statistics_it_says_so(self):
        server = self.start()
        server.stop()
        self.assertIn("There are no daily statistics of this period yet", self.ctl(server).stdout)
        self.assertIn("There are no daily statistics of this period yet", self.ctl(server, "--html", "-").stdout)

    def test_every_command_on_the_page_lets_its_source_pass(self):
        server = self.filled(lists_in_database="on")
        commands = [row["command"] for row in self.rows(server)["sources"] if "command" in row]
        self.assertEqual(len(commands), len(report_rows.HOSTILE) + 1)  # one of the names is that of a host
        page = self.ctl(server, "--html", "-").stdout
        self.assertEqual(len(re.findall("<code>", page)), len(commands))
        allowed = set()
        path = os.path.dirname(ctl.program(server.binary)) + ":" + os.environ["PATH"]
        for command in commands:
            done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=60, cwd="/",
                                  env={**os.environ, "PATH": path})
            self.assertEqual((done.returncode, done.stdout), (0, ""), command + done.stderr)
            allowed.add(shlex.split(command)[-1])
        entries = server.tables.execute("select entry from lists where list = 'whitelist_clients'")
        self.assertEqual({entry for (entry,) in entries}, allowed)

    def test_a_terminal_shows_whole_commands(self):
        server = self.filled(lists_in_database="on")
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        with subprocess.Popen(ctl.command(server, "report"), stdout=theirs) as process:
            os.close(theirs)
            shown = b""
            try:
                while data := os.read(ours, 65536):
                    shown += data
            except OSError:  # EIO: it has ended
                pass
        self.assertEqual(process.returncode, 0)
        self.assertIn("~", shown.decode())  # other columns are cut
        for row in self.rows(server)["sources"]:
            if "command" in row:
                self.assertIn(row["command"] + "\r\n", shown.decode())

    def test_no_command_is_offered_that_would_be_another_one(self):
        server = self.start(lists_in_database="on")
        server.stop()
        for src in ("--help", "-x.example", "@-x.example", "@", "10", "/etc/passwd", "::/0", "@com"):
            server.tables.execute("insert into connect values ('a', 'example.org', ?, 'b@example.net', ?)", src, report_rows.NOW)
        self.assertEqual([row for row in self.rows(server)["sources"] if "command" in row], [])

    def test_pools_and_networks_get_the_entry_that_means_them(self):
        server = self.start(lists_in_database="on")
        server.stop()
        wanted = {"192.0.2": "192.0.2", "192.0.2.7": "192.0.2.7", "@one.example": "one.example",
                  "2001:0db8:0000:0001": "2001:0db8:0000:0001::/64", "2001:db8::1": "2001:db8::1",
                  "192.0.2.0/26": "192.0.2.0/26", "@too-long-for-the#12345678901234567890": None}
        for src in wanted:
            server.tables.execute("insert into connect values ('a', 'example.org', ?, 'b@example.net', ?)", src, report_rows.NOW)
        for row in self.rows(server)["sources"]:
            entry = wanted[row["client_address"]]
            self.assertEqual(row.get("command"), entry and f"sqlgreyctl -f {server.config_file} allow --client {entry}")

    def test_what_has_expired_does_not_wait_even_if_it_has_not_been_deleted(self):
        server = self.start(max_connect_age="2d")
        server.stop()
        for name, hours in (("new", 1), ("old", 47), ("expired", 49)):
            server.tables.execute("insert into connect values (?, 'example.org', '192.0.2', 'b@example.net', ?)", name,
                                  report_rows.NOW - hours * 3600)
        (source,) = self.rows(server)["sources"]
        self.assertEqual(source["waiting"], 2)
        self.assertIn("All 2 waiting triplets are counted.", self.ctl(server).stdout)

    def test_without_lists_in_the_database_no_command_is_offered(self):
        server = self.filled(lists_in_database="off")
        self.assertNotIn("allow --client", self.ctl(server, "--html", "-").stdout)

    def test_a_page_replaces_its_file_as_a_whole(self):
        server = self.filled()
        path = os.path.join(server.state, "page.html")
        old_mask = os.umask(0o022)
        try:
            self.ctl(server, "--html", path)
        finally:
            os.umask(old_mask)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o644)
        with open(path, encoding="utf-8") as file:
            self.assertTrue(file.read().endswith("</html>\n"))
        self.assertIn("--html is empty", self.ctl(server, "--html", "", status=2).stderr)
        self.assertIn("is a directory", self.ctl(server, "--html", server.state, status=1).stderr)
        self.assertIn("No such file", self.ctl(server, "--html", path + "/x/y.html", status=1).stderr
                      .replace("Not a directory", "No such file"))

    def test_root_writes_the_page_where_the_daemons_user_may_not(self):
        server = self.filled()
        directory = os.path.join(self.directory, "private")
        os.mkdir(directory, 0o700)
        path = os.path.join(directory, "page.html")
        self.ctl(server, "--html", path)
        self.assertEqual(os.stat(path).st_uid, os.geteuid())
        link = os.path.join(directory, "link.html")
        os.symlink("page.html", link)
        self.assertIn("it is a symbolic link", self.ctl(server, "--html", link, status=1).stderr)

    def test_a_page_that_does_not_fit_leaves_the_old_one(self):
        server = self.filled()
        directory = os.path.join(self.directory, "www")
        os.mkdir(directory)
        path = os.path.join(directory, "page.html")
        with open(path, "w", encoding="ascii") as file:
            file.write("old")
        done = subprocess.run(ctl.command(server, "report", "--html", path), capture_output=True, text=True, check=False,
                              timeout=60, cwd=server.state, restore_signals=False,  # SIGXFSZ stays ignored
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"\Asqlgreyctl: the page cannot be kept in memory: File too large\n\Z")
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "old")
        self.assertEqual(os.listdir(directory), ["page.html"])

    def test_with_a_privacy_key_the_page_says_that_names_are_hashes(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o644)
        server = self.filled(privacy_key_file=key, lists_in_database="on")
        page = self.ctl(server, "--html", "-").stdout
        self.assertIn("are hashes", page)
        self.assertIn("the rows hold hashes", self.ctl(server, "--format", "csv").stderr)
        self.assertNotIn("allow --client", page)

    def test_an_account_that_may_read_only_some_tables_is_told(self):
        with servers.BY_NAME["postgresql"]() as postgresql, servers.BY_NAME["mysql"]() as mysql:
            def as_root(sql):
                mysql.run("mariadb", "--no-defaults", "-S", mysql.socket, "-u", "root", "-e", sql)

            for name, base in (("postgresql", postgresql), ("mysql", mysql)):
                server = self.daemon(name, settings=dict(line.split(" = ", 1) for line in base.conf_lines()))
                server.start()
                server.stop()
                server.configure(db_user="reader")
                if name == "postgresql":
                    base.query("create role reader login; grant select on all tables in schema public to reader")
                    self.assertIn("no daily statistics", self.ctl(server).stdout)
                    base.query("revoke select on daily from reader")
                    self.assertRegex(self.ctl(server, status=1).stderr, "table daily .*grant user reader select")
                    continue
                as_root("create user reader@'127.0.0.1'; create user reader@localhost")
                for host in ("'127.0.0.1'", "localhost"):
                    for table in base.query("show tables").split():
                        if table != "lists":
                            as_root(f"grant select on sqlgrey.{table} to reader@{host}")
                self.assertIn("may not read, so check its rights", self.ctl(server, status=1).stderr)
                for host in ("'127.0.0.1'", "localhost"):
                    as_root(f"grant select on sqlgrey.lists to reader@{host}")
                self.assertIn("no daily statistics", self.ctl(server).stdout)

    def test_without_its_database_it_says_why(self):
        server = self.daemon(settings={"db_name": os.path.join(self.directory, "absent.db")})
        for arguments in ((), ("--html", "-"), ("--format=json",)):
            done = self.ctl(server, *arguments, status=1)
            self.assertRegex(done.stderr, r"\Asqlgreyctl: there is no SQLite file .*absent\.db.*\n\Z")
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    case.main()
