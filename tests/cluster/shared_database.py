"""Base class of the tests with a shared database: daemons on it, and many connections that ask at the same moment."""

import threading
import time

from support import case, policy
from support.daemon import wait_until

DEFER = "defer_if_permit Greylisted for 1 minutes"
DELAY = 100  # seconds by which a row is made older, so that its triplet may pass
NEVER = 604800  # for db_cleandelay where cleaning would disturb


def timed(conversation, **attributes):
    """Returns the reply and how many seconds it took."""
    began = time.monotonic()
    reply = conversation.ask(**attributes)
    return reply, time.monotonic() - began


class SharedDatabase(case.DaemonCase):
    """One server for all tests of a class, a fresh database for each. `make_database` is a class of databases.py."""

    make_database = None

    @classmethod
    def setUpClass(cls):
        cls.base = cls.enterClassContext(cls.make_database())

    def setUp(self):
        super().setUp()
        self.base.fresh()
        self.number = 0

    def sharer(self, name="daemon", binary=None, **settings):
        """A daemon on the shared database, configured, not started."""
        return self.daemon(name, binary, {**self.base.settings(), "reconnect_delay": 1, "db_cleandelay": NEVER,
                                          **settings})

    def sharers(self, number, **settings):
        """Several, all started at the same moment."""
        daemons = [self.sharer(f"daemon{index}", **settings) for index in range(number)]
        for daemon in daemons:
            daemon.start(wait=False)
        for daemon in daemons:
            wait_until(daemon.serving, lambda daemon=daemon: f"serving; it said:\n{daemon.log()}")
        return daemons

    def talk(self, daemon, number=1):
        """Opens connections to it; the master distributes them over its workers."""
        conversations = [policy.Conversation(daemon.address) for _ in range(number)]
        for conversation in conversations:
            self.addCleanup(conversation.close)
        return conversations

    def ask_new(self, conversation):
        """Asks about a new triplet; returns the reply and how many seconds it took."""
        self.number += 1
        return timed(conversation, sender=f"new{self.number}@new{self.number}.example")

    def no_trouble(self, *daemons):
        """None has logged anything about its database, except what it took over, or about a delayed request."""
        for daemon in daemons:
            lines = [line for line in daemon.log().splitlines()
                     if ("dbaccess:" in line or "no decision" in line) and "dbaccess: taken over:" not in line]
            self.assertEqual(lines, [])


def ask_all(conversations, questions):
    """Every connection asks every question, all at the same moment. Returns a list of replies for each question."""
    replies = [[] for _ in questions]
    together = threading.Barrier(len(conversations))
    failures = []

    def one(conversation):
        try:
            for index, question in enumerate(questions):
                together.wait(30)
                replies[index].append(conversation.ask(**question))
        except Exception as failure:  # raised in the test, not in the thread
            failures.append(failure)
            together.abort()

    threads = [threading.Thread(target=one, args=(conversation,)) for conversation in conversations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return replies
