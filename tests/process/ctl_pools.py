"""sqlgreyctl and pools: listing them, and finding rows of the pool of a client by its address."""

import json
import os
import time

from support import case, ctl

NOW = int(time.time())
GOOGLE = {"client_address": "203.0.113.9", "client_name": "mail-wr1-f9.google.com", "sender": "carol@example.org",
          "recipient": "dave@example.net"}
COLUMNS = ["pool", "networks", "came_back", "never_came_back", "crowd", "last_seen"]


class Pools(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.start(pools="on")

    def ctl(self, *arguments, status=0):
        done = ctl.run(self.server, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def rows(self, *arguments):
        return [json.loads(line) for line in self.ctl(*arguments, "--format", "json").stdout.splitlines()]

    def fill(self):
        self.assertIn("defer_if_permit", self.server.ask(**GOOGLE))
        tables = self.server.tables
        tables.many("insert into pool values (?, ?, 'mx', ?, ?)", [("192.0.2", "@one.example", NOW - 99, NOW - 50),
                                                                   ("198.51.100", "@one.example", NOW - 99, NOW - 60),
                                                                   ("192.0.3", "", NOW - 99, NOW)])
        tables.many("insert into organisation values (?, ?, ?, ?, ?)", [("@one.example", 4, 1, NOW, 0),
                                                                        ("@crowd.example", 50, 0, NOW, 1)])
        tables.execute("insert into from_awl values ('a', 'example.org', '@one.example', ?, ?)", NOW, NOW)

    def test_pools_are_listed(self):
        self.fill()
        rows = {row["pool"]: row for row in self.rows("list", "pools")}
        self.assertEqual(list(rows), ["@google.com", "@one.example", "@crowd.example"])
        shown = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - 50))
        self.assertEqual(rows["@one.example"], {"pool": "@one.example", "networks": 2, "came_back": 1, "never_came_back": 4,
                                                "crowd": False, "last_seen": shown})
        self.assertEqual(rows["@crowd.example"], {"pool": "@crowd.example", "networks": 0, "came_back": 0,
                                                  "never_came_back": 50, "crowd": True})
        self.assertEqual(self.ctl("list", "pools").stdout.splitlines()[0].split(), COLUMNS)
        self.assertEqual(self.ctl("list", "pools", "--format=csv").stdout.splitlines()[0].split(","), COLUMNS)

    def test_filters_for_pools(self):
        self.fill()
        for filters, wanted in ((["--client", "198.51.100.200"], ["@one.example"]), (["--client", "@google.com"], ["@google.com"]),
                                (["--client", "192.0.3.1"], []), (["--client", "192.0.9.1"], []),
                                (["--client", "192.0.9.1", "--name", "mx.crowd.example"], ["@crowd.example"]),
                                (["--since", "40s"], ["@google.com"]), (["--limit", "1"], ["@google.com"]),
                                (["--sort", "client"], ["@crowd.example", "@google.com", "@one.example"])):
            done = ctl.run(self.server, "list", "pools", "--format=json", *filters)
            self.assertEqual([json.loads(line)["pool"] for line in done.stdout.splitlines()], wanted, filters)
            self.assertEqual(done.returncode, 0 if wanted else 3, filters)
        for option in ("--domain", "--sender", "--recipient"):
            self.assertIn(f"{option}: pools have no", self.ctl("list", "pools", option, "a@b.example", status=2).stderr)
        self.assertIn("pools have no sender", self.ctl("list", "pools", "--sort", "sender", status=2).stderr)

    def test_an_address_finds_the_rows_of_its_pool(self):
        self.assertIn("defer_if_permit", self.server.ask(**GOOGLE))
        done = self.ctl("list", "waiting", "--client", "203.0.113.77", "--format=json")
        self.assertEqual(json.loads(done.stdout)["client_address"], "@google.com")
        self.assertIn("203.0.113.77 is one of the pool @google.com: rows of all its clients are meant\n", done.stderr)
        self.assertIn("released 1 triplet of 1", self.ctl("release", "--client", "203.0.113.9").stderr)
        self.assertNotIn("defer_if_permit", self.server.ask(**GOOGLE))
        self.assertEqual(self.rows("list", "senders", "--client", "203.0.113.9")[0]["client_address"], "@google.com")
        self.assertIn("forgot 1 row\n", self.ctl("forget", "--client", "203.0.113.9", "--yes").stderr)
        self.assertEqual(self.server.tables.rows("from_awl"), [])

    def test_a_name_finds_the_pool_of_an_unknown_network(self):
        self.assertIn("defer_if_permit", self.server.ask(**GOOGLE))
        self.server.tables.execute("delete from pool")
        done = self.ctl("release", "--client", "203.0.113.9", status=3)
        self.assertIn("nothing waits with client 203.0.113.9 (as 203.0.113.9, 203.0.113)", done.stderr)
        self.assertIn("--name", done.stderr)
        done = self.ctl("list", "waiting", "--client", "203.0.113.9", "--name", "dsl-203-0-113-9.example.com", status=3)
        self.assertIn("dsl-203-0-113-9.example.com is in no pool: its name ", done.stderr)
        done = self.ctl("release", "--client", "203.0.113.9", "--name", "mail-wr1-f9.google.com")
        self.assertIn("released 1 triplet of 1", done.stderr)
        self.assertIn("expected the address", self.ctl("list", "waiting", "--name", "a.example", status=2).stderr)
        self.assertIn("expected the address",
                      self.ctl("list", "waiting", "--client", "@google.com", "--name", "a.example", status=2).stderr)

    def test_with_a_privacy_key_the_pool_of_an_address_is_found_too(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o644)
        self.server.stop()
        self.server.configure(privacy_key_file=key)
        self.server.start()
        self.assertIn("defer_if_permit", self.server.ask(**GOOGLE))
        (pool,) = self.rows("list", "pools", "--client", "203.0.113.77")
        self.assertRegex(pool["pool"], "^@[0-9a-f]+$")
        self.ctl("list", "pools", "--client", "192.0.2.1", "--name", "mail.google.com")
        self.assertIn("released 1 triplet of 1", self.ctl("release", "--client", "203.0.113.9").stderr)


if __name__ == "__main__":
    case.main()
