"""A client of the policy delegation protocol, in the role of Postfix's smtpd.

Every wait is bounded (`LIMIT` seconds); replies are returned exactly as sent, without "action=" and the empty line
at the end."""

import socket

LIMIT = 20


class Closed(Exception):
    """The server closed the connection when a reply was due."""


def request(**attributes):
    """The bytes of a request. Attributes with the value None are left out."""
    full = {
        "request": "smtpd_access_policy",
        "protocol_state": "RCPT",
        "protocol_name": "ESMTP",
        "client_address": "192.0.2.10",
        "client_name": "mx1.example.org",
        "sender": "alice@example.org",
        "recipient": "bob@example.net",
    }
    full.update(attributes)
    lines = [f"{name}={value}\n" for name, value in full.items() if value is not None]
    return ("".join(lines) + "\n").encode("utf-8", "surrogateescape")


def connect(address):
    """`address`: (host, port), or the path of a Unix socket."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    peer = socket.socket(family, socket.SOCK_STREAM)
    try:
        peer.settimeout(LIMIT)
        peer.connect(address)
    except OSError:
        peer.close()
        raise
    return peer


class Conversation:
    """One connection, kept open for any number of requests."""

    def __init__(self, address):
        self.socket = connect(address)
        self._read = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def ask(self, **attributes):
        self.send(request(**attributes))
        return self.reply()

    def send(self, data):
        self.socket.sendall(data)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reply(self):
        while b"\n\n" not in self._read:
            more = self.socket.recv(65536)
            if not more:
                raise Closed(f"closed after {self._read!r}")
            self._read += more
        reply, self._read = self._read.split(b"\n\n", 1)
        text = reply.decode("utf-8", "surrogateescape")
        if not text.startswith("action=") or "\n" in text:
            raise AssertionError(f"not a policy reply: {text!r}")
        return text[len("action="):]

    def silent_for(self, seconds):
        """True if nothing arrives within that time."""
        self.socket.settimeout(seconds)
        try:
            more = self.socket.recv(65536)
            self._read += more
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(LIMIT)


def ask(address, **attributes):
    """One request on a new connection."""
    with Conversation(address) as conversation:
        return conversation.ask(**attributes)
