"""Ports on loopback that nobody uses. None of those that the system gives to outgoing connections
(ip_local_port_range): one of these might have it by the time that it is to be listened on."""

import contextlib
import random
import socket

TRIES = 100


def free_port():
    return free_ports(1)[0]


def free_ports(number):
    """So many that were free together; each probe stays open until all are found."""
    ports = []
    with contextlib.ExitStack() as probes:
        for _ in range(TRIES * number):
            if len(ports) == number:
                return ports
            probe = probes.enter_context(socket.socket())
            port = random.randrange(12000, 32000)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
    if len(ports) == number:
        return ports
    raise AssertionError("no port is free")
