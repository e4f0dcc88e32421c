"""sqlgreyctl list, release and forget while the daemon runs: what waits and who is known; let it pass now; delete
it."""

import json
import os
import pty
import stat
import time

from support import case, ctl

NOW = int(time.time())
WAITING = [("alice", "example.org", "192.0.2", "bob@example.net", NOW - 10),
           ("al%ce", "example.org", "192.0.2", "b_b@example.net", NOW - 20),
           ("o'neil", "example.com", "198.51.100.7", "bob@sub.example.net", NOW - 30),
           ("-undef-", "-undef-", "2001:0db8:0000:0001", "bob@example.net", NOW - 40),
           ("expired", "example.com", "198.51.100.7", "bob@example.net", NOW - 9 * 86400)]
LISTS = ("waiting", "senders", "domains", "clients", "lists")


def shown(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class List(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.start()
        tables = self.server.tables
        tables.many("insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values (?, ?, ?, ?, ?)", WAITING)
        tables.execute("insert into from_awl values ('alice#', 'example.org', '192.0.2', ?, ?)", NOW - 99, NOW - 9)
        tables.execute("insert into domain_awl values ('example.org', '192.0.2', ?, ?)", NOW - 99, NOW - 9)
        tables.execute("insert into client_awl values ('192.0.2', 7, ?, ?, ?)", NOW, NOW - 99, NOW - 9)
        tables.execute("insert into lists (list, entry, reason) values ('whitelist_senders', '@=cmd', '=cmd()')")

    def rows(self, *arguments):
        done = ctl.run(self.server, *arguments, "--format", "json")
        self.assertIn(done.returncode, (0, 3), done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def recipients(self, *arguments):
        return [row["recipient"] for row in self.rows("list", "waiting", *arguments)]

    def test_each_list_prints_rows_in_each_format(self):
        for what in LISTS:
            self.assertGreater(len(self.rows("list", what)), 0, what)
            for form in ("text", "csv"):
                done = ctl.run(self.server, "list", what, "--format", form)
                self.assertEqual((done.returncode, done.stderr), (0, ""), what)
        self.assertEqual(self.rows("list", "clients")[0]["passes"], 7)
        self.assertEqual(self.rows("list", "senders")[0]["sender"], "alice#@example.org")
        self.assertIn("whitelist_senders,'@=cmd,1,'=cmd(),", ctl.run(self.server, "list", "lists", "--format=csv").stdout)

    def test_waiting_triplets_are_listed_newest_first_without_expired_ones(self):
        rows = self.rows("list", "waiting")
        self.assertEqual([row["sender"] for row in rows], ["alice@example.org", "al%ce@example.org", "o'neil@example.com", ""])
        self.assertEqual(rows[0], {"client_address": "192.0.2", "sender": "alice@example.org", "recipient": "bob@example.net",
                                   "first_seen": shown(NOW - 10)})
        text = ctl.run(self.server, "list", "waiting").stdout
        self.assertRegex(text, r"\Aclient_address +sender +recipient +first_seen\n192\.0\.2 ")
        self.assertIn(" <> ", text)

    def test_filters_find_a_client_under_any_identity_and_have_no_wildcards(self):
        for filters, wanted in (
                (["--client", "192.0.2.200"], 2), (["--client", "192.0.2"], 2), (["--client", "192.0.2.0/24"], 2), (["--client", "2001:db8:0:1::/64"], 1),
                (["--client", "192.0.2.0/33"], 0), (["--client", "198.51.100.7"], 1),
                (["--client", "2001:DB8:0:1::9"], 1), (["--client", "[2001:db8:0:1::9]"], 1), (["--client", "::ffff:192.0.2.9"], 2), (["--client", "192.0.%"], 0), (["--domain", "EXAMPLE.ORG"], 2),
                (["--domain", "%"], 0), (["--sender", "Alice@Example.Org"], 1), (["--sender", "al%ce@example.org"], 1), (["--sender", "<alice@example.org>"], 1),
                (["--recipient", "<bob@example.net>"], 2),
                (["--sender", "al_ce@example.org"], 0), (["--sender", "@example.com"], 1), (["--sender", "<>"], 1),
                (["--sender", "o'neil@example.com"], 1), (["--recipient", "bob@example.net"], 2),
                (["--recipient", "b_b@example.net"], 1), (["--recipient", "@example.net"], 3), (["--recipient", "@%"], 0),
                (["--recipient", "x' or 'a' = 'a"], 0), (["--since", shown(NOW - 25)], 2), (["--since", "1h"], 4), (["--since", "2030-01-01"], 0),
                (["--client", "192.0.2.1", "--recipient", "bob@example.net"], 1)):
            done = ctl.run(self.server, "list", "waiting", "--format=json", *filters)
            self.assertEqual(len(done.stdout.splitlines()), wanted, filters)
            self.assertEqual(done.returncode, 0 if wanted else 3, filters)

    def test_an_ipv6_address_is_found_in_any_notation(self):
        self.server.ask(client_address="2001:db8::1", client_name="unknown")
        for typed in ("2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "[2001:db8::1]", "IPv6:2001:db8::1"):
            self.assertEqual(len(self.rows("list", "waiting", "--client", typed)), 1, typed)
        self.assertEqual(self.rows("list", "waiting", "--client", "2001:db8::2"), [])

    def test_rows_are_limited_and_sorted(self):
        done = ctl.run(self.server, "list", "waiting", "--limit", "3", "--format=json")
        self.assertEqual(len(done.stdout.splitlines()), 3)
        self.assertIn("more than 3 rows", done.stderr)
        self.assertEqual(self.recipients("--sort", "recipient")[0], "b_b@example.net")
        self.assertEqual(self.rows("list", "waiting", "--sort", "client")[0]["client_address"], "192.0.2")
        self.assertEqual(self.rows("list", "domains", "--sort", "sender")[0]["sender_domain"], "example.org")

    def test_on_a_terminal_a_row_fits_a_line(self):
        self.server.tables.execute("insert into connect values (?, ?, '203.0.113', ?, ?)", "n" * 64, "d" * 100 + ".example",
                                   "r" * 100 + "@example.net", NOW)
        text = on_terminal(ctl.command(self.server, "list", "waiting"))
        self.assertIn("~", text)
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 80)
        self.assertNotIn("\033", text)

    def test_release_lets_the_next_attempt_pass(self):
        request = {"client_address": "203.0.113.9", "client_name": "mail.example.org", "sender": "carol@example.org",
                   "recipient": "dave@example.net"}
        self.assertIn("defer_if_permit", self.server.ask(**request))
        before = self.server.tables.rows("connect")
        done = ctl.run(self.server, "release", "--recipient", "dave@example.net", "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.server.tables.rows("connect"), before)
        self.assertIn("defer_if_permit", self.server.ask(**request))
        done = ctl.run(self.server, "release", "--client", "203.0.113.9", "--format=json")
        self.assertEqual(json.loads(done.stdout)["recipient"], "dave@example.net")
        self.assertIn("released 1 triplet of 1", done.stderr)
        self.assertRegex(done.stderr, r"(?m)^admin: \S+: release: 1 triplet: client 203\.0\.113\.9$")
        self.assertNotIn("defer_if_permit", self.server.ask(**request))

    def test_release_counts_as_the_retries_that_retry_count_wants(self):
        server = self.start(retry_count=3, spf_identity="on", enrich="on", dns_servers="127.0.0.1:9")
        request = {"client_address": "203.0.113.9", "client_name": "mail.example.org", "sender": "carol@example.org",
                   "recipient": "dave@example.net"}
        server.ask(**request)
        server.tables.execute("insert into connect select sender_name, sender_domain, '=example.org', rcpt, first_seen "
                              "from connect where src = '203.0.113'")  # as a covered client has
        server.tables.execute("update connect set first_seen = first_seen - 400")
        explained = ctl.run(server, "explain", "--client", "203.0.113.9", "--name", "mail.example.org", "--sender",
                            "carol@example.org", "--recipient", "dave@example.net").stdout
        self.assertRegex(" ".join(explained.split()), r"of the 3 retries that retry_count wants 0 came before\.")
        self.assertNotIn("A retry passes from", explained)
        self.assertIn("defer_if_permit", server.ask(**request))
        done = ctl.run(server, "release", "--sender", "carol@example.org")
        self.assertIn("released 1 triplet of 1", done.stderr)
        self.assertNotIn("defer_if_permit", server.ask(**request))

    def test_release_moves_no_time_forward_and_reports_what_it_did_not_find(self):
        old = NOW - 3000
        self.server.tables.execute("update connect set first_seen = ? where sender_name = 'alice'", old)
        done = ctl.run(self.server, "release", "--client", "192.0.2.1")
        self.assertIn("released 1 triplet of 2", done.stderr)
        self.assertEqual(self.server.tables.execute("select first_seen from connect where sender_name = 'alice'"), [(old,)])
        done = ctl.run(self.server, "release", "--sender", "nobody@example.org")
        self.assertEqual(done.returncode, 3)
        self.assertIn("sender nobody@example.org", done.stderr)

    def counts(self):
        """The rows of each table, except the one that cleaning may delete meanwhile."""
        return {table: self.server.tables.execute(f"select count(*) from {table} where first_seen > {NOW - 86400}")[0][0]
                for table in ("connect", "from_awl", "domain_awl", "client_awl")}

    def test_forget_needs_yes_and_deletes_in_all_tables(self):
        counts = self.counts()
        done = ctl.run(self.server, "forget", "--client", "192.0.2.1")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--yes", done.stderr)
        done = ctl.run(self.server, "forget", "--client", "192.0.2.1", "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("would forget 5 rows: 2 waiting, 1 sender, 1 domain, 1 client", done.stderr)
        self.assertEqual(self.counts(), counts)
        done = ctl.run(self.server, "forget", "--client", "192.0.2.1", "--yes")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"(?m)^admin: \S+: forget: 5 rows: client 192\.0\.2\.1$")
        self.assertEqual(sum(self.counts().values()), sum(counts.values()) - 5)
        self.assertEqual(ctl.run(self.server, "forget", "--client", "192.0.2.1", "--yes").returncode, 3)

    def test_forget_asks_on_a_terminal(self):
        for answer, left in (("n", 4), ("y", 3)):
            text = on_terminal(ctl.command(self.server, "forget", "--sender", "alice@example.org"), answer)
            self.assertIn("forget 1 row (1 waiting)? [y/N]", text)
            self.assertEqual(self.counts()["connect"], left)

    def test_forget_finds_more_rows_than_one_page(self):
        self.server.tables.many("insert into connect values (?, 'many.example', '203.0.113', 'r@example.net', ?)",
                                [(f"s{n}", NOW) for n in range(1700)])
        done = ctl.run(self.server, "forget", "--recipient", "r@example.net", "--yes")
        self.assertIn("forgot 1700 rows", done.stderr)
        self.assertEqual(self.counts()["connect"], len(WAITING) - 1)

    def test_files_created_by_root_belong_to_the_daemon(self):
        self.need_root("becomes the daemon's user")
        self.server.stop()
        ctl.run(self.server, "release", "--client", "192.0.2.1")
        for name in os.listdir(self.server.state):
            if name.startswith("sqlgrey.db"):
                status = os.stat(os.path.join(self.server.state, name))
                self.assertEqual(status.st_uid, os.stat(self.server.state).st_uid, name)
                self.assertFalse(status.st_mode & stat.S_IRWXO, name)

    def test_reading_creates_no_file(self):
        self.server.stop()
        before = sorted(os.listdir(self.server.state))
        self.assertEqual(ctl.run(self.server, "list", "waiting").returncode, 0)
        self.assertEqual(sorted(os.listdir(self.server.state)), before)
        os.unlink(self.server.tables.path)
        for command in (["list", "waiting"], ["release", "--client", "x"], ["forget", "--client", "x", "--yes"]):
            done = ctl.run(self.server, *command)
            self.assertEqual(done.returncode, 1)
            self.assertIn("start sqlgrey once", done.stderr)
        self.assertFalse(os.path.exists(self.server.tables.path))


class Hashes(case.DaemonCase):
    def test_with_a_privacy_key_addresses_are_found_by_their_hashes(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o644)
        server = self.start(privacy_key_file=key, greymethod="full", pools="on")
        server.ask(client_address="198.51.100.10", client_name="mx.example.com", sender="a@b.example", recipient="c@d.example")
        self.assertEqual(ctl.run(server, "list", "waiting", "--client", "@example.com").returncode, 0)
        self.assertEqual(ctl.run(server, "forget", "--client", "@example.com", "--yes").returncode, 0)
        request = {"client_address": "203.0.113.9", "client_name": "unknown", "sender": "carol-12345@example.org", "recipient": "dave@example.net"}
        server.ask(**request)
        for option, value in (("client", "203.0.113.9"), ("domain", "example.org"), ("sender", "carol-12345@example.org"),
                              ("sender", "@example.org"), ("recipient", "dave@example.net")):
            done = ctl.run(server, "list", "waiting", f"--{option}", value)
            self.assertEqual(done.returncode, 0, option)
            self.assertIn("hashes", done.stderr)
            self.assertNotIn("example", done.stdout)
        self.assertEqual(ctl.run(server, "list", "waiting", "--recipient", "@example.net").returncode, 2)
        self.assertEqual(ctl.run(server, "release", "--sender", "carol-12345@example.org").returncode, 0)
        self.assertNotIn("defer_if_permit", server.ask(**request))


def on_terminal(command, answer=""):
    """Its output on a terminal of 80 columns, with that typed as input."""
    master, slave = pty.openpty()
    if not os.fork():
        os.login_tty(slave) if hasattr(os, "login_tty") else [os.dup2(slave, fd) for fd in range(3)]
        os.execv(command[0], command)
    os.close(slave)
    text = b""
    try:
        while True:
            part = os.read(master, 4096)
            if not part:
                break
            text += part
            if answer and b"[y/N]" in text:
                os.write(master, answer.encode() + b"\n")
                answer = ""
    except OSError:  # the terminal's other end is closed
        pass
    os.close(master)
    os.wait()
    return text.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    case.main()
