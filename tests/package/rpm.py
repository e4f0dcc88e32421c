"""The RPM: its files, its settings, and its scripts. It is not installed: this is Debian."""

import os
import subprocess

import machine
from support import case

LIMIT = 300


class Rpm(case.DaemonCase):
    @classmethod
    def setUpClass(cls):
        os.makedirs(machine.PLACE, exist_ok=True)
        build = os.path.dirname(cls.deb)
        subprocess.run(["cpack", "-G", "RPM", "--config", os.path.join(build, "CPackConfig.cmake"), "-B", machine.PLACE],
                       check=True, stdout=subprocess.DEVNULL, timeout=LIMIT)
        [name] = [name for name in os.listdir(machine.PLACE) if name.endswith(".rpm")]
        cls.rpm = os.path.join(machine.PLACE, name)

    @classmethod
    def tearDownClass(cls):
        os.unlink(cls.rpm)

    def query(self, *what):
        return machine.output_of("rpm", "--query", "--package", *what, self.rpm)

    def test_it_has_the_files_of_an_installation_and_none_of_debians(self):
        files = set(self.query("--list").splitlines())
        for name in ("/usr/sbin/sqlgrey", "/usr/sbin/sqlgreyctl", "/usr/lib/systemd/system/sqlgrey.service",
                     "/usr/lib/systemd/system/sqlgrey.socket", "/usr/lib/sysusers.d/sqlgrey.conf",
                     "/usr/share/man/man8/sqlgrey.8", "/usr/share/doc/sqlgrey/HOWTO.md"):
            self.assertIn(name, files)
        for name in files:
            self.assertNotRegex(name, r"debian|Debian|logcheck|lintian|^/(lib|etc/init\.d)/", name)
            self.assertRegex(name, r"^/(usr/(sbin|lib|share)/|etc/sqlgrey)", "no directory of the system")

    def test_settings_are_kept(self):
        kept = set(self.query("--configfiles").splitlines())
        with open(os.path.join(machine.TOP, "init/deb/conffiles"), encoding="utf-8") as file:
            self.assertEqual(kept, {name for name in file.read().split() if name.startswith("/etc/sqlgrey/")})

    def test_its_scripts_are_valid(self):
        scripts = self.query("--scripts")
        for word in ("useradd --system", "systemctl try-restart sqlgrey.service",
                     "systemctl disable --now sqlgrey.socket sqlgrey.service", "systemctl daemon-reload"):
            self.assertIn(word, scripts)
        for name in ("pre", "post", "preun", "postun"):
            subprocess.run(["sh", "-n", os.path.join(machine.TOP, "init/rpm", name)], check=True, timeout=LIMIT)


if __name__ == "__main__":
    case.main("deb")
