"""init/quickstart.sh with a program that is already built: first run, and repeated."""

import os
import re
import shlex
import signal
import subprocess

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case
from support.daemon import free_port, give_to_daemon, unprivileged

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 60


class QuickStart(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.state = os.path.join(self.directory, "quick start")
        os.mkdir(self.state)
        give_to_daemon(self.state)
        self.addCleanup(self.stop)

    def settings(self, **more):
        """The settings that the quick start writes, but with a free port and an existing account."""
        user, group = unprivileged()
        settings = {"inet": f"127.0.0.1:{self.port}", "reconnect_delay": 1, "db_type": "SQLite",
                    "db_name": f"{self.state}/sqlgrey.db", "conf_dir": os.path.join(TOP, "conf"),
                    "pidfile": f"{self.state}/sqlgrey.pid", "admin_mail": "", "user": user, "group": group, **more}
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        with open(os.path.join(self.state, "sqlgrey.conf"), "w", encoding="utf-8") as file:
            file.write(text)
        return text

    def quick_start(self, *arguments):
        # Pipes: if the daemon kept one of them open, this would not return.
        return subprocess.run([os.path.join(TOP, "init", "quickstart.sh"), "--daemon", self.binary,
                               *(arguments or [self.state])], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, timeout=LIMIT, cwd=self.directory)

    def pid(self):
        with open(os.path.join(self.state, "sqlgrey.pid"), encoding="ascii") as file:
            return int(file.read())

    def stop(self):
        try:
            os.kill(self.pid(), signal.SIGTERM)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            pass
        wait_until_none_is_left()

    def test_it_shows_a_deferral_and_prints_the_settings_for_postfix(self):
        text = self.settings()
        done = self.quick_start()
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("action=defer_if_permit Greylisted for 1 minutes", done.stdout)
        self.assertIn(f"inet:127.0.0.1:{self.port}", done.stdout)
        first = self.pid()
        again = self.quick_start()
        self.assertEqual((again.returncode, again.stderr), (0, ""), again.stdout)
        self.assertIn("runs already", again.stdout)
        self.assertEqual(self.pid(), first)
        with open(os.path.join(self.state, "sqlgrey.conf"), encoding="utf-8") as file:
            self.assertEqual(file.read(), text, "the settings are the admin's")

    def test_the_howto_says_how_to_stop_and_remove_it(self):
        self.settings()
        self.quick_start()
        with open(os.path.join(TOP, "HOWTO.md"), encoding="utf-8") as file:
            [text] = re.findall(r"(?s)```sh uninstall quickstart\n(.*?)```", file.read())
        text = text.replace("build/release/src/sqlgrey", self.binary)
        text = re.sub(r"(?<= )quickstart(?=[/\n])", lambda _: shlex.quote(self.state), text)
        subprocess.run(["sh", "-e", "-c", text], check=True, timeout=LIMIT)
        wait_until_none_is_left()
        self.assertFalse(os.path.exists(self.state))

    def test_the_command_it_prints_sees_the_mail_pass_after_a_minute(self):
        self.settings()
        done = self.quick_start()
        command = re.search(r"(?m)^ +(\S+/init/ask\.sh \S+) *$", done.stdout)[1].split()
        tables = self.daemon(settings={"db_name": f"{self.state}/sqlgrey.db"}).tables
        tables.path = f"{self.state}/sqlgrey.db"
        tables.age("connect", 61)
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LIMIT).stdout
        self.assertRegex(said, r"^action=PREPEND X-Greylist: delayed 00:0\d:\d\d by SQLgrey-")

    def fresh(self):
        """In a network namespace of its own, where the port is free; without settings."""
        self.need_root("to make a network namespace")
        self.need("ip", "iproute2")
        command = f"ip link set lo up; exec '{TOP}/init/quickstart.sh' --daemon '{self.binary}' '{self.state}'"
        return subprocess.run(["unshare", "-n", "sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, timeout=LIMIT)

    def test_the_lists_are_copied_and_everything_belongs_to_the_account(self):
        done = self.fresh()
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        for name in ("clients_ip_whitelist", "clients_fqdn_whitelist", "whitelist_clients", "whitelist_recipients",
                     "dyn_fqdn.regexp", "smtp_server.regexp", "pool_customers.regexp"):
            with open(os.path.join(self.state, name), "rb") as ours, open(os.path.join(TOP, "conf", name), "rb") as file:
                self.assertEqual(ours.read(), file.read(), name)
        with open(os.path.join(self.state, "log"), encoding="utf-8") as file:
            self.assertNotIn("no such file", file.read())
        owners = {os.stat(os.path.join(self.state, name)).st_uid for name in os.listdir(self.state)}
        self.assertEqual(owners, {os.stat(self.state).st_uid})

    def test_root_follows_no_links_of_the_account(self):
        self.need_root("only root can be led")
        secret = os.path.join(self.directory, "secret")
        with open(secret, "w", encoding="ascii") as file:
            file.write("of root\n")
        os.chmod(secret, 0o600)
        for name in ("log", "sqlgrey.conf", "dyn_fqdn.regexp", "whitelist_clients", "sqlgrey.pid"):
            link = os.path.join(self.state, name)
            os.symlink(secret, link)
            done = self.fresh()
            self.assertEqual(done.returncode, 1, (name, done.stdout))
            with open(secret, encoding="ascii") as file:
                self.assertEqual(file.read(), "of root\n", name)
            self.assertEqual(os.stat(secret).st_mode & 0o777, 0o600)
            os.unlink(link)

    def test_settings_with_user_root_do_not_make_it_run_as_root(self):
        self.need_root("only root could stay root")
        self.settings(user="root", group="root")
        done = self.quick_start()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(os.stat(f"/proc/{self.pid()}").st_uid, os.stat(self.state).st_uid)

    def test_a_port_in_use_is_reported(self):
        other = self.daemon().start()
        self.settings(inet=f"127.0.0.1:{other.port}")
        done = self.quick_start()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"127.0.0.1:{other.port}", done.stderr)
        self.assertIn("in use", done.stderr)
        other.stop()

    def test_wrong_settings_are_reported(self):
        self.settings(reconnect_delay="soon")
        done = self.quick_start()
        self.assertEqual(done.returncode, 1)
        self.assertIn("reconnect_delay", done.stderr)

    def test_unknown_arguments_are_reported(self):
        for arguments in (["--frobnicate"], ["one", "two"], ["has#hash"]):
            done = self.quick_start(*arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn("quickstart: ", done.stderr)


if __name__ == "__main__":
    adopt_orphans()
    case.main()
