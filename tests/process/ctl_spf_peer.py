"""sqlgreyctl spf beside Debian's pyspf and Mail::SPF: the same result for generated records, half of which have loops,
errors or names that do not exist. SQLGREY_SPF_ROUNDS=10000 compares as many with each; 1,000 take 20 s."""

import ipaddress
import json
import os
import random
import subprocess
import sys

from support import case, ctl, dns_server
from support.daemon import LIMIT

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's modules, for a Python that is not Debian's

ROUNDS = int(os.environ.get("SQLGREY_SPF_ROUNDS", 1000))
ROUNDS_OF_MAIL_SPF = int(os.environ.get("SQLGREY_SPF_ROUNDS", 300))
MAIL_SPF = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support", "mail_spf.pl")
HOSTS = ["h0.example.org", "h1.example.org", "h2.example.net"]
DOMAINS = [f"d{number}.example.org" for number in range(6)]
CLIENTS = ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.1.0.1", "fd00::1", "fd00:0:0:1::1"]


class Records:
    """What pyspf does otherwise, on purpose or by mistake, is left out: it counts redirect= that is not reached as a
    lookup, and the addresses of a PTR's names as void lookups; a record that includes itself is an error to it even if
    a term before matches, and %{d0} is none; it expands the macros of all terms before it looks at the first one, so
    that %{p} always asks."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def zone(self):
        zone = dns_server.Zone()
        for host in HOSTS:
            for _ in range(self.random.randrange(1, 3)):
                zone.add(host, "A", self.random.choice(CLIENTS[:4]))
            zone.add(host, "AAAA", self.random.choice(CLIENTS[4:]))
        for number, domain in enumerate(DOMAINS):
            if self.random.randrange(12):
                zone.add(domain, "TXT", self.record(number))
            for _ in range(self.random.randrange(3)):
                zone.add(domain, "MX", (10, self.random.choice(HOSTS + ["gone.example.org"])))
            if self.random.randrange(2):
                zone.add(domain, "A", self.random.choice(CLIENTS[:4]))
        for client in CLIENTS:
            zone.add(ipaddress.ip_address(client).reverse_pointer, "PTR", self.random.choice(HOSTS))
        zone.add("slow.example.org", "SERVFAIL")
        zone.add("1.0.0.10.e.example.org", "A", "127.0.0.2")
        zone.add("alice.e.example.org", "A", "127.0.0.2")
        return zone

    def record(self, number):
        terms = [self.random.choice("+++-~?").replace("+", self.random.choice(["", "+"])) + self.term(number)
                 for _ in range(self.random.randrange(4))]
        if self.random.randrange(8) == 0:
            terms.insert(self.random.randrange(len(terms) + 1), self.mistake())
        if self.random.randrange(4) == 0:
            terms = [term for term in terms if "all" not in term][:2] + ["redirect=" + self.domain(number)]
        elif self.random.randrange(3):
            terms.append(self.random.choice(["-all", "~all", "?all", "+all"]))
        return " ".join(["v=spf1", *terms])

    def domain(self, number):
        """Mostly a later one, so that chains end."""
        later = DOMAINS[number + 1:]
        if later and self.random.randrange(10):
            return self.random.choice(later)
        other = ["gone.example.org", "slow.example.org", *DOMAINS[:1], *DOMAINS[-1:]]
        return self.random.choice([domain for domain in other if domain != DOMAINS[number]])

    def term(self, number):
        lengths = self.random.choice(["", "", "/24", "//48", "/16//64", "/0", "//0"])
        host = self.random.choice(HOSTS + DOMAINS[:2] + ["gone.example.org", "slow.example.org"])
        kind = self.random.choice(["ip4", "ip4", "ip6", "a", "mx", "include", "include", "exists", "ptr"])
        if kind == "ip4":
            return "ip4:" + self.random.choice(CLIENTS[:4]) + self.random.choice(["", "/32", "/24", "/31", "/8", "/0"])
        if kind == "ip6":
            return "ip6:" + self.random.choice(CLIENTS[4:]) + self.random.choice(["", "/128", "/64", "/48", "/0"])
        if kind == "include":
            return "include:" + self.domain(number)
        if kind == "exists":
            return "exists:" + self.random.choice(["%{ir}", "%{l}", "%{i}", "%{l1r-}", "%{d2}", "%{h}", "%{v}",
                                                   "%{o2r}", "%{S}"]) + ".e.example.org"
        if kind == "ptr":
            return self.random.choice(["ptr", "ptr:example.org", "ptr:example.net"])
        return kind + self.random.choice(["", ":" + host, ":%{d}", ":%{h}"]) + lengths

    def mistake(self):
        return self.random.choice(["moo", "ip4:10.0.0.256", "ip4:10.0.0.1/33", "ip6:fd00::1/129", "a:%{x}.example.org",
                                   "a:%(d).example.org", "include", "include:", "exists", "mx:", "all:x", "a/33", "a//129",
                                   "x=%", "redirect:example.org", "exp=", "-", "a:example", "a:10.0.0.1", "ip4:fd00::1",
                                   "ptr/24", "mx/24/24", "1x=y", "=x", "x=y", "x-1_2.z=%{d}", "a:\xe4.example.org"])


class RecordsForMailSpf(Records):
    """It compares an IPv4 client with networks of ip6 as ::ffff:192.0.2.1, so that ip6:::/0 has it; and it notices an
    unknown macro only in a term that it comes to, where RFC 7208 wants an error before any term is looked at."""

    def term(self, number):
        term = super().term(number)
        return term.removesuffix("/0") if term.startswith("ip6:") else term

    def mistake(self):
        mistake = super().mistake()
        return mistake if "%{x}" not in mistake else "moo"


class MailSpf:
    """Mail::SPF in a process of its own. A context manager."""

    def __init__(self, server):
        self.port = server.address.split(":")[1]

    def __enter__(self):
        self.process = subprocess.Popen(["perl", MAIL_SPF, self.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=LIMIT)

    def result(self, client, helo, sender):
        self.process.stdin.write(f"{client}\t{helo}\t{sender}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def looked_up(zone):
    """pyspf's DNSLookup(), from the zone."""
    import spf

    def values(name, kind):
        name = name.lower().rstrip(".")
        if any(one == "SERVFAIL" for one, _ in zone.names.get(name, [])):
            raise spf.TempError("DNS SERVFAIL")
        for owner, one, value in zone.records(name, kind) or []:
            yield (owner, one), (value.encode("latin-1"),) if one == "TXT" else value

    return lambda name, kind, *_: list(values(name, kind))


