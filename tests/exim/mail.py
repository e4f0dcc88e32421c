"""Debian's Exim asks sqlgrey through the shipped ACL, conf/exim.acl, and accepts mail if that fails in any way."""

import os
import socket
import threading
import time

from support import case, policy
from support.daemon import LIMIT
from instance import Exim

NAMED = "127.0.0.2"
NAMELESS = "127.0.0.3"
WITHIN = 5 + 5  # the timeout in the ACL, and more for a busy machine


class Server:
    """Replaces sqlgrey: accepts each connection and request, sends one fixed text (None: nothing), and closes if
    told to."""

    def __init__(self, reply, closes=True):
        self.reply = reply
        self.closes = closes
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.requests = []
        self.kept = []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self):
        while True:
            connection, _ = self.socket.accept()
            self.kept.append(connection)
            connection.settimeout(LIMIT)
            text = b""
            while not text.endswith(b"\n\n"):
                more = connection.recv(65536)
                if not more:
                    return  # stop()
                text += more
            self.requests.append(dict(line.split("=", 1) for line in text.decode().strip().split("\n")))
            if self.reply is not None:
                connection.sendall(self.reply)
            if self.closes:
                connection.close()

    def stop(self):
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join()
        for connection in [*self.kept, self.socket]:
            connection.close()


