"""cmake --install puts everything in its place, keeps changed files, and installs a unit and a script that work."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import case

LIMIT = 120
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Install(unittest.TestCase):
    build = ""

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="sqlgrey-install-")
        os.chmod(self.root, 0o755)  # so that the daemon's user can read it
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def install(self, prefix="/usr"):
        done = subprocess.run(["cmake", "--install", self.build, "--prefix", prefix], capture_output=True, text=True,
                              check=False, timeout=LIMIT, env={**os.environ, "DESTDIR": self.root})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def path(self, name):
        return os.path.join(self.root, name)

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def test_every_file_is_in_its_place(self):
        self.install()
        for name in ("usr/sbin/sqlgrey", "usr/sbin/sqlgreyctl", "usr/share/sqlgrey/exim.acl",
                     "usr/share/sqlgrey/grafana/sqlgrey.json", "usr/share/sqlgrey/prometheus/alerts.yml",
                     "usr/share/man/man8/sqlgreyctl.8",
                     "usr/share/bash-completion/completions/sqlgreyctl", "etc/sqlgrey/sqlgrey.conf", "etc/sqlgrey/smtp_server.regexp",
                     "etc/sqlgrey/dyn_fqdn.regexp", "etc/sqlgrey/discrimination.regexp",
                     "etc/sqlgrey/clients_fqdn_whitelist", "etc/sqlgrey/clients_ip_whitelist",
                     "etc/sqlgrey/whitelist_clients", "etc/sqlgrey/whitelist_recipients",
                     "usr/lib/systemd/system/sqlgrey.service", "usr/lib/systemd/system/sqlgrey.socket",
                     "usr/lib/sysusers.d/sqlgrey.conf", "usr/share/sqlgrey/sqlgrey.init",
                     "usr/share/man/man8/sqlgrey.8", "usr/share/man/man5/sqlgrey.conf.5"):
            self.assertTrue(os.path.isfile(self.path(name)), name)
        for database in ("sqlite", "postgresql", "mysql", "move", "report"):
            self.assertTrue(os.listdir(self.path(f"usr/share/sqlgrey/sql/{database}")), database)
        for name in ("sqlgrey", "sqlgreyctl"):
            self.assertTrue(os.access(self.path(f"usr/sbin/{name}"), os.X_OK))

    def test_nothing_else_is_installed(self):
        self.install()
        top = {os.path.relpath(os.path.join(where, name), self.root)
               for where, _, names in os.walk(self.root) for name in names}
        for name in top:
            self.assertRegex(name, r"^(usr/sbin/|etc/sqlgrey/|usr/lib/(systemd/system|sysusers\.d)/"
                                   r"|usr/share/(man|sqlgrey|bash-completion/completions)/)", name)

    def test_an_edited_file_is_kept_and_the_new_one_put_next_to_it(self):
        self.install()
        with open(self.path("etc/sqlgrey/sqlgrey.conf"), "w", encoding="utf-8") as file:
            file.write("reconnect_delay = 1\n")
        said = self.install()
        self.assertEqual(self.text("etc/sqlgrey/sqlgrey.conf"), "reconnect_delay = 1\n")
        self.assertIn("Keeping", said)
        self.assertGreater(len(self.text("etc/sqlgrey/sqlgrey.conf.dist")), 1000)
        self.assertFalse(os.path.exists(self.path("etc/sqlgrey/dyn_fqdn.regexp.dist")))

    def test_the_installed_daemon_accepts_the_installed_settings(self):
        self.install()
        # Where the files of an installed system are; here they are below a directory of the test.
        with open(self.path("etc/sqlgrey/sqlgrey.conf"), "a", encoding="utf-8") as file:
            file.write(f"conf_dir = {self.path('etc/sqlgrey')}\n")
        program = self.path("usr/sbin/sqlgrey")
        done = subprocess.run([program, "--check-config", "-f", self.path("etc/sqlgrey/sqlgrey.conf")],
                              capture_output=True, text=True, check=False, timeout=LIMIT, cwd=self.root)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_unit_and_script_name_the_installed_program(self):
        self.install()
        program = "/usr/sbin/sqlgrey"
        self.assertIn(f"\nExecStart={program} ", self.text("usr/lib/systemd/system/sqlgrey.service"))
        script = self.path("usr/share/sqlgrey/sqlgrey.init")
        self.assertIn(f"\nDAEMON={program}\n", self.text("usr/share/sqlgrey/sqlgrey.init"))
        subprocess.run(["sh", "-n", script], check=True, timeout=LIMIT)

    def test_with_another_sysconfdir_unit_and_script_name_it(self):
        other = os.path.join(self.root, "other-build")
        subprocess.run(["cmake", "-S", TOP, "-B", other, "-G", "Ninja", "-DBUILD_TESTING=OFF",
                        "-DCMAKE_INSTALL_PREFIX=/opt/sqlgrey", "-DCMAKE_INSTALL_SYSCONFDIR=/opt/etc"], check=True,
                       timeout=LIMIT, stdout=subprocess.DEVNULL)
        for name in ("sqlgrey", "sqlgreyctl"):  # as built
            shutil.copy(os.path.join(self.build, "src", name), os.path.join(other, "src"))
        subprocess.run(["cmake", "--install", other], check=True, timeout=LIMIT, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": self.root})
        self.assertTrue(os.path.isfile(self.path("opt/etc/sqlgrey/sqlgrey.conf")))
        self.assertFalse(os.path.exists(self.path("etc")))
        self.assertIn("--configfile=/opt/etc/sqlgrey/sqlgrey.conf ",
                      self.text("opt/sqlgrey/lib/systemd/system/sqlgrey.service"))
        self.assertIn("\nCONFIG=/opt/etc/sqlgrey/sqlgrey.conf\n", self.text("opt/sqlgrey/share/sqlgrey/sqlgrey.init"))

    def test_systemd_verifies_the_unit(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is missing (package systemd)")
        self.install()
        # As if program and account were in place.
        unit = self.text("usr/lib/systemd/system/sqlgrey.service")
        unit = re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={self.path('usr/sbin/sqlgrey')}", unit)
        own = self.path("sqlgrey.service")
        with open(own, "w", encoding="utf-8") as file:
            file.write(unit)
        socket = self.path("usr/lib/systemd/system/sqlgrey.socket")
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", own, socket], capture_output=True, text=True,
                              check=False, timeout=LIMIT)
        # 10 would be no protection at all.
        score = subprocess.run(["systemd-analyze", "security", "--offline=true", own], capture_output=True, text=True,
                               check=False, timeout=LIMIT).stdout
        exposure = re.search(r"Overall exposure level for sqlgrey.service: ([\d.]+)", score)[1]
        self.assertLessEqual(float(exposure), 1.7)
        with open(os.path.join(TOP, "HOWTO.md"), encoding="utf-8") as file:
            self.assertIn(f"`systemd-analyze security` rates the unit {exposure}", " ".join(file.read().split()))
        about_us = [line for line in done.stderr.splitlines() if "sqlgrey" in line]
        self.assertEqual((done.returncode, about_us), (0, []), done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, help="the build directory to install from")
    options, rest = parser.parse_known_args()
    Install.build = os.path.abspath(options.build)
    case.run_tests(rest)
