"""The command line of sqlgreyctl: what it prints, what it refuses, and that help, manual and completion agree."""

import os
import re
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "architecture"))
import howto
from support import case, ctl
from support.daemon import LIMIT


class Ctl(case.DaemonCase):
    def run_alone(self, *arguments):
        return subprocess.run([ctl.program(self.binary), *arguments], capture_output=True, text=True, check=False,
                              timeout=LIMIT, stdin=subprocess.DEVNULL)

    def test_help_version_and_man_exit_with_status_0(self):
        for arguments, word in ((["--help"], "import postgrey"), (["-h"], "Commands"), (["--version"], "sqlgreyctl "),
                                (["--man"], "SQLGREYCTL(8)"), (["--help", "nothing"], "Commands"),
                                (["import", "maillog", "--help"], "--dry-run")):
            done = self.run_alone(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertIn(word, done.stdout)

    def commands(self):
        """{name: the output of its --help}"""
        names = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +\S", self.run_alone("--help").stdout.split("\nOptions:")[0])
        self.assertGreater(len(names), 1)
        return {name: self.run_alone(*name.split(), "--help").stdout for name in names}

    def test_help_fits_a_terminal_and_has_an_example_that_is_a_command(self):
        texts = self.commands()
        for name, text in {**texts, "": self.run_alone("--help").stdout}.items():
            self.assertLessEqual(max(len(line) for line in text.splitlines()), 80, name)
        for name, text in texts.items():
            self.assertRegex(text, rf"\AUsage: sqlgreyctl {name}\b")
            self.assertRegex(text, rf"Example:\n  sqlgreyctl {name}\b")

    def test_the_manual_has_a_section_of_each_command_with_its_options(self):
        page = howto.text_of("conf", "man", "sqlgreyctl.8").replace("\\-", "-")
        sections = re.split(r"(?m)^\.S[SH] ", page)
        general = next(text for text in sections if text.startswith("OPTIONS\n"))
        synopsis = next(text for text in sections if text.startswith("SYNOPSIS\n"))
        for name, text in self.commands().items():
            own = [section for section in sections if name in section.split("\n")[0].split(", ")]
            self.assertEqual(len(own), 1, name)
            self.assertIn(name, synopsis)
            for option in re.findall(r"(?m)^  (?:-\w, )?(--[a-z0-9-]+)", text):
                self.assertIn(option, own[0] + general, name)

    def test_completion_is_what_the_program_prints_and_works_in_bash(self):
        path = os.path.join(howto.TOP, "conf", "sqlgreyctl.bash")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(self.run_alone("--completion").stdout, file.read(), "sqlgreyctl --completion > conf/sqlgreyctl.bash")
        script = (f". {path}; cd {self.directory}; touch triplets.txt; complete_it() {{ COMP_WORDS=(\"$@\"); "
                  "COMP_CWORD=$(($# - 1)); _sqlgreyctl 2>/dev/null; echo ${COMPREPLY[*]}; }; complete_it ")
        for line, wanted in (("sqlgreyctl imp", "import"), ("sqlgreyctl import p", "postgrey"),
                             ("sqlgreyctl -f x import m", "maillog"), ("sqlgreyctl import postgrey --del", "--delay"),
                             ("sqlgreyctl import postgrey tri", "triplets.txt"), ("sqlgreyctl --config tri", "triplets.txt"),
                             ("sqlgreyctl import maillog --del", ""), ("sqlgreyctl nothing ''", "")):
            done = subprocess.run(["bash", "-c", script + line], capture_output=True, text=True, check=True, timeout=LIMIT)
            self.assertEqual(done.stdout.strip(), wanted, line)

    def test_usage_errors(self):
        for arguments, word in (([], "no command"), (["frobnicate"], "frobnicate"), (["import"], "FILE"),
                                (["imports", "sendmail"], "imports sendmail"), (["import", "postgrey"], "FILE"),
                                (["--frobnicate"], "frobnicate"), (["--conf", "x", "import", "maillog", "x"], "--conf"),
                                (["--dry-run", "import", "maillog", "x", "--dry-run"], "dry-run"),
                                (["-f", "x", "--configfile", "y", "import", "maillog", "x"], "--config"),
                                (["import", "maillog", "x", "--config"], "config"),
                                (["import", "maillog", "x", "--delay", "5"], "--delay"),
                                (["--ipv4cidr", "33", "import", "postgrey", "x"], "33"),
                                (["--delay=soon", "import", "postgrey", "x"], "delay")):
            done = self.run_alone(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"^sqlgreyctl: .*\n$")
            self.assertIn(word, done.stderr)
            self.assertIn("--help", done.stderr)

    def test_a_usage_error_of_the_plugin_is_unknown_to_nagios(self):
        for arguments in (["check", "--frobnicate"], ["check", "now"], ["check", "--config"], ["-f", "x", "check", "-f", "y"]):
            done = self.run_alone(*arguments)
            self.assertEqual((done.returncode, done.stderr), (3, ""), arguments)
            self.assertRegex(done.stdout, r"\ASQLGREY UNKNOWN: .*; sqlgreyctl check --help\n\Z")

    def test_hostile_values_of_every_option_are_refused_by_its_name(self):
        for command, text in self.commands().items():
            status = 3 if command == "check" else 2
            kind = re.match(rf"Usage: sqlgreyctl {command}( \S+)?", text)[1] or ""
            arguments = [] if kind in ("", " [options]") or kind.startswith(" [") else [kind.split("|")[0].strip()]
            for name, value in re.findall(r"(?m)^  --([a-z0-9-]+)(?: ([A-Za-z][A-Za-z|]*))?(?:  |$)", text):
                if value in ("FILE", "LINE") or name in ("help", "man", "version", "completion"):
                    continue
                option = f"--{name}"
                wrong = ([[option, "x" * 1100], [option, "a\nb"], [option, "\x1b[2J"], [option], [option, "a", option, "b"]]
                         if value else [[f"{option}=x"], [option, option]])
                for typed in wrong:
                    done = self.run_alone(*command.split(), *arguments, *typed)
                    self.assertEqual((done.returncode, done.stdout), (2, ""), (command, typed))
                    self.assertRegex(done.stderr, rf"\Asqlgreyctl: .*{name}.*\n\Z")
            done = self.run_alone(*command.split(), *arguments, "--no-such")
            self.assertEqual(done.returncode, status)
            self.assertIn("--no-such", done.stdout + done.stderr)

    def test_unreadable_files_and_settings_are_named(self):
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

    def test_with_a_privacy_key_importing_a_mail_log_is_refused(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o600)
        done = ctl.run(self.daemon(settings={"privacy_key_file": key}), "import", "maillog", "-")
        self.assertEqual(done.returncode, 1)
        self.assertIn("privacy_key_file", done.stderr)

    def test_an_unavailable_database_is_reported(self):
        server = self.daemon(settings={"db_name": os.path.join(self.directory, "absent", "sqlgrey.db")})
        done = ctl.run(server, "import", "maillog", "-")
        self.assertEqual(done.returncode, 1)
        self.assertIn("absent", done.stderr)


if __name__ == "__main__":
    case.main()
