"""PostgreSQL behind PgBouncer, whose server connections several clients share: decisions and rows are the same as
without it, a connection is left clean for its next user, and a pooler that cannot be used is reported."""

import os
import time

import databases
import plans
from shared_database import DEFER, DELAY, SharedDatabase, ask_all
from support import case
from support.daemon import wait_until
from support.pooler import PROGRAM, PgBouncer

WORKERS = 4
CONNECTIONS = 12
ROUNDS = 25
WITHOUT = "dunno"  # the reply of a list, and of the failure policy


class Pooled(SharedDatabase):
    make_database = databases.PostgreSQL

    def setUp(self):
        self.need(PROGRAM, "pgbouncer")
        super().setUp()

    def pooler(self, pool_mode, **settings):
        return self.enterContext(PgBouncer(self.base.server, pool_mode, **settings))

    def behind(self, pooler, name="daemon", **settings):
        return self.sharer(name, **{"db_port": pooler.port, "workers": WORKERS, **settings})

    def served_behind(self, pool_mode, size, **settings):
        pooler = self.pooler(pool_mode, default_pool_size=size)
        return pooler, self.behind(pooler, **settings).start()


class Decisions(Pooled):
    """More connections ask at once than there are server connections."""

    def decide(self, pool_mode, size, **settings):
        pooler, served = self.served_behind(pool_mode, size, group_domain_level=3, **settings)
        talks = self.talk(served, CONNECTIONS)
        new = [{"sender": f"a{number}@d{number}.example"} for number in range(ROUNDS)]
        for replies in ask_all(talks, new):
            self.assertTrue(all(reply.startswith("defer_if_permit Greylisted") for reply in replies), replies)
        self.assertEqual(self.base.count("connect"), ROUNDS)
        self.base.age("connect", DELAY)
        for replies in ask_all(talks, new):
            # The second connection to ask finds the sender known, or no longer waiting.
            self.assertNotIn(WITHOUT, replies)
            self.assertFalse([reply for reply in replies if not reply.startswith("PREPEND X-Greylist: ")], replies)
        self.assertEqual((self.base.count("from_awl"), self.base.count("connect")), (ROUNDS, 0))
        self.no_trouble(served)
        return pooler

    def test_transaction_mode(self):
        pooler = self.decide("transaction", 3)
        self.assertEqual(pooler.query("select count(*) from pg_prepared_statements"), "0")

    def test_transaction_mode_with_one_server_connection(self):
        self.decide("transaction", 1)

    def test_session_mode(self):
        self.decide("session", 20)

    def test_session_mode_with_prepared_statements(self):
        self.decide("session", 20, db_prepare="on")

    def test_never_prepared(self):
        self.decide("transaction", 3, db_prepare="off")

    def test_facts_whose_tables_are_missing_at_first(self):
        _, served = self.served_behind("transaction", 3, enrich="on", dnsbl="zen.spamhaus.org", dns_servers="127.0.0.1:9",
                                       dns_timeout="100ms", workers=1)
        self.base.execute("drop table fact")
        talk, = self.talk(served)
        there = "select count(*) from pg_tables where tablename = 'fact'"
        numbers = iter(range(10000))

        def asks(until):
            self.assertEqual(talk.ask(sender=f"a@d{next(numbers)}.example"), DEFER)
            return until()

        wait_until(lambda: asks(lambda: self.base.rows(there)[0][0] in (1, "1")), "the table")
        wait_until(lambda: asks(lambda: self.base.rows("select 1 from fact where source = 'asked'")), "what was asked")
        self.assertNotIn("cannot be used", served.log())

    def test_lists_in_the_database(self):
        _, served = self.served_behind("transaction", 3, lists_in_database="on")
        self.base.execute("insert into lists (list, entry) values ('whitelist_senders', 'friend@example.org')")
        talk, = self.talk(served)
        wait_until(lambda: "whitelisted" in talk.ask(sender="friend@example.org"), "the row in force")
        self.assertEqual(talk.ask(sender="other@example.org"), DEFER)
        served.wait_for_log("whitelist: friend@example.org")
        self.no_trouble(served)

    def test_the_tables_are_created_once(self):
        pooler = self.pooler("transaction", default_pool_size=3)
        daemons = [self.behind(pooler, name=f"daemon{index}") for index in range(3)]
        for daemon in daemons:
            daemon.start(wait=False)
        for daemon in daemons:
            wait_until(daemon.serving, lambda daemon=daemon: f"serving; it said:\n{daemon.log()}")
            wait_until(lambda daemon=daemon: self.talk(daemon)[0].ask(sender="a@b.example") == DEFER, "a decision")
        self.no_trouble(*daemons)


