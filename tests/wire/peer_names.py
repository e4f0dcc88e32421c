"""Perl SQLgrey 1.8 and ours make the same rows of the same senders, recipients and clients, so that existing tables
go on working."""

from support import case
from peer import SideBySide

SENDERS = """
alice
alice@
ALICE@Example.ORG
a@b@c.example
prvs=1234567890=alice@example.org
btv1==489040e8aa2==mailbox@example.org
srs0=abcd=zz=example.com=joe@forwarder.example
SRS0=AbCd=Zz=example.com=Joe@forwarder.example
srs1=abcd=host.example==hash=tt=example.com=joe@forwarder.example
srs0+abcd=zz=example.com=joe@forwarder.example
bounces+11519429-5c78-my=email.com@example.org
list-bounces-bob=example.net@lists.example
bob=example.net-owner@lists.example
owner-example.net=bob@lists.example
return-bob@lists.example
bobby-list@lists.example
bounce-md_10612303.5adf1f70.v1-0f66@mandrill.example
msprvs1=20412abc=bounces-123-45@example.org
01000156e5986888-b6a0e7cf-dc11-4c3c-be7b-06d369aed7a1-000000@ses.example
decade-face-news@example.org
bo-abc.def@example.org
rebo.zz@example.org
notice-return-12345@example.org
notice-reply-abc_def@example.org
bounce-what?ever@example.org
news-2024-12-31@example.org
0badcafe-something-else@example.org
12.news.34@example.org
x/12/34@example.org
a_1_b_2c_d@example.org
user+tag@example.org
+tag@example.org
a+b+c@example.org
-undef-@example.org
"quoted name"@example.org
o'neil@example.org
back\\slash@example.org
per%cent@example.org
hash#mark@example.org
question?mark@example.org
""".strip().splitlines() + ["", "n" * 70 + "@example.org", "n@" + "d" * 270, "12-" * 30 + "@example.org",
                            "x-1" * 21 + "-5555@example.org"]

CLIENTS = """
192.0.2.31 unknown
192.0.2.31 mail.example.org
192.0.2.31 example.org
192.0.2.31 host31.example.org
192.0.2.31 srv31.example.org
192.0.2.31 srv131.example.org
192.0.2.31 p031.pool.example.org
192.0.2.31 192-0-2-31.dsl.example.org
192.0.2.31 31.2.0.192.example.org
192.0.2.31 mail31.example.org
192.0.2.31 x31-a.example.org
192.0.2.31 31a.example.org
192.0.2.31 dyn.example.org
192.0.2.31 customer.example.org
192.0.2.31 static.example.org
192.0.2.31 adsl-7.example.org
192.0.2.31 outbound-3.example.org
192.0.2.31 MAIL.EXAMPLE.ORG
2001:db8::1 unknown
2001:db8::1 mail.example.org
2001:db8:0:0:211:22ff:fe33:4455 mail.example.org
2001:db8::211:22ff:fe33:4455 mail.example.org
2001:db8::211:22ff:fe33:4455 unknown
fe80::211:22ff:fe33:4455 mail.example.org
2001:db8:a:b::c mail.example.org
""".strip().splitlines()


class Names(SideBySide):
    def test_senders_are_stored_and_deverped_alike(self):
        self.both(group_domain_level=0)
        recipients = ("bob@example.net", "b.ob@sub.example.net")
        for sender in SENDERS:
            for recipient in recipients:
                self.ask(sender=sender, recipient=recipient)
        self.compare_tables()
        self.pass_time(301)
        # Last: for names with _ or % Perl deletes other senders' rows.
        for sender in sorted(SENDERS, key=lambda name: ("_" in name) + ("%" in name)):
            for recipient in recipients:
                self.ask(sender=sender, recipient=recipient)
        self.assertEqual(sorted(self.perl.tables.keys("from_awl")), sorted(self.ours.tables.keys("from_awl")))

    def test_recipients_are_stored_alike(self):
        self.both()
        for recipient in ("BOB@Example.NET", "bob@example.net", "postmaster", "r" * 300 + "@x.example",
                          "a@b@c", "o'neil@example.net"):
            self.ask(recipient=recipient)
        self.compare_tables()

    def test_clients_get_the_same_identity(self):
        for method in ("smart", "classc", "full"):
            with self.subTest(method=method):
                self.both(greymethod=method, debian_patterns=True)
                for number, line in enumerate(CLIENTS):
                    address, name = line.split()
                    self.ask(client_address=address, client_name=name, recipient=f"r{number}@example.net")
                self.compare_tables()


if __name__ == "__main__":
    case.main()
