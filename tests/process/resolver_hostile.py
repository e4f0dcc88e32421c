"""The resolver child with DNS servers that lie, are silent or send too much, with a flood of strangers, and when it dies
or does not run."""

import os
import re
import signal
import time

from support import case, metrics, policy
from support.daemon import LIMIT, wait_until
from support.ports import free_port
from support.resolver import CLIENT, SETTINGS, ResolverCase, resolver_of, reversed_name, title


def resident_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) * 1024


class HostileServers(ResolverCase):
    def assert_small(self, resolver):
        memory = resident_memory(resolver)
        print(f"the resolver had {memory >> 20} MB at most")
        self.assertLess(memory, 150 << 20)

    def test_servers_that_are_silent_send_garbage_or_cut_answers(self):
        behaviours = ("SILENT", "GARBAGE", "ENDLESS", "REFUSED", "CUT")
        for number, behaviour in enumerate(behaviours):
            self.zone.add(reversed_name(f"11.0.0.{number}", "list.dnswl.org"), behaviour)
            self.zone.add(f"d{number}.example", behaviour)
        daemon = self.asking(dns_timeout="1s", dnswl_pass="none")
        for number in range(5):
            self.assertIn("Greylisted", daemon.ask(client_address=f"11.0.0.{number}", sender=f"x@d{number}.example"))
        for number, behaviour in enumerate(behaviours):
            with self.subTest(behaviour=behaviour):
                self.assertEqual(self.done(daemon, f"11.0.0.{number}"),
                                 {"dnsbl bl.example": "-", "dnsbl zen.spamhaus.org": "-", "asked": "done"})
                self.assertEqual(self.done(daemon, f"11.0.0.{number}", f"d{number}.example")["spf"], "temperror")

    def test_connections_that_the_server_closes_spoil_no_other_question(self):
        """It answers one question for each connection, and closes it with others unread."""
        for number in range(6):
            self.zone.add(reversed_name(f"11.0.0.{number}", "list.dnswl.org"), "ENDLESS")
        daemon = self.asking(dns_timeout="5s", dnswl_pass="none")
        with policy.Conversation(daemon.address) as talk:
            talk.send(b"".join(policy.request(client_address=f"11.0.0.{number}", sender="x@unknown.example")
                               for number in range(30)))
        for number in range(30):
            self.assertIn("dnsbl bl.example", self.done(daemon, f"11.0.0.{number}"))

    def test_large_answers_of_a_server_that_closes_the_connection_after_each(self):
        for number in range(30):
            self.zone.add(f"d{number}.example", "TXT", "v=spf1 " + " ".join(f"ip4:11.2.{n}.0/24" for n in range(200)) + " -all")
        daemon = self.asking(dns_timeout="10s", dnswl=None, dnsbl=None)
        with policy.Conversation(daemon.address) as talk:
            talk.send(b"".join(policy.request(client_address=CLIENT, sender=f"x@d{number}.example") for number in range(30)))
        for number in range(30):
            self.assertEqual(self.done(daemon, "", f"d{number}.example")["spf"], "200")

    def test_answers_over_tcp(self):
        self.zone.add("example.org", "TXT", "v=spf1 " + " ".join(f"ip4:11.2.{n}.0/24" for n in range(200)) + " -all")
        daemon = self.asking()
        daemon.ask(client_address=CLIENT)
        self.assertEqual(self.done(daemon, "", "example.org")["spf"], "200")

    def test_huge_answers_need_little_memory(self):
        """Each domain answers 64 kB, for each of its terms."""
        daemon = self.asking(dns_timeout="1s")
        resolver = resolver_of(daemon)
        for number in range(300):
            self.zone.add(f"d{number}.example", "HUGE")
        with policy.Conversation(daemon.address) as talk:
            for number in range(300):
                talk.ask(client_address=f"11.0.{number // 200}.{number % 200}", sender=f"x@d{number}.example")
        for number in range(300):
            self.assertIn(self.done(daemon, f"11.0.{number // 200}.{number % 200}", f"d{number}.example")["spf"],
                          ("permerror", "temperror"))
        self.assert_small(resolver)

    def test_dns_that_does_not_answer_is_told_once(self):
        daemon = self.asking(dns_timeout="300ms")
        self.dns.stop_answering()
        numbers = iter(range(10_000))

        def log_has(text):
            daemon.ask(client_address=f"11.0.1.{next(numbers) % 250}", sender=f"x@d{next(numbers)}.example")
            time.sleep(0.2)
            return text in daemon.log()
        wait_until(lambda: log_has("system: warning: DNS has answered none of the last 20 questions; "), daemon.log)
        self.dns.silent = False
        wait_until(lambda: log_has("system: DNS answers again"), daemon.log)
        self.assertEqual(daemon.log().count("DNS has answered none"), 1)

    def test_a_flood_of_strangers_while_dns_is_silent(self):
        """Replies do not wait, the queue is bounded, and what does not fit is counted."""
        place = f"127.0.0.1:{free_port()}"
        daemon = self.asking(dns_timeout="10s", metrics_listen=place, db_timeout="10s")
        resolver = resolver_of(daemon)
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
        self.assert_small(resolver)
        self.assertEqual(resolver, resolver_of(daemon))


