"""Clients that treat a policy server exactly as Postfix's smtpd does (postfix/src/util/attr_clnt.c and auto_clnt.c): one
connection that stays open, one request at a time, and two tries. A connection that is closed, also one that is found to
be readable before a request is sent, costs one of them, and a second of sleep before the next."""

import select
import threading
import time

from support import policy
from support.daemon import wait_until

TRIES = 2  # smtpd_policy_service_try_limit
DELAY = 1  # smtpd_policy_service_retry_delay


class StrictClient(threading.Thread):
    """Asks until it is told to stop. Each request has a new recipient."""

    def __init__(self, load, number):
        super().__init__(daemon=True)
        self.load, self.number = load, number
        self.replies = {}  # by recipient
        self.lost = []     # recipients for which both tries failed: Postfix would use its default action
        self.closed = 0    # times that it found its connection closed
        self.longest = 0.0
        self.talk = None

    def run(self):
        for asked in range(10_000_000):
            if not self.load.going:
                break
            recipient = f"r{asked}.{self.number}@example.net"
            begin = time.monotonic()
            reply = self._ask(recipient)
            self.longest = max(self.longest, time.monotonic() - begin)
            if reply is None:
                self.lost.append(recipient)
            else:
                self.replies[recipient] = reply
            if self.load.pause:
                time.sleep(self.load.pause)
        self._disconnect()

    def _ask(self, recipient):
        for tried in range(TRIES):
            if tried:
                time.sleep(DELAY)
            try:
                if self.talk is None:
                    self.talk = policy.Conversation(self.load.address)
                if select.select([self.talk.socket], [], [], 0)[0]:
                    raise policy.Closed
                return self.talk.ask(recipient=recipient)
            except (policy.Closed, OSError):
                self.closed += 1
                self._disconnect()
        return None

    def _disconnect(self):
        if self.talk:
            self.talk.close()
        self.talk = None


class StrictLoad:
    """`pause`: between two requests of a client, in seconds."""

    def __init__(self, address, clients=20, pause=0.0):
        self.address, self.pause, self.going = address, pause, True
        self.clients = [StrictClient(self, number) for number in range(clients)]
        for client in self.clients:
            client.start()

    def answered(self):
        return sum(len(client.replies) for client in self.clients)

    def wait_for_more(self, count):
        goal = self.answered() + count
        wait_until(lambda: self.answered() >= goal, f"{count} more replies")

    def stop(self):
        self.going = False
        for client in self.clients:
            client.join()

    def replies(self):
        return {recipient: reply for client in self.clients for recipient, reply in client.replies.items()}

    def lost(self):
        return [recipient for client in self.clients for recipient in client.lost]

    def closed(self):
        return sum(client.closed for client in self.clients)

    def longest(self):
        """The longest that a request took, in seconds."""
        return max(client.longest for client in self.clients)
