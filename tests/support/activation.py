"""Starts programs as systemd does for a socket unit: with sockets as descriptors from 3 on, and three variables that
announce them. The sockets stay open here, as they do in systemd."""

import sys

# argv: names, descriptors, the program and its arguments. Via high numbers: the descriptors may be 3, 4 ... themselves.
_EXEC = """
import fcntl, os, sys
names, descriptors, command = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
copies = [fcntl.fcntl(int(each), fcntl.F_DUPFD_CLOEXEC, 100) for each in descriptors]
for number, copy in enumerate(copies):
    os.dup2(copy, 3 + number)
for each in map(int, descriptors):
    if each >= 3 + len(copies):
        os.close(each)
variables = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(copies)), "LISTEN_FDNAMES": names}
os.execve(command[0], command, {**os.environ, **variables})
"""


def with_sockets(command, sockets):
    """The command that execs `command` with `sockets`, pairs of a name and a socket; and the descriptors that it needs
    open (pass_fds)."""
    if not sockets:
        return command, ()
    descriptors = tuple(each.fileno() for _, each in sockets)
    names = ":".join(name for name, _ in sockets)
    return [sys.executable, "-c", _EXEC, names, ",".join(map(str, descriptors)), *command], descriptors
