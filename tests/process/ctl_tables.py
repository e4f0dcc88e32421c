"""sqlgreyctl status, config, export and import: the state, and moving all rows from one database to another."""

import json
import os
import re
import socket
import time

from support import case, ctl, milter, policy, servers
from support.daemon import wait_until
from support.ports import free_port

NOW = int(time.time())
TABLES = ("connect", "from_awl", "domain_awl", "client_awl", "optin_domain", "optin_email", "optout_domain", "optout_email",
          "lists", "daily", "daily_delay")


class Tables(case.DaemonCase):
    def filled(self, rows=1200):
        server = self.start(stats_interval=0)
        tables = server.tables
        tables.many("insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values (?, ?, ?, ?, ?)",
                    [(f"s{n % 40}", f"d{n % 7}.example", "192.0.2", f"r{n}@example.net", NOW - n) for n in range(rows)])
        tables.execute("insert into from_awl values ('o''neil\"\\', 'gr\u00fc\u00df.example', '192.0.2', ?, ?)", NOW - 99, NOW)
        tables.execute("insert into domain_awl values ('example.org', '192.0.2', ?, ?)", NOW - 99, NOW)
        tables.execute("insert into client_awl values ('192.0.2', 7, ?, ?, ?)", NOW, NOW - 99, NOW)
        for table, column in (("optin_domain", "domain"), ("optout_email", "email")):
            tables.execute(f"insert into {table} ({column}) values ('bob@example.net')")
        tables.execute("insert into lists (list, entry, reason, added_by, added_at, hits) values ('whitelist_senders', "
                       "'@example.org', '\u00fc \u2603', 'root', ?, 5)", NOW)
        tables.execute("insert into lists (list, entry, expires_at, added_at) values ('blacklist_senders', '@a.example', ?, ?)",
                       NOW + 99, NOW)
        tables.execute("insert into daily values ('2026-11-27', 'mx1', 'from_awl', 1764000000000000, 77)")
        tables.execute("insert into daily_delay values ('2026-11-27', 'mx1', 0, 1764000000000000, 5)")
        server.stop()
        return server

    def export(self, server):
        done = ctl.run(server, "export")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return sorted(done.stdout.splitlines())

    def test_rows_moved_from_each_database_to_the_next_are_the_same(self):
        rows = self.export(self.filled())
        self.assertEqual(len(rows), 1200 + 3 + 2 + 2 + 2)
        self.assertEqual({json.loads(row)["table"] for row in rows}, set(TABLES) - {"optin_email", "optout_domain"})
        data = ("\n".join(rows) + "\n").encode()
        with servers.BY_NAME["postgresql"]() as postgresql, servers.BY_NAME["mysql"]() as mysql:
            for name, base in (("postgresql", postgresql), ("mysql", mysql), ("sqlite", None)):
                settings = dict(line.split(" = ", 1) for line in base.conf_lines()) if base else {}
                server = self.daemon(name, settings=settings)
                for _ in range(2):
                    done = ctl.run(server, "import", "-", stdin=data)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn(f"imported {len(rows)} rows", done.stderr)
                    self.assertEqual(self.export(server), rows, name)
                listed = ctl.run(server, "list", "waiting", "--limit", "1", "--format", "json")
                self.assertEqual(json.loads(listed.stdout)["recipient"], "r0@example.net")
                done = ctl.run(server, "release", "--recipient", "r0@example.net")
                self.assertIn("released 1 triplet of 1", done.stderr)
                done = ctl.run(server, "forget", "--domain", "d3.example", "--yes")
                self.assertIn("forgot 171 rows", done.stderr)
                self.assertEqual(json.loads(ctl.run(server, "status", "--format=json").stdout)["waiting"], 1029)

    def test_bytes_of_sqlgrey_1_8_are_exported_as_json(self):
        server = self.filled(0)
        server.tables.execute("insert into connect values (cast(x'636166e9' as text), 'a.example', '192.0.2', 'r', ?)", NOW)
        (row,) = [json.loads(line) for line in self.export(server) if '"connect"' in line]
        self.assertEqual(row["sender_name"], "caf\udce9")

    def test_a_dry_run_creates_nothing(self):
        server = self.daemon()
        done = ctl.run(server, "import", "-", "--dry-run", stdin=b'{"table": "optin_domain", "domain": "example.net"}\n')
        self.assertEqual(done.returncode, 0)
        self.assertIn("would import 1 row\n", done.stderr)
        self.assertFalse(os.path.exists(server.tables.path))

    def test_invalid_lines_are_refused_with_their_place(self):
        server = self.filled(0)
        good = '{"table": "optin_domain", "domain": "good.example"}\n'
        time_ = "2026-11-27T10:12:33Z"
        for line, word in (("", None), ("x", "expected '{'"), ("{}", "table:"), ('{"table": "config"}', "table:"),
                           ('{"table": 5}', "table:"), ('{"table": "optin_domain"}', "domain: expected a text"),
                           ('{"table": "optin_domain", "domain": 5}', "domain: expected a text"),
                           ('{"table": "optin_domain", "domain": "a", "b; drop table connect": 1}', "is no column"),
                           ('{"table": "optin_domain", "domain": "%s"}' % ("x" * 256), "at most 255 bytes"),
                           ('{"table": "lists", "list": "x", "entry": "y"}', "name of a list"),
                           ('{"table": "connect", "src": "a", "sender_domain": "b", "sender_name": "c", "rcpt": "d", '
                            '"first_seen": "yesterday"}', "first_seen: expected a time"),
                           ('{"table": "domain_awl", "src": "%s", "sender_domain": "b", "first_seen": "%s", "last_seen": "%s"}'
                            % ("x" * 40, time_, time_), "at most 39 bytes"), ("{" * 70000, "too long")):
            done = ctl.run(server, "import", "-", stdin=(good + line + "\n").encode())
            self.assertEqual(done.returncode, 1 if word else 0, line[:80])
            if word:
                self.assertIn("line 2", done.stderr)
                self.assertIn(word, done.stderr)
        self.assertEqual(server.tables.count("optin_domain"), 2)
        self.assertEqual(ctl.run(server, "import", "-").returncode, 3)
        self.assertEqual(ctl.run(server, "import", self.directory + "/absent").returncode, 1)

    def test_without_the_tables_of_statistics_the_others_are_exported(self):
        server = self.filled(3)
        rows = self.export(server)
        server.tables.execute("drop table daily")
        self.assertEqual(self.export(server), [row for row in rows if '"table": "daily",' not in row])
        done = ctl.run(server, "import", "-", stdin="\n".join(rows).encode())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.export(server), rows)

    def test_status_says_whether_it_runs_and_what_the_tables_contain(self):
        server = self.filled(3)
        done = ctl.run(server, "status", "--format", "json")
        self.assertEqual(done.returncode, 1)
        stopped = json.loads(done.stdout)
        self.assertEqual((stopped["running"], stopped["waiting"], stopped["list_entries"]), (False, 3, 2))
        server.tables.execute("delete from daily")
        self.assertNotIn("statistics_until", json.loads(ctl.run(server, "status", "--format", "json").stdout))
        server.tables.execute("insert into daily values ('2026-01-02', 'mx1', 'from_awl', 1, 5), "
                              "('2026-11-27', 'mx1', 'from_awl', 1, 5)")
        done = ctl.run(server, "status", "--format", "json")
        self.assertEqual((json.loads(done.stdout)["statistics_from"], json.loads(done.stdout)["statistics_until"]),
                         ("2026-01-02", "2026-11-27"))
        server.tables.execute("drop table daily")
        self.assertEqual(ctl.run(server, "status").returncode, 1)
        server.start()
        done = ctl.run(server, "status", "--format", "json")
        self.assertEqual(done.returncode, 0)
        running = json.loads(done.stdout)
        self.assertEqual((running["running"], running["listening"], running["database_state"]),
                         (True, f"127.0.0.1:{server.port}", "available"))
        self.assertRegex(ctl.run(server, "status").stdout, r"(?m)^running +yes$")

    def test_status_counts_connections_and_entries_of_lists(self):
        server = self.daemon(settings={"unix": os.path.join(self.directory, "daemon", "state", "policy.sock")})
        server.list_file("whitelist_clients", "192.0.2.1\n192.0.2.2\n")
        server.list_file("whitelist_clients.local", "192.0.2.3\n")
        changed = os.path.join(server.conf_dir, "whitelist_clients.local")
        os.utime(changed, (1800000000, 1800000000))
        server.start()

        def status():
            return json.loads(ctl.run(server, "status", "--format", "json").stdout)

        self.assertEqual(status()["connections"], 0)
        talks = [policy.Conversation(server.address) for _ in range(3)]
        local = socket.socket(socket.AF_UNIX)
        local.connect(os.path.join(server.state, "policy.sock"))
        for talk in talks:
            talk.ask()
        wait_until(lambda: status()["connections"] == 4, "four connections")
        self.assertEqual((status()["whitelist_clients"], status()["lists_changed"]), (3, "2027-01-15T08:00:00Z"))
        for talk in (*talks, local):
            talk.close()
        wait_until(lambda: status()["connections"] == 0, "none")

    def test_status_shows_process_and_workers_of_a_daemon_with_a_pid_file(self):
        server = self.daemon(settings={"workers": 3})
        self.assertEqual(server.run("--daemonize").returncode, 0)
        try:
            status = json.loads(ctl.run(server, "status", "--format", "json").stdout)
            with open(server.pid_file, encoding="ascii") as file:
                self.assertEqual((status["running"], status["pid"]), (True, int(file.read())))
            self.assertEqual(status["workers"], 3)
        finally:
            server.run("--kill")

    def test_status_of_an_unavailable_database(self):
        server = self.daemon(settings={"db_type": "Pg", "db_name": "sqlgrey", "db_host": "127.0.0.1", "db_port": "1"})
        done = ctl.run(server, "status", "--format", "json")
        self.assertEqual(done.returncode, 75)
        self.assertNotEqual(json.loads(done.stdout)["database_state"], "available")
        for command in (["list", "waiting"], ["release", "--client", "x"], ["export"]):
            done = ctl.run(server, *command)
            self.assertEqual((done.returncode, done.stdout), (75, ""), command)
            self.assertRegex(done.stderr, r"\Asqlgreyctl: .*\n\Z")

    def checked(self, server):
        done = ctl.run(server, "check")
        self.assertRegex(done.stdout, r"\ASQLGREY (OK|WARNING|CRITICAL|UNKNOWN): [^|\n]*( \|( [a-z]+=[0-9.]+s)+)?\n\Z")
        return done.returncode, done.stdout

    def test_check_is_a_plugin_for_nagios(self):
        server = self.filled(0)
        status, line = self.checked(server)
        self.assertEqual((status, line.split(" |")[0]), (2, f"SQLGREY CRITICAL: no answer at 127.0.0.1:{server.port}"))
        server.start()
        before = server.log()
        status, line = self.checked(server)
        self.assertEqual(status, 0, line)
        self.assertRegex(line, r" \| answer=0\.\d+s database=")
        self.assertEqual(server.log(), before)
        server.tables.execute("delete from config where parameter = 'last_dbclean'")
        server.tables.execute("insert into config (parameter, value) values ('last_dbclean', ?)", str(NOW - 400000))
        status, line = self.checked(server)
        self.assertEqual(status, 1)
        self.assertRegex(line, r"WARNING: expired rows were last deleted 40\d{4} s ago, expected every \d+ s \|.* cleaned=40")

    def test_sockets_for_mail_servers_are_checked_and_their_connections_counted(self):
        server = self.daemon()
        path = os.path.join(server.state, "milter")
        address = ("127.0.0.1", free_port())
        server.configure(milter=f"unix:{path}, inet:{address[0]}:{address[1]}")
        server.start()
        self.assertEqual(self.checked(server)[0], 0)
        with milter.Conversation(path), milter.Conversation(address):
            wait_until(lambda: json.loads(ctl.run(server, "status", "--format", "json").stdout)["connections"] == 2,
                       "both connections, and no more those of the check")
        os.unlink(path)
        status, line = self.checked(server)
        self.assertEqual((status, line.split(" |")[0]), (2, f"SQLGREY CRITICAL: no answer at unix:{path}"))

    def test_check_of_an_unavailable_database(self):
        for on_db_failure, state in (("pass", 1), ("defer", 2)):
            server = self.daemon(on_db_failure, settings={"db_type": "Pg", "db_name": "sqlgrey", "db_host": "127.0.0.1",
                                                          "db_port": "1", "on_db_failure": on_db_failure})
            server.start(wait=False)
            wait_until(lambda server=server: self.checked(server)[0] == state, "the state that the failure policy gives")

    def test_check_of_wrong_settings(self):
        self.assertEqual(self.checked(self.daemon(settings={"workers": "many"}))[0], 3)

    def test_config_shows_values_in_force_and_where_they_come_from(self):
        server = self.daemon(settings={"reconnect_delay": "7", "db_pass": "a secret"})
        done = ctl.run(server, "config", "--format", "json")
        rows = {row["parameter"]: row for row in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(rows["reconnect_delay"]["value"], "7")
        self.assertRegex(rows["reconnect_delay"]["origin"], re.escape(server.config_file) + r":\d+")
        self.assertEqual(rows["max_connect_age"]["origin"], "default")
        self.assertNotIn("a secret", done.stdout)
        self.assertEqual(len(ctl.run(server, "config", "workers", "--format=csv").stdout.splitlines()), 2)
        self.assertEqual(ctl.run(server, "config", "no_such").returncode, 3)


if __name__ == "__main__":
    case.main()
