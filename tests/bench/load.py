"""The load generator: it counts exactly what was answered, in each workload. Speed is not judged."""

import json
import subprocess

from support import case
from support.daemon import LIMIT
from support.ports import free_port



class Load(case.DaemonCase):
    def run_load(self, server, workload, requests, connections=20, port=None, more=()):
        done = subprocess.run([self.load, "--json", "--inet", f"127.0.0.1:{port or server.port}", *more, "--workload", workload,
                               "--requests", str(requests), "--connections", str(connections), "--known", "500"],
                              capture_output=True, text=True, check=False, timeout=LIMIT)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def test_new_mail_is_deferred_and_each_is_a_row(self):
        server = self.start()
        result = self.run_load(server, "new", 2000)
        self.assertEqual((result["requests"], result["deferred"], result["reconnects"]), (2000, 2000, 0))
        self.assertEqual(server.tables.count("connect"), 2000)

    def test_as_a_mail_server_that_has_a_milter(self):
        port = free_port()
        server = self.start(milter=f"inet:127.0.0.1:{port}")
        result = self.run_load(server, "new", 2000, port=port, more=["--milter"])
        self.assertEqual((result["requests"], result["deferred"], result["reconnects"]), (2000, 2000, 0))
        self.assertEqual(server.tables.count("connect"), 2000)
        server.tables.age("connect", 301)
        self.assertEqual(self.run_load(server, "new", 2000, port=port, more=["--milter"])["passed"], 2000)

    def test_each_connection_has_a_share(self):
        server = self.start()
        result = self.run_load(server, "new", 2000)
        self.assertEqual((result["connections"], result["unanswered"], result["share_mean"]), (20, 0, 100))
        self.assertLessEqual(1, result["share_least"])
        self.assertLessEqual(result["share_least"], 100)
        self.assertLessEqual(100, result["share_most"])
        few = self.run_load(server, "new", 5)
        self.assertEqual((few["unanswered"], few["share_least"], few["share_most"]), (15, 0, 1))

    def test_a_dictionary_is_one_sender_and_ever_new_recipients(self):
        server = self.start()
        self.assertEqual(self.run_load(server, "dictionary", 500)["deferred"], 500)
        self.assertEqual(server.tables.execute("select count(*), count(distinct rcpt), count(distinct src),"
                                               " count(distinct sender_name || '@' || sender_domain) from connect"),
                         [(500, 500, 1, 1)])

    def test_known_mail_passes(self):
        server = self.start()
        server.ask()
        known = subprocess.run([self.load, "--print-awl", "--known", "500"], capture_output=True, text=True, check=True,
                               timeout=LIMIT)
        server.tables.many("insert into from_awl(sender_name, sender_domain, src, first_seen, last_seen)"
                           " values (?, ?, ?, strftime('%s', 'now'), strftime('%s', 'now'))",
                           [line.split("\t") for line in known.stdout.splitlines()])
        self.assertEqual(self.run_load(server, "awl", 2000)["passed"], 2000)
        mixed = self.run_load(server, "mixed", 2000)
        self.assertEqual(mixed["passed"] + mixed["deferred"], 2000)
        self.assertGreater(mixed["passed"], 1200)
        self.assertGreater(mixed["deferred"], 400)

    def test_a_server_that_is_not_there_is_an_error(self):
        server = self.daemon()
        done = subprocess.run([self.load, "--inet", f"127.0.0.1:{server.port}", "--requests", "1"], capture_output=True,
                              text=True, check=False, timeout=LIMIT)
        self.assertEqual(done.returncode, 1)
        self.assertIn("refused", done.stderr)


if __name__ == "__main__":
    case.main("load")
