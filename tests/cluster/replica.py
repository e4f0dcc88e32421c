"""db_cluster with a PostgreSQL standby in read_hosts: lookups go to the replica, writes to db_host; rows that have
not reached the replica yet do not count as new again; a dead replica is skipped until it is back."""

import databases
from shared_database import DEFER, DELAY, SharedDatabase
from outage import LONGEST
from support import case
from support.daemon import wait_until
from support.standby import Standby

SENDER = "alice@replica.example"
NEVER_LISTED = "alice@never.example"  # that is, never auto-whitelisted


class Replica(SharedDatabase):
    make_database = databases.PostgreSQL

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.replica = databases.PostgreSQL(cls.enterClassContext(Standby(cls.base.server)))

    def setUp(self):
        super().setUp()
        self.sharer("maker").start().stop()  # so that both have the tables
        self.caught_up()
        self.served = self.sharer(db_cluster="on", read_hosts=f"127.0.0.1:{self.replica.server.port}",
                                  db_host=f"127.0.0.1:{self.base.server.port}", db_port=None, workers=2,
                                  on_db_failure="pass")
        self.served.list_file("never_whitelist_senders", "@never.example\n")
        self.served.start()
        self.connections = self.talk(self.served, 4)
        wait_until(lambda: len(self.sessions()) == 2, "both workers have a session at the replica")

    def sessions(self):
        return self.replica.rows("select pid from pg_stat_activity where application_name = 'sqlgrey' "
                                 "and state = 'idle'")

    def caught_up(self):
        wait_until(self.replica.server.has_all, "the replica has all rows")

    def looked_up_since(self, moment="-infinity"):
        """The daemon's sessions on the replica that have looked something up since."""
        return self.replica.rows("select pid from pg_stat_activity where application_name = 'sqlgrey' "
                                 f"and query like 'with k as (%' and query_start > '{moment}'")

    def ask_each(self, **attributes):
        return [connection.ask(**attributes) for connection in self.connections]

    def test_lookups_go_to_the_replica(self):
        self.assertEqual(set(self.ask_each(sender=SENDER)), {DEFER})
        self.base.age("connect", DELAY)
        self.assertRegex(self.connections[0].ask(sender=SENDER), "delayed")
        self.caught_up()
        for reply in self.ask_each(sender=SENDER):
            self.assertIn("from auto-whitelisted", reply)
        self.assertEqual(len(self.looked_up_since()), 2)  # both workers
        self.no_trouble(self.served)

    def test_a_row_that_has_not_reached_the_replica_is_not_new_again(self):
        self.replica.server.hold()
        self.addCleanup(self.replica.server.go_on)
        self.assertEqual(set(self.ask_each(sender=SENDER)), {DEFER})
        self.assertEqual(self.served.log().count("grey: new:"), 1, self.served.log())
        self.assertEqual(self.served.log().count("grey: early reconnect:"), 3)
        self.base.age("connect", DELAY)
        replies = self.ask_each(sender=SENDER)
        self.assertRegex(replies[0], "delayed 00:0")
        for reply in replies[1:]:
            self.assertIn("from auto-whitelisted", reply)
        self.assertEqual(self.base.count("connect"), 0)
        self.assertEqual(self.replica.count("from_awl"), 0, "the replica was to be behind")
        self.no_trouble(self.served)

    def test_a_never_whitelisted_sender_is_looked_up_on_the_primary(self):
        """Its domain has a row on the replica, which decides for other senders, but not for this one."""
        for src in ("192.0.2", "192.0.2.10"):
            self.base.execute(f"insert into domain_awl values ('never.example', '{src}', localtimestamp, localtimestamp)")
        self.caught_up()
        self.replica.server.hold()
        self.addCleanup(self.replica.server.go_on)
        self.assertEqual(set(self.ask_each(sender=NEVER_LISTED)), {DEFER})
        self.assertEqual(self.served.log().count("grey: new:"), 1, self.served.log())
        self.assertEqual(self.served.log().count("grey: early reconnect:"), 3)
        self.base.age("connect", DELAY)
        for reply in self.ask_each(sender=NEVER_LISTED):
            self.assertRegex(reply, "delayed 00:0")
        self.assertEqual(self.replica.count("connect"), 0, "the replica was to be behind")
        self.no_trouble(self.served)

    def test_a_dead_replica_is_skipped_until_it_is_back(self):
        for lose, come_back in ((self.replica.server.kill, self.replica.server.start),
                                (self.replica.server.freeze, self.replica.server.thaw)):
            with self.subTest(lose.__name__):
                wait_until(lambda: self.replica_is_asked("-infinity"), "the replica is asked")
                lose()
                try:
                    for _ in range(3):
                        for connection in self.connections:
                            reply, took = self.ask_new(connection)
                            self.assertEqual(reply, DEFER)
                            self.assertLess(took, LONGEST)
                finally:
                    come_back()
                moment = self.replica.rows("select now()")[0][0]
                wait_until(lambda: self.replica_is_asked(moment), "the replica is asked again")
        self.assertNotIn("database unavailable", self.served.log())

    def replica_is_asked(self, moment):
        for connection in self.connections:
            self.assertEqual(self.ask_new(connection)[0], DEFER)
        return len(self.looked_up_since(moment)) == 2


if __name__ == "__main__":
    case.main()
