"""The commands in HOWTO.md's chapters on backup, upgrading, log files, one person's data, moving to a server and
uninstalling work as described. They are run as written, except for paths (/etc/sqlgrey and others are in a directory
of the test) and commands that need a running system (systemctl, git, compiling)."""

import glob
import os
import re
import shutil
import subprocess
import textwrap

import howto
from support import case, servers
from support.daemon import give_to_daemon, unprivileged

LIMIT = 120
HOUR = 3600
KNOWN = ("alice@example.org", "почта@пример.example", "back\\slash'quote@example.org", "100%_#x@example.org")
ROLE_ZONE = "Asia/Kolkata"  # half an hour off most zones, and not the zone of this machine


def commands(*words):
    """The text of the one block of commands with these words."""
    found = re.findall(r"(?ms)^( *)```sh ([^\n]+)\n(.*?)^\1```$", howto.howto())
    [text] = [textwrap.dedent(text) for _, said, text in found if said.split() == list(words)]
    return text


def sql(*words):
    return [text for said, text in howto.blocks("sql") if said == set(words)]


class Chapters(case.DaemonCase):
    def places(self, **more):
        """Paths of a real machine: paths of the test."""
        return {"/usr/local/share/sqlgrey/sql": os.path.join(howto.TOP, "sql"), "/root/": self.directory + "/", **more}

    def type(self, text, places, instead=None, **environment):
        """Runs the lines of a block; a line that starts with a key of `instead` calls that function."""
        for name, path in sorted(places.items(), key=lambda place: -len(place[0])):
            text = text.replace(name, path)
        said, lines = "", []
        for line in [*text.splitlines(), ""]:
            call = next((call for word, call in (instead or {}).items() if line.startswith(word)), None)
            if (call or not line) and lines:
                said += self.bash("\n".join(lines), environment)
                lines = []
            if call:
                call()
            elif line:
                lines.append(line)
        return said

    def bash(self, script, environment):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, check=False,
                              timeout=LIMIT, cwd=self.directory, env={**os.environ, **environment})
        self.assertEqual(done.returncode, 0, script + done.stdout + done.stderr)
        return done.stdout + done.stderr


