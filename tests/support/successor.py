"""The protocol between a daemon and its successor (include/sqlgrey/process/replace.hpp), spoken step by step, to end at
any of them."""

import array
import os
import socket

from support.daemon import LIMIT

HELLO = "sqlgrey replace 1\n1"


class Successor:
    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(LIMIT)
        self.socket.connect(daemon.pid_file + ".replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def say(self, text):
        self.socket.sendall(b"t" + text.encode())

    def hear(self):
        """The next message: its text, and its descriptor or None. A text of None: the daemon has closed."""
        data, ancillary, _, _ = self.socket.recvmsg(16384, socket.CMSG_SPACE(4))
        descriptors = array.array("i")
        for _, _, part in ancillary:
            descriptors.frombytes(part)
        if not data:
            return None, None
        return data[1:].decode("latin-1"), descriptors[0] if descriptors else None

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
