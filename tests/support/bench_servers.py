"""What is measured: our daemon, Perl SQLgrey, postgrey, a server that only says dunno. All have `address` and
stop(). Each runs with its default settings, except that it listens on a free port on loopback, and what its class
says."""

import itertools
import json
import os
import shutil
import subprocess
import tempfile

from support import policy
from support.daemon import PERL, Daemon, children_of, end, free_port, give_to_daemon, unprivileged, wait_until

POSTGREY = "/usr/sbin/postgrey"
OURS = "ours"
NAME_OF_PERL = "Perl sqlgrey"
LONGEST = 900  # seconds that a step may take


class SqlGrey:
    """Ours or Perl SQLgrey, on a database of support.bench_databases."""

    def __init__(self, binary, database, settings=None):
        self.directory = tempfile.mkdtemp(prefix="sqlgrey-bench-")
        self.daemon = Daemon(binary, self.directory, {**database.settings(), **(settings or {})})
        self.address = self.daemon.address
        if settings:
            self.know(settings)

    def know(self, settings):
        """A misspelt setting only causes a warning, and something else would be measured."""
        said = self.daemon.run("--check-config").stderr
        for name in settings:
            if f'"{name}"' in said:
                shutil.rmtree(self.directory)
                raise SystemExit(said.strip())

    def start(self):
        self.daemon.start()
        # Perl creates its tables after the first connection.
        self.daemon.ask()
        return self

    def make_tables(self):
        self.start()
        self.daemon.stop()
        return self

    def pids(self):
        return tree(self.daemon.process.pid)

    def stop(self):
        try:
            self.daemon.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)


class Postgrey:
    """Has its own Berkeley DB. Its delay is one second instead of 300, so that it can be taught known senders, and
    it does not trust a client for its five mails, because then it would know everybody."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="sqlgrey-bench-")
        self.state = os.path.join(self.directory, "state")
        self.address = ("127.0.0.1", free_port())
        os.makedirs(self.state)
        os.chmod(self.directory, 0o755)
        give_to_daemon(self.state)
        self.process = None

    def start(self):
        user, group = unprivileged()
        with open(os.path.join(self.directory, "stderr"), "wb") as log:
            self.process = subprocess.Popen(
                [POSTGREY, f"--inet=127.0.0.1:{self.address[1]}", f"--dbdir={self.state}", f"--user={user}",
                 f"--group={group}", "--delay=1", "--auto-whitelist-clients=0", f"--pidfile={self.state}/pid"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: listens(self.address), "postgrey serving")
        return self

    def pids(self):
        return tree(self.process.pid)

    def stop(self):
        end(self.process)
        shutil.rmtree(self.directory, ignore_errors=True)


class Dunno:
    def __init__(self, tools):
        self.address = ("127.0.0.1", free_port())
        self.binary = os.path.join(tools, "dunno")
        self.process = None

    def start(self):
        self.process = subprocess.Popen([self.binary, f"127.0.0.1:{self.address[1]}"], stdin=subprocess.DEVNULL)
        wait_until(lambda: listens(self.address), "dunno serving")
        return self

    def pids(self):
        return tree(self.process.pid)

    def stop(self):
        end(self.process)


class Running:
    """`with Running(server)`: starts it, and stops it in any case."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        try:
            return self.server.start()
        except BaseException:
            self.server.stop()
            raise

    def __exit__(self, *_):
        self.server.stop()


def listens(address):
    try:
        policy.connect(address).close()
        return True
    except OSError:
        return False


def tree(pid):
    """A process and its descendants."""
    return [pid] + [below for child in children_of(pid) for below in tree(child)]


def binaries(options):
    """The installed SQL greylisters, by name."""
    found = {OURS: options.daemon}
    if os.path.exists(PERL):
        found[NAME_OF_PERL] = PERL
    return found


class Tools:
    """The programs of tests/bench, and their output. Each run has its own seed, so what is new in one was not in
    another."""

    def __init__(self, directory):
        self.directory = os.path.abspath(directory)
        self.seeds = itertools.count(2)

    def _run(self, name, *arguments):
        done = subprocess.run([os.path.join(self.directory, name), *map(str, arguments)], capture_output=True,
                              text=True, check=False, timeout=LONGEST)
        if done.returncode != 0:
            raise SystemExit(f"{name} {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def ask(self, server, workload, connections, *, seconds=None, requests=None, known=1, named=False, milter=False):
        """Puts load on a policy server or milter; returns the output of policy_load."""
        bound = ("--seconds", seconds) if seconds else ("--requests", requests)
        return json.loads(self._run(
            "policy_load", "--json", "--inet", f"{server.address[0]}:{server.address[1]}", "--workload", workload,
            "--connections", connections, "--seed", next(self.seeds), "--known", known, *bound,
            *(["--named"] if named else []), *(["--milter"] if milter else [])))

    def bare(self, database, workload, sessions, *arguments, seconds, known=1):
        """The same mails on the database alone; returns the output of bare_database."""
        return json.loads(self._run(
            "bare_database", "--json", *database.bare(), "--workload", workload, "--sessions", sessions,
            "--seed", next(self.seeds), "--known", known, "--seconds", seconds, *arguments))

    def known(self, number):
        """The known mails of the workloads awl, fill and mixed, as lines: sender's name, domain, address."""
        with subprocess.Popen([os.path.join(self.directory, "policy_load"), "--print-awl", "--known", str(number)],
                              stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                yield line.rstrip("\n")
