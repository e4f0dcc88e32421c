"""A client of the milter protocol, in the role of Sendmail or of Postfix's smtpd.

Every wait is bounded (`policy.LIMIT` seconds). Only what the daemon must answer is waited for: that is each recipient
and the end of the message, unless a test negotiates less."""

import struct

from support import policy

ACTIONS = 0x1FF  # as offered by Sendmail 8.17 and Postfix 3.7
PROTOCOL = 0x1FFFFF
ADD_HEADER = 0x1
QUARANTINE = 0x20
SET_MACROS = 0x100


def packet(command, data=b""):
    return struct.pack("!I", len(data) + 1) + command + data


def texts(*words):
    return b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in words)


def macros(of, **values):
    """Names of one letter are sent as they are, others in braces."""
    names = {name if len(name) == 1 else "{" + name + "}": value for name, value in values.items()}
    return packet(b"D", of + texts(*(word for pair in names.items() for word in pair)))


def client(host, address, port=25000):
    family = b"6" if ":" in address else b"4"
    prefix = "IPv6:" if ":" in address else ""
    return packet(b"C", texts(host) + family + struct.pack("!H", port) + texts(prefix + address))


class Conversation:
    """One connection of a mail server."""

    def __init__(self, address, actions=ACTIONS, protocol=PROTOCOL, version=6):
        self.socket = policy.connect(address)
        self._read = b""
        self.round_trips = 0
        self.send(packet(b"O", struct.pack("!III", version, actions, protocol)))
        command, data = self.answer()
        if command != b"O":
            raise AssertionError(f"not a negotiation: {command!r}")
        self.version, self.actions, self.protocol = struct.unpack("!III", data[:12])
        self.symbols = data[12:]
        self.header = None  # that the last message got

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def answer(self):
        """Command and data of the next packet."""
        head = self._take(4)
        packet_of = self._take(struct.unpack("!I", head)[0])
        self.round_trips += 1
        return packet_of[:1], packet_of[1:]

    def _take(self, size):
        while len(self._read) < size:
            more = self.socket.recv(65536)
            if not more:
                raise policy.Closed(f"closed after {self._read!r}")
            self._read += more
        taken, self._read = self._read[:size], self._read[size:]
        return taken

    def connect(self, address="192.0.2.10", name="mx1.example.org", helo=None, verified=True):
        """A client; without a name it is unknown, as Sendmail tells it."""
        resolved = "OK" if verified and name else "FAIL"
        self.send(macros(b"C", client_name=name or f"[{address}]", client_resolve=resolved, client_ptr=name or "")
                  + client(name or f"[{address}]", address) + packet(b"H", texts(helo or name or "client.example")))

    def mail(self, sender="alice@example.org", **of_message):
        self.send(macros(b"M", i="4XyZ", **of_message) + packet(b"M", texts(f"<{sender}>")))

    def rcpt(self, recipient="bob@example.net"):
        """The answer in one text: "c", "a", "451 4.7.1 ..."."""
        self.send(packet(b"R", texts(f"<{recipient}>")))
        command, data = self.answer()
        return data[:-1].decode() if command == b"y" else command.decode()

    def end(self):
        """The end of the message: the answers before the last, as pairs."""
        self.send(packet(b"E"))
        before = []
        while True:
            command, data = self.answer()
            if command in (b"c", b"a"):
                self.round_trips -= len(before)  # they come together
                return before
            before.append((command, data))

    def abort(self):
        self.send(packet(b"A"))

    def closed(self):
        return closed(self.socket)


def closed(peer):
    """True if the daemon closes the connection, whatever it sends before."""
    try:
        while peer.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True
