"""sqlgreyctl spf, with a DNS server of the test's own: the test suite of RFC 7208, answers that are wrong, and what it
prints."""

import json
import os
import subprocess

from support import case, ctl, dns_server
from support.daemon import LIMIT

SUITE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "unit", "data", "spf", "rfc7208.tsv")


def read_field(text):
    return bytes(text, "ascii").decode("unicode_escape")


def add_record(zone, name, kind, *data):
    if kind == "silent":
        zone.add(name, "SERVFAIL")  # as good for the result, without waiting
    elif kind == "TXT":
        zone.add(name, kind, "".join(data))
    elif kind == "MX":
        zone.add(name, kind, (int(data[0]), data[1]))
    else:
        zone.add(name, kind, data[0])


class Spf(case.DaemonCase):
    def spf(self, server, sender, client, *more):
        return subprocess.run([ctl.program(self.binary), "spf", sender, "--client", client, "--dns-server",
                               server.address, *more], capture_output=True, text=True, check=False, timeout=LIMIT,
                              errors="surrogateescape", stdin=subprocess.DEVNULL)

    def page(self, server, sender, client, *more):
        """([(what, value)], exit status)"""
        done = self.spf(server, sender, client, "--format", "json", *more)
        self.assertEqual(done.stderr, "")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return [(line["what"], line["value"]) for line in lines], done.returncode

    def result(self, server, sender, client="10.1.2.3", *more):
        return dict(self.page(server, sender, client, *more)[0])["result"]

    def zone(self, **names):
        zone = dns_server.Zone()
        for name, records in names.items():
            for kind, value in records:
                zone.add(name.replace("_", "."), kind, value)
        return zone

    def test_every_case_of_rfc_7208(self):
        cases = 0
        with dns_server.Server(dns_server.Zone()) as server, open(SUITE, encoding="ascii") as suite:
            for line in suite:
                if line.startswith("#"):
                    continue
                what, *fields = [read_field(field) for field in line.rstrip("\n").split("\t")]
                if what == "group":
                    server.zone = dns_server.Zone()
                elif what == "record":
                    add_record(server.zone, *fields)
                elif what == "case":
                    name, client, helo, sender, wanted = fields[:5]
                    with self.subTest(case=name):
                        got = self.result(server, sender or "<>", client, "--helo", helo)
                        self.assertIn(got, wanted.split(","))
                    cases += 1
        self.assertEqual(cases, 203)

    def test_what_it_prints(self):
        zone = self.zone(example_org=[("TXT", "v=spf1 mx include:one.example ip6:fd00::/48 -all exp=why.example.org"),
                                      ("MX", (10, "mx.example.org"))],
                         mx_example_org=[("A", "10.3.3.3")], one_example=[("TXT", "v=spf1 ip4:10.4.0.0/20")],
                         why_example_org=[("TXT", "%{i} is not\tours")])
        zone.names["why.example.org"] = [("TXT", "%{i} is not ours")]
        with dns_server.Server(zone) as server:
            covered = [("network", "10.3.3.3/32"), ("network", "10.4.0.0/20")]
            page, status = self.page(server, "alice@example.org", "10.4.1.2")
            self.assertEqual((page[:4], status), ([("result", "pass"), ("domain", "example.org"),
                                                   ("term", "include:one.example"), ("term", "ip4:10.4.0.0/20")], 0))
            self.assertEqual(page[4:6], covered)
            page, status = self.page(server, "<alice@example.org>", "10.9.9.9")
            self.assertEqual((page[:4], status), ([("result", "fail"), ("domain", "example.org"), ("term", "-all"),
                                                   ("explanation", "10.9.9.9 is not ours")], 1))
            page, status = self.page(server, "alice@nothing.example", "10.9.9.9")
            self.assertEqual((page[0], len(page), status), (("result", "none"), 3, 1))
            text = self.spf(server, "alice@example.org", "10.4.1.2").stdout
            self.assertRegex(text, r"(?m)^result +pass$")
            page, status = self.page(server, "<>", "10.4.1.2", "--helo", "example.org")
            self.assertEqual((page[0], page[4:6], status), (("result", "pass"), covered, 0))

    def test_a_wrong_command_line_is_refused(self):
        with dns_server.Server(dns_server.Zone()) as server:
            for sender, client, more, word in (("a@example.org", "mx.example.org", (), "--client"),
                                               ("a@example.org", "10.1.2.3/24", (), "--client"), ("<>", "10.1.2.3", (), "--helo"),
                                               ("a" * 400 + "@example.org", "10.1.2.3", (), "sender"),
                                               ("a@example.org", "10.1.2.3", ("--helo", "h" * 300), "--helo")):
                done = self.spf(server, sender, client, *more)
                self.assertEqual((done.returncode, done.stdout), (2, ""), word)
                self.assertIn(word, done.stderr)
            self.assertEqual(server.asked, [])

    def test_wrong_and_huge_answers_are_temporary_errors(self):
        zone = self.zone()
        for kind in ("SERVFAIL", "REFUSED", "GARBAGE", "CUT"):
            zone.add(kind.lower() + ".example", kind)
        with dns_server.Server(zone) as server:
            for name in zone.names:
                with self.subTest(name=name):
                    done = self.spf(server, "a@" + name, "10.1.2.3")
                    self.assertEqual(done.returncode, 75, done.stdout + done.stderr)
                    self.assertRegex(done.stdout, r"(?m)^result +temperror$")

    def test_a_huge_answer_comes_over_tcp_and_is_no_record(self):
        zone = self.zone(large_example=[("TXT", "v=spf1 " + "ip4:10.9.9.9 " * 300 + "ip4:10.1.2.3 -all")])
        zone.add("huge.example", "HUGE")
        with dns_server.Server(zone) as server:
            self.assertEqual(self.result(server, "a@large.example"), "pass")
            self.assertEqual(self.result(server, "a@huge.example"), "permerror")

    def test_garbage_of_any_kind_ends_in_time(self):
        zone = self.zone()
        zone.add("endless.example", "ENDLESS")
        zone.add("garbage.example", "GARBAGE")
        with dns_server.Server(zone) as server:
            for _ in range(50):
                self.assertIn(self.result(server, "a@garbage.example"), ("temperror", "none"))
            self.assertIn(self.result(server, "a@endless.example"), ("temperror", "none"))

    def test_a_silent_server_is_given_up(self):
        zone = self.zone(example_org=[("TXT", "v=spf1 a:silent.example -all")])
        zone.add("silent.example", "SILENT")
        with dns_server.Server(zone) as server:
            self.assertEqual(self.result(server, "a@silent.example"), "temperror")
            page, status = self.page(server, "a@example.org", "10.1.2.3")
            self.assertEqual((page[0], status), (("result", "temperror"), 75))

    def test_control_characters_of_records_are_escaped(self):
        zone = self.zone(example_org=[("TXT", "v=spf1 \x1b[2J -all")], two_example=[("TXT", b"v=spf1 a:\xff\n")])
        with dns_server.Server(zone) as server:
            for name in ("example.org", "two.example"):
                for form in ("text", "json", "csv"):
                    done = self.spf(server, "a@" + name, "10.1.2.3", "--format", form)
                    self.assertIn("permerror", done.stdout)
                    self.assertNotRegex(done.stdout, "[\x00-\x09\x0b-\x1f]")


if __name__ == "__main__":
    case.main()
