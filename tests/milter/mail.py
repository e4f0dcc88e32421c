"""Debian's Sendmail and Postfix use sqlgrey as a milter, with the lines that HOWTO.md has for them."""

import glob
import os
import re
import shutil
import tempfile

from instance import MACROS, PROGRAM, TOP, Sendmail
from postfix.instance import MASTER, Postfix
from support import case
from support.daemon import give_to_daemon, wait_until
from support.ports import free_port
from support.sasl_server import SaslServer

VERIFIED = ("127.0.0.10", "mx1.example.org")
FORGED = ("127.0.0.11", "mx2.example.org")
WAIT = "4.7.1 Greylisted for 5 minutes"


def line_of_howto(pattern):
    with open(os.path.join(TOP, "HOWTO.md"), encoding="utf-8") as file:
        [line] = re.findall(rf"(?m)^    ({pattern}.*)$", file.read())
    return line


class Mail(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("Postfix's master does")
        self.need(MASTER, "postfix")
        self.need(PROGRAM, "sendmail-bin, which tests/run.sh unpacks")
        self.need(MACROS, "sendmail-cf, which tests/run.sh unpacks")
        self.need("m4", "m4")

    def greylist(self, **settings):
        self.port = free_port()
        greylist = self.daemon(settings={"milter": f"inet:127.0.0.1:{self.port}", **settings})
        self.tables = greylist.tables
        return greylist

    def sendmail(self, place=None):
        line = line_of_howto("INPUT_MAIL_FILTER")
        self.assertIn("S=inet:2502@127.0.0.1", line)
        line = line.replace("inet:2502@127.0.0.1", place or f"inet:{self.port}@127.0.0.1")
        sendmail = Sendmail(os.path.join(self.directory, "sendmail"), line, dict([VERIFIED]), dict([FORGED]))
        self.addCleanup(sendmail.stop)
        return sendmail.start()

    def postfix(self, place=None, settings=""):
        line = line_of_howto("smtpd_milters")
        self.assertIn("inet:127.0.0.1:2502", line)
        line = line.replace("inet:127.0.0.1:2502", place or f"inet:127.0.0.1:{self.port}")
        postfix = Postfix(os.path.join(self.directory, "postfix"), None, ["bob", "eve", "joe"],
                          settings=line + "\n" + settings)
        self.addCleanup(postfix.stop)
        return postfix.start()

    def first_mail(self, server, client):
        """One sender is deferred, then passes with one header for both recipients."""
        both = ["bob@example.net", "eve@example.net"]
        for _ in ("first attempt", "early retry"):
            self.assertEqual(server.recipients(client, "alice@example.org", both), [(451, WAIT), (451, WAIT)])
        self.assertEqual(self.tables.count("connect"), 2)
        self.tables.age("connect", 301)
        server.send(client, "alice@example.org", both, subject="after the delay")
        for user in ("bob", "eve"):
            message = server.delivered(user, "after the delay")
            self.assertRegex(message, r"(?m)^X-Greylist: delayed 00:05:\d\d by SQLgrey-\d")
            self.assertEqual(message.count("X-Greylist:"), 1)
        [(name, domain, _)] = self.tables.keys("from_awl")
        self.assertEqual((name, domain), ("alice", "example.org"))
        server.send(client, "alice@example.org", ["joe@example.net"], subject="known")
        self.assertIn("X-Greylist: from auto-whitelisted by SQLgrey-", server.delivered("joe", "known"))

    def test_sendmail(self):
        self.greylist().start()
        self.first_mail(self.sendmail(), VERIFIED[0])

    def test_postfix(self):
        self.greylist().start()
        self.first_mail(self.postfix(), ("192.0.2.10", "mx1.example.org"))

    def test_who_has_logged_in_to_postfix_is_not_greylisted(self):
        self.greylist().start()
        sasl = self.enterContext(SaslServer())
        postfix = self.postfix(settings="smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\n"
                                        f"smtpd_sasl_path = {sasl.place}\n")
        both = ["bob@example.net", "eve@example.net"]
        with postfix.session(*VERIFIED) as session:
            session.login("alice", "secret")
            self.assertEqual(session.sendmail("alice@example.org", both, "Subject: logged in\n\nHello.\n"), {})
        self.assertNotIn("X-Greylist", postfix.delivered("bob", "logged in"))
        self.assertEqual(self.tables.count("connect"), 0)
        self.assertEqual(postfix.recipients(VERIFIED, "alice@example.org", both), [(451, WAIT), (451, WAIT)])

    def test_over_unix_sockets(self):
        """Sendmail accepts none below a directory that everybody may write to, such as /tmp."""
        place = tempfile.mkdtemp(prefix="sqlgrey-test-", dir="/run")
        self.addCleanup(shutil.rmtree, place)
        os.chmod(place, 0o755)
        give_to_daemon(place)
        path = os.path.join(place, "milter")
        self.greylist(milter=f"unix:{path}").start()
        self.assertEqual(self.sendmail(f"unix:{path}").recipients(VERIFIED[0], "a@example.org", ["bob@example.net"]),
                         [(451, WAIT)])
        self.assertEqual(self.postfix(f"unix:{path}").recipients(VERIFIED, "c@example.org", ["bob@example.net"]),
                         [(451, WAIT)])

    def test_names_of_sendmail_count_if_they_are_verified(self):
        self.greylist().start()
        sendmail = self.sendmail()
        for client, _ in (VERIFIED, FORGED):
            sendmail.recipients(client, "alice@example.org", ["bob@example.net"])
        self.assertEqual([row[2] for row in self.tables.keys("connect")], ["127.0.0", "127.0.0.11"])

    def test_what_the_mail_server_refuses_leaves_no_row(self):
        self.greylist().start()
        for server, client in ((self.sendmail(), VERIFIED[0]), (self.postfix(), VERIFIED)):
            [(code, _)] = server.recipients(client, "alice@example.org", ["nobody@elsewhere.example"])
            self.assertGreaterEqual(code, 550)
        self.assertEqual(self.tables.count("connect"), 0)

    def test_a_percent_sign_and_the_words_of_both(self):
        self.greylist(greylist_text="100%% of %m minutes", reply_id="on").start()
        for server, client in ((self.sendmail(), VERIFIED[0]), (self.postfix(), VERIFIED)):
            [(code, text)] = server.recipients(client, "alice@example.org", ["bob@example.net"])
            self.assertEqual(code, 451)
            self.assertRegex(text, r"^4\.7\.1 100% of 5 minutes \(id \w+\)$")

    def test_lists(self):
        """A whitelisted client gets no header; a message may be held or discarded."""
        greylist = self.greylist(blacklist_reply="discard")
        greylist.list_file("clients_ip_whitelist.local", VERIFIED[0] + "\n")
        greylist.list_file("blacklist_senders.local", "bad@example.com\n")
        greylist.start()
        for server, white, other in ((self.sendmail(), VERIFIED[0], FORGED[0]), (self.postfix(), VERIFIED, FORGED)):
            server.send(white, "alice@example.org", ["bob@example.net"], subject="white")
            self.assertNotIn("X-Greylist", server.delivered("bob", "white"))
            server.send(other, "bad@example.com", ["eve@example.net"], subject="discarded")
            server.send(white, "alice@example.org", ["eve@example.net"], subject="last")
            server.delivered("eve", "last")
            with open(os.path.join(server.directory, "mail", "eve"), encoding="utf-8") as file:
                self.assertNotIn("discarded", file.read())
        self.assertEqual(self.tables.count("connect"), 0)

    def test_a_message_is_held(self):
        """In Postfix's hold queue and Sendmail's quarantine."""
        greylist = self.greylist(blacklist_reply="hold to be looked at")
        greylist.list_file("blacklist_senders.local", "bad@example.com\n")
        greylist.start()
        for server, client, queue in ((self.sendmail(), VERIFIED[0], "queue/hf*"), (self.postfix(), VERIFIED, "queue/hold/*")):
            server.send(client, "bad@example.com", ["bob@example.net"], subject="held")
            wait_until(lambda where=os.path.join(server.directory, queue): glob.glob(where), server.log)

    def test_side_by_side_on_one_database(self):
        """What one has deferred passes at the other, and the other way round."""
        self.greylist(greymethod="full").start()
        sendmail, postfix = self.sendmail(), self.postfix()
        bob = ["bob@example.net"]
        sendmail.recipients(VERIFIED[0], "alice@example.org", bob)
        postfix.recipients(VERIFIED, "carol@example.org", bob)
        self.assertEqual([(row[0], row[2]) for row in self.tables.keys("connect")],
                         [("alice", VERIFIED[0]), ("carol", VERIFIED[0])])
        self.tables.age("connect", 301)
        postfix.send(VERIFIED, "alice@example.org", bob, subject="by Postfix")
        self.assertIn("X-Greylist: delayed", postfix.delivered("bob", "by Postfix"))
        sendmail.send(VERIFIED[0], "carol@example.org", bob, subject="by Sendmail")
        self.assertIn("X-Greylist: delayed", sendmail.delivered("bob", "by Sendmail"))
        self.assertEqual(self.tables.keys("domain_awl"), [("example.org", VERIFIED[0])])

    def test_without_the_daemon_mail_passes(self):
        greylist = self.greylist().start()
        servers = ((self.sendmail(), VERIFIED[0]), (self.postfix(), VERIFIED))
        greylist.stop()
        for server, client in servers:
            server.send(client, "alice@example.org", ["bob@example.net"], subject="without")
            self.assertNotIn("X-Greylist", server.delivered("bob", "without"))


if __name__ == "__main__":
    case.main()
