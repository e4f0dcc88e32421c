"""PostgreSQL's plans of our statements do not depend on its statistics when it planned: the tables were analysed
empty, have grown since, and neither they nor their indexes are read completely."""

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from support import case
from support.daemon import wait_until

ROWS = 40000  # in each table, never asked for; their primary keys have several hundred pages each
MAILS = 20
ASKED = 3 * MAILS
HERE = "sender_domain = 'here.example'"


class Plans(SharedDatabase):
    make_database = databases.PostgreSQL

    def grow(self):
        names = f"from generate_series(1, {ROWS}) i"
        for into in (f"connect select 'n' || i, 'd' || i, '192.0.2', 'r', localtimestamp {names}",
                     f"from_awl select 'n' || i, 'd' || i, '192.0.2', localtimestamp, localtimestamp {names}",
                     f"domain_awl select 'd' || i, '192.0.2', localtimestamp, localtimestamp {names}"):
            self.base.execute(f"insert into {into}")

    def ask_each(self, connection):
        return [connection.ask(sender=f"alice{letter}@here.example") for letter in "ghijklmnopqrstuvwxyz"[:MAILS]]

    def pages_of_indexes(self):
        return int(self.base.rows("select sum(idx_blks_hit + idx_blks_read) from pg_statio_user_tables")[0][0])

    def test_tables_that_were_empty_when_analysed(self):
        served = self.sharer(workers=1, group_domain_level=MAILS).start()
        connection, = self.talk(served)
        self.ask_new(connection)
        self.base.execute("delete from connect")
        self.base.execute("vacuum analyze")  # so that everything is planned again
        self.ask_new(connection)
        self.grow()
        self.base.execute("select pg_stat_reset()")
        self.assertEqual(set(self.ask_each(connection)), {DEFER})
        self.base.age("connect", DELAY, HERE)
        for reply in self.ask_each(connection):
            self.assertRegex(reply, "delayed 00:0")
        self.assertEqual(self.base.count("domain_awl", HERE), 1, "the last of them promotes the domain")
        self.base.age("domain_awl", 86400, HERE)
        for reply in self.ask_each(connection):
            self.assertIn("domain auto-whitelisted", reply)
        self.no_trouble(served)
        served.stop()
        wait_until(lambda: not self.base.rows("select 1 from pg_stat_activity where application_name = 'sqlgrey'"),
                   "the sessions have ended and told what they read")
        self.assertLess(self.pages_of_indexes() / ASKED, 100)


if __name__ == "__main__":
    case.main()
