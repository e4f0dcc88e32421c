"""Rows of the table `lists` that are written with SQL while daemons run take effect in all workers within seconds,
hits are counted, and while the table cannot be read, the rows last read stay in effect.

PostgreSQL, MariaDB and SQLite side by side: each step is done on all three before any of them is waited for."""

import databases
from shared_database import DEFER, NEVER
from support import case, policy
from support.daemon import wait_until

LISTED = "PREPEND X-Greylist: whitelisted by SQLgrey-"
REFUSED = "554 5.7.1 Mail from here is not accepted"
AWAY = "defer_if_permit Greylisting cannot look up its database"
PROBE = "198.18.99.99"  # an entry whose hits do not matter
WORKERS = 2
CONNECTIONS = 4  # the master spreads them over the workers
WITHIN = 20  # seconds; three or four are promised


class Served:
    """A daemon, and connections to all its workers."""

    def __init__(self, daemon):
        self.daemon = daemon.start()
        self.connections = [policy.Conversation(daemon.address) for _ in range(CONNECTIONS)]
        self.asked = 0

    def close(self):
        for connection in self.connections:
            connection.close()

    def replies(self, attributes):
        """The reply on each connection, each about another sender."""
        found = []
        for connection in self.connections:
            self.asked += 1
            found.append(connection.ask(**{"sender": f"new@new{self.asked}.example", **attributes}))
        return found


class Place:
    """A database and its daemons. `now`: its current time, in SQL."""

    lists_alone = False  # take_away() leaves the other tables

    def __init__(self, base, now):
        self.base = base
        self.now = now
        self.served = []

    def later(self, seconds):
        return self.base.minus(self.now, -seconds)

    def hits(self):
        """{entry: (hits, whether it has a time)}"""
        rows = self.base.rows("select entry, hits, case when last_hit is null then 0 else 1 end from lists "
                              f"where entry <> '{PROBE}'")
        return {entry: (int(hits), timed == "1") for entry, hits, timed in rows}

    def sessions(self):
        return len(self.base.sessions())

    def take_away(self):
        self.base.server.stop()

    def bring_back(self):
        self.base.server.start(create=False)

    def come_back(self):
        if self.base.server.process.poll() is not None:
            self.bring_back()


class FilePlace(Place):
    lists_alone = True

    def sessions(self):
        return None  # cannot be counted

    def take_away(self):
        self.base.execute("alter table lists rename to lists_away")

    def bring_back(self):
        self.base.execute("alter table lists_away rename to lists")

    def come_back(self):
        """Each test has a file of its own."""


