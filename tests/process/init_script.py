"""init/sqlgrey.init: its restart replaces the running daemon, also after an upgrade, and lets it go on if the new one
cannot serve."""

import os
import re
import shutil
import subprocess

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, policy
from support.daemon import LIMIT, alive

DEFER = "defer_if_permit Greylisted for 5 minutes"
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class InitScript(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(wait_until_none_is_left)
        self.server = self.daemon(settings={"workers": 2})
        self.program = os.path.join(self.directory, "sqlgrey")
        shutil.copy(self.binary, self.program)
        self.server.binary = self.program
        with open(os.path.join(TOP, "init", "sqlgrey.init.in"), encoding="utf-8") as file:
            script = file.read()
        for name, value in {"DAEMON": self.program, "CONFIG": self.server.config_file, "PIDFILE": self.server.pid_file,
                            "DIRECTORY": self.server.state}.items():
            script, count = re.subn(rf"(?m)^{name}=.*", f"{name}={value}", script)
            self.assertEqual(count, 1, name)
        self.script = os.path.join(self.directory, "script")
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(script.replace("[ -r /etc/default/sqlgrey ]", "[ -n '' ]"))
        self.addCleanup(self.server.run, "--kill")

    def call(self, action):
        with open(os.path.join(self.directory, "said"), "w+", encoding="utf-8") as said:
            done = subprocess.run(["sh", self.script, action], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                  timeout=LIMIT, check=False)
            said.seek(0)
            lines = [line for line in said if "no syslog daemon listens" not in line]
            return done.returncode, "".join(lines)

    def pid(self):
        with open(self.server.pid_file, encoding="ascii") as file:
            return int(file.read())

    def test_a_restart_replaces_it(self):
        self.assertEqual(self.call("restart"), (0, "sqlgrey does not run.\nsqlgrey started.\n"))
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            first = self.pid()
            self.assertEqual(self.call("restart"), (0, "sqlgrey replaced.\n"))
            self.assertNotEqual(self.pid(), first)
            self.assertEqual(talk.ask(), DEFER)
            self.assertEqual(self.call("status")[0], 0)
        self.assertEqual(self.call("stop"), (0, "sqlgrey stopped.\n"))

    def test_after_an_upgrade(self):
        """Its program is a deleted file then."""
        self.assertEqual(self.call("start")[0], 0)
        shutil.copy(self.binary, self.program + ".new")
        os.replace(self.program + ".new", self.program)
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            self.assertEqual(self.call("status")[0], 0)
            self.assertEqual(self.call("restart"), (0, "sqlgrey replaced.\n"))
            self.assertEqual(talk.ask(), DEFER)
            self.assertEqual(os.readlink(f"/proc/{self.pid()}/exe"), self.program)
        self.assertEqual(self.call("stop")[0], 0)

    def test_of_one_that_cannot_be_replaced(self):
        """Such as an older version: it is stopped, and the new one started."""
        self.assertEqual(self.call("start")[0], 0)
        os.unlink(self.server.pid_file + ".replace")
        first = self.pid()
        self.assertEqual(self.call("restart"), (0, "sqlgrey stopped.\nsqlgrey started.\n"))
        self.assertNotEqual(self.pid(), first)
        self.assertEqual(self.server.ask(), DEFER)
        self.assertEqual(self.call("stop")[0], 0)

    def test_with_wrong_settings_the_old_one_goes_on(self):
        self.assertEqual(self.call("start")[0], 0)
        first = self.pid()
        self.server.configure(reconnect_delay="soon")
        status, said = self.call("restart")
        self.assertEqual(status, 1)
        self.assertIn("reconnect_delay", said)
        self.assertTrue(alive(first))
        self.assertEqual((self.pid(), self.server.ask()), (first, DEFER))
        self.server.configure(reconnect_delay=5)
        self.assertEqual(self.call("stop")[0], 0)


if __name__ == "__main__":
    adopt_orphans()
    case.main()
