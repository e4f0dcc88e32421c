"""Passwords, names, socket paths and files with any characters: the daemon can log in on all databases, whichever
parameter has them. The servers check passwords; a wrong one is refused."""

import os
import subprocess
import urllib.parse

from support import case, policy, servers

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7f))
ODD = [c for c in PRINTABLE if not c.isalnum()]
PASSWORDS = [PRINTABLE[:32] + "x", PRINTABLE[32:64], PRINTABLE[64:],
             *[f"{c}a{c}b{c}" for c in ODD], "a#b",
             "it's", "a\\b", "a'b\"c", "with space", "sec#ret", "a  b", "a\\'b", "ends\\\\", "'", "\\", "''", "a #b", "%41%",
             "a=b host=c", "x' password='y", "{a}", "singlerow=true b=c", "a;b=c", "a&b=c", "pässwörd €", "пароль"]
NAME = "we'i rd\"\\;=%&?/é"
DEFERRED = "defer_if_permit Greylisted"


def quoted(value):
    """In the DBI form."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def sql(value, backslashes):
    """As SQL of the server."""
    text = value.replace("'", "''")
    return "'" + (text.replace("\\", "\\\\") if backslashes else text) + "'"


def stands_in_a_line(value):
    """Parameters without quotes lose blanks at their ends, and text after a # that follows a blank."""
    return value == value.strip() and not value.startswith("#") and " #" not in value


def encoded(value):
    return urllib.parse.quote(value, safe="")


class Values(case.DaemonCase):
    def gets_in(self, **settings):
        """Asked once, without a daemon (--stdio), which would log to the system's log."""
        server = self.daemon(settings={"on_db_failure": "pass", "db_name": None, "loglevel": "O", **settings})
        os.chmod(server.config_file, 0o600)
        done = subprocess.run([*server.command(), "--stdio"], input=policy.request(), capture_output=True, timeout=60,
                              check=False, cwd=server.state)
        self.said = done.stderr.decode(errors="replace")
        return done.stdout.decode().startswith(f"action={DEFERRED}")

    def must_get_in(self, **settings):
        self.assertTrue(self.gets_in(**settings), f"{settings}: {self.said}")
        self.assertEqual(self.said, "")


