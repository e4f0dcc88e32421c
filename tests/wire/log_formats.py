"""log_format: json and postgrey, on standard error and on syslog; postgrey's own lines are the pattern of the latter."""

import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from peer_postgrey import BesidePostgrey  # noqa: E402
from support import case, policy, syslog  # noqa: E402
from support.daemon import wait_until  # noqa: E402

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def objects(text):
    """Every line of the log as an object: a line that is none fails."""
    return [json.loads(line, object_pairs_hook=each_once) for line in text.splitlines()]


def each_once(members):
    if len(dict(members)) < len(members):
        raise AssertionError(f"a name stands twice: {members}")
    return dict(members)


def decisions(text):
    return [one for one in objects(text) if "verdict" in one]


def without(one, *names):
    return {name: value for name, value in one.items() if name not in ("time", *names)}


class Json(case.DaemonCase):
    def server(self, **settings):
        return self.daemon(settings={"workers": 1, "log_format": "json", **settings})

    def test_each_decision_is_one_object(self):
        server = self.server(connect_src_throttle=1, reply_id="on")
        server.list_file("whitelist_clients.local", "# one\n203.0.113.7\n")
        server.list_file("blacklist_senders.local", "/@spam\\.example$/\n")
        server.start()
        mail = {"client_address": "192.0.2.10", "client_name": "mx1.example.org", "sender": "alice@example.org",
                "recipient": "bob@example.net"}
        server.ask(**mail, queue_id="", instance="a.1")
        server.ask(**mail, queue_id="4X1Y2Z", instance="a.2")
        server.tables.age("connect", 301)
        server.ask(**mail, instance="a.3")
        server.ask(**mail, instance="a.4")
        server.ask(**{**mail, "client_address": "203.0.113.7"})
        server.ask(**{**mail, "sender": "x@spam.example"})
        server.ask(**{**mail, "recipient": ""})
        server.ask(**{**mail, "sender": "", "client_address": "203.0.113.1"})
        server.ask(**{**mail, "sender": "z@x.example", "client_address": "203.0.113.1"})
        wait_until(lambda: "throttled" in server.log(), server.log)
        found = decisions(server.log())
        self.assertEqual([one["verdict"] for one in found],
                         ["first_attempt", "early_reconnect", "reconnect_ok", "from_awl", "whitelisted", "blacklisted",
                          "unusable", "first_attempt", "throttled"])
        first, early, ok, known, listed, refused, unusable, empty, throttled = found
        self.assertRegex(first["time"], RFC3339)
        self.assertEqual(without(first, "id"),
                         {"category": "grey", "level": "normal", "verdict": "first_attempt", "action": "defer",
                          "instance": "a.1", **mail, "source": "192.0.2", "left": 300})
        self.assertRegex(first["id"], r"^\w{8}$")
        self.assertEqual(early["id"], first["id"])
        self.assertEqual(early["queue_id"], "4X1Y2Z")
        self.assertIn(early["left"], range(290, 301))
        self.assertRegex(early["first_seen"], RFC3339)
        self.assertIn(ok["waited"], range(301, 320))
        self.assertEqual((ok["promoted_to"], ok["action"]), ("from_awl", "pass"))
        self.assertEqual((known["recipient"], known["source"]), ("bob@example.net", "192.0.2"))
        self.assertEqual((listed["list"], listed["list_line"], listed["category"]), ("whitelist_clients", 2, "whitelist"))
        self.assertTrue(listed["list_source"].endswith("whitelist_clients.local"))
        self.assertEqual(refused["action"], "refuse")
        self.assertEqual((unusable["category"], unusable["recipient"]), ("martians", ""))
        self.assertEqual((empty["sender"], throttled["action"]), ("", "defer"))

    def test_a_client_with_several_identities_is_promoted_once(self):
        server = self.server(pools="on", connect_src_throttle=5).start()
        server.ask()
        server.tables.age("connect", 301)
        self.assertEqual(len(server.tables.rows("connect")), 2)
        server.ask()
        wait_until(lambda: "reconnect_ok" in server.log(), server.log)
        self.assertEqual(decisions(server.log())[1]["promoted_to"], "from_awl")

    def test_every_other_line_is_an_object_too(self):
        server = self.server().start()
        server.ask(sender="bob")
        with policy.Conversation(server.address) as conversation:
            conversation.send(b"no equals sign\n" + policy.request(sender="a@b.example"))
            conversation.reply()
        server.stop()
        texts = [one["message"] for one in objects(server.log()) if "message" in one]
        self.assertTrue(any(text.startswith("sqlgrey 2") for text in texts), texts)
        self.assertTrue(any("undefined domain, from is 'bob'" in text for text in texts), texts)
        self.assertTrue(any("line without '='" in text for text in texts), texts)

    def test_hostile_addresses_stay_within_their_text(self):
        server = self.server().start()
        hostile = ['"}\\', 'a", "verdict": "reconnect_ok', "tab\there", "\\u0000", "é\u2028x", "\udcff\udc80"]
        for number, sender in enumerate(hostile):
            server.ask(sender=f"{sender}@x{number}.example")
        wait_until(lambda: len(decisions(server.log())) == len(hostile), server.log)
        for number, (sender, one) in enumerate(zip(hostile, decisions(server.log()))):
            shown = re.sub("[\t\u2028\udc80-\udcff]",
                           lambda c: "".join(f"\\x{byte:02x}" for byte in c[0].encode("utf-8", "surrogateescape")), sender)
            self.assertEqual(one["sender"], f"{shown}@x{number}.example")
            self.assertEqual(one["verdict"], "first_attempt")

    def test_a_reload_changes_the_format(self):
        server = self.daemon(settings={"workers": 1}).start()
        server.ask()
        server.configure(log_format="json")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: '"message": "reloading' in server.log(), server.log)
        # The old worker answers until the new one is ready.
        wait_until(lambda: server.ask() and '"recipient": "bob@example.net"' in server.log(), server.log)
        server.stop()
        text = server.log()
        self.assertEqual([line for line in text[text.index('"message": "reloading'):].splitlines()[1:]
                          if not line.startswith(("{", "grey: "))], [], text)
        self.assertIn("grey: new: 192.0.2(192.0.2.10), alice@example.org -> bob@example.net", server.log())

    def test_with_hashed_tables_the_log_has_the_hashes(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("0123456789abcdef0123456789abcdef\n")
        os.chmod(key, 0o644)
        for number, format_ in enumerate(("json", "postgrey")):
            server = self.daemon(str(number), settings={"workers": 1, "log_format": format_, "privacy_key_file": key})
            server.start()
            server.ask(sender="secret@example.org", recipient="person@example.net")
            wait_until(lambda: "192.0.2.10" in server.log(), server.log)
            for word in ("secret", "person"):
                self.assertNotIn(word, server.log())

    def test_on_syslog(self):
        self.need_root("to stand in for the syslog daemon")
        log = syslog.Syslog(self.directory)
        self.addCleanup(log.close)
        server = self.server(log_ident="greylist")
        self.assertEqual(server.run("--daemonize").returncode, 0)
        try:
            server.ask()
            found = lambda: [message for message in log.messages() if "first_attempt" in message[2]]
            wait_until(found, log.messages)
            priority, ident, text = found()[0]
            self.assertEqual((priority, ident), (22, "greylist"))
            self.assertEqual(json.loads(text)["recipient"], "bob@example.net")
        finally:
            server.run("--kill")


class AsPostgreyWrites(BesidePostgrey):
    """Told the same, both log the same lines."""

    def logging_both(self, *options, **settings):
        self.both("--verbose", *options, log_format="postgrey", **settings)

    @staticmethod
    def lines(text):
        """The decisions, without what stands in front of them."""
        return [match[1] for match in re.finditer(r"^(?:\S+ )??((?:\w+: )?action=.*)$", text, re.MULTILINE)]

    def same_lines(self, expected):
        theirs = lambda: self.lines(self.postgrey.log())
        wait_until(lambda: len(theirs()) >= expected and len(self.lines(self.ours.log())) >= expected,
                   lambda: f"{self.postgrey.log()}\n{self.ours.log()}")
        self.assertEqual(self.lines(self.ours.log()), theirs())
        self.assertEqual(len(theirs()), expected)
        return theirs()

    def test_new_early_late_and_listed(self):
        self.logging_both("--whitelist-clients=" + self.file("clients", "relay.example\n198.51.100.7\n"),
                          "--whitelist-recipients=" + self.file("recipients", "postmaster@\n"))
        mail = {"sender": "alice@example.org", "recipient": "bob@example.net", "client_address": "192.0.2.10",
                "client_name": "mx1.example.org"}
        self.ask(**mail, instance="1", queue_id="")
        self.clock.advance(100)
        self.ask(**mail, instance="2", queue_id="4X1Y2Z")
        self.clock.advance(400)
        self.ask(**mail, instance="3")
        self.ask(**{**mail, "client_address": "198.51.100.7"})
        self.ask(**{**mail, "client_name": "mx.relay.example", "recipient": "x@y.example"})
        self.ask(**{**mail, "recipient": "postmaster@example.net", "client_name": "unknown"})
        self.ask(**{**mail, "sender": "", "client_address": "2001:db8::1"})
        lines = self.same_lines(7)
        self.assertEqual(lines[0], "action=greylist, reason=new, client_name=mx1.example.org, client_address=192.0.2.10, "
                                   "sender=alice@example.org, recipient=bob@example.net")
        self.assertTrue(lines[1].startswith("4X1Y2Z: action=greylist, reason=early-retry (200s missing), "))
        self.assertTrue(lines[2].startswith("action=pass, reason=triplet found, delay=500, "))

    def test_auto_whitelisted_clients(self):
        self.logging_both("--auto-whitelist-clients=1", auto_whitelist_clients=1)
        self.ask(**self.stranger(instance="1", sender="a@example.org"))
        self.clock.advance(301)
        self.ask(**self.stranger(instance="2", sender="a@example.org"))
        self.ask(**self.stranger(instance="3", sender="b@example.com"))
        lines = self.same_lines(3)
        self.assertIn("action=pass, reason=client AWL, ", lines[2])


if __name__ == "__main__":
    case.main()
