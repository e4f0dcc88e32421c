"""A SQLite file that is moved, deleted, replaced, damaged or made inaccessible while the daemon uses it: stored rows
stay intact wherever the file is now, the file with the configured name is used, and service recovers by itself."""

import glob
import os
import shutil
import sqlite3
import time

import databases
from shared_database import DEFER
from outage import OutageCase
from support import case
from support.daemon import give_to_daemon, wait_until
from support.tables import Tables


class SqliteFile(OutageCase):
    make_database = databases.SQLite
    policy = "pass"

    def begin(self, **settings):
        super().begin(**settings)
        self.path = self.base.tables.path
        self.old = self.path + ".old"
        self.stored = self.base.tables.count("connect")

    def serves(self):
        """All connections get decisions."""
        self.back_in_time()
        for connection in self.connections:
            self.assertEqual(self.ask_new(connection)[0], DEFER)

    def is_whole(self, path, at_least):
        """It has the rows stored before, and perhaps some newer ones."""
        base = sqlite3.connect(path)
        try:
            self.assertEqual(base.execute("pragma integrity_check").fetchall(), [("ok",)])
            self.assertGreaterEqual(base.execute("select count(*) from connect").fetchone()[0], at_least)
        finally:
            base.close()

    def told_once(self, pattern):
        self.served.wait_for_log(pattern)
        time.sleep(1)
        for connection in self.connections:
            self.ask_new(connection)
        self.assertEqual(self.served.log().count("is another one than before"), 1, self.served.log())

    def test_moved(self):
        self.begin()
        os.rename(self.path, self.old)
        self.serves()
        self.told_once("^dbaccess: warning: SQLite file .* is another one than before")
        self.assertEqual(self.served.stop(), 0)
        self.is_whole(self.old, self.stored)
        self.is_whole(self.path, 4)
        self.assertEqual(set(glob.glob(self.path + "*")), {self.path, self.old})

    def test_moved_and_reloaded_while_no_request_comes_in(self):
        self.begin()
        for connection in self.connections:
            connection.close()
        os.rename(self.path, self.old)
        self.served.process.send_signal(1)
        self.served.wait_for_log("old ones finish")
        self.connections = self.talk(self.served, 4)
        self.serves()
        wait_until(lambda: not glob.glob(self.path + "-*of-moved*"), "the WAL copied into the moved file", 10)
        self.is_whole(self.old, self.stored)
        self.assertEqual(self.served.log().count("is another one than before"), 1)

    def test_deleted(self):
        self.begin()
        os.unlink(self.path)
        self.serves()
        self.told_once("is another one than before")
        self.is_whole(self.path, 4)

    def test_moved_with_its_wal(self):
        self.begin()
        target = os.path.join(self.directory, "kept")
        os.mkdir(target)
        for name in glob.glob(self.path + "*"):
            shutil.move(name, target)
        self.serves()
        self.assertEqual(self.served.stop(), 0)
        self.is_whole(os.path.join(target, os.path.basename(self.path)), self.stored)

    def test_replaced_by_a_backup(self):
        self.begin()
        backup = self.path + ".backup"
        source, copy = sqlite3.connect(self.path), sqlite3.connect(backup)
        source.backup(copy)
        source.close()
        copy.execute("insert into from_awl values ('known', 'backup.example', '192.0.2', ?, ?)", (time.time() - 9, time.time()))
        copy.commit()
        copy.close()
        give_to_daemon(backup)
        os.rename(backup, self.path)
        self.serves()
        self.told_once("is another one than before")
        self.assertEqual(self.connections[0].ask(sender="known@backup.example"),
                         "PREPEND X-Greylist: from auto-whitelisted by SQLgrey-2.0.0")
        self.assertEqual(self.served.stop(), 0)
        self.is_whole(self.path, self.stored)

    def test_damaged(self):
        """Pages are overwritten while it is in use: all workers continue with a new file, and no reply comes from
        damaged pages."""
        self.begin(sqlite_synchronous="off")
        for _ in range(40):
            for connection in self.connections:
                self.ask_new(connection)
        self.served.process.send_signal(1)  # new workers have no page in memory
        self.served.wait_for_log("old ones finish")
        base = sqlite3.connect(self.path)
        base.execute("pragma wal_checkpoint(truncate)")
        base.close()
        size = os.path.getsize(self.path)
        with open(self.path, "r+b") as file:
            file.seek(2048)
            file.write(b"\xa5" * (size - 2048))
        self.connections = self.talk(self.served, 4)
        self.serves()
        self.served.wait_for_log(r"error: .*set aside as .*\.damaged-")
        self.assertEqual(len(glob.glob(self.path + ".damaged-*Z")), 1)
        self.is_whole(self.path, 4)

    def test_a_file_that_is_not_a_database_is_not_set_aside_at_the_start(self):
        with open(self.base.tables.path, "wb") as file:
            file.write(b"no database " * 1000)
        give_to_daemon(self.base.tables.path)
        self.served = self.sharer(workers=2, on_db_failure="pass").start()
        self.served.wait_for_log("error: .*is not a database")
        self.assertEqual(glob.glob(self.base.tables.path + "*"), [self.base.tables.path])

    def test_made_inaccessible_and_accessible_again(self):
        """Its files belong to root for a while, as after a restore by hand."""
        self.need_root("to take files away")
        self.begin()
        self.assertEqual(self.served.stop(), 0)
        holder = sqlite3.connect(self.path)  # keeps -wal and -shm, which then belong to root
        holder.execute("insert into config values ('x', 'y')")
        holder.commit()
        names = [self.path, self.path + "-wal", self.path + "-shm"]
        for name in names:
            os.chown(name, 0, 0)
            os.chmod(name, 0o644)
        self.served.start()
        self.connections = self.talk(self.served, 4)
        self.served.wait_for_log("error: database cannot be used: SQLite file .*must be writable")
        self.assertEqual(self.ask_new(self.connections[0])[0], "dunno")
        for name in names:
            give_to_daemon(name)
        wait_until(lambda: all(self.decided(connection) for connection in self.connections),
                   lambda: f"service; it said:\n{self.served.log()}", 15)
        holder.close()
        self.assertNotIn("backend", self.served.log())

    def test_locked_by_another_process(self):
        """Known senders do not wait for the lock; new ones get the reply of the failure policy, and no outage is
        logged."""
        self.begin()
        now = int(time.time())
        self.base.execute(f"insert into domain_awl values ('known.example', '192.0.2', {now}, {now})")
        other = sqlite3.connect(self.path, isolation_level=None)
        other.execute("begin immediate")
        self.assertEqual(self.ask_new(self.connections[0])[0], "dunno")
        for connection in self.connections:
            self.assertEqual(connection.ask(sender="a@known.example"),
                             "PREPEND X-Greylist: domain auto-whitelisted by SQLgrey-2.0.0")
            self.assertEqual(self.ask_new(connection)[0], "dunno")
        other.execute("commit")
        other.close()
        self.serves()
        self.assertIn("another transaction keeps rows locked", self.served.log())
        self.assertNotIn("database unavailable", self.served.log())

    def test_a_column_that_was_renamed(self):
        """It is logged once, with the statement's name, and not as an outage; no end of an outage is logged."""
        self.begin()
        self.base.execute("alter table connect rename column rcpt to recipient")
        for _ in range(40):
            self.assertEqual({self.ask_new(connection)[0] for connection in self.connections}, {"dunno"})
            time.sleep(0.05)
        self.base.execute("alter table connect rename column recipient to rcpt")
        wait_until(lambda: all(self.decided(connection) for connection in self.connections), "service", 12)
        self.served.wait_for_log("^dbaccess: database available again after")
        lines = [line for line in self.served.log().splitlines() if line.startswith("dbaccess:")]
        self.assertEqual(len(lines), 2, lines)
        self.assertRegex(lines[0], r"error: database cannot be used: SQLite file .*has no column rcpt.*put the table aside")


if __name__ == "__main__":
    case.main()
