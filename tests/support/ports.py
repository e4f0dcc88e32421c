"""Unused ports on loopback. Not from the range of outgoing connections (ip_local_port_range), where one could be
taken before it is listened on.

Nor one reserved by a concurrent test that does not listen yet: each process shows its ports by names in the abstract
namespace (unix(7)), which last as long as the process."""

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
    """Raises OSError if a process has reserved the port."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0sqlgrey-tests-port-{port}")
    except OSError:
        name.close()
        raise
    return name