class Moving(Chapters):
    """From SQLite to a server, with all rows."""

    def live_on_sqlite(self):
        server = self.daemon(settings={"reconnect_delay": 1, "group_domain_level": 0, "optmethod": "optout",
                                       "auto_whitelist_clients": 9, "lists_in_database": "on"})
        server.start()
        for sender in (*KNOWN, "waits@waiting.example"):
            self.assertIn("Greylisted", server.ask(sender=sender))
        execute = server.tables.execute
        server.tables.age("connect", 61)
        for sender in KNOWN:
            self.assertIn("delayed", server.ask(sender=sender))
        self.assertEqual(server.tables.count("from_awl"), len(KNOWN))
        server.tables.age("connect", 2 * HOUR)
        server.tables.age("from_awl", 60 * 24 * HOUR - HOUR)  # one hour more and they would expire
        execute("insert into lists (list, entry, reason, expires_at) values ('whitelist_senders', 'hour@list.example', "
                "'für \\ ''Graz''', strftime('%s', 'now') + 3600)")
        execute("insert into lists (list, entry, expires_at) values ('whitelist_senders', 'past@list.example', "
                "strftime('%s', 'now') - 3600)")
        execute("insert into lists (list, entry) values ('whitelist_senders', 'ever@list.example')")
        execute("insert into optout_email (email) values ('eve@example.net')")
        execute("insert into expectation (rcpt, sender_domain, expires_at, reason) values ('dora@example.net', "
                "'code.example', strftime('%s', 'now') + 3600, 'a ''code''')")
        execute("insert into pool values ('203.0.113', '@big.example', 'mx.big.example', strftime('%s', 'now'), "
                "strftime('%s', 'now'))")
        execute("insert into organisation values ('@big.example', 25, 2, strftime('%s', 'now'), 1)")
        self.assertEqual(server.tables.count("client_awl"), 1)
        return server

    def has_moved(self, server):
        ask = server.ask
        for sender in KNOWN:
            self.assertIn("from auto-whitelisted", ask(sender=sender), sender)
        self.assertRegex(ask(sender="waits@waiting.example"), r"delayed 02:0[1-3]:\d\d")
        self.assertIn("inactive for a recipient", ask(sender="new@example.com", recipient="eve@example.net"))
        howto.Sql.wait_for(self, " whitelisted by", server, sender="hour@list.example")
        self.assertIn(" whitelisted by", ask(sender="ever@list.example"))
        self.assertIn("Greylisted", ask(sender="past@list.example"))
        self.assertNotIn("Greylisted", ask(sender="login@code.example", recipient="dora@example.net"))

    def move(self, database, server, settings, places, **environment):
        programs = os.path.join(self.directory, "programs")
        os.mkdir(programs)
        with open(os.path.join(programs, "sqlgrey"), "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nexec {self.binary} -f {server.config_file} \"$@\"\n")
        os.chmod(file.name, 0o755)
        places = self.places(**{"/var/lib/sqlgrey/sqlgrey": server.tables.path}, **places)
        server.configure(**settings)
        control = {"systemctl stop sqlgrey": server.stop, "systemctl start sqlgrey": server.start}
        path = programs + ":" + os.environ["PATH"]
        moved = os.path.join(self.directory, "move.sql")
        self.type(commands("move", database), places, control, PATH=path, **environment)
        self.assertEqual(os.stat(moved).st_mode & 0o077, 0)
        self.type(commands("move", "start"), places, control)
        self.assertFalse(os.path.exists(moved))
        self.has_moved(server)
        server.stop()

    def test_to_postgresql(self):
        self.need("sqlite3", "sqlite3")
        server = self.live_on_sqlite()
        with howto.Administered(servers.PostgreSQL()) as base:
            def run(text, database="postgres"):
                return base.run("psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(base.port), "-U", base.user,
                                "-d", database, "-v", "ON_ERROR_STOP=1", "-f", "-", input=text.encode())

            run("".join(howto.sql_for("postgresql", "create")))
            run(f"alter role sqlgrey set timezone = '{ROLE_ZONE}';\n")
            settings = {"db_type": "Pg", "db_name": "sqlgrey", "db_user": "sqlgrey", "db_pass": "secret",
                        "db_host": "127.0.0.1", "db_port": base.port}
            self.move("postgresql", server, settings, {"db.example.net": "127.0.0.1"}, PGPORT=str(base.port),
                      PGPASSWORD="secret")
            self.assertIn("für \\ 'Graz'", run("select reason from lists;\n", "sqlgrey"))
            self.assertIn("@big.example", run("select pool from pool join organisation on src = pool;\n", "sqlgrey"))
            run("".join(sql("postgresql", "drop")))
            self.assertNotIn("sqlgrey", run("select datname, rolname from pg_database, pg_roles;\n"))

    def test_to_mariadb(self):
        self.need("sqlite3", "sqlite3")
        server = self.live_on_sqlite()
        with howto.Administered(servers.MariaDB(options=["--default-time-zone=-03:30"])) as base:
            def run(text, database="mysql"):
                return base.run("mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-N", "-B", "-u", "root",
                                "-S", base.socket, database, input=text.encode())

            run("".join(howto.sql_for("mysql", "create")))
            settings = {"db_type": "mysql", "db_name": "sqlgrey", "db_user": "sqlgrey", "db_pass": "secret",
                        "db_host": base.socket}
            places = {"-h db.example.net": f"-S {base.socket}", "-u sqlgrey -p": "-u sqlgrey -psecret"}
            self.move("mysql", server, settings, places)
            self.assertIn("für \\\\ 'Graz'", run("select reason from sqlgrey.lists;\n"))
            self.assertIn("@big.example", run("select src from sqlgrey.pool join sqlgrey.organisation on src = pool;\n"))
            run("".join(sql("mysql", "drop")))
            self.assertNotIn("sqlgrey", run("show databases;\nselect user from mysql.user;\n"))


