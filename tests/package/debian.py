"""The Debian package in a clean Debian: installed, upgraded, removed and purged; in place of Debian's package of
SQLgrey 1.8, and back.

SQLGREY_UPGRADES=20 in the environment upgrades more often under load."""

import glob
import os
import subprocess
import tempfile
import time

import machine
from support import case, servers
from support.strict_client import StrictLoad

DEFER = "defer_if_permit Greylisted for 5 minutes"
PERL_VERSION = "1:1.8.0-4"
HOUR = 3600
UPGRADES = int(os.environ.get("SQLGREY_UPGRADES", "3"))


def perls_package():
    """Debian's package of SQLgrey 1.8."""
    found = glob.glob(os.path.join(machine.PLACE, "sqlgrey_*_all.deb"))
    if not found:
        subprocess.run(["apt-get", "-qq", "download", f"sqlgrey={PERL_VERSION}"], cwd=machine.PLACE, check=True,
                       stderr=subprocess.DEVNULL)
        found = glob.glob(os.path.join(machine.PLACE, "sqlgrey_*_all.deb"))
    return found[0]


class Package(case.DaemonCase):
    @classmethod
    def setUpClass(cls):
        cls.base = machine.base_for(cls.deb)

    def setUp(self):
        super().setUp()
        self.need_root("chroot and namespaces")
        self.machine = machine.Machine(self.base)
        self.addCleanup(self.machine.close)

    def other_version(self, version, **files):
        """Our package with another version, and other text in some files."""
        unpacked = tempfile.mkdtemp(dir=self.directory)
        subprocess.run(["dpkg-deb", "--raw-extract", self.deb, unpacked], check=True)
        control = os.path.join(unpacked, "DEBIAN", "control")
        with open(control, encoding="utf-8") as file:
            lines = [f"Version: {version}\n" if line.startswith("Version:") else line for line in file]
        with open(control, "w", encoding="utf-8") as file:
            file.writelines(lines)
        for name, text in files.items():
            with open(os.path.join(unpacked, "etc", "sqlgrey", name), "a", encoding="utf-8") as file:
                file.write(text)
        deb = os.path.join(self.directory, f"sqlgrey_{version.replace(':', '_')}.deb")
        subprocess.run(["dpkg-deb", "-Zgzip", "-z1", "--build", "--root-owner-group", unpacked, deb], check=True,
                       stdout=subprocess.DEVNULL)
        return deb

    def known(self, sender):
        """A row that makes a sender known, as Perl's program and ours write it."""
        name, domain = sender.split("@")
        now = int(time.time())
        self.machine.sql("insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values "
                         f"('{name}', '{domain}', '192.0.2.10', {now - 200 * HOUR}, {now - HOUR})")

    def left(self):
        """Files and accounts of the package that are still there."""
        found = self.machine.run("find", "/", "-xdev", "-name", "*sqlgrey*", "-not", "-path", "/root/*").split()
        return found + self.machine.run("getent", "passwd", "sqlgrey", status=None).split()


