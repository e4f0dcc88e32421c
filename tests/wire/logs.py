"""Log lines: their exact format, on standard error and on syslog, and Debian's sqlgrey-logstats on ours."""

import os
import re
import signal
import subprocess
import time

from support import case, syslog
from support.daemon import LIMIT, wait_until

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOGSTATS = "/usr/bin/sqlgrey-logstats"
MAIL_INFO = 2 * 8 + 6

EXPECTED = [
    "grey: new: 192.0.2(192.0.2.10), alice@example.org -> bob@example.net",
    "grey: early reconnect: 192.0.2(192.0.2.10), alice@example.org -> bob@example.net",
    "grey: reconnect ok: 192.0.2(192.0.2.10), alice@example.org -> bob@example.net (00:05:NN)",
    "grey: from awl: 192.0.2, alice@example.org added",
    "grey: from awl match: updating 192.0.2(192.0.2.10), alice@example.org(alice+tag@example.org)",
    "grey: new: 192.0.2(192.0.2.10), carol@example.org -> bob@example.net",
    "grey: reconnect ok: 192.0.2(192.0.2.10), carol@example.org -> bob@example.net (00:05:NN)",
    "grey: domain awl: 192.0.2, example.org added",
    "grey: domain awl match: updating 192.0.2(192.0.2.11), example.org",
    "grey: new: 203.0.113.1(203.0.113.1), -undef-@-undef- -> bob@example.net",
    "grey: throttling: 203.0.113.1(203.0.113.1), a@b.example -> bob@example.net",
]


def anonymous(line):
    return re.sub(r"\(00:05:\d\d\)$", "(00:05:NN)", line)


def of_mail(lines):
    """The lines about mail, without those about the daemon itself."""
    return [anonymous(line) for line in lines if re.match("(grey|whitelist|spam|martians): ", line)]


