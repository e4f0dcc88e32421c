"""Reloads during SMTP sessions through Debian's Postfix: it never finds a connection closed (which costs it a
second) and never uses its default action."""

import os
import signal
import threading
import time

from support import case
from support.daemon import wait_until
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
                    self.slow += time.monotonic() - begin >= 1
                    self.replies[recipient] = f"{code} {text.decode()}"
                session.rset()

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join()


class Reload(case.DaemonCase):
    def test_mail_through_postfix_does_not_notice_reloads(self):
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")
        server = self.daemon(settings={"workers": 2}).start()
        users = [f"user{number}.{count}" for number in range(SESSIONS) for count in range(1, 3000)]
        postfix = Postfix(os.path.join(self.directory, "postfix"), f"inet:127.0.0.1:{server.port}", users)
        self.addCleanup(postfix.stop)
        postfix.start()
        sessions = Sessions(postfix)
        self.addCleanup(sessions.stop)
        for number in range(25):
            goal = len(sessions.replies) + 30
            wait_until(lambda: len(sessions.replies) >= goal, f"30 more replies; {postfix.log()[-2000:]}")
            server.process.send_signal(signal.SIGUSR1 if number % 5 == 0 else signal.SIGHUP)
            time.sleep(0.05)
        sessions.stop()
        kinds = {reply.split(": Recipient address rejected: ")[-1] for reply in sessions.replies.values()}
        self.assertEqual(len(kinds), 1, kinds)
        self.assertIn("Greylisted for 5 minutes", kinds.pop())
        rows = {row[0] for row in server.tables.execute("select rcpt from connect")}
        self.assertEqual(rows, set(sessions.replies))
        # If reloads closed connections, there would be seven or more; a busy machine may have one.
        self.assertLess(sessions.slow, 3)
        self.assertNotRegex(postfix.log(), r"(?m)(warning|error|fatal): .*(policy|127\.0\.0\.1:)")


if __name__ == "__main__":
    case.main()
