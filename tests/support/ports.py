"""Ports on loopback that nobody uses. None of those that the system gives to outgoing connections
(ip_local_port_range): one of these might have it by the time that it is to be listened on.

Nor one that another test has been given and does not listen on yet: tests run side by side, and a name in the abstract
namespace (unix(7)), kept as long as the process lives, tells them of each other."""

import contextlib
import random
import socket

TRIES = 100
_names = []


def free_port():
    return free_ports(1)[0]


def free_ports(number):
    ports = []
    for _ in range(TRIES * number):
        if len(ports) == number:
            return ports
        port = random.randrange(12000, 32000)
        with contextlib.suppress(OSError):
            _names.append(_named(port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
            ports.append(port)
    if len(ports) == number:
        return ports
    raise AssertionError("no port is free")


def _named(port):
    """Raises OSError if a process has taken the port."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0sqlgrey-tests-port-{port}")
    except OSError:
        name.close()
        raise
    return name
