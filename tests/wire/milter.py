"""The daemon as a milter, from outside: what it answers mail servers, which rows that leaves, and that both fronts
decide alike."""

import os
import random
import re
import signal
import socket
import sqlite3
import struct

from support import case, milter, policy
from support.daemon import wait_until
from support.faketime import Clock
from support.ports import free_port

DEFER = "451 4.7.1 Greylisted for 5 minutes"
START = 1700000000


class Front(case.DaemonCase):
    def begin(self, address=None, **settings):
        self.port = free_port()
        self.address = address or ("127.0.0.1", self.port)
        self.server = self.daemon(settings={"milter": f"inet:127.0.0.1:{self.port}", **settings})
        for name, text in self.lists.items():
            self.server.list_file(name, text)
        self.server.start()
        self.tables = self.server.tables
        return self.talk()

    lists = {}

    def talk(self, **offer):
        talk = milter.Conversation(self.address, **offer)
        self.addCleanup(talk.close)
        return talk


class Answers(Front):
    def test_a_message_with_one_recipient_takes_two_round_trips(self):
        talk = self.begin()
        talk.connect()
        talk.mail()
        self.assertEqual(talk.rcpt(), DEFER)
        talk.abort()
        self.assertEqual(self.tables.keys("connect"), [("alice", "example.org", "192.0.2", "bob@example.net")])
        self.tables.age("connect", 301)
        talk.round_trips = 0
        talk.mail()
        self.assertEqual(talk.rcpt(), "c")
        [(command, data)] = talk.end()
        self.assertEqual(command, b"h")
        self.assertRegex(data.decode(), r"^X-Greylist\0delayed 00:05:\d\d by SQLgrey-[\d.]+\0$")
        self.assertEqual(talk.round_trips, 2)
        self.assertEqual(self.tables.keys("from_awl"), [("alice", "example.org", "192.0.2")])

    def test_one_header_for_several_recipients(self):
        talk = self.begin()
        talk.connect()
        for _ in range(2):
            talk.mail()
            answers = [talk.rcpt(f"user{number}@example.net") for number in range(3)]
            self.tables.age("connect", 301)
        self.assertEqual(answers, ["c", "c", "c"])
        self.assertEqual(len(talk.end()), 1)
        talk.mail()
        self.assertEqual(talk.rcpt(), "c")
        [(_, data)] = talk.end()
        self.assertIn(b"from auto-whitelisted", data)

    def test_without_prepend_no_right_is_asked_for_and_no_header_added(self):
        talk = self.begin(prepend=0, reconnect_delay=0)
        self.assertEqual(talk.actions, milter.QUARANTINE | milter.SET_MACROS)
        talk.connect()
        talk.mail()
        talk.rcpt()
        self.tables.age("connect", 10)
        self.assertEqual(talk.rcpt(), "c")
        self.assertEqual(talk.end(), [])

    def test_message_coherence_is_about_the_message(self):
        talk = self.begin(message_coherence="on")
        talk.connect()
        talk.mail()
        talk.rcpt()
        self.tables.age("connect", 301)
        self.assertEqual([talk.rcpt(), talk.rcpt("eve@example.net")], ["c", "c"])
        talk.end()
        talk.connect(address="198.51.100.1", name="other.example.com")
        talk.mail(sender="carol@example.com")
        self.assertEqual(talk.rcpt(), DEFER)

    def test_codes_and_words_of_the_settings(self):
        for settings, answer in (
                ({"reject_first_attempt": "immed"}, "450 4.7.1 Greylisted for 5 minutes"),
                ({"reject_first_attempt": "immed", "reject_code": "451 4.2.0"}, "451 4.2.0 Greylisted for 5 minutes"),
                ({"greylist_text": "4.3.2 wait 100%% of %m min"}, "451 4.3.2 wait 100%% of 5 min"),
                ({"reject_first_attempt": "immed", "reject_code": "dunno"}, "c"),
                ({"training": "on"}, "c")):
            with self.subTest(settings=settings):
                talk = self.begin(**settings)
                talk.connect()
                talk.mail()
                self.assertEqual(talk.rcpt(), answer)
                self.assertEqual(self.tables.count("connect"), 1)
                self.server.stop()

    def test_the_setting_for_exim_does_not_close_it(self):
        talk = self.begin(exim="on")
        talk.connect()
        talk.mail()
        self.assertEqual([talk.rcpt(), talk.rcpt()], [DEFER, DEFER])

    def test_who_has_logged_in_is_accepted(self):
        talk = self.begin()
        talk.connect()
        talk.mail(auth_type="PLAIN", auth_authen="alice")
        self.assertEqual(talk.rcpt(), "a")
        talk.mail()
        self.assertEqual(talk.rcpt(), DEFER)

    def test_a_name_counts_only_if_it_is_verified(self):
        talk = self.begin()
        talk.connect()
        talk.mail()
        talk.rcpt()
        talk.connect(verified=False)
        talk.mail(sender="carol@example.org")
        talk.rcpt()
        self.assertEqual([row[2] for row in self.tables.keys("connect")], ["192.0.2", "192.0.2.10"])

    def test_what_is_no_request_is_let_pass(self):
        talk = self.begin()
        talk.connect(address="not.an.address", name="mx")
        talk.mail()
        self.assertEqual(talk.rcpt(), "c")
        self.assertEqual(self.tables.count("connect"), 0)

    def test_an_older_mail_server_is_answered_at_each_command(self):
        talk = self.begin()
        talk = self.talk(version=2, actions=0x3F, protocol=0)
        self.assertEqual((talk.version, talk.actions, talk.protocol), (2, 0x21, 0))
        self.assertEqual(talk.symbols, b"")
        talk.connect()
        self.assertEqual([talk.answer()[0], talk.answer()[0]], [b"c", b"c"])
        talk.mail()
        self.assertEqual(talk.answer()[0], b"c")
        self.assertEqual(talk.rcpt(), DEFER)

    def test_over_unix_sockets(self):
        paths = [os.path.join(self.directory, "daemon", "state", name) for name in ("one", "two")]
        self.begin(paths[0], milter=f"unix:{paths[0]}, local:{paths[1]}", unix_mode="0600")
        for number, path in enumerate(paths):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with milter.Conversation(path) as talk:
                talk.connect()
                talk.mail()
                self.assertEqual(talk.rcpt(f"user{number}@example.net"), DEFER)
        self.server.stop()
        self.assertEqual([os.path.exists(path) for path in paths], [False, False])

    def test_in_the_middle_of_a_database_outage(self):
        """The rows are locked for longer than db_timeout."""
        later = "451 4.7.1 Greylisting cannot look up its database -  Try again later."
        for policy_word, answer in (("pass", "c"), ("defer", later)):
            with self.subTest(on_db_failure=policy_word):
                talk = self.begin(on_db_failure=policy_word, db_timeout="200ms", workers=1)
                talk.connect()
                talk.mail()
                base = sqlite3.connect(self.tables.path, isolation_level=None)
                base.execute("begin exclusive")
                self.assertEqual(talk.rcpt(), answer)
                base.execute("rollback")
                base.close()
                self.server.stop()


