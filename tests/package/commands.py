"""The commands in HOWTO.md about the Debian package, run as written in a Debian of its own: installing, upgrading, going
back, moving to another host, removing."""

import json
import os
import re

import machine
from debian import DEFER, PERL_VERSION, Package, perls_package
from support import case

FILE = "./build/release/sqlgrey_2.0.0-1_amd64.deb"
# What the machine does instead, which has no systemd.
INSTEAD = {"systemctl stop sqlgrey.socket sqlgrey": "service sqlgrey stop",
           "systemctl start sqlgrey.socket sqlgrey": "service sqlgrey start"}


def commands(*words):
    """The text of the one block of commands with these words."""
    [text] = re.findall(rf"(?ms)^```sh {' '.join(words)}\n(.*?)^```$", machine.text_of("HOWTO.md"))
    return text


class Commands(Package):
    def setUp(self):
        super().setUp()
        self.answer_yes(self.machine)

    @staticmethod
    def answer_yes(there):
        """As an administrator would, who keeps changed files. What is only recommended would have to be downloaded."""
        there.write("/etc/apt/apt.conf.d/tests", 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n'
                    'Dpkg::Options { "--force-confdef"; "--force-confold"; };\n')

    def type(self, *words, deb=None, file=FILE, there=None):
        there = there or self.machine
        text = commands(*words)
        if deb:
            self.assertIn(file, text)
            text = text.replace(file, there.put(deb))
        for real, here in INSTEAD.items():
            text = text.replace(real, here)
        return there.sh("set -eu\n" + text)

    def offer_perls(self):
        """Makes Debian's package of SQLgrey 1.8 available to apt, from a directory."""
        deb = perls_package()
        control = machine.output_of("dpkg-deb", "--field", deb)
        path = self.machine.put(deb)
        digest = machine.output_of("sha256sum", deb).split()[0]
        self.machine.write("/root/Packages", f"{control.rstrip()}\nFilename: {os.path.basename(path)}\n"
                           f"Size: {os.path.getsize(deb)}\nSHA256: {digest}\n")
        self.machine.write("/etc/apt/sources.list", "deb [trusted=yes] file:/root ./\n")
        self.machine.run("apt-get", "update")

    def test_install_upgrade_back_and_purge(self):
        self.type("package", "install", deb=self.deb)
        self.assertEqual(self.machine.ask(), DEFER)
        self.known("alice@example.org")
        before = self.machine.master()
        self.type("package", "upgrade", deb=self.deb)
        self.assertNotIn(self.machine.master(), (before, None))
        self.assertIn("PREPEND X-Greylist", self.machine.ask())
        before = self.machine.master()
        self.type("package", "back", deb=self.other_version("1:1.99.0-1"), file="./sqlgrey_OLDER_amd64.deb")
        self.assertIn("1:1.99.0-1", self.machine.run("dpkg-query", "--show", "sqlgrey"))
        self.assertNotIn(self.machine.master(), (before, None))
        self.assertIn("PREPEND X-Greylist", self.machine.ask())
        self.type("package", "purge")
        self.assertEqual(self.left(), [])

    def test_back_to_sqlgrey_1_8(self):
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", "db_type = SQLite\ngreymethod = full\nprepend = 0\n")
        self.machine.install(self.deb)
        self.known("alice@example.org")
        self.offer_perls()
        self.type("package", "back_to_perl")
        self.assertIn(PERL_VERSION, self.machine.run("dpkg-query", "--show", "sqlgrey"))
        self.machine.sh("until ss -ltn | grep -q :2501; do sleep 0.1; done")
        self.assertEqual(self.machine.ask(), "dunno")

    def test_the_container_image_by_hand(self):
        """The steps of the recipe's second part, in an image's Debian, where nothing may start services."""
        recipe = machine.text_of("init/container/Containerfile").replace("\\\n", " ").split("\nFROM ")[-1]
        [account] = re.findall(r"(?m)^RUN (groupadd .*)$", recipe)
        [directory] = re.findall(r"(?m)^WORKDIR (.*)$", recipe)
        [program] = map(json.loads, re.findall(r"(?m)^ENTRYPOINT (.*)$", recipe))
        [check] = map(json.loads, re.findall(r"(?m)^HEALTHCHECK .*CMD (.*)$", recipe))
        self.machine.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        self.machine.sh(account)
        self.machine.install(self.deb)
        self.assertIsNone(self.machine.master())
        self.assertEqual(self.machine.run("stat", "--format", "%u:%g", directory), "2501:2501\n")
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", machine.text_of("init/container/sqlgrey.conf"))
        as_user = "setpriv --reuid=sqlgrey --regid=sqlgrey --clear-groups"
        self.machine.sh(f"cd {directory} && exec {as_user} {' '.join(program)} </dev/null >/root/log 2>&1 & "
                        "until grep -q serves /root/log; do sleep 0.1; done")
        self.assertEqual(self.machine.ask(), DEFER)
        self.machine.sh(f"{as_user} {' '.join(check)}")

    def test_to_another_host(self):
        self.machine.install(self.deb)
        self.known("alice@example.org")
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", "greymethod = full\nprepend = 0\n", 0o640)
        self.type("host", "old")
        new = machine.Machine(self.base)
        self.addCleanup(new.close)
        self.answer_yes(new)
        self.type("package", "install", deb=self.deb, there=new)
        self.assertEqual(new.ask(), DEFER)
        for name in ("sqlgrey.db", "sqlgrey-settings.tgz"):
            new.put(os.path.join(self.machine.root, "root", name))
        self.type("host", "new", there=new)
        self.assertEqual(new.ask(), "dunno")


if __name__ == "__main__":
    case.main("deb")
