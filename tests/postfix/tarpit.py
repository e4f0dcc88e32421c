"""The tarpit with Debian's Postfix: how long a suspect waits for the reply, and what targrey does with one that stays."""

import os
import time

from support import case
from support.daemon import wait_until
from instance import MASTER, Postfix

SERVER = ("192.0.2.10", "mx1.example.org")
DYNAMIC = ("198.51.100.23", "198-51-100-23.dsl.example.com")
NAMELESS = ("203.0.113.9", None)
BOB, EVE = "bob@example.net", "eve@example.net"


class Tarpit(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")

    def begin(self, **settings):
        self.server = self.daemon(settings={"tarpit": "1s", **settings}).start()
        self.tables = self.server.tables
        policy = f"{{ inet:127.0.0.1:{self.server.port}, timeout=10s, default_action=DUNNO }}"
        self.mx = Postfix(os.path.join(self.directory, "postfix"), policy, ["bob", "eve"],
                          settings=f"smtpd_data_restrictions = check_policy_service {policy}\n")
        self.addCleanup(self.mx.stop)
        self.mx.start()

    def timed(self, client, recipients, sender="ann@example.org"):
        begin = time.monotonic()
        replies = self.mx.recipients(client, sender, recipients)
        return replies, time.monotonic() - begin

    def test_a_dial_up_line_waits_once_a_message_and_is_deferred_with_postfixs_words(self):
        self.begin()
        replies, took = self.timed(DYNAMIC, [BOB, EVE])
        self.assertGreaterEqual(took, 1)
        self.assertEqual([code for code, _ in replies], [450, 450])
        self.assertNotIn("Service unavailable", replies[0][1])  # fail2ban's filter for Postfix matches that
        self.assertIn("defer_if_permit requested", replies[0][1])
        self.assertIn("Greylisted for 5 minutes", replies[1][1])
        self.assertEqual(self.tables.count("connect"), 2)
        self.assertEqual(self.server.log().count("grey: tarpit: "), 1)
        self.timed(NAMELESS, [BOB])
        self.assertEqual(self.server.log().count("grey: tarpit: "), 2)
        replies, _ = self.timed(SERVER, [BOB])
        self.assertIn("Greylisted for 5 minutes", replies[0][1])
        self.assertEqual(self.server.log().count("grey: tarpit: "), 2)

        self.tables.age("connect", 301)
        self.mx.send(DYNAMIC, "ann@example.org", [BOB, EVE], subject="has waited")
        for user in ("bob", "eve"):
            self.assertIn("delayed 00:05:", self.mx.delivered(user, "has waited"))

    def test_reject_first_attempt_immed(self):
        self.begin(reject_first_attempt="immed")
        [(code, _)], took = self.timed(DYNAMIC, [BOB])
        self.assertGreaterEqual(took, 1)
        self.assertEqual(code // 100, 4)

    def test_targrey_accepts_a_message_whose_client_stays(self):
        self.begin(targrey="on")
        self.mx.send(DYNAMIC, "ann@example.org", [BOB, EVE], subject="stayed")
        for user in ("bob", "eve"):
            message = self.mx.delivered(user, "stayed")
            self.assertEqual(message.count("X-Greylist: delayed 00:00:01 by SQLgrey-"), 1)
        self.assertEqual(self.tables.count("connect"), 0)
        self.assertEqual(self.tables.keys("from_awl"), [("ann", "example.org", DYNAMIC[0])])
        self.mx.send(DYNAMIC, "ann@example.org", [BOB], subject="known")
        self.assertIn("from auto-whitelisted", self.mx.delivered("bob", "known"))
        self.assertEqual(self.server.log().count("grey: tarpit: "), 1)

    def test_targrey_defers_one_that_gives_up_when_it_comes_back(self):
        self.begin(targrey="on")
        session = self.mx.session(*DYNAMIC)
        session.mail("ann@example.org")
        session.sock.sendall(b"RCPT TO:<bob@example.net>\r\n")
        wait_until(lambda: "grey: tarpit: " in self.server.log(), self.server.log)
        session.close()
        replies, _ = self.timed(DYNAMIC, [BOB])
        self.assertEqual(replies[0][0], 450)
        self.assertIn("Greylisted for", replies[0][1])
        self.assertEqual(self.tables.count("from_awl"), 0)

    def test_targrey_leaves_a_mail_server_to_greylisting(self):
        self.begin(targrey="on")
        replies, _ = self.timed(SERVER, [BOB])
        self.assertEqual(replies[0][0], 450)
        self.tables.age("connect", 301)
        self.mx.send(SERVER, "ann@example.org", [BOB], subject="retried")
        message = self.mx.delivered("bob", "retried")
        self.assertEqual(message.count("X-Greylist: delayed 00:05:"), 1)


if __name__ == "__main__":
    case.main()
