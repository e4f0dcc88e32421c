"""metrics_listen: what is shown and to whom; the totals agree with the log and never fall."""

import argparse
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import threading

from support import case, metrics, milter, policy
from support.daemon import LIMIT, unprivileged, wait_until
from support.ports import free_port

PROMTOOL = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                        "build", "prometheus", "usr", "bin", "promtool")
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
# How the log line of a decision begins.
LINES = {"first_attempt": "grey: new: ", "early_reconnect": "grey: early reconnect: ",
         "reconnect_ok": "grey: reconnect ok: ", "from_awl": "grey: from awl match: ",
         "domain_awl": "grey: domain awl match: ", "whitelisted": "whitelist: alice"}
GROWING = re.compile(r"(_total|_count|_sum|_bucket)(\{|$)")


class MetricsCase(case.DaemonCase):
    def start_with_metrics(self, name="daemon", **settings):
        self.metrics = ("127.0.0.1", free_port())
        place = f"127.0.0.1:{self.metrics[1]}"
        return self.daemon(name, settings={"metrics_listen": place, **settings}).start()

    def scrape(self):
        return metrics.scrape(self.metrics)

    def metrics_child(self, server):
        return wait_until(lambda: next((pid for pid in server.children() if title(pid) == "sqlgrey: metrics"), None),
                          "a child that shows metrics")


