"""Reloads, replacements (--replace) and restarts with systemd's descriptor store during SMTP sessions through Debian's
Postfix: it never finds a connection closed (which costs it a second) and never uses its default action."""

import os
import signal
import socket
import threading
import time

from support import case
from support.daemon import LIMIT, wait_until
from support.service_manager import ServiceManager
from instance import MASTER, Postfix

SESSIONS = 6
CLIENT = ("192.0.2.10", "mx1.example.org")


class Sessions:
    """SMTP sessions with one recipient after the other; none is ever accepted."""

    def __init__(self, postfix):
        self.postfix = postfix
        self.going = True
        self.replies = {}
        self.slow = 0  # replies that took a second or more
        self.longest = 0.0
        self.threads = [threading.Thread(target=self._run, args=(number,)) for number in range(SESSIONS)]
        for thread in self.threads:
            thread.start()

    def _run(self, number):
        count = 0
        while self.going:
            with self.postfix.session(*CLIENT) as session:
                session.mail("alice@example.org")
                for _ in range(10):
                    count += 1
                    recipient = f"user{number}.{count}@example.net"
                    begin = time.monotonic()
                    code, text = session.rcpt(recipient)
                    took = time.monotonic() - begin
                    self.slow += took >= 1
                    self.longest = max(self.longest, took)
                    self.replies[recipient] = f"{code} {text.decode()}"
                session.rset()

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join()


class Mail(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")
        self.server = self.daemon(settings={"workers": 2})

    def does_not_notice(self, what, times):
        """Does that many times what(number), during sessions."""
        users = [f"user{number}.{count}" for number in range(SESSIONS) for count in range(1, 3000)]
        postfix = Postfix(os.path.join(self.directory, "postfix"), f"inet:127.0.0.1:{self.server.port}", users)
        self.addCleanup(postfix.stop)
        postfix.start()
        sessions = Sessions(postfix)
        self.addCleanup(sessions.stop)
        for number in range(times):
            goal = len(sessions.replies) + 30
            wait_until(lambda: len(sessions.replies) >= goal, f"30 more replies; {postfix.log()[-2000:]}")
            what(number)
        sessions.stop()
        kinds = {reply.split(": Recipient address rejected: ")[-1] for reply in sessions.replies.values()}
        self.assertEqual(len(kinds), 1, kinds)
        self.assertIn("Greylisted for 5 minutes", kinds.pop())
        rows = {row[0] for row in self.server.tables.execute("select rcpt from connect")}
        self.assertEqual(rows, set(sessions.replies))
        # If connections were closed, there would be seven or more; a busy machine may have one.
        self.assertLess(sessions.slow, 3)
        self.assertNotRegex(postfix.log(), r"(?m)(warning|error|fatal): .*(policy|127\.0\.0\.1:)")
        print(f"{times} times, {len(rows)} replies, longest {sessions.longest * 1000:.0f} ms")

    def test_reloads(self):
        self.server.start()

        def reload(number):
            self.server.process.send_signal(signal.SIGUSR1 if number % 5 == 0 else signal.SIGHUP)
            time.sleep(0.05)

        self.does_not_notice(reload, 25)

    def test_replacements(self):
        options = ("--pidfile", self.server.pid_file)
        self.server.start(*options)
        self.addCleanup(self.server.run, "--kill")

        def replace(_):
            old = self.server.process
            self.server.start("--replace", *options)
            self.assertEqual(old.wait(LIMIT), 0)

        self.does_not_notice(replace, 10)

    def test_restarts(self):
        listener = socket.create_server(self.server.address, backlog=1024)
        manager = ServiceManager(self.server, [("policy", listener)])
        self.addCleanup(manager.close)
        self.addCleanup(self.server.stop)
        manager.start()
        self.does_not_notice(lambda _: manager.restart(), 10)


if __name__ == "__main__":
    case.main()