class Backup(Chapters):
    """A copy is made while the daemon runs; rows lost afterwards are there again after restoring it."""

    def lost_and_restored(self, database, settings, lose, places, **environment):
        server = self.start(reconnect_delay=0, group_domain_level=0, **settings)
        server.ask(sender=KNOWN[1])
        howto.Sql.wait_for(self, "delayed", server, sender=KNOWN[1])
        os.mkdir(os.path.join(self.directory, "backup"))
        user, group = unprivileged()
        places = {"/backup/": self.directory + "/backup/", "-o sqlgrey -g sqlgrey": f"-o {user} -g {group}", **places}
        self.type(commands("backup", database), places, **environment)
        lose(server)
        server.stop()
        self.type(commands("restore", database), places, **environment)
        server.start()
        self.assertIn("from auto-whitelisted", server.ask(sender=KNOWN[1]))
        server.stop()

    def test_of_sqlite(self):
        self.need("sqlite3", "sqlite3")
        path = os.path.join(self.directory, "daemon", "state", "sqlgrey.db")

        def lose(server):
            server.tables.execute("delete from from_awl")
            for end in ("-wal", "-shm"):  # as a crash leaves them
                shutil.copy(path + end, path + end + ".kept")
            server.stop()
            for end in ("-wal", "-shm"):
                os.rename(path + end + ".kept", path + end)

        self.lost_and_restored("sqlite", {}, lose, {"/var/lib/sqlgrey/sqlgrey": path})
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)

    def test_of_postgresql(self):
        with servers.PostgreSQL() as base:
            settings = dict(line.split(" = ") for line in base.conf_lines())
            self.lost_and_restored("postgresql", settings, lambda _: base.query("drop table from_awl"), {}, PGHOST=base.dir,
                                   PGPORT=str(base.port), PGUSER=base.user)

    def test_of_mariadb(self):
        with servers.MariaDB() as base:
            settings = dict(line.split(" = ") for line in base.conf_lines())
            client = f"--no-defaults -u root -S {base.socket} "
            self.lost_and_restored("mysql", settings, lambda _: base.query("drop table from_awl"),
                                   {"mariadb ": "mariadb " + client, "mariadb-dump ": "mariadb-dump " + client})


class OnePerson(Chapters):
    """Rows about carol and dave are shown and then erased; those about others stay."""

    def erased(self, run, times):
        def rows(*values):
            return ", ".join("(" + ", ".join([*(f"'{value}'" for value in one), *times]) + ")" for one in values)

        run("insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen) values "
            + rows(("carol", "example.org", "192.0.2"), ("x", "carol.example", "192.0.2"), ("y", "example.org", "198.51.100.23"),
                   ("stays", "example.org", "192.0.2")) + ";\n")
        run("insert into domain_awl (sender_domain, src, first_seen, last_seen) values "
            + rows(("carol.example", "192.0.2"), ("z.example", "198.51.100.23"), ("stays.example", "192.0.2")) + ";\n")
        run("insert into connect (sender_name, sender_domain, src, rcpt, first_seen) values " + ", ".join(
            f"('{name}', '{domain}', '{src}', '{rcpt}', {times[0]})" for name, domain, src, rcpt in (
                ("carol", "example.org", "192.0.2", "b@example.net"), ("a", "example.org", "192.0.2", "dave@example.net"),
                ("carol+tag", "example.org", "192.0.2", "b@example.net"), ("a", "example.org", "192.0.2", "dave+1@example.net"),
                ("news-dave=example.net", "lists.example.com", "192.0.2", "dave@example.net"),
                ("carol", "carol.example", "192.0.2", "c@example.net"), ("d", "example.org", "198.51.100.23", "d@example.net"),
                ("stays", "example.org", "192.0.2", "b@example.net"))) + ";\n")
        run("insert into client_awl (src, passes, last_counted, first_seen, last_seen) values "
            f"('198.51.100.23', 3, {times[0]}, {times[0]}, {times[0]}), ('192.0.2', 3, {times[0]}, {times[0]}, {times[0]});\n")
        run("insert into optin_email (email) values ('dave@example.net'), ('stays@example.net');\n")
        run("insert into optout_email (email) values ('dave@example.net'), ('stays@example.net');\n")
        run("insert into lists (list, entry) values ('whitelist_senders', 'carol@example.org'), "
            "('whitelist_recipients', 'dave@example.net'), ('whitelist_senders', 'stays@example.org');\n")
        shown = "".join(run(one + ";\n") for text in sql("look") for one in text.split(";\n") if one.strip())
        for word in ("carol", "carol+tag", "news-dave=example.net", "dave@example.net", "dave+1@example.net"):
            self.assertIn(word, shown)
        self.assertNotIn("stays", shown)
        for text in sql("erase"):
            run(text)
        left = "".join(run(f"select * from {table};\n") for table in (
            "connect", "from_awl", "domain_awl", "client_awl", "optin_email", "optout_email", "lists"))
        self.assertNotRegex(left, r"carol|dave|198\.51\.100\.23")
        self.assertEqual(len(re.findall("stays", left)), 6)
        self.assertIn("192.0.2", run("select src from client_awl;\n"))

    def test_on_sqlite_with_the_bytes_in_the_file(self):
        self.need("sqlite3", "sqlite3")
        server = self.start(group_domain_level=0)
        for _ in range(3):
            server.ask(sender="carol@example.org", recipient="dave@example.net")
        secure, checkpoint = re.findall(r"`(pragma \w+[^`]*;)`", howto.howto())
        self.assertIn("secure_delete", secure)

        def run(text):
            done = subprocess.run(["sqlite3", "-cmd", ".timeout 20000", server.tables.path], input=f"{secure}\n{text}",
                                  capture_output=True, text=True, check=True, timeout=LIMIT)
            self.assertEqual(done.stderr, "")
            return done.stdout

        self.erased(run, ["strftime('%s', 'now') + 0"] * 2)
        run(checkpoint + "\n")
        for path in glob.glob(server.tables.path + "*"):
            with open(path, "rb") as file:
                content = file.read()
            self.assertNotIn(b"carol", content, path)
            self.assertNotIn(b"dave", content, path)

    def test_on_postgresql(self):
        with servers.PostgreSQL() as base:
            self.start(**dict(line.split(" = ") for line in base.conf_lines())).ask()
            self.erased(base.query, ["localtimestamp"] * 2)
            [vacuum] = re.findall(r"`(vacuum [^`]*;)`", howto.howto())
            base.query(vacuum)

    def test_on_mariadb(self):
        with servers.MariaDB() as base:
            self.start(**dict(line.split(" = ") for line in base.conf_lines())).ask()
            self.erased(base.query, ["now()"] * 2)

    def test_hashes_are_equal_to_those_in_the_tables(self):
        self.need("openssl", "openssl")
        key = os.path.join(self.directory, "privacy_key")
        with open(key, "w", encoding="ascii") as file:
            file.write("0123456789abcdef0123456789abcdef\n")
        give_to_daemon(key)
        server = self.start(privacy_key_file=key)
        server.ask(sender="Carol+tag@Example.org", recipient="dave@example.net")
        said = self.type(commands("hash"), {"/etc/sqlgrey/privacy_key": key}).split()
        [row] = server.tables.rows("connect")
        sender, domain, recipient, client = said
        self.assertEqual(row[:4], (sender, domain, client, recipient))


