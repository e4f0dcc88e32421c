"""Which requests Perl SQLgrey 1.8 and ours find suspicious with the same discrimination.regexp (see peer_files.py).

Perl reads that file in /etc/sqlgrey, whatever conf_dir says, so its conf_dir is mounted over that directory, in a
mount namespace of this test. It tries rules in an order that changes from start to start, so each rule is tested
separately."""

import os
import subprocess
import sys

from support import case
from support.daemon import PERL
from peer_files import DEFER, LISTED, UNSUSPICIOUS, WithFiles

ETC = "/etc/sqlgrey"
INSIDE = "SQLGREY_TEST_OWN_ETC"

REQUESTS = [
    {"helo_name": "mx1.example.org"},  # equal to client_name
    {"helo_name": "other.example.org"},
    {"helo_name": "MX1.Example.ORG"},
    {"helo_name": "nodots"},
    {"helo_name": ""},
    {},
    {"helo_name": "mx1.example.org", "client_name": "unknown"},
    {"helo_name": "unknown", "client_name": "unknown"},
    {"client_name": "198-51-100-7.dsl.example.com"},
    {"recipient": "info@example.net"},
    {"recipient": "INFO@example.net"},
    {"sender": "self@example.net", "recipient": "self@example.net"},
    {"sender": "Self@example.net", "recipient": "self@example.net"},
    {"sender": ""},
    {"encryption_protocol": ""},
    {"encryption_protocol": "TLSv1.3"},
    {"queue_id": "", "etrn_domain": ""},
    {"queue_id": "4a7F", "size": "0"},
]
# For each operator: matching and other requests, absent and empty attributes, capitals.
RULES = r"""
client_name =~ ^unknown$
client_name =~ \d+-\d+-\d+-\d+   # a line at home
helo_name !~ \w\.[a-z]{2,}$
  helo_name=~^.{0,6}$
recipient =~ ^(admin|info)@
sender == recipient
helo_name == client_name
helo_name != client_name
sender != no_such_attribute
queue_id == etrn_domain
encryption_protocol =~ ^$
encryption_protocol !~ 1\.3
queue_id !~ ^[A-Z]
""".strip().splitlines()


def enter_namespace():
    """Call first in main(): returns at once inside the namespace, and if not root."""
    if os.geteuid() != 0 or INSIDE in os.environ or not os.path.isdir(ETC):
        return
    done = subprocess.run(["unshare", "-m", sys.executable, *sys.argv], env={**os.environ, INSIDE: "1"}, check=False)
    sys.exit(done.returncode)


class Discrimination(WithFiles):
    def setUp(self):
        super().setUp()
        self.need_root("to let Perl find its file")

    def daemon(self, *arguments, **more):
        daemon = super().daemon(*arguments, **more)
        if daemon.binary == PERL:
            subprocess.run(["mount", "--bind", daemon.conf_dir, ETC], check=True)
            self.addCleanup(subprocess.run, ["umount", ETC], check=True)
        return daemon

    def with_rules(self, *rules, **settings):
        self.files["discrimination.regexp"] = "".join(rule + "\n" for rule in rules)
        self.both(discrimination="on", **settings)

    def verdicts(self):
        """The replies of both to all requests. No time passes, so nothing passes by having waited."""
        return [self.ask(**request) for request in REQUESTS]

    def test_each_rule_separately(self):
        for rule in RULES:
            with self.subTest(rule):
                self.with_rules(rule)
                self.assertEqual(set(self.verdicts()), {DEFER, UNSUSPICIOUS})
                self.compare_tables()

    def test_many_rules_with_comments_and_blank_lines(self):
        comments = ("# helo_name =~ .", "", "   ", "nonsense", "\t# more")
        self.with_rules(*(line for rule in (RULES[0], RULES[4], RULES[5]) for line in (*comments, rule)))
        replies = self.verdicts()
        self.assertEqual(replies.count(DEFER), 4, replies)
        self.compare_tables()

    def test_the_number_of_the_rule(self):
        self.with_rules("# one", "recipient =~ ^one@", "", "recipient =~ ^two@", "# more",
                        "sender == recipient # three", discrimination_add_rulenr="on")
        for number, request in enumerate(({"recipient": "one@example.net"}, {"recipient": "two@example.net"},
                                          {"sender": "a@b.example", "recipient": "a@b.example"}), 1):
            for _ in ("first attempt", "early retry"):
                self.assertEqual(self.ask(**request), f"{DEFER} ({number})")
        self.assertEqual(self.ask(recipient="three@example.net"), UNSUSPICIOUS)
        self.pass_time(301)
        self.assertIn("delayed 00:05:01", self.ask(recipient="one@example.net"))

    def test_of_several_matching_rules_ours_names_the_first(self):
        self.with_rules(*(f"client_name =~ .{{{length}}}" for length in range(1, 9)), discrimination_add_rulenr="on")
        self.assertEqual(self.to_ours.ask(), DEFER + " (1)")
        self.assertIn(self.to_perl.ask(), {f"{DEFER} ({number})" for number in range(1, 9)})

    def test_throttling_names_no_rule_and_whitelists_come_first(self):
        self.files = {"clients_ip_whitelist": "192.0.2.1\n"}
        self.with_rules("helo_name =~ bad", discrimination_add_rulenr="on", connect_src_throttle=1, greymethod="full")
        self.assertEqual(self.new(helo_name="bad", client_address="192.0.2.1"), LISTED)
        self.assertEqual(self.new(helo_name="bad"), DEFER + " (1)")
        self.assertIn("Throttling", self.new(helo_name="bad"))
        self.assertEqual(self.new(helo_name="good"), UNSUSPICIOUS)

    def test_opt_in_and_opt_out_come_first(self):
        self.with_rules("helo_name =~ bad", optmethod="optout")
        self.sql("insert into optout_email values ('bob@example.net')")
        self.assertIn("inactive", self.new(helo_name="good"))
        self.assertIn("inactive", self.new(helo_name="bad"))
        self.assertEqual(self.new(recipient="eve@example.net", helo_name="good"), UNSUSPICIOUS)
        self.assertEqual(self.new(recipient="eve@example.net", helo_name="bad"), DEFER)

    def test_without_prepend_and_switched_off(self):
        self.with_rules("helo_name =~ bad", prepend=0)
        self.assertEqual(self.new(helo_name="good"), "dunno")
        self.files = {"discrimination.regexp": "helo_name =~ bad\n"}
        self.both(discrimination="off")
        self.assertEqual(self.new(helo_name="good"), DEFER)

    def test_at_usr1(self):
        self.with_rules("helo_name =~ ^one$")
        self.assertEqual([self.new(helo_name="one"), self.new(helo_name="two")], [DEFER, UNSUSPICIOUS])
        self.put("discrimination.regexp", "helo_name =~ ^two$\n")
        self.usr1(DEFER, helo_name="two")
        self.differ(DEFER, UNSUSPICIOUS, helo_name="one")  # this switches discrimination off in Perl

    def test_no_file_and_no_rule(self):
        """Ours only: without the file Perl ends at the first request."""
        for name, files in (("none", {}), ("empty", {"discrimination.regexp": "# nothing\n"})):
            self.files = files
            ours = self.daemon(name, settings={"discrimination": "on"}).start()
            self.assertEqual(ours.ask(helo_name="good"), DEFER)
            ours.wait_for_log(r"conf: .*/discrimination\.regexp: (no|it contains no rule).*set discrimination = off")


if __name__ == "__main__":
    enter_namespace()
    case.main()
