"""Replies to the second and byte by byte, and the resulting rows, above all where ours differs from Perl SQLgrey on
purpose (peer_scenes.py compares the rest side by side)."""

import re

from support import case, policy
from support.faketime import Clock

DEFER = "defer_if_permit Greylisted for 5 minutes"
FROM = "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-#"
DOMAIN = "PREPEND X-Greylist: domain auto-whitelisted by SQLgrey-#"
START = 1700000000


class Decisions(case.DaemonCase):
    def begin(self, **settings):
        self.need("faketime", "faketime")
        self.clock = Clock(self.directory, START)
        self.server = self.daemon(settings=settings, clock=self.clock)
        self.server.start()
        self.tables = self.server.tables
        self.talk = policy.Conversation(self.server.address)
        self.addCleanup(self.talk.close)

    def ask(self, **attributes):
        return re.sub(r"SQLgrey-\d[0-9.]*", "SQLgrey-#", self.talk.ask(**attributes))

    def accepted(self, **attributes):
        """Sends a mail, waits, and retries it."""
        self.ask(**attributes)
        self.clock.advance(301)
        return self.ask(**attributes)

    def test_the_boundaries_of_the_window_to_the_second(self):
        self.begin(max_connect_age=2)
        for wait, reply in ((300, DEFER), (301, "PREPEND X-Greylist: delayed 00:05:01 by SQLgrey-#"),
                            (7200, "PREPEND X-Greylist: delayed 02:00:00 by SQLgrey-#"), (7201, DEFER)):
            with self.subTest(wait=wait):
                sender = f"s@w{wait}.example"
                self.assertEqual(self.ask(sender=sender), DEFER)
                self.clock.advance(wait)
                self.assertEqual(self.ask(sender=sender), reply)

    def test_an_early_retry_keeps_first_seen(self):
        self.begin()
        self.ask()
        self.clock.advance(299)
        self.ask()
        self.assertEqual([row[4] for row in self.tables.rows("connect")], [START])

    def check_third_retry_passes(self, **settings):
        self.begin(retry_count=3, **settings)
        client = {"client_address": "192.0.2.9", "client_name": "mx.example.org", "sender": "ann@example.org"}
        for wait in (0, 200, 101, 1, 59, 0):
            self.clock.advance(wait)
            self.assertEqual(self.ask(**client), DEFER)
        self.clock.advance(60)
        self.assertEqual(self.ask(**client), "PREPEND X-Greylist: delayed 00:07:01 by SQLgrey-#")
        self.assertEqual(self.ask(**client), FROM)
        self.assertEqual({row[2] for row in self.tables.rows("connect")}, {"*"})

    def test_retry_count_defers_the_retries_before_it(self):
        """Several in a minute count once, and those that come too early not."""
        self.check_third_retry_passes()

    def test_retry_count_with_pools(self):
        self.check_third_retry_passes(pools="on", connect_src_throttle=5, pool_unproven_retries=2)

    def test_a_stale_triplet_has_one_row_and_starts_again(self):
        self.begin(max_connect_age=1)
        self.ask()
        self.clock.advance(4000)
        self.assertEqual(self.ask(), DEFER)
        self.assertEqual([row[4] for row in self.tables.rows("connect")], [START + 4000])

    def test_from_awl_keeps_the_first_contact(self):
        self.begin()
        self.accepted()
        self.assertEqual(self.tables.rows("from_awl"), [("alice", "example.org", "192.0.2", START, START + 301)])
        self.assertEqual(self.tables.rows("connect"), [])
        self.assertEqual(self.ask(recipient="other@example.net"), FROM)

    def test_last_seen_is_updated_by_a_minute_or_more(self):
        self.begin()
        self.accepted()
        self.clock.advance(3600)
        self.ask()
        self.assertEqual(self.tables.rows("from_awl")[0][3:], (START, START + 3901))

    def test_the_second_sender_promotes_the_domain(self):
        self.begin()
        self.accepted(sender="ann@example.org")
        self.ask(sender="waiting@example.org")
        self.ask(sender="waiting@example.com")
        self.accepted(sender="ben@example.org")
        self.assertEqual(self.tables.rows("domain_awl"), [("example.org", "192.0.2", START, START + 602)])
        self.assertEqual(self.tables.rows("from_awl"), [])
        self.assertEqual([row[1] for row in self.tables.rows("connect")], ["example.com"])
        self.assertEqual(self.ask(sender="cat@example.org"), DOMAIN)

    def test_level_1_promotes_at_once_with_the_first_contact_of_the_triplet(self):
        self.begin(group_domain_level=1)
        self.accepted()
        self.assertEqual(self.tables.rows("domain_awl"), [("example.org", "192.0.2", START, START + 301)])

    def test_level_0_never_promotes(self):
        self.begin(group_domain_level=0)
        for name in ("ann", "ben", "cat"):
            self.accepted(sender=f"{name}@example.org")
        self.assertEqual(self.tables.count("domain_awl"), 0)
        self.assertEqual(self.tables.count("from_awl"), 3)

    def test_underscore_and_percent_are_literal(self):
        self.begin()
        for name in ("x_y", "xzy", "%", "x%y", "xzzy"):
            self.ask(sender=f"{name}@example.org")
        self.clock.advance(301)
        self.ask(sender="x_y@example.org")
        self.assertEqual([row[0] for row in self.tables.rows("connect")], ["%", "x%y", "xzy", "xzzy"])
        self.assertEqual([row[0] for row in self.tables.rows("from_awl")], ["x_y"])

    def test_a_hash_in_a_name_is_literal(self):
        """Perl SQLgrey replaces serial numbers by '#', and treats a sender's own '#' alike."""
        self.begin(group_domain_level=0)
        self.ask(sender="alice@h.example")
        for name in ("#", "#-#", "a#", "#%", "#*"):
            with self.subTest(name=name):
                self.accepted(sender=f"{name}@h.example")
                names = [row[0] for row in self.tables.rows("connect")]
                self.assertEqual(names, ["alice"])

    def test_promoting_a_deverped_sender_deletes_its_other_rows_of_connect(self):
        self.begin()
        for number in (12, 345, 6789):
            self.ask(sender=f"news-{number}-x@example.org", recipient=f"r{number}@example.net")
        self.ask(sender="newsx@example.org")
        self.clock.advance(301)
        self.ask(sender="news-12-x@example.org", recipient="r12@example.net")
        self.assertEqual([row[0] for row in self.tables.rows("connect")], ["newsx"])
        self.assertEqual(self.tables.keys("from_awl"), [("news-#-x", "example.org", "192.0.2")])
        self.assertEqual(self.ask(sender="news-777-x@example.org"), FROM)

    def test_one_header_per_message(self):
        self.begin()
        self.accepted(sender="ann@example.org")
        first = self.ask(sender="ann@example.org", instance="1.a", recipient="r1@example.net")
        second = self.ask(sender="ann@example.org", instance="1.a", recipient="r2@example.net")
        third = self.ask(sender="ann@example.org", instance="1.b", recipient="r2@example.net")
        self.assertEqual([first, second, third], [FROM, "dunno", FROM])

    def test_prepend_0_answers_dunno(self):
        self.begin(prepend=0)
        self.assertEqual(self.ask(), DEFER)
        self.clock.advance(301)
        self.assertEqual(self.ask(), "dunno")
        self.assertEqual(self.ask(), "dunno")

    def test_first_attempt_and_early_reconnect_have_separate_settings(self):
        for first, early, replies in (("delay", "immed", ("defer_if_permit", "451")),
                                      ("immed", "delay", ("451", "defer_if_permit")),
                                      ("immed", None, ("451", "451"))):
            with self.subTest(first=first, early=early):
                server = self.daemon(f"{first}-{early}", settings={
                    "reject_first_attempt": first, "reject_early_reconnect": early, "reject_code": 451}).start()
                self.assertEqual([server.ask().split()[0] for _ in range(2)], list(replies))

    def test_throttling_adds_no_row(self):
        self.begin(connect_src_throttle=2, greymethod="full", reject_first_attempt="immed")
        for number in range(2):
            self.assertEqual(self.ask(sender=f"s@d{number}.example"), "450 Greylisted for 5 minutes")
        self.assertEqual(self.ask(sender="s@d2.example"),
                         "450 Throttling too many connections from new source -  Try again later.")
        self.assertEqual(self.tables.count("connect"), 2)
        self.clock.advance(301)
        self.ask(sender="s@d0.example")
        self.assertEqual(self.ask(sender="s@d2.example"), "450 Greylisted for 5 minutes",
                         "one row is left: fewer than two")

    def test_one_ipv6_loopback_is_eight_groups(self):
        self.begin()
        self.ask(client_address="::1", client_name="mail.example.org")
        self.assertEqual(self.tables.rows("connect")[0][2], "0000:0000:0000:0000:0000:0000:0000:0001")


if __name__ == "__main__":
    case.main()
