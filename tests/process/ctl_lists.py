"""sqlgreyctl allow, deny, optin and optout: entries that the running daemon applies within seconds."""

import json
import time

from support import case, ctl
from support.daemon import wait_until

REQUEST = {"client_address": "203.0.113.9", "client_name": "mail.example.org", "sender": "carol@example.org",
           "recipient": "dave@example.net"}


class Lists(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.start(lists_in_database="on")

    def ctl(self, *arguments, status=0):
        done = ctl.run(self.server, *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def entries(self):
        return self.server.tables.execute("select list, entry, reason, expires_at from lists order by id")

    def answered(self, kind, **attributes):
        """`kind`: pass, defer_if_permit, or 5 (refused)"""
        def is_it():
            reply = self.server.ask(**{**REQUEST, **attributes})
            return not reply.startswith(("defer_if_permit", "5")) if kind == "pass" else reply.startswith(kind)

        wait_until(is_it, f"an answer {kind}")

    def test_an_allowed_client_passes_until_the_entry_is_removed(self):
        for option, value, list_name in (("client", "203.0.113.9", "whitelist_clients"),
                                         ("sender", "@example.org", "whitelist_senders"),
                                         ("recipient", "dave@example.net", "whitelist_recipients")):
            self.answered("defer_if_permit")
            done = self.ctl("allow", f"--{option}", value, "--reason", "ticket 4711; drop table lists")
            self.assertRegex(done.stderr, rf"(?m)^admin: \S+: allow: {list_name}: {value} \(ticket 4711; drop table lists\)$")
            self.assertEqual(self.entries(), [(list_name, value, "ticket 4711; drop table lists", None)])
            self.answered("pass")
            self.ctl("allow", f"--{option}", value, "--remove")
            self.assertEqual(self.entries(), [])
            self.ctl("allow", f"--{option}", value, "--remove", status=3)

    def test_a_denied_client_is_refused(self):
        self.ctl("deny", "--client", "203.0.113.0/24")
        self.answered("5")
        self.ctl("deny", "--client", "203.0.113.0/24", "--remove")
        self.ctl("deny", "--sender", "@example.org")
        self.answered("5", client_address="198.51.100.1")

    def test_an_entry_expires_and_adding_it_again_sets_the_new_expiry(self):
        self.ctl("allow", "--client", "203.0.113.9", "--for", "30d")
        self.ctl("allow", "--client", "203.0.113.9", "--for", "2h", "--reason", "shorter")
        ((_, _, reason, expires),) = self.entries()
        self.assertEqual(reason, "shorter")
        self.assertLess(abs(expires - time.time() - 7200), 120)
        row = json.loads(self.ctl("list", "lists", "--format", "json").stdout)
        self.assertEqual((row["list"], row["entry"], row["hits"]), ("whitelist_clients", "203.0.113.9", 0))
        self.assertIn("T", row["expires_at"])
        self.answered("pass")
        self.server.tables.execute("update lists set expires_at = ?", int(time.time()) - 1)
        self.answered("defer_if_permit")

    def test_a_dry_run_writes_nothing(self):
        for command in (["allow", "--client", "203.0.113.9"], ["deny", "--sender", "a@example.org"], ["optin", "a@example.net"],
                        ["optout", "example.net"]):
            self.assertIn("dry run", self.ctl(*command, "--dry-run").stderr)
        self.assertEqual(self.entries(), [])
        self.assertEqual(self.server.tables.count("optin_email") + self.server.tables.count("optout_domain"), 0)

    def test_entries_that_a_list_refuses_are_refused(self):
        for command, word in ((["allow", "--client", "203.0.113.900"], "--client"), (["deny", "--sender", "/(/"], "--sender"),
                              (["deny", "--client", "0.0.0.0/0"], "--client"), (["allow", "--client", ""], "--client"),
                              (["allow", "--client", "# nothing"], "--client"), (["allow", "--sender", "x" * 300], "--sender"),
                              (["allow"], "--client, --sender, --recipient"), (["deny"], "--client, --sender"),
                              (["allow", "--client", "192.0.2.1", "--sender", "a@b.example"], "one of them"),
                              (["allow", "--client", "192.0.2.1", "--for", "soon"], "--for"),
                              (["allow", "--client", "192.0.2.1", "--for", "99y"], "--for"),
                              (["allow", "--client", "192.0.2.1", "--for", "0"], "--for"),
                              (["allow", "--client", "192.0.2.1", "--reason", "r" * 256], "--reason"),
                              (["allow", "--client", "192.0.2.1", "--reason", "a\nb"], "--reason"),
                              (["deny", "--recipient", "a@b.example"], "--recipient"),
                              (["allow", "--client", "192.0.2.1", "--remove", "--for", "1d"], "--remove")):
            self.assertIn(word, self.ctl(*command, status=2).stderr)
        self.assertEqual(self.entries(), [])

    def test_without_lists_in_database_it_says_what_to_do(self):
        self.server.configure(lists_in_database="off")
        done = self.ctl("allow", "--client", "203.0.113.9", status=1)
        self.assertIn("lists_in_database is off", done.stderr)
        self.assertEqual(self.entries(), [])

    def test_opt_tables_take_effect(self):
        self.server.stop()
        self.server.configure(optmethod="optin")
        self.server.start()
        self.answered("pass")
        done = self.ctl("optin", "Dave@Example.Net", "@example.com")
        self.assertRegex(done.stderr, r"(?m)^admin: \S+: optin: optin_email: dave@example\.net$")
        self.assertEqual(self.server.tables.execute("select * from optin_domain"), [("example.com",)])
        self.answered("defer_if_permit")
        self.ctl("optin", "dave@example.net", "--remove")
        self.ctl("optin", "example.net")
        self.assertIn("exception", self.ctl("optout", "dave@example.net").stderr)
        self.answered("pass")
        self.ctl("optout", "dave@example.net", "--remove")
        self.ctl("optout", "dave@example.net", "--remove", status=3)
        self.answered("defer_if_permit")
        for hostile in ("", "@", "a b", "a@", "x" * 300, "a\n", "dave@example.net\x01"):
            self.ctl("optin", hostile, status=2)


if __name__ == "__main__":
    case.main()
