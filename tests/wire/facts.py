"""What is known about unknown clients decides: DNS lists and SPF, from the tables and from the resolver, and what
explain, release and the log say about it."""

import json
import re
import time

from support import case, ctl, dns_server, policy

TRUSTED, LISTED, OTHER = "11.2.3.4", "11.2.4.4", "11.2.5.4"
SENDER, DOMAIN, RECIPIENT = "alice@example.org", "example.org", "bob@example.net"
EFFECTS = {"dnswl_pass": "medium", "dnsbl_delay": "60m", "spf_fail_delay": "20m", "spf_identity": "on"}
LATER = 3600


def key(address):
    """An IPv4 address as spf_network has it."""
    return "0" * 20 + "ffff" + "".join(f"{int(byte):02x}" for byte in address.split("."))


class FactsCase(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.zone = dns_server.Zone()
        self.dns = self.enterContext(dns_server.Server(self.zone))

    def deciding(self, **settings):
        return self.start(enrich="on", workers=1, dns_servers=self.dns.address, **{**EFFECTS, **settings})

    def known(self, server, client, *facts, domain=DOMAIN):
        """Facts as (domain, source, value); nothing is left to be asked."""
        expires = int(time.time()) + LATER
        rows = [(client, one, source, value, expires) for one, source, value in facts]
        rows += [(*about, "asked", "done", expires) for about in ((client, ""), (client, domain), ("", domain))]
        server.tables.many("insert or replace into fact (client, domain, source, value, expires_at) "
                           "values (?, ?, ?, ?, ?)", rows)

    def covers(self, server, first, last, domain=DOMAIN):
        server.tables.execute("insert into spf_network (domain, first_address, last_address, expires_at) "
                              "values (?, ?, ?, ?)", domain, key(first), key(last), int(time.time()) + LATER)

    def ask(self, server, client, **attributes):
        return server.ask(**{"client_address": client, "client_name": "unknown", "sender": SENDER,
                             "recipient": RECIPIENT, **attributes})

    def explained(self, server, client, *options):
        done = ctl.run(server, "explain", "--client", client, "--sender", SENDER, "--recipient", RECIPIENT, *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


class Effects(FactsCase):
    def test_a_trusted_client_passes_at_once_and_no_other(self):
        server = self.deciding(log_format="json")
        self.known(server, TRUSTED, ("", "dnswl list.example", "medium"), ("", "dnswl other.example", "none"),
                   ("", "p0f_os", "Linux 3.11 and newer"), ("", "p0f_distance", "9"), (DOMAIN, "spf", "softfail"))
        self.known(server, OTHER, ("", "dnswl list.example", "low"))
        self.assertIn("client DNS-whitelisted by SQLgrey-", self.ask(server, TRUSTED))
        self.assertIn("Greylisted for 5 minutes", self.ask(server, OTHER))
        self.assertEqual([row[2] for row in server.tables.rows("connect")], [OTHER])
        server.wait_for_log('"verdict": "first_attempt"')
        line = json.loads(next(line for line in server.log().splitlines() if '"verdict": "dnswl"' in line))
        self.assertEqual({name: line.get(name) for name in ("action", "dnswl", "spf", "p0f_os", "p0f_distance", "dnsbl")},
                         {"action": "pass", "dnswl": "medium", "spf": "softfail", "p0f_os": "Linux 3.11 and newer",
                          "p0f_distance": 9, "dnsbl": None})

    def test_a_client_found_out_to_be_trusted_passes_at_its_retry_however_early(self):
        server = self.deciding()
        self.assertIn("Greylisted", self.ask(server, TRUSTED))
        self.known(server, TRUSTED, ("", "dnswl list.example", "high"))
        self.assertIn("DNS-whitelisted", self.ask(server, TRUSTED))
        self.assertEqual(server.tables.rows("connect"), [])
        self.assertIn("from auto-whitelisted", self.ask(server, TRUSTED))

    def test_a_listed_client_waits_longer_and_is_not_promoted(self):
        server = self.deciding(dnsbl_threshold=3)
        self.known(server, LISTED, ("", "dnsbl bl.example", "2 127.0.0.2"), ("", "dnsbl zen.example", "1 127.0.0.4"))
        self.known(server, OTHER, ("", "dnsbl bl.example", "2 127.0.0.2"))
        self.assertIn("Greylisted for 60 minutes", self.ask(server, LISTED))
        self.assertIn("Greylisted for 5 minutes", self.ask(server, OTHER))
        server.tables.age("connect", 1800)
        self.assertIn("Greylisted for 60 minutes", self.ask(server, LISTED))
        self.assertRegex(self.ask(server, OTHER), "^PREPEND X-Greylist: delayed 00:30:0")
        server.tables.age("connect", 1801)
        for _ in range(2):
            self.assertRegex(self.ask(server, LISTED), "^PREPEND X-Greylist: delayed 01:00:0|^dunno")
        self.assertEqual({row[2] for row in server.tables.rows("from_awl")}, {OTHER})

    def test_who_may_not_send_for_the_domain_waits_longer(self):
        server = self.deciding(greylist_text="Greylisted for %m min")
        self.known(server, OTHER, (DOMAIN, "spf", "fail"))
        self.assertIn("Greylisted for 20 min", self.ask(server, OTHER))
        server.tables.age("connect", 600)
        self.assertRegex(self.ask(server, OTHER), r"Greylisted for (10|9) min")
        server.tables.age("connect", 601)
        self.assertRegex(self.ask(server, OTHER), "^PREPEND X-Greylist: delayed")
        self.assertEqual(len(server.tables.rows("from_awl")), 1)

    def test_without_enrich_and_with_facts_that_have_expired_nothing_changes(self):
        server = self.start(workers=1)
        for client in (TRUSTED, LISTED):
            self.known(server, client, ("", "dnswl list.example", "high"), ("", "dnsbl bl.example", "2 127.0.0.2"))
            self.assertIn("Greylisted for 5 minutes", self.ask(server, client))
        server.stop()
        server.tables.execute("update fact set expires_at = 1700000000")
        server.configure(enrich="on", dns_servers=self.dns.address, **EFFECTS)
        server.start()
        self.assertIn("Greylisted for 5 minutes", self.ask(server, TRUSTED))


class Identity(FactsCase):
    def known_hosts(self, server):
        for client in (TRUSTED, LISTED, OTHER):
            self.known(server, client)
        self.covers(server, "11.2.4.0", "11.2.5.255")
        self.covers(server, TRUSTED, TRUSTED)

    def hosts_of_the_domain_are_one(self, server, name):
        self.known_hosts(server)
        self.assertIn("Greylisted", self.ask(server, TRUSTED, client_name=name(TRUSTED)))
        self.assertEqual({row[2] for row in server.tables.rows("connect")} & {"=example.org"}, {"=example.org"})
        self.assertIn("Greylisted", self.ask(server, LISTED, client_name=name(LISTED)))
        server.tables.age("connect", 301)
        self.assertRegex(self.ask(server, LISTED, client_name=name(LISTED)), "^PREPEND X-Greylist: delayed 00:05:0")
        self.assertIn("from auto-whitelisted", self.ask(server, OTHER, client_name=name(OTHER)))
        self.assertIn("from auto-whitelisted", self.ask(server, OTHER, client_name=name(OTHER)))
        sources = {row[2] for row in server.tables.rows("from_awl")}
        self.assertIn("=example.org", sources)
        self.assertEqual(len(sources), 3)
        self.assertIn("Greylisted", self.ask(server, "11.9.9.9", client_name=name("11.9.9.9")))
        self.assertIn("Greylisted", self.ask(server, OTHER, client_name=name(OTHER), sender="bert@example.org"))

    def test_covered_clients_without_a_name(self):
        self.hosts_of_the_domain_are_one(self.deciding(), lambda client: "unknown")

    def test_covered_clients_of_different_pools(self):
        server = self.deciding(pools="on")
        self.hosts_of_the_domain_are_one(server, lambda client: f"mx.provider{client.split('.')[2]}.example")

    def test_mail_without_a_sender_has_no_domain(self):
        server = self.deciding()
        self.known_hosts(server)
        self.assertIn("Greylisted", self.ask(server, TRUSTED, sender=""))
        self.assertEqual([row[2] for row in server.tables.rows("connect")], [TRUSTED])


class FirstContact(FactsCase):
    def test_a_first_attempt_is_accepted_at_once_if_its_facts_come_in_time(self):
        clients = [f"11.2.3.{number}" for number in range(20)]
        for client in clients:
            self.zone.add(".".join(reversed(client.split("."))) + ".list.dnswl.org", "A", "127.0.5.2")
        self.zone.add(DOMAIN, "TXT", "v=spf1 ip4:11.2.4.0/24 -all")
        server = self.deciding(dnswl="list.dnswl.org", first_contact_wait="2s", db_timeout="10s")
        # Several, because on a busy machine 2 s may not be enough.
        self.assertTrue(any("DNS-whitelisted" in self.ask(server, client, sender="alice@shop.example") for client in clients))
        now = int(time.time())
        server.tables.execute("insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) "
                              "values ('alice', 'example.org', '=example.org', ?, ?)", now - 1000, now - 1000)
        self.assertTrue(any("from auto-whitelisted" in self.ask(server, f"11.2.4.{number}") for number in range(20)))

    def test_the_wait_ends_and_others_are_answered_meanwhile(self):
        self.dns.silent = True
        server = self.deciding(dnswl="list.dnswl.org", first_contact_wait="1s", db_timeout="10s")
        with policy.Conversation(server.address) as held, policy.Conversation(server.address) as other:
            held.send(policy.request(client_address=TRUSTED, sender=SENDER, recipient=RECIPIENT))
            self.known(server, OTHER)
            self.assertIn("Greylisted", other.ask(client_address=OTHER, sender=SENDER, recipient=RECIPIENT))
            self.assertIn("Greylisted", held.reply())
        self.assertIn("Greylisted", self.ask(server, LISTED, stress="yes"))
        self.assertEqual(server.tables.count("connect"), 3)
        server.wait_for_log(f"grey: new: .*{LISTED}")
        self.assertEqual(len(re.findall("grey: new", server.log())), 3)

    def test_held_requests_are_answered_at_a_stop(self):
        self.dns.silent = True
        server = self.deciding(dnswl="list.dnswl.org", first_contact_wait="2s", db_timeout="10s")
        with policy.Conversation(server.address) as held:
            held.send(policy.request(client_address=TRUSTED, sender=SENDER, recipient=RECIPIENT))
            server.ask(client_address=OTHER, recipient="")  # read after it
            server.stop()
            self.assertIn("Greylisted", held.reply())
        self.assertEqual([row[2] for row in server.tables.rows("connect")], ["11.2.3"])


class Sqlgreyctl(FactsCase):
    def test_explain_shows_the_facts_and_the_delay_that_follows_from_them(self):
        server = self.deciding()
        self.known(server, LISTED, ("", "dnsbl bl.example", "2 127.0.0.2"), (DOMAIN, "spf", "fail"))
        before = self.explained(server, LISTED)
        self.assertIn("A retry passes 1 hour after it (dnsbl_delay: the client is on bl.example)", " ".join(before.split()))
        self.assertIn("What is known about the client", before)
        self.ask(server, LISTED)
        text = " ".join(self.explained(server, LISTED).split())
        self.assertRegex(text, r"and dnsbl_delay is 1 hour \(the client is on bl.example\)\. A retry passes from \S+ \(in "
                               r"(1 hour|59 minutes)")
        steps = [json.loads(line) for line in self.explained(server, LISTED, "--format", "json").splitlines()]
        facts = {one["name"]: one["result"] for one in steps if one["step"] == "fact"}
        self.assertEqual(facts, {"dnswl": "none", "dnsbl": "2", "spf": "fail", "spf_covers": "no"})
        self.known(server, TRUSTED, ("", "dnswl list.example", "high"))
        self.assertIn("a DNS whitelist has the client with trust high (dnswl_pass = medium)",
                      " ".join(self.explained(server, TRUSTED).split()))
        unknown = [json.loads(line) for line in self.explained(server, OTHER, "--format", "json").splitlines()]
        self.assertEqual({one["result"] for one in unknown if one["step"] == "fact"}, {"unknown"})
        server.stop()
        server.configure(enrich="off")
        self.assertNotIn("What is known", self.explained(server, LISTED))

    def test_release_lets_a_listed_client_pass_too(self):
        server = self.deciding(reply_id="on")
        self.known(server, LISTED, ("", "dnsbl bl.example", "2 127.0.0.2"))
        reply = self.ask(server, LISTED)
        self.assertEqual(ctl.run(server, "release", "--sender", SENDER).returncode, 0)
        found = ctl.run(server, "explain", "--id", reply[-9:-1])
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertRegex(self.ask(server, LISTED), "^PREPEND X-Greylist: delayed")

    def test_a_log_line_of_a_trusted_client_can_be_explained(self):
        server = self.deciding()
        self.known(server, TRUSTED, ("", "dnswl list.example", "high"))
        self.ask(server, TRUSTED)
        server.wait_for_log("grey: dnswl match: ")
        line = next(line for line in server.log().splitlines() if "dnswl match" in line)
        done = ctl.run(server, "explain", "--log", line)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    case.main()
