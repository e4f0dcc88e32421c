"""postgrey 1.37 and ours side by side, with the same requests and list files and under one clock. Compared is
whether a mail passes, and the reply texts where both have the same one.

Intended differences are in the tests, with both replies. One applies everywhere: with postgrey a sender waits for
each recipient, with ours it is known once it has passed. So most tests use a new sender each time."""

import os
import re
import subprocess

from support import case, policy
from support.daemon import end, free_port, give_to_daemon, unprivileged, wait_until
from support.faketime import Clock

POSTGREY = "/usr/sbin/postgrey"
START = 1700000000
DELAY = 300
STRANGER = {"client_address": "198.18.0.1", "client_name": "stranger.example", "recipient": "nobody@elsewhere.example"}

CLIENT_LIST = r"""
# comment
example.org              # it and all below
  under_score.example
192.0.2.7
198.51.100
203.0.113.65/26
10.0.0.0/8
2001:db8:7::1
2001:DB8:8::/48
2001:db8:9:0:8000::/65
/^out[0-9]+\.pool\./
/RELAY$/
/([a-z])\1\1\.triple/
tld
"""
LISTED_CLIENTS = """
example.org mx.example.org A.B.Example.ORG under_score.example x.under_score.example out7.pool.example
two.relay any.RELAY aaa.triple a.tld tld 192.0.2.7 198.51.100.0 198.51.100.255 203.0.113.64 203.0.113.127 10.0.0.0
10.255.255.255 2001:db8:7::1 2001:db8:8:ffff::1 2001:db8:9:0:8000::1
""".split()
OTHER_CLIENTS = """
anexample.org example.org.evil score.example aout7.pool.example out.pool.example relay.example aab.triple atld
unknown 192.0.2.6 192.0.2.8 198.51.99.255 198.51.101.0 203.0.113.63 203.0.113.128 9.255.255.255 11.0.0.0
2001:db8:7::2 2001:db8:6:ffff::1 2001:db8:9::
""".split()

RECIPIENT_LIST = r"""
bob@example.net          # and bob+anything
plus+tag@example.net
postmaster@
sub.example
/^desk-[0-9]+@/
/@(a|b)\.regexp\.example$/
"""
LISTED_RECIPIENTS = """
bob@example.net BOB@Example.Net bob+list@example.net bob+a+b@example.net plus+tag@example.net plus+tag+more@example.net
postmaster@example.net postmaster@any.where.example postmaster+x@example.net Postmaster@X.example x@sub.example
x@deep.sub.example X@SUB.example desk-12@example.net desk-1@x.example x@b.regexp.example X@A.Regexp.Example
""".split()
OTHER_RECIPIENTS = """
bobby@example.net bob@mx.example.net bob@example.net.evil abob@example.net bob-list@example.net plus@example.net
plus+other@example.net apostmaster@example.net postmaster-x@example.net x@asub.example x@sub.example.org
desk-@example.net adesk-1@example.net x@c.regexp.example
""".split()


class Postgrey:
    """Runs until stop()."""

    def __init__(self, directory, clock, options):
        self.state = os.path.join(directory, "state")
        os.makedirs(self.state)
        give_to_daemon(self.state)
        self.address = ("127.0.0.1", free_port())
        self.log_file = os.path.join(directory, "stderr")
        user, group = unprivileged()
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [POSTGREY, f"--inet=127.0.0.1:{self.address[1]}", f"--dbdir={self.state}", f"--user={user}",
                 f"--group={group}", f"--delay={DELAY}", *options], env={**os.environ, **clock.environment()},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.state)
        wait_until(self.answers, lambda: f"postgrey answering:\n{self.log()}")

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"postgrey left, saying:\n{self.log()}")
        try:
            policy.connect(self.address).close()
            return True
        except OSError:
            return False

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        end(self.process)


def passes(reply):
    return reply.lower() == "dunno" or reply.startswith("PREPEND ")


