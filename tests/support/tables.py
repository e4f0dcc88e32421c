"""The SQLite tables of a greylisting daemon, read and written while it runs."""

import sqlite3

COLUMNS = {
    "connect": "sender_name, sender_domain, src, rcpt, first_seen",
    "from_awl": "sender_name, sender_domain, src, first_seen, last_seen",
    "expectation": "rcpt, sender_domain, expires_at, added_by, reason",
    "domain_awl": "sender_domain, src, first_seen, last_seen",
    "pool": "member, pool, evidence, first_seen, last_seen",
    "organisation": "src, never_came_back, came_back, halved_at, crowd",
}


class Tables:
    def __init__(self, path):
        self.path = path

    def execute(self, sql, *values):
        """Runs one statement and commits; returns the rows."""
        # Opened each time, so that no transaction of a test blocks the daemon.
        base = sqlite3.connect(self.path, timeout=20)
        try:
            with base:
                return base.execute(sql, values).fetchall()
        finally:
            base.close()

    def many(self, sql, rows):
        base = sqlite3.connect(self.path, timeout=20)
        try:
            with base:
                base.executemany(sql, rows)
        finally:
            base.close()

    def rows(self, table):
        """All rows, columns as in COLUMNS, sorted."""
        return sorted(self.execute(f"select {COLUMNS[table]} from {table}"))

    def keys(self, table):
        """The rows without their times."""
        times = COLUMNS[table].count("_seen")
        return [row[:-times] for row in self.rows(table)]

    def count(self, table):
        return self.execute(f"select count(*) from {table}")[0][0]

    def age(self, table, seconds):
        """Makes all rows of the table older."""
        self.execute(f"update {table} set first_seen = first_seen - ?", seconds)
        if "last_seen" in COLUMNS[table]:
            self.execute(f"update {table} set last_seen = last_seen - ?", seconds)