class Own(Package):
    def test_lintian_finds_nothing(self):
        said = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", self.deb], capture_output=True,
                              text=True, check=False)
        self.assertEqual((said.returncode, said.stdout), (0, ""))

    def test_it_runs_when_it_is_installed_and_nothing_is_left_after_a_purge(self):
        before = {os.path.join(where, name) for where, _, names in os.walk(self.base + "/etc") for name in names}
        said = self.machine.install(self.deb)
        self.assertIn("sqlgrey started", said)
        self.assertEqual(self.machine.ask(), DEFER)
        self.assertIn("waiting", self.machine.run("sqlgreyctl", "status"), "started in /")
        self.assertEqual(self.machine.run("sqlgreyctl", "list", "waiting", "--format", "csv").count("\n"), 2)
        self.assertEqual(self.machine.owner("/var/lib/sqlgrey"), "sqlgrey:sqlgrey 750")
        self.assertEqual(self.machine.owner("/var/lib/sqlgrey/sqlgrey"), "sqlgrey:sqlgrey 640")
        self.assertEqual(self.machine.owner("/etc/sqlgrey/sqlgrey.conf"), "root:sqlgrey 640")
        for unit, target in (("sqlgrey.service", "multi-user.target"), ("sqlgrey.socket", "sockets.target")):
            self.assertTrue(self.machine.exists(f"/etc/systemd/system/{target}.wants/{unit}"), unit)
        self.assertIn("sqlgrey runs", self.machine.run("service", "sqlgrey", "status"))
        self.machine.write("/etc/sqlgrey/whitelist_clients.local", "192.0.2.99\n")

        self.machine.run("dpkg", "--remove", "sqlgrey")
        self.assertIsNone(self.machine.master())
        self.assertTrue(self.machine.exists("/var/lib/sqlgrey/sqlgrey"))
        self.machine.run("/etc/init.d/sqlgrey", "start")  # the script of a removed package says nothing
        self.machine.install(self.deb)
        self.assertEqual(self.machine.ask(), DEFER)
        self.assertEqual(self.machine.sql("select count(*) from connect"), "1\n", "the row from before the removal")

        self.machine.run("dpkg", "--purge", "sqlgrey")
        self.assertEqual(self.left(), [])
        after = {os.path.join(self.base, os.path.relpath(os.path.join(where, name), self.machine.root))
                 for where, _, names in os.walk(self.machine.root + "/etc") for name in names}
        ours = {name for name in after - before if not name.endswith(("-", "/dpkg.cfg.d/tests"))}  # passwd- and so on
        self.assertEqual(ours, set())

    def test_an_upgrade_restarts_the_daemon_and_keeps_rows_and_edited_files(self):
        self.machine.install(self.deb)
        self.known("alice@example.org")
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", "greymethod = full\nprepend = 0\n", 0o640)
        self.machine.write("/etc/sqlgrey/whitelist_clients.local", "192.0.2.99\n")
        before = self.machine.master()
        new = {"sqlgrey.conf": "# new\n", "whitelist_clients": "# new\n"}
        self.machine.install(self.other_version("1:2.0.1-1", **new))
        self.assertNotIn(self.machine.master(), (before, None))
        self.assertEqual(self.machine.ask(), "dunno")
        self.assertEqual(self.machine.ask(client_address="192.0.2.99", sender="x@example.org"), "dunno")
        self.assertEqual(self.machine.ask(sender="x@example.org"), DEFER)
        self.assertEqual(self.machine.read("/etc/sqlgrey/sqlgrey.conf"), "greymethod = full\nprepend = 0\n")
        self.assertIn("# new", self.machine.read("/etc/sqlgrey/sqlgrey.conf.dpkg-dist"))
        self.assertIn("# new", self.machine.read("/etc/sqlgrey/whitelist_clients"), "nobody has edited it")

    def test_upgrades_lose_no_request(self):
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", "unix = /var/lib/sqlgrey/policy\n")
        self.machine.install(self.deb)
        load = StrictLoad(self.machine.root + "/var/lib/sqlgrey/policy", clients=10, pause=0.01)
        self.addCleanup(load.stop)
        for _ in range(UPGRADES):
            load.wait_for_more(100)
            said = self.machine.install(self.deb)
            self.assertIn("sqlgrey replaced", said)
        load.wait_for_more(100)
        load.stop()
        self.assertEqual((load.lost(), load.closed()), ([], 0))
        self.assertEqual(set(load.replies().values()), {DEFER})
        self.assertEqual(int(self.machine.sql("select count(*) from connect")), len(load.replies()))
        print(f"{UPGRADES} upgrades, {len(load.replies())} requests, longest {load.longest() * 1000:.0f} ms")

    def test_a_daemon_that_runs_is_left_alone_if_the_new_one_would_not_start(self):
        self.machine.install(self.deb)
        before = self.machine.master()
        newer = self.other_version("1:2.0.1-1")
        for setting, why in (("greymethod = nonsense", "greymethod"),
                             ("db_type = Pg\ndb_host = /nowhere", "database ")):
            self.machine.write("/etc/sqlgrey/sqlgrey.conf", setting + "\n", 0o640)
            said = self.machine.install(newer)
            self.assertIn("was not replaced, because the new one would not start", said)
            self.assertIn(why, said)
            self.assertEqual(self.machine.master(), before)
            self.assertEqual(self.machine.ask(), DEFER)

    def test_a_first_start_that_fails_says_so_and_the_package_is_installed(self):
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", "greymethod = nonsense\n")
        said = self.machine.install(self.deb)
        self.assertIn("greymethod", said)
        self.assertIn("correct that, then: service sqlgrey restart", said)
        self.assertIn("install ok installed", self.machine.run("dpkg", "--status", "sqlgrey"))
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", "")
        self.machine.run("service", "sqlgrey", "restart")
        self.assertEqual(self.machine.ask(), DEFER)


