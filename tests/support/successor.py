"""The protocol between a daemon and its successor (include/sqlgrey/process/replace.hpp), spoken step by step, to end at
any of them."""

import array
import fcntl
import os
import socket

from support.daemon import LIMIT

HELLO = "sqlgrey replace 1\n2"


class Peer:
    """One of the two sides."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def say(self, text):
        self.socket.sendall(b"t" + text.encode())

    def give(self, name, each):
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [each.fileno()]))
        self.socket.sendmsg([b"d" + name.encode()], [rights])

    def hear(self):
        """The next message: its text, and its descriptor or None. A text of None: the daemon has closed."""
        data, ancillary, _, _ = self.socket.recvmsg(16384, socket.CMSG_SPACE(4))
        descriptors = array.array("i")
        for _, _, part in ancillary:
            descriptors.frombytes(part)
        if not data:
            return None, None
        return data[1:].decode("latin-1"), descriptors[0] if descriptors else None


class Successor(Peer):
    """Of a real daemon."""

    def __init__(self, daemon):
        super().__init__(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        self.socket.connect(daemon.pid_file + ".replace")

    def prepare(self):
        """Says hello and takes what the daemon offers: the names of the descriptors."""
        self.say(HELLO)
        names = []
        while True:
            text, descriptor = self.hear()
            if descriptor is None:
                if text is None or text == "all" or text.startswith("refused"):
                    return names
                continue
            names.append(text)
            os.close(descriptor)


class Predecessor:
    """This process as the daemon that is to be replaced: it holds the lock of the pid file."""

    def __init__(self, daemon):
        self.file = open(daemon.pid_file, "w", encoding="ascii")
        self.file.write(f"{os.getpid()}\n")
        self.file.flush()
        fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(daemon.pid_file + ".replace")
        self.socket.listen()
        self.socket.settimeout(LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.file.close()

    def accept(self):
        """The successor, once it has said hello and may lock its share of the pid file."""
        successor = Peer(self.socket.accept()[0])
        assert successor.hear() == (HELLO, None)
        fcntl.lockf(self.file, fcntl.LOCK_UN, 0, 1)  # from the second byte on
        return successor


def own_cgroup():
    with open("/proc/self/cgroup", encoding="ascii") as file:
        return file.read()
