"""DNS lists that list everybody, and servers that answer for names that do not exist: such a list is switched off, and what
it has said lets nobody pass."""

import os
import signal
import time

from support import case, metrics
from support.daemon import wait_until
from support.ports import free_port
from support.resolver import CLIENT, TESTED, ResolverCase, resolver_of, reversed_name, title

WHITE, BLACK, BAD = "list.dnswl.org", "bl.example", "bad.example"


class SwitchedOff(ResolverCase):
    def asking(self, name="daemon", **settings):
        return super().asking(name, **{"dnswl": None, "dnsbl": None, **settings})

    def asked_about(self, daemon, count, first=0):
        """Strangers, each asked about until all is known."""
        for number in range(first, first + count):
            self.assertIn("Greylisted", daemon.ask(client_address=f"11.0.0.{number}"))
            self.done(daemon, f"11.0.0.{number}")

    def told(self, daemon):
        return [line for line in daemon.log().splitlines() if "is not asked for an hour" in line]

    def test_a_list_that_works_is_tested_once(self):
        self.listed("127.0.0.2", BLACK, "127.0.0.2")
        daemon = self.asking(dnswl=WHITE, dnsbl=f"{BLACK}, zen.spamhaus.org")
        self.asked_about(daemon, 10)
        for zone in (WHITE, BLACK, "zen.spamhaus.org"):
            self.assertEqual((self.times_tested(zone), len(self.questions(zone))), (1, 10), zone)
        self.assertEqual(self.told(daemon), [])

    def test_a_blacklist_that_lists_everybody_is_switched_off_and_the_other_goes_on(self):
        self.zone.add(f"*.{BAD}", "A", "127.0.0.2")
        self.listed("11.0.0.3", BLACK, "127.0.0.4")
        place = f"127.0.0.1:{free_port()}"
        daemon = self.asking(dnsbl=f"{BAD}*5, {BLACK}", dnsbl_delay="60m", metrics_listen=place)
        self.asked_about(daemon, 6)
        self.assertEqual(self.times_tested(BAD), 1)
        asked = len(self.questions(BAD))  # about one client if it came before the answer about the list
        self.assertLessEqual(asked, 1)
        self.assertEqual((self.times_tested(BLACK), len(self.questions(BLACK))), (1, 6))
        self.assertEqual(self.facts(daemon, "11.0.0.0"), {f"dnsbl {BLACK}": "-", "asked": "done"})
        self.assertEqual(self.facts(daemon, "11.0.0.3"), {f"dnsbl {BLACK}": "1 127.0.0.4", "asked": "done"})
        self.assertEqual(len(self.told(daemon)), 1)
        self.assertRegex(self.told(daemon)[0], r"other: warning: dnsbl bad\.example answers 127\.0\.0\.2: it has 127\.0\.0\.1, "
                                               r"which no list that works has .*: delete it from the settings")
        host, port = place.split(":")
        shown = metrics.scrape((host, int(port)))
        self.assertEqual(shown[f'sqlgrey_dns_list_off{{list="dnsbl {BAD}"}}'], 1)
        self.assertEqual(shown[f'sqlgrey_dns_list_off{{list="dnsbl {BLACK}"}}'], 0)
        self.assertEqual(shown[f'sqlgrey_dns_list_answers_total{{list="dnsbl {BAD}",result="refused"}}'], 1)
        self.assertEqual(shown[f'sqlgrey_dns_list_answers_total{{list="dnsbl {BAD}",result="listed"}}'], 0)
        # Its successor knows that it is off, and tests the other itself.
        os.kill(resolver_of(daemon), signal.SIGKILL)
        self.asked_about(daemon, 1, 100)
        self.assertEqual((self.times_tested(BAD), len(self.questions(BAD)), self.times_tested(BLACK)), (1, asked, 2))

    def test_a_whitelist_that_lists_everybody_lets_nobody_pass(self):
        for number, code in enumerate(("127.0.5.3", "127.0.0.2")):
            zone = f"wl{number}.example"
            with self.subTest(code=code):
                self.zone.add(f"*.{zone}", "A", code)
                daemon = self.asking(f"daemon{number}", dnswl=f"{zone}={code}*high", dnswl_pass="low", first_contact_wait="2s",
                                     db_timeout="10s")
                for client in (f"11.{number}.0.1", f"11.{number}.0.2"):
                    for _ in range(2):
                        self.assertIn("Greylisted", daemon.ask(client_address=client))
                        self.assertEqual(self.done(daemon, client), {"asked": "done"})
                self.assertEqual(self.times_tested(zone), 1)
                self.assertLessEqual(len(self.questions(zone)), 1)
                daemon.stop()

    def test_what_a_list_has_said_before_it_is_found_to_list_everybody_does_not_count(self):
        """Facts of a time when it was not tested yet, or of another host; those of another list count."""
        self.zone.add(f"*.{BAD}", "A", "127.0.5.3")
        daemon = self.asking(dnswl=f"{BAD}, {WHITE}", dnswl_pass="low")
        wait_until(lambda: self.told(daemon), "it is tested without a question about a client")
        for client, zone in ((CLIENT, BAD), ("11.9.9.9", WHITE)):
            daemon.tables.execute("insert into fact (client, domain, source, value, expires_at) values (?, '', ?, 'high', ?)",
                                  client, f"dnswl {zone}", time.time() + 80_000)
        self.assertIn("Greylisted", daemon.ask(client_address=CLIENT))
        self.assertIn("Greylisted", daemon.ask(client_address=CLIENT))
        self.assertIn("DNS-whitelisted", daemon.ask(client_address="11.9.9.9"))
        before = resolver_of(daemon)
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: title(before) == "" and resolver_of(daemon), "a new generation")
        self.assertIn("Greylisted", daemon.ask(client_address=CLIENT))

    def test_a_whitelist_that_refuses_lets_nobody_pass_by_what_it_has_said_before(self):
        self.listed(CLIENT, WHITE, "127.0.5.3")
        self.listed("11.0.0.0", WHITE, "127.0.0.255")
        daemon = self.asking(dnswl=WHITE, dnswl_pass="low")
        daemon.ask(client_address=CLIENT)
        self.done(daemon)
        self.assertIn("DNS-whitelisted", daemon.ask(client_address=CLIENT))
        self.asked_about(daemon, 1)
        self.assertEqual(len(self.told(daemon)), 1)
        self.assertIn("Greylisted", daemon.ask(client_address=CLIENT, sender="new@example.net"))

    def test_listings_of_a_blacklist_that_refuses_count_on(self):
        self.listed(CLIENT, BLACK, "127.0.0.2")
        self.listed("11.0.0.0", BLACK, "127.255.255.255")
        daemon = self.asking(dnsbl=BLACK, dnsbl_delay="60m", reconnect_delay=1)
        daemon.ask(client_address=CLIENT)
        self.done(daemon)
        self.asked_about(daemon, 1)
        self.assertEqual(len(self.told(daemon)), 1)
        daemon.tables.age("connect", 600)
        self.assertIn("Greylisted for 60 minutes", daemon.ask(client_address=CLIENT))

    def test_a_list_whose_test_has_no_answer_is_used(self):
        for number, behaviour in enumerate(("SERVFAIL", "SILENT")):
            zone = f"l{number}.example"
            self.zone.add(reversed_name(TESTED, zone), behaviour)
            self.listed(CLIENT, zone, "127.0.0.2")
        daemon = self.asking(dnsbl="l0.example, l1.example", dns_timeout="1s")
        daemon.ask(client_address=CLIENT)
        self.assertEqual(self.done(daemon), {"dnsbl l0.example": "1 127.0.0.2", "dnsbl l1.example": "1 127.0.0.2",
                                             "asked": "done"})
        self.asked_about(daemon, 3)
        self.assertEqual(self.times_tested("l0.example"), 1)
        self.assertLessEqual(self.times_tested("l1.example"), 2)  # the second is sent because the first is lost
        self.assertEqual(self.told(daemon), [])