class UnderSystemd(Package):
    """What systemd is told. The daemon itself does not run here."""

    def setUp(self):
        super().setUp()
        self.machine.pretend_systemd()

    def test_the_socket_is_opened_before_the_service_and_stays_over_an_upgrade(self):
        self.machine.install(self.deb)
        self.assertEqual(self.machine.told_systemd(),
                         ["daemon-reload", "start sqlgrey.socket", "restart sqlgrey.service"])
        self.machine.install(self.other_version("1:2.0.1-1"))
        self.assertEqual(self.machine.told_systemd(), ["daemon-reload", "restart sqlgrey.service"])
        self.machine.run("dpkg", "--remove", "sqlgrey")
        self.assertEqual(self.machine.told_systemd(), ["stop sqlgrey.socket sqlgrey.service", "daemon-reload"])
        self.machine.run("dpkg", "--purge", "sqlgrey")
        self.assertEqual(self.left(), [])

    def test_what_the_administrator_has_disabled_stays_so(self):
        self.machine.install(self.deb)
        wants = "/etc/systemd/system/sockets.target.wants/sqlgrey.socket"
        os.unlink(self.machine.root + wants)
        self.machine.install(self.other_version("1:2.0.1-1"))
        self.assertFalse(self.machine.exists(wants))

    def test_debians_package_is_stopped_before_the_socket_is_opened_and_the_other_way(self):
        self.machine.install(perls_package(), status=None)
        self.machine.told_systemd()
        self.machine.install(self.deb)
        self.assertEqual(self.machine.told_systemd(), ["daemon-reload", "stop sqlgrey.service", "daemon-reload",
                                                       "start sqlgrey.socket", "restart sqlgrey.service"])
        self.machine.install(perls_package(), "--force-downgrade")
        told = self.machine.told_systemd()
        self.assertEqual(told[:2], ["stop sqlgrey.socket sqlgrey.service", "daemon-reload"])
        self.assertFalse(glob.glob(self.machine.root + "/etc/systemd/system/*.wants/sqlgrey*"))