class Logging(databases.PostgreSQL):
    """Records each statement, and whether it was prepared by name."""

    def __init__(self):
        super().__init__(options=["log_statement = 'all'"])

    def log(self):
        with open(os.path.join(self.server.dir, "server.log"), encoding="utf-8", errors="replace") as file:
            return file.read()


class Prepared(SharedDatabase):
    """Without a pooler."""

    make_database = Logging

    def said_with(self, db_prepare):
        before = len(self.base.log())
        served = self.sharer(db_prepare=db_prepare, workers=1).start()
        talk, = self.talk(served)
        for _ in range(5):
            self.assertEqual(self.ask_new(talk)[0], DEFER)
        self.no_trouble(served)
        return self.base.log()[before:]

    def test_off(self):
        said = self.said_with("off")
        self.assertIn("execute <unnamed>: ", said)
        self.assertNotIn("execute sqlgrey_", said)

    def test_auto(self):
        said = self.said_with("auto")
        self.assertIn("execute sqlgrey_", said)
        self.assertNotIn("execute <unnamed>: ", said)


class Outages(Pooled):
    """The pooler, or the server behind it, stops and comes back."""

    def served(self):
        pooler, served = self.served_behind("transaction", 3)
        talks = self.talk(served, WORKERS)
        self.assertEqual({self.ask_new(talk)[0] for talk in talks}, {DEFER})
        return pooler, served, talks

    def back(self, talks):
        wait_until(lambda: {self.ask_new(talk)[0] for talk in talks} == {DEFER}, "service")

    def test_the_pooler_is_restarted(self):
        pooler, _, talks = self.served()
        pooler.stop()
        self.assertEqual({self.ask_new(talk)[0] for talk in talks}, {WITHOUT})
        pooler.start()
        self.back(talks)

    def test_the_server_behind_it_is_restarted(self):
        _, _, talks = self.served()
        self.base.server.stop()
        self.assertEqual({self.ask_new(talk)[0] for talk in talks}, {WITHOUT})
        self.base.server.start(create=False)
        self.back(talks)

    def test_server_connections_end_while_no_request_comes_in(self):
        _, served, talks = self.served()
        self.base.end_sessions()
        self.back(talks)