class ListsInDatabase(case.DaemonCase):
    @classmethod
    def setUpClass(cls):
        entered = [cls.enterClassContext(kind()) for kind in (databases.PostgreSQL, databases.MariaDB, databases.SQLite)]
        cls.bases = dict(zip(("localtimestamp", "now()", "cast(strftime('%s', 'now') as integer)"), entered))

    def setUp(self):
        super().setUp()
        self.places = []
        for now, base in self.bases.items():
            base.fresh()
            place = (FilePlace if isinstance(base, databases.SQLite) else Place)(base, now)
            self.places.append(place)
            self.addCleanup(place.come_back)

    def serve(self, files=None, **settings):
        """One more daemon for each database; they are numbered."""
        for at, place in enumerate(self.places):
            daemon = self.daemon(f"daemon{at}.{len(place.served)}", settings={
                **place.base.settings(), "reconnect_delay": 1, "db_cleandelay": NEVER, "workers": WORKERS, **settings})
            for name, text in (files or {}).items():
                daemon.list_file(name, text)
            place.served.append(Served(daemon))
            self.addCleanup(place.served[-1].close)

    def execute(self, sql):
        """`sql`: a text, or a function of the place that returns it."""
        for place in self.places:
            place.base.execute(sql(place) if callable(sql) else sql)

    def insert(self, name, entry, **more):
        """`more`: further columns, as SQL."""
        row = {"list": f"'{name}'", "entry": f"'{entry}'", **more}
        self.execute(f"insert into lists ({', '.join(row)}) values ({', '.join(row.values())})")

    def expire(self, entry, seconds):
        self.execute(lambda place: f"update lists set expires_at = {place.later(seconds)} where entry = '{entry}'")

    def said(self, reply, served=None, **attributes):
        """All workers of all daemons (or of those with that number) reply so."""
        for place in self.places:
            for one in place.served if served is None else [place.served[served]]:
                for said in one.replies(attributes):
                    self.assertTrue(said.startswith(reply), (said, reply, attributes, type(place.base).__name__))

    def soon(self, reply, served=None, **attributes):
        """They do so soon, and from then on."""
        def all_say():
            try:
                self.said(reply, served, **attributes)
                return True
            except AssertionError as not_yet:
                self.not_yet = not_yet
                return False

        wait_until(all_say, lambda: self.not_yet, WITHIN)
        self.said(reply, served, **attributes)

    def in_force(self, served=None):
        """Waits until the rows inserted before are in effect in all workers: all rows are read at once, and this is
        the last."""
        self.insert("whitelist_clients", PROBE)
        self.soon(LISTED, served, client_address=PROBE)

    def logged(self, times, words):
        """All daemons have logged it that often; of an error about the table alone, one worker logs for all."""
        for place in self.places:
            for served in place.served:
                self.logged_by(served, 1 if place.lists_alone else times, words)

    def logged_by(self, served, times, words):
        wait_until(lambda: served.daemon.log().count(words) >= times,
                   lambda: f"{times} times {words!r} in:\n{served.daemon.log()}")

    def refused(self, number, words):
        """Every daemon has logged it as an error, one more than `number - 1` times."""
        for place in self.places:
            for served in place.served:
                self.logged_by(served, number, f"conf: error: {words}")

    def untroubled(self):
        for place in self.places:
            for served in place.served:
                self.assertNotIn("dbaccess:", served.daemon.log())

    def test_rows_are_added_changed_expire_and_are_deleted(self):
        self.serve()
        first, second = {"client_address": "203.0.113.9"}, {"client_address": "203.0.113.200"}
        self.said(DEFER, **first)
        self.insert("whitelist_clients", "203.0.113.0/25", reason="'the printers'", added_by="'anna'")
        self.insert("blacklist_senders", ".spam.example")
        self.insert("whitelist_recipients", "postmaster@")
        self.expire("postmaster@", 3600)
        for entry in ("no entry", "/(/"):
            self.insert("whitelist_clients", entry)
        self.in_force()
        self.said(LISTED, **first)
        self.said(DEFER, **second)
        self.said(REFUSED, sender="a@mx.spam.example")
        self.said(LISTED, recipient="postmaster@example.net")
        for place in self.places:
            for entry, why in (("no entry", '"no entry" is skipped: expected'), ("/(/", "is not a valid regular expression")):
                [(number,)] = place.base.rows(f"select id from lists where entry = '{entry}'")
                place.served[0].daemon.wait_for_log(f"^conf: error: row {number} of whitelist_clients .*{why}")
            with self.assertRaises(Exception, msg="a list of no such name"):
                place.base.execute("insert into lists (list, entry) values ('whitelist_client', '192.0.2.1')")

        # Separately: a reading that finds no other change must notice it.
        self.execute("update lists set entry = '203.0.113.128/25' where entry = '203.0.113.0/25'")
        self.soon(LISTED, **second)
        self.said(DEFER, **first)
        self.execute("update lists set list = 'whitelist_senders' where entry = '.spam.example'")
        self.soon(LISTED, sender="a@mx.spam.example")
        self.expire("postmaster@", -1)
        self.expire("203.0.113.128/25", 2)  # expires
        self.soon(DEFER, recipient="postmaster@example.net")
        self.soon(DEFER, **second)
        self.execute("delete from lists where entry = '.spam.example'")
        self.soon(DEFER, sender="a@mx.spam.example")
        for place in self.places:
            self.assertEqual(place.base.count("lists", "expires_at is not null"), 2, "deleted when cleaning is due, not before")
        self.untroubled()

    def test_hits_of_all_workers_of_two_daemons_are_counted(self):
        self.serve()
        self.serve()
        for name, entry in (("whitelist_clients", "192.0.2.1"), ("blacklist_clients", "192.0.2.2"),
                            ("never_whitelist_senders", "@never.example"), ("whitelist_clients", "192.0.2.4")):
            self.insert(name, entry)
        self.in_force()
        for _ in range(3):
            self.said(LISTED, client_address="192.0.2.1")
        self.said(REFUSED, client_address="192.0.2.2")
        self.said(DEFER, sender="a@never.example")
        all_once = 2 * CONNECTIONS
        wanted = {"192.0.2.1": (3 * all_once, True), "192.0.2.2": (all_once, True),
                  "@never.example": (all_once, True), "192.0.2.4": (0, False)}
        for place in self.places:
            wait_until(lambda place=place: place.hits() == wanted,
                       lambda place=place: f"{wanted}: {place.hits()}", WITHIN)
            recently = f"last_hit between {place.later(-60)} and {place.later(1)}"
            self.assertEqual(place.base.count("lists", f"entry = '192.0.2.1' and {recently}"), 1)
        # Hits not yet written when they stop are written then.
        self.said(LISTED, client_address="192.0.2.4")
        for place in self.places:
            self.assertEqual([served.daemon.stop() for served in place.served], [0, 0])
            self.assertEqual(place.hits(), {**wanted, "192.0.2.4": (all_once, True)})
        self.untroubled()

    def test_lists_that_are_dropped_and_created_again(self):
        self.serve(on_db_failure="defer", log_override="dbaccess:3")
        self.insert("whitelist_clients", "192.0.2.1")
        self.insert("blacklist_senders", ".spam.example")
        self.in_force()
        # Each worker may have logged it once before the tables were created.
        away, back = ("the lists in the database cannot be read", "the lists in the database can be read again")
        before = [place.served[0].daemon.log().count(away) for place in self.places]
        for place in self.places:
            place.take_away()
        for place, so_far in zip(self.places, before):
            self.logged_by(place.served[0], so_far + (1 if place.lists_alone else WORKERS), away)
        for place in self.places:
            for reply in place.served[0].replies({"client_address": "192.0.2.1"}):
                # A header would need the state of the connection; it passes without one too.
                self.assertTrue(reply == "dunno" or reply.startswith(LISTED), reply)
            for reply in place.served[0].replies({}):
                self.assertTrue(reply.startswith(DEFER if place.lists_alone else AWAY), reply)
        self.said(REFUSED, sender="a@mx.spam.example")
        for place in self.places:
            place.bring_back()
        self.logged(WORKERS, back)
        self.insert("whitelist_clients", "192.0.2.2")
        self.execute("delete from lists where entry = '192.0.2.1'")
        self.soon(LISTED, client_address="192.0.2.2")
        self.said(DEFER, client_address="192.0.2.1")
        # Hits are kept until they can be written.
        alone = next(place for place in self.places if place.lists_alone)
        wait_until(lambda: alone.hits()[".spam.example"] == (CONNECTIONS, True), lambda: f"{alone.hits()}", WITHIN)

    def test_a_table_that_cannot_be_read_or_written_is_logged_once_as_an_error(self):
        """Not as an outage, which `untroubled` looks for."""
        self.serve()
        self.insert("whitelist_clients", "192.0.2.1")
        self.in_force()
        read, counted = "the lists in the database cannot be read: ", "hits on the lists in the database cannot be written: "
        self.execute("alter table lists rename column entry to renamed")
        self.refused(1, read)
        self.said(LISTED, client_address="192.0.2.1")
        self.execute("alter table lists rename column renamed to entry")
        self.logged(1, "conf: the lists in the database can be read again")
        self.execute("alter table lists rename column hits to renamed")
        self.said(LISTED, client_address="192.0.2.1")
        self.refused(1, counted)
        self.execute("alter table lists rename column renamed to hits")
        self.logged(1, "conf: hits on the lists in the database are written again")
        for place in self.places:
            log = place.served[0].daemon.log()
            self.assertEqual((log.count(read), log.count(counted)), (1, 1), log)
        self.untroubled()

    def test_an_unreadable_table_is_logged_at_the_start(self):
        self.serve()
        self.insert("whitelist_clients", "192.0.2.1")
        self.in_force()
        for place in self.places:
            place.served[0].daemon.stop()
        self.execute("alter table lists rename column list to renamed")
        for place in self.places:
            served = place.served.pop()
            served.close()
            served.daemon.configure(on_db_failure="pass")  # otherwise such tables prevent the start
            place.served.append(Served(served.daemon))
            self.addCleanup(place.served[-1].close)
        self.refused(1, "the lists in the database cannot be read: ")
        for place in self.places:
            self.assertIn("until then none of their entries is in effect", place.served[0].daemon.log())

    def test_missing_rights_are_logged(self):
        """The daemon's user may do everything except read the table, then everything except write it."""
        self.serve()  # creates the tables
        self.insert("whitelist_clients", "192.0.2.1")
        self.in_force()
        tables = ("connect from_awl domain_awl client_awl expectation pool organisation config optin_domain optin_email "
                  "optout_domain optout_email").split()
        for place in self.places[:2]:
            is_mysql = isinstance(place.base, databases.MariaDB)
            who = "'poor'@'%'" if is_mysql else "poor"
            place.base.execute(f"create user {who}" if is_mysql else "create role poor login")
            for table in tables:
                place.base.execute(f"grant select, insert, update, delete on {table} to {who}")
            # MySQL hides a table from a user without any right to it: it would seem to be missing.
            place.base.execute(f"grant insert on lists to {who}")
            poor = self.daemon(f"poor{self.places.index(place)}", settings={
                **place.base.settings(), "db_user": "poor", "db_pass": None, "workers": WORKERS})
            served = Served(poor)
            self.addCleanup(served.close)
            self.logged_by(served, 1, "conf: error: the lists in the database cannot be read: ")
            place.base.execute(f"grant select on lists to {who}")
            self.logged_by(served, 1, "conf: the lists in the database can be read again")
            self.logged_by(served, 1, "conf: error: hits on the lists in the database cannot be written: ")
            place.base.execute(f"grant update on lists to {who}")
            self.logged_by(served, 1, "conf: hits on the lists in the database are written again")

    def test_off(self):
        """Files count, rows do not, and no worker has a second connection."""
        self.serve({"whitelist_clients": "192.0.2.2\n"}, lists_in_database="off")
        self.sessions(WORKERS + 1)
        self.serve()
        self.insert("whitelist_clients", "192.0.2.1")
        self.in_force(served=1)
        self.said(LISTED, served=1, client_address="192.0.2.1")
        self.said(DEFER, served=0, client_address="192.0.2.1")
        self.said(LISTED, served=0, client_address="192.0.2.2")
        self.sessions(3 * WORKERS + 2)

    def sessions(self, number):
        for place in self.places:
            wait_until(lambda place=place: place.sessions() in (None, number),
                       lambda place=place: f"{number} sessions, not {place.sessions()}", WITHIN)


if __name__ == "__main__":
    case.main()
