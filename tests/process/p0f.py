"""p0f: its answers become facts and decide; one that is absent, silent, lying or dying delays nothing; and Debian's own
on the loopback interface."""

import os
import socket
import subprocess
import time

from support import case, metrics, p0f_server
from support.daemon import end, wait_until

CLIENT = "192.0.2.10"
WINDOWS = p0f_server.answer("Windows", "XP", "DSL", 14)
DEFERRED = "defer_if_permit Greylisted for"
CAP_NET_RAW = 13


class P0fCase(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.directory, "p0f.sock")
        self.number = 0

    def asking(self, **settings):
        # A resolver that is not there: the tests ask about nothing in DNS but SPF, and wait for no answer of it.
        return self.daemon(settings={"enrich": "on", "dns_servers": "127.0.0.1:9", "dns_timeout": "100ms", "workers": 1,
                                     "p0f_socket": self.path, **settings})

    def p0f(self, says=lambda address: WINDOWS):
        server = p0f_server.P0fServer(self.path, says)
        self.addCleanup(lambda: os.path.exists(self.path) and server.stop())
        return server

    def ask(self, daemon, client=CLIENT):
        """A new sender without a domain, so that nothing is asked of SPF."""
        self.number += 1
        return daemon.ask(client_address=client, sender=f"sender{self.number}")

    def facts(self, daemon, client=CLIENT):
        return dict(daemon.tables.execute("select source, value from fact where client = ? and domain = ''", client))

    def done(self, daemon, client=CLIENT):
        def complete():
            facts = self.facts(daemon, client)
            return facts.pop("asked", "") == "done" and facts
        wait_until(lambda: complete() is not False, lambda: f"{self.facts(daemon, client)}\n{daemon.log()}")
        return complete()


class Facts(P0fCase):
    def test_facts_are_stored_for_an_hour_over_one_connection(self):
        server = self.p0f()
        daemon = self.asking().start()
        before = time.time()
        for last in range(1, 6):
            self.ask(daemon, f"192.0.2.{last}")
            self.assertEqual(self.done(daemon, f"192.0.2.{last}"),
                             {"p0f_os": "Windows XP", "p0f_link": "DSL", "p0f_distance": "14"})
        self.ask(daemon, "2001:db8::7")
        self.done(daemon, "2001:0db8:0000:0000:0000:0000:0000:0007")
        self.assertEqual(server.asked, [*(f"192.0.2.{last}" for last in range(1, 6)), "2001:db8::7"])
        self.assertEqual(server.connections, 1)
        for (expires,) in daemon.tables.execute("select expires_at from fact where source <> 'asked'"):
            self.assertLess(abs(expires - before - 3600), time.time() - before + 2)
        self.ask(daemon, "192.0.2.1")  # all is known
        self.ask(daemon, "192.0.2.9")
        self.done(daemon, "192.0.2.9")
        self.assertEqual(server.asked.count("192.0.2.1"), 1)
        self.assertRegex(daemon.log(), rf"(?m)^system: p0f answers at {self.path}$")

    def test_a_client_that_it_does_not_know_and_names_that_are_not_text_give_no_fact(self):
        said = {"192.0.2.1": p0f_server.answer(status=p0f_server.NO_MATCH),
                "192.0.2.2": p0f_server.answer(status=p0f_server.BAD_QUERY),
                "192.0.2.3": p0f_server.answer("Linux\x1b[2J", "\n", "\xe9", -1)}
        self.p0f(said.get)
        daemon = self.asking(metrics_listen=(place := os.path.join(self.directory, "daemon", "state", "metrics"))).start()
        for client in said:
            self.ask(daemon, client)
            self.assertEqual(self.done(daemon, client), {})
        values = metrics.scrape(place)
        self.assertEqual(values['sqlgrey_p0f_answers_total{result="unknown"}'], 3)

    def test_rules_and_lists_use_them_from_the_retry_on(self):
        self.p0f()
        daemon = self.asking(discrimination="on")
        daemon.list_file("discrimination.regexp", "p0f_os =~ ^Windows\n")
        daemon.list_file("whitelist_clients.local", "p0f_distance:3\n")
        daemon.start()
        self.assertIn("not greylisting", self.ask(daemon))
        self.done(daemon)
        self.assertIn(DEFERRED, self.ask(daemon))
        daemon.tables.execute("update fact set value = '3' where source = 'p0f_distance'")
        self.assertIn("whitelisted", self.ask(daemon))
        self.assertEqual(daemon.tables.count("connect"), 1)


