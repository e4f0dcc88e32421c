"""sqlgreyctl over the tables of facts about strangers: list, forget, status; a cache is neither exported nor imported."""

import json
import os
import time

from support import case, ctl
from support.daemon import wait_until

NOW = int(time.time())
V6 = "2001:0db8:0000:0000:0000:0000:0000:0001"


class Facts(case.DaemonCase):
    def filled(self, **settings):
        server = self.start(stats_interval=0, **settings)
        # Half a second after the start the first cleaning deletes what has expired; no other comes for half an hour.
        wait_until(lambda: "cleaning: from_awl" in server.log(), server.log)
        server.tables.many("insert into fact (client, domain, source, value, expires_at) values (?, ?, ?, ?, ?)", [
            ("192.0.2.10", "", "asked", "done", NOW + 3600),
            ("192.0.2.10", "", "dnsbl zen.example", "2 127.0.0.2", NOW + 7200),
            ("192.0.2.10", "example.org", "spf", "pass", NOW + 60 * 60 * 5),
            ("192.0.2.11", "example.org", "spf", "fail", NOW + 3600),
            (V6, "", "p0f_os", "Linux\x1b[31m\n", NOW + 3600),
            ("", "example.org", "spf", "2", NOW + 3600),
            ("192.0.2.10", "example.com", "spf", "none", NOW - 5)])
        server.tables.many("insert into spf_network (domain, first_address, last_address, expires_at) values (?, ?, ?, ?)", [
            ("example.org", f"{n:032x}", f"{n:032x}", NOW + 3600) for n in range(3)] + [("example.com", "0" * 32, "f" * 32, NOW)])
        return server

    def listed(self, server, *arguments, status=0):
        done = ctl.run(server, "list", "facts", "--format", "json", *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_facts_are_listed_until_they_expire(self):
        server = self.filled()
        rows = self.listed(server)
        self.assertEqual(len(rows), 6)
        self.assertEqual({key: rows[0][key] for key in ("client_address", "sender_domain", "source", "value")},
                         {"client_address": "192.0.2.10", "sender_domain": "example.org", "source": "spf", "value": "pass"})
        self.assertRegex(rows[0]["expires_at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual([row["value"] for row in self.listed(server, "--client", "2001:db8::1")], ["Linux\x1b[31m\n"])
        self.assertEqual(len(self.listed(server, "--client", "192.0.2.10")), 3)
        self.assertEqual(len(self.listed(server, "--domain", "Example.ORG")), 3)
        self.assertEqual(len(self.listed(server, "--sender", "@example.org", "--client", "192.0.2.10")), 1)
        self.assertEqual(self.listed(server, "--domain", "example.com", status=3), [])
        self.assertEqual([row["client_address"] for row in self.listed(server, "--sort", "client", "--limit", "2")],
                         ["", "192.0.2.10"])
        text = ctl.run(server, "list", "facts", "--client", "2001:db8::1").stdout
        self.assertIn("\\x1b[31m\\x0a", text)
        for option, value in (("--since", "1h"), ("--recipient", "bob@example.net"), ("--sender", "alice@example.org")):
            done = ctl.run(server, "list", "facts", option, value)
            self.assertEqual((done.returncode, f"facts have no {option[2:]}" in done.stderr), (2, True), done.stderr)

    def test_what_is_known_of_a_client_or_a_domain_is_forgotten(self):
        server = self.filled()
        done = ctl.run(server, "forget", "--domain", "example.org", "--dry-run")
        self.assertIn("would forget 6 rows: 3 fact, 3 SPF network", done.stderr)
        done = ctl.run(server, "forget", "--client", "192.0.2.10", "--yes")
        self.assertIn("forgot 4 rows", done.stderr)
        self.assertEqual(server.tables.execute("select count(*) from fact where client = '192.0.2.10'"), [(0,)])
        done = ctl.run(server, "forget", "--sender", "@example.org", "--yes")
        self.assertIn("forgot 5 rows", done.stderr)
        self.assertEqual(server.tables.execute("select client, domain from fact"), [(V6, "")])
        self.assertEqual(server.tables.execute("select domain from spf_network"), [("example.com",)])
        # One of its addresses is not the domain, and what is known of the domain says nothing about it.
        self.assertEqual(ctl.run(server, "forget", "--sender", "alice@example.com", "--yes").returncode, 3)

    def test_with_a_privacy_key_they_are_found_by_hashes(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o644)
        server = self.start(privacy_key_file=key)
        server.ask(client_address="2001:db8::1", client_name="unknown")
        ((client, domain),) = server.tables.execute("select src, sender_domain from connect")
        server.tables.execute("insert into fact values (?, '', 'p0f_os', 'Linux', ?)", client, NOW + 3600)
        server.tables.execute("insert into fact values ('', ?, 'spf', '3', ?)", domain, NOW + 3600)
        self.assertEqual([row["value"] for row in self.listed(server, "--client", "2001:db8::1")], ["Linux"])
        self.assertEqual([row["value"] for row in self.listed(server, "--domain", "example.org")], ["3"])
        self.assertIn("forgot 2 rows", ctl.run(server, "forget", "--client", "2001:db8::1", "--yes").stderr)
        self.assertIn("forgot 1 row", ctl.run(server, "forget", "--domain", "example.org", "--yes").stderr)

    def test_status_counts_them_and_a_letter_once(self):
        server = self.filled()
        server.ask()
        server.tables.execute("insert into connect select sender_name, sender_domain, '=example.org', rcpt, first_seen from connect")
        status = json.loads(ctl.run(server, "status", "--format", "json").stdout)
        self.assertEqual((status["waiting"], status["facts"], status["spf_networks"]), (1, 7, 4))
        listed = ctl.run(server, "list", "waiting", "--format", "json").stdout.splitlines()
        self.assertEqual([json.loads(line)["client_address"] for line in listed], ["192.0.2"])

    def test_they_are_neither_exported_nor_imported(self):
        server = self.filled()
        done = ctl.run(server, "export")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        line = {"table": "fact", "client": "192.0.2.1", "domain": "", "source": "asked", "value": "done",
                "expires_at": "2037-01-01T00:00:00Z"}
        done = ctl.run(server, "import", "-", stdin=json.dumps(line).encode())
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 1: table: fact is not imported", done.stderr)

    def test_without_their_tables_everything_else_works(self):
        server = self.filled()
        server.ask()
        for table in ("fact", "spf_network"):
            server.tables.execute(f"drop table {table}")
        self.assertEqual(self.listed(server, status=3), [])
        status = json.loads(ctl.run(server, "status", "--format", "json").stdout)
        self.assertEqual((status["waiting"], status.get("facts"), status["database_state"]), (1, None, "available"))
        self.assertEqual(len(ctl.run(server, "export").stdout.splitlines()), 1)
        for command in (("report",), ("explain", "--client", "192.0.2.10", "--sender", "alice@example.org", "--recipient", "bob@example.net")):
            done = ctl.run(server, *command)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("forgot 1 row", ctl.run(server, "forget", "--domain", "example.org", "--yes").stderr)
        self.assertNotIn("error", server.log())


if __name__ == "__main__":
    case.main()
