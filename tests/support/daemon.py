"""Starts and stops a greylisting daemon, ours or Perl SQLgrey, with SQLite in a directory of its own.

It listens on a free port on loopback only; every wait is bounded; the daemon is stopped by its pid; its standard
error is kept in a file."""

import os
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from support import policy
from support.activation import with_sockets
from support.ports import free_port
from support.tables import Tables

PERL = "/usr/sbin/sqlgrey"
LIMIT = 90  # generous: takes no time if the condition holds
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} ", re.MULTILINE)


def wait_until(true, what, limit=LIMIT):
    """Polls until true() returns something true, and returns that; fails after `limit` seconds."""
    end = time.monotonic() + limit
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what() if callable(what) else what}")
        time.sleep(0.02)


def unprivileged():
    """The account of a daemon started by root: (user, group)."""
    return ("nobody", "nogroup")


def give_to_daemon(path):
    if os.geteuid() == 0:
        account = pwd.getpwnam(unprivileged()[0])
        os.chown(path, account.pw_uid, account.pw_gid)


class Readiness:
    """The socket of a service manager (sd_notify(3))."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "ready")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        give_to_daemon(self.path)

    def ready(self):
        try:
            return b"READY=1" in self.socket.recv(4096)
        except BlockingIOError:
            return False

    def close(self):
        self.socket.close()
        os.unlink(self.path)


class Daemon:
    def __init__(self, binary, directory, settings=None, clock=None, environment=None):
        self.binary = binary
        self.directory = directory
        self.clock = clock
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.state = os.path.join(directory, "state")
        self.conf_dir = os.path.join(directory, "conf")
        self.config_file = os.path.join(directory, "sqlgrey.conf")
        self.log_file = os.path.join(directory, "stderr")
        self.pid_file = os.path.join(self.state, "sqlgrey.pid")
        self.tables = Tables(os.path.join(self.state, "sqlgrey.db"))
        self.process = None
        # Perl SQLgrey ignores TERM while it waits for its connections.
        self.end_signal = signal.SIGKILL if binary == PERL else signal.SIGTERM
        self.extra_environment = environment or {}
        self.sockets = []  # passed at the start, as by systemd: pairs of a name and a socket
        os.makedirs(self.state, exist_ok=True)
        os.makedirs(self.conf_dir, exist_ok=True)
        os.chmod(directory, 0o755)
        give_to_daemon(self.state)
        self.list_file("smtp_server.regexp", r"^(.+[._-])*(mail|mx|smtp)\d*[._-]" + "\n")
        self.list_file("dyn_fqdn.regexp", r"(^|[0-9.x_-])(dsl|dyn|pool|ppp)([0-9._-]|$)" + "\n")
        self.settings = {}
        self.configure(**(settings or {}))

    # -- settings ---------------------------------------------------------------------------

    def list_file(self, name, text):
        with open(os.path.join(self.conf_dir, name), "w", encoding="utf-8") as file:
            file.write(text)

    def use_patterns_of(self, source):
        """Copies the two expressions of the method smart from another directory."""
        for name in ("smtp_server.regexp", "dyn_fqdn.regexp"):
            shutil.copy(os.path.join(source, name), self.conf_dir)

    def configure(self, **settings):
        """Changes settings and writes the file. None removes a setting."""
        user, group = unprivileged()
        defaults = {
            "conf_dir": self.conf_dir,
            "user": user,
            "group": group,
            "inet": f"127.0.0.1:{self.port}",
            "db_type": "SQLite",
            "db_name": self.tables.path,
            "pidfile": self.pid_file,
            "admin_mail": "",
        }
        self.settings = {**defaults, **self.settings, **settings}
        lines = [f"{name} = {value}\n" for name, value in self.settings.items() if value is not None]
        with open(self.config_file, "w", encoding="utf-8") as file:
            file.write("".join(lines))
        os.chmod(self.config_file, 0o644)

    def environment(self):
        clock = self.clock.environment() if self.clock else {}
        return {**os.environ, **clock, **self.extra_environment}

    def command(self, *arguments):
        return [self.binary, "-f", self.config_file, *arguments]

    def run(self, *arguments, limit=LIMIT):
        """Runs the program with these arguments until it exits."""
        # Into files: a pipe would stay open as long as any child of the daemon has it.
        command, passed = with_sockets(self.command(*arguments), self.sockets)
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+", errors="replace") as err:
            done = subprocess.run(command, env=self.environment(), cwd=self.state, stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=err, timeout=limit, check=False, pass_fds=passed)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())

    # -- life -------------------------------------------------------------------------------

    def start(self, *options, wait=True):
        """Waits until ours reports that it is ready (sd_notify), or Perl's port is open: ours listens before its
        database is ready, and would answer by the failure policy if that took long."""
        told = None if self.binary == PERL else Readiness(self.state)
        environment = {**({"NOTIFY_SOCKET": told.path} if told else {}), **self.environment()}
        command, passed = with_sockets(self.command(*options), self.sockets)
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=self.state, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, pass_fds=passed)
        try:
            if wait:
                wait_until(lambda: (self.still_runs() and told.ready()) if told else self.serving(),
                           lambda: "ready; it said:\n" + self.log())
        finally:
            if told:
                told.close()
        return self

    def still_runs(self):
        if self.process and self.process.poll() is not None:
            raise AssertionError(f"left with {self.process.returncode}, saying:\n{self.log()}")
        return True

    def serving(self):
        return self.still_runs() and self.reachable() and (self.binary != PERL or self.perl_has_its_tables())

    def perl_has_its_tables(self):
        """Perl listens before it creates its tables. Opened as a plain file (`immutable`): if root opened the
        database at the same time, it could become read-only for Perl."""
        if self.settings["db_type"] != "SQLite":
            return True
        try:
            base = sqlite3.connect(f"file:{self.settings['db_name']}?mode=ro&immutable=1", uri=True)
        except sqlite3.Error:
            return False
        try:
            made = base.execute("select count(*) from sqlite_master where name in ('config', 'connect_fseen')")
            return made.fetchone() == (2,)
        except sqlite3.Error:
            return False
        finally:
            base.close()

    def reachable(self):
        try:
            policy.connect(self.address).close()
            return True
        except OSError:
            return False

    def children(self):
        return children_of(self.process.pid)

    def stop(self, number=None, limit=LIMIT):
        """Stops it and returns its exit status; after `limit` seconds it is killed and the test fails."""
        if not self.process:
            return None
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(number or self.end_signal)
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            for child in children_of(process.pid):
                os.kill(child, signal.SIGKILL)
            process.kill()
            process.wait()
            raise AssertionError(f"it did not end within {limit} s") from None

    # -- what it said -----------------------------------------------------------------------

    def log(self):
        """Without the time that ours writes in front of each line."""
        try:
            with open(self.log_file, encoding="utf-8", errors="surrogateescape") as file:
                return STAMP.sub("", file.read())
        except FileNotFoundError:
            return ""

    def wait_for_log(self, pattern):
        return wait_until(lambda: re.search(pattern, self.log(), re.MULTILINE),
                          lambda: f"a log line {pattern!r} in:\n{self.log()}")

    def ask(self, **attributes):
        return policy.ask(self.address, **attributes)


def end(process, limit=LIMIT):
    """Asks it to end, and kills it if it does not in time; None and one that has ended are fine."""
    if not process:
        return
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_by_number(pid):
    """The same of one that is no child, but must end by itself."""
    try:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not alive(pid), f"the end of {pid}")
    except ProcessLookupError:
        pass


def children_of(pid):
    """Its direct children that are alive."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def alive(pid):
    """True if the process exists and is not a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
