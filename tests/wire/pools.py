"""Pools through the whole daemon: the servers of an organisation are one client, and nobody else belongs to it."""

import os

from support import case, policy
from support.daemon import wait_until
from support.faketime import Clock

START = 1700000000
DEFER = "defer_if_permit Greylisted for 5 minutes"
DAY = 24 * 3600

# Retry times of large senders in minutes, and from how many addresses in turn (Pagani et al., Measuring the Role of
# Greylisting and Nolisting in Fighting Spam, DSN 2016; senders without published times by their pattern). Names of
# their servers as of today.
SCHEDULES = {
    "gmail.com": (7, (6, 29, 57, 99, 162), "mail-wr1-f{n}.google.com"),
    "hotmail.com": (1, (4, 8, 12, 16), "mail-am6eur05on20{n}.outbound.protection.outlook.com"),
    "mail.ru": (7, (19, 38, 58, 98), "f{n}.i.mail.ru"),
    "yandex.ru": (1, (5, 10, 20, 40), "forward10{n}o.mail.yandex.net"),
    "gmx.com": (3, (5, 12, 24, 41, 66), "mout{n}.gmx.net"),
    "mail.com": (2, (5, 12, 24, 41, 66), "mout-perm{n}.mail.com"),
    "qq.com": (2, (5, 10, 30, 60), "smtpbg{n}.qq.com"),
    "aol.com": (4, (6, 15, 40, 90), "sonic30{n}-20.consmr.mail.ne1.yahoo.com"),
    "yahoo.co.uk": (5, (6, 15, 40, 90), "sonic31{n}-21.consmr.mail.bf2.yahoo.com"),
    "icloud.com": (4, (7, 20, 45, 90), "pv50p00im-ztdg1001{n}.me.com"),
}


