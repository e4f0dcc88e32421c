"""Debian's Postfix asks sqlgrey over TCP and over a Unix socket."""

import os

from support import case
from instance import MASTER, Postfix

CLIENT = ("192.0.2.10", "mx1.example.org")
DYNAMIC = ("198.51.100.23", "198-51-100-23.dsl.example.com")


class Mail(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")

    def over_inet(self, **settings):
        greylist = self.daemon(settings=settings)
        return greylist, f"inet:127.0.0.1:{greylist.port}"

    def over_unix(self, **settings):
        path = os.path.join(self.directory, "daemon", "state", "socket")
        greylist = self.daemon(settings={"unix": path, **settings})
        return greylist, f"unix:{path}"

    def postfix(self, policy):
        postfix = Postfix(os.path.join(self.directory, "postfix"), policy, ["bob", "eve", "joe"])
        self.addCleanup(postfix.stop)
        return postfix.start()

    def first_mail(self, greylist, policy):
        tables = greylist.start().tables
        postfix = self.postfix(policy)
        self.one_sender_is_deferred_then_passes(postfix, tables)
        self.a_second_sender_promotes_the_domain(postfix, tables)

    def one_sender_is_deferred_then_passes(self, postfix, tables):
        to_bob = (CLIENT, "alice@example.org", ["bob@example.net"])
        for _ in ("first attempt", "early retry"):
            [(code, text)] = postfix.recipients(*to_bob)
            self.assertEqual(code, 450)
            self.assertIn("Greylisted for 5 minutes", text)
            self.assertEqual(tables.keys("connect"),
                             [("alice", "example.org", "192.0.2", "bob@example.net")])
        tables.age("connect", 301)
        postfix.send(*to_bob, subject="after the delay")
        message = postfix.delivered("bob", "after the delay")
        self.assertRegex(message, r"(?m)^X-Greylist: delayed 00:05:\d\d by SQLgrey-\d")
        self.assertEqual(message.count("X-Greylist:"), 1)
        self.assertEqual(tables.keys("connect"), [])
        self.assertEqual(tables.keys("from_awl"), [("alice", "example.org", "192.0.2")])

    def a_second_sender_promotes_the_domain(self, postfix, tables):
        to_both = (CLIENT, "carol@example.org", ["bob@example.net", "eve@example.net"])
        self.assertEqual([code for code, _ in postfix.recipients(*to_both)], [450, 450])
        self.assertEqual(tables.count("connect"), 2)
        tables.age("connect", 301)
        postfix.send(*to_both, subject="to two")
        self.assertEqual(tables.keys("domain_awl"), [("example.org", "192.0.2")])
        self.assertEqual(tables.keys("from_awl"), [])
        self.assertEqual(tables.keys("connect"), [])
        for user in ("bob", "eve"):
            self.assertEqual(postfix.delivered(user, "to two").count("X-Greylist:"), 1)
        postfix.send(CLIENT, "anybody@example.org", ["joe@example.net"], subject="known domain")
        self.assertIn("X-Greylist: domain auto-whitelisted by SQLgrey-", postfix.delivered("joe", "known domain"))

    def test_mail_over_inet(self):
        self.first_mail(*self.over_inet())

    def test_mail_over_a_unix_socket(self):
        self.first_mail(*self.over_unix())

    def test_one_header_for_several_recipients(self):
        greylist, policy = self.over_inet()
        tables = greylist.start().tables
        postfix = self.postfix(policy)
        everybody = ["bob@example.net", "eve@example.net", "joe@example.net"]
        mail = (DYNAMIC, "", everybody)
        self.assertEqual({code for code, _ in postfix.recipients(*mail)}, {450})
        self.assertEqual({row[2] for row in tables.rows("connect")}, {"198.51.100.23"},
                         "a dynamic name is known by its whole address")
        tables.age("connect", 400)
        postfix.send(*mail, subject="bounce to three")
        for user in ("bob", "eve", "joe"):
            message = postfix.delivered(user, "bounce to three")
            self.assertEqual(message.count("X-Greylist:"), 1, message)

    def test_immediate_rejection_with_another_code(self):
        greylist, policy = self.over_inet(reject_first_attempt="immed", reject_code=451, reconnect_delay=1)
        greylist.start()
        postfix = self.postfix(policy)
        [(code, text)] = postfix.recipients(CLIENT, "alice@example.org", ["bob@example.net"])
        self.assertEqual(code, 451)
        self.assertIn("Greylisted for 1 minutes", text)


if __name__ == "__main__":
    case.main()
