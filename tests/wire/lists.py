"""Very large and hostile list files: the daemon starts, decides correctly, and reports the place of each mistake."""

import os
import re
import signal

from support import case, policy
from support.daemon import wait_until

DEFER = "defer_if_permit Greylisted for 5 minutes"
LISTED = "whitelisted by SQLgrey-"
REFUSED = "554 5.7.1 Mail from here is not accepted"
MILLION = 1_000_000
STARTS_WITHIN = 60  # seconds; some need several
STRANGER = {"client_address": "198.18.0.1", "client_name": "stranger.example"}


def address(number):
    """Every second address, so that no two form a larger network."""
    number *= 2
    return f"{10 + (number >> 24)}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class ListFiles(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2, "log_override": "whitelist:3"})
        self.number = 0

    def write(self, name, data):
        """`data`: bytes, or pieces of text."""
        path = os.path.join(self.server.conf_dir, name)
        with open(path, "wb") as file:
            if isinstance(data, bytes):
                file.write(data)
            else:
                file.write("".join(data).encode("ascii"))
        return path

    def start(self):
        """Waits until all workers have read the lists at the start: later changes are reported by one of them."""
        self.server.start(wait=False)
        wait_until(lambda: self.server.still_runs() and re.search("^system: sqlgrey .* serves ", self.server.log(), re.M),
                   lambda: f"serving:\n{self.server.log()}", STARTS_WITHIN)
        self.talk = policy.Conversation(self.server.address)
        self.addCleanup(self.talk.close)

    def ask(self, **attributes):
        self.number += 1
        return self.talk.ask(**{"sender": f"new@new{self.number}.example", **STRANGER, **attributes})

    def soon(self, reply, **attributes):
        wait_until(lambda: reply in self.ask(**attributes), lambda: f"{reply} for {attributes}:\n{self.server.log()}")

    def soon_by_every_worker(self, reply, **attributes):
        """New connections go to the worker with the fewest."""
        for _ in range(4):
            talk = policy.Conversation(self.server.address)
            self.addCleanup(talk.close)
            self.talk = talk
            self.soon(reply, **attributes)

    def told(self, path, line, words):
        """The log names file and line of each skipped entry."""
        self.server.wait_for_log(f"^conf: (error|warning): {path}:{line}: .*{words}")


class Large(ListFiles):
    def test_a_million_networks_names_and_recipients(self):
        self.write("clients_ip_whitelist", (f"{address(number)}\n" for number in range(MILLION)))
        self.write("clients_fqdn_whitelist", (f"{'*.' if number % 2 else ''}host{number}.d{number % 1000}.example\n"
                                              for number in range(MILLION)))
        self.write("whitelist_recipients", (f"user{number}@r{number % 10}.example\n" for number in range(MILLION)))
        self.start()
        for number in (0, 1, 4711, 499_999, 500_000, MILLION - 2, MILLION - 1):
            octets = address(number).split(".")
            beside = ".".join([*octets[:3], str(int(octets[3]) + 1)])
            host = f"host{number}.d{number % 1000}.example"
            itself, below = (DEFER, LISTED) if number % 2 else (LISTED, DEFER)
            for expected, attributes in (
                    (LISTED, {"client_address": address(number)}), (DEFER, {"client_address": beside}),
                    (itself, {"client_name": host}), (below, {"client_name": "mx." + host}),
                    (DEFER, {"client_name": "x" + host}),
                    (LISTED, {"recipient": f"User{number}+x@r{number % 10}.example"}),
                    (DEFER, {"recipient": f"user{number}@r{(number + 1) % 10}.example"})):
                self.assertIn(expected, self.ask(**attributes), attributes)

    def test_a_large_local_file_is_read_while_requests_are_answered(self):
        self.start()
        path = self.write("blacklist_senders.local.new", (f"s{number}@spam.example\n" for number in range(MILLION)))
        os.rename(path, path.removesuffix(".new"))
        last = f"s{MILLION - 1}@spam.example"
        wait_until(lambda: self.ask(sender=last) == REFUSED, "the last line in force", STARTS_WITHIN)
        self.assertEqual(self.ask(sender=f"s{MILLION}@spam.example"), DEFER)
        self.assertEqual(self.ask(sender="s0@spam.example"), REFUSED)
        self.server.wait_for_log(r"conf: .*/blacklist_senders\.local: read, 1000000 entries")