class OnAServer:
    """Tests on a server; its accounts are pw0, pw1, ... with the passwords above."""

    def ways(self, number, password):
        login = {"db_type": self.type, "db_name": self.server.name, "db_host": "127.0.0.1", "db_port": self.server.port,
                 "db_user": f"pw{number}"}
        path = os.path.join(self.directory, f"password{number}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(password + "\n")
        os.chmod(path, 0o600)
        yield {**login, "db_pass_file": path}
        if stands_in_a_line(password):
            yield {**login, "db_pass": password}
        place = f"127.0.0.1:{self.server.port}/{self.server.name}"
        yield {"db_dsn": f"{self.scheme}://pw{number}:{encoded(password)}@{place}"}
        dbi = (f"DBI:{self.type}:dbname={self.server.name};host=127.0.0.1;port={self.server.port};user=pw{number};"
               "password=")
        if " #" not in password:
            yield {"db_dsn": dbi + quoted(password)}
        if stands_in_a_line(password) and ";" not in password and not password.startswith("'"):
            yield {"db_dsn": dbi + password}

    def test_passwords(self):
        self.gets_in(**next(self.ways(0, PASSWORDS[0])))  # creates the tables
        self.assertFalse(self.gets_in(**next(self.ways(0, PASSWORDS[1]))))
        for number, password in enumerate(PASSWORDS):
            for settings in self.ways(number, password):
                with self.subTest(password=password, settings=settings):
                    self.must_get_in(**settings)

    def test_a_wrong_password_is_not_shown(self):
        password = "gehe'im\\geheim"
        for settings in list(self.ways(0, password)):
            server = self.daemon(settings={"db_name": None, "loglevel": 4, **settings})
            os.chmod(server.config_file, 0o600)
            server.start(wait=False)
            server.wait_for_log("password authentication failed|Access denied for user")
            server.stop()
            printed = server.run("--print-config")
            self.assertEqual(printed.returncode, 0)
            for text in (server.log(), printed.stdout, printed.stderr):
                self.assertNotIn("gehe", text)

    def test_names(self):
        secret = "'; drop"
        login = {"db_host": "127.0.0.1", "db_port": self.server.port}
        # NAME contains no # and may be written in a line.
        self.must_get_in(**login, db_type=self.type, db_name=NAME, db_user=NAME, db_pass=secret)
        self.must_get_in(db_dsn=f"{self.scheme}://{encoded(NAME)}:{encoded(secret)}@127.0.0.1:{self.server.port}/"
                                f"{encoded(NAME)}")
        self.must_get_in(db_dsn=f"DBI:{self.type}:dbname={quoted(NAME)};user={quoted(NAME)};password={quoted(secret)};"
                                f"host=127.0.0.1;port={self.server.port}")

    def test_socket(self):
        path = os.path.join(self.server.dir, "a b'c\"d\\;=%#é")
        self.move_socket(path)
        self.must_get_in(db_dsn=f"{self.scheme}://{encoded(self.server.user)}@/{self.server.name}?host={encoded(path)}"
                                f"&port={self.server.port}")
        self.must_get_in(db_dsn=f"DBI:{self.type}:dbname={self.server.name};user={self.server.user};host={quoted(path)};"
                                f"port={self.server.port}")


class OnPostgreSQL(OnAServer, Values):
    type, scheme = "Pg", "postgresql"

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(servers.PostgreSQL(options=["max_connections = 100"]))
        cls.server.query("alter database sqlgrey set synchronous_commit = off; grant create on schema public to public")
        for number, password in enumerate(PASSWORDS):
            cls.server.query(f"create role pw{number} login superuser password {sql(password, False)}")
        name = NAME.replace('"', '""')
        cls.server.query(f'create role "{name}" login superuser password {sql(chr(39) + "; drop", False)}')
        cls.server.query(f'create database "{name}"')
        with open(os.path.join(cls.server.data, "pg_hba.conf"), "w", encoding="utf-8") as file:
            file.write("local all all trust\nhost all postgres 127.0.0.1/32 trust\n"
                       "host all all 127.0.0.1/32 scram-sha-256\n")
        cls.server.query("select pg_reload_conf()")

    def move_socket(self, path):
        os.mkdir(path)
        self.server._own(path)
        os.chmod(path, 0o755)
        text = "'\"" + path.replace('"', '""').replace("'", "''").replace("\\", "\\\\") + "\"'"
        with open(os.path.join(self.server.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"unix_socket_directories = {text}\n")
        self.server.stop()
        self.server.start(create=False)


class OnMariaDB(OnAServer, Values):
    type, scheme = "mysql", "mysql"

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(servers.MariaDB())
        account = "@'127.0.0.1' identified by"
        for number, password in enumerate(PASSWORDS):
            cls.query(f"create user 'pw{number}'{account} {sql(password, True)}")
            cls.query(f"grant all on *.* to 'pw{number}'@'127.0.0.1'")
        cls.query(f"create user {sql(NAME, True)}{account} {sql(chr(39) + '; drop', True)}")
        cls.query(f"grant all on *.* to {sql(NAME, True)}@'127.0.0.1'")
        cls.query(f"create database `{NAME}`")
        cls.query("create user 'tester'@'localhost'")
        cls.query("grant all on *.* to 'tester'@'localhost'")

    @classmethod
    def query(cls, text):
        cls.server.run("mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-u", "root", "-S",
                       cls.server.socket, "-e", text)

    def move_socket(self, path):
        before = self.server.socket
        self.server.socket = path
        self.addCleanup(setattr, self.server, "socket", before)
        self.server.stop()
        self.server.start(create=False)


class OnSQLite(Values):
    def test_files(self):
        names = [PRINTABLE.replace("/", "").strip(), *[f"{c}a{c}b{c}" for c in ODD if c != "/"], "a  b=c", "x\"y z=1", "ümlaut €", "file:x?mode=ro"]
        for number, name in enumerate(names):
            place = os.path.join(self.directory, str(number))
            os.mkdir(place)
            path = os.path.join(place, name)
            ways = [{"db_dsn": "sqlite://" + urllib.parse.quote(path)}]
            if " #" not in name:
                ways.append({"db_dsn": "DBI:SQLite:dbname=" + quoted(path)})
            if "#" not in name and path == path.strip():
                ways.append({"db_type": "SQLite", "db_name": path})
            for settings in ways:
                with self.subTest(name=name, settings=settings):
                    self.must_get_in(**settings)
                    self.assertEqual({entry.removesuffix("-wal").removesuffix("-shm") for entry in os.listdir(place)},
                                     {name})
                    self.assertGreater(os.path.getsize(path), 0)
                for entry in os.listdir(place):
                    os.unlink(os.path.join(place, entry))


if __name__ == "__main__":
    case.main()