class BesidePostgrey(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need(POSTGREY, "postgrey")
        self.need("faketime", "faketime")
        self.clock = Clock(self.directory, START)
        self.number = 0
        self.empty = self.file("empty", "")

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, 0o644)
        return path

    def both(self, *options, **settings):
        """Starts both; ours with the settings that HOWTO.md gives for migrating from postgrey."""
        self.number += 1
        lists = {name: next((option.split("=", 1)[1] for option in options if option.startswith(f"--{name}=")), None)
                 for name in ("whitelist-clients", "whitelist-recipients")}
        told = [f"--{name}={self.empty}" for name, path in lists.items() if path is None]
        if not any(option.startswith("--auto-whitelist-clients") for option in options):
            told.append("--auto-whitelist-clients=0")
        self.postgrey = Postgrey(os.path.join(self.directory, f"postgrey{self.number}"), self.clock, [*told, *options])
        self.addCleanup(self.postgrey.stop)
        settings = {"reconnect_delay": "5m", "max_connect_age": "2d", "awl_age": "35d", "greymethod": "prefix",
                    "group_domain_level": 0, "workers": 1, "db_cleandelay": 7 * 86400,
                    **{name.replace("-", "_"): path for name, path in lists.items()}, **settings}
        self.ours = self.daemon(f"ours{self.number}", settings=settings, clock=self.clock).start()
        self.to_postgrey = policy.Conversation(self.postgrey.address)
        self.to_ours = policy.Conversation(self.ours.address)
        self.addCleanup(self.to_postgrey.close)
        self.addCleanup(self.to_ours.close)

    def replies(self, **attributes):
        return self.to_postgrey.ask(**attributes), self.to_ours.ask(**attributes)

    def ask(self, **attributes):
        """Asks both; returns True if the mail passes, on which they must agree."""
        theirs, mine = self.replies(**attributes)
        self.assertEqual(passes(theirs), passes(mine), f"{attributes}: {theirs} / {mine}")
        return passes(mine)

    def same_words(self, **attributes):
        """Asks both; the replies must be equal, except for letter case of the action. Returns ours."""
        theirs, mine = (re.sub(r"^\S+", lambda word: word[0].lower(), reply)
                        for reply in self.replies(**attributes))
        self.assertEqual(theirs.replace(" UTC", " +0000"), mine, attributes)
        return mine

    def stranger(self, **attributes):
        self.number += 1
        return {"sender": f"new@new{self.number}.example", **STRANGER, **attributes}

    def judged(self, question, values):
        """Asks both about each value; returns those that pass at once."""
        return {value for value in values if self.ask(**self.stranger(**question(value)))}


class Lists(BesidePostgrey):
    @staticmethod
    def of_client(value):
        return {"client_address" if ":" in value or value[0].isdigit() else "client_name": value}

    def test_clients_in_all_forms(self):
        self.both("--whitelist-clients=" + self.file("clients", CLIENT_LIST))
        self.assertEqual(self.judged(self.of_client, LISTED_CLIENTS + OTHER_CLIENTS), set(LISTED_CLIENTS))

    def test_recipients_in_all_forms(self):
        self.both("--whitelist-recipients=" + self.file("recipients", RECIPIENT_LIST))
        found = self.judged(lambda value: {"recipient": value}, LISTED_RECIPIENTS + OTHER_RECIPIENTS)
        self.assertEqual(found, set(LISTED_RECIPIENTS))

    def test_the_lists_that_debian_ships(self):
        clients, recipients = "/etc/postgrey/whitelist_clients", "/etc/postgrey/whitelist_recipients"
        for path in (clients, recipients):
            self.need(path, "postgrey")
        self.both("--whitelist-clients=" + clients, "--whitelist-recipients=" + recipients)
        with open(clients, encoding="utf-8") as file:
            entries = [line for line in (re.sub(r"#.*", "", line).strip() for line in file) if line and "/" not in line]
        self.assertGreater(len(entries), 100)
        names = [entry for entry in entries if not re.fullmatch(r"[\d.]+|.*:.*", entry)]
        addresses = [entry + ".9" * (3 - entry.count(".")) for entry in entries if re.fullmatch(r"[\d.]+", entry)]
        beside = [re.sub(r"\d+$", lambda last: str(int(last[0]) ^ 1), address) for address in addresses]
        asked = [form + name for name in names for form in ("", "mx.", "x")] + addresses + beside
        found = self.judged(self.of_client, dict.fromkeys(asked))
        self.assertGreater(len(found), 200)
        self.assertGreater(len(set(asked) - found), 50)
        everybody = {f"{user}@x.example" for user in ("abuse", "postmaster", "somebody")}
        self.assertEqual(self.judged(lambda value: {"recipient": value}, everybody), everybody - {"somebody@x.example"})

    def test_where_ours_differs(self):
        self.both("--whitelist-clients=" + self.file("clients", "*.star.example\n192.0\nunknown\n/a#b/\n10.0.0.0/8\n"),
                  "--whitelist-recipients=" + self.file("recipients", "@only.example\n"))
        for attributes, theirs, mine in (
                ({"client_name": "mx.star.example"}, False, True),  # all below it
                ({"client_address": "192.0.77.7"}, False, True),  # a /16, as postgrey documents it
                ({"client_address": "::a00:1"}, True, False),  # not 10.0.0.1
                ({"client_name": "unknown"}, True, False),  # it has no name
                ({"client_name": "xa#bx.example"}, False, True),  # '#' belongs to the expression
                ({"recipient": "x@only.example"}, False, True)):  # exactly that domain
            replies = self.replies(**self.stranger(**attributes))
            self.assertEqual([passes(reply) for reply in replies], [theirs, mine], attributes)
        self.ours.wait_for_log('conf: .*/clients:3: "unknown" is skipped')


