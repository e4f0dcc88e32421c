"""The policy delegation protocol: how requests may arrive, and the replies to invalid ones, which must not add rows."""

from support import case, policy

DEFER = "defer_if_permit Greylisted for 5 minutes"


class Protocol(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.start()
        self.tables = self.server.tables
        self.talk = policy.Conversation(self.server.address)
        self.addCleanup(self.talk.close)

    def test_one_connection_carries_any_number_of_requests(self):
        for number in range(300):
            self.assertEqual(self.talk.ask(recipient=f"r{number}@example.net"), DEFER)
        self.assertEqual(self.tables.count("connect"), 300)

    def test_a_request_may_come_in_single_bytes(self):
        for byte in policy.request():
            self.talk.send(bytes([byte]))
        self.assertEqual(self.talk.reply(), DEFER)
        self.assertEqual(self.tables.keys("connect"), [("alice", "example.org", "192.0.2", "bob@example.net")])

    def test_requests_sent_at_once_are_answered_in_order(self):
        self.talk.send(b"".join(policy.request(recipient=f"r{number}@example.net") if number % 3 else
                                policy.request(request="other") for number in range(200)))
        replies = [self.talk.reply() for _ in range(200)]
        self.assertEqual(replies, [DEFER if number % 3 else "dunno" for number in range(200)])

    def test_a_request_and_a_half_then_the_other_half(self):
        first, second = policy.request(recipient="a@example.net"), policy.request(recipient="b@example.net")
        self.talk.send(first + second[:50])
        self.assertEqual(self.talk.reply(), DEFER)
        self.talk.send(second[50:])
        self.assertEqual(self.talk.reply(), DEFER)
        self.assertEqual([row[3] for row in self.tables.rows("connect")], ["a@example.net", "b@example.net"])

    def test_crlf_line_ends(self):
        self.talk.send(policy.request().replace(b"\n", b"\r\n"))
        self.assertEqual(self.talk.reply(), DEFER)
        self.assertEqual(self.tables.keys("connect"), [("alice", "example.org", "192.0.2", "bob@example.net")])

    def test_a_half_closed_connection_gets_its_reply(self):
        self.talk.send(policy.request())
        self.talk.half_close()
        self.assertEqual(self.talk.reply(), DEFER)
        with self.assertRaises(policy.Closed):
            self.talk.reply()

    def test_lines_without_equals_sign_are_skipped_and_logged(self):
        self.talk.send(b"what is this\n" + policy.request())
        self.assertEqual(self.talk.reply(), DEFER)
        self.server.wait_for_log("what is this")

    def test_a_later_duplicate_wins(self):
        self.talk.send(b"sender=first@example.com\n" + policy.request(sender="second@example.org"))
        self.talk.reply()
        self.assertEqual([row[0] for row in self.tables.rows("connect")], ["second"])

    def test_nothing_of_a_request_is_left_for_the_next(self):
        self.talk.ask()
        self.talk.send(b"request=smtpd_access_policy\nclient_address=192.0.2.77\n\n")
        self.assertEqual(self.talk.reply(), "dunno")
        self.assertEqual(self.tables.count("connect"), 1)

    def test_another_kind_of_request_is_answered_dunno_and_logged_once(self):
        for _ in range(3):
            self.assertEqual(self.talk.ask(request="junk_policy"), "dunno")
        self.assertEqual(self.talk.ask(), DEFER)
        self.server.wait_for_log("junk_policy")
        self.assertEqual(self.server.log().count("junk_policy"), 1)
        self.assertEqual(self.tables.count("connect"), 1)

    def test_without_client_address_or_recipient_dunno_and_no_row(self):
        for missing in ({"client_address": None}, {"client_address": ""}, {"client_address": "not an address"},
                        {"client_address": "192.0.2.999"}, {"client_address": "unknown"}, {"recipient": None},
                        {"recipient": ""}, {"request": None}, {"client_address": "192.0.2.1\x00"}):
            with self.subTest(missing):
                self.assertEqual(self.talk.ask(**missing), "dunno")
        self.assertEqual(self.tables.count("connect"), 0)
        self.server.wait_for_log("^martians: ")

    def test_a_null_sender_and_a_missing_one_are_the_same(self):
        self.assertEqual(self.talk.ask(sender=""), DEFER)
        self.assertEqual(self.talk.ask(sender=None), DEFER)
        self.assertEqual(self.tables.keys("connect"), [("-undef-", "-undef-", "192.0.2", "bob@example.net")])

    def test_names_and_values_are_cut_at_512_bytes(self):
        self.talk.ask(sender="n@" + "d" * 250 + ".x" + "y" * 5000, junk="z" * 100000)
        self.assertEqual(self.tables.rows("connect")[0][1], ("d" * 250 + ".x" + "y" * 5000)[:255])
        self.talk.send(b"recipient_and_more" * 50 + b"=1\n" + policy.request(recipient="after@example.net"))
        self.assertEqual(self.talk.reply(), DEFER)

    def test_a_line_without_end_is_not_kept(self):
        self.talk.send(b"client_name=" + b"x" * 4000000)
        self.talk.send(b"\n" + policy.request())
        self.assertEqual(self.talk.reply(), DEFER)
        for pid in self.server.children():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                resident = [int(line.split()[1]) for line in file if line.startswith("VmRSS")]
            self.assertLess(resident[0], 100000, "kB in memory")

    def test_hostile_bytes_are_answered_and_no_statement_fails(self):
        for sender in ("a'; drop table connect; --@example.org", "\udcff\udcfe@example.org", "nul\x00byte@example.org",
                       "tab\tand\x1bescape@example.org", "snow☃man@example.org", ":name@example.org",
                       "back\\slash@example.org", "%_@example.org"):
            with self.subTest(sender.encode("utf-8", "surrogateescape")):
                self.assertEqual(self.talk.ask(sender=sender), DEFER)
        self.assertEqual(self.tables.count("connect"), 8)
        self.assertNotIn("dbaccess", self.server.log())

    def test_log_lines_cannot_be_forged(self):
        self.talk.ask(sender="x\x0bgrey: new: forged\x1b[2J@example.org", recipient="r\rgrey: x@example.net")
        self.talk.ask(recipient="last@example.net")
        self.server.wait_for_log("last@example.net")
        log = self.server.log()
        self.assertNotIn("\x1b", log)
        self.assertNotIn("\x0b", log)
        self.assertNotIn("\r", log)

    def test_many_connections_at_once_are_each_answered(self):
        talks = [policy.Conversation(self.server.address) for _ in range(150)]
        try:
            for number, talk in enumerate(talks):
                talk.send(policy.request(recipient=f"r{number}@example.net"))
            self.assertEqual({talk.reply() for talk in talks}, {DEFER})
        finally:
            for talk in talks:
                talk.close()
        self.assertEqual(self.tables.count("connect"), 150)

    def test_one_triplet_on_many_connections_at_once_is_one_row(self):
        talks = [policy.Conversation(self.server.address) for _ in range(40)]
        try:
            for talk in talks:
                talk.send(policy.request())
            self.assertEqual({talk.reply() for talk in talks}, {DEFER})
        finally:
            for talk in talks:
                talk.close()
        self.assertEqual(self.tables.count("connect"), 1)

    def test_no_reply_is_sent_before_its_row_is_committed(self):
        for number in range(30):
            self.talk.ask(recipient=f"r{number}@example.net")
            self.assertEqual(self.tables.count("connect"), number + 1)

    def test_nothing_is_sent_without_a_request(self):
        self.talk.ask()
        self.assertTrue(self.talk.silent_for(0.3))

    def test_a_unix_socket_together_with_inet(self):
        path = self.server.state + "/socket"
        self.server.stop()
        self.server.configure(unix=path)
        self.server.start()
        self.assertEqual(policy.ask(path), DEFER)
        self.assertEqual(policy.ask(self.server.address, recipient="tcp@example.net"), DEFER)


if __name__ == "__main__":
    case.main()
