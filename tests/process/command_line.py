"""The command line: output, errors and exit status."""

import os
import re
import signal
import socket
import subprocess

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case
from support.daemon import LIMIT, alive, give_to_daemon, wait_until


class CommandLine(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon()

    def tearDown(self):
        self.server.stop()
        wait_until_none_is_left()

    def run_alone(self, *arguments):
        return subprocess.run([self.binary, *arguments], capture_output=True, text=True, check=False, timeout=LIMIT,
                              stdin=subprocess.DEVNULL)

    def refuses(self, *words, arguments=(), server=None):
        """It must exit by itself with status 1 or 2 and print all of the words on standard error."""
        done = (server or self.server).run(*arguments)
        self.assertIn(done.returncode, (1, 2), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("terminate called", done.stderr)
        return done

    def test_help_version_and_man_exit_with_status_0(self):
        for arguments, word in ((["--help"], "reconnect_delay"), (["-h"], "--daemonize"), (["--version"], "sqlgrey"),
                                (["--man"], "sqlgrey.conf")):
            done = self.run_alone(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertIn(word, done.stdout)

    def test_an_unknown_option_is_refused_by_name(self):
        done = self.run_alone("--frobnicate")
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("frobnicate", done.stderr)

    def test_a_configuration_file_given_with_f_must_exist(self):
        done = self.run_alone("-f", os.path.join(self.directory, "absent.conf"))
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("absent.conf", done.stderr)

    def test_an_invalid_value_is_reported_with_file_and_line(self):
        self.server.configure(reconnect_delay="soon")
        line = list(self.server.settings).index("reconnect_delay") + 1
        self.refuses(f"{self.server.config_file}:{line}", "reconnect_delay", "soon")

    def test_an_unknown_name_is_a_warning(self):
        self.server.configure(recconnect_delay="5")
        self.server.start()
        self.server.wait_for_log("recconnect_delay")

    def test_check_config_does_not_start_the_daemon(self):
        done = self.server.run("--check-config")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.server.configure(greymethod="clever")
        self.refuses("greymethod", "clever", arguments=["--check-config"])
        self.assertFalse(os.path.exists(self.server.tables.path))

    def check(self, *more):
        """Exit status and output, with the shipped lists installed."""
        for name in ("clients_ip_whitelist", "clients_fqdn_whitelist"):
            self.server.list_file(name, "")
        done = self.server.run("--check-config", *more)
        return done.returncode, done.stderr

    def test_check_config_says_how_clients_are_told_apart(self):
        self.assertIn("clients: greymethod = smart, pools = off\n", self.server.run("--check-config").stdout)
        self.server.configure(pools="on", greymethod="classc")
        told = self.server.run("--check-config").stdout
        self.assertIn("clients: greymethod = classc, pools = on\n", told)
        self.assertRegex(told, r"clients: public suffix list /usr/share/publicsuffix/\S+, \d+ days old; names of customers by "
                               r"the expression that is shipped\n")
        self.server.list_file("pool_customers.regexp", "vps")
        self.assertRegex(self.server.run("--check-config").stdout, r"names of customers by /\S+/pool_customers.regexp\n")
        self.server.configure(public_suffix_list="/nonexistent/list")
        self.assertRegex(self.server.run("--check-config").stdout, r"public suffix list built into libpsl, \d+ days old;")

    def test_check_config_warns_of_public_resolvers_if_lists_are_asked(self):
        def told(**settings):
            self.server.configure(**{"enrich": "on", "dns_servers": "127.0.0.1, 8.8.8.8, [2606:4700:4700::1111]:53",
                                     "dnsbl": "zen.spamhaus.org", **settings})
            done = self.server.run("--check-config")
            self.assertEqual(done.returncode, 0, done.stderr)
            return re.findall("dns_servers: (.*) is a public resolver [(](.*)[)], which DNS lists refuse", done.stderr)
        self.assertEqual(told(), [("8.8.8.8", "Google"), ("2606:4700:4700:0000:0000:0000:0000:1111", "Cloudflare")])
        self.assertEqual(told(dns_servers="127.0.0.1"), [])
        self.assertEqual(told(dnsbl=None), [])

    def test_check_config_strict_treats_warnings_as_errors(self):
        self.assertEqual(self.check("--strict"), (0, ""))
        self.server.configure(unix_mode="0660")
        self.assertEqual(self.check()[0], 0)
        status, said = self.check("--strict")
        self.assertEqual(status, 1)
        self.assertIn("warning: unix_mode has no effect", said)

    def test_check_config_reports_entries_and_names_of_lists(self):
        self.server.list_file("whitelist_client.local", "192.0.2.0/24\n")
        status, said = self.check()
        self.assertEqual(status, 0)
        self.assertIn("did you mean whitelist_clients.local?", said)
        self.assertEqual(self.check("--strict")[0], 1)
        self.server.list_file("blacklist_clients.local", "192.0.2.1\n10.0.0.0/0\n")
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertRegex(said, r"conf: error: .*/blacklist_clients\.local:2: \"10\.0\.0\.0/0\" is skipped")

    def test_check_config_reads_lists_as_the_daemons_user(self):
        self.need_root("the daemon must be another user than the one who checks")
        for name in ("whitelist_clients", "blacklist_senders.local"):
            self.server.list_file(name, "example.org\n")
            path = os.path.join(self.server.conf_dir, name)
            self.assertEqual(self.check(), (0, ""))
            os.chmod(path, 0o600)
            os.chown(path, 0, 0)
            status, said = self.check()
            self.assertEqual(status, 1)
            self.assertIn(f"conf: error: {path}: Permission denied; its entries are not in effect", said)
            os.unlink(path)

    def test_check_config_checks_the_directory_of_sqlite(self):
        missing = os.path.join(self.directory, "missing")
        self.server.configure(db_name=os.path.join(missing, "db"))
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn(f"there is no directory {missing}; create it", said)
        self.need_root("the daemon must be another user than the one who checks")
        os.mkdir(missing, 0o755)
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn(f"cannot write into the directory {missing}: Permission denied", said)
        give_to_daemon(missing)
        self.assertEqual(self.check(), (0, ""))
        with open(os.path.join(missing, "db"), "w", encoding="ascii"):
            os.chmod(os.path.join(missing, "db"), 0o600)
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn(f"cannot read and write {missing}/db: Permission denied", said)

    def test_a_server_without_db_type_is_reported_at_the_start(self):
        self.server.configure(db_user="sqlgrey", db_type=None)
        self.server.start()
        self.server.wait_for_log("without db_type the database is SQLite")

    def test_a_port_in_use_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", self.server.port))
            taken.listen()
            self.refuses(str(self.server.port), "in use")

    def test_an_address_of_another_machine_is_named(self):
        self.server.configure(inet="192.0.2.1:2501")
        self.refuses("192.0.2.1:2501")

    def test_a_pid_file_that_cannot_be_written_is_named(self):
        path = os.path.join(self.directory, "no", "such", "directory", "pid")
        self.refuses(path, arguments=["--pidfile", path])
        self.refuses(path, arguments=["--daemonize", "--pidfile", path])

    def test_a_unix_socket_that_cannot_be_created_is_named(self):
        path = os.path.join(self.directory, "absent", "socket")
        self.server.configure(unix=path)
        self.refuses(path)

    def test_a_missing_database_directory_is_named_and_mail_passes(self):
        path = os.path.join(self.directory, "absent", "sqlgrey.db")
        self.server.configure(db_name=path)
        self.server.start()
        self.assertEqual(self.server.ask(), "dunno")
        self.server.wait_for_log("dbaccess: .*" + path)

    def test_a_missing_user_is_named(self):
        self.need_root("only root changes user")
        self.server.configure(user="no-such-user")
        self.refuses("no-such-user")
        self.server.configure(user="nobody", group="no-such-group")
        self.refuses("no-such-group")

    def test_privileges_are_dropped_permanently(self):
        self.need_root("only root has some to drop")
        self.server.start()
        for pid in [self.server.process.pid, *self.server.children()]:
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
            self.assertEqual(status["Uid"].split(), ["65534"] * 4)
            self.assertEqual(status["Gid"].split(), ["65534"] * 4)
            self.assertEqual(status["Groups"].split(), ["65534"])
            self.assertEqual(int(status["CapEff"], 16) | int(status["CapPrm"], 16), 0)

    def pid(self):
        with open(self.server.pid_file, encoding="ascii") as file:
            return int(file.read())

    def test_daemonize_returns_when_requests_are_answered_and_kill_when_it_is_gone(self):
        done = self.server.run("--daemonize")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.server.reachable(), "the command is back, so it serves")
        pid = self.pid()
        try:
            self.assertEqual(os.getsid(pid), pid, "it has a session of its own")
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/0"), "/dev/null")
            self.assertIn("Greylisted", self.server.ask())
        finally:
            done = self.server.run("--kill")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(alive(pid), "the command is back, so it is gone")
        self.assertFalse(self.server.reachable())
        self.assertTrue(not os.path.exists(self.server.pid_file) or os.path.getsize(self.server.pid_file) == 0)

    def test_daemonize_closes_the_terminal(self):
        """A program that waits for the end of the command's output (ssh, a script with a pipe) must not wait
        forever."""
        done = subprocess.Popen(self.server.command("--daemonize"), cwd=self.server.state, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            # No output, except for a warning where there is no syslog daemon.
            self.assertRegex(done.communicate(timeout=LIMIT)[0], r"^(sqlgrey: warning: no syslog daemon .*\n)?$")
        finally:
            done.kill()
            self.server.run("--kill")

    def test_daemonize_reports_errors_on_the_terminal(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", self.server.port))
            taken.listen()
            self.refuses(str(self.server.port), arguments=["--daemonize"])

    def test_a_second_daemon_on_the_same_pid_file_is_refused(self):
        self.assertEqual(self.server.run("--daemonize").returncode, 0)
        pid = self.pid()
        try:
            second = self.daemon("second", settings={"pidfile": self.server.pid_file})
            self.refuses(self.server.pid_file, str(pid), arguments=["--daemonize"], server=second)
            self.assertTrue(self.server.reachable())
        finally:
            self.server.run("--kill")
        wait_until(lambda: not alive(pid), "the first is gone")

    def test_kill_without_a_daemon(self):
        self.refuses(self.server.pid_file, arguments=["--kill"])

    def test_kill_does_not_signal_another_process(self):
        stranger = subprocess.Popen(["sleep", "600"])
        try:
            with open(self.server.pid_file, "w", encoding="ascii") as file:
                file.write(f"{stranger.pid}\n")
            self.refuses("not running", arguments=["--kill"])
            self.assertIsNone(stranger.poll())
        finally:
            stranger.kill()
            stranger.wait()

    def test_a_stale_pid_file_does_not_matter(self):
        with open(self.server.pid_file, "w", encoding="ascii") as file:
            file.write("1\n")
        self.assertEqual(self.server.run("--daemonize").returncode, 0)
        self.assertEqual(self.server.run("--kill").returncode, 0)

    def test_the_socket_of_a_dead_daemon_is_replaced_that_of_a_running_one_is_not(self):
        path = os.path.join(self.server.state, "socket")
        self.server.configure(unix=path)
        self.server.start()
        second = self.daemon("second", settings={"unix": path})
        self.refuses(path, server=second)
        self.server.stop(signal.SIGKILL)
        wait_until_none_is_left()
        self.assertTrue(os.path.exists(path))
        self.server.start()


if __name__ == "__main__":
    adopt_orphans()
    case.main()
