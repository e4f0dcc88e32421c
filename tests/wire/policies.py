"""Settings that SQLgrey 1.8 does not have: privacy_key_file, auto_whitelist_clients, greymethod = prefix,
never_whitelist_*, whitelist_senders_verified, message_coherence, training. peer_postgrey.py compares them with
postgrey."""

import os
import random
import re

from support import case, policy
from support.daemon import give_to_daemon
from support.faketime import Clock

DEFER = "defer_if_permit Greylisted for 5 minutes"
REFUSED = "554 5.7.1 Mail from here is not accepted"
START = 1700000000
KEY = "0123456789abcdef" * 4


def header(words):
    return f"PREPEND X-Greylist: {words} SQLgrey-#"


DELAYED = header("delayed 00:05:01 by")
FROM = header("from auto-whitelisted by")
DOMAIN = header("domain auto-whitelisted by")
CLIENT = header("client auto-whitelisted by")
LISTED = header("whitelisted by")


class PolicyCase(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need("faketime", "faketime")
        self.clock = Clock(self.directory, START)
        self.number = 0

    def begin(self, files=None, **settings):
        self.number += 1
        settings = {"workers": 1, "db_cleandelay": 7 * 86400, **settings}
        self.server = self.daemon(f"daemon{self.number}", settings=settings, clock=self.clock)
        for name, text in (files or {}).items():
            self.server.list_file(name, text)
        self.talk = self.talk_to(self.server.start())
        self.tables = self.server.tables

    def talk_to(self, server):
        talk = policy.Conversation(server.address)
        self.addCleanup(talk.close)
        return talk

    def ask(self, **attributes):
        return re.sub(r"SQLgrey-\d[0-9.]*", "SQLgrey-#", self.talk.ask(**attributes))

    def waited(self, **attributes):
        """A mail is deferred and retried; returns the second reply."""
        self.assertEqual(self.ask(**attributes), DEFER)
        self.clock.advance(301)
        return self.ask(**attributes)


class Privacy(PolicyCase):
    NAMES = ("ursula", "gwendolyn", "")
    DOMAINS = ("quillfield.example", "harrowgate.example")
    RECIPIENTS = ("theodora@ravenswood.example", "bartholomew@ravenswood.example")
    ADDRESSES = ("198.51.100.77", "203.0.113.99", "2001:db8:77::99")
    NEEDLES = (*NAMES[:2], *DOMAINS, "quillfield", "theodora", "bartholomew", "ravenswood", "-undef-", "198.51.100",
               "203.0.113", "2001:db8:77", "2001:0db8:0077")

    def key_file(self, key=KEY):
        path = os.path.join(self.directory, "key")
        with open(path, "w", encoding="ascii") as file:
            file.write(key + "\n")
        os.chmod(path, 0o600)
        give_to_daemon(path)
        return path

    @staticmethod
    def bytes_of(server):
        """The database and the files next to it."""
        data = b""
        for name in sorted(os.listdir(server.state)):
            if name.startswith("sqlgrey.db"):
                with open(os.path.join(server.state, name), "rb") as file:
                    data += file.read()
        return data.lower()

    def found(self, server):
        data = self.bytes_of(server)
        return {needle for needle in self.NEEDLES if needle.encode() in data}

    def test_random_mail_is_decided_alike_and_no_address_is_stored(self):
        settings = {"max_connect_age": 1, "awl_age": 1, "connect_src_throttle": 6, "auto_whitelist_clients": 40}
        self.begin(**settings)
        plain, to_plain = self.server, self.talk
        self.begin(**settings, privacy_key_file=self.key_file())
        # Expired rows count for throttling until deleted: cleaning comes soon after the start, and then not for a week.
        for server in (plain, self.server):
            server.wait_for_log("^perf: spent")
        chance = random.Random(20261122)
        seen = {}
        for _ in range(400):
            self.clock.advance(chance.choice([0, 1, 299, 300, 301, 600, 3000, 4000]))
            name = chance.choice(self.NAMES)
            question = {"sender": f"{name}@{chance.choice(self.DOMAINS)}" if name else "",
                        "recipient": chance.choice(self.RECIPIENTS), "client_address": chance.choice(self.ADDRESSES),
                        "client_name": chance.choice(["unknown", "mail.ravenswood.example"])}
            reply = self.talk.ask(**question)
            self.assertEqual(reply, to_plain.ask(**question), question)
            kind = re.sub(r"\d\d:\d\d:\d\d", "#", reply)
            seen[kind] = seen.get(kind, 0) + 1
        self.assertGreaterEqual(len(seen), 4, seen)
        for table in ("connect", "from_awl", "domain_awl", "client_awl"):
            self.assertEqual(plain.tables.count(table), self.tables.count(table), table)
            self.assertGreater(self.tables.count(table), 0, table)
        self.assertGreater(len(self.found(plain)), 8)
        self.assertEqual(self.found(self.server), set())
        self.assertNotIn(KEY.encode(), self.bytes_of(self.server))
        for row in self.tables.execute("select src, sender_domain, sender_name, rcpt from connect"):
            for value in row:
                self.assertRegex(value, "^[0-9a-f]{32}$")
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.found(self.server), set())
        decided = [line for line in self.server.log().splitlines() if line.startswith("grey: ")]
        self.assertGreater(len(decided), 300)
        for needle in (*self.NAMES[:2], *self.DOMAINS, *self.RECIPIENTS):
            self.assertNotIn(needle, "\n".join(decided))

    def test_a_retry_under_another_serial_number_is_a_retry(self):
        for privacy, reply in ((None, DEFER), (self.key_file(), DELAYED)):
            self.begin(privacy_key_file=privacy)
            self.ask(sender="bounce-17@example.org")
            self.clock.advance(301)
            self.assertEqual(self.ask(sender="bounce-18@example.org"), reply)

    def test_another_key_or_none_starts_from_scratch_and_the_same_key_does_not(self):
        self.begin(privacy_key_file=self.key_file())
        self.assertEqual(self.waited(), DELAYED)
        for key, reply in ((KEY, FROM), (KEY[::-1], DEFER), (None, DEFER), (KEY, FROM)):
            self.server.stop()
            self.server.configure(privacy_key_file=self.key_file(key) if key else None)
            self.talk = self.talk_to(self.server.start())
            self.assertEqual(self.ask(), reply)

    def test_lists_and_opt_tables_are_not_hashed(self):
        self.begin({"whitelist_senders": "@good.example\n"}, privacy_key_file=self.key_file(), optmethod="optout")
        self.tables.execute("insert into optout_email values ('eve@example.net')")
        self.assertEqual(self.ask(sender="x@good.example"), LISTED)
        self.assertEqual(self.ask(recipient="EVE@example.net"), header("greylisting inactive for a recipient in"))
        self.assertEqual(self.ask(), DEFER)


