"""Many concurrent SMTP sessions with Postfix, each sending MAIL and its RCPTs together, like a mail server that uses
PIPELINING. After the replies to RCPT it sends RSET, or a small message.

One thread. For Postfix each session comes from another client (XCLIENT)."""

import collections
import selectors
import socket
import time

LIMIT = 60
MESSAGE = b"Subject: a message\r\n\r\nand its text\r\n.\r\n"


class Session:
    def __init__(self, port, address, whole):
        self.whole = whole
        self.codes = None  # of the recipients, until the message is done
        self.socket = socket.create_connection(("127.0.0.1", port), LIMIT)
        self.read = b""
        self.expected = 0
        hello = "EHLO client.example"
        for command in (None, hello, f"XCLIENT NAME=[UNAVAILABLE] ADDR={address}", hello):
            if command:
                self.socket.sendall(command.encode("ascii") + b"\r\n")
            code = self.one_reply()
            if code[:1] != b"2":
                raise RuntimeError(f"{command or 'greeting'}: {code.decode(errors='replace')}")

    def one_reply(self):
        while True:
            while b"\r\n" in self.read:
                line, self.read = self.read.split(b"\r\n", 1)
                if line[3:4] == b" ":
                    return line
            self.receive()

    def receive(self):
        more = self.socket.recv(65536)
        if not more:
            raise RuntimeError(f"Postfix ended a session after {self.read[-200:]!r}")
        self.read += more

    def offer(self, sender, recipients):
        commands = [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{recipient}>" for recipient in recipients),
                    "DATA" if self.whole else "RSET"]
        self.expected = len(commands)
        self.socket.sendall("".join(command + "\r\n" for command in commands).encode("ascii"))

    def replies(self):
        """The codes of the replies to RCPT, once all have come; otherwise nothing."""
        self.receive()
        if self.read.count(b"\r\n") < self.expected:
            return None
        lines, self.read = self.read.split(b"\r\n"), b""
        codes = [line[:3].decode("ascii") for line in lines[:-1]]
        if self.codes is None and self.whole:
            if codes[-1] != "354":
                raise RuntimeError(f"no message wanted: {lines}")
            self.codes, self.expected = codes[1:-1], 1
            self.socket.sendall(MESSAGE)
            return None
        sent, self.codes = self.codes, None
        return sent or codes[1:-1]


def offer_mail(port, addresses, sender_of, recipients, seconds, whole=False):
    """Sends messages for so many seconds, one session per address; sender_of(number of the session) is the sender of
    the next. `whole`: complete messages, all of whose recipients must be accepted. Returns RCPTs answered per
    second, and how often each code came."""
    sessions = [Session(port, address, whole) for address in addresses]
    selector = selectors.DefaultSelector()
    codes = collections.Counter()

    def offer(number):
        sessions[number].offer(sender_of(number), recipients)

    began = time.monotonic()
    for number, session in enumerate(sessions):
        selector.register(session.socket, selectors.EVENT_READ, number)
        offer(number)
    waiting = len(sessions)
    while waiting:
        ready = selector.select(LIMIT)
        if not ready:
            raise RuntimeError(f"Postfix did not answer for {LIMIT} s")
        for key, _ in ready:
            replies = sessions[key.data].replies()
            if replies is None:
                continue
            codes.update(replies)
            if time.monotonic() - began < seconds:
                offer(key.data)
            else:
                waiting -= 1
    elapsed = time.monotonic() - began
    for session in sessions:
        session.socket.close()
    total = sum(codes.values())
    return {"recipients": total, "seconds": elapsed, "per_second": total / elapsed,
            **{f"code_{code}": count for code, count in codes.items()}}
