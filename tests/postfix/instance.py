"""Debian's Postfix as a temporary instance: its own configuration, queue and data directories, one SMTP port on
loopback, no chroot, mail delivered to files below its directory.

The system's own Postfix and /etc/postfix are neither read nor changed. Needs root (as Postfix's master does)."""

import os
import pwd
import signal
import smtplib
import subprocess

from support.daemon import LIMIT, children_of, end, free_port, wait_until
from support.smtp import SmtpServer

MASTER = "/usr/lib/postfix/sbin/master"

MAIN_CF = """
compatibility_level = 3.6
config_directory = {directory}/etc
queue_directory = {directory}/queue
data_directory = {directory}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
myhostname = mx.example.net
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.2/32
alias_maps =
alias_database =
local_recipient_maps =
default_transport = error:this instance sends nothing
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0s
smtpd_soft_error_limit = 1000000000
smtpd_hard_error_limit = 1000000000
virtual_mailbox_domains = example.net
virtual_mailbox_base = {directory}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = {restrictions}
smtpd_policy_service_timeout = 20s
smtpd_policy_service_max_idle = 300s
smtpd_policy_service_default_action = 451 4.3.5 policy server did not answer
"""

MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(SmtpServer):
    def __init__(self, directory, policy, mailboxes, services="", settings=""):
        """`policy`: what follows check_policy_service; None without. `mailboxes`: user names at example.net.
        `services`: additional lines of master.cf; `settings`: of main.cf."""
        self.directory = directory
        self.port = free_port()
        self.process = None
        for name in ("etc", "queue", "data", "mail"):
            os.makedirs(os.path.join(directory, name))
        os.chmod(directory, 0o755)
        os.chown(os.path.join(directory, "mail"), 65534, 65534)
        os.chown(os.path.join(directory, "data"), pwd.getpwnam("postfix").pw_uid, -1)
        listed = ", ".join(f"{{ {name}@example.net = {name} }}" for name in mailboxes)
        self._write("etc/main.cf", MAIN_CF.format(directory=directory, mailboxes=listed,
                                                   restrictions=f"check_policy_service {policy}" if policy else "")
                    + settings)
        self._write("etc/master.cf", MASTER_CF.format(port=self.port) + services)

    def _write(self, name, text):
        with open(os.path.join(self.directory, name), "w", encoding="ascii") as file:
            file.write(text)

    def start(self):
        etc = os.path.join(self.directory, "etc")
        # Creates the queue's directories with the owners that Postfix wants.
        subprocess.run(["/usr/sbin/postfix", "-c", etc, "check"], check=True, capture_output=True, timeout=LIMIT)
        self.process = subprocess.Popen([MASTER, "-c", etc, "-d"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, lambda: "Postfix answering; its log:\n" + self.log())
        return self

    def _answers(self):
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=LIMIT):
                return True
        except (OSError, smtplib.SMTPException):
            return False

    def stop(self):
        if not self.process:
            return
        children = children_of(self.process.pid)
        end(self.process)
        for child in children:
            try:
                os.kill(child, signal.SIGTERM)
            except ProcessLookupError:
                pass
        self.process = None

    def log(self):
        try:
            with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def session(self, address, name):
        """An SMTP session that Postfix takes for that client's (XCLIENT)."""
        session = smtplib.SMTP("127.0.0.1", self.port, timeout=LIMIT)
        session.ehlo("client.example")
        code, text = session.docmd("XCLIENT", f"NAME={name or '[UNAVAILABLE]'} ADDR={address}")
        if code != 220:
            raise AssertionError(f"XCLIENT: {code} {text}")
        session.ehlo(name or "client.example")
        return session

    def session_of(self, client):
        return self.session(*client)

    def delivered(self, user, subject):
        """The text of the message with that subject, once it is in the user's mailbox."""
        path = os.path.join(self.directory, "mail", user)

        def look():
            try:
                with open(path, encoding="utf-8") as file:
                    messages = ("\n" + file.read()).split("\nFrom ")[1:]
            except FileNotFoundError:
                return None
            found = [message for message in messages if f"Subject: {subject}\n" in message]
            return found[0] if found else None

        return wait_until(look, lambda: f"{subject!r} delivered; Postfix's log:\n{self.log()}")
