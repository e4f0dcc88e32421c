"""Mail goes on whatever happens to the log: no reader, a blocked reader, a restarted one. Afterwards the log says
how many lines are missing."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, policy, syslog
from support.daemon import wait_until

LOST = r"system: (\d+) log lines were lost: "
SLOW = 2.0  # seconds; far more than a reply takes, far less than a blocked log
LONG = "x" * 400


def flood(address, count, longest=SLOW):
    """Asks without pause, several at a time; fails if a reply takes long."""
    with policy.Conversation(address) as talk:
        talk.socket.settimeout(longest)
        for number in range(count // 10):
            talk.send(b"".join(policy.request(sender=f"{LONG}{number}-{piece}@example.org") for piece in range(10)))
            for _ in range(10):
                talk.reply()


class Reader:
    """The other end of a daemon's standard error; reads when told to."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.text = b""
        self.thread = threading.Thread(target=self._run)

    def begin(self):
        self.thread.start()

    def _run(self):
        while data := os.read(self.descriptor, 65536):
            self.text += data

    def lines(self):
        return self.text.decode("utf-8", "surrogateescape").splitlines()


class StuckLog(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(wait_until_none_is_left)

    def start_with(self, descriptor, **settings):
        """Starts a daemon with that standard error."""
        server = self.daemon(settings={"workers": 2, **settings})
        server.process = subprocess.Popen(server.command(), cwd=server.state, env=server.environment(),
                                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=descriptor)
        os.close(descriptor)
        wait_until(lambda: server.reachable() and "Greylisted" in server.ask(), "the first answer")
        return server

    def check_told(self, lines, what=""):
        """Lines are complete, and missing ones are counted."""
        wait_until(lambda: any(re.search(LOST + what, line) for line in lines()),
                   lambda: f"the loss in the last of {len(lines())} lines: {lines()[-3:]}")
        for line in lines():
            self.assertRegex(line, r"^(\S+ )?(grey: (new|early reconnect): \S+, \S+ -> bob@example\.net|system: |conf: "
                                   r"|dbaccess: |perf: )")

    def ends_well(self, server):
        begun = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - begun, 8)

    def test_a_pipe_without_a_reader(self):
        reading, writing = os.pipe()
        server = self.start_with(writing)
        flood(server.address, 8000)
        reader = Reader(reading)
        reader.begin()
        self.check_told(reader.lines, "they were not read in time")
        server.ask(sender="afterwards@example.org")
        wait_until(lambda: any("afterwards@" in line for line in reader.lines()), "the log goes on")
        self.ends_well(server)
        reader.thread.join()

    def test_it_stops_in_order_without_a_reader(self):
        reading, writing = os.pipe()
        server = self.start_with(writing)
        flood(server.address, 3000)
        self.ends_well(server)
        os.close(reading)

    def test_a_reload_without_a_reader(self):
        reading, writing = os.pipe()
        server = self.start_with(writing)
        flood(server.address, 3000)
        old = set(server.children())
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & set(server.children()), "the old generation gone")
        flood(server.address, 1000)
        self.ends_well(server)
        os.close(reading)

    def test_a_socket_without_a_reader(self):
        ours, theirs = socket.socketpair()
        with ours:
            server = self.start_with(theirs.detach())
            flood(server.address, 8000)
            reader = Reader(ours.fileno())
            reader.begin()
            self.check_told(reader.lines)
            self.ends_well(server)
            reader.thread.join()

    def test_a_stopped_reader(self):
        output = os.path.join(self.directory, "output")
        reading, writing = os.pipe()
        with open(output, "wb") as file, subprocess.Popen(["cat"], stdin=reading, stdout=file) as cat:
            os.close(reading)
            server = self.start_with(writing)
            cat.send_signal(signal.SIGSTOP)
            flood(server.address, 8000)
            cat.send_signal(signal.SIGCONT)

            def lines():
                with open(output, encoding="utf-8", errors="surrogateescape") as text:
                    return text.read().splitlines()

            self.check_told(lines)
            self.ends_well(server)

    def test_a_reader_that_exits(self):
        reading, writing = os.pipe()
        server = self.start_with(writing)
        os.close(reading)
        flood(server.address, 2000)
        self.ends_well(server)

    def test_a_fifo_whose_reader_comes_back(self):
        """The reader of a FIFO exits, and another opens it."""
        path = os.path.join(self.directory, "fifo")
        os.mkfifo(path)
        reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        server = self.start_with(os.open(path, os.O_WRONLY))
        os.close(reading)
        flood(server.address, 8000)
        reading = os.open(path, os.O_RDONLY)
        reader = Reader(reading)
        reader.begin()
        self.check_told(reader.lines, "nobody read standard error")
        self.ends_well(server)
        reader.thread.join()

    def test_a_file_on_a_full_disk(self):
        self.need_root("to make a small file system")
        place = os.path.join(self.directory, "small")
        os.mkdir(place)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", place], check=True)
        self.addCleanup(subprocess.run, ["umount", place], check=True)
        other = os.path.join(place, "other")
        with open(other, "wb") as file:
            file.write(bytes(100000))
        path = os.path.join(place, "log")
        server = self.start_with(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
        flood(server.address, 8000)
        os.truncate(path, 0)
        os.unlink(other)

        def log():
            with open(path, encoding="utf-8", errors="surrogateescape") as text:
                return text.read()

        wait_until(lambda: re.search(LOST + "standard error: No space left on device", log()),
                   lambda: f"the loss in {log()[:2000]}")
        self.ends_well(server)

    def on_syslog(self):
        self.need_root("to stand in for the syslog daemon")
        log = syslog.Syslog(self.directory)
        server = self.daemon(settings={"workers": 2})
        self.daemonize(server)
        return server, log

    def test_a_syslog_daemon_that_does_not_read(self):
        server, log = self.on_syslog()
        self.addCleanup(log.close)
        log.stop_reading()
        flood(server.address, 8000)
        log.read_again()
        self.check_told(lambda: [text for _, _, text in log.messages()], "they were not read in time")

    def test_a_restarted_syslog_daemon(self):
        server, log = self.on_syslog()
        log.close()
        for number in range(20):
            server.ask(sender=f"meanwhile{number}@example.org")
        log = syslog.Syslog(self.directory)
        self.addCleanup(log.close)
        texts = lambda: [text for _, _, text in log.messages()]
        wait_until(lambda: all(any(f" meanwhile{number}@" in text for text in texts()) for number in range(20)),
                   lambda: texts())
        self.assertFalse(any(re.search(LOST, text) for text in texts()), "nothing is lost")

    def test_malformed_lines_do_not_fill_the_log(self):
        server = self.start(workers=1)
        with policy.Conversation(server.address) as talk:
            talk.send((b"j" * 600 + b"\n") * 5000 + b"\n")
            talk.reply()
            for _ in range(500):
                talk.send((b"k" * 600 + b"\n\n") * 10)
                for _ in range(10):
                    talk.reply()
        for number in range(300):
            with policy.Conversation(server.address) as talk:
                talk.ask(request=f"strange{number}")
                talk.ask(recipient="")
        self.assertLess(len(server.log().splitlines()), 250)
        self.assertIn("4992 further lines without '=' of this request skipped", server.log())
        server.wait_for_log("^other: 100 lines of this kind within 10 s: further ones are counted and not written")

        def told():
            server.ask()
            return re.search(r"^other: \d{4} further lines were not written$", server.log(), re.MULTILINE) and \
                re.search(r"^martians: \d{3} further lines were not written$", server.log(), re.MULTILINE)

        wait_until(told, lambda: server.log()[-2000:])


if __name__ == "__main__":
    syslog.enter_namespace()
    adopt_orphans()
    case.main()
