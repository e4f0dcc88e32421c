"""The resolvers of two hosts on one database: each client is asked about once, what one finds out both use, a resolver
may die at any moment, and a database that is away does no harm."""

import os
import random
import signal
import unittest

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from support import case, dns_server
from support.daemon import wait_until
from support.resolver import is_test, resolver_of, reversed_name

STRANGERS = 40
ZONES = ("list.dnswl.org", "zen.spamhaus.org")


def client(number):
    return f"11.5.{number // 250}.{number % 250}"


class Resolvers(SharedDatabase):
    def setUp(self):
        super().setUp()
        self.zone = dns_server.Zone()
        self.dns = self.enterContext(dns_server.Server(self.zone))
        self.hosts = [self.sharer(name, workers=1, enrich="on", dns_servers=self.dns.address, dnswl=ZONES[0], dnsbl=ZONES[1],
                                  spf_identity="on").start() for name in ("one", "other")]
        self.talks = [self.talk(host)[0] for host in self.hosts]

    def done(self, address, domain=""):
        where = f"client = '{address}' and domain = '{domain}' and source = 'asked' and value = 'done'"
        wait_until(lambda: self.base.count("fact", where),
                   lambda: str(self.base.rows("select * from fact")) + self.hosts[0].log())

    def test_each_client_is_asked_about_once(self):
        for number in range(STRANGERS):
            self.zone.add(reversed_name(client(number), ZONES[0]), "A", "127.0.5.1")
            for talk in self.talks:
                self.assertEqual(talk.ask(client_address=client(number), client_name="unknown"), DEFER)
        for number in range(STRANGERS):
            self.done(client(number))
            self.done(client(number), "example.org")
        asked = [name for name, _ in list(self.dns.asked) if name.endswith(ZONES) and not is_test(name)]
        self.assertEqual(len(asked), STRANGERS * len(ZONES))
        tests = [name for name, _ in list(self.dns.asked) if name.endswith(ZONES) and is_test(name)]
        self.assertLessEqual(len(tests), len(self.hosts) * len(ZONES))
        self.assertEqual(self.base.count("fact", "source = 'dnswl list.dnswl.org' and value = 'low'"), STRANGERS)
        self.no_trouble(*self.hosts)

    def test_a_retry_at_the_other_host_from_another_host_of_the_domain(self):
        self.zone.add("example.org", "TXT", "v=spf1 ip4:11.0.0.0/12 -all")
        self.assertEqual(self.talks[0].ask(client_address="11.1.0.1", client_name="unknown"), DEFER)
        wait_until(lambda: self.base.count("connect", "src = '=example.org'"), "it waits under the domain")
        self.assertEqual(self.base.rows("select count(distinct first_seen) from connect"), [("1",)])
        self.base.age("connect", DELAY)
        self.assertIn("delayed", self.talks[1].ask(client_address="11.2.0.2", client_name="unknown"))

    def test_a_first_attempt_that_is_held_while_the_other_host_asks_for_the_networks(self):
        self.zone.add("example.org", "TXT", "v=spf1 ip4:11.0.0.0/12 include:late.example -all")
        self.zone.add("late.example", "SILENT")
        holding = self.sharer("holding", workers=1, enrich="on", dns_servers=self.dns.address, spf_identity="on",
                              first_contact_wait="2s", db_timeout="10s").start()
        asking = self.sharer("asking", workers=1, enrich="on", dns_servers=self.dns.address, spf_identity="on",
                             dns_timeout="10s").start()
        self.talk(asking)[0].ask(client_address="11.1.0.1", client_name="unknown", recipient="a@example.net")
        wait_until(lambda: ("late.example", "TXT") in self.dns.asked, "it asks for the networks")
        self.talk(holding)[0].ask(client_address="11.2.0.2", client_name="unknown", recipient="b@example.net")
        self.done("11.2.0.2", "example.org")
        self.zone.names["late.example"] = [("TXT", "v=spf1 ip4:11.16.0.0/16 -all")]
        wait_until(lambda: self.base.count("connect", "src = '=example.org'") == 2,
                   lambda: str(self.base.rows("select * from connect")) + holding.log())

    def test_resolvers_that_are_killed_at_random(self):
        chance = random.Random(19)
        for number in range(STRANGERS):
            if chance.randrange(8) == 0:
                os.kill(resolver_of(chance.choice(self.hosts)), signal.SIGKILL)
            self.assertEqual(chance.choice(self.talks).ask(client_address=client(number), client_name="unknown"), DEFER)
        # What a dead one had claimed is free again after half a minute.
        self.base.execute("update fact set expires_at = expires_at - 31 where value <> 'done'")
        for number in range(STRANGERS):
            self.talks[0].ask(client_address=client(number), client_name="unknown")
            self.done(client(number))


class Outages(Resolvers):
    """Of a server."""

    def test_sessions_that_are_ended_cost_nothing(self):
        self.talks[0].ask(client_address=client(0), client_name="unknown")
        self.done(client(0))
        self.base.end_sessions()
        self.talks[0].ask(client_address=client(1), client_name="unknown")
        self.done(client(1))
        self.assertNotIn("facts about unknown clients", self.hosts[0].log())


def on(base, which):
    return type(f"{which.__name__}On{base.__name__}", (which,), {"make_database": base})


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(on(base, which)) for base, which in
                              ((databases.PostgreSQL, Outages), (databases.MariaDB, Outages), (databases.SQLite, Resolvers)))


if __name__ == "__main__":
    case.main()
