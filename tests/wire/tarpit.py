"""The tarpit as a policy client sees it: who waits, how many at once over all workers, what logs and metrics say, and
what hostile requests at DATA do."""

import json
import os
import signal

from support import case, ctl, metrics, milter, policy
from support.daemon import wait_until

SLEEPS = "SLEEP 60, DEFER_IF_PERMIT"
DEFERRED = "defer_if_permit Greylisted for 5 minutes"
DYNAMIC = {"client_address": "198.51.100.23", "client_name": "198-51-100-23.dsl.example.com"}


class Tarpit(case.DaemonCase):
    number = 0

    def begin(self, **settings):
        self.place = os.path.join(self.directory, "daemon", "state", "metrics")
        self.server = self.daemon(settings={"tarpit": "60s", "workers": 2, "metrics_listen": self.place,
                                            **settings}).start()

    def ask(self, talk=None, **attributes):
        """About a new sender and message."""
        self.number += 1
        request = {**DYNAMIC, "sender": f"s{self.number}@d{self.number}.example", "instance": f"i{self.number}",
                   **attributes}
        return talk.ask(**request) if talk else self.server.ask(**request)

    def reload(self):
        before = set(self.server.children())
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not before & set(self.server.children()), "only new children")

    def counted(self, result):
        return metrics.scrape(self.place)[f'sqlgrey_tarpit_total{{result="{result}"}}']

    def test_places_are_of_all_workers_together(self):
        self.begin(tarpit_clients=3)
        talks = [policy.Conversation(self.server.address) for _ in range(4)]  # some at each worker
        for talk in talks:
            self.addCleanup(talk.close)
        replies = [self.ask(talks[i % 4]) for i in range(12)]
        self.assertEqual(replies, 3 * [SLEEPS] + 9 * [DEFERRED])
        self.assertEqual((self.counted("slept"), self.counted("full")), (3, 9))
        self.assertEqual(metrics.scrape(self.place)["sqlgrey_tarpit_clients"], 3)
        self.reload()
        self.assertEqual(self.ask(), DEFERRED)

    def test_nobody_waits_under_stress_and_mail_servers_never(self):
        self.begin()
        self.assertEqual(self.ask(stress="yes"), DEFERRED)
        self.assertEqual(self.ask(client_name="mx1.example.org", client_address="192.0.2.7"), DEFERRED)
        self.assertEqual(self.ask(policy_context="exim"), DEFERRED)  # our ACL takes SLEEP for a pass
        self.assertEqual(self.ask(stress=""), SLEEPS)
        self.assertEqual(self.ask(client_name="unknown"), SLEEPS)

    def test_a_mail_server_at_the_milter_front_is_never_told_to_wait(self):
        place = os.path.join(self.directory, "daemon", "state", "milter")
        self.begin(milter=f"unix:{place}", tarpit_when="all", targrey="on")
        with milter.Conversation(place) as talk:
            talk.connect(DYNAMIC["client_address"], DYNAMIC["client_name"])
            talk.mail()
            self.assertIn("Greylisted for 5 minutes", talk.rcpt())
        self.assertEqual((self.counted("slept"), self.counted("full")), (0, 0))

    def test_a_line_and_a_number_in_json(self):
        self.begin(log_format="json")
        self.ask(sender="ann@example.org")
        self.server.wait_for_log('"verdict": "first_attempt"')
        lines = [json.loads(line) for line in self.server.log().splitlines() if '"verdict"' in line]
        self.assertEqual([(one["action"], one["sleep"]) for one in lines], [("defer", 60)])

    def test_explain_shows_the_reply(self):
        self.begin()
        done = ctl.run(self.server, "explain", "--client", DYNAMIC["client_address"], "--name",
                       DYNAMIC["client_name"], "--sender", "ann@example.org", "--recipient", "bob@example.net")
        self.assertIn(SLEEPS, done.stdout, done.stderr)
        self.assertIn("Postfix waits 1 minute with the reply (tarpit).", " ".join(done.stdout.split()))
        self.assertEqual(self.counted("slept"), 0)
        self.server.stop()
        self.server.configure(targrey="on")
        self.server.start()
        done = ctl.run(self.server, "explain", "--client", DYNAMIC["client_address"], "--name",
                       DYNAMIC["client_name"], "--sender", "ann@example.org", "--recipient", "bob@example.net")
        self.assertIn("passes if its client waits (targrey)", " ".join(done.stdout.split()), done.stderr)

    def test_targrey_with_hostile_requests_at_data(self):
        self.begin(targrey="on")
        talk = policy.Conversation(self.server.address)
        self.addCleanup(talk.close)
        self.assertEqual(self.ask(talk, instance="m1"), "SLEEP 60")
        for attributes in ({"instance": ""}, {"instance": None}, {"instance": "m2"}, {"instance": "m" * 600},
                           {"instance": "m1", "client_address": "nobody"}, {"instance": "m1\xff"}):
            self.assertEqual(self.ask(talk, protocol_state="DATA", recipient="", **attributes), "dunno", attributes)
            other = policy.Conversation(self.server.address)
            self.assertEqual(self.ask(other, protocol_state="DATA", recipient="", **attributes), "dunno", attributes)
            other.close()
        other = policy.Conversation(self.server.address)  # knows nothing of the message
        self.assertEqual(self.ask(other, protocol_state="DATA", recipient="", instance="m1"), "dunno")
        other.close()
        self.assertEqual(self.server.tables.count("from_awl"), 0)
        self.assertRegex(self.ask(talk, protocol_state="DATA", recipient="", instance="m1"),
                         "^PREPEND X-Greylist: delayed 00:01:00 by SQLgrey-")
        self.assertEqual(self.server.tables.count("from_awl"), 1)

    def test_a_reload_between_recipients_and_data_keeps_the_message(self):
        self.begin(targrey="on")
        talk = policy.Conversation(self.server.address)
        self.addCleanup(talk.close)
        self.assertEqual(self.ask(talk, sender="ann@example.org", instance="m1"), "SLEEP 60")
        self.reload()
        self.assertRegex(self.ask(talk, sender="ann@example.org", protocol_state="DATA", recipient="", instance="m1"),
                         "^PREPEND X-Greylist: delayed 00:01:00 by SQLgrey-")

    def test_five_hundred_suspects_leave_others_their_answers(self):
        self.begin(tarpit_clients=500)
        talks = [policy.Conversation(self.server.address) for _ in range(500)]
        for talk in talks:
            self.addCleanup(talk.close)
        self.assertEqual({self.ask(talk) for talk in talks}, {SLEEPS})
        self.assertEqual(metrics.scrape(self.place)["sqlgrey_tarpit_clients"], 500)
        self.assertEqual(self.ask(client_name="mx1.example.org", client_address="192.0.2.7"), DEFERRED)
        self.assertEqual(self.ask(), DEFERRED)


if __name__ == "__main__":
    case.main()
