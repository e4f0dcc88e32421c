"""postgreyreport, on the log of Postfix and of log_format = postgrey, lists the mail that never came back."""

import getpass
import os
import re
import subprocess

from support import case
from support.daemon import LIMIT
from instance import MASTER, Postfix

REPORT = "/usr/bin/postgreyreport"
LOAD = "/usr/bin/db5.3_load"
HOWTO = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "HOWTO.md")

MX = ("192.0.2.10", "mx1.example.org")
OTHER_MX = ("198.51.100.23", "mx2.example.org")
BOT = ("203.0.113.9", None)


def commands():
    """As HOWTO.md has them."""
    with open(HOWTO, encoding="utf-8") as file:
        return "".join(line[4:] for line in re.search(r"(?m)(^    mkdir /tmp/greylog\n(?:    .*\n)+)", file.read())[1]
                       .splitlines(keepends=True))


class PostgreyReport(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")
        self.need(REPORT, "postgrey")
        self.need(LOAD, "db5.3-util")
        self.greylist = self.daemon(settings={"log_format": "postgrey", "pools": "on"}).start()
        self.postfix = Postfix(os.path.join(self.directory, "postfix"), f"inet:127.0.0.1:{self.greylist.port}",
                               ["bob", "eve"])
        self.addCleanup(self.postfix.stop)
        self.postfix.start()

    def rejected(self, client, sender, *recipients):
        codes = [code for code, _ in self.postfix.recipients(client, sender, recipients)]
        self.assertEqual(codes, [450] * len(recipients))

    def report(self):
        place = os.path.join(self.directory, "greylog")
        log = os.path.join(self.directory, "mail.log")
        with open(log, "w", encoding="utf-8") as file:
            file.write(self.postfix.log() + self.greylist.log())
        script = commands().replace("/tmp/greylog", place).replace("/var/log/mail.log", log)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=LIMIT,
                              env={**os.environ, "USER": getpass.getuser()}, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return sorted(tuple(line.split()) for line in done.stdout.splitlines())

    def test_only_mail_that_never_came_back_is_listed(self):
        self.rejected(MX, "Alice+tag@example.org", "bob@example.net")
        self.rejected(MX, "list-42-x@example.org", "bob@example.net", "eve@example.net")
        self.rejected(MX, "gone@example.org", "eve@example.net")
        self.rejected(BOT, "spam1@spam.example", "bob@example.net")
        self.rejected(BOT, "spam1@spam.example", "bob@example.net")
        self.greylist.tables.age("connect", 301)
        self.postfix.send(OTHER_MX, "Alice+tag@example.org", ["bob@example.net"], "from another host of the pool")
        self.postfix.send(MX, "list-42-x@example.org", ["bob@example.net"], "to one of two")
        self.assertEqual(self.report(), [
            ("192.0.2.10", "mx1.example.org", "gone@example.org", "eve@example.net"),
            ("192.0.2.10", "mx1.example.org", "list-#-x@example.org", "eve@example.net"),
            ("203.0.113.9", "unknown", "spam1@spam.example", "bob@example.net")])


if __name__ == "__main__":
    case.main()
