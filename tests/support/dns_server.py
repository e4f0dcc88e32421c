"""A DNS server on loopback, UDP and TCP, for the names of a dictionary; it can also be silent, fail, or send garbage."""

import ipaddress
import os
import select
import socket
import struct
import threading

from support.daemon import LIMIT

TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
TTL = 300
LARGEST_UDP = 1232


def encoded_name(name):
    """Of str or bytes, with dots between labels."""
    name = name.encode("latin-1") if isinstance(name, str) else name
    labels = [label for label in name.rstrip(b".").split(b".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encoded_data(kind, value):
    """`value`: an address; a name; for MX (preference, host); for TXT str or bytes, cut into strings of 255."""
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "MX":
        return struct.pack("!H", value[0]) + encoded_name(value[1])
    if kind == "TXT":
        value = value.encode("latin-1") if isinstance(value, str) else value
        return b"".join(bytes([len(part)]) + part
                        for part in (value[at:at + 255] for at in range(0, max(len(value), 1), 255)))
    return encoded_name(value)


class Zone:
    """{name in lower case: [(kind, value)]}; "*.zone" has all names below the zone that are not there. A name may have the
    kinds SILENT, SERVFAIL, REFUSED, GARBAGE, CUT, ENDLESS and HUGE in place of records."""

    def __init__(self):
        self.names = {}

    def add(self, name, kind, value=None):
        self.names.setdefault(name.lower().rstrip("."), []).append((kind, value))

    def of_name(self, name):
        """What the name has, or the wildcard next above it."""
        found = self.names.get(name)
        while found is None and "." in name:
            name = name.split(".", 1)[1]
            found = self.names.get("*." + name)
        return found

    def records(self, name, kind):
        """The records of that kind behind the name's CNAMEs, with these, as (owner, kind, value); None if the name does
        not exist."""
        found = []
        for _ in range(9):
            there = self.of_name(name)
            if there is None:
                return found or None
            own = [(name, one, value) for one, value in there if one == kind]
            alias = next((value for one, value in there if one == "CNAME"), None)
            if own or alias is None:
                return found + own
            found.append((name, "CNAME", alias))
            name = alias.lower().rstrip(".")
        return found


class Server:
    """Answers from a Zone. A context manager; `address` is HOST:PORT, `asked` what was asked: [(name, kind)]."""

    def __init__(self, zone):
        self.zone = zone
        self.asked = []
        self.silent = False
        self.udp, self.tcp = self._sockets()
        self.address = "127.0.0.1:%d" % self.udp.getsockname()[1]
        self.end, self.ended = socket.socketpair()
        self.thread = threading.Thread(target=self._run)

    @staticmethod
    def _sockets():
        """The same port for both."""
        while True:
            tcp = socket.create_server(("127.0.0.1", 0))
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                udp.bind(tcp.getsockname())
                return udp, tcp
            except OSError:
                udp.close()
                tcp.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.close()
        self.thread.join()
        for one in (self.udp, self.tcp, self.end):
            one.close()

    def stop_answering(self):
        """From now on nothing is answered: a server that is down, without an error for those who ask."""
        self.silent = True

    def _run(self):
        while True:
            ready, _, _ = select.select([self.udp, self.tcp, self.end], [], [])
            if self.end in ready:
                return
            if self.udp in ready:
                query, client = self.udp.recvfrom(4096)
                for answer in self._answers(query, False):
                    self.udp.sendto(answer, client)
            if self.tcp in ready:
                with self.tcp.accept()[0] as connection:
                    connection.settimeout(LIMIT)
                    self._converse(connection)

    def _converse(self, connection):
        """One question for each connection."""
        try:
            head = connection.recv(2, socket.MSG_WAITALL)
            if len(head) < 2:
                return
            query = connection.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
            for answer in self._answers(query, True):
                connection.sendall(struct.pack("!H", len(answer)) + answer)
        except OSError:
            return

    def _answers(self, query, is_tcp):
        name, kind, end = question_of(query)
        self.asked.append((name, kind))
        if self.silent:
            return []
        behaviour = next((one for one, _ in self.zone.of_name(name) or [] if one.isupper() and one not in TYPES), None)
        found = self.zone.records(name, kind)
        if behaviour and not found:
            return self._misbehave(behaviour, query, end, is_tcp)
        code = NXDOMAIN if found is None else NOERROR
        answer = message(query, end, code, found or [])
        if len(answer) > LARGEST_UDP and not is_tcp:
            answer = message(query, end, code, [], truncated=True)
        return [answer]

    def _misbehave(self, behaviour, query, end, is_tcp):
        name, kind, _ = question_of(query)
        if behaviour == "SILENT":
            return []
        if behaviour in ("SERVFAIL", "REFUSED"):
            return [message(query, end, {"SERVFAIL": SERVFAIL, "REFUSED": REFUSED}[behaviour], [])]
        if behaviour == "GARBAGE":  # behind the number of the question, so that it counts as its answer
            whole = message(query, end, NOERROR, [])
            return [whole[:6] + b"\0\7" + whole[8:end] + os.urandom(300)]
        if behaviour == "ENDLESS":  # truncated, over TCP too
            return [message(query, end, NOERROR, [], truncated=True)]
        if behaviour == "HUGE" and not is_tcp:
            return [message(query, end, NOERROR, [], truncated=True)]
        if behaviour == "HUGE":
            return [message(query, end, NOERROR, [(name, kind, "v=spf1 " + "a " * 7500)] * 4)]
        assert behaviour == "CUT"
        whole = message(query, end, NOERROR, [(name, kind, "127.0.0.2" if kind == "A" else "v=spf1 ip4:10.1.2.3 -all")])
        return [whole[:-5]]


def question_of(query):
    """(name, kind, where the question ends)"""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    number = struct.unpack("!H", query[at + 1:at + 3])[0]
    return ".".join(labels).lower(), NAMES.get(number, str(number)), at + 5


def message(query, end, code, records, truncated=False):
    flags = 0x8180 | (0x0200 if truncated else 0) | code
    text = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + query[12:end]
    for owner, kind, value in records:
        data = encoded_data(kind, value)
        text += encoded_name(owner) + struct.pack("!HHIH", TYPES[kind], 1, TTL, len(data)) + data
    return text
