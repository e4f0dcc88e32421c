"""Migrating from postgrey: databases of a real postgrey are dumped and imported; then our daemon lets pass what
postgrey trusted, and greylists the rest."""

import bz2
import gzip
import os
import re
import signal
import subprocess

from support import case, ctl, policy
from support.daemon import LIMIT, free_port, give_to_daemon, unprivileged, wait_until

POSTGREY = "/usr/sbin/postgrey"
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DELAY = 1
CLIENT = {"client_address": "192.0.2.10", "client_name": "mx1.example.org"}
TABLES = ("connect", "from_awl", "domain_awl")


class Postgrey:
    """Runs from `start` to `stop`. Its databases are in `directory`."""

    def __init__(self, directory, *options):
        os.makedirs(directory)
        give_to_daemon(directory)
        self.directory = directory
        self.address = ("127.0.0.1", free_port())
        user, group = unprivileged()
        self.log = open(os.path.join(directory, "..", f"postgrey.{self.address[1]}.log"), "ab")
        self.process = subprocess.Popen(
            [POSTGREY, f"--inet=127.0.0.1:{self.address[1]}", f"--dbdir={directory}", f"--user={user}",
             f"--group={group}", f"--delay={DELAY}", *options], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, cwd=directory)
        wait_until(self.answers, "postgrey answering")

    def answers(self):
        try:
            policy.connect(self.address).close()
            return True
        except OSError:
            return False

    def ask(self, **attributes):
        return policy.ask(self.address, **{**CLIENT, **attributes})

    def passes(self, **attributes):
        """Asks until the mail passes, so postgrey trusts it now."""
        first = self.ask(**attributes)
        if not first.startswith("DEFER"):
            raise AssertionError(f"not deferred at first: {first}")
        wait_until(lambda: not self.ask(**attributes).startswith("DEFER"), "postgrey lets a retry pass")

    def stop(self):
        """It handles TERM only between two events, so it is sent requests."""
        try:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                wait_until(lambda: self.process.poll() is not None or not self.answers(), "postgrey ends")
                self.process.wait(LIMIT)
        finally:
            self.process.kill()  # no effect if it has ended
            self.process.wait()
            self.log.close()

    def dump(self, name, *options):
        """The path of a file with db_dump's text of that database."""
        path = os.path.join(self.directory, "..", f"{name}.{self.address[1]}.txt")
        with open(path, "wb") as file:
            subprocess.run(["db_dump", *options, "-h", self.directory, name], stdout=file, check=True, timeout=LIMIT)
        return path


