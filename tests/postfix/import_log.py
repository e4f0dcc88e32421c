"""Migrating from a Postfix without greylisting: senders accepted in its log pass from then on."""

import os

from support import case, ctl
from instance import MASTER, Postfix

MX = ("192.0.2.10", "mx1.example.org")
NAMELESS = ("198.51.100.23", None)


class ImportLog(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")
        self.server = self.daemon()
        policy = f"inet:127.0.0.1:{self.server.port}"
        # No policy server is listening yet.
        self.postfix = Postfix(os.path.join(self.directory, "postfix"),
                               f"{{ {policy}, timeout=10s, default_action=DUNNO }}", ["bob", "eve"])
        self.addCleanup(self.postfix.stop)
        self.postfix.start()

    def send(self, client, sender, recipients, subject):
        self.postfix.send(client, sender, recipients, subject)
        self.postfix.delivered("bob", subject)

    def imported(self, *arguments):
        done = ctl.run(self.server, "import", "maillog", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return ctl.counts(done.stdout)

    def test_senders_of_accepted_mail_do_not_wait(self):
        self.send(MX, "Alice@example.org", ["bob@example.net"], "one")
        self.send(MX, "list-42-bob=example.net@lists.example.org", ["bob@example.net", "eve@example.net"], "two")
        self.send(NAMELESS, "", ["bob@example.net"], "three")
        self.postfix.recipients(MX, "carol@example.org", ["bob@example.net"])  # without sending a message
        self.postfix.stop()
        log = os.path.join(self.postfix.directory, "log")
        counts = self.imported(log)
        self.assertEqual((counts["trusted"], counts["unreadable"]), (3, 0))
        keys = self.server.tables.keys("from_awl")
        self.assertIn(("alice", "example.org", "192.0.2"), keys)
        self.assertIn(("-undef-", "-undef-", "198.51.100.23"), keys)
        self.assertIn(("list-#-RCPT", "lists.example.org", "192.0.2"), keys)
        rows = self.server.tables.rows("from_awl")
        self.assertEqual(self.imported(log)["from_awl"], 0)
        self.assertEqual(self.server.tables.rows("from_awl"), rows)

        self.server.start()
        for client, sender, word in ((MX, "alice@example.org", "from auto-whitelisted"),
                                     (MX, "list-43-bob=example.net@lists.example.org", "from auto-whitelisted"),
                                     (NAMELESS, "", "from auto-whitelisted"), (MX, "carol@example.org", "Greylisted")):
            reply = self.server.ask(client_address=client[0], client_name=client[1] or "unknown", sender=sender)
            self.assertIn(word, reply, sender)


if __name__ == "__main__":
    case.main()