class Settings(Pooled):
    """Our settings apply to our statements, and to no others."""

    NAMES = ("statement_timeout", "lock_timeout", "enable_seqscan", "enable_bitmapscan", "plan_cache_mode", "jit")

    def shown(self, pooler):
        return [pooler.query(f"show {name}") for name in self.NAMES]

    def test_nothing_is_left_for_others(self):
        pooler = self.pooler("transaction", default_pool_size=1)
        before = self.shown(pooler)
        served = self.behind(pooler).start()
        talk, = self.talk(served)
        for _ in range(5):
            self.assertEqual(self.ask_new(talk)[0], DEFER)
        self.assertEqual(self.shown(pooler), before)
        self.assertEqual(before[0], "0")

    def test_settings_of_others_have_no_effect(self):
        pooler = self.pooler("transaction", default_pool_size=1)
        served = self.behind(pooler).start()
        talk, = self.talk(served)
        pooler.query("set statement_timeout = 1; set lock_timeout = 1")
        for _ in range(5):
            self.assertEqual(self.ask_new(talk)[0], DEFER)
        self.no_trouble(served)

    def waiting(self):
        return self.base.rows("select 1 from pg_stat_activity where wait_event_type = 'Lock'")

    def test_the_server_cancels_a_statement_that_waits(self):
        # Both a lookup and a statement that is one transaction with others.
        _, served = self.served_behind("transaction", 5, db_timeout="1s", workers=1)
        talk, = self.talk(served)
        self.assertEqual(self.ask_new(talk)[0], DEFER)
        for mode in ("access exclusive", "exclusive"):
            with self.base.session() as holder:
                holder.run("begin", f"lock table connect in {mode} mode")
                reply, took = self.ask_new(talk)
                self.assertEqual(reply, WITHOUT)
                self.assertLess(took, 10, "db_timeout is 1 s; the rest is room for a busy machine")
                # Only the server ends it: PgBouncer keeps a waiting connection.
                wait_until(lambda: not self.waiting(), "no statement that waits")
            wait_until(lambda: self.ask_new(talk)[0] == DEFER, "service")


class PooledBase(databases.PostgreSQL):
    """The daemon goes through PgBouncer in transaction mode, the test does not."""

    def __enter__(self):
        super().__enter__()
        self.pooler = PgBouncer(self.server, "transaction").__enter__()
        return self

    def __exit__(self, *what):
        self.pooler.__exit__(*what)
        super().__exit__(*what)

    def settings(self):
        return {**super().settings(), "db_port": self.pooler.port}

    def fresh(self):
        self.pooler.stop()
        super().fresh()
        self.pooler.start()


class PooledPlans(plans.Plans):
    """Plans of our statements are those without a pooler."""

    make_database = PooledBase

    def no_trouble(self, *daemons):
        super().no_trouble(*daemons)
        self.base.pooler.stop()  # so that the server's sessions end and report what they read


class Unusable(Pooled):
    """A pooler that cannot be used is reported, and mail goes on."""

    def told(self, served, words):
        served.start(wait=False)
        wait_until(served.serving, "serving")
        talk, = self.talk(served)
        self.assertEqual(talk.ask(sender="a@b.example"), WITHOUT)
        served.wait_for_log(words)

    def test_statement_mode(self):
        self.told(self.behind(self.pooler("statement")),
                  "pool_mode = statement cannot be used: set it to transaction or session")

    def test_too_few_server_connections_in_session_mode(self):
        pooler = self.pooler("session", default_pool_size=1)
        served = self.behind(pooler)
        served.start(wait=False)
        served.wait_for_log(r"this is a connection pooler that has no server connection free: in session mode each "
                            r"worker needs .*raise its pool_size, or set pool_mode = transaction")

    def test_a_client_that_waited_too_long(self):
        pooler = self.pooler("session", default_pool_size=1, query_wait_timeout=1)
        served = self.behind(pooler, db_timeout="5s")
        served.start(wait=False)
        served.wait_for_log("query_wait_timeout; the pooler has no server connection free: raise its pool_size")

    def test_too_few_clients(self):
        pooler = self.pooler("transaction", max_client_conn=1)
        served = self.behind(pooler)
        served.start(wait=False)
        served.wait_for_log("max_client_conn.; raise max_client_conn of the pooler")

    def test_prepared_statements_in_transaction_mode(self):
        pooler = self.pooler("transaction", default_pool_size=2)
        served = self.behind(pooler, db_prepare="on").start()
        stop = time.monotonic() + 20
        talks = self.talk(served, WORKERS)
        while "set db_prepare = auto or off" not in served.log() and time.monotonic() < stop:
            ask_all(talks, [{"sender": f"a{time.monotonic()}@b.example"}])
        self.assertRegex(served.log(), "prepared statement .*; a connection pooler gives its connections to several "
                                       "clients: set db_prepare = auto or off")


if __name__ == "__main__":
    case.main()