class Pools(case.DaemonCase):
    def begin(self, **settings):
        self.need("faketime", "faketime")
        self.clock = Clock(self.directory, START)
        self.server = self.daemon(settings={"pools": "on", **settings}, clock=self.clock)
        self.server.start()
        self.tables = self.server.tables
        self.talk = policy.Conversation(self.server.address)
        self.addCleanup(self.talk.close)

    def restart(self, **settings):
        self.talk.close()
        self.server.stop()
        self.server.configure(**settings)
        self.server.start()
        self.talk = policy.Conversation(self.server.address)
        self.addCleanup(self.talk.close)

    def ask(self, name, address, sender="alice@sender.example", recipient="bob@example.net"):
        return self.talk.ask(client_name=name, client_address=address, sender=sender, recipient=recipient)

    def passes(self, *arguments, **named):
        reply = self.ask(*arguments, **named)
        self.assertRegex(reply, "^PREPEND", (arguments, named))
        return reply

    def waits(self, *arguments, **named):
        self.assertEqual(self.ask(*arguments, **named), DEFER, (arguments, named))

    def sources(self, table):
        column = {"connect": 2, "from_awl": 2, "domain_awl": 1}[table]
        return sorted(row[column] for row in self.tables.rows(table))

    # -- clients of a pool ------------------------------------------------------------------

    def test_no_sender_waits_longer_than_until_its_first_retry_after_the_delay(self):
        self.begin(reconnect_delay=5)
        for number, (domain, (addresses, minutes, name)) in enumerate(SCHEDULES.items()):
            with self.subTest(domain=domain):
                at = 0
                servers = [(name.format(n=turn + 1), f"{20 + number}.{7 * turn}.3.{40 + 11 * turn}")
                           for turn in range(addresses)]
                sender = f"user@{domain}"
                self.waits(*servers[0], sender=sender)
                for attempt, minute in enumerate(minutes, 1):
                    self.clock.advance(60 * minute + 1 - at)
                    at = 60 * minute + 1
                    server = servers[attempt % addresses]
                    if at <= 300:
                        self.waits(*server, sender=sender)
                        continue
                    self.passes(*server, sender=sender)
                    break
                for server in servers:
                    self.passes(*server, sender=sender, recipient="other@example.net")

    def test_the_row_has_the_organisation_as_src(self):
        self.begin()
        self.waits("mail-wr1-f41.google.com", "209.85.221.41")
        self.assertEqual(self.sources("connect"), ["@google.com"])
        self.clock.advance(301)
        self.passes("mail-ed1-x52f.google.com", "2a00:1450:4864:20::52f")
        self.assertEqual((self.sources("connect"), self.sources("from_awl")), ([], ["@google.com"]))

    # -- clients that are not of the pool ---------------------------------------------------

    def test_customers_of_one_provider_stay_apart(self):
        self.begin()
        for first, second in ((("static.14.32.198.88.clients.your-server.de", "88.198.32.14"),
                               ("static.15.33.198.88.clients.your-server.de", "88.198.33.15")),
                              (("vmi1234567.contaboserver.net", "173.212.1.2"), ("vmi7654321.contaboserver.net", "173.212.9.2")),
                              (("c-73-12-34-56.hsd1.ca.comcast.net", "73.12.34.56"),
                               ("c-73-12-99-5.hsd1.ca.comcast.net", "73.12.99.5"))):
            self.waits(*first)
            self.clock.advance(301)
            self.waits(*second)
            self.passes(*first)

    def test_a_bot_with_a_sender_of_the_pool_waits(self):
        self.begin()
        self.waits("mail-wr1-f41.google.com", "209.85.221.41", sender="real@gmail.com")
        self.clock.advance(301)
        self.waits("unknown", "203.0.113.9", sender="real@gmail.com")
        self.waits("google.com.evil.example", "203.0.113.77", sender="real@gmail.com")
        self.passes("mail-lf1-f12.google.com", "209.85.167.12", sender="real@gmail.com")
        self.waits("unknown", "198.51.100.4", sender="real@gmail.com")
        self.waits("c-198-51-100-4.google.com", "198.51.100.4", sender="real@gmail.com")

    def test_a_letter_without_proof_passes_at_its_third_retry_from_elsewhere_alone(self):
        self.begin(pool_unproven_retries=3, max_connect_age=1, db_cleandelay=1, loglevel=2)
        self.waits("unknown", "192.0.2.1")
        self.clock.advance(301)
        for address in ("198.51.100.1", "203.0.113.1", "203.0.113.2"):
            self.waits("unknown", address)
        self.passes("dsl-10-1-2-3.provider.example", "10.1.2.3")
        self.waits("unknown", "10.9.2.3", recipient="other@example.net")
        self.assertEqual(self.sources("from_awl") + self.sources("domain_awl"), [])
        noted = [row for row in self.tables.rows("connect") if row[2] == "*"]
        self.assertEqual(sorted(row[3] for row in noted if len(row[0]) == 40),
                         ["10.1.2", "10.9.2", "192.0.2", "198.51.100", "203.0.113"])
        self.clock.advance(3700)
        wait_until(lambda: self.tables.rows("connect") == [], "cleaning")
        self.assertNotRegex(self.server.log(), r"(?m)^spam: \*")

    def test_without_the_parameter_a_letter_without_proof_waits_wherever_it_comes_from(self):
        self.begin()
        self.waits("unknown", "192.0.2.1")
        self.clock.advance(301)
        for number in range(20):
            self.waits("unknown", f"10.{number}.0.1")
        self.assertNotIn("*", self.sources("connect"))

    def test_connect_src_throttle_counts_what_a_client_of_a_pool_has_waiting(self):
        self.begin(connect_src_throttle=2)
        for sender in ("a@one.example", "a@two.example"):
            self.waits("mx1.provider.example", "192.0.2.7", sender=sender)
        self.assertEqual(self.ask("mx1.provider.example", "192.0.2.7", sender="a@three.example"),
                         "defer_if_permit Throttling too many connections from new source -  Try again later.")
        self.waits("mx2.provider.example", "198.51.100.7", sender="a@three.example")
        self.assertEqual(self.sources("connect"), sorted(["192.0.2"] * 2 + ["198.51.100"] + ["@provider.example"] * 3))
        self.clock.advance(301)
        self.passes("mx2.provider.example", "198.51.100.7", sender="a@one.example")
        self.passes("mx1.provider.example", "192.0.2.7", sender="a@two.example")

    def test_an_unverified_name_does_not_count(self):
        self.begin()
        self.talk.ask(client_name="unknown", reverse_client_name="mail-a.google.com", client_address="203.0.113.9")
        self.assertEqual(self.sources("connect"), ["203.0.113.9"])

    # -- name servers that fail ----------------------------------------------------------------

    def test_a_name_that_cannot_be_verified_for_a_while_does_no_harm(self):
        self.begin()
        for first, second in (("mx.sender.example", "unknown"), ("unknown", "mx.sender.example")):
            with self.subTest(first=first):
                sender = f"{first}@sender.example"
                self.waits(first, "192.0.2.7", sender=sender)
                self.clock.advance(301)
                self.passes(second, "192.0.2.7", sender=sender)
                self.passes(first, "192.0.2.7", sender=sender)

    def test_a_network_is_remembered_for_a_single_pool_and_for_a_week(self):
        self.begin()
        self.waits("mx.one.example", "192.0.2.7")
        self.waits("mx.one.example", "198.51.100.7", sender="a@b.example")
        self.waits("mx.two.example", "192.0.2.8")
        self.assertEqual([row[:2] for row in self.tables.rows("pool")],
                         [("192.0.2", ""), ("198.51.100", "@one.example")])
        self.clock.advance(301)
        self.waits("unknown", "192.0.2.7")
        self.waits("unknown", "192.0.2.9", sender="a@b.example")
        self.passes("unknown", "198.51.100.200", sender="a@b.example")
        self.clock.advance(8 * DAY)
        self.waits("unknown", "198.51.100.201", sender="a@b.example", recipient="other@example.net")

    # -- on and off -----------------------------------------------------------------------------

    def test_after_turning_pools_on_or_off_known_senders_do_not_wait(self):
        self.begin(pools="off")
        self.waits("mx1.sender.example", "192.0.2.7")
        self.clock.advance(301)
        self.passes("mx1.sender.example", "192.0.2.7")
        self.waits("mx1.sender.example", "192.0.2.7", sender="waits@else.example")
        self.restart(pools="on")
        self.clock.advance(301)
        self.passes("mx1.sender.example", "192.0.2.7")
        self.passes("mx9.sender.example", "198.51.100.9")
        self.passes("mx1.sender.example", "192.0.2.7", sender="waits@else.example")
        self.waits("mx1.sender.example", "203.0.113.7", sender="new@third.example")
        self.restart(pools="off")
        self.clock.advance(301)
        self.passes("mx9.sender.example", "198.51.100.9")
        self.passes("mx1.sender.example", "192.0.2.7")
        self.passes("mx4.sender.example", "203.0.113.4", sender="new@third.example")

    def test_a_row_of_perl_sqlgrey_counts_and_both_identities_are_whitelisted(self):
        self.begin()
        self.tables.execute("insert into connect values ('alice', 'sender.example', '192.0.2', 'bob@example.net', "
                            f"{START - 400})")
        self.passes("mx1.sender.example", "192.0.2.7")
        self.assertEqual(self.sources("from_awl"), ["192.0.2", "@sender.example"])
        self.assertEqual(self.sources("connect"), [])

    def test_pools_off_is_logged_at_the_start(self):
        self.begin(pools=None)
        self.assertIn("pools = off", self.server.log())
        self.restart(pools="on")
        self.assertEqual(self.server.log().count("pools = off"), 1)

    # -- crowds ---------------------------------------------------------------------------------

    def crowd_of(self, letters):
        for number in range(letters):
            self.waits(f"line{chr(97 + number % 26)}.access.example", f"198.51.{number}.9",
                       sender=f"s{number}@spam{number}.example")

    def test_an_organisation_that_never_retries_is_a_crowd_and_recovers(self):
        self.begin(pool_crowd=20, max_connect_age=1, db_cleandelay=1)
        self.crowd_of(19)
        self.clock.advance(3700)
        wait_until(lambda: self.sources("connect") == [], "the letters are gone")
        wait_until(lambda: self.tables.rows("organisation"), "they are counted")
        self.assertEqual(self.tables.rows("organisation")[0][:2] + self.tables.rows("organisation")[0][4:],
                         ("@access.example", 19, 0))
        self.crowd_of(1)
        self.clock.advance(3700)
        wait_until(lambda: self.tables.rows("organisation")[0][1] == 20, "the last is counted")
        self.assertEqual(self.tables.rows("organisation")[0][4], 1)
        self.assertIn("pool: clients of @access.example are a crowd", self.server.log())
        self.restart()
        self.waits("linea.access.example", "198.51.100.9")
        self.clock.advance(301)
        self.waits("lineb.access.example", "198.51.200.9")
        self.passes("linea.access.example", "198.51.100.9")
        self.clock.advance(31 * DAY)
        wait_until(lambda: [row[4] for row in self.tables.rows("organisation")] == [0], "it has recovered")
        self.assertIn("pool: clients of @access.example are no longer a crowd", self.server.log())

    def test_the_log_says_which_identity_a_client_has_and_why(self):
        self.begin(loglevel=3)
        for name, address, line in (
                ("mail-wr1-f41.google.com", "209.85.221.41", "@google.com, because its verified name is the organisation's"),
                ("unknown", "209.85.221.41", "209.85.221.41, because it has no verified name"),
                ("mail-192-0-2-1.provider.example", "192.0.2.1", "192.0.2, because its name contains its address"),
                ("vps-47110.provider.example", "192.0.2.1",
                 "192.0.2, because its name is one of pool_customers.regexp")):
            self.ask(name, address)
            self.assertIn(f"grey: identity of {name}[{address}]: {line}", self.server.log())

    # -- files -----------------------------------------------------------------------------------

    def test_a_missing_or_damaged_suffix_list_is_reported_once_and_the_built_in_one_used(self):
        path = os.path.join(self.directory, "list")
        with open(path, "w", encoding="ascii") as file:
            file.write("no list\n")
        self.begin(public_suffix_list=path)
        self.waits("mail.example.co.uk", "192.0.2.7")
        self.assertEqual(self.sources("connect"), ["@example.co.uk"])
        self.assertEqual(self.server.log().count("not a public suffix list"), 1)

    def test_pools_with_a_privacy_key(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key of more than sixteen bytes\n")
        os.chmod(key, 0o644)
        self.begin(privacy_key_file=key)
        self.waits("mail-wr1-f41.google.com", "209.85.221.41")
        self.assertRegex(self.sources("connect")[0], "^@[0-9a-f]{32}$")
        self.assertNotIn("google", str(self.tables.rows("pool")))
        self.clock.advance(301)
        self.passes("mail-lf1-f12.google.com", "209.85.167.12")


if __name__ == "__main__":
    case.main()
