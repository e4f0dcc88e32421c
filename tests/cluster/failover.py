"""A PostgreSQL primary with a streaming standby, both in db_host: after the loss of the primary and the promotion of
the standby, decisions continue; a standby alone counts as a database that cannot be written to."""

import time

import databases
from shared_database import DEFER, DELAY
from outage import LONGEST, WITHOUT, OutageCase
from support import case
from support.daemon import wait_until
from support.standby import Standby

CONTINUES_WITHIN = 5  # 2 are promised
CONTINUES_AFTER_TRIES = 15


class FailOver(OutageCase):
    make_database = databases.PostgreSQL

    @classmethod
    def setUpClass(cls):
        pass  # a pair for each test: a promoted standby does not go back

    def setUp(self):
        self.base = self.enterContext(databases.PostgreSQL())
        self.standby = databases.PostgreSQL(self.enterContext(Standby(self.base.server)))
        super().setUp()

    def both_hosts(self):
        ports = (self.base.server.port, self.standby.server.port)
        return {"db_host": ", ".join(f"127.0.0.1:{port}" for port in ports), "db_port": None}

    def fail_over(self, lose_primary, within):
        self.begin(**self.both_hosts())
        first = self.connections[0]
        self.assertEqual(first.ask(sender="before@failover.example"), DEFER)
        self.base.age("connect", DELAY)
        wait_until(self.standby.server.has_all, "the standby has all rows")
        lose_primary()
        while_away = self.ask_for(0.5)
        self.assertLess(max(took for _, took in while_away), LONGEST)
        self.standby.server.promote()
        promoted = time.monotonic()
        wait_until(lambda: all([self.decided(connection) for connection in self.connections]),
                   lambda: f"decisions; it said:\n{self.served.log()}")
        self.assertLess(time.monotonic() - promoted, within)
        self.assertRegex(first.ask(sender="before@failover.example"), "delayed 00:0")

    def test_the_primary_is_killed(self):
        self.fail_over(self.base.server.kill, CONTINUES_WITHIN)
        self.one_line_each()

    def test_the_primary_is_frozen(self):
        """It still accepts connections, so each attempt waits for it before the standby is tried."""
        self.fail_over(self.base.server.freeze, CONTINUES_AFTER_TRIES)

    def test_a_promotion_while_no_request_comes_in_goes_unnoticed(self):
        self.begin(**self.both_hosts())
        wait_until(self.standby.server.has_all, "the standby has all rows")
        self.base.server.kill()
        self.standby.server.promote()
        for connection in self.connections:
            self.assertEqual(self.ask_new(connection)[0], DEFER)
        self.no_trouble(self.served)

    def test_a_standby_alone_until_it_is_promoted(self):
        self.sharer("maker").start().ask()
        wait_until(self.standby.server.has_all, "the standby has the tables")
        self.served = self.sharer(on_db_failure=self.policy, db_port=self.standby.server.port).start()
        self.connections = self.talk(self.served, 2)
        came = self.ask_for(1)
        self.assertEqual({reply for reply, _ in came}, {WITHOUT[self.policy]})
        self.standby.server.promote()
        self.back_in_time()


if __name__ == "__main__":
    case.main()