class Redirections(ResolverCase):
    def test_a_server_that_answers_for_names_that_do_not_exist(self):
        """With an address of the provider's, or with an alias of its host: for every list, and for senders' domains."""
        for number, records in enumerate(([("A", "198.51.100.80")], [("CNAME", "ads.provider.example")])):
            with self.subTest(records=records):
                self.zone.names.clear()
                self.zone.add("ads.provider.example", "A", "198.51.100.80")
                for kind, value in records:
                    self.zone.add("*.example", kind, value)
                    self.zone.add("*.org", kind, value)
                daemon = self.asking(f"daemon{number}", dnswl=WHITE, dnsbl=f"{BLACK}, zen.spamhaus.org", dnswl_pass="none",
                                     dnsbl_delay="60m")
                for client in (f"11.{number}.0.1", f"11.{number}.0.2"):
                    self.assertIn("Greylisted", daemon.ask(client_address=client))
                    self.assertEqual(self.done(daemon, client), {"asked": "done"})
                    self.assertNotIn("60 minutes", daemon.ask(client_address=client))
                said = [line for line in daemon.log().splitlines() if "is not asked for an hour" in line]
                self.assertEqual(len(said), 3)
                for line in said:
                    self.assertRegex(line, r"warning: dns[wb]l \S+ answers 198\.51\.100\.80: no list gives such an answer: .*"
                                           r"a DNS server answers for names that do not exist.*\(dns_servers\)")
                daemon.stop()


if __name__ == "__main__":
    case.main()
