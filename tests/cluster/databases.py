"""The databases that daemons share in these tests, all with one interface: PostgreSQL, MariaDB, SQLite. Each is a
context manager; settings() returns what a daemon's configuration needs to use it."""

import os
import shutil
import subprocess
import tempfile

from support import servers
from support.daemon import give_to_daemon
from support.tables import Tables

COLUMN_END = "\x1f"  # between two columns: no address contains it


class Session:
    """A client that stays connected to the server and gets one statement at a time."""

    def __init__(self, *command, mark):
        self.mark = mark
        self.said = 0
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The server rolls its transaction back.
        self.process.kill()
        self.process.communicate()

    def run(self, *statements):
        """Runs the statements; returns their output as text."""
        for statement in statements:
            self.send(statement)
        return self.wait()

    def send(self, statement):
        """Does not wait for it."""
        self.process.stdin.write(statement + ";\n")
        self.process.stdin.flush()

    def wait(self):
        """Waits until everything sent is done."""
        self.said += 1
        end = f"done {self.said}"
        mark = self.mark.format(end)
        self.process.stdin.write(mark + (";\n" if mark.startswith("select") else "\n"))
        self.process.stdin.flush()
        text = ""
        while not text.endswith(end + "\n"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"the session ended: {text}")
            text += line
        return text[: -len(end) - 1]


class PostgreSQL:
    def __init__(self, server=None, **more):
        self.server = server or servers.PostgreSQL(**more)

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *what):
        self.server.__exit__(*what)

    def settings(self):
        return {"db_type": "Pg", "db_name": self.server.name, "db_user": self.server.user,
                "db_host": "127.0.0.1", "db_port": self.server.port}

    def execute(self, sql):
        return self.server.query(sql)

    def rows(self, sql):
        """Each row as a tuple of texts."""
        text = self.server.run("psql", "-X", "-q", "-A", "-t", "-F", COLUMN_END, "-h", "127.0.0.1", "-p",
                               str(self.server.port), "-U", self.server.user, "-d", self.server.name, "-c", sql)
        # Not splitlines(): it takes the separator for a line end.
        return [tuple(line.split(COLUMN_END)) for line in text.split("\n") if line]

    def minus(self, column, seconds):
        return f"{column} - interval '{int(seconds)} seconds'"

    def count(self, table, where="true"):
        return int(self.rows(f"select count(*) from {table} where {where}")[0][0])

    def age(self, table, seconds, where="true"):
        """Makes the rows older."""
        columns = ["first_seen"] if table == "connect" else ["first_seen", "last_seen"]
        changes = ", ".join(f"{column} = {self.minus(column, seconds)}" for column in columns)
        self.execute(f"update {table} set {changes} where {where}")

    def session(self):
        """A context manager: a session of its own, for transactions that stay open."""
        return Session("psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(self.server.port), "-U",
                       self.server.user, "-d", self.server.name, mark="\\echo {}")

    def sessions(self):
        """The daemons' sessions on the server."""
        return self.rows("select pid from pg_stat_activity where application_name = 'sqlgrey'")

    def waits(self):
        """True if a daemon waits for a lock."""
        return self.rows("select 1 from pg_stat_activity where application_name = 'sqlgrey' and wait_event_type = 'Lock'")

    def end_sessions(self):
        self.server.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'sqlgrey'", "postgres")

    def fresh(self):
        """An empty database, as on a new server."""
        self.server.query(f"drop database if exists {self.server.name} with (force)", "postgres")
        self.server.query(f"create database {self.server.name}", "postgres")


class MariaDB(PostgreSQL):
    def __init__(self, server=None, **more):
        super().__init__(server or servers.MariaDB(**more))

    def settings(self):
        return {**super().settings(), "db_type": "mysql"}

    def rows(self, sql):
        return [tuple(line.split("\t")) for line in self.server.query(sql).splitlines()]

    def minus(self, column, seconds):
        return f"{column} - interval {int(seconds)} second"

    def session(self):
        return Session("mariadb", "--no-defaults", "-N", "-B", "-n", "-u", "root", "-S", self.server.socket,
                       self.server.name, mark="select '{}'")

    def sessions(self):
        return self.rows("select id from information_schema.processlist where user not in ('root', 'system user')")

    def end_sessions(self):
        for (session,) in self.sessions():
            self.execute(f"kill {session}")

    def waits(self):
        # Not innodb_trx: it is refreshed only every 100 ms, and not while it is read more often.
        return int(self.rows("show global status like 'Innodb_row_lock_current_waits'")[0][1]) > 0

    def fresh(self):
        self.server.query(f"drop database if exists {self.server.name}", "mysql")
        self.server.create()


class SQLite(PostgreSQL):
    def __init__(self):
        super().__init__(server=self)
        self.directory = tempfile.mkdtemp(prefix="sqlgrey-base-")
        os.chmod(self.directory, 0o755)
        self.number = 0
        self.fresh()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def fresh(self):
        # A new file in a new directory: processes that have the old one open do no harm.
        self.number += 1
        directory = os.path.join(self.directory, str(self.number))
        os.mkdir(directory)
        give_to_daemon(directory)
        self.tables = Tables(os.path.join(directory, "sqlgrey.db"))

    def settings(self):
        return {"db_type": "SQLite", "db_name": self.tables.path}

    def execute(self, sql):
        return self.tables.execute(sql)

    def rows(self, sql):
        return [tuple(str(value) for value in row) for row in self.tables.execute(sql)]

    def minus(self, column, seconds):
        return f"{column} - {int(seconds)}"