class Lists(Front):
    lists = {"clients_ip_whitelist": "192.0.2.10\n", "whitelist_clients.local": "good.example.com\n",
             "whitelist_recipients.local": "postmaster@example.net\n", "blacklist_senders.local": "bad@example.com\n"}

    def test_whitelisted_clients_end_the_talk(self):
        talk = self.begin()
        talk.connect()
        talk.mail()
        self.assertEqual(talk.rcpt(), "a")
        talk.mail()
        self.assertEqual(talk.rcpt("other@example.net"), "a")
        self.assertEqual(self.tables.count("connect"), 0)

    def test_a_whitelisted_recipient_passes_for_itself_only(self):
        talk = self.begin()
        talk.connect(address="198.51.100.1", name="mx.example.com")
        talk.mail()
        self.assertEqual([talk.rcpt("postmaster@example.net"), talk.rcpt()], ["c", DEFER])
        [(_, data)] = talk.end()
        self.assertIn(b"whitelisted by", data)

    def test_blacklists(self):
        for reply, answers in (("554 5.7.1 Mail from here is not accepted", ["554 5.7.1 Mail from here is not accepted"]),
                               ("reject", ["554 5.7.1 Access denied"]), ("discard", ["d"]), ("defer later", ["451 4.7.1 later"])):
            with self.subTest(reply=reply):
                talk = self.begin(blacklist_reply=reply)
                talk.connect(address="198.51.100.1", name="mx.example.com")
                talk.mail(sender="bad@example.com")
                self.assertEqual([talk.rcpt()], answers)
                self.server.stop()

    def test_a_message_is_held(self):
        talk = self.begin(blacklist_reply="hold to be looked at")
        talk.connect(address="198.51.100.1", name="mx.example.com")
        talk.mail(sender="bad@example.com")
        self.assertEqual(talk.rcpt(), "c")
        self.assertEqual(talk.end(), [(b"q", b"to be looked at\0")])
        without = self.talk(actions=0)
        without.connect(address="198.51.100.1", name="mx.example.com")
        without.mail(sender="bad@example.com")
        self.assertEqual(without.rcpt(), "c")
        self.assertEqual(without.end(), [])


