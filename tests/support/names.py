"""A name server for tests: it has names for some loopback addresses, and nothing else exists.

Its port must be 53, because resolv.conf(5) cannot name another; the address is an unused one of 127.0.0.0/8. Needs
root."""

import os
import socket
import struct
import threading

A, PTR = 1, 12
NOT_FOUND = 3


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Names:
    def __init__(self, names, forged=None):
        """`names`: {IPv4 address: host name}; found in both directions. `forged`: names that have no address."""
        self.answers = {}
        for address, name in (forged or {}).items():
            backward = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
            self.answers[encoded(backward)] = {PTR: encoded(name)}
        for address, name in names.items():
            backward = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
            self.answers[encoded(name)] = {A: socket.inet_aton(address)}
            self.answers[encoded(backward)] = {PTR: encoded(name)}
        pid = os.getpid()
        self.address = f"127.{100 + (pid >> 14) % 100}.{(pid >> 7) % 128}.{pid % 128}"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, 53))
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if not query:
                return
            self.socket.sendto(self._reply(query), peer)

    def _reply(self, query):
        end = query.index(b"\0", 12) + 1
        name, question = query[12:end].lower(), query[12:end + 4]
        found = self.answers.get(name)
        kind = struct.unpack("!H", query[end:end + 2])[0]
        data = (found or {}).get(kind)
        flags = 0x8580 | (NOT_FOUND if found is None else 0)  # an authoritative reply
        reply = query[:2] + struct.pack("!5H", flags, 1, 1 if data else 0, 0, 0) + question
        if data:
            reply += struct.pack("!HHHIH", 0xc00c, kind, 1, 60, len(data)) + data  # 0xc00c: the name asked for
        return reply

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()
