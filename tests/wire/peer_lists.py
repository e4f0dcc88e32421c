"""Perl SQLgrey 1.8 and ours with the same whitelists in conf_dir and the same rows of the opt tables decide alike
(see peer_files.py)."""

import itertools
import os
import re

from support import case
from peer_files import DEFER, LISTED, STRANGER, WithFiles

DEBIAN = "/etc/sqlgrey"

NETWORKS = """
192.0.2.7            # one
198.51.100           # its /24
203.0.113.64/26
203.0.113.201/30\t# begins at .200
10.0.0.0/8
10.1.2.3
172.16.0.1/32
100.64.0.0 / 10
2001:db8:7::1
2001:db8:8::/48
2001:db8:9:0:8000::/65
  198.18.7.7\t
192.88.99.1\r
"""
WITHIN = """
192.0.2.7 198.51.100.0 198.51.100.255 203.0.113.64 203.0.113.127 203.0.113.200 203.0.113.203 10.0.0.0 10.1.2.3
10.255.255.255 172.16.0.1 100.64.0.1 100.127.255.255 2001:db8:7::1 2001:db8:7:0:0:0:0:1 2001:db8:8::
2001:db8:8:ffff::1 2001:db8:9:0:8000::1 2001:db8:9:0:ffff:ffff:ffff:ffff 198.18.7.7 192.88.99.1
""".split()
OUTSIDE = """
192.0.2.6 192.0.2.8 198.51.99.255 198.51.101.0 203.0.113.63 203.0.113.128 203.0.113.199 203.0.113.204 9.255.255.255
11.0.0.0 172.16.0.2 100.63.255.255 100.128.0.0 2001:db8:7::2 2001:db8:9:: 2001:db8:9::7fff:0:0:1 198.18.7.8
""".split()

NAMES = r"""
mx.example.org       # that host
under_score.example.org
  lead.example.org
a-b.c-d.example
*.wild.example
*.deep.wild.example  # within the other
/^out[0-9]+\.pool\./ # searched anywhere but for the anchor
/\.end$/
/(?:one|two)-relay/
/^(?!bad)[a-z]+\.look\.example$/
/([a-z])\1\1\.triple/
/^MX9/
*.crlf.example
""".replace("*.crlf.example", "*.crlf.example\r")
LISTED_NAMES = """
mx.example.org under_score.example.org lead.example.org a-b.c-d.example a.wild.example a.b.wild.example
deep.wild.example x.deep.wild.example out7.pool.example out7.pool.x.y a.end one-relay.example x-two-relay-y.example
good.look.example aaa.triple m.crlf.example MX9.example
""".split()
OTHER_NAMES = """
a.mx.example.org amx.example.org mx.example.org.evil wild.example awild.example out.pool.example about7.pool.example
a.end.x end three-relay.example bad.look.example badly.look.example aab.triple crlf.example mx9.example unknown
localhost
""".split()


def of_address(address):
    return {"client_address": address}


def of_name(name):
    return {**STRANGER, "client_name": name}