class Discrimination(Front):
    lists = {"discrimination.regexp": "encryption_protocol =~ ^$\n"}

    def test_a_rule_about_what_a_mail_server_does_not_tell(self):
        talk = self.begin(discrimination="on")
        talk.connect()
        talk.mail()
        self.assertEqual(talk.rcpt(), DEFER)
        talk.mail(tls_version="TLSv1.3")
        self.assertEqual(talk.rcpt(), "c")


class Hostile(Front):
    def test_wrong_bytes_close_the_connection_and_nothing_else(self):
        good = self.begin()
        good.connect()
        good.mail()
        begin = milter.packet(b"O", struct.pack("!III", 6, 0x1FF, 0x1FFFFF))
        for data in (b"request=smtpd_access_policy\n\n", b"\0\0\0\0O", b"\xff\xff\xff\xffR", milter.packet(b"R", b"x\0"),
                     begin + milter.packet(b"M", b"no end"), begin + milter.packet(b"C", b"mx\0" + b"4"),
                     begin + struct.pack("!I", 65537) + b"D", begin + milter.packet(b"D", b"Cj")):
            with self.subTest(data=data):
                peer = policy.connect(self.address)
                with peer:
                    peer.sendall(data)
                    self.assertTrue(milter.closed(peer))
        self.server.wait_for_log("a client of the milter socket ")
        self.assertEqual(good.rcpt(), DEFER)

    def test_quit_closes_the_connection(self):
        talk = self.begin()
        talk.send(milter.packet(b"Q"))
        self.assertTrue(talk.closed())

    def test_bytes_one_at_a_time(self):
        talk = self.begin()
        talk.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        send = talk.send
        talk.send = lambda data: [send(data[i:i + 1]) for i in range(len(data))]
        talk.connect()
        talk.mail()
        self.assertEqual(talk.rcpt(), DEFER)

    def test_recipients_without_waiting_are_answered_in_order(self):
        talk = self.begin()
        talk.connect()
        talk.mail()
        talk.send(b"".join(milter.packet(b"R", milter.texts(f"<u{number}@example.net>")) for number in range(300)))
        answers = [talk.answer() for _ in range(300)]
        self.assertEqual(set(answers), {(b"y", DEFER.encode() + b"\0")})
        self.assertEqual(self.tables.count("connect"), 300)

    def test_log_and_rows_get_no_line_ends(self):
        talk = self.begin()
        talk.connect()
        talk.mail(sender="a\nsystem: forged@example.org")
        talk.rcpt("b\r\nx@example.net")
        self.assertNotRegex(self.server.log(), "(?m)^system: forged")


class Reloads(Front):
    def test_a_message_goes_on_through_a_reload(self):
        talk = self.begin(workers=1)
        talk.connect()
        talk.mail()
        self.assertEqual(talk.rcpt(), DEFER)
        self.tables.age("connect", 301)
        talk.abort()
        talk.mail()
        self.assertEqual(talk.rcpt(), "c")
        talk.send(milter.packet(b"R", milter.texts("<eve@example.net>"))[:7])
        old = set(self.server.children())
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & set(self.server.children()), "the old generation gone")
        talk.send(milter.packet(b"R", milter.texts("<eve@example.net>"))[7:])
        self.assertEqual(talk.answer()[0], b"c")
        [(_, data)] = talk.end()
        self.assertIn(b"delayed 00:05", data)