class Logs(case.DaemonCase):
    def server(self, **settings):
        return self.daemon(settings={"connect_src_throttle": 1, "workers": 1, **settings})

    def converse(self, server):
        """Causes one of each event."""
        age = lambda: server.tables.age("connect", 301)
        server.ask()
        server.ask()
        age()
        server.ask()
        server.ask(sender="alice+tag@example.org")
        server.ask(sender="carol@example.org")
        age()
        server.ask(sender="carol@example.org")
        server.ask(sender="dave@example.org", client_address="192.0.2.11")
        server.ask(sender="", client_address="203.0.113.1", client_name="unknown")
        server.ask(sender="a@b.example", client_address="203.0.113.1", client_name="unknown")

    def test_on_standard_error(self):
        server = self.server()
        server.start()
        self.converse(server)
        server.wait_for_log("throttling")
        self.assertEqual(of_mail(server.log().splitlines()), EXPECTED)

    def test_expired_rows_are_logged_as_probable_spam(self):
        server = self.server(db_cleandelay=1)
        server.start()
        server.ask()
        server.tables.age("connect", 100000)
        seen = server.tables.rows("connect")[0][4]
        server.wait_for_log(
            f"^spam: 192\\.0\\.2: alice@example\\.org -> bob@example\\.net at {seen}$|"
            r"^spam: 192\.0\.2: alice@example\.org -> bob@example\.net at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        server.wait_for_log(r"^perf: spent \d+s cleaning: from_awl \(0\) domain_awl \(0\) connect \(1\)$")

    def test_on_standard_error_lines_begin_with_the_time(self):
        server = self.server()
        server.start()
        server.ask()
        with open(server.log_file, encoding="utf-8") as file:
            lines = file.read().splitlines()
        stamp = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}) grey: new: ")
        stamps = [found[1] for line in lines if (found := stamp.match(line))]
        self.assertEqual(len(stamps), 1, lines)
        self.assertLess(abs(time.mktime(time.strptime(stamps[0][:19], "%Y-%m-%dT%H:%M:%S")) - time.time()), 60)

    def test_at_level_3_the_recipient_of_a_known_sender_is_logged(self):
        for override, named in (("grey:3", True), ("grey:2", False)):
            server = self.daemon(override[-1], settings={"workers": 1, "log_override": override}).start()
            server.ask()
            server.tables.age("connect", 301)
            server.ask()
            server.ask(recipient="other@example.net")
            lines = of_mail(server.log().splitlines())
            self.assertIn("grey: from awl match: updating 192.0.2(192.0.2.10), alice@example.org(alice@example.org)",
                          lines)
            self.assertEqual("grey: known sender: 192.0.2(192.0.2.10), alice@example.org -> other@example.net" in lines,
                             named, lines)

    def test_log_queue_id_adds_the_queue_id(self):
        server = self.server(log_queue_id="on")
        server.list_file("whitelist_clients.local", "203.0.113.7\n")
        server.start()
        server.ask(queue_id="4X1Y2Z")
        server.ask(client_address="203.0.113.7", queue_id="4X1Y2a")
        server.ask(recipient="", queue_id="4X1Y2b")
        server.ask(sender="bob", queue_id="4X1Y2c")
        server.ask(queue_id="", recipient="without@example.net")
        server.ask(queue_id="a: new: forged", recipient="forged@example.net")
        way = "192.0.2(192.0.2.10), "
        self.assertEqual(of_mail(server.log().splitlines()), [
            f"grey: 4X1Y2Z: new: {way}alice@example.org -> bob@example.net",
            "whitelist: 4X1Y2a: alice@example.org, 203.0.113.7(mx1.example.org) -> bob@example.net",
            "martians: 4X1Y2b: no decision without client_address and recipient: client_address '192.0.2.10', "
            "recipient '', sender 'alice@example.org'",
            "martians: 4X1Y2c: undefined domain, from is 'bob'",
            f"grey: 4X1Y2c: throttling: {way}bob@-undef- -> bob@example.net",
            f"grey: throttling: {way}alice@example.org -> without@example.net",
            f"grey: throttling: {way}alice@example.org -> forged@example.net"])

    def test_logcheck_hides_what_is_usual_and_nothing_else(self):
        server = self.server(prepend=0)
        server.list_file("whitelist_clients.local", "203.0.113.7\n")
        server.list_file("blacklist_clients.local", "203.0.113.8\n")
        server.start()
        self.converse(server)
        server.ask(client_address="203.0.113.7")
        server.ask(client_address="203.0.113.8", queue_id="4X1Y2Z")
        server.ask(recipient="")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_log("new workers are ready, the old ones finish")
        server.stop()
        self.assertIn("blacklisted", server.log())
        lines = [line for line in server.log().splitlines() if not line.startswith("dbaccess: ")]  # of the first start
        shown = subprocess.run(["grep", "-Ev", "-f", os.path.join(TOP, "init/deb/logcheck")], text=True, check=False,
                               input="".join(f"Nov 27 18:00:00 mx sqlgrey[42]: {line}\n" for line in lines),
                               capture_output=True, timeout=LIMIT).stdout.splitlines()
        self.assertEqual([line for line in shown if not re.search(r": (martians|conf: warning): ", line)], [])
        self.assertTrue([line for line in shown if "martians: " in line])
        self.assertTrue([line for line in shown if "conf: warning: " in line])

    def test_the_filter_for_fail2ban_finds_blacklisted_clients_only(self):
        with open(os.path.join(TOP, "init/deb/README.Debian"), encoding="utf-8") as file:
            [pattern] = re.findall(r"(?m)^ *failregex = (.*)$", file.read())
        server = self.server()
        server.list_file("blacklist_clients.local", "203.0.113.8\n2001:db8::8\n")
        server.start()
        self.converse(server)
        for address in ("203.0.113.8", "2001:db8::8"):
            server.ask(client_address=address, sender="a, 192.0.2.1(x) -> y@example.org")
        wait_until(lambda: server.log().count("blacklisted") == 2, lambda: server.log())
        host = pattern.replace("<HOST>", r"(?P<host>[0-9a-f.:]+)")
        found = [match["host"] for line in server.log().splitlines() if (match := re.search(host, f"sqlgrey: {line}"))]
        self.assertEqual(found, ["203.0.113.8", "2001:db8::8"])

    def test_log_override_silences_a_category(self):
        server = self.server(log_override="grey:O")
        server.start()
        self.converse(server)
        server.ask(recipient="")
        server.wait_for_log("^martians: ")
        self.assertNotIn("grey: ", server.log())

    def on_syslog(self, **settings):
        self.need_root("to stand in for the syslog daemon")
        log = syslog.Syslog(self.directory)
        self.addCleanup(log.close)
        server = self.server(**settings)
        self.daemonize(server)
        return server, log

    def test_on_syslog(self):
        server, log = self.on_syslog()
        self.converse(server)
        texts = lambda: of_mail(text for _, _, text in log.messages())
        wait_until(lambda: len(texts()) >= len(EXPECTED), lambda: texts())
        self.assertEqual(texts(), EXPECTED)
        self.assertEqual(self.idents(log), {"sqlgrey"}, "no pid, or logstats reads nothing")
        self.assertEqual({priority for priority, _, text in log.messages() if text.startswith("grey: ")},
                         {MAIL_INFO})

    def test_warnings_about_the_settings_are_on_syslog_too(self):
        """At boot nobody sees what a daemon writes on standard error."""
        server, log = self.on_syslog(db_type=None, db_user="sqlgrey")
        told = lambda: [text for _, _, text in log.messages() if "without db_type the database is SQLite" in text]
        wait_until(told, log.messages)
        self.assertRegex(told()[0], rf"^conf: {server.config_file}:\d+: warning: ")

    @staticmethod
    def idents(log):
        """Those of daemons: other tests at the same time may run sqlgreyctl, which notes there what it changes."""
        return {ident for _, ident, _ in log.messages()} - {"sqlgreyctl"}

    def test_log_ident(self):
        server, log = self.on_syslog(log_ident="greylist-mx1")
        server.ask()
        wait_until(log.messages, "a line")
        self.assertEqual(self.idents(log), {"greylist-mx1"})

    def test_debians_logstats_counts_our_lines(self):
        self.need(LOGSTATS, "sqlgrey")
        server, log = self.on_syslog()
        self.converse(server)
        wait_until(lambda: len(of_mail(text for _, _, text in log.messages())) >= len(EXPECTED), "all lines")
        mail_log = os.path.join(self.directory, "mail.log")
        log.write_mail_log(mail_log)
        with open(mail_log, encoding="utf-8") as file:
            done = subprocess.run([LOGSTATS, "--last24h"], stdin=file, capture_output=True, text=True, check=True,
                                  timeout=LIMIT)
        events, shares = done.stdout.split("Whitelist/AWL performance")
        counted = {name: int(number) for name, number in re.findall(r"(?m)^(\w[\w ]*?) *: (\d+)$", events)}
        self.assertEqual(counted, {"Events": 9, "Passed": 4, "Early": 1, "Delayed": 3, "Probable SPAM": 0,
                                   "Throttled": 1}, done.stdout)
        passed = {name: int(number) for name, number in re.findall(r"(?m)^(\w[\w ]*?) *: .*%\s+\((\d+)\)$", shares)}
        self.assertEqual(passed, {"Whitelists": 0, "Domain AWL": 1, "From AWL": 1, "Delayed": 2}, done.stdout)


if __name__ == "__main__":
    syslog.enter_namespace()
    case.main()
