"""A clock for a program under libfaketime, set by the test.

The program sees exactly the second that was set, until the test sets another; timeouts (the monotonic clock) work as
usual."""

import glob
import os
import time


class Unavailable(Exception):
    """libfaketime is not installed."""


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not found:
        raise Unavailable("libfaketime is not installed (package faketime)")
    return found[0]


class Clock:
    def __init__(self, directory, start=None):
        self.path = os.path.join(directory, "clock")
        self.now = int(time.time()) if start is None else start
        self._write()

    def advance(self, seconds):
        self.now += seconds
        self._write()

    def environment(self):
        return {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": self.path,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }

    def _write(self):
        # By renaming, so that no reader sees part of a line.
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.now))
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write(text + "\n")
        os.chmod(self.path + ".new", 0o644)
        os.rename(self.path + ".new", self.path)
