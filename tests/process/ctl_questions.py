"""HOWTO, "An evening's questions": each command is run and prints what is shown, except times, ids and measurements."""

import os
import re
import shlex
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "architecture"))
import howto
from support import case, ctl

NOW = int(time.time())
MAIL = {"client_address": "192.0.2.25", "client_name": "mail.example.org", "sender": "bob@example.org",
        "recipient": "alice@example.net"}
MASKS = ((r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"), (r"(\d+ (day|hour|minute|second)s? ?){1,2}(?=( ago)?\))", "DISTANCE"),
         (r"\b\d\.\d{4}s", "MEASURED"), (r"cleaned=\d+s", "cleaned=AGE"), (r"deferral: [0-9a-z]{8}\.", "deferral: ID."))


def shape(text):
    """Without the parts that change from day to day; line breaks depend on them too."""
    for pattern, word in MASKS:
        text = re.sub(pattern, word, text)
    return re.sub(r"(DISTANCE|TIME)(\)?),? +", r"\1\2 ", re.sub(r"\n  (?! )", " ", text)).splitlines()


class Questions(case.DaemonCase):
    def chapter(self):
        return howto.howto().split("### An evening's questions")[1].split("\n## ")[0]

    def examples(self):
        """[(command, the output shown)]"""
        found = []
        for block in re.findall(r"(?m)((?:^    .*\n|^\n(?=    ))+)", self.chapter()):
            lines = [line[4:] for line in block.strip("\n").splitlines()]
            self.assertRegex(lines[0], r"\A\$ sqlgreyctl ")
            found.append((lines[0][len("$ sqlgreyctl "):], "\n".join(lines[1:])))
        return found

    def test_each_command_prints_what_is_shown(self):
        server = self.start(lists_in_database="on", reply_id="on", pools="on")
        number = server.ask(**MAIL)[-9:-1]
        server.ask(**{**MAIL, "client_address": "203.0.113.9", "client_name": "mail-wr1-f9.google.com",
                      "sender": "carol@example.com"})
        server.wait_for_log("^perf: spent")  # cleaned once
        tables = server.tables
        tables.execute("insert into from_awl values ('dave', 'example.com', '@google.com', ?, ?)", NOW, NOW)
        tables.execute("insert into organisation values ('@google.com', 3, 1, ?, 0)", NOW)
        # One a second later, so that the order is defined, and both within the time that an id is searched in.
        tables.execute("update connect set first_seen = first_seen - 57 where src = '@example.org'")
        tables.execute("update connect set first_seen = first_seen - 58 where src = '@google.com'")
        tables.execute("update pool set last_seen = last_seen - 1 where pool = '@google.com'")
        examples = self.examples()
        self.assertEqual(len(examples), 12)
        self.assertEqual(len(re.findall(r"(?m)^\*\*", self.chapter())), 12)
        for command, wanted in examples:
            command, _, most = command.replace("7k3m9q2z", number).partition(" | head -")
            done = ctl.run(server, *shlex.split(command))
            self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
            printed = "\n".join(line for line in (done.stdout + done.stderr).splitlines()
                                if not line.startswith("admin: ")).replace(number, "7k3m9q2z")
            if most:
                printed = "\n".join(printed.splitlines()[:int(most)])
            if command.startswith("explain --client"):  # only the beginning is shown
                printed = printed.split("\n\nIdentity of the client\n")[0]
            self.assertEqual(shape(printed), shape(wanted), command)

    def test_the_guide_names_every_command(self):
        text = howto.howto()
        help_text = ctl.run(self.daemon(), "--help").stdout.split("\nOptions:")[0]
        names = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +\S", help_text)
        self.assertGreater(len(names), 10)
        for name in names:
            self.assertTrue(re.search(rf"`(sqlgreyctl )?{name}\b", " ".join(text.split())), name)


if __name__ == "__main__":
    case.main()
