"""The processes that a test has started, directly or indirectly: this process becomes the reaper of all its
descendants (prctl(2), PR_SET_CHILD_SUBREAPER), so children left behind by a dead daemon are found here."""

import ctypes
import os

from support.daemon import children_of, wait_until

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def reap():
    """Reaps dead processes; returns the pids of the living."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        return []
    return children_of(os.getpid())


def wait_until_none_is_left():
    wait_until(lambda: not reap(), lambda: f"no process is left behind, but {named(reap())}")


def named(pids):
    lines = []
    for pid in pids:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                lines.append(f"{pid} {file.read().replace(bytes(1), b' ').decode(errors='replace')}")
        except FileNotFoundError:
            pass
    return lines