class Trouble(P0fCase):
    def check_nothing_waits(self, daemon, trouble):
        """Decisions are made, nothing is known, and one line says why."""
        for last in range(1, 4):
            self.assertIn(DEFERRED, self.ask(daemon, f"198.51.100.{last}"))
            self.assertEqual(self.done(daemon, f"198.51.100.{last}"), {})
        daemon.wait_for_log(f"^system: warning: p0f at {self.path}: {trouble}; nothing is known from it")
        self.assertEqual(daemon.log().count("warning: p0f at"), 1)

    def test_absent(self):
        self.check_nothing_waits(self.asking().start(), "it cannot be connected to: No such file or directory")

    def test_silent(self):
        self.p0f(lambda address: None)
        self.check_nothing_waits(self.asking().start(), "it has not answered for 1000 ms")

    def test_answers_that_are_cut(self):
        self.p0f(lambda address: WINDOWS[:231])
        self.check_nothing_waits(self.asking().start(), "it has not answered for 1000 ms")

    def test_another_program(self):
        self.p0f(lambda address: b"220 mail.example.net ESMTP\r\n" * 40)
        self.check_nothing_waits(self.asking().start(), "what it sends is no answer of p0f 3")

    def test_one_that_closes_each_connection(self):
        self.p0f(lambda address: (_ for _ in ()).throw(OSError))
        self.check_nothing_waits(self.asking().start(), "it has closed the connection")

    def test_it_ends_and_comes_back(self):
        server = self.p0f()
        daemon = self.asking().start()
        self.ask(daemon)
        self.assertTrue(self.done(daemon))
        server.stop()
        daemon.wait_for_log("^system: warning: p0f at .*: it has closed the connection; nothing is known")
        self.ask(daemon, "192.0.2.20")
        self.assertEqual(self.done(daemon, "192.0.2.20"), {})
        server.start()

        def known_again():
            daemon.tables.execute("delete from fact")
            self.ask(daemon)
            return self.done(daemon)
        wait_until(known_again, "facts of the new p0f")
        self.assertEqual(daemon.log().count("warning: p0f at"), 1)
        wait_until(lambda: daemon.log().count(f"p0f answers at {self.path}") == 2, daemon.log)


class Real(P0fCase):
    def test_debians_p0f_on_the_loopback_interface(self):
        self.need("/usr/sbin/p0f", "p0f")
        with open("/proc/self/status", encoding="ascii") as status:
            rights = int(next(line for line in status if line.startswith("CapEff")).split()[1], 16)
        if not rights >> CAP_NET_RAW & 1:
            self.skipTest("needs CAP_NET_RAW, to see packets")
        output = open(os.path.join(self.directory, "p0f.out"), "wb")
        self.addCleanup(output.close)
        p0f = subprocess.Popen(["/usr/sbin/p0f", "-i", "lo", "-s", self.path, "tcp"], stdout=output, stderr=output,
                               stdin=subprocess.DEVNULL)
        self.addCleanup(end, p0f)
        wait_until(lambda: os.path.exists(self.path) or p0f.poll() is not None, "p0f's socket")
        self.assertIsNone(p0f.poll(), "p0f ended")
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        daemon = self.asking().start()

        # p0f sees a packet a moment after it was sent, and its capture begins a moment after its socket is there.
        def known():
            socket.create_connection(listener.getsockname()).close()
            daemon.tables.execute("delete from fact")
            self.ask(daemon, "127.0.0.1")
            return self.done(daemon, "127.0.0.1").get("p0f_os")
        self.assertIn("Linux", wait_until(known, daemon.log))
        self.ask(daemon, "192.0.2.77")
        self.assertEqual(self.done(daemon, "192.0.2.77"), {})


if __name__ == "__main__":
    case.main()