class ImportPostgrey(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need(POSTGREY, "postgrey")
        self.need("db_dump", "db-util")
        self.server = self.daemon()

    def postgrey(self, *options):
        server = Postgrey(os.path.join(self.directory, f"postgrey{len(options)}"), *options)
        self.addCleanup(server.stop)
        return server

    def imported(self, *arguments):
        done = ctl.run(self.server, "import", "postgrey", f"--delay={DELAY}", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return ctl.counts(done.stdout)

    def rows(self):
        return {table: self.server.tables.rows(table) for table in TABLES}

    def stopped_postgrey(self):
        """It trusts two senders and has one waiting."""
        postgrey = self.postgrey("--auto-whitelist-clients=0")
        postgrey.passes(sender="alice@example.org")
        postgrey.passes(sender="List-2026-11-Bob=example.net@lists.example.org", recipient="Bob@example.net")
        self.assertIn("DEFER", postgrey.ask(sender="carol@example.org"))
        postgrey.stop()
        return postgrey

    def test_what_postgrey_trusted_passes_and_the_rest_does_not(self):
        dump = self.stopped_postgrey().dump("postgrey.db", "-p")
        counts = self.imported(dump)
        self.assertEqual((counts["trusted"], counts["waiting"], counts["unreadable"]), (2, 1, 0))
        self.assertEqual((counts["from_awl"], counts["connect"]), (2, 1))
        self.server.start()
        ask = self.server.ask
        self.assertIn("from auto-whitelisted", ask(sender="alice@example.org"))
        self.assertIn("from auto-whitelisted", ask(sender="alice@example.org", recipient="eve@example.net"))
        self.assertIn("from auto-whitelisted", ask(sender="alice@example.org", client_address="192.0.2.99"),
                      "its neighbours too, as postgrey")
        self.assertIn("from auto-whitelisted", ask(sender="list-1999-01-bob=example.net@lists.example.org"),
                      "whatever the numbers")
        for stranger in ({"sender": "alice@example.com"}, {"sender": "dave@example.org"},
                         {"sender": "alice@example.org", "client_address": "198.51.100.1"}):
            self.assertIn("Greylisted", ask(**stranger), stranger)

    def stand_ins(self, **programs):
        """A directory of shell scripts, for PATH."""
        directory = os.path.join(self.directory, "programs")
        os.makedirs(directory)
        for name, text in programs.items():
            path = os.path.join(directory, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n{text}\n")
            os.chmod(path, 0o755)
        return directory

    def test_the_guides_commands_switch_from_postgrey_to_a_running_daemon(self):
        with open(os.path.join(TOP, "HOWTO.md"), encoding="utf-8") as file:
            [commands] = re.findall(r"(?ms)^```sh package postgrey\n(.*?)^```$", file.read())
        postgrey = self.postgrey()
        postgrey.passes(sender="alice@example.org")
        postgrey.stop()
        self.server.start()
        main_cf = os.path.join(self.directory, "main.cf")
        with open(main_cf, "w", encoding="utf-8") as file:
            file.write("smtpd_recipient_restrictions =\n    reject_unauth_destination,\n"
                       "    check_policy_service { inet:127.0.0.1:10023, default_action=DUNNO }\n")
        with open(os.path.join(self.directory, "master.cf"), "w", encoding="utf-8"):
            pass  # postconf wants to see it
        calls = os.path.join(self.directory, "calls")
        note = f'echo "$(basename "$0") $*" >>{calls}'
        path = self.stand_ins(sqlgreyctl=f'exec {" ".join(ctl.command(self.server))} "$@"', postfix=note, systemctl=note,
                              postconf=f'exec /usr/sbin/postconf -c {self.directory} "$@"')
        for real, here in (("/var/lib/sqlgrey", self.server.state), ("/var/lib/postgrey", postgrey.directory),
                           ("import postgrey", f"import postgrey --delay={DELAY}")):
            commands = commands.replace(real, here)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], capture_output=True, text=True, check=False,
                              timeout=LIMIT, env={**os.environ, "PATH": f"{path}:{os.environ['PATH']}"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(main_cf, encoding="utf-8") as file:
            self.assertRegex(file.read(), r"reject_unauth_destination,\s+check_policy_service \{ inet:127\.0\.0\.1:2501, "
                                          r"default_action=DUNNO \}")
        with open(calls, encoding="utf-8") as file:
            self.assertEqual(file.read(), "postfix reload\nsystemctl disable --now postgrey\n")
        self.assertIn("from auto-whitelisted", self.server.ask(sender="alice@example.org"))
        self.assertFalse(os.path.exists(os.path.join(self.server.state, "triplets.txt")))

    def test_waiting_senders_keep_their_first_attempt(self):
        self.imported(self.stopped_postgrey().dump("postgrey.db"))  # in hexadecimal
        self.server.start()
        first = self.server.tables.execute("select first_seen from connect")
        self.assertIn("Greylisted", self.server.ask(sender="carol@example.org"))
        self.assertEqual(self.server.tables.execute("select first_seen from connect"), first)
        self.server.tables.age("connect", 301)
        self.assertRegex(self.server.ask(sender="carol@example.org"), r"delayed 00:05:\d\d")

    def test_clients_that_postgrey_trusted_pass_with_any_sender(self):
        postgrey = self.postgrey("--auto-whitelist-clients=1", "--verbose")
        postgrey.passes(sender="alice@example.org")
        self.assertEqual(postgrey.ask(sender="anybody@example.org"), "DUNNO")
        postgrey.stop()
        files = [postgrey.dump("postgrey.db", "-p"), postgrey.dump("postgrey_clients.db", "-p")]
        counts = self.imported("--auto-whitelist-clients=1", *files)
        self.assertEqual((counts["trusted"], counts["not usable"], counts["client_awl"]), (1, 1, 0), "not switched on")
        self.server.configure(auto_whitelist_clients=4)
        counts = self.imported("--auto-whitelist-clients=1", *files)
        self.assertEqual((counts["trusted"], counts["not usable"]), (2, 0))
        self.assertGreaterEqual(counts["client_awl"], 1)
        self.server.start()
        self.assertIn("client auto-whitelisted", self.server.ask(sender="nobody.yet@example.org", **CLIENT))
        self.assertIn("Greylisted", self.server.ask(sender="nobody.yet@example.org", client_address="203.0.113.5"))

    def test_importing_again_changes_nothing_and_a_dry_run_writes_nothing(self):
        dump = self.stopped_postgrey().dump("postgrey.db", "-p")
        told = self.imported("--dry-run", dump)
        self.assertFalse(os.path.exists(self.server.tables.path))
        self.assertEqual(self.imported(dump), told)
        rows = self.rows()
        again = self.imported(dump)
        self.assertEqual((again["trusted"], again["waiting"]), (2, 1))
        self.assertEqual((again["from_awl"], again["connect"]), (0, 0))
        self.assertEqual(self.rows(), rows)
        self.assertEqual(self.imported("--dry-run", dump), again)

    def test_the_daemon_may_run_and_its_newer_rows_stay(self):
        dump = self.stopped_postgrey().dump("postgrey.db", "-p")
        self.imported(dump)
        self.server.start()
        self.server.tables.execute("update from_awl set last_seen = last_seen + 1000, first_seen = first_seen - 1000")
        rows = self.rows()
        self.imported(dump)
        self.assertEqual(self.rows(), rows)

    def test_the_file_it_makes_is_the_daemons(self):
        self.need_root("only root has to become somebody else")
        self.imported(self.stopped_postgrey().dump("postgrey.db", "-p"))
        self.server.start()
        self.assertIn("Greylisted", self.server.ask(sender="new@example.org"))

    def test_networks_are_not_imported_where_whole_addresses_count(self):
        dump = self.stopped_postgrey().dump("postgrey.db", "-p")
        self.server.configure(greymethod="full")
        counts = self.imported(dump)
        self.assertEqual((counts["not usable"], counts["from_awl"], counts["connect"]), (3, 0, 0))

    def test_with_whole_addresses_the_address_passes(self):
        postgrey = self.postgrey("--lookup-by-host", "--auto-whitelist-clients=0")
        postgrey.passes(sender="alice@example.org")
        postgrey.stop()
        dump = postgrey.dump("postgrey.db", "-p")
        self.server.configure(greymethod="full")
        self.assertEqual(self.imported(dump)["from_awl"], 1)
        self.assertEqual(self.imported("--lookup-by-host", dump)["from_awl"], 0, "nothing new")
        self.server.start()
        self.assertIn("from auto-whitelisted", self.server.ask(sender="alice@example.org", **CLIENT))
        self.assertIn("Greylisted", self.server.ask(sender="alice@example.org", client_address="192.0.2.11"))

    def test_hashed_records_are_counted_as_not_usable(self):
        postgrey = self.postgrey("--privacy", "--auto-whitelist-clients=0")
        postgrey.passes(sender="alice@example.org")
        postgrey.stop()
        done = ctl.run(self.server, "import", "postgrey", postgrey.dump("postgrey.db", "-p"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^  not usable +1  .*--privacy")

    def test_the_database_file_itself_is_refused_with_what_to_do(self):
        postgrey = self.stopped_postgrey()
        for path in (os.path.join(postgrey.directory, "postgrey.db"), os.devnull):
            done = ctl.run(self.server, "import", "postgrey", path)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(path, done.stderr)
            self.assertIn("db_dump -p", done.stderr)

    def test_standard_input_is_read_and_unreadable_records_are_counted(self):
        with open(self.stopped_postgrey().dump("postgrey.db", "-p"), "rb") as file:
            dump = file.read()
        broken = dump.replace(b"HEADER=END\n", b"HEADER=END\n nonsense\n 1,2\n \\x\n 1,2\n")
        done = ctl.run(self.server, "import", "postgrey", f"--delay={DELAY}", "-", stdin=broken)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(ctl.counts(done.stdout)["trusted"], 2)
        self.assertRegex(done.stdout, r"(?m)^  unreadable +2  standard input:6, standard input:8$")
        cut = dump[:dump.rindex(b"DATA=END")]
        done = ctl.run(self.server, "import", "postgrey", f"--delay={DELAY}", "-", stdin=cut)
        self.assertEqual(done.returncode, 1)
        self.assertIn("DATA=END", done.stderr)
        self.assertEqual(ctl.counts(done.stdout)["trusted"], 2)

    def test_a_gzip_compressed_dump_is_read_and_other_files_are_reported(self):
        with open(self.stopped_postgrey().dump("postgrey.db", "-p"), "rb") as file:
            dump = file.read()
        path = os.path.join(self.directory, "given")

        def run(content):
            with open(path, "wb") as file:
                file.write(content)
            return ctl.run(self.server, "--dry-run", "import", "postgrey", f"--delay={DELAY}", path)

        done = run(gzip.compress(dump))
        self.assertEqual((done.returncode, done.stderr, ctl.counts(done.stdout)["trusted"]), (0, "", 2))
        header = dump[:dump.index(b"HEADER=END")] + b"HEADER=END\n"
        for content, word in ((b"", "db_dump -p"), (b"root:x:0:0\n", "db_dump -p"), (os.urandom(5000), "db_dump -p"),
                              (header + b" key\n value\n" * 9 + b"DATA=END\n", "another database"),
                              (bz2.compress(dump), "bzip2 -dc"), (gzip.compress(dump)[:100], "missing"),
                              (header, "no end")):
            done = run(content)
            self.assertEqual(done.returncode, 1, content[:40])
            self.assertRegex(done.stderr, f"^sqlgreyctl: {path}: .*{word}.*\n$")
        self.assertEqual(run(header + b"DATA=END\n").returncode, 0, "a postgrey that has seen nobody")


if __name__ == "__main__":
    case.main()