class Identity(BesidePostgrey):
    V4 = ("198.51.100.9", ["198.51.100.9", "198.51.100.8", "198.51.100.200", "198.51.101.9", "198.51.103.9",
                           "198.51.104.9", "198.52.100.9", "199.1.1.1"])
    V6 = ("2001:db8:1:2:3:4:5:6", ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:7", "2001:db8:1:2:ffff::",
                                   "2001:db8:1:3::1", "2001:db8:1:ff::1", "2001:db8:2::1", "2001:db9::1"])

    def from_elsewhere(self):
        """For each network: the addresses from which a retry passes."""
        pairs = [(first, second) for first, seconds in (self.V4, self.V6) for second in seconds]
        senders = [f"pair@pair{number}.example" for number in range(len(pairs))]
        for (first, _), sender in zip(pairs, senders):
            self.assertFalse(self.ask(sender=sender, client_address=first))
        self.clock.advance(DELAY + 1)
        return [second for (_, second), sender in zip(pairs, senders) if self.ask(sender=sender, client_address=second)]

    def test_networks_of_any_length(self):
        for v4, v6, count in ((24, 64, 6), (22, 48, 10), (32, 128, 2), (31, 127, 4), (8, 32, 13), (25, 56, 7)):
            with self.subTest(v4=v4, v6=v6):
                self.both(f"--ipv4cidr={v4}", f"--ipv6cidr={v6}", ipv4_prefix=v4, ipv6_prefix=v6)
                passed = self.from_elsewhere()
                self.assertEqual(len(passed), count, passed)

    def test_the_default_lengths(self):
        self.both()
        self.assertEqual(len(self.from_elsewhere()), 6)

    def test_lookup_by_host(self):
        self.both("--lookup-by-host", greymethod="full")
        self.assertEqual(self.from_elsewhere(), [self.V4[0], self.V6[0]])


class AutoWhitelistedClients(BesidePostgrey):
    def begin(self, count):
        self.both("--lookup-by-host", f"--auto-whitelist-clients={count}", greymethod="full",
                  auto_whitelist_clients=count)

    def retry(self, address):
        """A new sender at that client waits and passes."""
        question = {**self.stranger(), "client_address": address}
        self.assertFalse(self.ask(**question))
        self.clock.advance(DELAY + 1)
        self.assertTrue(self.ask(**question))

    def knows(self, address):
        return self.ask(**{**self.stranger(), "client_address": address})

    def test_one_retry_an_hour_counts(self):
        self.begin(2)
        self.retry("192.0.2.1")
        for _ in range(9):
            self.retry("192.0.2.1")
        self.assertFalse(self.knows("192.0.2.1"))
        self.clock.advance(3600)
        self.retry("192.0.2.1")
        self.assertTrue(self.knows("192.0.2.1"))
        self.assertFalse(self.knows("192.0.2.2"))

    def test_the_hour_ends_to_the_second(self):
        for seconds, known in ((3599, False), (3600, True)):
            self.begin(2)
            self.retry("192.0.2.1")
            self.clock.advance(seconds - DELAY - 1)  # the next retry takes as long
            self.retry("192.0.2.1")
            self.assertEqual(self.knows("192.0.2.1"), known, seconds)

    def test_five_retries_are_needed_and_mail_of_known_senders_does_not_count(self):
        self.begin(5)
        first = {"sender": "first@first.example", "client_address": "192.0.2.1"}
        self.ask(**first)
        self.clock.advance(DELAY + 1)
        self.assertTrue(self.ask(**first))
        for _ in range(6):
            self.clock.advance(3600)
            self.assertTrue(self.ask(**first))
        self.assertFalse(self.knows("192.0.2.1"))
        for counted in range(2, 6):
            self.assertFalse(self.knows("192.0.2.1"))
            self.clock.advance(3600)
            self.retry("192.0.2.1")
        self.assertTrue(self.knows("192.0.2.1"))

    def test_never_with_0(self):
        self.begin(0)
        for _ in range(4):
            self.retry("192.0.2.1")
            self.clock.advance(3600)
        self.assertFalse(self.knows("192.0.2.1"))


