"""The file system of the tables is full: mail goes on by the failure policy, which is logged once, and service
recovers by itself when there is space. The small file systems are mounted in a mount namespace of this test."""

import os
import shutil
import subprocess
import sys
import time
import unittest

import databases
from shared_database import DEFER, timed
from outage import AT_ONCE, LONGEST, WITHOUT, OutageCase
from support import case
from support.daemon import give_to_daemon, wait_until
from support.tables import Tables

INSIDE = "SQLGREY_TEST_SMALL_DISKS"


def enter_namespace():
    if os.geteuid() == 0 and INSIDE not in os.environ:
        environment = {**os.environ, INSIDE: "1"}
        sys.exit(subprocess.run(["unshare", "-m", sys.executable, *sys.argv], env=environment, check=False).returncode)


class FullDisk(OutageCase):
    def setUp(self):
        self.need_root("to mount a small file system")
        super().setUp()

    def small_disk(self, name, size):
        path = os.path.join(self.directory, name)
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", path], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", path], check=True)
        return path

    def ask_new(self, conversation):
        """With addresses of the maximum length, to use up space."""
        self.number += 1
        return timed(conversation, sender=f"{'x' * 60}@new{self.number}.example",
                     recipient=f"{'y' * 200}{self.number}@example.net")

    def fill(self):
        """Fills the file system; returns the replies while there was space, and then while there was none."""
        for _ in range(2000):
            reply, took = self.ask_new(self.connections[0])
            self.assertLess(took, LONGEST)
            if reply != DEFER:
                break
        self.assertEqual(reply, WITHOUT[self.policy])
        came = self.ask_for(3)
        # Something small may still fit at times; then the log must say so.
        self.assertLess(max(took for _, took in came), AT_ONCE)
        self.assertGreater(sum(reply == WITHOUT[self.policy] for reply, _ in came), 0.9 * len(came))

    def told_truly(self, most):
        """Each outage is logged, and its end, at most `most` times."""
        self.back_in_time()
        self.served.wait_for_log("^dbaccess: database available again after")
        time.sleep(0.7)  # the next attempt of the other workers
        lines = [line for line in self.served.log().splitlines() if line.startswith("dbaccess:")]
        self.assertLessEqual(len(lines), 2 * most, lines)
        self.assertEqual(len(lines) % 2, 0, lines)
        for away, back in zip(lines[::2], lines[1::2]):
            self.a_pair([away, back])


class OnSQLite(FullDisk):
    make_database = databases.SQLite

    def test_a_full_disk(self):
        disk = self.small_disk("disk", "400k")
        give_to_daemon(disk)
        self.base.tables = Tables(os.path.join(disk, "sqlgrey.db"))
        self.begin()
        self.served.wait_for_log("^perf: ")  # the first cleaning, which would be refused too
        wait_until(lambda: self.base.rows("select 1 from daily"), "the first statistics")
        self.fill()
        rows = self.base.count("connect")
        subprocess.run(["mount", "-o", "remount,size=10m", disk], check=True)
        self.told_truly(4)  # when its WAL restarts, a full disk accepts some rows once more
        self.assertGreater(self.base.count("connect"), rows)
        self.assertEqual(self.base.rows("pragma integrity_check"), [("ok",)])


class OnPostgreSQL(FullDisk):
    make_database = databases.PostgreSQL

    def test_a_full_tablespace(self):
        disk = self.small_disk("disk", "40m")
        space = os.path.join(disk, "space")
        os.mkdir(space, 0o700)
        shutil.chown(space, self.base.server.account, self.base.server.account)
        self.base.server.query(f"create tablespace small location '{space}'", "postgres")
        self.base.server.query("alter database sqlgrey set tablespace small", "postgres")
        self.begin()
        filler = os.path.join(disk, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        self.fill()
        os.unlink(filler)
        self.told_truly(1)
        self.served.stop()
        self.base.server.query("alter database sqlgrey set tablespace pg_default", "postgres")
        self.base.server.query("drop tablespace small", "postgres")


def load_tests(loader, _tests, _pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(where) for where in (OnSQLite, OnPostgreSQL))


if __name__ == "__main__":
    enter_namespace()
    case.main()
