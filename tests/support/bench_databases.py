"""The databases that are measured, as an administrator would run them: with their servers' defaults, and every
commit on the disk.

Each is a context manager; fresh() gives an empty database, repeatedly. Files are below the directory for temporary
files (TMPDIR), which must be on a disk, or durability costs nothing and the figures mean nothing."""

import itertools
import os
import shutil
import sqlite3
import tempfile
import time

from support import servers
from support.daemon import give_to_daemon

A_LOAD = 500000  # rows at a time: a transaction of millions is slow in itself
CLIENTS = 400  # sessions that a server accepts; the defaults of PostgreSQL and MariaDB are too low
STATEMENT_TIMEOUT = 1800  # seconds that a statement may take, such as vacuum of tens of millions of rows


def loads(lines):
    """Lists of so many lines each."""
    lines = iter(lines)
    while some := list(itertools.islice(lines, A_LOAD)):
        yield some


class SQLite:
    name = "SQLite"
    kind = "sqlite"

    def __init__(self, memory=None, options=()):
        """`memory`, `options`: for servers; SQLite has none."""
        self.directory = None
        self.path = None
        self.synchronous = "normal"  # for bare_database: the default of sqlite_synchronous

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="sqlgrey-bench-")
        os.chmod(self.directory, 0o755)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def fresh(self):
        if self.path:
            shutil.rmtree(os.path.dirname(self.path))
        place = tempfile.mkdtemp(dir=self.directory)
        give_to_daemon(place)
        self.path = os.path.join(place, "sqlgrey.db")

    def settings(self):
        return {"db_type": "SQLite", "db_name": self.path}

    def bare(self):
        """The options of bare_database for this database."""
        return ["--database", self.kind, "--target", f'db="{self.path}"', "--synchronous", self.synchronous]

    def now(self, ahead=0):
        """The database's time in so many seconds, as a value for a column."""
        return str(int(time.time()) + ahead)

    def run(self, *statements):
        base = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        try:
            for statement in statements:
                base.execute(statement)
        finally:
            base.close()

    def value(self, sql):
        base = sqlite3.connect(self.path, timeout=20)
        try:
            row = base.execute(sql).fetchone()
            return None if row is None else str(row[0])
        finally:
            base.close()

    def load(self, table, columns, lines):
        """Adds rows; each line is one, with tabs between its values."""
        places = ", ".join("?" * len(columns))
        base = sqlite3.connect(self.path, timeout=20)
        try:
            base.execute("pragma cache_size = -1000000")
            base.execute("pragma synchronous = off")
            for some in loads(lines):
                with base:
                    base.executemany(f"insert into {table} ({', '.join(columns)}) values ({places})",
                                     (line.split("\t") for line in some))
            # Otherwise the WAL of these rows would be part of the measurement.
            base.execute("pragma wal_checkpoint(truncate)")
        finally:
            base.close()

    def settle(self):
        """After adding many rows: updates statistics, and waits for background writes."""
        self.run("pragma wal_checkpoint(truncate)")

    def sizes(self):
        """Bytes of everything that grows, by name."""
        sizes = {}
        for name, end in (("file", ""), ("wal", "-wal")):
            try:
                sizes[name] = os.stat(self.path + end).st_size
            except FileNotFoundError:
                sizes[name] = 0
        return sizes


class OnServer:
    """The common part of PostgreSQL and MariaDB. `server` is one of support.servers."""

    def __enter__(self):
        self.server.command_timeout = STATEMENT_TIMEOUT
        self.server.prepare()
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def settings(self):
        return dict(line.split(" = ", 1) for line in self.server.conf_lines())

    def value(self, sql):
        return self.server.query(sql)

    def load(self, table, columns, lines):
        path = os.path.join(self.server.dir, "rows")
        for some in loads(lines):
            with open(path, "w", encoding="ascii") as file:
                file.writelines(line + "\n" for line in some)
            os.chmod(path, 0o644)
            self.run(self.load_text.format(table=table, columns=", ".join(columns), path=path))
            os.unlink(path)


class PostgreSQL(OnServer):
    name = "PostgreSQL"
    kind = "postgresql"
    load_text = "copy {table} ({columns}) from '{path}'"

    def __init__(self, memory=None, options=()):
        more = [f"shared_buffers='{memory}B'"] if memory else []
        self.server = servers.PostgreSQL(durable=True, options=[f"max_connections={CLIENTS}", *more, *options])

    def fresh(self):
        for sql in (f"drop database if exists {self.server.name} with (force)", f"create database {self.server.name}",
                    "checkpoint"):
            self.server.query(sql, "postgres")

    def bare(self):
        return ["--database", self.kind, "--target", f"host=127.0.0.1 port={self.server.port}"
                f" dbname={self.server.name} user={self.server.user}"]

    def now(self, ahead=0):
        return self.value(f"select cast(now() + interval '{ahead} seconds' as timestamp(0))")

    def run(self, *statements):
        for statement in statements:
            self.server.query(statement)

    def settle(self):
        self.run("vacuum analyze", "checkpoint")

    def sizes(self):
        return {"database": int(self.value(f"select pg_database_size('{self.server.name}')"))}


class MariaDB(OnServer):
    name = "MariaDB"
    kind = "mysql"
    load_text = "load data infile '{path}' into table {table} ({columns})"

    def __init__(self, memory=None, options=()):
        # The server's defaults, where those of the tests differ.
        self.server = servers.MariaDB(durable=True, options=[
            "--innodb-flush-log-at-trx-commit=1", "--innodb-log-file-size=96M",
            f"--innodb-buffer-pool-size={memory or '128M'}", f"--max-connections={CLIENTS}", *options])

    def fresh(self):
        self.server.query(f"drop database if exists {self.server.name}", "mysql")
        self.server.create()

    def bare(self):
        return ["--database", self.kind, "--target", f"host=127.0.0.1 port={self.server.port} db={self.server.name}"
                f" user={self.server.user} charset=latin1"]

    def now(self, ahead=0):
        return self.value(f"select now() + interval {ahead} second")

    def run(self, *statements):
        self.server.query("; ".join(statements))

    def settle(self):
        self.run("analyze table connect, from_awl, domain_awl")

    def sizes(self):
        return {"database": int(self.value("select sum(data_length + index_length) from information_schema.tables"
                                           f" where table_schema = '{self.server.name}'"))}


# By the names for --databases.
KINDS = {kind.name: kind for kind in (SQLite, PostgreSQL, MariaDB)}


def opened(name, options, more=()):
    """The database of that name, with the options of bench.py; `more` are options of its server."""
    database = KINDS[name](options.server_memory, more)
    if name == SQLite.name:
        database.synchronous = options.settings.get("sqlite_synchronous", database.synchronous)
    return database
