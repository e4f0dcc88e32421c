"""Daily statistics: what is in the tables daily and daily_delay is what the log says, whatever happens meanwhile."""

import calendar
import collections
import os
import re
import signal
import socket
import subprocess
import sys

from support import case, faketime, policy
from support.daemon import LIMIT, wait_until

HOUR, DAY = 3600, 86400
MIDNIGHT = calendar.timegm((2026, 11, 28, 0, 0, 0))
# How the log line of a decision begins.
LINES = {"first_attempt": "grey: new: ", "early_reconnect": "grey: early reconnect: ",
         "reconnect_ok": "grey: reconnect ok: ", "from_awl": "grey: from awl match: ",
         "domain_awl": "grey: domain awl match: "}
COUNTS = "select {}, sum(count) from daily where name not like 'rows:%' group by {}"


class StatisticsCase(case.DaemonCase):
    def server(self, name="daemon", clock=None, **settings):
        settings = {"stats_interval": "1s", "db_cleandelay": "1s", "reconnect_delay": "0", **settings}
        return self.daemon(name, settings=settings, clock=clock)

    def clock(self, start):
        try:
            faketime.library()
        except faketime.Unavailable as missing:
            self.skipTest(str(missing))
        return faketime.Clock(self.directory, start)

    def counted(self, server, by="name"):
        try:
            return dict(server.tables.execute(COUNTS.format(by, by)))
        except Exception:  # a moment before the tables are there
            return {}

    def wait_for(self, server, counted, by="name"):
        wait_until(lambda: self.counted(server, by) == counted,
                   lambda: f"{counted}, not {self.counted(server, by)}; it said:\n{server.log()}")


def logged(server):
    log = server.log()
    lines = {verdict: len(re.findall(f"(?m)^{line}", log)) for verdict, line in LINES.items()}
    return {verdict: number for verdict, number in lines.items() if number}


def maintenance(server):
    for pid in server.children():
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if file.read().startswith(b"sqlgrey: maintenance"):
                    return pid
        except (FileNotFoundError, ProcessLookupError):
            pass
    return None


class Written(StatisticsCase):
    def test_they_are_the_numbers_of_lines_in_the_log(self):
        server = self.server().start()
        for _ in range(2):
            for client in ("192.0.2.10", "198.51.100.7"):
                for number in range(6):
                    server.ask(sender=f"alice{number % 3}@example.org", recipient=f"r{number}@example.net",
                               client_address=client)
            server.tables.age("connect", 100)
        wait_until(lambda: sum(logged(server).values()) == 24, "24 lines of decisions")
        self.wait_for(server, logged(server))
        self.assertGreater(logged(server)["reconnect_ok"], 0)
        self.assertEqual(server.tables.execute("select up_to, sum(count) from daily_delay group by up_to"),
                         [(120, logged(server)["reconnect_ok"])])
        [(host, day, names)] = server.tables.execute("select host, day, count(distinct name) from daily "
                                                     "where name not like 'rows:%' group by host, day")
        self.assertEqual((host, names), (socket.gethostname()[:64], len(logged(server))))
        self.assertRegex(day, r"^20\d\d-\d\d-\d\d$")

    def test_the_last_decisions_before_a_stop_are_written(self):
        server = self.server(stats_interval="1d").start()
        wait_until(lambda: server.tables.execute("select count(*) from sqlite_master where name = 'daily'") == [(1,)],
                   "the table")
        for number in range(20):
            server.ask(sender=f"a{number}@example.org")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.counted(server), {"first_attempt": 20})

    def test_two_daemons_and_two_starts_add_up(self):
        one = self.server("one").start()
        two = self.server("two", db_name=one.tables.path).start()
        for server, number in ((one, 3), (two, 4)):
            for mail in range(number):
                server.ask(sender=f"{number}.{mail}@example.org")
        one.stop()
        one.start()
        one.ask(sender="again@example.org")
        for server in (one, two):
            server.stop()
        self.assertEqual(self.counted(one), {"first_attempt": 8})
        runs = one.tables.execute("select count from daily where name = 'first_attempt' order by count")
        self.assertEqual(runs, [(1,), (3,), (4,)])

    def test_rows_of_tables_are_counted_once_a_day(self):
        server = self.server().start()
        server.ask(sender="a@example.org")
        server.stop()
        server.start()
        wait_until(lambda: server.tables.execute("select max(count) from daily where name = 'rows:connect'") == [(1,)],
                   "a row in connect")

    def test_0_writes_nothing_and_stdio_does_not_either(self):
        server = self.server(stats_interval="0").start()
        server.ask()
        server.stop()
        done = subprocess.run(self.server("stdio", db_name=server.tables.path).command("--stdio"),
                              input=policy.request(), capture_output=True, timeout=LIMIT, check=False)
        self.assertIn(b"action=", done.stdout)
        self.assertEqual(server.tables.count("daily"), 0)
        self.assertEqual(server.tables.count("daily_delay"), 0)

    def test_a_reload_turns_them_on_with_what_the_day_had_before(self):
        server = self.server(stats_interval="0").start()
        server.ask(sender="a@example.org")
        server.configure(stats_interval="1s")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_log("the old ones finish")
        server.ask(sender="b@example.org")
        self.wait_for(server, {"first_attempt": 2})

    def test_old_days_are_deleted(self):
        server = self.server(stats_age="30d").start()
        server.ask()
        self.wait_for(server, {"first_attempt": 1})
        server.stop()
        for table, key in (("daily", "'from_awl'"), ("daily_delay", "60")):
            server.tables.execute(f"insert into {table} values ('2020-01-01', 'mx9', {key}, 1, 5), "
                                  f"('2020-01-02', 'mx9', {key}, 1, 5)")
        server.start()
        for table in ("daily", "daily_delay"):
            wait_until(lambda table=table: not server.tables.execute(f"select 1 from {table} where host = 'mx9'"),
                       f"no old rows in {table}")
        self.assertEqual(self.counted(server), {"first_attempt": 1})


