"""What Perl SQLgrey 1.8 and ours must agree on, in scenes (see peer.py)."""

import random

from support import case
from peer import SideBySide

DEFER = "defer_if_permit Greylisted for 5 minutes"


class Scenes(SideBySide):
    def test_the_life_of_a_sender(self):
        self.both()
        self.assertEqual(self.ask(), DEFER)
        self.pass_time(100)
        self.assertEqual(self.ask(), DEFER)
        self.pass_time(200)
        self.assertEqual(self.ask(), DEFER, "exactly reconnect_delay is early still")
        self.pass_time(1)
        self.assertEqual(self.ask(), "PREPEND X-Greylist: delayed 00:05:01 by SQLgrey-#")
        self.compare_tables()
        self.pass_time(3600)
        self.assertEqual(self.ask(), "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-#")
        self.compare_tables()
        self.ask(sender="carol@example.org")
        self.pass_time(301)
        self.ask(sender="carol@example.org")
        self.compare_tables()
        self.assertEqual(self.ask(sender="anybody@example.org"),
                         "PREPEND X-Greylist: domain auto-whitelisted by SQLgrey-#")
        self.pass_time(86400)
        self.ask(sender="anybody@example.org")
        self.compare_tables()

    def test_the_window_of_a_retry_ends_after_max_connect_age(self):
        self.both(max_connect_age=2)
        self.ask()
        self.ask(recipient="late@example.net")
        self.pass_time(7200)
        self.ask()
        self.compare_tables()
        self.pass_time(1)
        self.ask(recipient="late@example.net")
        self.compare_tables()
        self.pass_time(300)
        self.ask(recipient="late@example.net")
        self.pass_time(1)
        self.ask(recipient="late@example.net")
        self.compare_tables()

    def test_auto_whitelist_entries_end_after_awl_age(self):
        self.both(awl_age=1)
        self.ask()
        self.pass_time(301)
        self.ask()
        self.pass_time(86399)
        self.ask()
        self.pass_time(86401)
        self.assertEqual(self.ask(), DEFER)

    def test_settings_of_the_reply(self):
        for settings in ({"prepend": 0}, {"reject_first_attempt": "immed", "reject_early_reconnect": "immed"},
                         {"reject_first_attempt": "immed", "reject_early_reconnect": "immed",
                          "reject_code": 451, "reconnect_delay": 1}):
            with self.subTest(settings):
                self.both(**settings)
                self.ask()
                self.ask()
                self.pass_time(301)
                self.ask()
                self.ask()

    def test_throttling(self):
        self.both(connect_src_throttle=3, greymethod="full")
        for number in range(5):
            self.ask(sender=f"stranger@spam{number}.example")
        self.compare_tables()
        self.pass_time(301)
        self.ask(sender="stranger@spam0.example")
        self.ask(sender="stranger@spam9.example")
        self.ask(sender="stranger@spam4.example", client_address="192.0.2.11")
        self.compare_tables()

    def test_group_domain_level_0_and_3(self):
        for level in (0, 3):
            with self.subTest(level=level):
                self.both(group_domain_level=level)
                for name in ("ann", "ben", "cat", "dan"):
                    self.ask(sender=f"{name}@example.org")
                    self.pass_time(301)
                    self.ask(sender=f"{name}@example.org")
                self.compare_tables()

    def test_random_mail_with_a_seed(self):
        """Few senders, clients and recipients that meet often, so all states occur in many orders."""
        self.both(max_connect_age=1, awl_age=1, debian_patterns=True)
        chance = random.Random(20260101)
        names = ["ann", "ben", "news-123", "bounce-17-x", "cat+tag", "", "ann.lee"]
        clients = [("192.0.2.%d" % n, name) for n in (7, 8, 200) for name in ("mail.example.org", "unknown")]
        for _ in range(500):
            self.pass_time(chance.choice([0, 1, 59, 299, 300, 301, 302, 1800, 3600, 5000]))
            # Perl keeps stale rows next to new ones and computes delays from them; ours has one row.
            self.sql("delete from connect where first_seen < ?", self.clock.now - 3600)
            name = chance.choice(names)
            sender = f"{name}@{chance.choice(['one', 'two'])}.example" if name else ""
            address, client = chance.choice(clients)
            self.ask(sender=sender, client_address=address, client_name=client,
                     recipient=chance.choice(["r1@example.net", "ann@example.net"]))
        self.compare_tables()


if __name__ == "__main__":
    case.main()