class Life(ResolverCase):
    def test_a_resolver_that_dies_is_replaced_and_decisions_go_on(self):
        daemon = self.asking()
        for number in range(5):
            os.kill(resolver_of(daemon), signal.SIGKILL)
            self.assertIn("Greylisted", daemon.ask(client_address=f"11.0.0.{number}"))
        daemon.ask(client_address="11.0.1.1")
        self.done(daemon, "11.0.1.1")

    def test_what_a_killed_resolver_had_claimed_is_asked_again_after_half_a_minute(self):
        self.zone.add(reversed_name(CLIENT, "bl.example"), "SILENT")
        daemon = self.asking(dns_timeout="10s")
        daemon.ask(client_address=CLIENT)
        wait_until(lambda: self.questions("bl.example"), "it is asked")
        os.kill(resolver_of(daemon), signal.SIGKILL)
        self.zone.names.clear()
        claimed = daemon.tables.execute("select expires_at from fact where client = ? and domain = ''", CLIENT)
        self.assertLess(claimed[0][0], time.time() + 31)
        daemon.tables.execute("update fact set expires_at = expires_at - 31")
        daemon.ask(client_address=CLIENT)
        self.done(daemon)

    def test_a_frozen_resolver_delays_nobody(self):
        daemon = self.asking(metrics_listen=f"127.0.0.1:{free_port()}")
        resolver = resolver_of(daemon)
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
        before = resolver_of(daemon)
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: title(before) == "" and resolver_of(daemon), "a new resolver")
        daemon.ask(client_address="11.0.0.1")
        self.assertEqual(self.done(daemon, "11.0.0.1"), {"dnsbl other.example": "-", "asked": "done"})
        # Of a client that is known only the new list is asked, once what was asked is looked at again.
        asked = len(self.questions(r"^4\.3\.2\.11\."))
        daemon.tables.execute("update fact set expires_at = expires_at - 901 where source = 'asked'")
        daemon.ask(client_address=CLIENT)
        self.assertIn("dnsbl other.example", self.done(daemon))
        self.assertEqual(len(self.questions(r"^4\.3\.2\.11\.")), asked + 1)
        daemon.configure(enrich="off")
        before = resolver_of(daemon)
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: title(before) == "", "no resolver")
        self.assertEqual(daemon.stop(), 0)

    def test_a_daemon_that_takes_the_place_of_another_asks_on(self):
        self.listed(CLIENT, "zen.spamhaus.org", "127.255.255.254")
        daemon = self.daemon(settings={**SETTINGS, "dns_servers": self.dns.address})
        pid_file = ("--pidfile", daemon.pid_file)
        old = daemon.start(*pid_file).process
        daemon.ask(client_address=CLIENT)
        self.done(daemon)
        daemon.start("--replace", *pid_file)
        self.assertEqual(old.wait(LIMIT), 0, daemon.log())
        daemon.ask(client_address="11.0.0.1")
        self.assertEqual(self.done(daemon, "11.0.0.1"), {"dnswl list.dnswl.org": "-", "dnsbl bl.example": "-", "asked": "done"})
        self.assertEqual(len(self.questions("spamhaus")), 1)

    def test_it_stops_while_it_asks(self):
        self.zone.add(reversed_name(CLIENT, "bl.example"), "SILENT")
        daemon = self.asking(dns_timeout="10s")
        daemon.ask(client_address=CLIENT)
        wait_until(lambda: self.questions("bl.example"), "it is asked")
        self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("killed", daemon.log())


if __name__ == "__main__":
    case.main()
