"""The base of what compares Perl SQLgrey 1.8 and ours (see peer.py) on files of conf_dir that a test writes and
changes.

Where ours differs on purpose in what it makes of them, both answers stand in the test: `differ`.
"""

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
    """Both have `files` in their conf_dir when they start: {name: text, or None for a file that is not there}."""

    def setUp(self):
        super().setUp()
        self.files = {}
        self.asked = 0
        self.stamp = 1600000000

    def daemon(self, *arguments, **more):
        daemon = super().daemon(*arguments, **more)
        daemon.extra_environment["NO_FAKE_STAT"] = "1"  # or no file ever changes
        for name, text in self.files.items():
            if text is None:
                os.unlink(os.path.join(daemon.conf_dir, name))
            else:
                daemon.list_file(name, text)
        return daemon

    def ask(self, **attributes):
        """Asks both. The header of ours does not name the recipient, for another one may read it."""
        perl = re.sub(r"inactive for \S+ in", "inactive for a recipient in", as_ours(self.to_perl.ask(**attributes)))
        ours = as_ours(self.to_ours.ask(**attributes))
        self.assertEqual(perl, ours, attributes)
        return ours

    def stranger(self, attributes):
        """The request of a sender that neither has seen."""
        self.asked += 1
        return {"sender": f"new@new{self.asked}.example", **attributes}

    def new(self, **attributes):
        return self.ask(**self.stranger(attributes))

    def differ(self, perl, ours, **attributes):
        """Each is to give its own answer."""
        question = self.stranger(attributes)
        said = (as_ours(self.to_perl.ask(**question)), as_ours(self.to_ours.ask(**question)))
        self.assertEqual(said, (perl, ours), question)

    def judged(self, question, values, among=(LISTED, DEFER)):
        """Asks both about each value; the values that get the first answer. Both answers must occur."""
        replies = {value: self.new(**question(value)) for value in values}
        self.assertEqual(set(replies.values()), set(among))
        return {value for value, reply in replies.items() if reply == among[0]}

    def put(self, name, text):
        """Perl looks at whole seconds of a file's time, so each change has a new one."""
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
        """It looks at its files once a second."""
        question = self.stranger(attributes)
        wait_until(lambda: as_ours(self.to_ours.ask(**question)) == reply,
                   lambda: f"{reply} for {question}:\n{self.ours.log()}")

    def usr1(self, reply, **attributes):
        """Tells both to read again; `reply`: what ours says from then on."""
        for daemon in self.pair:
            os.kill(daemon.process.pid, signal.SIGUSR1)
        question = self.stranger(attributes)
        wait_until(lambda: as_ours(self.ours.ask(**question)) == reply,
                   lambda: f"{reply} after USR1:\n{self.ours.log()}")
        self.to_ours.close()
        self.to_ours = policy.Conversation(self.ours.address)  # to a worker of the new generation
        self.addCleanup(self.to_ours.close)
        self.to_perl.ask(**question)  # Perl does it at the next request
