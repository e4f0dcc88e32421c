"""Reloads and stops while clients ask without pause, as Postfix does: over one open connection, one request at a
time. Each reply is compared with its row: none is lost, wrong, or without a row.

SQLGREY_RELOADS=500 in the environment reloads more often."""

import contextlib
import os
import signal
import threading
import time

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, policy
from support.daemon import LIMIT, wait_until
from support.strict_client import StrictLoad

DEFER = "defer_if_permit Greylisted for 5 minutes"
CLIENTS = 50
RELOADS = int(os.environ.get("SQLGREY_RELOADS", "10"))


class Client(threading.Thread):
    """Asks until it is told to stop or its connection ends. Each request has a new recipient."""

    def __init__(self, load, number):
        super().__init__()
        self.load, self.number = load, number
        self.answered = {}  # by recipient
        self.closed = None  # the recipient of a request that was pending at the end
        self.longest = 0.0
        self.talk = policy.Conversation(load.address)

    def run(self):
        for asked in range(1_000_000):
            if not self.load.going:
                break
            recipient = f"r{asked}.{self.number}@example.net"
            begin = time.monotonic()
            try:
                self.answered[recipient] = self.talk.ask(recipient=recipient)
            except (policy.Closed, OSError):
                self.closed = recipient
                break
            self.longest = max(self.longest, time.monotonic() - begin)
        self.talk.close()


class Load:
    def __init__(self, address):
        self.address, self.going = address, True
        self.clients = [Client(self, number) for number in range(CLIENTS)]
        for client in self.clients:
            client.start()

    def answered(self):
        return sum(len(client.answered) for client in self.clients)

    def wait_for_more(self, count):
        goal = self.answered() + count
        wait_until(lambda: self.answered() >= goal or self.closed(), f"{count} more replies")

    def closed(self):
        return [client.closed for client in self.clients if client.closed]

    def replies(self):
        return {recipient: reply for client in self.clients for recipient, reply in client.answered.items()}

    def longest(self):
        return max(client.longest for client in self.clients)

    def stop(self):
        self.going = False
        for client in self.clients:
            client.join()


