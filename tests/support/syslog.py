"""Replaces the machine's syslog daemon: a datagram socket at /dev/log that keeps what is sent.

If /dev/log exists, the test runs itself again in a mount namespace in which another socket is mounted over it, so
that the machine's log is neither read nor written. Needs root. Only one at a time: CTest's RESOURCE_LOCK ensures
that."""

import os
import re
import socket
import subprocess
import sys
import threading
import time

DEV_LOG = "/dev/log"
INSIDE = "SQLGREY_TEST_DEV_LOG"


def enter_namespace():
    """Call first in main(): returns at once if /dev/log does not exist, or inside the namespace."""
    if os.geteuid() != 0 or not os.path.lexists(DEV_LOG) or INSIDE in os.environ:
        return
    environment = {**os.environ, INSIDE: "1"}
    done = subprocess.run(["unshare", "-m", sys.executable, *sys.argv], env=environment, check=False)
    sys.exit(done.returncode)


class Syslog:
    def __init__(self, directory):
        self.lines = []
        self.over = INSIDE in os.environ
        self.path = os.path.join(directory, "log") if self.over else DEV_LOG
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self.socket.settimeout(0.2)
        if self.over:
            subprocess.run(["mount", "--bind", self.path, DEV_LOG], check=True)
        self.open = True
        self.reads = threading.Event()
        self.reads.set()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def stop_reading(self):
        """Like a syslog daemon that hangs: messages stay in its socket."""
        self.reads.clear()

    def read_again(self):
        self.reads.set()

    def close(self):
        self.open = False
        self.reads.set()
        self.reader.join()
        self.socket.close()
        if self.over:
            subprocess.run(["umount", DEV_LOG], check=True)
        os.unlink(self.path)

    def _read(self):
        while self.open:
            self.reads.wait()
            try:
                self.lines.append(self.socket.recv(65536).decode("utf-8", "surrogateescape"))
            except TimeoutError:
                pass

    def messages(self):
        """The messages received: (priority, ident, text)."""
        found = []
        for line in self.lines:
            match = re.match(r"<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d ([^:]+): (.*)", line.rstrip("\n\0"), re.DOTALL)
            found.append((int(match[1]), match[2], match[3]) if match else (None, None, line))
        return found

    def write_mail_log(self, path):
        """In the classic format of syslog daemons."""
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            for _, ident, text in self.messages():
                stamp = time.strftime("%b %e %H:%M:%S")
                file.write(f"{stamp} mx {ident}: {text}\n")