class Hostile(ListFiles):
    def test_invalid_lines(self):
        lines = [b"192.0.2.1", b"192.0.2.\x002", b"\x00" * 5000, b"192.0.2.3" + b"9" * 200000, b"\xff\xfe1\x009\x00",
                 b"192.0.2.4/33", b"300.1.1.1", b"\x1b[2J\x07", b"192.0.2.5 192.0.2.6", b"192.0.2.7\r", b"::g",
                 b"# " + b"x" * 300000, b"mx.example.org", b"192.0.2.8"]
        path = self.write("clients_ip_whitelist", b"\n".join(lines))  # and no line end after the last
        self.start()
        for last in range(1, 9):
            expected = LISTED if last in (1, 7, 8) else DEFER
            self.assertIn(expected, self.ask(client_address=f"192.0.2.{last}"), last)
        for line in (2, 3, 4, 5, 6, 7, 8, 9, 11, 13):
            self.told(path, line, "is skipped: (expected an address or a network|an entry may have)")
        self.assertNotRegex(self.server.log(), rf"{path}:(1|10|12|14): ")
        self.assertNotIn("\x1b", self.server.log())
        self.assertNotIn("\x00", self.server.log())
        self.assertLess(max(map(len, self.server.log().splitlines())), 1000)

    def test_invalid_expressions(self):
        path = self.write("clients_fqdn_whitelist", b"/(/\n/[z-a]/\n/a**/\n/(?<x/\n/" + b"(" * 5000 + b"/\n/open\n//\n"
                          b"/\\1/\n/" + b"a" * 9000 + b"/\n/\x00/\n/^good\\./\n/(a{1000}){1000}{1000}/\n")
        self.start()
        self.assertIn(LISTED, self.ask(client_name="good.example"))
        for name in ("(", "a", "bad.example", "open", "unknown"):
            self.assertEqual(self.ask(client_name=name), DEFER)
        for line in (1, 2, 4, 5, 6, 7, 9, 10, 12):
            self.told(path, line, "is skipped")

    def test_expressions_with_catastrophic_backtracking_are_answered(self):
        """Perl and postgrey would try to match such a name for years."""
        lines = ["/^(a+)+$/", "/^(([a-z])+.)+[A-Z]([a-z])+$/", "/(x+x+)+y/", "/(.*)*z!/", "/(?=(a+)+$)(a|aa)+!/",
                 r"/^(a*)*\1b$/", r"/^(?:(a|a)*)*\1\1c$/", "/^right/"]
        path = self.write("clients_fqdn_whitelist", "\n".join(lines) + "\n")
        self.write("blacklist_senders", "/(?!z)^(a+)+@$/\n/^evil/\n")
        self.write("smtp_server.regexp", "^(.+[._-])*(mail|mx)[0-9]*[.]never$\n")
        self.write("dyn_fqdn.regexp", r"^(?!z)(([a-z0-9]+)*[.])*\1never$" + "\n")
        self.start()
        for name in ("a" * 250 + "!", "ax" * 120 + "!", "x" * 255, "a." * 120 + "a", "a" * 500 + "!"):
            self.assertEqual(self.ask(client_name=name), DEFER, name)
            self.assertEqual(self.ask(client_name=name, sender="a" * 450 + "!@x.example"), DEFER)
        self.assertIn(LISTED, self.ask(client_name="right.example"))
        self.assertEqual(self.ask(sender="evil@x.example"), REFUSED)
        for line in (5, 6, 7):
            self.told(path, line, "by backtracking")
        self.assertNotIn("no decision within", self.server.log())

    def test_of_many_invalid_lines_some_are_logged_and_the_rest_counted(self):
        path = self.write("whitelist_clients", b"!\n" * 100_000 + b"example.org\n")
        self.start()
        self.assertIn(LISTED, self.ask(client_name="mx.example.org"))
        self.server.wait_for_log(f"^conf: error: {path}: 99980 more")
        self.assertEqual(self.server.log().count(f"conf: error: {path}"), 21)

    def test_entries_that_match_everybody_are_refused_in_blacklists(self):
        path = self.write("blacklist_clients.local", b"0.0.0.0/0\n::/0\n*.example\ncom\n/./\n203.0.113.9\n")
        senders = self.write("blacklist_senders", b"<>\n/@/\n.org\n-undef-\n")
        self.start()
        for line in (1, 2, 4, 5):
            self.told(path, line, "is skipped: ")
        for line, words in ((2, "is skipped"), (3, "is skipped"), (1, "bounces"), (4, "no mail comes from there")):
            self.told(senders, line, words)
        self.assertEqual(self.ask(client_name="mx.example.com"), DEFER)
        self.assertEqual(self.ask(client_address="203.0.113.9"), REFUSED)
        self.assertEqual(self.ask(client_name="mx.dyn.example"), REFUSED)
        self.assertEqual(self.ask(sender=""), REFUSED)

    def test_a_file_name_similar_to_a_list_name_is_reported(self):
        path = self.write("whitelist_client.local", b"192.0.2.0/24\n")
        self.start()
        self.server.wait_for_log(f"^conf: warning: {path}: no list has that name, .*did you mean whitelist_clients.local")

    def test_a_changed_file_is_reported_by_one_worker(self):
        self.start()
        path = self.write("whitelist_clients.local", b"example.org\n!\n")
        self.soon_by_every_worker(LISTED, client_name="mx.example.org")
        self.server.wait_for_log(f"^conf: {path}: read, 1 entry")
        self.told(path, 2, "is skipped")
        self.assertEqual((self.server.log().count(f"conf: {path}"), self.server.log().count(f"error: {path}")), (1, 1))

    def test_directories_and_fifos_instead_of_files(self):
        """At the start and later: it never blocks, and the list read before remains in effect."""
        os.mkfifo(os.path.join(self.server.conf_dir, "clients_ip_whitelist"))
        os.mkdir(os.path.join(self.server.conf_dir, "clients_fqdn_whitelist"))
        local = self.write("whitelist_clients.local", b"example.org\n")
        self.start()
        for name in ("clients_ip_whitelist", "clients_fqdn_whitelist"):
            self.server.wait_for_log(f"^conf: error: .*/{name}: not a regular file; its entries are not in effect")
        self.assertIn(LISTED, self.ask(client_name="mx.example.org"))
        os.unlink(local)
        os.mkfifo(local)
        self.server.wait_for_log(f"^conf: error: {local}: not a regular file; the list read before .*remains in effect")
        self.assertIn(LISTED, self.ask(client_name="mx.example.org"))
        os.unlink(local)
        self.soon(DEFER, client_name="mx.example.org")

    def test_a_file_that_becomes_unreadable(self):
        self.need_root("the daemon must be another user than the one who may read it")
        local = self.write("whitelist_clients.local", b"example.org\n")
        self.start()
        os.chmod(local, 0o600)
        self.server.wait_for_log(f"^conf: error: {local}: .*[Pp]ermission denied.*the list read before .*remains in effect")
        self.assertIn(LISTED, self.ask(client_name="mx.example.org"))
        self.write("whitelist_clients.local", b"example.com\n")
        self.assertIn(LISTED, self.ask(client_name="mx.example.org"))
        os.chmod(local, 0o644)
        self.soon(LISTED, client_name="mx.example.com")
        self.assertEqual(self.ask(client_name="mx.example.org"), DEFER)