class UnderLoad(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon(settings={"workers": 2})

    def tearDown(self):
        self.server.stop()
        wait_until_none_is_left()

    def load(self):
        load = Load(self.server.address)
        self.addCleanup(load.stop)
        load.wait_for_more(200)
        return load

    def rows(self):
        return {row[0] for row in self.server.tables.execute("select rcpt from connect")}

    def assert_each_has_its_row(self, replies):
        self.assertEqual({reply for reply in replies.values()}, {DEFER})
        missing = set(replies) - self.rows()
        self.assertEqual(missing, set())

    def test_reloads_close_no_connection_and_lose_no_request(self):
        self.server.start()
        load = self.load()
        for number in range(25):
            self.server.process.send_signal(signal.SIGHUP if number % 2 else signal.SIGUSR1)
            load.wait_for_more(100)
        load.stop()
        self.assertEqual(load.closed(), [])
        self.assert_each_has_its_row(load.replies())
        self.assertEqual(self.rows(), set(load.replies()), "no row but those of requests")
        self.assertLess(load.longest(), 10, "a generous bound: it is some tenths of a second")
        self.assertGreater(self.server.log().count("the old ones finish"), 5)
        self.assertNotRegex(self.server.log(), r"error|not finish|closing")

    def test_clients_as_strict_as_postfix_do_not_notice_reloads(self):
        self.server.start()
        load = StrictLoad(self.server.address, pause=0.005)
        self.addCleanup(load.stop)
        load.wait_for_more(100)
        for _ in range(RELOADS):
            old = set(self.server.children())
            self.server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: not old & set(self.server.children()), "the old generation gone")
            load.wait_for_more(50)
        load.stop()
        self.assertEqual((load.lost(), load.closed()), ([], 0))
        self.assert_each_has_its_row(load.replies())
        print(f"{RELOADS} reloads, {len(load.replies())} requests, longest {load.longest() * 1000:.0f} ms")

    def test_old_workers_end_at_once_while_clients_ask_without_pause(self):
        self.server.start()
        old = set(self.server.children())
        load = self.load()
        self.server.configure(reconnect_delay=7)
        self.server.process.send_signal(signal.SIGHUP)
        self.server.wait_for_log("new workers are ready, the old ones finish")
        wait_until(lambda: not old & set(self.server.children()), "the old generation gone")
        at_end = set(load.replies())
        load.wait_for_more(500)
        load.stop()
        replies = load.replies()
        late = [replies[recipient] for recipient in set(replies) - at_end]
        # The request pending at the end of the last old worker may be counted late, once per client.
        self.assertLessEqual(sum(reply == DEFER for reply in late), CLIENTS)
        self.assertEqual(set(replies.values()), {DEFER, DEFER.replace("5", "7")})
        self.assertEqual(set(replies), self.rows())
        self.assertEqual(load.closed(), [])

    def test_a_stop_answers_pending_requests_and_sends_no_reply_without_a_row(self):
        for _ in range(5):
            self.server.start()
            load = self.load()
            self.assertEqual(self.server.stop(limit=LIMIT), 0)
            # A client may have its last reply and not know yet that the server is gone.
            wait_until(lambda: len(load.closed()) == CLIENTS, "all connections closed")
            load.stop()
            self.assert_each_has_its_row(load.replies())
            self.assertNotRegex(self.server.log(), r"error|not finish|without the database")
            wait_until_none_is_left()

    def test_workers_killed_between_reloads(self):
        """Their connections are lost with the pending requests, but no others, and no reply is wrong."""
        self.server.start()
        load = self.load()
        for _ in range(5):
            with contextlib.suppress(ProcessLookupError):  # of a generation that is just ending
                os.kill(self.server.children()[0], signal.SIGKILL)
            self.server.process.send_signal(signal.SIGHUP)
            if len(load.closed()) < CLIENTS - 5:
                load.wait_for_more(50)
        load.stop()
        self.assert_each_has_its_row(load.replies())
        wait_until(lambda: self.server.ask() == DEFER, "the service goes on")

    def test_the_state_of_a_message_survives_a_reload(self):
        """Its second recipient gets no second header, and a request of another protocol is logged once."""
        self.server.configure(reconnect_delay=0, prepend=1)
        self.server.start()
        with policy.Conversation(self.server.address) as talk:
            talk.ask(recipient="a@example.net")
            talk.ask(recipient="b@example.net")
            time.sleep(1.1)  # reconnect_delay is over in a later second
            self.assertIn("X-Greylist", talk.ask(recipient="a@example.net", instance="1f.2"))
            self.assertEqual(talk.ask(request="other"), "dunno")
            for _ in range(3):
                old = set(self.server.children())
                self.server.process.send_signal(signal.SIGHUP)
                wait_until(lambda: not old & set(self.server.children()), "the old generation gone")
                self.assertEqual(talk.ask(recipient="b@example.net", instance="1f.2"), "dunno")
                self.assertEqual(talk.ask(request="other"), "dunno")
            self.assertIn("X-Greylist", talk.ask(recipient="b@example.net", instance="1f.3"))
        self.assertEqual(self.server.log().count("request 'other'"), 1, self.server.log())

    def test_the_start_of_a_request_survives_a_reload(self):
        self.server.start()
        text = policy.request(recipient="slow@example.net")
        with policy.Conversation(self.server.address) as talk:
            talk.ask()
            for at in range(0, len(text), 60):
                old = set(self.server.children())
                talk.send(text[at:at + 60])
                self.server.process.send_signal(signal.SIGHUP)
                wait_until(lambda: not old & set(self.server.children()), "the old generation gone")
            self.assertEqual(talk.reply(), DEFER)
        self.assertIn("slow@example.net", self.rows())


if __name__ == "__main__":
    adopt_orphans()
    case.main()
