"""sqlgreyctl explain: what the daemon would decide, why, and that nothing is written."""

import csv
import json
import os
import sqlite3
import time

from support import case, ctl, policy

MAIL = ("--client", "192.0.2.10", "--name", "mx1.example.org", "--sender", "alice@example.org",
        "--recipient", "bob@example.net")
REJECT = ("Nov 27 10:00:00 mx postfix/smtpd[1]: NOQUEUE: reject: RCPT from mx1.example.org[192.0.2.10]: 450 4.7.1 "
          "<bob@example.net>: Recipient address rejected: Greylisted for 5 minutes; from=<alice@example.org> "
          "to=<bob@example.net> proto=ESMTP helo=<mx1.example.org>")


class Explain(case.DaemonCase):
    def test_addresses_may_be_copied_with_their_brackets(self):
        server = self.start()
        server.ask()
        typed = ("--client", "192.0.2.10", "--name", "mx1.example.org", "--sender", "<alice@example.org>", "--recipient",
                 "<bob@example.net>")
        self.assertEqual(self.decision(server, *typed)["name"], "early_reconnect")
        self.explain(server, *typed[:-1], "", status=2)

    def explain(self, server, *arguments, status=0):
        done = ctl.run(server, "explain", *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def lines(self, server, *arguments):
        """{(step, name): the object}"""
        text = self.explain(server, *arguments, "--format", "json")
        objects = [json.loads(line) for line in text.splitlines()]
        return {(one["step"], one.get("name")): one for one in objects}

    def decision(self, server, *arguments):
        return next(one for (step, _), one in self.lines(server, *arguments).items() if step == "decision")

    def age(self, server, seconds):
        base = sqlite3.connect(server.tables.path)
        with base:
            base.execute("update connect set first_seen = first_seen - ?", (seconds,))
        base.close()

    def files(self, server):
        """{name: time of its last change}. SQLite's readers set a mark in an existing -shm."""
        return {name: None if name.endswith("-shm") else os.stat(os.path.join(server.state, name)).st_mtime_ns
                for name in os.listdir(server.state)}

    def test_the_explanation_is_what_the_daemon_does(self):
        server = self.start()
        self.assertEqual(self.decision(server, *MAIL)["name"], "first_attempt")
        self.assertEqual(server.tables.rows("connect"), [])
        server.ask()
        early = self.decision(server, *MAIL)
        self.assertEqual((early["name"], early["result"]), ("early_reconnect", "defer"))
        self.age(server, 301)
        self.assertEqual(self.decision(server, *MAIL)["name"], "reconnect_ok")
        self.assertIn("delayed 00:05:0", server.ask())
        self.assertEqual(self.decision(server, *MAIL)["name"], "from_awl")
        self.assertEqual(self.lines(server, *MAIL)[("table", "from_awl")]["result"], "row")

    def test_the_page_fits_80_columns_and_says_when_it_will_pass(self):
        server = self.start()
        server.ask()
        text = self.explain(server, *MAIL)
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 80)
        self.assertRegex(text, r"\ASent now, it is deferred \(early_reconnect\): its first attempt was\s+20")
        self.assertRegex(text, r"(?m)^A retry passes from 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \(in [45] minutes")
        for words in ("smtp_server.regexp matches the name", "(empty)", "first seen", "decides; first_seen"):
            self.assertIn(words, text)

    def test_an_id_and_a_log_line_give_the_same_page(self):
        server = self.start(reply_id="on")
        reply = server.ask()
        self.assertRegex(reply, r" \(id [0-9a-z]{8}\)$")
        name = reply[-9:-1]
        server.wait_for_log(rf"grey: new: .* \(id {name}\)$")
        own = next(line for line in server.log().splitlines() if ": new: " in line)
        for arguments in (("--id", name), ("--id", name.upper()), ("--log", own), ("--log", REJECT), MAIL):
            found = self.decision(server, *arguments)
            self.assertEqual((found["name"], found["id"]), ("early_reconnect", name), arguments)
        self.explain(server, "--id", "00000000", status=3)

    def test_an_id_is_found_after_its_row_was_released(self):
        server = self.start(reply_id="on")
        name = server.ask()[-9:-1]
        self.age(server, 250)
        self.assertEqual(self.lines(server, "--id", name)[("request", "sender")]["detail"], "alice@example.org")

    def test_lists_are_those_of_the_files_and_of_the_database(self):
        server = self.start()
        server.list_file("never_whitelist_clients.local", "example.org\n")
        found = self.lines(server, *MAIL)[("list", "never_whitelist_clients")]
        self.assertEqual(found["result"], "found")
        self.assertIn("never_whitelist_clients.local, line 1", found["detail"])
        base = sqlite3.connect(server.tables.path)
        with base:
            base.execute("insert into lists (list, entry) values ('blacklist_senders', '@example.org')")
        base.close()
        lines = self.lines(server, *MAIL)
        self.assertIn("database, row 1", lines[("list", "blacklist_senders")]["detail"])
        self.assertEqual(lines[("decision", "blacklisted")]["result"], "refuse")

    def test_nothing_is_created_or_changed(self):
        server = self.daemon()
        text = self.explain(server, *MAIL)
        self.assertIn("there is no SQLite file", text.replace("\n  ", " "))
        self.assertEqual(os.listdir(server.state), [])
        server.start()
        server.ask()
        server.stop()
        before = self.files(server)
        self.assertEqual(self.decision(server, *MAIL)["name"], "early_reconnect")
        self.assertEqual(before, self.files(server))

    def test_tables_of_sqlgrey_1_8_are_read_unchanged(self):
        server = self.daemon(settings={"auto_whitelist_clients": 5})
        base = sqlite3.connect(server.tables.path)
        with base:
            base.executescript("""
                create table connect (sender_name text, sender_domain text, src text, rcpt text, first_seen integer);
                create table from_awl (sender_name text, sender_domain text, src text, first_seen integer,
                    last_seen integer, primary key (src, sender_domain, sender_name));
                create table domain_awl (sender_domain text, src text, first_seen integer, last_seen integer,
                    primary key (src, sender_domain));
                create table config (parameter text primary key, value text);""")
            base.execute("insert into connect values ('alice', 'example.org', '192.0.2', 'bob@example.net', ?)",
                         (int(time.time()) - 100,))
        base.close()
        text = self.explain(server, *MAIL)
        self.assertIn("early_reconnect", text)
        self.assertIn("there is no table client_awl yet", text)
        base = sqlite3.connect(server.tables.path)
        self.assertEqual(base.execute("select count(*) from sqlite_master where type = 'table'").fetchone(), (4,))
        base.close()

    def test_with_a_privacy_key_it_searches_by_hashes(self):
        key = os.path.join(self.directory, "key")
        with open(key, "w", encoding="ascii") as file:
            file.write("a key that is long enough\n")
        os.chmod(key, 0o644)
        server = self.start(privacy_key_file=key, reply_id="on")
        name = server.ask()[-9:-1]
        found = self.decision(server, *MAIL)
        self.assertEqual((found["name"], found["id"]), ("early_reconnect", name))
        self.assertEqual(self.decision(server, "--id", name)["id"], name)
        server.wait_for_log(r"grey: new: ")
        own = next(line for line in server.log().splitlines() if ": new: " in line)
        self.assertEqual(self.decision(server, "--log", own)["id"], name)

    def test_csv_is_a_table(self):
        rows = list(csv.reader(self.explain(self.start(), *MAIL, "--format", "csv").splitlines()))
        self.assertEqual(rows[0][:3], ["step", "name", "result"])
        self.assertEqual({len(row) for row in rows}, {8})

    def test_missing_or_wrong_arguments(self):
        server = self.daemon()
        for arguments, word in (((), "--client"), (MAIL[:4], "--sender"), (("--id", "x"), "--id"),
                                (("--log", "nothing"), "--log"), (("--id", "00000000", *MAIL), "--client"),
                                (("--client", "here", *MAIL[2:]), "IP address")):
            done = ctl.run(server, "explain", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(word, done.stderr)

    def test_hostile_texts_are_escaped(self):
        server = self.start()
        name = "\x1b[31m'; drop table connect; --\xff"
        with policy.Conversation(server.address) as talk:
            talk.ask(sender=name + "@example.org")
        for value in ("'; drop table connect; --@example.org", "=1+1@example.org", "\udcff@example.org", "a" * 900):
            done = ctl.run(server, "explain", *MAIL[:4], "--sender", value, "--recipient", value)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("\x1b", done.stdout)
        self.assertEqual(len(server.tables.rows("connect")), 1)


if __name__ == "__main__":
    case.main()
