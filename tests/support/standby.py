"""A streaming standby of a PostgreSQL server on loopback, in a temporary directory, stopped by pid."""

import os

from support import servers


class Standby(servers.PostgreSQL):
    """A context manager, like its primary, which must be running."""

    def __init__(self, primary):
        super().__init__()
        self.primary = primary

    def prepare(self):
        self._own(self.dir)
        self.run(self.tool("pg_basebackup"), "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-h", "127.0.0.1", "-p",
                 str(self.primary.port), "-U", self.user, "--no-sync")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as conf:
            conf.write(f"unix_socket_directories='{self.dir}'\n")

    def start(self, create=False):
        super().start(create=create)

    def promote(self):
        self.run(self.tool("pg_ctl"), "-D", self.data, "-w", "promote")

    def has_all(self):
        """True if everything that the primary has committed is visible here."""
        written = self.primary.query("select pg_current_wal_lsn()", "postgres")
        return self.query(f"select pg_last_wal_replay_lsn() >= '{written}'", "postgres") == "t"

    def hold(self):
        """It receives what the primary sends, but shows nothing of it until go_on()."""
        self.query("select pg_wal_replay_pause()", "postgres")

    def go_on(self):
        self.query("select pg_wal_replay_resume()", "postgres")