class Clients(PolicyCase):
    def retry(self, **attributes):
        self.number += 1
        return self.waited(sender=f"s@new{self.number}.example", **attributes)

    def knows(self, **attributes):
        self.number += 1
        return self.ask(**{"sender": f"s@new{self.number}.example", **attributes})

    def test_a_client_is_auto_whitelisted_after_so_many_retries_an_hour_apart(self):
        self.begin(auto_whitelist_clients=3)
        for passes in (1, 2, 3):
            self.assertEqual(self.knows(recipient="probe@example.net"), DEFER)
            self.assertEqual(self.retry(), DELAYED)
            if passes < 3:
                self.assertEqual(self.retry(), DELAYED)  # one an hour counts
            self.assertEqual(self.tables.execute("select src, passes from client_awl"), [("192.0.2", passes)])
            self.clock.advance(3600)
        self.assertEqual(self.knows(), CLIENT)
        self.assertEqual(self.knows(sender=""), CLIENT)
        self.assertEqual(self.knows(client_address="192.0.2.250"), CLIENT, "its network is the source")
        self.assertEqual(self.knows(client_address="192.0.3.10"), DEFER)
        self.server.wait_for_log(r"^grey: client awl match: updating 192\.0\.2\(192\.0\.2\.250\)$")

    def test_an_auto_whitelisted_client_expires_after_awl_age(self):
        self.begin(auto_whitelist_clients=1, awl_age="1d", greymethod="full")
        self.retry()
        for _ in range(3):
            self.clock.advance(86399)
            self.assertEqual(self.knows(), CLIENT)
        self.clock.advance(86400)
        self.assertEqual(self.knows(), DEFER)
        self.retry()
        self.assertEqual(self.tables.execute("select passes from client_awl"), [(1,)], "it begins anew")

    def test_off_by_default(self):
        self.begin()
        self.retry()
        self.assertEqual(self.knows(), DEFER)
        self.assertEqual(self.tables.count("client_awl"), 0)

    def test_clients_and_senders_never_whitelisted_wait_with_each_triplet(self):
        """No auto-whitelist lets them pass or gets a row of them; a triplet passes until max_connect_age is over."""
        self.begin({"never_whitelist_clients": "192.0.2.10\n", "never_whitelist_senders": ".pool.example\n"},
                   auto_whitelist_clients=1, max_connect_age="2h", greymethod="full")
        self.tables.many("insert into domain_awl values ('example.org', ?, ?, ?)",
                         [(src, START, START) for src in ("192.0.2.10", "192.0.2.11")])
        for question in ({}, {"sender": "a@mx.pool.example", "client_address": "192.0.2.11"}):
            self.assertEqual(self.waited(**question), DELAYED)
            self.clock.advance(6899)
            self.assertEqual(self.ask(**question), header("delayed 02:00:00 by"))
            self.assertEqual(self.ask(**question | {"recipient": "eve@example.net"}), DEFER)
            self.clock.advance(1)
            self.assertEqual(self.ask(**question), DEFER)
        self.assertEqual([self.tables.count(table) for table in ("from_awl", "client_awl")], [0, 0])
        self.assertEqual(self.ask(client_address="192.0.2.11"), DOMAIN, "others of the domain there")

    def test_networks_of_any_length_in_the_tables(self):
        for v4, v6, rows in ((24, 64, {"198.51.103", "2001:0db8:0001:0002"}),
                             (22, 56, {"198.51.100.0/22", "2001:0db8:0001:0000/56"}),
                             (32, 128, {"198.51.103.9", "2001:0db8:0001:0002:0003:0004:0005:0006"}),
                             (16, 48, {"198.51", "2001:0db8:0001"})):
            self.begin(greymethod="prefix", ipv4_prefix=v4, ipv6_prefix=v6)
            for name in ("unknown", "mail.example.org", "9.103.51.198.dsl.example"):  # the name does not matter
                for address in ("198.51.103.9", "2001:db8:1:2:3:4:5:6"):
                    self.ask(client_address=address, client_name=name)
            self.assertEqual({row[2] for row in self.tables.rows("connect")}, rows)