class Files(WithFiles):
    def in_both_files(self, name, text, question, listed, others):
        """In the shipped file and in the .local file."""
        for shipped, local in ((text, "# none\n"), ("", text)):
            self.files = {name: shipped, name + ".local": local}
            self.both()
            self.assertEqual(self.judged(question, listed + others), set(listed))

    def test_addresses_in_all_forms(self):
        self.in_both_files("clients_ip_whitelist", NETWORKS, of_address, WITHIN, OUTSIDE)

    def test_names_in_all_forms(self):
        self.in_both_files("clients_fqdn_whitelist", NAMES, of_name, LISTED_NAMES, OTHER_NAMES)

    def test_both_lists_and_both_files_together(self):
        self.files = {"clients_ip_whitelist": "192.0.2.1\n", "clients_ip_whitelist.local": "192.0.2.2\n",
                      "clients_fqdn_whitelist": "a.example.org\n", "clients_fqdn_whitelist.local": "b.example.org\n"}
        self.both()
        self.assertEqual(len(self.judged(of_address, [f"192.0.2.{last}" for last in (1, 2, 3)])), 2)
        self.assertEqual(len(self.judged(of_name, [f"{first}.example.org" for first in "abc"])), 2)
        self.assertEqual(self.new(client_address="192.0.2.3", client_name="b.example.org"), LISTED)

    def test_the_lists_that_debian_ships(self):
        """All their entries, and values next to them."""
        for name in ("clients_ip_whitelist", "clients_fqdn_whitelist"):
            self.need(os.path.join(DEBIAN, name), "sqlgrey")
            with open(os.path.join(DEBIAN, name), encoding="ascii") as file:
                self.files[name] = file.read()
        self.both()
        addresses = [entry + ".9" * (3 - entry.count(".")) for entry in self.entries("clients_ip_whitelist")]
        self.assertGreater(len(addresses), 40)
        beside = [re.sub(r"\d+$", lambda last: str(int(last[0]) ^ 1), address) for address in addresses]
        far = ["1" + address[1:] for address in addresses]
        self.judged(of_address, dict.fromkeys(addresses + beside + far))
        names = [entry.removeprefix("*.") for entry in self.entries("clients_fqdn_whitelist")]
        self.assertGreater(len(names), 5)
        self.judged(of_name, dict.fromkeys(form + name for name in names for form in ("", "mx.", "x", "a.b.")))

    def entries(self, name):
        """Those that are neither a network with a length nor an expression."""
        lines = [re.sub(r"#.*|\s", "", line) for line in self.files[name].splitlines()]
        return [line for line in lines if line and "/" not in line]

    def test_names_where_ours_differs(self):
        self.files = {"clients_fqdn_whitelist": "*.dot.example\nmx.case.example\n  space.example \nlocalhost\n"}
        self.both()
        self.differ(LISTED, DEFER, **of_name("a.dotxexample"))  # a dot is a dot
        self.differ(DEFER, LISTED, **of_name("MX.Case.Example"))  # letter case does not matter
        self.differ(DEFER, LISTED, **of_name("space.example"))  # trailing blanks are ignored
        self.differ(DEFER, LISTED, **of_name("localhost"))  # a name need not have a dot

    def test_a_listed_request_adds_no_row(self):
        self.files = {"clients_ip_whitelist": "192.0.2\n"}
        for settings, reply in (({}, LISTED), ({"prepend": 0}, "dunno")):
            self.both(**settings)
            self.assertEqual(self.ask(), reply)
            self.assertEqual(self.ours.tables.count("connect"), 0)
            self.compare_tables()