class Words(BesidePostgrey):
    def test_greylist_text(self):
        for text in ("Greylisted, try again in %s seconds", "Mail for %r is greylisted", "%s seconds, %r", "plain"):
            with self.subTest(text):
                self.both(f"--greylist-text={text}", greylist_text=text)
                said = [self.same_words(recipient="bob@Sub.Example.net")]
                for seconds in (1, 100, 198):
                    self.clock.advance(seconds)
                    said.append(self.same_words(recipient="bob@Sub.Example.net"))
                last = text.replace("%s", "1").replace("%r", "Sub.Example.net")
                self.assertEqual(said[-1], "defer_if_permit " + last)
                self.assertEqual(len(set(said)), 4 if "%s" in text else 1)
                self.assertEqual(self.same_words(recipient="nodomain"),
                                 "defer_if_permit " + text.replace("%s", "300").replace("%r", "nodomain"))

    def test_a_status_at_the_beginning_of_greylist_text(self):
        """With a new Postfix postgrey adds one itself, but not a second one."""
        text = "4.2.0 Greylisted, please come back in %s seconds"
        self.both(f"--greylist-text={text}", greylist_text=text)
        self.assertEqual(self.same_words(etrn_domain=""), "defer_if_permit " + text.replace("%s", "300"))

    def test_the_second_at_which_a_retry_passes(self):
        """At the exact end of the delay postgrey lets the mail pass; ours, like SQLgrey, does not."""
        self.both(greylist_text="%s s")
        self.assertFalse(self.ask())
        self.clock.advance(DELAY - 1)
        self.assertFalse(self.ask())
        self.clock.advance(1)
        theirs, mine = self.replies()
        self.assertEqual((passes(theirs), mine), (True, "defer_if_permit 1 s"))
        self.clock.advance(1)
        self.assertTrue(self.ask())

    def test_x_greylist_header(self):
        header = "X-Greylist: delayed %t seconds at %h; %d"
        self.both(f"--x-greylist-header={header}", "--hostname=mx.example.net", x_greylist_header=header,
                  hostname="mx.example.net", message_coherence="off")
        mail = [{"sender": "ann@example.org", "recipient": f"r{number}@example.net"} for number in range(3)]
        for one in mail:
            self.assertFalse(self.ask(**one))
        self.clock.advance(3599)
        self.assertRegex(self.same_words(**mail[0], instance="1.a"), r"^prepend X-Greylist: delayed 3599 seconds at "
                         r"mx\.example\.net; \w{3}, \d\d \w{3} 2023 \d\d:\d\d:\d\d \+0000$")
        for one in mail[1:]:
            self.assertEqual(self.same_words(**one, instance="1.a"), "dunno", "one header a message")
        self.assertEqual(self.same_words(**mail[0], instance="1.b"), "dunno", "who is known was not delayed")

    def test_the_default_header_of_postgrey_except_the_version(self):
        header = "X-Greylist: delayed %t seconds by postgrey-%v at %h; %d"
        self.both("--hostname=mx.example.net", x_greylist_header=header, hostname="mx.example.net")
        self.ask()
        self.clock.advance(301)
        theirs, mine = (re.sub(r"postgrey-\S+", "postgrey-#", reply) for reply in self.replies())
        self.assertEqual(theirs.replace(" UTC", " +0000"), mine)

    def test_greylist_action(self):
        for action in ("451", "DEFER", "DEFER_IF_PERMIT", "DEFER_IF_REJECT", "dunno"):
            with self.subTest(action):
                self.both(f"--greylist-action={action}", "--greylist-text=wait %s", reject_first_attempt="immed",
                          reject_code=action, greylist_text="wait %s")
                self.assertEqual(self.same_words(), f"{action.lower()} wait 300")
                self.clock.advance(60)
                self.assertEqual(self.same_words(), f"{action.lower()} wait 240")

    def test_the_retry_window_to_the_second(self):
        for window, ours, seconds in (("2h", "2h", 7200), ("1", "1d", 86400)):
            self.both(f"--retry-window={window}", max_connect_age=ours)
            for after, passed in ((seconds - 1, True), (seconds, True), (seconds + 1, False)):
                question = self.stranger()
                self.assertFalse(self.ask(**question))
                self.clock.advance(after)
                self.assertEqual(self.ask(**question), passed, (window, after))
                if not passed:  # it is a first attempt again
                    self.clock.advance(DELAY + 1)
                    self.assertTrue(self.ask(**question))

    def test_the_same_decisions_with_hashes(self):
        key = self.file("key", "0123456789abcdef" * 4 + "\n")
        os.chmod(key, 0o600)
        self.both("--privacy", privacy_key_file=key)
        questions = [self.stranger() for _ in range(5)]
        self.assertEqual([self.ask(**question) for question in questions], [False] * 5)
        self.clock.advance(DELAY + 1)
        self.assertEqual([self.ask(**question) for question in questions[:4]], [True] * 4)
        self.clock.advance(3 * 86400)
        self.assertEqual([self.ask(**question) for question in questions], [True] * 4 + [False])


if __name__ == "__main__":
    case.main()
