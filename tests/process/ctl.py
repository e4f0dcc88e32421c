"""The command line of sqlgreyctl: what it prints, what it refuses, and that its two kinds of help agree."""

import os
import re
import subprocess

from support import case, ctl
from support.daemon import LIMIT


class Ctl(case.DaemonCase):
    def run_alone(self, *arguments):
        return subprocess.run([ctl.program(self.binary), *arguments], capture_output=True, text=True, check=False,
                              timeout=LIMIT, stdin=subprocess.DEVNULL)

    def test_help_version_and_man_leave_with_status_0(self):
        for arguments, word in ((["--help"], "import postgrey"), (["-h"], "--dry-run"), (["--version"], "sqlgreyctl "),
                                (["--man"], "SQLGREYCTL(8)"), (["--help", "import", "nothing"], "Commands")):
            done = self.run_alone(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertIn(word, done.stdout)

    def test_the_manual_holds_every_option_and_command_of_the_help(self):
        manual = re.sub(r"\s+", " ", self.run_alone("--man").stdout)
        text = self.run_alone("--help").stdout
        options = re.findall(r"(?m)^ .*(--[a-z0-9-]+)", text)
        self.assertGreater(len(options), 8)
        commands = re.findall(r"(?m)^  (\w+ \w+) FILE", text)
        self.assertGreater(len(commands), 1)
        for word in options + commands:
            self.assertIn(word, manual)

    def test_what_is_not_understood_is_told(self):
        for arguments, word in (([], "no command"), (["frobnicate"], "frobnicate"), (["import"], "import"),
                                (["import", "sendmail"], "import sendmail"), (["import", "postgrey"], "no file"),
                                (["--frobnicate"], "frobnicate"),
                                (["--ipv4cidr", "33", "import", "postgrey", "x"], "33"),
                                (["--delay=soon", "import", "postgrey", "x"], "delay")):
            done = self.run_alone(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"^sqlgreyctl: .*\n$")
            self.assertIn(word, done.stderr)
            self.assertIn("--help", done.stderr)

    def test_files_and_settings_that_cannot_be_read_are_named(self):
        server = self.daemon()
        absent = os.path.join(self.directory, "absent")
        for path in (absent, self.directory):
            done = ctl.run(server, "import", "maillog", path)
            self.assertEqual(done.returncode, 1)
            self.assertIn(path, done.stderr)
        done = self.run_alone("-f", absent, "import", "maillog", "-")
        self.assertEqual(done.returncode, 1)
        self.assertIn(absent, done.stderr)
        server.configure(reconnect_delay="soon")
        done = ctl.run(server, "import", "maillog", "-")
        self.assertEqual(done.returncode, 1)
        self.assertIn("reconnect_delay", done.stderr)

    def test_rows_of_hashes_take_no_names_from_others(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o600)
        done = ctl.run(self.daemon(settings={"privacy_key_file": key}), "import", "maillog", "-")
        self.assertEqual(done.returncode, 1)
        self.assertIn("privacy_key_file", done.stderr)

    def test_a_database_out_of_reach_is_told(self):
        server = self.daemon(settings={"db_name": os.path.join(self.directory, "absent", "sqlgrey.db")})
        done = ctl.run(server, "import", "maillog", "-")
        self.assertEqual(done.returncode, 1)
        self.assertIn("absent", done.stderr)


if __name__ == "__main__":
    case.main()