class Changes(WithFiles):
    # How to make a request, and two entries of equal length.
    KINDS = {"clients_ip_whitelist.local": (of_address, "192.0.2.81", "192.0.2.82"),
             "clients_fqdn_whitelist.local": (of_name, "a1.example.org", "a2.example.org")}

    def put_all(self, text):
        for name, (_, one, other) in self.KINDS.items():
            self.put(name, text.format(one, other))

    def say(self, first, second, differ=None):
        """Waits until ours gives these replies for the two entries of each kind, and asks both."""
        for question, one, other in self.KINDS.values():
            self.soon_of_ours(first, **question(one))
            self.soon_of_ours(second, **question(other))
            if differ:
                self.differ(differ, first, **question(one))
                continue
            self.assertEqual([self.new(**question(one)), self.new(**question(other))], [first, second])

    def test_local_files_that_appear_change_and_disappear(self):
        self.both()
        self.say(DEFER, DEFER)
        self.put_all("{0}\n")
        self.say(LISTED, DEFER)
        self.put_all("{1}\n")
        self.say(DEFER, LISTED)
        self.put_all("# changed\n{0}\n{1}\n")
        self.say(LISTED, LISTED)
        for name in self.KINDS:
            self.remove(name)
        self.say(DEFER, DEFER, differ=LISTED)  # a deleted file has no effect
        self.put_all("{1}\n")
        self.say(DEFER, LISTED)

    def test_static_files_are_read_at_usr1(self):
        self.files = {"clients_ip_whitelist": "192.0.2.81\n", "clients_fqdn_whitelist": "a1.example.org\n"}
        self.both()
        self.assertEqual(self.new(client_address="192.0.2.81"), LISTED)
        self.put("clients_ip_whitelist", "192.0.2.82\n")
        self.put("clients_fqdn_whitelist", "a2.example.org\n")
        self.put("smtp_server.regexp", "^dialup\n")
        self.assertEqual(self.new(client_address="192.0.2.82"), DEFER, "nobody looks by himself")
        self.usr1(LISTED, client_address="192.0.2.82")
        self.assertEqual(self.new(client_address="192.0.2.82"), LISTED)
        self.assertEqual(self.new(client_address="192.0.2.81"), DEFER)
        # Perl does not read this list again.
        self.differ(DEFER, LISTED, **of_name("a2.example.org"))
        self.differ(LISTED, DEFER, **of_name("a1.example.org"))
        self.ask(sender="who@example.com", client_address="198.51.100.9", client_name="dialup9.dsl.example")
        for daemon in self.pair:
            self.assertIn(("who", "example.com", "198.51.100", "bob@example.net"), daemon.tables.keys("connect"))


class OptTables(WithFiles):
    TABLES = ("optin_domain", "optin_email", "optout_domain", "optout_email")

    def fill(self):
        """A recipient for each of the sixteen combinations of the four tables."""
        addresses = []
        for number, ways in enumerate(itertools.product((False, True), repeat=4)):
            address, domain = f"user@way{number}.example", f"way{number}.example"
            addresses.append(address)
            for name, is_in in zip(self.TABLES, ways):
                if is_in:
                    self.sql(f"insert into {name} values (?)", domain if name.endswith("domain") else address)
        return addresses

    def test_all_combinations_of_the_opt_tables(self):
        for method, inactive, by_default in (("optin", 6, "inactive"), ("optout", 10, "Greylisted")):
            with self.subTest(method):
                self.both(optmethod=method)
                replies = {address: self.new(recipient=address) for address in self.fill()}
                self.assertEqual(sum("inactive" in reply for reply in replies.values()), inactive)
                self.assertIn(by_default, replies["user@way0.example"])
                for number in range(16):
                    upper = self.new(recipient=f"USER@Way{number}.Example")
                    self.assertEqual(upper, replies[f"user@way{number}.example"])
                    self.new(recipient=f"other@way{number}.example")
                    self.new(recipient=f"user@mx.way{number}.example")
                for odd in ("user", "way15.example", "@way15.example", "user@way15.example@x", "user@"):
                    self.new(recipient=odd)
                self.compare_tables()

    def test_a_change_of_the_opt_tables_takes_effect_at_once(self):
        self.both(optmethod="optout")
        self.assertEqual(self.ask(), DEFER)
        self.sql("insert into optout_email values ('bob@example.net')")
        self.assertIn("inactive", self.ask())
        self.sql("insert into optin_email values ('bob@example.net')")
        self.assertIn("inactive", self.ask())
        self.sql("delete from optout_email")
        self.assertEqual(self.ask(), DEFER)
        self.both(optmethod="none")
        self.sql("insert into optout_email values ('bob@example.net')")
        self.assertEqual(self.ask(), DEFER)

    def test_lists_come_before_opt_in_and_opt_out(self):
        self.files = {"clients_ip_whitelist": "192.0.2.1\n"}
        self.both(optmethod="optout")
        self.sql("insert into optout_email values ('bob@example.net')")
        self.assertEqual(self.new(client_address="192.0.2.1"), LISTED)
        self.assertIn("inactive", self.new())
        self.both(optmethod="optin", prepend=0)
        self.assertEqual(self.new(), "dunno")


if __name__ == "__main__":
    case.main()
