"""The resolver child: which facts about unknown clients it finds, whom it asks and how often, what the facts change, and
lists that refuse."""

import os
import signal
import time

from support import case, dns_server, metrics
from support.daemon import wait_until
from support.ports import free_port
from support.resolver import CLIENT, ResolverCase, resolver_of, reversed_name, title


class Facts(ResolverCase):
    def test_lists_spf_and_networks_of_a_stranger(self):
        self.listed(CLIENT, "list.dnswl.org", "127.0.5.2")
        self.listed(CLIENT, "bl.example", "127.0.0.4", "127.0.0.2")
        self.zone.add("example.org", "TXT", "v=spf1 ip4:11.2.3.0/24 ip6:2a00:1::/32 -all")
        daemon = self.asking()
        self.assertIn("Greylisted", daemon.ask(client_address=CLIENT, helo_name="mx1.example.org"))
        self.assertEqual(self.done(daemon), {"dnswl list.dnswl.org": "medium", "dnsbl zen.spamhaus.org": "-",
                                             "dnsbl bl.example": "2 127.0.0.2,127.0.0.4", "asked": "done"})
        self.assertEqual(self.done(daemon, CLIENT, "example.org"), {"spf": "pass", "asked": "done"})
        self.assertEqual(self.done(daemon, "", "example.org"), {"spf": "2", "asked": "done"})
        self.assertEqual(daemon.tables.execute("select first_address, last_address from spf_network order by 1"),
                         [("00000000000000000000ffff0b020300", "00000000000000000000ffff0b0203ff"),
                          ("2a000001" + 24 * "0", "2a000001" + 24 * "f")])

    def test_facts_are_kept_by_their_ttl_and_errors_for_ten_minutes(self):
        self.listed(CLIENT, "list.dnswl.org", "127.0.5.1")
        self.zone.add(reversed_name(CLIENT, "zen.spamhaus.org"), "SERVFAIL")
        daemon = self.asking(dnsbl="zen.spamhaus.org")
        before = time.time()
        daemon.ask(client_address=CLIENT)
        self.done(daemon)
        kept = dict(daemon.tables.execute("select source, expires_at from fact where client = ? and domain = ''", CLIENT))
        passed = time.time() - before + 1
        self.assertEqual(set(kept), {"dnswl list.dnswl.org", "asked"})
        self.assertAlmostEqual(kept["dnswl list.dnswl.org"] - before, dns_server.TTL, delta=passed)
        self.assertAlmostEqual(kept["asked"] - before, dns_server.TTL, delta=passed)
        self.zone.names.clear()
        daemon.ask(client_address="11.2.3.5", sender="x@gone.example")
        self.done(daemon, "11.2.3.5")
        kept = daemon.tables.execute("select expires_at from fact where client = '11.2.3.5' and domain = ''")
        self.assertTrue(all(abs(expires - before - 900) < time.time() - before + 1 for expires, in kept), kept)

    def test_a_client_is_asked_about_once_and_only_what_has_expired_again(self):
        self.listed(CLIENT, "bl.example", "127.0.0.2")
        daemon = self.asking()
        for number in range(3):
            daemon.ask(client_address=CLIENT, sender=f"s{number}@d{number}.example")
            self.done(daemon, CLIENT, f"d{number}.example")
        self.done(daemon)
        self.assertEqual(len(self.questions(r"^4\.3\.2\.11\.")), 3)
        daemon.tables.execute("update fact set expires_at = expires_at - 86400 "
                              "where source in ('asked', 'dnsbl zen.spamhaus.org') and domain = ''")
        daemon.ask(client_address=CLIENT, sender="again@d9.example")
        self.done(daemon)
        self.assertEqual([len(self.questions(zone)) for zone in ("dnswl", "spamhaus", "bl.example")], [1, 2, 1])

    def test_a_zone_with_several_entries_is_asked_once(self):
        self.listed(CLIENT, "bl.example", "127.0.0.2", "127.0.0.11", "127.0.0.200")
        daemon = self.asking(dnsbl="bl.example=127.0.0.2,127.0.0.3*3, bl.example=127.0.0.10-11*2, bl.example=127.0.0.9",
                             dnswl="bl.example=127.0.0.200*low")
        daemon.ask(client_address=CLIENT)
        self.assertEqual(self.done(daemon), {"dnsbl bl.example": "5 127.0.0.2,127.0.0.11", "dnswl bl.example": "low",
                                             "asked": "done"})
        self.assertEqual(len(self.questions("bl.example")), 1)

    def test_lists_are_not_asked_about_internal_clients(self):
        daemon = self.asking()
        for client in ("10.1.2.3", "192.168.1.1", "127.0.0.1", "fd00::1"):
            daemon.ask(client_address=client)
        self.done(daemon, "10.1.2.3", "example.org")
        self.done(daemon, "10.1.2.3")
        self.assertEqual(self.questions("dnswl|spamhaus|bl.example"), [])
        self.assertEqual([self.times_tested(zone) for zone in ("list.dnswl.org", "zen.spamhaus.org", "bl.example")], 3 * [1])

    def test_a_known_sender_is_not_asked_about(self):
        daemon = self.asking()
        now = int(time.time())
        daemon.tables.execute("insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values "
                              "('alice', 'known.example', '11.2.3', ?, ?)", now, now)
        self.assertIn("auto-whitelisted", daemon.ask(client_address=CLIENT, sender="alice@known.example"))
        daemon.ask(client_address="11.9.9.9", sender="x@stranger.example")
        self.done(daemon, "11.9.9.9", "stranger.example")
        self.assertEqual(self.questions(r"^4\.3\.2\.11|known"), [])

    def test_without_enrich_there_is_no_resolver_and_no_fact(self):
        daemon = self.start(workers=1)
        daemon.ask(client_address=CLIENT)
        self.assertNotIn("sqlgrey: resolver", [title(pid) for pid in daemon.children()])
        self.assertEqual(daemon.tables.execute("select * from fact"), [])
        self.assertEqual(self.dns.asked, [])

    def test_with_privacy_no_address_or_domain_is_stored_in_clear(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough for it\n")
        os.chmod(key, 0o644)
        self.zone.add("example.org", "TXT", "v=spf1 ip4:11.2.3.0/24 -all")
        daemon = self.asking(privacy_key_file=key)
        daemon.ask(client_address=CLIENT)
        rows = lambda: daemon.tables.execute("select client, domain, source, value from fact where value = 'done'")
        wait_until(lambda: len(rows()) == 3, lambda: str(rows()))
        for client, domain, _, _ in daemon.tables.execute("select client, domain, source, value from fact"):
            self.assertRegex(client, "^([0-9a-f]{32})?$")
            self.assertRegex(domain, "^([0-9a-f]{32})?$")
        self.assertEqual(daemon.tables.execute("select count(distinct domain) from spf_network"), [(1,)])
        self.assertNotIn("example.org", daemon.log().replace("alice@example.org", ""))


class Letters(ResolverCase):
    def test_a_retry_from_another_covered_host_passes(self):
        self.zone.add("example.org", "TXT", "v=spf1 ip4:11.2.0.0/16 -all")
        daemon = self.asking(reconnect_delay=1)
        daemon.ask(client_address=CLIENT, client_name="unknown")
        wait_until(lambda: ("=example.org",) in daemon.tables.execute("select src from connect"),
                   lambda: str(daemon.tables.rows("connect")) + daemon.log())
        self.assertEqual(len({row[-1] for row in daemon.tables.rows("connect")}), 1)
        daemon.tables.age("connect", 100)
        self.assertIn("Greylisted", daemon.ask(client_address="11.3.0.1", client_name="unknown"))
        self.assertIn("delayed", daemon.ask(client_address="11.2.99.99", client_name="unknown"))

    def test_a_client_that_is_not_covered_has_no_row_of_the_domain(self):
        self.zone.add("example.org", "TXT", "v=spf1 ip4:11.2.0.0/16 -all")
        daemon = self.asking()
        daemon.ask(client_address="11.3.0.1")
        self.done(daemon, "11.3.0.1", "example.org")
        self.done(daemon, "", "example.org")
        daemon.ask(client_address=CLIENT, sender="alice@example.org")
        wait_until(lambda: daemon.tables.count("connect") == 3, lambda: str(daemon.tables.rows("connect")))
        self.assertEqual(len([row for row in daemon.tables.rows("connect") if row[2] == "=example.org"]), 1)


class Effects(ResolverCase):
    """What facts of real answers change, from the first attempt to the retry."""

    def later(self, daemon, seconds):
        """As if that time had passed."""
        daemon.tables.age("connect", seconds)
        daemon.tables.execute("update fact set expires_at = expires_at - ?", seconds)
        daemon.tables.execute("update spf_network set expires_at = expires_at - ?", seconds)

    def test_a_listed_client_waits_for_dnsbl_delay_whatever_the_ttl_of_the_list(self):
        self.listed(CLIENT, "bl.example", "127.0.0.2")
        daemon = self.asking(reconnect_delay=1, dnsbl_delay="60m", dnsbl_threshold=2)
        daemon.ask(client_address=CLIENT)
        self.done(daemon)
        for minutes in (10, 49):
            self.later(daemon, 60 * minutes)
            self.assertIn("Greylisted for 60 minutes", daemon.ask(client_address=CLIENT))
        self.later(daemon, 120)
        self.assertIn("delayed", daemon.ask(client_address=CLIENT))
        self.assertEqual(daemon.tables.count("from_awl"), 0)

    def test_a_sender_whose_record_excludes_the_client_waits_for_spf_fail_delay(self):
        self.zone.add("example.org", "TXT", "v=spf1 -all")
        daemon = self.asking(reconnect_delay=1, spf_fail_delay="30m")
        daemon.ask(client_address=CLIENT)
        self.done(daemon, CLIENT, "example.org")
        self.later(daemon, 25 * 60)
        self.assertIn("Greylisted for 30 minutes", daemon.ask(client_address=CLIENT))
        self.later(daemon, 6 * 60)
        self.assertIn("delayed", daemon.ask(client_address=CLIENT))

    def test_a_trusted_client_does_not_wait(self):
        self.listed(CLIENT, "list.dnswl.org", "127.0.5.2")
        self.listed("11.4.3.5", "list.dnswl.org", "127.0.5.1")
        daemon = self.asking(dnswl_pass="medium")
        for client in (CLIENT, "11.4.3.5"):
            daemon.ask(client_address=client)
            self.done(daemon, client)
            self.done(daemon, client, "example.org")
        self.assertIn("DNS-whitelisted", daemon.ask(client_address=CLIENT))
        self.assertIn("Greylisted", daemon.ask(client_address="11.4.3.5", recipient="else@example.net"))

    def test_a_first_contact_that_is_trusted_passes_at_once(self):
        for number in range(250):
            self.listed(f"11.0.0.{number}", "list.dnswl.org", "127.0.5.3")
        daemon = self.asking(dnswl_pass="high", first_contact_wait="2s", db_timeout="10s")
        clients = iter(range(250))  # of a busy machine not the first one may be in time
        wait_until(lambda: "DNS-whitelisted" in daemon.ask(client_address=f"11.0.0.{next(clients)}"), daemon.log)
        self.assertIn("Greylisted", daemon.ask(client_address="11.2.3.5"))

    def test_networks_count_until_a_retry_hours_later(self):
        self.zone.add("example.org", "TXT", "v=spf1 ip4:11.2.0.0/16 -all")
        daemon = self.asking(reconnect_delay=1)
        daemon.ask(client_address=CLIENT, client_name="unknown")
        wait_until(lambda: ("=example.org",) in daemon.tables.execute("select src from connect"), "it waits")
        self.later(daemon, 5 * 3600)
        self.assertIn("delayed", daemon.ask(client_address="11.2.99.99", client_name="unknown"))


class Refusals(ResolverCase):
    def test_a_list_that_refuses_is_switched_off_and_told_once(self):
        daemon = self.asking(metrics_listen=f"127.0.0.1:{free_port()}", dnsbl_delay="1h")
        for number in range(10):
            self.listed(f"11.0.0.{number}", "zen.spamhaus.org", "127.255.255.254")
            self.listed(f"11.0.0.{number}", "list.dnswl.org", "127.0.0.255")
        daemon.ask(client_address="11.0.0.0")
        self.assertEqual(self.done(daemon, "11.0.0.0"), {"dnsbl bl.example": "-", "asked": "done"})
        for number in range(1, 10):
            daemon.ask(client_address=f"11.0.0.{number}")
            self.done(daemon, f"11.0.0.{number}")
        self.assertEqual(len(self.questions("spamhaus")), 1)
        self.assertEqual(len(self.questions("dnswl")), 1)
        self.assertEqual(len(self.questions("bl.example")), 10)
        said = [line for line in daemon.log().splitlines() if "is not asked for an hour" in line]
        self.assertEqual(len(said), 2)
        self.assertRegex("\n".join(said), r"other: warning: dnsbl zen\.spamhaus\.org answers 127\.255\.255\.254: "
                                          r"the list answers no public resolver: .*dns_servers")
        host, port = daemon.settings["metrics_listen"].split(":")
        wait_until(lambda: metrics.scrape((host, int(port)))["sqlgrey_facts_seconds_count"] == 10, "all are counted")
        shown = metrics.scrape((host, int(port)))
        self.assertEqual(shown['sqlgrey_dns_list_answers_total{list="dnsbl zen.spamhaus.org",result="refused"}'], 1)
        self.assertEqual(shown['sqlgrey_dns_list_answers_total{list="dnsbl bl.example",result="not_listed"}'], 10)
        self.assertEqual(shown['sqlgrey_dns_list_off{list="dnswl list.dnswl.org"}'], 1)
        self.assertEqual(shown['sqlgrey_dns_list_off{list="dnsbl bl.example"}'], 0)
        self.assertGreater(shown["sqlgrey_facts_stored_total"], 20)
        # A resolver that takes the place of a killed one, or comes with a reload, remembers it.
        os.kill(resolver_of(daemon), signal.SIGKILL)
        wait_until(lambda: metrics.scrape((host, int(port)))['sqlgrey_child_deaths_total{child="resolver"}'] == 1,
                   "the death is counted")
        self.listed("11.0.1.1", "zen.spamhaus.org", "127.0.0.2")
        daemon.ask(client_address="11.0.1.1")
        self.done(daemon, "11.0.1.1")
        self.assertEqual(len(self.questions("spamhaus")), 1)

    def test_no_code_of_an_error_lets_a_client_pass(self):
        codes = ["127.0.0.255", "127.0.10.3", "127.255.255.254", "127.0.0.1", "127.0.5.4", "11.22.33.44", "127.1.5.3"]
        for number, code in enumerate(codes):
            with self.subTest(code=code):
                client = f"11.0.0.{number}"
                self.listed(client, "list.dnswl.org", code)
                daemon = self.asking(f"daemon{number}", dnswl_pass="none", dnsbl=None)
                self.assertIn("Greylisted", daemon.ask(client_address=client))
                self.assertEqual(self.done(daemon, client), {"asked": "done"})
                self.assertIn("Greylisted", daemon.ask(client_address=client))
                daemon.stop()


if __name__ == "__main__":
    case.main()
