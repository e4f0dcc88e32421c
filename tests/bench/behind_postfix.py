"""Recipients per second through a real Postfix, with a policy service and without.

`awl`: known senders, so all recipients are accepted, as without a policy service. `new`: unknown senders; without a
policy service Postfix itself defers each recipient. A server that only replies dunno shows the cost of asking. With
--whole the messages are sent, queued and discarded, which is most of Postfix's work.
"""

import contextlib
import itertools
import os
import shutil
import tempfile
import time

from postfix.instance import MASTER, Postfix
from support import bench_report, policy
from support.bench_databases import opened
from support.bench_servers import OURS, POSTGREY, Dunno, Postgrey, Running, binaries
from support.bench_smtp import offer_mail
from support.bench_tables import fill_known, greylister

SECONDS = 5
ROUNDS = 3
WITHOUT = "no policy service"
BY_UNIX = "ours, unix socket"
# Refusals are measured, so they must not slow down or end a session. And since no message is delivered, Postfix would
# delay each new one by a second (in_flow_delay), which would make all servers look alike.
MORE = """
smtpd_recipient_restrictions = {restrictions}
smtpd_junk_command_limit = 1000000000
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
virtual_transport = discard:
virtual_destination_recipient_limit = 1000
"""
DISCARD = "discard unix - - n - - discard\n"
ALONE = {"awl": "permit_auth_destination, reject",
         "new": "check_recipient_access static:{{defer_if_permit Greylisted}}"}


def add_options(parser):
    parser.add_argument("--sessions", type=int, default=20, help="with Postfix at the same time (20)")
    parser.add_argument("--recipients", type=int, default=20, help="of a message (20)")
    parser.add_argument("--whole", action="store_true", help="send the messages (awl only)")
    parser.add_argument("--workloads", nargs="+", choices=list(ALONE), default=["awl"])


def measure(options, tools, results):
    if not os.path.exists(MASTER) or os.geteuid() != 0:
        raise SystemExit("this wants Postfix (package postfix) and root, which Postfix's master wants")
    if options.whole and options.workloads != ["awl"]:
        raise SystemExit("--whole is for the workload awl: nothing else is accepted")
    known = list(tools.known(options.known))
    with contextlib.ExitStack() as running:
        dunno = running.enter_context(Running(Dunno(tools.directory)))
        postgrey = running.enter_context(Running(Postgrey())) if os.path.exists(POSTGREY) else None
        databases = [running.enter_context(opened(name, options)) for name in options.databases]
        for number in range(options.rounds):
            for workload in options.workloads:
                offer = Offer(options, workload, number, known, results)
                offer.through(ALONE[workload], server=WITHOUT, database="-")
                if workload == "awl":
                    offer.through(service(dunno), server="dunno", database="-")
                if postgrey:
                    offer.teach(postgrey)
                    offer.through(service(postgrey), server="postgrey", database="-")
                for database in databases:
                    for name, binary in binaries(options).items():
                        with a_socket() as path:
                            settings = {**options.settings, "unix": path} if name == OURS else None
                            with greylister(binary, database, settings,
                                            lambda: fill_known(tools, database, options.known)) as server:
                                offer.through(service(server), server=name, database=database.name)
                                if name == OURS:
                                    offer.through(f"check_policy_service unix:{path}", server=BY_UNIX,
                                                  database=database.name)


@contextlib.contextmanager
def a_socket():
    """A path where any user may create a unix socket and use it: daemon and Postfix have users of their own."""
    with tempfile.TemporaryDirectory(prefix="sqlgrey-bench-") as directory:
        os.chmod(directory, 0o777)
        yield os.path.join(directory, "socket")


def service(server):
    return f"check_policy_service inet:127.0.0.1:{server.address[1]}"


class Offer:
    """One round of one workload: the same messages through a fresh Postfix for each policy service."""

    def __init__(self, options, workload, number, known, results):
        self.options = options
        self.workload = workload
        self.number = number
        self.known = [line.split("\t") for line in known]
        self.results = results
        self.users = [f"user{i}" for i in range(options.recipients)]
        self.sent = itertools.count()

    def through(self, restrictions, **of):
        self.results.add(self.once(restrictions, self.options.seconds), workload=self.workload, **of)

    def teach(self, server):
        """postgrey knows only mail that it has seen twice, with its delay of one second in between."""
        if self.workload != "awl" or self.number > 0:
            return
        for pause in (2, 0):
            with policy.Conversation(server.address) as talk:
                for session, address in enumerate(self.addresses()):
                    for user in self.users:
                        talk.ask(client_address=address, client_name="unknown", sender=self.sender(session),
                                 recipient=f"{user}@example.net")
            time.sleep(pause)

    def once(self, restrictions, seconds):
        directory = tempfile.mkdtemp(prefix="sqlgrey-bench-")
        os.chmod(directory, 0o755)
        postfix = Postfix(os.path.join(directory, "postfix"), "inet:127.0.0.1:1", self.users, DISCARD)
        with open(os.path.join(postfix.directory, "etc", "main.cf"), "a", encoding="ascii") as file:
            file.write(MORE.format(restrictions=restrictions))
        try:
            postfix.start()
            recipients = [f"{user}@example.net" for user in self.users]
            # Postfix starts its processes with the first mails, so the first second is not counted.
            offer_mail(postfix.port, self.addresses(), self.sender, recipients, min(1, seconds), self.options.whole)
            return offer_mail(postfix.port, self.addresses(), self.sender, recipients, seconds, self.options.whole)
        except (OSError, RuntimeError) as error:
            raise SystemExit(f"{error}; Postfix's log:\n{postfix.log()[-3000:]}") from error
        finally:
            postfix.stop()
            shutil.rmtree(directory, ignore_errors=True)

    def addresses(self):
        return [self.known[i % len(self.known)][2] for i in range(self.options.sessions)]

    def sender(self, session):
        name, domain, _ = self.known[session % len(self.known)]
        if self.workload == "awl":
            return f"{name}@{domain}"
        return f"fresh{letters(self.number)}.{letters(next(self.sent))}@fresh.example"


def letters(number):
    """The number in letters, because deverping would replace digits in a sender name."""
    return "".join(chr(ord("g") + int(digit)) for digit in str(number))


def show(options, results):
    lines = []
    for row in results.rows():
        without = results.median("per_second", workload=row["workload"], server=WITHOUT)
        median = row["median"]
        codes = ", ".join(f"{name[5:]}: {count:.0f}" for name, count in median.items() if name.startswith("code_"))
        lines.append([row["workload"], row["database"], row["server"], median["per_second"],
                      bench_report.ratio(median["per_second"], without), codes])
    return (f"medians of {options.rounds} rounds of {options.seconds:g} s, {options.sessions} sessions,"
            f" {options.recipients} recipients a message\n"
            + bench_report.table(["workload", "database", "server", "RCPT per second", "of none", "codes"], lines))
