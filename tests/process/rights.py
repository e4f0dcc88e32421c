"""What root does before it drops privileges: it follows no path that others can change. And what the daemon keeps:
descriptors, privileges, names."""

import glob
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case, policy, syslog
from support.daemon import LIMIT, alive, free_port, give_to_daemon, unprivileged, wait_until


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def shown(pid):
    """As shown by ps."""
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().rstrip(b"\0").replace(b"\0", b" ").decode()


class Rights(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("only root has rights to lose")
        self.addCleanup(wait_until_none_is_left)
        self.theirs = os.path.join(self.directory, "theirs")
        os.mkdir(self.theirs)
        give_to_daemon(self.theirs)
        self.socket_path = os.path.join(self.theirs, "s")

    def test_the_socket_is_created_with_its_mode(self):
        for mode in ("0666", "0600", "0660", "0000"):
            server = self.daemon(mode, settings={"unix": self.socket_path, "unix_mode": mode}).start()
            self.assertEqual(stat.S_IMODE(os.stat(self.socket_path).st_mode), int(mode, 8))
            self.assertEqual(server.stop(), 0)
            self.assertFalse(os.path.lexists(self.socket_path))

    def test_no_mode_is_set_by_path(self):
        self.need("strace", "strace")
        trace = os.path.join(self.directory, "trace")
        server = self.daemon(settings={"unix": self.socket_path})
        command = ["strace", "-f", "-o", trace, "-e", "trace=chmod,fchmodat,chown,lchown,fchownat,setresuid,mknod,link,"
                   "rename,renameat2", *server.command()]
        process = subprocess.Popen(command, cwd=server.state, env=server.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: server.reachable() and "Greylisted" in server.ask(), "an answer")
        finally:
            process.send_signal(signal.SIGTERM)
            daemon = [int(line.split()[0]) for line in open(trace, encoding="ascii") if "setresuid(" in line]
            for pid in daemon:
                os.kill(pid, signal.SIGTERM)
            process.wait(LIMIT)
        with open(trace, encoding="ascii") as file:
            calls = [line for line in file if re.match(r"\d+ +(\w+)\(", line)]
        before = []
        for call in calls:
            if "setresuid(65534" in call:
                break
            before.append(call)
        else:
            self.fail("it never became another")
        self.assertEqual(before, [])

    def test_links_put_in_place_of_the_socket_do_no_harm(self):
        """The account replaces its socket, as soon as it exists, by a link to a file of root's."""
        secret = os.path.join(self.directory, "secret")
        with open(secret, "w", encoding="ascii") as file:
            file.write("of root\n")
        os.chmod(secret, 0o600)
        account = pwd.getpwnam(unprivileged()[0])
        attacker = os.fork()
        if attacker == 0:
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            link = os.path.join(self.theirs, "link")
            while True:
                try:
                    if not os.path.lexists(link):
                        os.symlink(secret, link)
                    if stat.S_ISSOCK(os.lstat(self.socket_path).st_mode):
                        os.rename(link, self.socket_path)
                    else:
                        os.unlink(self.socket_path)
                except OSError:
                    pass
        try:
            for number in range(12):
                server = self.daemon(f"d{number}", settings={"unix": self.socket_path, "workers": 1}).start(wait=False)
                wait_until(lambda: server.process.poll() is not None or server.reachable(), "started, or not")
                server.stop()
        finally:
            os.kill(attacker, signal.SIGKILL)
            os.waitpid(attacker, 0)
        self.assertEqual(stat.S_IMODE(os.stat(secret).st_mode), 0o600)
        with open(secret, encoding="ascii") as file:
            self.assertEqual(file.read(), "of root\n")

    def test_root_follows_no_link_to_a_password(self):
        secret = os.path.join(self.directory, "shadow")
        with open(secret, "w", encoding="ascii") as file:
            file.write("something of root's\n")
        os.chmod(secret, 0o600)
        server = self.daemon()
        for place, fails in ((self.theirs, True), (self.directory, False)):
            link = os.path.join(place, "key")
            os.symlink(secret, link)
            server.configure(privacy_key_file=link)
            done = server.run("--check-config")
            self.assertEqual(done.returncode, 1 if fails else 0, done.stderr)
            self.assertEqual("symbolic link" in done.stderr, fails, done.stderr)
            self.assertNotIn("something", done.stderr)

    def test_closed_standard_descriptors_are_opened(self):
        server = self.daemon(settings={"workers": 1})

        def close():
            for descriptor in (0, 1, 2):
                os.close(descriptor)

        server.process = subprocess.Popen([*server.command(), "--pidfile", server.pid_file], cwd=server.state,
                                          env=server.environment(), preexec_fn=close)
        wait_until(lambda: server.reachable() and "Greylisted" in server.ask(), "an answer")
        for pid in (server.process.pid, *server.children()):
            for descriptor in (0, 1, 2):
                self.assertEqual(os.readlink(f"/proc/{pid}/fd/{descriptor}"), "/dev/null")
        with open(server.pid_file, encoding="ascii") as file:
            self.assertEqual(file.read(), f"{server.process.pid}\n")

    def test_sqlgreyctl_opens_them_too(self):
        self.need("strace", "strace")
        ctl = os.path.join(os.path.dirname(self.binary), "sqlgreyctl")
        trace = os.path.join(self.directory, "trace")
        subprocess.run(["strace", "-o", trace, "-e", "trace=openat", "sh", "-c", f"exec 0<&- 1>&- 2>&-; exec {ctl} --version"],
                       check=True, timeout=LIMIT)
        with open(trace, encoding="ascii") as file:
            opened = re.findall(r'"/dev/null", O_RDWR\) += (\d)', file.read())
        self.assertEqual(opened, ["0", "1", "2"])

    def test_no_new_privileges_without_admin_mail(self):
        for admin_mail, workers in (("", "1"), ("postmaster", "0")):
            server = self.daemon("mail" + workers, settings={"workers": 2, "admin_mail": admin_mail}).start()
            found = {shown(pid): status_of(pid)["NoNewPrivs"] for pid in server.children()}
            self.assertEqual(found, {"sqlgrey: worker 1": workers, "sqlgrey: worker 2": workers,
                                     "sqlgrey: maintenance": "1"})
            server.stop()

    def test_admin_mail_works_with_a_setgid_program(self):
        """Like Postfix's sendmail, which passes mail to postdrop."""
        group = "mail"
        postdrop = os.path.join(self.directory, "postdrop")
        shutil.copy("/usr/bin/id", postdrop)
        shutil.chown(postdrop, "root", group)
        os.chmod(postdrop, 0o2755)
        sendmail = os.path.join(self.directory, "sendmail")
        with open(sendmail, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\n{postdrop} -gn >{self.theirs}/mail.$$\n")
        os.chmod(sendmail, 0o755)
        server = self.start(db_type="Pg", db_host="127.0.0.1", db_port=free_port(), sendmail=sendmail,
                            admin_mail="postmaster")
        self.assertEqual(server.ask(), "dunno")

        def groups():
            texts = []
            for path in glob.glob(f"{self.theirs}/mail.*"):
                with open(path, encoding="ascii") as file:
                    texts.append(file.read())
            return [text for text in texts if text]

        wait_until(groups, "a mail")
        self.assertEqual(groups(), [f"{group}\n"])

    def test_processes_have_titles_in_ps_and_keep_the_programs_name(self):
        server = self.daemon(settings={"workers": 2}).start()
        pid = server.process.pid
        self.assertEqual(shown(pid), f"sqlgrey: master ({' '.join(server.command())})")
        self.assertEqual(sorted(shown(child) for child in server.children()),
                         ["sqlgrey: maintenance", "sqlgrey: worker 1", "sqlgrey: worker 2"])
        found = subprocess.run(["pgrep", "-x", "sqlgrey"], capture_output=True, text=True, check=True, timeout=LIMIT)
        self.assertLessEqual({pid, *server.children()}, {int(word) for word in found.stdout.split()})
        old = set(server.children())
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not old & set(server.children()), "the new generation")
        self.assertEqual(sorted(shown(child) for child in server.children()),
                         ["sqlgrey: maintenance", "sqlgrey: worker 1", "sqlgrey: worker 2"])


class Loopback(case.DaemonCase):
    """A bare port on a machine with only one of the loopback addresses, or none."""

    def setUp(self):
        super().setUp()
        self.need_root("to make a network namespace")
        self.need("ip", "iproute2")

    def said_in(self, set_up):
        server = self.daemon(settings={"inet": "2501", "pidfile": os.path.join(self.directory, "pid")})
        script = f"""{set_up}
        {' '.join(server.command())} 2>&1 & pid=$!
        for i in $(seq 100); do ss -Hltn | grep -q 2501 && break; kill -0 $pid 2>/dev/null || break; sleep 0.1; done
        ss -Hltn; kill $pid 2>/dev/null; wait $pid; echo status $?"""
        done = subprocess.run(["unshare", "-n", "sh", "-c", script], cwd=server.state, capture_output=True, text=True,
                              check=True, timeout=LIMIT)
        return done.stdout

    def test_without_127_0_0_1(self):
        said = self.said_in("ip link set lo up; ip addr del 127.0.0.1/8 dev lo")
        self.assertIn("[::1]:2501", said)
        self.assertNotIn("127.0.0.1:2501", said)
        self.assertIn("status 0", said)

    def test_without_ipv6(self):
        said = self.said_in("ip link set lo up; ip addr del ::1/128 dev lo")
        self.assertIn("127.0.0.1:2501", said)
        self.assertNotIn("[::1]", said)
        self.assertIn("status 0", said)

    def test_without_both(self):
        said = self.said_in("ip link set lo up; ip addr del 127.0.0.1/8 dev lo; ip addr del ::1/128 dev lo")
        self.assertIn("cannot listen on 2501: neither 127.0.0.1 nor ::1: Cannot assign requested address", said)
        self.assertIn("status 1", said)


class Signals(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(wait_until_none_is_left)
        self.socket_path = os.path.join(self.directory, "daemon", "state", "s")

    def start(self, **settings):
        server = self.daemon(settings={"unix": self.socket_path, "workers": 2, **settings})
        with open(server.log_file, "ab") as log:
            server.process = subprocess.Popen([*server.command(), "--pidfile", server.pid_file], cwd=server.state,
                                              env=server.environment(), stdin=subprocess.DEVNULL,
                                              stdout=subprocess.DEVNULL, stderr=log)
        return server

    def check_nothing_is_left(self, server):
        self.assertFalse(os.path.lexists(self.socket_path))
        self.assertFalse(os.path.lexists(server.pid_file))

    def test_quit_stops_it(self):
        server = self.start()
        wait_until(lambda: server.reachable() and "Greylisted" in server.ask(), "an answer")
        with policy.Conversation(server.address) as talk:
            talk.ask()
            self.assertEqual(server.stop(signal.SIGQUIT), 0, server.log())
        self.check_nothing_is_left(server)

    def test_other_signals_do_not_end_it(self):
        server = self.start()
        wait_until(lambda: server.reachable() and "Greylisted" in server.ask(), "an answer")
        children = set(server.children())
        meaningless = [signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGPOLL, signal.SIGPWR,
                       signal.SIGSTKFLT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGRTMIN, signal.SIGRTMAX]
        for number in meaningless:
            for pid in (server.process.pid, *children):
                os.kill(pid, number)
        for child in children:
            os.kill(child, signal.SIGQUIT)
        for _ in range(20):
            server.ask()
        self.assertEqual(set(server.children()), children)
        self.assertEqual(server.stop(), 0)
        self.check_nothing_is_left(server)

    def test_a_signal_at_any_moment_of_the_start_leaves_nothing_behind(self):
        begun = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            for wait in range(0, 60, 6):
                server = self.start()
                begun.wait(wait / 1000)
                self.assertIn(server.stop(number), (0, -number), server.log())
                self.check_nothing_is_left(server)

    def test_hup_during_the_start_is_a_reload(self):
        server = self.start()
        wait_until(lambda: os.path.exists(server.pid_file), "its pid file")
        server.process.send_signal(signal.SIGHUP)
        server.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: server.still_runs() and server.reachable() and "Greylisted" in server.ask(), "an answer")
        server.wait_for_log("^conf: reloading")
        self.assertEqual(server.stop(), 0)


class WithoutSyslog(case.DaemonCase):
    def hide_syslog(self):
        """Mounts a socket without a reader over the machine's."""
        if not os.path.lexists(syslog.DEV_LOG):
            return
        self.need_root("to hide /dev/log")
        dead = os.path.join(self.directory, "dead")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as closed:
            closed.bind(dead)
        subprocess.run(["mount", "--bind", dead, syslog.DEV_LOG], check=True)
        self.addCleanup(subprocess.run, ["umount", syslog.DEV_LOG], check=True)

    def test_daemonize_warns_if_there_is_no_syslog_daemon(self):
        self.hide_syslog()
        server = self.daemon()
        done = server.run("--daemonize")
        try:
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("sqlgrey: warning: no syslog daemon listens at /dev/log", done.stderr)
        finally:
            with open(server.pid_file, encoding="ascii") as file:
                pid = int(file.read())
            self.assertEqual(server.run("--kill").returncode, 0)
        wait_until(lambda: not alive(pid), "gone")


if __name__ == "__main__":
    syslog.enter_namespace()  # in which /dev/log, if there is one, can be hidden
    adopt_orphans()
    case.main()
