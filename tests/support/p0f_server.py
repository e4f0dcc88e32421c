"""A p0f for tests: a Unix socket that answers questions as its API does (api.h), or as no p0f does."""

import os
import socket
import struct
import threading

QUESTION = 21
ASKED, ANSWERED = 0x50304601, 0x50304602
BAD_QUERY, OK, NO_MATCH = 0x00, 0x10, 0x20


def answer(os_name="Linux", flavor="3.11 and newer", link="Ethernet or modem", distance=9, status=OK, magic=ANSWERED):
    names = [os_name, flavor, "", "", link, ""]
    return struct.pack("=II7IhBB", magic, status, *[1] * 7, distance, 0, 0) + b"".join(
        name.encode("latin-1").ljust(32, b"\0") for name in names)


class P0fServer:
    """`says(address)` gives the bytes for a question, or None: it is silent from then on. Counts what it is asked."""

    def __init__(self, path, says):
        self.path, self.says = path, says
        self.asked = []  # addresses as text, in order
        self.connections = 0
        self.open = []
        self.listener = None
        self.start()

    def start(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)  # as p0f's
        self.listener.listen(20)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """Closes everything and removes the socket, as a p0f that has ended."""
        os.unlink(self.path)
        for one in [self.listener, *self.open]:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
        self.open = []

    def accept(self, listener):
        while True:
            try:
                talk, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(talk)
            threading.Thread(target=self.serve, args=(talk,), daemon=True).start()

    def serve(self, talk):
        try:
            while question := talk.recv(QUESTION, socket.MSG_WAITALL):
                magic, kind = struct.unpack("=IB", question[:5])
                family, size = (socket.AF_INET, 4) if kind == 4 else (socket.AF_INET6, 16)
                if magic != ASKED or len(question) != QUESTION:
                    return
                address = socket.inet_ntop(family, question[5:5 + size])
                self.asked.append(address)
                said = self.says(address)
                if said is not None:
                    talk.sendall(said)
        except OSError:
            pass
        finally:
            talk.close()
