"""sqlgreyctl with any arguments: an exit status, one line with the reason, and nothing done."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import time

from support import case, ctl
from support.daemon import LIMIT, wait_until

NOW = int(time.time())
WORDS = ("", " ", "'", '"', "'; drop table connect; --", "a\nb", "\x1b[2J", "%", "_", "@", "@@", "<>", "a" * 1100, "ü" * 600,
         "-", "--", "-1", "0", "1e9", "99999999999999999999", "9999-12-31", "1970-01-01", "2026-02-30", "10000-01-01",
         "2026-11-27T25:00:00Z", "::", "::1", "[::1]", "::ffff:192.0.2.1", "2001:db8::/32", "192.0.2.0/24", "192.0.2.1/33",
         "1.2.3.4.5", "0x7f.1", "fe80::1%lo", "$(id)", "`id`", "../../etc/passwd", "null", "\\", "/(/", "#", "@\u202e.example",
         b"\xff\xfe@\x80.example", "x" * 100000)
READS = ("explain", "list", "status", "check", "config", "export")


class Hostile(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.start(lists_in_database="on")
        self.server.tables.execute("insert into connect values ('bob', 'example.org', '192.0.2', 'alice@example.net', ?)", NOW)

    def run_it(self, *arguments, **named):
        return subprocess.run([os.fsencode(one) for one in ctl.command(self.server, *arguments)],
                              stdin=subprocess.DEVNULL, timeout=LIMIT, check=False, cwd=self.server.state,
                              **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **named})

    def test_any_word_in_any_place_gets_an_answer(self):
        tables = self.server.tables
        rows = tables.rows("connect")
        help_text = ctl.run(self.server, "--help").stdout.split("\nOptions:")[0]
        for name in re.findall(r"(?m)^  ([a-z]+)(?: [a-z]+)?  +\S", help_text):
            argument = {"list": ["waiting"], "expect": ["a@b.example"], "optin": ["a"], "optout": ["a"], "import": ["-"]}.get(name, [])
            text = ctl.run(self.server, *name.split(), "--help").stdout
            options = re.findall(r"(?m)^  --([a-z0-9-]+) [A-Za-z]", text) or [""]
            for number, word in enumerate(WORDS):
                option = options[number % len(options)]
                dry = [] if name in READS or name == "import" else ["--dry-run"]
                for typed in ([*dry, *argument, f"--{option}", word], [*dry, *argument, word]):
                    done = self.run_it(name, *typed)
                    self.assertIn(done.returncode, (0, 1, 2, 3), (name, typed, done.stderr[:500]))
                    self.assertLess(len(done.stderr), 5000, (name, typed))
                    self.assertNotRegex(done.stdout + done.stderr, rb"[\x00-\x08\x0b-\x1f\x7f]", (name, typed))
        self.assertEqual(tables.rows("connect"), rows)
        self.assertEqual(tables.count("lists") + tables.count("optin_email") + tables.count("optin_domain"), 0)

    def test_bytes_of_the_tables_are_json_and_csv(self):
        texts = [b"caf\xe9", b"\xff\xfe", b"=cmd|' /C calc'!A1", b"@SUM(1)", b"-1+1", b'q"uo,te', b"line\nend", b"tab\tcr\r",
                 b"\x1b[2Jclear", b"\xc2\x9b", "snow \u2603".encode(), b"\xed\xa0\x80", b"\\", b"</script>"]
        for number, text in enumerate(texts):
            self.server.tables.execute("insert into connect values (cast(? as text), 'a.example', '192.0.2', ?, ?)", text,
                                       f"r{number}", NOW + number)
        for arguments in (["list", "waiting"], ["export"], ["release", "--domain", "a.example", "--dry-run"],
                          ["forget", "--domain", "a.example", "--dry-run"]):
            form = [] if arguments[0] == "export" else ["--format=json"]
            lines = self.run_it(*arguments, *form).stdout.splitlines()
            self.assertGreaterEqual(len(lines), len(texts))
            for line in lines:
                self.assertIsInstance(json.loads(line), dict)
                self.assertNotRegex(line, rb"[\x00-\x1f\x7f]")
        printed = self.run_it("list", "waiting", "--format=csv").stdout.decode()
        rows = list(csv.reader(io.StringIO(printed, newline=""), strict=True))
        self.assertEqual({len(row) for row in rows}, {4})
        for row in rows:
            for cell in row:
                self.assertNotRegex(cell, r"\A[=+\-@\t\r]")
        for line in self.run_it("list", "waiting").stdout.splitlines():
            self.assertNotRegex(line, rb"[\x00-\x1f\x7f]")

    def test_output_that_cannot_be_written_is_a_failure(self):
        self.server.tables.many("insert into connect values (?, 'b.example', '192.0.2', 'r', ?)", [(f"s{n}", NOW) for n in range(3000)])
        for arguments in (["list", "waiting"], ["list", "waiting", "--limit", "5000", "--format=json"], ["export"], ["status"],
                          ["config"], ["--help"], ["list", "--help"], ["release", "--domain", "b.example", "--dry-run"]):
            with open("/dev/full", "wb") as full:
                done = self.run_it(*arguments, stdout=full)
            self.assertEqual(done.returncode, 1, arguments)
            reader, writer = os.pipe()
            os.close(reader)
            with os.fdopen(writer, "wb") as closed:
                done = self.run_it(*arguments, stdout=closed)
            self.assertIn(done.returncode, (1, -signal.SIGPIPE), arguments)

    def test_an_unreadable_configuration_is_named(self):
        unreadable = os.path.join(self.directory, "unreadable.conf")
        with open(unreadable, "wb") as file:
            file.write(b"\x00\xff" * 5000)
        for path in ("", "/", self.directory, "/absent", "/dev/null/x", unreadable, "x" * 5000):
            for command in (["list", "waiting"], ["status"], ["explain", "--client", "192.0.2.1", "--sender", "a@b", "--recipient", "c@d"]):
                done = subprocess.run([ctl.program(self.binary), "--config", path, *command], stdin=subprocess.DEVNULL,
                                      capture_output=True, timeout=LIMIT, check=False, cwd=self.directory)
                self.assertIn(done.returncode, (1, 2), (path, command, done.stderr))
                self.assertLess(len(done.stderr), 20000)
                self.assertNotEqual(done.stderr, b"")

    def test_an_interrupted_import_keeps_whole_rows_and_can_be_repeated(self):
        line = '{{"table": "optin_email", "email": "r{}@example.net"}}\n'
        process = subprocess.Popen(ctl.command(self.server, "import", "-"), stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                   cwd=self.server.state)
        for number in range(3000):
            process.stdin.write(line.format(number).encode())
        process.stdin.flush()
        wait_until(lambda: self.server.tables.count("optin_email") >= 500, "a batch is in")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertEqual(self.server.tables.count("optin_email") % 500, 0)
        done = ctl.run(self.server, "import", "-", stdin="".join(line.format(n) for n in range(3000)).encode())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server.tables.count("optin_email"), 3000)


if __name__ == "__main__":
    case.main()