def title(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().split(b"\0")[0].decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def decisions(samples):
    found = {}
    for name, value in samples.items():
        verdict = re.match(r'sqlgrey_decisions_total\{verdict="(\w+)"\}', name)
        if verdict:
            found[verdict[1]] = value
    return found


def logged(server):
    log = server.log()
    return {verdict: len(re.findall(f"(?m)^{line}", log)) for verdict, line in LINES.items()}


class Shown(MetricsCase):
    def test_nothing_is_shown_unless_it_is_wanted(self):
        server = self.start()
        wait_until(lambda: "sqlgrey: maintenance" in map(title, server.children()), "maintenance")
        self.assertNotIn("sqlgrey: metrics", map(title, server.children()))

    def test_each_format_says_what_it_is(self):
        self.start_with_metrics()
        for accept, wanted in ((None, TEXT), ("application/openmetrics-text", OPENMETRICS)):
            status, headers, body = metrics.get(self.metrics, accept=accept)
            self.assertEqual((status, headers["Content-Type"]), (200, wanted))
            self.assertEqual(len(body), int(headers["Content-Length"]))
            self.assertEqual(body.endswith("\n# EOF\n"), wanted == OPENMETRICS)
            self.assertEqual(metrics.get(self.metrics, accept=accept, method="HEAD")[2], "")

    def test_promtool_finds_nothing_to_say(self):
        self.need(PROMTOOL, "prometheus, which tests/run.sh unpacks")
        server = self.start_with_metrics()
        server.ask()
        text = metrics.get(self.metrics)[2]
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True,
                              timeout=LIMIT, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_a_unix_socket_has_its_mode_and_goes_at_the_end(self):
        path = os.path.join(self.directory, "metrics")
        os.chmod(self.directory, 0o777)
        server = self.start(metrics_listen=path, unix_mode="0660", unix=os.path.join(self.directory, "policy"))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
        self.assertEqual(metrics.get(path)[0], 200)
        server.stop()
        self.assertFalse(os.path.exists(path))

    def test_a_bad_value_is_refused_with_its_place(self):
        for value in ("somewhere", "127.0.0.1:0", "127.0.0.1", "127.0.0.1:9189, 127.0.0.1:9190", "/" + "x" * 107):
            server = self.daemon(settings={"metrics_listen": value})
            done = server.run("--check-config")
            self.assertEqual(done.returncode, 1, value)
            self.assertRegex(done.stderr, rf"{re.escape(server.config_file)}:\d+: error: metrics_listen = .*: expected")

    def test_a_port_that_is_taken_stops_the_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            place = f"127.0.0.1:{taken.getsockname()[1]}"
            done = self.daemon(settings={"metrics_listen": place}).run()
        self.assertEqual(done.returncode, 1)
        self.assertIn(place, done.stderr)
        self.assertIn("another program listens there", done.stderr)

    def test_its_child_has_no_rights_of_root(self):
        self.need_root("to drop privileges")
        server = self.start_with_metrics()
        with open(f"/proc/{self.metrics_child(server)}/status", encoding="ascii") as file:
            status = file.read()
        uid = pwd.getpwnam(unprivileged()[0]).pw_uid
        self.assertIn(f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}", status)
        self.assertIn("NoNewPrivs:\t1", status)

    def test_health_is_that_of_the_database_if_mail_is_deferred_without_it(self):
        for policy_name, wanted in (("pass", 200), ("defer", 503)):
            server = self.start_with_metrics(policy_name, on_db_failure=policy_name)
            self.assertEqual(metrics.get(self.metrics, "/healthz")[::2], (200, "ok\n"))
            server.tables.execute("update config set value = '99' where parameter = 'sqlgrey_schema'")
            server.tables.execute("alter table connect rename to gone")
            wait_until(lambda: server.ask() and self.scrape()["sqlgrey_database_up"] == 0, "an outage")
            self.assertEqual(metrics.get(self.metrics, "/healthz")[0], wanted)
            seen = self.scrape()
            self.assertGreater(seen[f'sqlgrey_failure_policy_total{{action="{policy_name}"}}'], 0)
            self.assertGreater(seen['sqlgrey_database_failures_total{kind="schema"}'], 0)
            server.stop()

    def test_mail_servers_that_came_to_the_milter_are_counted_apart(self):
        address = ("127.0.0.1", free_port())
        server = self.start_with_metrics(milter=f"inet:{address[0]}:{address[1]}")
        server.ask()
        for number in range(3):
            with milter.Conversation(address) as talk:
                talk.connect()
                talk.mail()
                talk.rcpt(f"user{number}@example.net")
                old = set(server.children())
                server.process.send_signal(signal.SIGHUP)  # handed over, it is not counted again
                wait_until(lambda before=old: not before & set(server.children()), "the old generation gone")
                talk.rcpt(f"user{number}@example.net")
        seen = self.scrape()
        self.assertEqual((seen["sqlgrey_milter_connections_total"], seen["sqlgrey_accepted_connections_total"]), (3, 4))
        self.assertEqual((decisions(seen)["first_attempt"], decisions(seen)["early_reconnect"]), (4, 3))

    def test_entries_of_lists_are_shown(self):
        server = self.start_with_metrics()
        entries = 'sqlgrey_list_entries{list="blacklist_senders"}'
        wait_until(lambda: self.scrape().get(entries) == 0, "an empty list")
        server.list_file("blacklist_senders.local", "@one.example\n@two.example\n")
        wait_until(lambda: self.scrape()[entries] == 2, "two entries")
        server.tables.execute("insert into lists (list, entry) values ('blacklist_senders', '@three.example')")
        wait_until(lambda: self.scrape()[entries] == 3, "three entries")
        self.assertLess(self.scrape()['sqlgrey_list_age_seconds{list="blacklist_senders"}'], LIMIT)
        self.assertNotIn('sqlgrey_list_age_seconds{list="whitelist_senders"}', self.scrape())

    def test_rows_and_what_cleaning_deletes_are_shown(self):
        server = self.start_with_metrics(db_cleandelay="1s", max_connect_age="1h")
        server.ask(sender="one@example.org")
        wait_until(lambda: self.scrape().get('sqlgrey_rows{table="connect"}') == 1, "a row in connect")
        server.tables.age("connect", 7200)
        wait_until(lambda: self.scrape()["sqlgrey_never_retried_total"] == 1, "a first attempt that never came back")
        wait_until(lambda: self.scrape().get('sqlgrey_rows{table="connect"}') == 0, "no row in connect")
        seen = self.scrape()
        self.assertEqual(seen['sqlgrey_expired_rows_total{table="connect"}'], 1)
        self.assertGreater(seen["sqlgrey_cleaning_timestamp_seconds"], seen["sqlgrey_start_time_seconds"] - 1)


class Client(threading.Thread):
    """Asks about new senders all the time, and connects again when its worker dies."""

    def __init__(self, load, number):
        super().__init__()
        self.load, self.number, self.answered = load, number, 0

    def run(self):
        talk = None
        for asked in range(1_000_000):
            if not self.load.going:
                break
            try:
                talk = talk or policy.Conversation(self.load.address)
                talk.ask(sender=f"s{asked % 50}.{self.number}@example.org", recipient=f"r{asked}@example.net")
                self.answered += 1
            except (policy.Closed, OSError):
                talk = talk and talk.close()
        if talk:
            talk.close()


class Load:
    clients = 8

    def __init__(self, server):
        self.address, self.going = server.address, True
        self.threads = [Client(self, number) for number in range(self.clients)]
        for thread in self.threads:
            thread.start()

    def answered(self):
        return sum(thread.answered for thread in self.threads)

    def wait_for_more(self, count):
        goal = self.answered() + count
        wait_until(lambda: self.answered() >= goal, f"{count} more replies")

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join()


class Totals(MetricsCase):
    usual_kills = 10
    kills, reloads, workers = usual_kills, 3, 2  # see main()

    def test_they_are_the_numbers_of_lines_in_the_log(self):
        server = self.start_with_metrics(reconnect_delay="0")
        server.list_file("clients_ip_whitelist.local", "192.0.2.99\n")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for_log("the old ones finish")
        with policy.Conversation(server.address) as talk:
            for number in range(20):
                for client in ("192.0.2.10", "198.51.100.7"):
                    talk.ask(sender=f"alice{number % 4}@example.org", recipient=f"r{number}@example.net",
                             client_address=client)
        server.ask(client_address="192.0.2.99")
        wait_until(lambda: sum(logged(server).values()) == 41, "41 lines of decisions")
        seen = self.scrape()
        shown = decisions(seen)
        self.assertEqual({verdict: shown[verdict] for verdict in LINES}, logged(server))
        self.assertEqual(sum(shown.values()), 41)
        self.assertEqual(seen['sqlgrey_list_hits_total{list="clients_ip_whitelist"}'], 1)
        self.assertEqual(seen["sqlgrey_delay_seconds_count"], shown["reconnect_ok"])
        self.assertEqual(seen["sqlgrey_request_seconds_count"], 41)
        self.assertEqual(seen["sqlgrey_batch_size_sum"], 41)

    def test_they_never_fall_while_children_are_killed_and_settings_are_reloaded(self):
        server = self.start_with_metrics(reconnect_delay="0", workers=self.workers, stats_interval="1s", db_cleandelay="1s")
        load = Load(server)
        before = self.scrape()
        killed, reloads = dict.fromkeys(("worker", "maintenance", "metrics"), 0), 0
        try:
            for turn in range(1, self.kills + 1):
                load.wait_for_more(20)
                role = {4: "maintenance", 8: "metrics"}.get(turn % 10, "worker")
                killed[role] += kill_one(server, role)
                if turn * self.reloads // self.kills > reloads:
                    reloads += 1
                    server.process.send_signal(signal.SIGHUP)
                    wait_until(lambda: self.shown('sqlgrey_reloads_total{result="success"}') == reloads, "a reload")
                    # The end of an old worker, which was told to end, is no death.
                    wait_until(lambda: self.shown("sqlgrey_workers") == self.workers, "the end of the old workers")
                now = wait_until(self.scrape_if_shown, "the page")
                fallen = [name for name, value in before.items() if GROWING.search(name) and now[name] < value]
                self.assertEqual(fallen, [], (turn, before, now))
                before = now
        finally:
            load.stop()
        self.agree(server, load, killed)

    def agree(self, server, load, killed):
        """The totals with the log, which a worker that was killed may have written without counting, or the other way
        round: the requests of one batch. And the daily statistics with the totals."""
        at_most = killed["worker"] * Load.clients
        wait_until(lambda: abs(self.decided() - sum(logged(server).values())) <= at_most, "as many decisions as lines")
        for role, deaths in killed.items():
            wait_until(lambda: self.shown(f'sqlgrey_child_deaths_total{{child="{role}"}}') == deaths, f"{deaths} of {role}")
        wait_until(lambda: self.shown("sqlgrey_workers") == self.workers, "all workers")
        wait_until(lambda: self.shown("sqlgrey_connections") == 0, "no connection")
        decided, lines = self.decided(), sum(logged(server).values())
        self.assertGreaterEqual(decided + at_most, load.answered())
        def in_tables():
            return server.tables.execute("select sum(count) from daily where name not like 'rows:%'")[0][0]
        wait_until(lambda: in_tables() == decided, lambda: f"{decided} decisions in the statistics, not {in_tables()}")
        if self.kills > Totals.usual_kills:
            print(f"{killed} killed, {self.reloads} reloads: {load.answered()} replies, {decided} decisions counted, "
                  f"{lines} lines in the log, {in_tables()} in the statistics", file=sys.stderr)

    def shown(self, name):
        return (self.scrape_if_shown() or {}).get(name)

    def scrape_if_shown(self):
        """Nothing while no child shows the page."""
        try:
            return self.scrape()
        except (OSError, ValueError):
            return None

    def decided(self):
        return sum(decisions(wait_until(self.scrape_if_shown, "the page")).values())

    def test_a_killed_metrics_child_is_replaced_and_goes_on_with_the_totals(self):
        server = self.start_with_metrics()
        server.ask()
        child = self.metrics_child(server)
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: self.metrics_child(server) != child, "another child")
        seen = self.scrape()
        self.assertEqual(decisions(seen)["first_attempt"], 1)
        self.assertEqual(seen['sqlgrey_child_deaths_total{child="metrics"}'], 1)