class BothFronts(Front):
    """Random conversations through both fronts, each on a database of its own, at the same moments."""

    lists = {"clients_ip_whitelist": "203.0.113.7\n", "whitelist_recipients.local": "postmaster@example.net\n",
             "blacklist_senders.local": "bad@example.com\n"}
    CLIENTS = (("192.0.2.10", "mx1.example.org"), ("192.0.2.11", "mx2.example.org"), ("198.51.100.23", None),
               ("198.51.100.24", "198-51-100-24.dsl.example.com"), ("203.0.113.7", "white.example.net"),
               ("2001:db8::25", "mx6.example.org"))
    SENDERS = ("alice@example.org", "carol@example.org", "List-123@example.org", "bad@example.com", "",
               "a b@example.org", "<odd>@example.org", "nobody", "x@")
    RECIPIENTS = ("bob@example.net", "eve@example.net", "postmaster@example.net", "Joe@Example.NET")
    COLUMNS = {"connect": "sender_name, sender_domain, src, rcpt, first_seen",
               "from_awl": "sender_name, sender_domain, src, first_seen, last_seen",
               "domain_awl": "sender_domain, src, first_seen, last_seen",
               "client_awl": "*"}

    def start_pair(self, **settings):
        self.need("faketime", "faketime")
        self.clock = Clock(self.directory, START)
        self.port = free_port()
        self.pair = []
        for name, more in (("policy", {}), ("milter", {"milter": f"inet:127.0.0.1:{self.port}"})):
            server = self.daemon(name, settings={**settings, **more}, clock=self.clock)
            for list_name, text in self.lists.items():
                server.list_file(list_name, text)
            self.pair.append(server.start())

    def by_policy(self, client, sender, recipients, number):
        """The replies until one ends the message."""
        address, name = client
        return [self.policy_talk.ask(client_address=address, client_name=name or "unknown", sender=sender,
                                     recipient=recipient, instance=str(number)) for recipient in recipients]

    def by_milter(self, client, sender, recipients):
        with milter.Conversation(("127.0.0.1", self.port)) as talk:
            talk.connect(*client)
            quoted = f'"{sender[:sender.index("@")]}"{sender[sender.index("@"):]}' if re.search("[ <]", sender) else sender
            talk.mail(quoted)
            answers = []
            for recipient in recipients:
                answers.append(talk.rcpt(recipient))
                if answers[-1] == "a":
                    return answers
            return answers + talk.end()

    @staticmethod
    def kind(reply):
        """What a reply means, in words of both fronts."""
        if reply[0] in "ca" and len(reply) == 1 or reply.startswith(("PREPEND", "dunno")):
            return "pass"
        words = reply.split()
        text = " ".join(word for word in words[1:] if not re.fullmatch(r"[45]\.\d+\.\d+", word))
        return ("refuse " if words[0][0] == "5" else "defer ") + text

    def compare(self, seed, **settings):
        self.start_pair(**settings)
        self.policy_talk = policy.Conversation(self.pair[0].address)
        self.addCleanup(self.policy_talk.close)
        choice = random.Random(seed)
        passed = deferred = 0
        for number in range(100):
            client, sender = choice.choice(self.CLIENTS), choice.choice(self.SENDERS)
            recipients = choice.sample(self.RECIPIENTS, choice.randint(1, 3))
            expected = self.by_policy(client, sender, recipients, number)
            found = self.by_milter(client, sender, recipients)
            headers = [text.removeprefix("PREPEND X-Greylist: ") for text in expected if text.startswith("PREPEND")]
            story = (seed, number, client, sender, recipients, expected, found)
            answers = [answer for answer in found if isinstance(answer, str)]
            self.assertEqual([self.kind(one) for one in answers],
                             [self.kind(one) for one in expected][:len(answers)], story)
            if answers[-1] != "a":
                self.assertEqual([data.decode().split("\0")[1] for command, data in found[len(answers):]], headers, story)
            else:
                self.assertEqual({self.kind(one) for one in expected[len(answers):]} - {"pass"}, set(), story)
            passed += sum(self.kind(one) == "pass" for one in answers)
            deferred += sum(self.kind(one).startswith("defer") for one in answers)
            self.clock.advance(choice.choice((0, 1, 120, 400, 4000)))
        self.assertGreater(passed, 15)
        self.assertGreater(deferred, 15)
        for table, columns in self.COLUMNS.items():
            rows = [sorted(map(str, server.tables.execute(f"select {columns} from {table}"))) for server in self.pair]
            self.assertEqual(rows[0], rows[1], (seed, table))
        self.assertGreater(self.pair[0].tables.count("from_awl") + self.pair[0].tables.count("domain_awl"), 0)

    def test_the_same_conversations(self):
        self.compare(1, auto_whitelist_clients=2, group_domain_level=2)

    def test_the_same_conversations_with_other_settings(self):
        self.compare(2, greymethod="full", message_coherence="on", connect_src_throttle=3,
                     reject_first_attempt="immed", reject_code="451")


if __name__ == "__main__":
    case.main()
