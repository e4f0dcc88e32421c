"""Real PostgreSQL and MariaDB servers for tests, in a temporary directory, on loopback, stopped by pid.

Each class is a context manager. The servers refuse to run as root, so as root they run as their own Debian users
(postgres, mysql)."""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from support.ports import free_port


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what}: not within {seconds} s")


def in_memory():
    """/dev/shm for a server's files, if there is space, so that no test waits for a disk that others use too (the
    store's tests on MariaDB took 9 s there, 61 s on a disk). None: the directory for temporary files."""
    place = "/dev/shm"
    try:
        return place if shutil.disk_usage(place).free >= 2 << 30 else None
    except OSError:
        return None


class Server:
    """A server process with its own directory. `durable`: it waits for the disk, as in production."""

    account = None  # the Debian user it runs as if the tests run as root
    command_timeout = 120  # seconds that a command of run() may take

    def __init__(self, port=None, durable=False):
        self.durable = durable
        self.dir = tempfile.mkdtemp(prefix="sqlgrey-server-", dir=None if durable else in_memory())
        os.chmod(self.dir, 0o711)
        self.port = port or free_port()
        self.process = None
        self.log = open(os.path.join(self.dir, "server.log"), "ab")

    def _as_user(self):
        if os.geteuid() != 0:
            return {}
        entry = pwd.getpwnam(self.account)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _own(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, self.account, self.account)

    def run(self, *command, **more):
        """Runs a command of the server, as the server's user."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.dir,
                              timeout=self.command_timeout, **self._as_user(), **more)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed: {done.stdout.decode(errors='replace')}")
        return done.stdout.decode(errors="replace")

    def _spawn(self, *command, **more):
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
                                        cwd=self.dir, start_new_session=True, **self._as_user(), **more)

    def listening(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended: {self.tail()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def tail(self):
        with open(os.path.join(self.dir, "server.log"), errors="replace") as log:
            return log.read()[-3000:]

    def pids(self):
        """The server and all its children."""
        found = [self.process.pid]
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as stat:
                    fields = stat.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                found.append(int(path.split("/")[2]))
        return found

    def signal_all(self, number):
        for pid in self.pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def freeze(self):
        """Returns when none of its threads runs any more, which on a busy machine is later than the signal."""
        self.signal_all(signal.SIGSTOP)
        end = time.monotonic() + 60
        while not all(state in "TtZ" for state in self.thread_states()):
            if time.monotonic() > end:
                raise AssertionError(f"threads that do not stop: {self.thread_states()}")
            time.sleep(0.01)

    def thread_states(self):
        """A letter for each, as in proc(5)."""
        states = ""
        for pid in self.pids():
            for path in glob.glob(f"/proc/{pid}/task/*/stat"):
                try:
                    with open(path) as stat:
                        states += stat.read().rsplit(")", 1)[1].split()[0]
                except OSError:
                    pass
        return states

    def thaw(self):
        self.signal_all(signal.SIGCONT)

    def kill(self):
        """Like a power cut."""
        if self.process and self.process.poll() is None:
            self.signal_all(signal.SIGKILL)
            self.process.wait(30)

    def stop(self, number=signal.SIGTERM):
        if not self.process or self.process.poll() is not None:
            return
        self.thaw()
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self):
        self.prepare()
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)


class PostgreSQL(Server):
    account = "postgres"
    user = "postgres"
    name = "sqlgrey"

    def __init__(self, port=None, options=(), durable=False):
        super().__init__(port, durable)
        self.options = list(options)
        self.data = os.path.join(self.dir, "data")
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: float(p.split("/")[-2]))[-1]

    def tool(self, name):
        return os.path.join(self.bin, name)

    def prepare(self):
        self._own(self.dir)
        self.run(self.tool("initdb"), "-D", self.data, "-A", "trust", "-U", self.user, "--no-sync", "-E", "UTF8",
                 "--locale=C.UTF-8")
        with open(os.path.join(self.data, "postgresql.conf"), "a") as conf:
            conf.write("listen_addresses='127.0.0.1'\nmax_connections=80\n"
                       f"fsync={'on' if self.durable else 'off'}\n"
                       f"unix_socket_directories='{self.dir}'\nlogging_collector=off\n")
            conf.writelines(line + "\n" for line in self.options)

    def start(self, create=True):
        self._spawn(self.tool("postgres"), "-D", self.data, "-p", str(self.port))
        wait_until(self.listening, 30, "PostgreSQL")
        wait_until(lambda: self.ready(), 30, "PostgreSQL ready")
        if create and self.query("select count(*) from pg_database where datname = 'sqlgrey'", "postgres") == "0":
            self.query("create database sqlgrey", "postgres")

    def ready(self):
        try:
            return self.query("select 1", "postgres") == "1"
        except RuntimeError:
            return False

    def stop(self, number=signal.SIGINT):
        super().stop(number)  # "fast": does not wait for clients

    def query(self, sql, database=None, user=None):
        return self.run("psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(self.port), "-U", user or self.user,
                        "-d", database or self.name, "-v", "ON_ERROR_STOP=1", "-c", sql).strip()

    def conf_lines(self):
        return ["db_type = Pg", f"db_name = {self.name}", f"db_user = {self.user}", "db_host = 127.0.0.1",
                f"db_port = {self.port}"]

    def environment(self):
        return {"SQLGREY_TEST_DATABASE": "postgresql", "SQLGREY_TEST_NAME": self.name, "SQLGREY_TEST_USER": self.user,
                "SQLGREY_TEST_HOST": "127.0.0.1", "SQLGREY_TEST_PORT": str(self.port)}


class MariaDB(Server):
    account = "mysql"
    user = "tester"
    name = "sqlgrey"

    def __init__(self, port=None, options=(), charset="utf8mb4", durable=False):
        super().__init__(port, durable)
        self.options = list(options)
        self.charset = charset
        self.data = os.path.join(self.dir, "data")
        self.socket = os.path.join(self.dir, "my.sock")

    def prepare(self):
        self._own(self.dir)
        # Its own tmpdir: a starting server deletes files of others in a shared one.
        self.run("mariadb-install-db", "--no-defaults", f"--datadir={self.data}", f"--tmpdir={self.dir}", "--skip-test-db",
                 "--auth-root-authentication-method=normal")

    def command(self):
        no_sync = [] if self.durable else ["--innodb-flush-method=nosync", "--debug-no-sync"]
        return ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}",
                f"--port={self.port}", "--bind-address=127.0.0.1", f"--pid-file={self.dir}/my.pid", f"--tmpdir={self.dir}",
                "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
                "--skip-name-resolve", "--performance-schema=OFF", *no_sync, *self.options]

    def start(self, create=True):
        self._spawn(*self.command())
        wait_until(self.listening, 60, "MariaDB")
        if create:
            self.create()

    def create(self):
        self.query(f"create database if not exists {self.name} character set {self.charset}", "mysql")
        self.query(f"create user if not exists '{self.user}'@'127.0.0.1'", "mysql")
        self.query(f"grant all on *.* to '{self.user}'@'127.0.0.1' with grant option", "mysql")

    def query(self, sql, database=None):
        return self.run("mariadb", "--no-defaults", "-N", "-B", "-u", "root", "-S", self.socket, "-e", sql,
                        database or self.name).strip()

    def conf_lines(self):
        return ["db_type = mysql", f"db_name = {self.name}", f"db_user = {self.user}", "db_host = 127.0.0.1",
                f"db_port = {self.port}"]

    def environment(self):
        return {"SQLGREY_TEST_DATABASE": "mysql", "SQLGREY_TEST_NAME": self.name, "SQLGREY_TEST_USER": self.user,
                "SQLGREY_TEST_HOST": "127.0.0.1", "SQLGREY_TEST_PORT": str(self.port)}


BY_NAME = {"postgresql": PostgreSQL, "mysql": MariaDB}
