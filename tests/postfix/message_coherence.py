"""Mail to several recipients at once through Postfix, seen by an SMTP client and in the mailboxes: the one header, the
effect of one accepted recipient on the others (message_coherence), the reply to blacklisted clients and senders, and
training."""

import os
import re

from support import case
from instance import MASTER, Postfix

CLIENT = ("192.0.2.10", "mx1.example.org")
EVIL = ("203.0.113.66", "mx.evil.example")
ANN = "ann@example.org"
BOB, EVE, JOE, KIM = ALL = [f"{user}@example.net" for user in ("bob", "eve", "joe", "kim")]


def headers(message):
    """The X-Greylist headers of a message, each as one line."""
    top = re.sub(r"\n[ \t]+", " ", message.split("\n\n", 1)[0])
    return re.findall(r"(?m)^X-Greylist: .*$", top)


class MessageCoherence(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")
        self.server = self.daemon()
        self.tables = self.server.tables
        users = [recipient.split("@")[0] for recipient in ALL]
        self.mx = Postfix(os.path.join(self.directory, "postfix"), f"inet:127.0.0.1:{self.server.port}", users)
        self.addCleanup(self.mx.stop)

    def begin(self, files=None, **settings):
        """Starts the daemon with these lists and settings, again on the same tables if it ran; Postfix goes on."""
        self.server.stop()
        for name, text in (files or {}).items():
            self.server.list_file(name, text)
        self.server.configure(**settings)
        self.server.start()
        if not self.mx.process:
            self.mx.start()

    def codes(self, *recipients, sender=ANN, client=CLIENT):
        """The replies to RCPT TO of one mail that is not sent."""
        return [code for code, _ in self.mx.recipients(client, sender, recipients)]

    def waiting(self):
        return sorted(row[3] for row in self.tables.rows("connect"))

    def delivered(self, subject, *recipients, sender=ANN):
        """Sends a mail and returns its X-Greylist header: one, the same in each copy, without any recipient."""
        self.mx.send(CLIENT, sender, recipients, subject)
        copies = {recipient: self.mx.delivered(recipient.split("@")[0], subject) for recipient in recipients}
        for recipient, copy in copies.items():
            for other in set(ALL) - {recipient}:
                self.assertNotIn(other, copy)
        lines = [headers(copy) for copy in copies.values()]
        self.assertEqual(lines, [lines[0]] * len(lines))
        [line] = lines[0]
        self.assertNotIn("@", line)
        return line

    def test_the_header_names_no_recipient(self):
        self.begin({"whitelist_recipients": "kim@\n"}, optmethod="optout")
        for recipient in (BOB, JOE):
            self.tables.execute("insert into optout_email values (?)", recipient)
        inactive = "X-Greylist: greylisting inactive for a recipient in SQLgrey-"
        self.assertIn(inactive, self.delivered("opted out", BOB))
        self.assertIn(inactive, self.delivered("both opted out", BOB, JOE))
        self.assertIn("X-Greylist: whitelisted by SQLgrey-", self.delivered("listed and opted out", KIM, BOB))
        self.assertEqual(self.codes(*ALL), [250, 450, 250, 250])
        self.assertEqual(self.waiting(), [EVE])
        self.tables.age("connect", 301)
        self.assertRegex(self.delivered("waited", EVE, BOB, KIM), r"^X-Greylist: delayed 00:05:\d\d by SQLgrey-\d")
        self.assertIn("X-Greylist: from auto-whitelisted by", self.delivered("known", EVE, KIM))

    def bob_has_waited(self, **settings):
        """His sender is never auto-whitelisted, so only an accepted recipient of the message helps the others."""
        self.begin({"never_whitelist_senders": "@example.org\n"}, **settings)
        self.assertEqual(self.codes(BOB), [450])
        self.tables.age("connect", 301)

    def test_once_a_recipient_is_accepted_those_after_it_are_too(self):
        self.bob_has_waited()
        self.assertEqual(self.codes(EVE, BOB, JOE, KIM), [450, 250, 250, 250], "eve was asked before bob")
        self.assertEqual(self.waiting(), [BOB, EVE], "an accepted recipient needs no row")
        self.assertIn("X-Greylist: delayed 00:05:", self.delivered("coherent", BOB, JOE, KIM))
        with self.mx.session(*CLIENT) as session:
            for recipients, codes in (((BOB, JOE), [250, 250]), ((JOE,), [450])):
                # The second is another message of the same session: the first has no effect on it.
                session.rset()
                session.mail(ANN)
                self.assertEqual([session.rcpt(recipient)[0] for recipient in recipients], codes)

    def test_without_coherence_each_recipient_is_delayed_separately(self):
        self.bob_has_waited(message_coherence="off")
        self.assertEqual(self.codes(EVE, BOB, JOE, KIM), [450, 250, 450, 450])
        self.assertEqual(self.waiting(), ALL)
        self.tables.age("connect", 301)
        self.assertIn("X-Greylist: delayed 00:", self.delivered("each has waited", *ALL))

    def test_blacklist_reply_is_what_blacklisted_clients_and_senders_get(self):
        self.begin({"blacklist_clients": "203.0.113.0/24\n", "blacklist_senders": ".spam.example\n<>\n",
                    "whitelist_recipients": "kim@\n"})
        for reply, code, text in ((None, 554, "5.7.1 <{}>: Recipient address rejected: Mail from here is not accepted"),
                                  ("REJECT go away", 554, "5.7.1 <{}>: Recipient address rejected: go away"),
                                  ("550 5.7.1 Never", 550, "5.7.1 <{}>: Recipient address rejected: Never"),
                                  ("defer_if_permit Not now", 450, "4.7.1 <{}>: Recipient address rejected: Not now")):
            with self.subTest(reply):
                self.begin(blacklist_reply=reply)
                for client, sender in ((EVIL, ANN), (CLIENT, "x@mx.spam.example"), (CLIENT, "")):
                    for recipient, (got, words) in zip((BOB, EVE), self.mx.recipients(client, sender, (BOB, EVE))):
                        self.assertEqual((got, words), (code, text.format(recipient)))
                    self.assertEqual(self.codes(KIM, sender=sender, client=client), [250], "a listed recipient")
        self.assertEqual(self.codes(BOB), [450])
        self.assertEqual(self.waiting(), [BOB])

    def test_training_lets_all_pass_and_auto_whitelists(self):
        self.begin({"blacklist_clients": "203.0.113.0/24\n"}, training="on")
        for client in (CLIENT, EVIL):
            self.assertEqual(self.codes(*ALL, client=client), [250] * 4)
        self.assertEqual(self.waiting(), ALL)
        self.tables.age("connect", 301)
        self.mx.send(CLIENT, ANN, ALL, "watched")
        for recipient in ALL:
            self.assertEqual(headers(self.mx.delivered(recipient.split("@")[0], "watched")), [])
        self.assertEqual(self.tables.keys("from_awl"), [("ann", "example.org", "192.0.2")])
        self.begin(training="off")
        self.assertIn("X-Greylist: from auto-whitelisted by", self.delivered("known", *ALL))
        self.assertEqual(self.codes(BOB, client=EVIL), [554])
        self.assertEqual(self.codes(BOB, sender="stranger@example.com"), [450])


if __name__ == "__main__":
    case.main()
