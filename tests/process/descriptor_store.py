"""A restart under systemd with its descriptor store: open connections and sockets wait there between two requests, and
no request is lost.

SQLGREY_RESTARTS=200 in the environment restarts it more often under load."""

import contextlib
import os
import socket
import time

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, metrics, milter, policy
from support.daemon import LIMIT, wait_until
from support.ports import free_port
from support.service_manager import ServiceManager
from support.strict_client import StrictLoad

DEFER = "defer_if_permit Greylisted for 5 minutes"
RESTARTS = int(os.environ.get("SQLGREY_RESTARTS", "10"))


class DescriptorStore(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2})
        self.addCleanup(wait_until_none_is_left)

    def manager(self, with_socket_unit=True, **options):
        sockets = [("policy", socket.create_server(self.server.address, backlog=1024))] if with_socket_unit else []
        manager = ServiceManager(self.server, sockets, **options)
        self.addCleanup(manager.close)
        self.addCleanup(self.server.stop)
        return manager

    def restarts_under_load(self, manager):
        manager.start()
        load = StrictLoad(self.server.address, pause=0.005)
        self.addCleanup(load.stop)
        load.wait_for_more(100)
        stops, starts = [], []
        for _ in range(RESTARTS):
            begin = time.monotonic()
            self.assertEqual(manager.end_process(), 0, self.server.log())
            ended = time.monotonic()
            manager.start()
            stops.append(ended - begin)
            starts.append(time.monotonic() - ended)
            load.wait_for_more(50)
        load.stop()
        self.assertEqual((load.lost(), load.closed()), ([], 0))
        replies = load.replies()
        self.assertEqual(set(replies.values()), {DEFER})
        rows = {row[0] for row in self.server.tables.execute("select rcpt from connect")}
        self.assertEqual(set(replies) - rows, set())
        self.assertNotRegex(self.server.log(), r"without the database|not finish|error")
        print(f"{RESTARTS} restarts, {len(replies)} requests, longest {load.longest() * 1000:.0f} ms; "
              f"longest stop {max(stops) * 1000:.0f} ms, start {max(starts) * 1000:.0f} ms")

    def test_restarts_with_a_socket_unit(self):
        self.restarts_under_load(self.manager())

    def test_restarts_with_sockets_of_its_own(self):
        """They are kept too."""
        self.restarts_under_load(self.manager(with_socket_unit=False))

    def test_what_is_remembered_about_a_connection_goes_along(self):
        self.server.configure(reconnect_delay=0, prepend=1)
        manager = self.manager()
        manager.start()
        text = policy.request(recipient="slow@example.net", instance="9.9")
        with policy.Conversation(self.server.address) as talk, policy.Conversation(self.server.address) as slow:
            talk.ask(recipient="a@example.net")
            talk.ask(recipient="b@example.net")
            time.sleep(1.1)  # reconnect_delay is over in a later second
            self.assertIn("X-Greylist", talk.ask(recipient="a@example.net", instance="1f.2"))
            for at in range(0, len(text), 100):
                slow.send(text[at:at + 100])
                manager.restart()
                self.assertEqual(talk.ask(recipient="b@example.net", instance="1f.2"), "dunno")
            self.assertNotEqual(slow.reply(), "")

    def test_a_mail_server_goes_on_in_the_middle_of_a_message(self):
        address = ("127.0.0.1", free_port())
        self.server.configure(milter=f"inet:{address[0]}:{address[1]}", reconnect_delay=0)
        manager = self.manager()
        manager.start()
        with milter.Conversation(address) as talk:
            talk.connect()
            talk.mail()
            self.assertEqual(talk.rcpt()[:3], "451")
            self.server.tables.age("connect", 10)
            self.assertEqual(talk.rcpt(), "c")
            manager.restart()
            self.assertEqual(talk.rcpt("eve@example.net"), "c")
            manager.restart()
            [(command, header)] = talk.end()
            self.assertEqual(command, b"h")
            self.assertIn(b"delayed 00:00:1", header)

    def test_a_request_that_arrives_while_no_daemon_runs_waits(self):
        manager = self.manager()
        manager.start()
        with policy.Conversation(self.server.address) as old:
            old.ask()
            self.assertEqual(manager.end_process(), 0)
            self.assertIn("sqlgrey-connection", manager.names())
            old.send(policy.request(recipient="old@example.net"))
            with policy.Conversation(self.server.address) as new:
                new.send(policy.request(recipient="new@example.net"))
                manager.start()
                self.assertEqual((old.reply(), new.reply()), (DEFER, DEFER))
        wait_until(lambda: not manager.names(), "the store empty")

    def test_a_connection_that_the_daemon_closes_is_not_held_open_by_the_store(self):
        manager = self.manager()
        manager.start()
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            manager.restart()
            talk.half_close()
            self.assertEqual(talk.socket.recv(1), b"")

    def test_a_unix_socket_is_kept_with_its_file(self):
        path = os.path.join(self.server.state, "socket")
        self.server.configure(unix=path)
        manager = self.manager(with_socket_unit=False)
        manager.start()
        with policy.Conversation(path) as talk:
            self.assertEqual(talk.ask(), DEFER)
            manager.restart()
            self.assertEqual((talk.ask(), policy.ask(path)), (DEFER, DEFER))
            self.server.configure(unix=None)
            manager.restart()
            self.assertEqual(talk.ask(), DEFER)
            self.assertFalse(os.path.exists(path))

    def test_counters_go_on(self):
        place = os.path.join(self.server.state, "metrics")
        self.server.configure(metrics_listen=place)
        manager = self.manager()
        manager.start()
        with policy.Conversation(self.server.address) as talk:
            for number in range(5):
                talk.ask(recipient=f"r{number}@example.net")
            manager.restart()
            talk.ask()
            samples = metrics.samples(metrics.get(place)[2])
            self.assertEqual(sum(value for name, value in samples.items()
                                 if name.startswith("sqlgrey_decisions_total")), 6)
            self.assertEqual((samples["sqlgrey_connections"], samples["sqlgrey_workers"]), (1, 2))

    def test_a_stop_during_the_start_loses_none(self):
        manager = self.manager()
        manager.start()
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            manager.end_process()
            for _ in range(3):
                self.server.sockets = manager.sockets + [(name, Number(each)) for name, each in manager.store]
                self.server.start(wait=False)
                manager.end_process()
            manager.start()
            self.assertEqual(talk.ask(recipient="on@example.net"), DEFER)

    def test_a_client_that_never_reads_does_not_delay_it(self):
        manager = self.manager()
        manager.start()
        with policy.Conversation(self.server.address) as talk, contextlib.suppress(TimeoutError):
            talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            talk.socket.settimeout(1)
            for number in range(20000):
                talk.send(policy.request(recipient=f"r{number}@example.net"))
        with policy.Conversation(self.server.address) as other:
            other.ask()
            manager.restart()
            self.assertEqual(other.ask(), DEFER)

    def test_what_has_no_room_is_closed_after_its_reply(self):
        manager = self.manager(room=4)
        manager.start()
        talks = [policy.Conversation(self.server.address) for _ in range(10)]
        for talk in talks:
            self.addCleanup(talk.close)
            talk.ask()
        manager.restart()
        self.assertRegex(self.server.log(), "raise FileDescriptorStoreMax=")
        kept = 0
        for talk in talks:
            with contextlib.suppress(policy.Closed, ConnectionResetError, BrokenPipeError):
                kept += talk.ask() == DEFER
        self.assertGreater(kept, 0)
        self.assertLess(kept, 10)

    def test_without_a_store_connections_are_closed(self):
        manager = self.manager()
        del self.server.extra_environment["FDSTORE"]
        manager.start()
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            talk.send(policy.request(recipient="due@example.net"))
            self.assertEqual(manager.restart(), 0)
            self.assertEqual(talk.reply(), DEFER)
            self.assertEqual(talk.socket.recv(1), b"")
        self.assertEqual(manager.names(), [])

    def test_texts_of_another_format(self):
        """The connections are closed: what was read of their requests is not known."""
        manager = self.manager()
        manager.start()
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            manager.end_process()
            [texts] = [each for name, each in manager.store if name == "sqlgrey-texts"]
            os.pwrite(texts, b"9", 0)
            manager.start()
            self.assertEqual(talk.socket.recv(1), b"")
        self.assertEqual(self.server.ask(), DEFER)
        wait_until(lambda: not manager.names(), "the store empty", LIMIT)


class Number:
    def __init__(self, number):
        self.number = number

    def fileno(self):
        return self.number


if __name__ == "__main__":
    adopt_orphans()
    case.main()