class Messages(PolicyCase):
    NEVER = {"never_whitelist_senders": "@example.org\n"}  # so that only the message lets the recipient pass

    def test_once_a_recipient_is_accepted_those_after_it_are_too(self):
        for coherence, reply in (("on", "dunno"), ("off", DEFER)):
            with self.subTest(coherence):
                self.begin(self.NEVER, message_coherence=coherence)
                self.assertEqual(self.waited(), DELAYED)
                self.assertEqual(self.ask(recipient="first@example.net", instance="1.a"), DEFER, "asked before bob")
                self.assertEqual(self.ask(instance="1.a"), DELAYED)
                self.assertEqual(self.ask(recipient="eve@example.net", instance="1.a"), reply)
                self.assertEqual(self.ask(recipient="joe@example.net", instance="1.b"), DEFER)
                self.assertEqual(self.ask(recipient="jim@example.net"), DEFER, "of no message")
                with policy.Conversation(self.server.address) as other:
                    self.assertEqual(other.ask(recipient="ida@example.net", instance="1.a"), DEFER)
                passed = [row[3] for row in self.tables.rows("connect")]
                self.assertEqual("eve@example.net" in passed, coherence == "off", "accepted, so it needs no row")

    def test_a_listed_recipient_has_no_effect_on_those_after_it_and_blacklists_stay(self):
        self.begin({"whitelist_recipients": "postmaster@\n", "blacklist_clients": "203.0.113.9\n", **self.NEVER})
        self.assertEqual(self.ask(recipient="postmaster@example.net", instance="1.a"), LISTED)
        self.assertEqual(self.ask(instance="1.a"), DEFER)
        evil = {"client_address": "203.0.113.9", "instance": "1.b"}
        self.assertEqual(self.ask(recipient="postmaster@example.net", **evil), LISTED)
        self.assertEqual(self.ask(**evil), REFUSED)

    def test_all_headers_come_once_a_message(self):
        self.begin({"whitelist_recipients": "postmaster@\n"})
        self.assertEqual(self.waited(), DELAYED)
        self.assertEqual(self.ask(recipient="postmaster@example.net", instance="1.a"), LISTED)
        self.assertEqual(self.ask(instance="1.a"), "dunno")
        self.assertEqual(self.ask(instance="1.b"), FROM)
        self.assertEqual(self.ask(recipient="postmaster@example.net", instance="1.b"), "dunno")