class Interrupted(StatisticsCase):
    kills = 20
    reloads = 4

    def test_kills_and_reloads_lose_nothing_and_count_nothing_twice(self):
        server = self.server(workers=2).start()
        asked = 0
        before = collections.Counter()
        for turn in range(self.kills):
            for _ in range(5):
                server.ask(sender=f"s{asked}@example.org")
                asked += 1
            child = wait_until(lambda: maintenance(server), "a maintenance child")
            os.kill(child, signal.SIGKILL)
            wait_until(lambda child=child: maintenance(server) not in (None, child), "another")
            if turn % (self.kills // self.reloads) == 0:
                log = len(re.findall("the old ones finish", server.log()))
                server.process.send_signal(signal.SIGHUP)
                wait_until(lambda log=log: len(re.findall("the old ones finish", server.log())) > log, "a reload")
            now = collections.Counter(self.counted(server))
            for name, count in before.items():
                self.assertGreaterEqual(now[name], count, name)
            before = now
        self.wait_for(server, {"first_attempt": asked})
        server.stop()
        self.assertEqual(self.counted(server), {"first_attempt": asked})

    def test_without_the_database_they_wait(self):
        server = self.server(on_db_failure="pass").start()
        server.ask(sender="a@example.org")
        self.wait_for(server, {"first_attempt": 1})
        server.tables.execute("alter table connect rename to gone")
        server.tables.execute("update config set value = '99' where parameter = 'sqlgrey_schema'")
        wait_until(lambda: server.ask(sender="b@example.org") == "dunno", "an outage")
        server.tables.execute("update config set value = '5' where parameter = 'sqlgrey_schema'")
        server.tables.execute("alter table gone rename to connect")
        server.wait_for_log("available again")
        wait_until(lambda: self.counted(server).get("passed_by_policy", 0) >= 1, lambda: self.counted(server))
        self.assertEqual(self.counted(server)["passed_by_policy"], self.counted(server)["store_unavailable"])


class Refused(StatisticsCase):
    def test_a_foreign_table_of_that_name_is_told_once_and_decisions_go_on(self):
        server = self.server()
        server.start().stop()
        for table in ("daily", "daily_delay"):
            server.tables.execute(f"drop table {table}")
        server.tables.execute("create table daily (id integer primary key, what text)")
        server.tables.execute("insert into daily (what) values ('not ours')")
        server.start()
        server.wait_for_log(r"^dbaccess: error: daily statistics are not written \(stats_interval\): .*daily.*rename")
        for number in range(3):
            self.assertIn("Greylisted", server.ask(sender=f"a{number}@example.org"))
        server.stop()
        self.assertEqual(len(re.findall("daily statistics are not written", server.log())), 1, server.log())
        self.assertNotIn("cannot be used", server.log())
        self.assertEqual(server.tables.execute("select what from daily"), [("not ours",)])

    def test_what_was_counted_meanwhile_is_written_once_it_is_corrected(self):
        server = self.server()
        server.start().stop()
        server.tables.execute("drop table daily")
        server.tables.execute("create view daily as select 1 as what")
        server.start()
        server.wait_for_log("daily statistics are not written")
        server.ask()
        server.tables.execute("drop view daily")
        server.ask(sender="later@example.org")
        server.stop()
        self.assertEqual(self.counted(server), {"first_attempt": 2})


class Midnight(StatisticsCase):
    by_day = "day"
    # Rows are counted anew on each day, so their number shows that a day has begun.
    days_begun = "select count(distinct run) from daily where name = 'rows:from_awl'"

    def start_before_midnight(self, clock):
        server = self.server(clock=clock, max_connect_age="30d").start()
        server.tables.execute("insert into from_awl values ('a', 'example.org', '192.0.2', 1, ?)", clock.now + 10 * DAY)
        server.stop()
        clock.advance(1)  # another run, also by this clock
        server.start()
        wait_until(lambda: server.tables.execute(self.days_begun) == [(1,)], "a count of rows")
        return server

    def ask(self, server, number):
        self.asked = getattr(self, "asked", 0)
        for _ in range(number):
            self.asked += 1
            server.ask(sender=f"n{self.asked}@example.org")

    def test_a_run_of_several_days(self):
        clock = self.clock(MIDNIGHT - 10)
        server = self.start_before_midnight(clock)
        self.ask(server, 3)
        self.wait_for(server, {"2026-11-27": 3}, self.by_day)
        self.pass_midnight(server, clock, 11)
        self.ask(server, 2)
        self.wait_for(server, {"2026-11-27": 3, "2026-11-28": 2}, self.by_day)
        self.pass_midnight(server, clock, 3 * DAY)
        self.ask(server, 4)
        self.wait_for(server, {"2026-11-27": 3, "2026-11-28": 2, "2026-12-01": 4}, self.by_day)

    def test_a_daemon_that_does_not_run_at_midnight(self):
        clock = self.clock(MIDNIGHT - HOUR)
        server = self.server(clock=clock).start()
        self.ask(server, 3)
        server.stop()
        clock.advance(2 * HOUR)
        server.start()
        self.ask(server, 2)
        server.stop()
        self.assertEqual(self.counted(server, self.by_day), {"2026-11-27": 3, "2026-11-28": 2})

    def test_a_clock_that_is_set_back_over_midnight(self):
        clock = self.clock(MIDNIGHT - 10)
        server = self.start_before_midnight(clock)
        self.ask(server, 1)
        days = {"2026-11-27": 1, "2026-11-28": 0}
        for step, number in ((11, 2), (-11, 4), (11, 8)):
            self.pass_midnight(server, clock, step)
            self.ask(server, number)
            days["2026-11-28" if step > 0 else "2026-11-27"] += number
            self.wait_for(server, days, self.by_day)
        server.stop()
        self.assertEqual(self.counted(server, self.by_day), days)

    def pass_midnight(self, server, clock, seconds):
        """Sets the clock and waits until the daemon has noticed."""
        before = server.tables.execute(self.days_begun)
        clock.advance(seconds)
        wait_until(lambda: server.tables.execute(self.days_begun) > before, "a new day")

    def test_the_day_is_that_of_the_local_time(self):
        clock = self.clock(MIDNIGHT - 10)
        zone = {**clock.environment(), "TZ": "Asia/Tokyo"}
        clock.environment = lambda: zone
        server = self.server(clock=clock)
        server.start()
        self.ask(server, 1)
        server.stop()
        [(day,)] = server.tables.execute("select distinct day from daily where name = 'first_attempt'")
        clock_of_program = subprocess.run([sys.executable, "-c", "import time; print(time.strftime('%Y-%m-%d'))"],
                                          env={**os.environ, **zone}, capture_output=True, text=True, check=True)
        self.assertEqual(day, clock_of_program.stdout.strip())


class Hosts(StatisticsCase):
    def test_each_host_has_rows_of_its_own(self):
        self.need_root("to give a process another host name")
        one = self.server("one").start()
        two = self.server("two", db_name=one.tables.path)
        wrapper = os.path.join(self.directory, "elsewhere")
        with open(wrapper, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nhostname \"$(printf 'mx2.example.org')\" && exec {self.binary} \"$@\"\n")
        os.chmod(wrapper, 0o755)
        two.command = lambda *arguments: ["unshare", "--uts", wrapper, "-f", two.config_file, *arguments]
        two.start()
        one.ask(sender="a@example.org")
        for number in range(2):
            two.ask(sender=f"b{number}@example.org")
        for server in (one, two):
            server.stop()
        self.assertEqual(self.counted(one, "host"), {socket.gethostname()[:64]: 1, "mx2.example.org": 2})


if __name__ == "__main__":
    case.main()
