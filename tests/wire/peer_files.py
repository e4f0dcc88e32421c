"""Base class for comparing Perl SQLgrey 1.8 and ours (see peer.py) on files of conf_dir that a test writes and
changes. Intended differences are given by `differ`, with both replies."""

import os
import re
import signal

from support import policy
from support.daemon import wait_until
from peer import SideBySide, as_ours

DEFER = "defer_if_permit Greylisted for 5 minutes"
LISTED = "PREPEND X-Greylist: whitelisted by SQLgrey-#"
UNSUSPICIOUS = "PREPEND X-Greylist: not greylisting mail from 192.0.2.10 in SQLgrey-#"
STRANGER = {"client_address": "198.18.0.1", "client_name": "stranger.example"}


class WithFiles(SideBySide):
    """Both start with `files` in their conf_dir: {name: text, or None for a missing file}."""

    def setUp(self):
        super().setUp()
        self.files = {}
        self.asked = 0
        self.stamp = 1600000000

    def daemon(self, *arguments, **more):
        daemon = super().daemon(*arguments, **more)
        daemon.extra_environment["NO_FAKE_STAT"] = "1"  # or no file would ever seem changed
        for name, text in self.files.items():
            if text is None:
                os.unlink(os.path.join(daemon.conf_dir, name))
            else:
                daemon.list_file(name, text)
        return daemon

    def ask(self, **attributes):
        """Asks both. Our header does not name the recipient, because another one may read it."""
        perl = re.sub(r"inactive for \S+ in", "inactive for a recipient in", as_ours(self.to_perl.ask(**attributes)))
        ours = as_ours(self.to_ours.ask(**attributes))
        self.assertEqual(perl, ours, attributes)
        return ours

    def stranger(self, attributes):
        """A request from a sender that is new to both."""
        self.asked += 1
        return {"sender": f"new@new{self.asked}.example", **attributes}

    def new(self, **attributes):
        return self.ask(**self.stranger(attributes))

    def differ(self, perl, ours, **attributes):
        """Asks both, which must give different replies."""
        question = self.stranger(attributes)
        said = (as_ours(self.to_perl.ask(**question)), as_ours(self.to_ours.ask(**question)))
        self.assertEqual(said, (perl, ours), question)

    def judged(self, question, values, among=(LISTED, DEFER)):
        """Asks both about each value; returns the values with the first reply. Both replies must occur."""
        replies = {value: self.new(**question(value)) for value in values}
        self.assertEqual(set(replies.values()), set(among))
        return {value for value, reply in replies.items() if reply == among[0]}

    def put(self, name, text):
        """Perl compares file times in whole seconds, so each change gets a new one."""
        self.stamp += 10
        for daemon in self.pair:
            path = os.path.join(daemon.conf_dir, name)
            with open(path + ".new", "w", encoding="ascii") as file:
                file.write(text)
            os.utime(path + ".new", (self.stamp, self.stamp))
            os.rename(path + ".new", path)

    def remove(self, name):
        for daemon in self.pair:
            os.unlink(os.path.join(daemon.conf_dir, name))

    def soon_of_ours(self, reply, **attributes):
        """Ours checks its files once a second."""
        question = self.stranger(attributes)
        wait_until(lambda: as_ours(self.to_ours.ask(**question)) == reply,
                   lambda: f"{reply} for {question}:\n{self.ours.log()}")

    def usr1(self, reply, **attributes):
        """Tells both to read files again; `reply` is what ours then answers."""
        for daemon in self.pair:
            os.kill(daemon.process.pid, signal.SIGUSR1)
        question = self.stranger(attributes)
        wait_until(lambda: as_ours(self.ours.ask(**question)) == reply,
                   lambda: f"{reply} after USR1:\n{self.ours.log()}")
        self.to_ours.close()
        self.to_ours = policy.Conversation(self.ours.address)  # to a new worker
        self.addCleanup(self.to_ours.close)
        self.to_perl.ask(**question)  # Perl reads them at the next request