class LogFile(Chapters):
    def test_logrotate_truncates_the_file_of_a_running_daemon(self):
        self.need("logrotate", "logrotate")
        server = self.start()
        log = server.log_file  # opened by the test for appending, as the chapter says
        server.ask(sender="before@example.org")
        server.wait_for_log("before@example.org")
        [(_, text)] = howto.blocks("logrotate")
        config = os.path.join(self.directory, "logrotate")
        with open(config, "w", encoding="utf-8") as file:
            file.write("su root root\n" + text.replace("/var/log/sqlgrey.log", log))
        os.chmod(config, 0o644)
        os.chown(log, 0, 0)
        subprocess.run(["logrotate", "--force", "--state", os.path.join(self.directory, "state.logrotate"), config],
                       check=True, timeout=LIMIT)
        self.assertTrue(os.path.exists(log + ".1.gz"))
        server.ask(sender="after@example.org")
        server.wait_for_log("after@example.org")
        with open(log, "rb") as file:
            content = file.read()
        self.assertNotIn(b"before@example.org", content)
        self.assertNotIn(b"\0", content)


class Installed(Chapters):
    """Upgrading and uninstalling, in a directory that cmake --install fills."""

    def setUp(self):
        super().setUp()
        self.root = os.path.join(self.directory, "root")
        self.calls = []
        self.instead = {word: (lambda word=word: self.calls.append(word))
                        for word in ("sudo systemctl daemon-reload", "sudo systemctl restart sqlgrey", "systemctl disable --now sqlgrey.socket sqlgrey",
                                     "systemctl daemon-reload", "service sqlgrey stop", "update-rc.d -f sqlgrey remove",
                                     "userdel sqlgrey", "git pull --ff-only", "git checkout TAG")}
        self.instead["cmake --preset release && cmake --build --preset release"] = self.knows_the_preset
        self.instead["sudo cmake --install build/release"] = self.install
        self.instead["sqlgrey --check-config"] = self.check
        self.here = {name: self.root + name for name in ("/usr/local", "/etc/sqlgrey", "/etc/init.d", "/var/lib/sqlgrey")}

    def install(self):
        subprocess.run(["cmake", "--install", self.build, "--prefix", "/usr/local"], check=True, timeout=LIMIT,
                       stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": self.root})

    def knows_the_preset(self):
        known = subprocess.run(["cmake", "--list-presets=all"], cwd=howto.TOP, capture_output=True, text=True, check=True)
        self.assertEqual(known.stdout.count('"release"'), 2, "to configure, and to build")

    def check(self):
        done = subprocess.run([self.root + "/usr/local/sbin/sqlgrey", "--check-config", "-f",
                               self.root + "/etc/sqlgrey/sqlgrey.conf"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def write(self, name, text):
        with open(self.root + name, "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.root + name, encoding="utf-8") as file:
            return file.read()

    def test_an_upgrade_keeps_your_files_shows_differences_and_replaces_ours(self):
        self.install()
        self.write("/etc/sqlgrey/sqlgrey.conf", "reconnect_delay = 1\n")
        self.write("/etc/sqlgrey/clients_fqdn_whitelist", "old.example.org\n")
        self.write("/etc/sqlgrey/discrimination.regexp", "client_name =~ ^unknown$\n")
        self.write("/etc/sqlgrey/whitelist_clients.local", "192.0.2.1\n")
        self.type(commands("upgrade"), self.here, self.instead)
        text = commands("dist").replace("diff -u", "! diff -u")  # differences are expected
        shown = self.type(text, self.here, self.instead)
        self.assertIn("\n-old.example.org\n", shown)
        self.assertIn("\n-reconnect_delay = 1\n", shown)
        self.type(commands("take"), self.here, self.instead)
        self.assertNotIn("old.example.org", self.read("/etc/sqlgrey/clients_fqdn_whitelist"))
        self.assertEqual(self.read("/etc/sqlgrey/sqlgrey.conf"), "reconnect_delay = 1\n")
        self.assertEqual(self.read("/etc/sqlgrey/whitelist_clients.local"), "192.0.2.1\n")
        self.assertEqual(self.read("/etc/sqlgrey/clients_fqdn_whitelist~"), "old.example.org\n")
        self.assertEqual(self.read("/etc/sqlgrey/discrimination.regexp"), "client_name =~ ^unknown$\n")
        left = {os.path.basename(path) for path in glob.glob(self.root + "/etc/sqlgrey/*.dist")}
        self.assertEqual(left, {"sqlgrey.conf.dist", "discrimination.regexp.dist"})
        self.type(commands("restart"), self.here, self.instead)
        self.assertEqual(self.calls, ["git pull --ff-only", "sudo systemctl daemon-reload", "sudo systemctl restart sqlgrey"])

    def test_a_running_program_can_be_replaced(self):
        self.install()
        self.binary = self.root + "/usr/local/sbin/sqlgrey"
        os.chmod(self.directory, 0o755)
        server = self.daemon(binary=self.binary)
        server.start()
        before = os.stat(self.binary).st_ino
        os.utime(self.binary, (0, 0))
        self.type(commands("back"), self.here, self.instead)
        self.assertNotEqual(os.stat(self.binary).st_ino, before)
        self.assertIn("Greylisted", server.ask())

    def test_uninstalling_removes_everything(self):
        self.install()
        for name in ("/etc/init.d", "/var/lib/sqlgrey"):
            os.makedirs(self.root + name)
        shutil.copy(self.root + "/usr/local/share/sqlgrey/sqlgrey.init", self.root + "/etc/init.d/sqlgrey")
        for part in ("systemd", "sysv", "files", "data"):
            self.type(commands("uninstall", part), self.here, self.instead)
        left = [os.path.join(where, name) for where, _, names in os.walk(self.root) for name in names]
        self.assertEqual(left, [])
        self.assertEqual(self.calls, ["systemctl disable --now sqlgrey.socket sqlgrey", "systemctl daemon-reload", "service sqlgrey stop",
                                      "update-rc.d -f sqlgrey remove", "userdel sqlgrey"])


if __name__ == "__main__":
    case.main("build")
