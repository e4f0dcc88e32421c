"""Mail to an SMTP server of a test."""

import smtplib

from support.daemon import LIMIT


class SmtpServer:
    """What the tests ask of a mail server on loopback, at `port`."""

    port = None

    def session(self, client):
        """An SMTP session from that loopback address."""
        session = smtplib.SMTP("127.0.0.1", self.port, timeout=LIMIT, source_address=(client, 0))
        session.ehlo("client.example")
        return session

    def session_of(self, client):
        """A session for `client`, which is what recipients() and send() were given."""
        return self.session(client)

    def recipients(self, client, sender, recipients):
        """The replies to RCPT TO of one mail that is not sent: [(code, text)]."""
        with self.session_of(client) as session:
            session.mail(sender)
            replies = [session.rcpt(recipient) for recipient in recipients]
            session.rset()
            return [(code, text.decode("utf-8", "replace")) for code, text in replies]

    def send(self, client, sender, recipients, subject):
        """Sends a mail that must be accepted for all recipients."""
        with self.session_of(client) as session:
            refused = session.sendmail(sender, recipients, f"Subject: {subject}\n\nHello.\n")
            if refused:
                raise AssertionError(f"refused: {refused}")