class Peer(case.DaemonCase):
    def ours(self, server, client, helo, sender):
        done = subprocess.run([ctl.program(self.binary), "spf", sender, "--client", client, "--helo", helo, "--dns-server",
                               server.address, "--format", "json"], capture_output=True, text=True, check=False,
                              timeout=LIMIT, stdin=subprocess.DEVNULL)
        self.assertEqual(done.stderr, "")
        return [json.loads(line)["value"] for line in done.stdout.splitlines()]

    def test_the_same_result_for_generated_records(self):
        try:
            import spf
        except ImportError:
            self.skipTest("python3-spf is missing (package python3-spf)")
        def theirs(server, *asked):
            spf.DNSLookup = looked_up(server.zone)
            client, helo, sender = asked
            return spf.check2(client, sender, helo)[0]
        with dns_server.Server(dns_server.Zone()) as server:
            self.compare(server, Records, ROUNDS, lambda *asked: theirs(server, *asked))

    def test_the_same_result_as_mail_spf(self):
        if subprocess.run(["perl", "-MMail::SPF", "-e", "1"], capture_output=True, check=False).returncode != 0:
            self.skipTest("Mail::SPF is missing (package libmail-spf-perl)")
        with dns_server.Server(dns_server.Zone()) as server, MailSpf(server) as peer:
            self.compare(server, RecordsForMailSpf, ROUNDS_OF_MAIL_SPF, peer.result)

    def compare(self, server, kind_of_records, rounds, theirs):
        seen = {}
        for seed in range(rounds):
            records = kind_of_records(seed)
            server.zone = records.zone()
            asked = records.random.choice(CLIENTS), records.random.choice(HOSTS), "alice@" + DOMAINS[0]
            their_result = theirs(*asked)
            ours = self.ours(server, *asked)
            texts = [server.zone.names.get(domain) for domain in DOMAINS]
            self.assertEqual(ours[0], their_result, (seed, asked, ours, texts))
            seen[ours[0]] = seen.get(ours[0], 0) + 1
        print(seen)
        self.assertEqual(len(seen), 7, "some result never came up")


if __name__ == "__main__":
    case.main()