class Senders(PolicyCase):
    ASKED = (("a@good.example", "good.example", True), ("a@good.example", "mx.good.example", True),
             ("A@Good.Example", "MX.Good.Example", True), ("a@good.example", "badgood.example", False),
             ("a@good.example", "unknown", False), ("a@good.example", "mx.provider.example", False),
             ("a@sub.tree.example", "mx.sub.tree.example", True), ("a@sub.tree.example", "mx.tree.example", False),
             ("", "mx.good.example", False))
    LINES = {"whitelist_senders": "@good.example\n.tree.example\n<>\n"}

    def test_whitelisted_senders_with_and_without_a_verified_client(self):
        for verified in ("off", "on"):
            self.begin(self.LINES, whitelist_senders_verified=verified)
            for sender, name, is_verified in self.ASKED:
                listed = is_verified or verified == "off"
                self.assertEqual(self.ask(sender=sender, client_name=name), LISTED if listed else DEFER, (sender, name))

    def test_blacklist_reply(self):
        for reply in ("REJECT go away", "550 5.7.1 Not from you", "defer_if_permit Mail from here is not accepted now"):
            self.begin({"blacklist_senders": "<>\nspam@\n.evil.example\n"}, blacklist_reply=reply)
            self.assertEqual(self.ask(sender="a@mx.evil.example"), reply)
            self.assertEqual(self.ask(sender=""), reply)
            self.assertEqual(self.ask(sender="spam@good.example"), DEFER, "that line is none for senders")
            self.assertEqual(self.tables.count("connect"), 1)
            self.server.wait_for_log(r"^conf: .*/blacklist_senders:2: ")


class Training(PolicyCase):
    def test_training_lets_all_mail_pass_with_usual_rows_and_log(self):
        self.begin({"blacklist_clients": "203.0.113.9\n", "whitelist_recipients": "postmaster@\n"}, training="on",
                   connect_src_throttle=2, greymethod="full")
        asked = ({}, {}, {"client_address": "203.0.113.9"}, {"recipient": "postmaster@example.net"},
                 {"sender": "b@two.example"}, {"sender": "c@three.example"})
        self.assertEqual({self.ask(**question) for question in asked}, {"dunno"})
        self.assertEqual(self.tables.count("connect"), 2)
        self.clock.advance(301)
        self.assertEqual(self.ask(), "dunno")
        self.assertEqual(self.tables.keys("from_awl"), [("alice", "example.org", "192.0.2.10")])
        for words in ("grey: new: ", "grey: early reconnect: ", "whitelist: blacklisted: ", "whitelist: alice",
                      "grey: throttling: ", "grey: reconnect ok: ", "grey: from awl: "):
            self.server.wait_for_log("^" + words)
        self.server.stop()
        self.server.configure(training=None)
        self.talk = self.talk_to(self.server.start())
        self.assertEqual(self.ask(), FROM)
        self.assertEqual(self.ask(client_address="203.0.113.9"), REFUSED)


if __name__ == "__main__":
    case.main()