class All(ListFiles):
    """Each list once as file, as .local file and through its settings, and which list takes precedence."""

    LINES = {"clients_ip_whitelist": ("192.0.2.1", {"client_address": "192.0.2.1"}),
             "clients_fqdn_whitelist": ("mx.fqdn.example", {"client_name": "mx.fqdn.example"}),
             "whitelist_clients": ("clients.example", {"client_name": "mx.clients.example"}),
             "whitelist_recipients": ("rcpt@", {"recipient": "rcpt+x@any.example"}),
             "whitelist_senders": (".good.example", {"sender": "a@mx.good.example"}),
             "blacklist_clients": ("203.0.113.0/24", {"client_address": "203.0.113.9"}),
             "blacklist_senders": ("/^spam/", {"sender": "SPAM@x.example"})}

    def each(self):
        for name, (_, attributes) in self.LINES.items():
            yield name, REFUSED if name.startswith("black") else LISTED, attributes

    def test_every_list_in_its_file(self):
        for name, (line, _) in self.LINES.items():
            self.write(name, f"# {name}\n{line}\n")
        self.start()
        for name, reply, attributes in self.each():
            self.assertIn(reply, self.ask(**attributes), name)
            self.server.wait_for_log(f"^whitelist: by {name}, {self.server.conf_dir}/{name}:2$")
        self.assertEqual(self.ask(), DEFER)
        self.assertEqual(self.server.tables.count("connect"), 1)

    def test_every_list_as_a_local_file_that_appears_and_disappears(self):
        self.start()
        for name, (line, _) in self.LINES.items():
            self.write(name + ".local", line + "\n")
        for name, reply, attributes in self.each():
            self.soon(reply, **attributes)
            self.server.wait_for_log(f"^whitelist: by {name}, {self.server.conf_dir}/{name}.local:1$")
        for name in self.LINES:
            os.unlink(os.path.join(self.server.conf_dir, name + ".local"))
        for name, _, attributes in self.each():
            self.soon(DEFER, **attributes)
            self.server.wait_for_log(f"^conf: .*/{name}.local: deleted, 1 entry removed$")

    def test_static_files_are_read_at_hup_and_usr1_only(self):
        self.start()
        self.write("blacklist_senders", "spam@x.example\n")
        self.assertEqual(self.ask(sender="spam@x.example"), DEFER)
        for number, sign in enumerate((signal.SIGHUP, signal.SIGUSR1)):
            sender = f"spam{number}@x.example"
            self.write("blacklist_senders", sender + "\n")
            os.kill(self.server.process.pid, sign)
            wait_until(lambda: self.server.ask(sender=sender) == REFUSED, sign.name)

    def test_the_order_of_the_lists(self):
        for name, (line, _) in self.LINES.items():
            self.write(name, line + "\n")
        self.start()
        attributes = {}
        order = ("whitelist_senders", "whitelist_clients", "clients_ip_whitelist", "blacklist_senders",
                 "whitelist_recipients")
        for name in order:
            attributes |= self.LINES[name][1]
            reply = REFUSED if name.startswith("black") else LISTED
            self.assertIn(reply, self.ask(**attributes), name)
            self.server.wait_for_log(f"^whitelist: by {name}, ")


if __name__ == "__main__":
    case.main()
