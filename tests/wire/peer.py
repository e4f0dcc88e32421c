"""Debian's Perl SQLgrey 1.8 and ours side by side, with the same settings and requests and under one clock. After
each step the replies must be equal, after each scene the tables.

Intended differences are in `as_ours` and `rows_as_ours` only; everything else is a failure. The scenes are in
peer_scenes.py."""

import re

from support import case, policy
from support.daemon import PERL
from support.faketime import Clock

START = 1700000000  # any second: both see the same clock
DEBIAN_PATTERNS = "/etc/sqlgrey"


def as_ours(reply):
    """Our reply where Perl replies `reply`."""
    reply = re.sub(r"SQLgrey-[0-9.]+", "SQLgrey-#", reply)
    # Perl gives the delay in seconds on SQLite; ours is HH:MM:SS on every database.
    delayed = re.match(r"(.*delayed )(\d+)( by .*)", reply)
    if not delayed:
        return reply
    seconds = int(delayed[2])
    shown = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return delayed[1] + shown + delayed[3]


def rows_as_ours(table, rows):
    """Our rows where Perl has `rows`: one per triplet, the newest; Perl keeps stale duplicates."""
    if table != "connect":
        return rows
    newest = {}
    for row in rows:
        newest[row[:-1]] = max(row[-1], newest.get(row[:-1], 0))
    return sorted(key + (first_seen,) for key, first_seen in newest.items())


class SideBySide(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need(PERL, "sqlgrey")
        self.need("faketime", "faketime")
        self.clock = Clock(self.directory, START)
        self.pair = []
        self.number = 0

    def both(self, debian_patterns=False, **settings):
        """Starts both with these settings on fresh databases (and stops those of before); no cleaning before the
        seventh day."""
        settings["db_cleandelay"] = 7 * 86400
        for daemon in self.pair:
            daemon.stop()
        self.number += 1
        self.perl = self.daemon(f"perl{self.number}", binary=PERL, settings=settings, clock=self.clock)
        self.ours = self.daemon(f"ours{self.number}", settings=settings, clock=self.clock)
        self.pair = [self.perl, self.ours]
        for daemon in (self.perl, self.ours):
            if debian_patterns:
                daemon.use_patterns_of(DEBIAN_PATTERNS)
            daemon.start()
        self.to_perl = policy.Conversation(self.perl.address)
        self.to_ours = policy.Conversation(self.ours.address)
        self.addCleanup(self.to_perl.close)
        self.addCleanup(self.to_ours.close)

    def sql(self, statement, *values):
        self.perl.tables.execute(statement, *values)
        self.ours.tables.execute(statement, *values)

    def pass_time(self, seconds):
        self.clock.advance(seconds)

    def ask(self, **attributes):
        """Asks both; the replies must be equal. Returns ours, with '#' for the version."""
        perl = as_ours(self.to_perl.ask(**attributes))
        ours = re.sub(r"SQLgrey-[0-9.]+", "SQLgrey-#", self.to_ours.ask(**attributes))
        self.assertEqual(perl, ours, f"on {attributes} at {self.clock.now - START} s")
        return ours

    def compare_tables(self):
        for table in ("connect", "from_awl", "domain_awl"):
            perl = rows_as_ours(table, self.perl.tables.rows(table))
            ours = self.ours.tables.rows(table)
            if table == "connect":
                self.assertEqual(perl, ours, table)
                continue
            # Ours updates last_seen by a minute or more, Perl with every mail.
            self.assertEqual([row[:-1] for row in perl], [row[:-1] for row in ours], table)
            for theirs, mine in zip(perl, ours):
                self.assertTrue(theirs[-1] - 60 < mine[-1] <= theirs[-1], (table, theirs, mine))
