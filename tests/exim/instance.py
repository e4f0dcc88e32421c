"""Debian's Exim as a temporary instance, run from where tests/run.sh unpacked its package (which cannot be installed
together with Postfix), with its own configuration, spool and SMTP port on loopback.

An account that exists only with the package is compiled in, so it runs in a mount namespace in which /etc/passwd and
/etc/group have that account, and /etc/resolv.conf our name server. That needs root; Exim itself runs as nobody from
the start. Files of the system are not changed."""

import os
import smtplib
import subprocess

from support.names import Names
from support.daemon import LIMIT, end, free_port, wait_until
from support.smtp import SmtpServer

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ACL = os.path.join(TOP, "conf", "exim.acl")
NOBODY = 65534

CONFIGURATION = """
SQLGREY_SOCKET = {socket}
primary_hostname = mx.example.net
spool_directory = {directory}/spool
log_file_path = {directory}/log/%s
pid_file_path = {directory}/spool/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
keep_environment =
deliver_drop_privilege
domainlist local_domains = example.net
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept

begin acl
check_rcpt:
  require
    domains = +local_domains
.include {acl}
  accept

begin routers
mailboxes:
  driver = accept
  local_parts = bob : eve
  transport = file

begin transports
file:
  driver = appendfile
  file = {directory}/mail/$local_part_data
  create_file = anywhere
  user = {nobody}
  group = {nobody}
"""


class Exim(SmtpServer):
    def __init__(self, program, directory, socket, names):
        """`socket`: the policy server, as Exim writes it. `names`: {loopback address: client's name}."""
        self.program = program
        self.directory = directory
        self.port = free_port()
        self.process = None
        self.names = names
        self.name_server = None
        for name in ("spool", "log", "mail"):
            os.makedirs(os.path.join(directory, name))
            os.chown(os.path.join(directory, name), NOBODY, NOBODY)
        os.chmod(directory, 0o755)
        self._write("exim.conf", CONFIGURATION.format(directory=directory, port=self.port, socket=socket, acl=ACL,
                                                      nobody=NOBODY))
        account = f"Debian-exim:x:{NOBODY}:{NOBODY}::/nonexistent:/usr/sbin/nologin\n"
        self._write("passwd", self._text("/etc/passwd") + account)
        self._write("group", self._text("/etc/group") + f"Debian-exim:x:{NOBODY}:\n")
        self._write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: dns\n")

    @staticmethod
    def _text(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self._path(name), 0o644)

    def start(self):
        self.name_server = Names(self.names)
        self._write("resolv.conf", f"nameserver {self.name_server.address}\noptions timeout:2 attempts:1\n")
        mounts = "".join(f"mount --bind '{self._path(name)}' /etc/{name} && "
                         for name in ("passwd", "group", "nsswitch.conf", "resolv.conf"))
        nobody = f"exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
        with open(self._path("output"), "ab") as output:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", f'{mounts} {nobody} "$@"', "sh", self.program, "-C",
                 self._path("exim.conf"), "-bdf"], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        wait_until(self._answers, lambda: "Exim answering; it says:\n" + self.log())
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Exim left with {self.process.returncode}:\n{self.log()}")
        try:
            with self.session("127.0.0.1"):
                return True
        except (OSError, smtplib.SMTPException):
            return False

    def stop(self):
        if self.name_server:
            self.name_server.stop()
            self.name_server = None
        if not self.process:
            return
        process, self.process = self.process, None
        end(process)

    def log(self):
        text = ""
        for name in ("output", "log/main", "log/panic", "log/reject"):
            try:
                text += self._text(self._path(name))
            except FileNotFoundError:
                pass
        return text

    def delivered(self, user, subject):
        """The text of the message with that subject, once it is in the user's mailbox."""
        def look():
            try:
                text = self._text(self._path(f"mail/{user}"))
            except FileNotFoundError:
                return None
            found = [message for message in ("\n" + text).split("\nFrom ") if f"Subject: {subject}\n" in message]
            return found[0] if found else None

        return wait_until(look, lambda: f"{subject!r} delivered; Exim's log:\n{self.log()}")
