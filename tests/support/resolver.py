"""Daemons with a resolver that asks the DNS server of a test."""

import re
import time

from support import case, dns_server
from support.daemon import wait_until

CLIENT = "11.2.3.4"
TESTED = "127.0.0.1"  # the address that a list which works does not have
SETTINGS = {"enrich": "on", "workers": 1, "reconnect_delay": 5, "spf_identity": "on", "dnswl": "list.dnswl.org",
            "dnsbl": "zen.spamhaus.org, bl.example*2"}


def reversed_name(client, zone):
    return ".".join(reversed(client.split("."))) + "." + zone


def is_test(name):
    """Whether the question tests a list, and is about no client."""
    return name.startswith(reversed_name(TESTED, ""))


def title(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return file.read().rstrip("\0")
    except OSError:
        return ""


def resolver_of(daemon):
    """The process id of its resolver."""
    return wait_until(lambda: next((pid for pid in daemon.children() if title(pid) == "sqlgrey: resolver"), None),
                      "the resolver lives")


class ResolverCase(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.zone = dns_server.Zone()
        self.dns = self.enterContext(dns_server.Server(self.zone))

    def asking(self, name="daemon", **settings):
        """A daemon that asks the test's DNS server, started."""
        return self.daemon(name, settings={**SETTINGS, "dns_servers": self.dns.address, **settings}).start()

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

    def questions(self, pattern):
        """Without tests of lists."""
        return [name for name, _ in list(self.dns.asked) if re.search(pattern, name) and not is_test(name)]

    def times_tested(self, zone):
        """How often the list was asked whether it has 127.0.0.1."""
        return [name for name, _ in list(self.dns.asked)].count(reversed_name(TESTED, zone))

    def listed(self, client, zone, *codes):
        for code in codes:
            self.zone.add(reversed_name(client, zone), "A", code)