class FromPerl(Package):
    SETTINGS = "greymethod = full\nreconnect_delay = 1\nprepend = 0\nloglevel = 3\n"

    def install_perls(self, settings):
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", self.SETTINGS + settings)
        self.machine.run("mkdir", "-p", "/var/lib/sqlgrey")
        # The account first, so that the first start can make its tables.
        self.machine.run("adduser", "--system", "--group", "--quiet", "--home", "/var/lib/sqlgrey", "--no-create-home",
                         "sqlgrey")
        self.machine.run("dpkg-statoverride", "--update", "--add", "sqlgrey", "sqlgrey", "0700", "/var/lib/sqlgrey")
        self.machine.install(perls_package())
        self.machine.sh("until ss -ltn | grep -q :2501; do sleep 0.1; done")

    def test_everything_goes_on_after_sqlgrey_1_8(self):
        self.install_perls("db_type = SQLite\n")
        self.assertTrue(self.machine.ask().startswith("defer_if_permit Greylisted for 1 minutes"))
        self.known("carol@example.org")
        self.machine.sql("update connect set first_seen = first_seen - 300")
        self.machine.write("/etc/sqlgrey/clients_ip_whitelist.local", "192.0.2.99\n")
        self.machine.write("/etc/sqlgrey/dyn_fqdn.regexp", "^edited$\n")
        perl = self.machine.sh("pgrep -u sqlgrey -f /usr/sbin/sqlgrey").split()
        self.machine.install(self.deb)
        for pid in perl:
            self.assertFalse(os.path.exists(f"{self.machine.root}/proc/{pid}/exe"), "Perl's program still runs")
        self.assertEqual(self.machine.ask(sender="carol@example.org"), "dunno", "a known sender")
        self.assertEqual(self.machine.ask(), "dunno", "a retry of an attempt that Perl's program has deferred")
        self.assertEqual(self.machine.ask(client_address="192.0.2.99", sender="new@example.org"), "dunno")
        self.assertIn("Greylisted for 1 minute", self.machine.ask(sender="new@example.com"))
        self.assertEqual(self.machine.owner("/var/lib/sqlgrey").split()[0], "sqlgrey:sqlgrey")
        self.assertEqual(self.machine.owner("/etc/sqlgrey/sqlgrey.conf"), "sqlgrey:sqlgrey 660")
        self.assertEqual(self.machine.read("/etc/sqlgrey/sqlgrey.conf"), self.SETTINGS + "db_type = SQLite\n")
        self.assertEqual(self.machine.read("/etc/sqlgrey/dyn_fqdn.regexp"), "^edited$\n")
        self.assertFalse(self.machine.exists("/etc/sqlgrey/README"))
        self.assertTrue(self.machine.exists("/etc/systemd/system/sockets.target.wants/sqlgrey.socket"))

        # And back.
        self.machine.install(perls_package(), "--force-downgrade")
        self.assertTrue(self.machine.sh("pgrep -u sqlgrey -f 'perl.*/usr/sbin/sqlgrey'").strip())
        self.machine.sh("until ss -ltn | grep -q :2501; do sleep 0.1; done")
        self.assertEqual(self.machine.ask(sender="carol@example.org"), "dunno")
        self.assertFalse(self.machine.exists("/etc/systemd/system/sockets.target.wants/sqlgrey.socket"))

    def everything_goes_on_with(self, base, socket, settings, minutes):
        relay = machine.Relay(self.machine, socket, base.port)
        self.addCleanup(relay.close)
        self.install_perls(f"db_name = {base.name}\ndb_user = {base.user}\n{settings}")
        self.assertIn("Greylisted for 1 minutes", self.machine.ask())
        base.query(f"update connect set first_seen = first_seen - interval {minutes.format(5)}")
        base.query("insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values ('carol', "
                   f"'example.com', '192.0.2.10', now() - interval {minutes.format(9999)}, now())")
        self.machine.install(self.deb)
        self.assertIsNotNone(self.machine.master())
        self.assertEqual(self.machine.ask(sender="carol@example.com"), "dunno", "a known sender")
        self.assertEqual(self.machine.ask(), "dunno", "a retry of an attempt that Perl's program has deferred")
        self.assertIn("Greylisted for 1 minute", self.machine.ask(sender="new@example.com"))
        self.machine.run("dpkg", "--purge", "sqlgrey")
        self.assertEqual(base.query("select count(*) from from_awl"), "2", "the purge leaves a server alone")

    def test_everything_goes_on_with_postgresql_which_no_setting_names(self):
        with servers.PostgreSQL() as base:
            self.everything_goes_on_with(base, f"/run/base/.s.PGSQL.{base.port}",
                                         f"db_host = /run/base\ndb_port = {base.port}\n", "'{} minutes'")

    def test_everything_goes_on_with_mariadb(self):
        with servers.MariaDB() as base:
            self.everything_goes_on_with(base, "/run/mysqld/mysqld.sock", "db_type = mysql\ndb_host = localhost\n",
                                         "{} minute")

    def test_the_socket_unit_is_left_off_where_another_address_is_set(self):
        self.install_perls("db_type = SQLite\ninet = *:2501\n")
        self.machine.install(self.deb)
        self.assertFalse(self.machine.exists("/etc/systemd/system/sockets.target.wants/sqlgrey.socket"))
        self.assertTrue(self.machine.exists("/etc/systemd/system/multi-user.target.wants/sqlgrey.service"))
        self.assertIn("0.0.0.0:2501", self.machine.run("ss", "-ltn"))

    def test_a_database_that_was_only_the_default_stays_postgresql(self):
        self.machine.write("/etc/sqlgrey/sqlgrey.conf", self.SETTINGS + "db_host = /nowhere\n")
        self.machine.install(perls_package(), status=None)  # its start fails
        self.machine.install(self.deb)
        self.assertIn("\ndb_type = Pg\n", self.machine.read("/etc/sqlgrey/sqlgrey.conf"))
        self.assertRegex(self.machine.run("sqlgrey", "--print-config"), r"(?m)^db_type += Pg ")


if __name__ == "__main__":
    case.main("deb")
