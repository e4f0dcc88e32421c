"""The resolver child, with a DNS server of the test's own: which facts about unknown clients it finds, whom it asks and
how often, and what happens with servers that lie, are silent or send too much."""

import os
import re
import signal
import time

from support import case, dns_server, metrics, policy
from support.daemon import wait_until
from support.ports import free_port

CLIENT = "11.2.3.4"
ZONES = {"dnswl": "list.dnswl.org", "dnsbl": "zen.spamhaus.org, bl.example*2"}


def reversed_name(client, zone):
    return ".".join(reversed(client.split("."))) + "." + zone


def title(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return file.read().rstrip("\0")
    except OSError:
        return ""


def resident_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) * 1024


class ResolverCase(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.zone = dns_server.Zone()
        self.dns = self.enterContext(dns_server.Server(self.zone))

    def asking(self, name="daemon", **settings):
        """A daemon that asks the test's DNS server, started."""
        return self.daemon(name, settings={"enrich": "on", "dns_servers": self.dns.address, "workers": 1,
                                           "reconnect_delay": 5, "spf_identity": "on",
                                           **ZONES, **settings}).start()

    def facts(self, daemon, client=CLIENT, domain=""):
        """{source: value} of a subject, without those that have expired."""
        return dict(daemon.tables.execute("select source, value from fact where client = ? and domain = ? "
                                          "and expires_at > ?", client, domain, time.time()))

    def done(self, daemon, client=CLIENT, domain=""):
        """The facts, once all are there."""
        def complete():
            facts = self.facts(daemon, client, domain)
            return facts if facts.get("asked") == "done" else None
        return wait_until(complete, lambda: f"{client} {domain}: {self.facts(daemon, client, domain)}\n{daemon.log()}")

    def resolver(self, daemon):
        return wait_until(lambda: next((pid for pid in daemon.children() if title(pid) == "sqlgrey: resolver"), None),
                          "the resolver lives")

    def questions(self, pattern):
        return [name for name, _ in list(self.dns.asked) if re.search(pattern, name)]

    def listed(self, client, zone, *codes):
        for code in codes:
            self.zone.add(reversed_name(client, zone), "A", code)


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

    def test_lists_are_not_asked_about_internal_clients(self):
        daemon = self.asking()
        for client in ("10.1.2.3", "192.168.1.1", "127.0.0.1", "fd00::1"):
            daemon.ask(client_address=client)
        self.done(daemon, "10.1.2.3", "example.org")
        self.done(daemon, "10.1.2.3")
        self.assertEqual(self.questions("dnswl|spamhaus|bl.example"), [])

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
        self.listed(CLIENT, "list.dnswl.org", "127.0.5.3")
        daemon = self.asking(dnswl_pass="high", first_contact_wait="2s", db_timeout="10s")
        self.assertIn("DNS-whitelisted", daemon.ask(client_address=CLIENT))
        self.assertEqual(daemon.tables.count("connect"), 0)
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
        shown = metrics.scrape((host, int(port)))
        self.assertEqual(shown['sqlgrey_dns_list_answers_total{list="dnsbl zen.spamhaus.org",result="refused"}'], 1)
        self.assertEqual(shown['sqlgrey_dns_list_answers_total{list="dnsbl bl.example",result="not_listed"}'], 10)
        self.assertEqual(shown['sqlgrey_dns_list_off{list="dnswl list.dnswl.org"}'], 1)
        self.assertEqual(shown['sqlgrey_dns_list_off{list="dnsbl bl.example"}'], 0)
        self.assertEqual(shown["sqlgrey_facts_seconds_count"], 10)
        self.assertGreater(shown["sqlgrey_facts_stored_total"], 20)
        # A resolver that takes the place of a killed one, or comes with a reload, remembers it.
        os.kill(self.resolver(daemon), signal.SIGKILL)
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


class HostileServers(ResolverCase):
    def test_servers_that_are_silent_send_garbage_or_cut_answers(self):
        behaviours = ("SILENT", "GARBAGE", "ENDLESS", "REFUSED", "CUT")
        for number, behaviour in enumerate(behaviours):
            self.zone.add(reversed_name(f"11.0.0.{number}", "list.dnswl.org"), behaviour)
            self.zone.add(f"d{number}.example", behaviour)
        daemon = self.asking(dns_timeout="300ms", dnswl_pass="none")
        for number in range(5):
            self.assertIn("Greylisted", daemon.ask(client_address=f"11.0.0.{number}", sender=f"x@d{number}.example"))
        for number, behaviour in enumerate(behaviours):
            with self.subTest(behaviour=behaviour):
                self.assertEqual(self.done(daemon, f"11.0.0.{number}"),
                                 {"dnsbl bl.example": "-", "dnsbl zen.spamhaus.org": "-", "asked": "done"})
                self.assertEqual(self.done(daemon, f"11.0.0.{number}", f"d{number}.example")["spf"], "temperror")

    def test_answers_over_tcp(self):
        self.zone.add("example.org", "TXT", "v=spf1 " + " ".join(f"ip4:11.2.{n}.0/24" for n in range(200)) + " -all")
        daemon = self.asking()
        daemon.ask(client_address=CLIENT)
        self.assertEqual(self.done(daemon, "", "example.org")["spf"], "200")

    def test_huge_answers_need_little_memory(self):
        """Each domain answers 64 kB, for each of its terms."""
        daemon = self.asking(dns_timeout="1s")
        resolver = self.resolver(daemon)
        for number in range(300):
            self.zone.add(f"d{number}.example", "HUGE")
        with policy.Conversation(daemon.address) as talk:
            for number in range(300):
                talk.ask(client_address=f"11.0.{number // 200}.{number % 200}", sender=f"x@d{number}.example")
        for number in range(300):
            self.assertIn(self.done(daemon, f"11.0.{number // 200}.{number % 200}", f"d{number}.example")["spf"],
                          ("permerror", "temperror"))
        self.assertLess(resident_memory(resolver), 150 << 20)

    def test_a_flood_of_strangers_while_dns_is_silent(self):
        """Replies do not wait, the queue is bounded, and what does not fit is counted."""
        place = f"127.0.0.1:{free_port()}"
        daemon = self.asking(dns_timeout="1s", metrics_listen=place, db_timeout="10s")
        resolver = self.resolver(daemon)
        self.dns.stop_answering()
        with policy.Conversation(daemon.address) as talk:
            for start in range(0, 10_000, 50):
                talk.send(b"".join(policy.request(client_address=f"11.{n // 250}.{n % 250}.1", sender=f"x@d{n}.example",
                                                  client_name="unknown") for n in range(start, start + 50)))
                for _ in range(50):
                    self.assertIn("Greylisted", talk.reply())
        self.assertEqual(daemon.tables.count("connect"), 10_000)
        address = (place.split(":")[0], int(place.split(":")[1]))
        dropped = lambda: sum(value for name, value in metrics.scrape(address).items()
                              if name.startswith("sqlgrey_strangers_dropped"))
        wait_until(lambda: dropped() > 3000, "strangers are dropped")
        self.assertLess(resident_memory(resolver), 150 << 20)
        self.assertEqual(resolver, self.resolver(daemon))


class Life(ResolverCase):
    def test_a_resolver_that_dies_is_replaced_and_decisions_go_on(self):
        daemon = self.asking()
        for number in range(5):
            os.kill(self.resolver(daemon), signal.SIGKILL)
            self.assertIn("Greylisted", daemon.ask(client_address=f"11.0.0.{number}"))
        daemon.ask(client_address="11.0.1.1")
        self.done(daemon, "11.0.1.1")

    def test_what_a_killed_resolver_had_claimed_is_asked_again_after_half_a_minute(self):
        self.zone.add(reversed_name(CLIENT, "bl.example"), "SILENT")
        daemon = self.asking(dns_timeout="10s")
        daemon.ask(client_address=CLIENT)
        wait_until(lambda: self.questions("bl.example"), "it is asked")
        os.kill(self.resolver(daemon), signal.SIGKILL)
        self.zone.names.clear()
        claimed = daemon.tables.execute("select expires_at from fact where client = ? and domain = ''", CLIENT)
        self.assertLess(claimed[0][0], time.time() + 31)
        daemon.tables.execute("update fact set expires_at = expires_at - 31")
        daemon.ask(client_address=CLIENT)
        self.done(daemon)

    def test_a_frozen_resolver_delays_nobody(self):
        daemon = self.asking(metrics_listen=f"127.0.0.1:{free_port()}")
        resolver = self.resolver(daemon)
        os.kill(resolver, signal.SIGSTOP)
        self.addCleanup(os.kill, resolver, signal.SIGCONT)
        with policy.Conversation(daemon.address) as talk:
            for number in range(3000):
                self.assertIn("Greylisted", talk.ask(client_address=f"11.0.{number // 250}.{number % 250}",
                                                     sender=f"{'x' * 60}@d{number}.example"))
        host, port = daemon.settings["metrics_listen"].split(":")
        shown = metrics.scrape((host, int(port)))
        self.assertGreater(shown['sqlgrey_strangers_dropped_total{reason="not_read"}'], 0)

    def test_a_reload_changes_what_is_asked(self):
        daemon = self.asking()
        daemon.ask(client_address=CLIENT)
        self.done(daemon)
        daemon.configure(dnswl=None, dnsbl="other.example")
        before = self.resolver(daemon)
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: title(before) == "" and self.resolver(daemon), "a new resolver")
        daemon.ask(client_address="11.0.0.1")
        self.assertEqual(self.done(daemon, "11.0.0.1"), {"dnsbl other.example": "-", "asked": "done"})
        daemon.configure(enrich="off")
        before = self.resolver(daemon)
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: title(before) == "", "no resolver")
        self.assertEqual(daemon.stop(), 0)

    def test_it_stops_while_it_asks(self):
        self.zone.add(reversed_name(CLIENT, "bl.example"), "SILENT")
        daemon = self.asking(dns_timeout="10s")
        daemon.ask(client_address=CLIENT)
        wait_until(lambda: self.questions("bl.example"), "it is asked")
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("killed", daemon.log())


if __name__ == "__main__":
    case.main()
