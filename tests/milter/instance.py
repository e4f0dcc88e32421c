"""Debian's Sendmail as a temporary instance, run from where tests/run.sh unpacked its packages (which cannot be
installed together with Postfix), with its own configuration, queue and SMTP port on loopback.

It runs in namespaces of its own: a host name with a dot, without which it waits for a minute, and an /etc/resolv.conf
with our name server. That needs root. Mail is delivered to files. Files of the system are not changed."""

import os
import smtplib
import subprocess

from support.daemon import LIMIT, end, free_port, wait_until
from support.names import Names
from support.smtp import SmtpServer

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACE = os.path.join(TOP, "build", "sendmail")
PROGRAM = os.path.join(PLACE, "usr/libexec/sendmail/sendmail")
MACROS = os.path.join(PLACE, "usr/share/sendmail/cf/m4/cf.m4")

# Ends with a blank line: mailers are defined last.
SENDMAIL_MC = """divert(0)dnl
include(`{macros}')dnl
OSTYPE(`linux')dnl
define(`QUEUE_DIR', `{directory}/queue')dnl
define(`STATUS_FILE', `{directory}/statistics')dnl
define(`confPID_FILE', `{directory}/pid')dnl
define(`ALIAS_FILE', `')dnl
define(`confCW_FILE', `{directory}/none')dnl
define(`confSERVICE_SWITCH_FILE', `{directory}/none')dnl
define(`confTO_IDENT', `0')dnl
define(`confDEF_USER_ID', `65534:65534')dnl
define(`confDELIVERY_MODE', `interactive')dnl
define(`LOCAL_MAILER_PATH', `/bin/sh')dnl
define(`LOCAL_MAILER_ARGS', `sh {directory}/deliver $u')dnl
MODIFY_MAILER_FLAGS(`LOCAL', `-wAf')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`nocanonify')dnl
DAEMON_OPTIONS(`Family=inet, Addr=127.0.0.1, Port={port}, Name=MTA')dnl
{filter}
LOCAL_DOMAIN(`example.net')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

DELIVER = """{{ echo "From "; cat; echo; }} >> {directory}/mail/"$1"
"""


class Sendmail(SmtpServer):
    def __init__(self, directory, milter_line, names, forged=None):
        """`milter_line`: INPUT_MAIL_FILTER. `names`, `forged`: {loopback address: client's name} (Names)."""
        self.directory = directory
        self.port = free_port()
        self.process = None
        self.names = (names, forged)
        self.name_server = None
        for name in ("queue", "mail"):
            os.makedirs(os.path.join(directory, name))
        os.chmod(directory, 0o755)
        os.chmod(self._path("queue"), 0o700)
        os.chown(self._path("mail"), 65534, 65534)
        self._write("deliver", DELIVER.format(directory=directory))
        self._write("sendmail.mc", SENDMAIL_MC.format(macros=MACROS, directory=directory, port=self.port,
                                                      filter=milter_line))
        made = subprocess.run(["m4", "-D_CF_DIR_=" + os.path.dirname(os.path.dirname(MACROS)) + "/",
                               self._path("sendmail.mc")],
                              capture_output=True, text=True, check=True, timeout=LIMIT)
        self._write("sendmail.cf", made.stdout)
        self._write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: dns\n")

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self._path(name), 0o644)

    def start(self):
        self.name_server = Names(*self.names)
        self._write("resolv.conf", f"nameserver {self.name_server.address}\noptions timeout:2 attempts:1\n")
        mounts = "".join(f"mount --bind '{self._path(name)}' /etc/{name} && "
                         for name in ("nsswitch.conf", "resolv.conf"))
        with open(self._path("output"), "ab") as output:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--uts", "sh", "-c", f'{mounts} hostname mx.example.net && exec "$@"', "sh",
                 PROGRAM, "-C" + self._path("sendmail.cf"), "-bD", "-X" + self._path("traffic")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        wait_until(self._answers, lambda: "Sendmail answering; it says:\n" + self.log())
        return self

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Sendmail left with {self.process.returncode}:\n{self.log()}")
        try:
            with self.session("127.0.0.1"):
                return True
        except (OSError, smtplib.SMTPException):
            return False

    def stop(self):
        if self.name_server:
            self.name_server.stop()
            self.name_server = None
        if self.process:
            process, self.process = self.process, None
            end(process)

    def log(self):
        """What it says, and all SMTP conversations."""
        text = ""
        for name in ("output", "traffic"):
            try:
                with open(self._path(name), encoding="utf-8", errors="replace") as file:
                    text += file.read()
            except FileNotFoundError:
                pass
        return text

    def delivered(self, user, subject):
        """The text of the message with that subject, once it is in the user's mailbox."""
        def look():
            try:
                with open(self._path(f"mail/{user}"), encoding="utf-8") as file:
                    text = file.read()
            except FileNotFoundError:
                return None
            found = [message for message in ("\n" + text).split("\nFrom ") if f"Subject: {subject}\n" in message]
            return found[0] if found else None

        return wait_until(look, lambda: f"{subject!r} delivered; Sendmail's log:\n{self.log()}")