def kill_one(server, role):
    """Kills a child of that role; returns 1 if there was one, else 0."""
    for pid in server.children():
        if title(pid).startswith(f"sqlgrey: {role}"):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # it has ended meanwhile, after a reload
                continue
            wait_until(lambda: pid not in server.children(), "its end")
            return 1
    return 0


def main():
    """--kills 1000 --reloads 100 --workers 8 Totals: the long run, about ten minutes."""
    parser = argparse.ArgumentParser()
    for option in ("kills", "reloads", "workers"):
        parser.add_argument(f"--{option}", type=int, default=getattr(Totals, option))
    given, rest = parser.parse_known_args()
    Totals.kills, Totals.reloads, Totals.workers = given.kills, given.reloads, given.workers
    sys.argv[1:] = rest
    case.main()


class Hostile(MetricsCase):
    def test_a_hundred_slow_clients_keep_nobody_out(self):
        server = self.start_with_metrics()
        slow = [policy.connect(self.metrics) for _ in range(100)]
        self.addCleanup(lambda: [peer.close() for peer in slow])
        for peer in slow[-16:]:
            peer.sendall(b"GET /metrics HT")
        self.assertEqual(metrics.get(self.metrics)[0], 200)
        self.assertTrue(server.ask())
        for peer in slow:  # each is closed in the end, with an answer or by a reset
            peer.settimeout(LIMIT)
            try:
                answer = metrics.read_all(peer)
                self.assertTrue(answer == b"" or b" 408 " in answer, answer)
            except ConnectionResetError:
                pass
        self.assertEqual(metrics.get(self.metrics)[0], 200)

    def test_bytes_of_all_kinds_are_refused(self):
        server = self.start_with_metrics()
        child = self.metrics_child(server)
        for request, status in ((b"\0" * 5000, 400), (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
                                (b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n\r\n", 400),
                                (b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n", 400),
                                (b"POST /metrics HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000, 405),
                                (b"GET /etc/passwd HTTP/1.1\r\n\r\n", 404), (policy.request(), 400)):
            answer = metrics.exchange(self.metrics, request)
            self.assertTrue(answer.startswith(b"HTTP/1.1 %d " % status), (request[:40], answer[:100]))
        self.assertEqual(self.metrics_child(server), child)

    def test_of_several_requests_at_once_the_first_is_answered(self):
        self.start_with_metrics()
        request = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
        answer = metrics.exchange(self.metrics, request * 100)
        self.assertEqual(answer.count(b"HTTP/1.1 200 OK"), 1)

    def test_a_client_that_leaves_in_the_middle_harms_nobody(self):
        server = self.start_with_metrics()
        child = self.metrics_child(server)
        for cut in range(0, 30, 3):
            peer = policy.connect(self.metrics)
            peer.sendall(b"GET /metrics HTTP/1.1\r\n\r\n"[:cut])
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close() sends a reset
            peer.close()
        self.assertEqual(metrics.get(self.metrics)[0], 200)
        self.assertEqual(self.metrics_child(server), child)


if __name__ == "__main__":
    main()
