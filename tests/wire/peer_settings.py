"""Settings for the replies and client identities of Perl SQLgrey 1.8 and ours, one by one (see peer_files.py);
peer_scenes.py has their effect over a sender's lifetime."""

import itertools

from support import case
from peer_files import DEFER, WithFiles

THROTTLED = "Throttling too many connections from new source -  Try again later."

# A name for each path through the method smart with PATTERNS: address, name.
CLIENTS = [line.split() for line in """
192.0.2.31 server.example.org
192.0.2.31 server-31.example.org
192.0.2.31 SERVER.example.org
192.0.2.31 x31.example.org
192.0.2.31 host031.example.org
192.0.2.31 line-a.example.org
192.0.2.31 LINE-A.example.org
192.0.2.31 other.example.org
192.0.2.31 mail.example.org
192.0.2.31 ghost131.example.org
192.0.2.31 unknown
203.0.113.5 5.113.0.203.example.org
203.0.113.5 pc5.example.org
203.0.113.5 55.example.org
2001:db8::31 line-a.example.org
2001:db8::211:22ff:fe33:4455 server.example.org
""".strip().splitlines()]
PATTERNS = {"smtp_server.regexp": "^server\n", "dyn_fqdn.regexp": "^(line|(?!other)o)-?\\w\\.\n"}


class Settings(WithFiles):
    def identities(self):
        """Asks both about all clients; returns their identities."""
        for number, (address, name) in enumerate(CLIENTS):
            self.ask(client_address=address, client_name=name, recipient=f"r{number}@example.net")
        self.compare_tables()
        found = {recipient: src for _, _, src, recipient in self.ours.tables.keys("connect")}
        return [found[f"r{number}@example.net"] for number in range(len(CLIENTS))]

    def test_identities_by_the_two_expressions(self):
        self.files = dict(PATTERNS)
        self.both(greymethod="smart")
        smart = self.identities()
        by_name = dict(zip((name for _, name in CLIENTS), smart))
        for name, src in (("SERVER", "192.0.2"), ("server-31", "192.0.2"), ("host031", "192.0.2.31"),
                          ("LINE-A", "192.0.2.31"), ("other", "192.0.2")):
            self.assertEqual(by_name[f"{name}.example.org"], src)
        for method in ("full", "classc"):
            self.both(greymethod=method)
            self.assertNotEqual(self.identities(), smart)

    def test_a_missing_expression_matches_every_name_and_the_last_line_counts(self):
        seen = []
        for files in ({"smtp_server.regexp": None}, {"dyn_fqdn.regexp": None},
                      {"smtp_server.regexp": None, "dyn_fqdn.regexp": None}, {"smtp_server.regexp": "^line\n^server\n"},
                      {"dyn_fqdn.regexp": "^mail\n^other\n"}):
            self.files = {**PATTERNS, **files}
            self.both(greymethod="smart")
            seen.append(tuple(self.identities()))
            for name, text in files.items():
                self.ours.wait_for_log(f"conf: .*/{name}.*" + ("every client name matches" if text is None else "last"))
        self.assertEqual(len(set(seen)), 4)
        self.assertEqual(seen[0], seen[2], "the one of servers is asked first")

    def test_an_empty_expression_matches_no_name(self):
        """Ours only: Perl's behaviour depends on its previous match."""
        self.files = {"smtp_server.regexp": "", "dyn_fqdn.regexp": ""}
        ours = self.daemon("ours-empty", settings={"greymethod": "smart"}).start()
        for name, src in (("server.example.org", "192.0.2"), ("line-a.example.org", "192.0.2"),
                          ("x31.example.org", "192.0.2.31"), ("unknown", "192.0.2.31")):
            ours.ask(client_address="192.0.2.31", client_name=name, recipient=f"{name}@example.net")
            self.assertIn(("alice", "example.org", src, f"{name}@example.net"), ours.tables.keys("connect"))

    def test_replies_to_first_attempts_and_early_reconnects(self):
        code = {"delay": "defer_if_permit", "immed": "421"}
        for first, early in itertools.product(("delay", "immed"), ("delay", "immed", None)):
            with self.subTest(first=first, early=early):
                self.both(reject_first_attempt=first, reject_early_reconnect=early, reject_code=421,
                          connect_src_throttle=1)
                expected = code[early or first] + " Greylisted for 5 minutes"
                # Perl uses the code for early reconnects for new triplets too.
                self.differ(expected, code[first] + " Greylisted for 5 minutes", sender="one@one.example")
                self.assertEqual(self.ask(sender="one@one.example"), expected)
                self.assertEqual(self.new(), f"{code[first]} {THROTTLED}")

    def test_which_clients_are_throttled(self):
        """Neighbours count together; an auto-whitelisted domain, or enough known senders, end it."""
        for method, neighbour in (("classc", THROTTLED), ("full", "Greylisted for 5 minutes")):
            with self.subTest(method):
                self.both(connect_src_throttle=2, greymethod=method, group_domain_level=2)
                other = {"client_address": "192.0.2.77"}
                self.ask(sender="ann@one.example")
                self.ask(sender="ben@one.example")
                self.assertIn(THROTTLED, self.ask(sender="eve@two.example"))
                self.assertEqual(self.ask(sender="ann@one.example"), DEFER, "whose row is there is early")
                self.assertIn(neighbour, self.ask(sender="eve@three.example", **other))
                self.pass_time(301)
                self.assertIn("delayed", self.ask(sender="ann@one.example"))
                self.assertEqual(self.ask(sender="eve@two.example"), DEFER, "one row is left")
                self.assertIn(THROTTLED, self.ask(sender="eve@four.example"))
                self.assertIn("delayed", self.ask(sender="ben@one.example"))
                for number in range(4):
                    self.assertEqual(self.ask(sender=f"eve@more{number}.example"), DEFER, "a domain is known")
                self.compare_tables()

    def test_enough_known_senders_end_throttling(self):
        self.both(connect_src_throttle=2, greymethod="full", group_domain_level=0)
        for domain in ("one", "two"):
            self.ask(sender=f"ann@{domain}.example")
        self.assertIn(THROTTLED, self.ask(sender="eve@three.example"))
        self.pass_time(301)
        for domain in ("one", "two"):
            self.assertIn("delayed", self.ask(sender=f"ann@{domain}.example"))
        for number in range(4):
            self.assertEqual(self.ask(sender=f"eve@more{number}.example"), DEFER)
        self.compare_tables()

    def test_limits_of_numbers(self):
        """Each one second before, at and after its end."""
        self.both(reconnect_delay=2, max_connect_age=1, awl_age=1)
        for number, seconds in enumerate((119, 120, 121, 3599, 3600, 3601)):
            self.ask(sender=f"edge@edge{number}.example")
            self.pass_time(seconds)
            self.ask(sender=f"edge@edge{number}.example")
        for number, seconds in enumerate((86399, 86400, 86401)):
            self.ask(sender=f"awl@awl{number}.example")
            self.pass_time(121)
            self.assertIn("delayed", self.ask(sender=f"awl@awl{number}.example"))
            self.pass_time(seconds)
            self.ask(sender=f"awl@awl{number}.example")


if __name__ == "__main__":
    case.main()
