"""sqlgreyctl expect: first mails to a recipient pass for a while, on every host, and nothing else changes."""

import json
import os
import sqlite3
import time

from support import case, ctl, daemon as daemons

DEFER = "defer_if_permit Greylisted for 5 minutes"
EXPECTED = r"^PREPEND X-Greylist: expected, not delayed by SQLgrey-"


class Expect(case.DaemonCase):
    def expect(self, server, *arguments, status=0):
        done = ctl.run(server, "expect", *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_the_first_mail_passes_on_every_host_at_once(self):
        one = self.start()
        two = self.daemon("two", settings={"db_name": one.tables.path}).start()
        self.assertEqual(one.ask(), DEFER)
        self.expect(one, "Bob@Example.NET")
        for server in (one, two):
            self.assertRegex(server.ask(), EXPECTED)
            self.assertRegex(server.ask(sender="new@example.com"), EXPECTED)
            self.assertEqual(server.ask(recipient="carol@example.net", sender=f"x@{server.port}.example"), DEFER)
        one.wait_for_log(r"^grey: expected: 192\.0\.2\(192\.0\.2\.10\), alice@example\.org -> bob@example\.net$")
        self.assertEqual(one.tables.rows("from_awl"), [])

    def test_only_mail_of_the_given_domain_passes(self):
        server = self.start()
        self.expect(server, "bob@example.net", "--from", "@Example.ORG")
        self.assertRegex(server.ask(), EXPECTED)
        self.assertEqual(server.ask(sender="alice@sub.example.org"), DEFER)

    def test_it_expires_and_its_row_is_deleted(self):
        server = self.start(db_cleandelay=1)
        self.expect(server, "bob@example.net", "--for", "1h")
        self.expect(server, "bob@example.net", "--for", "1s")
        daemons.wait_until(lambda: server.tables.rows("expectation") == [], "the row is cleaned away")
        self.assertEqual(server.ask(), DEFER)

    def test_the_row_says_who_why_and_until_when(self):
        server = self.start()
        before = int(time.time())
        done = self.expect(server, "bob@example.net", "--for", "1h", "--reason", "code of the bank")
        self.assertRegex(done.stderr, r"(?m)^admin: \S+: expect: mail for bob@example\.net from any domain until "
                                      r"20\S+Z \(code of the bank\)$")
        rows = server.tables.rows("expectation")
        rcpt, domain, expires_at, added_by, reason = rows[0]
        self.assertEqual((rcpt, domain, reason), ("bob@example.net", "", "code of the bank"))
        self.assertLessEqual(abs(expires_at - before - 3600), 60)
        self.assertNotEqual(added_by, "")

    def test_with_a_privacy_key_the_row_has_hashes(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o644)
        server = self.start(privacy_key_file=key)
        self.expect(server, "bob@example.net", "--from", "example.org")
        rcpt, domain = server.tables.rows("expectation")[0][:2]
        self.assertRegex(rcpt + domain, "^[0-9a-f]{64}$")
        self.assertRegex(server.ask(), EXPECTED)
        self.assertEqual(server.ask(sender="alice@example.com"), DEFER)

    def test_it_can_be_listed_removed_and_forgotten(self):
        server = self.start()
        self.expect(server, "bob@example.net", "--from", "example.org", "--reason", "a code")
        self.expect(server, "bob@example.net")
        self.expect(server, "carol@example.net", "--for", "1h")
        server.tables.execute("insert into expectation values ('late@example.net', '', 1, 'root', '')")

        def listed(*filters, status=0):
            done = ctl.run(server, "list", "expectations", "--format", "json", *filters)
            self.assertEqual(done.returncode, status, done.stderr)
            return [json.loads(line) for line in done.stdout.splitlines()]

        self.assertEqual([row["recipient"] for row in listed()], ["carol@example.net", "bob@example.net", "bob@example.net"])
        (row,) = listed("--domain", "example.org")
        self.assertEqual((row["recipient"], row["sender_domain"], row["reason"]), ("bob@example.net", "example.org", "a code"))
        self.assertRegex(row["expires_at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(listed("--recipient", "late@example.net", status=3), [])
        done = ctl.run(server, "list", "expectations", "--since", "1h")
        self.assertEqual((done.returncode, "expectations have no since" in done.stderr), (2, True))
        done = self.expect(server, "bob@example.net", "--from", "example.org", "--remove", "--dry-run")
        self.assertIn("would no longer expect", done.stderr)
        done = self.expect(server, "bob@example.net", "--from", "example.org", "--remove")
        self.assertRegex(done.stderr, r"(?m)^admin: \S+: expect: removed mail for bob@example\.net from example\.org$")
        self.expect(server, "bob@example.net", "--from", "example.org", "--remove", status=3)
        self.expect(server, "bob@example.net", "--remove", "--for", "1h", status=2)
        done = ctl.run(server, "forget", "--recipient", "bob@example.net", "--yes")
        self.assertIn("forgot 1 row\n", done.stderr)
        self.assertEqual([row["recipient"] for row in listed()], ["carol@example.net"])
        self.assertEqual(server.ask(), DEFER)

    def test_explain_shows_it(self):
        server = self.start()
        self.expect(server, "bob@example.net")
        done = ctl.run(server, "explain", "--client", "192.0.2.10", "--sender", "a@example.org", "--recipient",
                       "bob@example.net")
        self.assertRegex(done.stdout, r"\ASent now, it passes \(expected\): mail for this recipient is expected")

    def test_a_dry_run_writes_nothing(self):
        server = self.start()
        self.assertIn("would expect", self.expect(server, "bob@example.net", "--dry-run").stderr)
        self.assertEqual(server.tables.rows("expectation"), [])

    def test_a_known_sender_passes_as_before(self):
        server = self.start()
        server.ask()
        base = sqlite3.connect(server.tables.path)
        with base:
            base.execute("update connect set first_seen = first_seen - 301")
        base.close()
        self.expect(server, "bob@example.net")
        self.assertIn("delayed 00:05:0", server.ask())
        self.assertIn("from auto-whitelisted", server.ask())

    def test_wrong_arguments(self):
        server = self.start()
        for arguments, word in (((), "RECIPIENT"), (("bob",), "recipient"), (("@example.net",), "recipient"),
                                (("bob@example.net", "--from", "a@b"), "--from"),
                                (("bob@example.net", "--for", "8d"), "7d"),
                                (("bob@example.net", "--for", "soon"), "--for"),
                                (("bob@example.net", "carol@example.net"), "carol")):
            self.assertIn(word, self.expect(server, *arguments, status=2).stderr)
        self.assertEqual(server.tables.rows("expectation"), [])


if __name__ == "__main__":
    case.main()