class Mail(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("a mount namespace does")
        self.assertTrue(os.path.exists(self.exim), f"no Exim at {self.exim}: tests/run.sh fetches it")

    def start_exim(self, where):
        exim = Exim(self.exim, os.path.join(self.directory, "exim"), where, {NAMED: "mx1.example.org"})
        self.addCleanup(exim.stop)
        return exim.start()

    def asking(self, *what):
        server = Server(*what)
        self.addCleanup(server.stop)
        return server, self.start_exim(f"inet:127.0.0.1:{server.port}")

    def deferred_then_accepted(self, greylist, exim):
        to_bob = (NAMED, "alice@example.org", ["bob@example.net"])
        for _ in ("first attempt", "early retry"):
            [(code, text)] = exim.recipients(*to_bob)
            self.assertEqual((code, text), (451, "Greylisted for 5 minutes"))
            self.assertEqual(greylist.tables.keys("connect"), [("alice", "example.org", "127.0.0", "bob@example.net")])
        greylist.tables.age("connect", 301)
        exim.send(*to_bob, subject="after the delay")
        message = exim.delivered("bob", "after the delay")
        self.assertRegex(message, r"(?m)^X-Greylist: delayed 00:05:\d\d by SQLgrey-\d")
        self.assertEqual(greylist.tables.keys("from_awl"), [("alice", "example.org", "127.0.0")])

    def test_mail_over_inet(self):
        """With a tarpit too, which is not for Exim."""
        greylist = self.start(tarpit="60s", tarpit_when="all")
        self.deferred_then_accepted(greylist, self.start_exim(f"inet:127.0.0.1:{greylist.port}"))

    def test_mail_over_a_unix_socket(self):
        path = os.path.join(self.directory, "daemon", "state", "socket")
        self.deferred_then_accepted(self.start(unix=path), self.start_exim(path))

    def test_with_connections_for_one_request_each(self):
        greylist = self.start(exim="on")
        with policy.Conversation(greylist.address) as conversation:
            self.assertIn("Greylisted", conversation.ask(sender="somebody@example.org"))
            with self.assertRaises(policy.Closed):
                conversation.reply()
        greylist.tables.execute("delete from connect")
        self.deferred_then_accepted(greylist, self.start_exim(f"inet:127.0.0.1:{greylist.port}"))

    def test_a_client_without_a_name_and_one_header_per_message(self):
        greylist = self.start(reject_first_attempt="immed", reject_code="451 4.7.1")
        exim = self.start_exim(f"inet:127.0.0.1:{greylist.port}")
        mail = (NAMELESS, "", ["bob@example.net", "eve@example.net"])
        self.assertEqual(exim.recipients(*mail), [(451, "4.7.1 Greylisted for 5 minutes")] * 2)
        self.assertEqual({row[2] for row in greylist.tables.rows("connect")}, {NAMELESS})
        greylist.tables.age("connect", 400)
        exim.send(*mail, subject="bounce to two")
        self.assertEqual(exim.delivered("eve", "bounce to two").count("X-Greylist:"), 1)

    def test_the_attributes_it_sends(self):
        server, exim = self.asking(b"action=dunno\n\n")
        exim.send(NAMED, "Alice@example.org", ["bob@example.net", "eve@example.net"], "first")
        exim.send(NAMED, "", ["bob@example.net"], "second")
        first, other, second = server.requests
        self.assertGreater(len(first.pop("instance")), 10)
        self.assertEqual(first, {"request": "smtpd_access_policy", "protocol_state": "RCPT", "protocol_name": "ESMTP",
                                 "policy_context": "exim",
                                 "client_address": NAMED, "client_name": "mx1.example.org",
                                 "helo_name": "client.example", "sender": "Alice@example.org",
                                 "recipient": "bob@example.net"})
        self.assertEqual(second["sender"], "")
        self.assertNotEqual(second["instance"], other["instance"])

    def test_recipients_of_a_message_belong_together(self):
        server, exim = self.asking(b"action=dunno\n\n")
        exim.send(NAMED, "alice@example.org", ["bob@example.net", "eve@example.net"], "to two")
        self.assertEqual(len({request["instance"] for request in server.requests}), 1)

    def test_each_kind_of_answer(self):
        server, exim = self.asking(None)
        for answer, code, text in ((b"dunno", 250, "Accepted"), (b"DUNNO", 250, "Accepted"), (b"ok", 250, "Accepted"),
                                   (b"defer_if_permit", 451, "Temporary local problem - please try later"),
                                   (b"DEFER 4.2.0 Later", 451, "4.2.0 Later"), (b"450 Later", 450, "Later"),
                                   (b"554 5.7.1 No", 554, "5.7.1 No"), (b"REJECT No", 550, "No"),
                                   (b"PREPEND X-Greylist: delayed", 250, "Accepted"),
                                   (b"PREPEND nothing that is a header", 250, "Accepted")):
            server.reply = b"action=" + answer + b"\n\n"
            self.assertEqual(exim.recipients(NAMED, "a@example.org", ["bob@example.net"]), [(code, text)], answer)

    def test_invalid_answers_accept_the_mail(self):
        server, exim = self.asking(None)
        for answer in (b"", b"\n\n", b"action=defer_if_permit", b"action=defer\n", b"action=\n\n", b"defer now\n\n",
                       b"action=450 a\n\naction=450 b\n\n", b"450 4.7.1 not a policy server\r\n", b"\0\xff" * 4000,
                       b"action=deferred to nobody\n\n", b"action=${if\n\n"):
            server.reply = answer
            self.assertEqual(exim.recipients(NAMED, "a@example.org", ["bob@example.net"]), [(250, "Accepted")], answer)

    def test_no_server(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))  # but does not listen
            exim = self.start_exim(f"inet:127.0.0.1:{unused.getsockname()[1]}")
            exim.send(NAMED, "alice@example.org", ["bob@example.net"], "nobody there")
        self.assertNotIn("X-Greylist", exim.delivered("bob", "nobody there"))

    def test_a_missing_unix_socket(self):
        exim = self.start_exim(os.path.join(self.directory, "absent"))
        exim.send(NAMED, "alice@example.org", ["bob@example.net"], "no socket")
        exim.delivered("bob", "no socket")

    def accepted_in_time(self, reply):
        server, exim = self.asking(reply, False)
        began = time.monotonic()
        exim.send(NAMED, "alice@example.org", ["bob@example.net"], "silence")
        self.assertLess(time.monotonic() - began, WITHIN)
        self.assertEqual(len(server.requests), 1)
        exim.delivered("bob", "silence")

    def test_a_server_that_never_answers(self):
        self.accepted_in_time(None)

    def test_a_server_that_never_ends_its_answer(self):
        self.accepted_in_time(b"action=def")


if __name__ == "__main__":
    case.main("exim")
