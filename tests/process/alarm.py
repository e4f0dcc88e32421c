"""Mail to the administrator when the database becomes unavailable and available again: through sendmail, without a
shell, with a rate limit."""

import glob
import os

from support.case import DaemonCase, main
from support.daemon import free_port, give_to_daemon, wait_until

# Stores each mail as a file: the arguments, one per line, then standard input.
SENDMAIL = """#!/bin/sh
{ for argument; do echo "argument $argument"; done; cat; } >"$(mktemp %s/mail.XXXXXX)"
"""


class Alarm(DaemonCase):
    def setUp(self):
        super().setUp()
        self.mails_dir = os.path.join(self.directory, "mails")
        os.mkdir(self.mails_dir)
        give_to_daemon(self.mails_dir)
        self.sendmail = os.path.join(self.directory, "sendmail")
        with open(self.sendmail, "w", encoding="utf-8") as file:
            file.write(SENDMAIL % self.mails_dir)
        os.chmod(self.sendmail, 0o755)

    def mails(self):
        found = []
        for path in glob.glob(f"{self.mails_dir}/mail.*"):
            with open(path, encoding="utf-8") as file:
                found.append(file.read())
        return found

    def without_database(self, **settings):
        """A daemon whose database is unavailable."""
        return self.start(db_type="Pg", db_host="127.0.0.1", db_port=free_port(), sendmail=self.sendmail, **settings)

    def test_one_mail_reports_the_outage(self):
        daemon = self.without_database(admin_mail="$(touch x);postmaster@example.org", workers=4)
        self.assertEqual(daemon.ask(), "dunno")
        wait_until(self.mails, "a mail")
        for _ in range(20):
            daemon.ask()
        self.assertEqual(len(self.mails()), 1)
        mail = self.mails()[0]
        self.assertIn("argument $(touch x);postmaster@example.org\n", mail)
        self.assertRegex(mail, r"\nSubject: sqlgrey: database unavailable \(.+\)\n")
        self.assertIn("let through (on_db_failure)", mail)

    def test_no_mail_if_admin_mail_is_empty(self):
        daemon = self.without_database(admin_mail="")
        self.assertEqual(daemon.ask(), "dunno")
        daemon.stop()
        self.assertEqual(self.mails(), [])

    def test_a_missing_sendmail_is_logged_and_mail_goes_on(self):
        daemon = self.start(db_type="Pg", db_host="127.0.0.1", db_port=free_port(), sendmail="/nonexistent/sendmail",
                            admin_mail="root")
        self.assertEqual(daemon.ask(), "dunno")

        def told():
            with open(daemon.log_file, encoding="utf-8") as log:
                return "mail: failed to send a mail to root by /nonexistent/sendmail" in log.read()

        wait_until(told, "a log line")


if __name__ == "__main__":
    main()
