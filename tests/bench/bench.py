#!/usr/bin/env python3
"""Measures sqlgrey and its peers. Each question is a sub-command:

    python3 tests/bench/bench.py compare

Needs a release build of the daemon (--daemon) and the tools of a build with tests (--tools). Perl sqlgrey, postgrey,
PostgreSQL, MariaDB and Postfix are measured if they are installed. All run in temporary directories on loopback; the
system's own services are not touched. Postfix, and greylisters that drop privileges, need root. Rounds are
interleaved, so that a slow minute of the machine affects all; the results are medians.

--json FILE keeps every round; `draw.py` draws the results of `compare`.
"""

import argparse
import os
import signal
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests"))

import behind_postfix
import compare
import connections
import dictionary
import durability
import enrich
import enrich
import expiry
import fronts
import memory
import pools
import roundtrips
import scale
from support import bench_report
from support.bench_databases import KINDS
from support.bench_servers import Tools

QUESTIONS = {"compare": compare, "connections": connections, "postfix": behind_postfix, "roundtrips": roundtrips,
             "memory": memory, "scale": scale, "expiry": expiry, "dictionary": dictionary, "durability": durability,
             "pools": pools, "enrich": enrich, "fronts": fronts}


def setting(text):
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected name=value, got '{text}'")
    return name.strip(), value.strip()


def common(seconds, rounds):
    """The options that all questions share, with a question's own defaults for --seconds and --rounds."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--daemon", default=os.path.join(TOP, "build/release/src/sqlgrey"),
                        help="the sqlgrey to measure")
    parser.add_argument("--tools", default=os.path.join(TOP, "build/dev/tests"),
                        help="directory of policy_load, dunno and bare_database")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seconds", type=float, default=seconds, help=f"of each measurement ({seconds})")
    parser.add_argument("--rounds", type=int, default=rounds, help=f"how often each is measured ({rounds})")
    parser.add_argument("--known", type=int, default=10000, help="senders in the auto-whitelist (10000)")
    parser.add_argument("--server-memory", help="buffers of PostgreSQL and MariaDB, such as 2G; else their default")
    parser.add_argument("--set", type=setting, action="append", default=[], metavar="NAME=VALUE",
                        help="a setting of ours; else all are at their defaults")
    parser.add_argument("--json", metavar="FILE", help="keep all figures there")
    return parser


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    questions = parser.add_subparsers(dest="question", required=True)
    for name, question in QUESTIONS.items():
        first = question.__doc__.strip().split("\n", 1)[0]
        one = questions.add_parser(name, parents=[common(question.SECONDS, question.ROUNDS)], help=first,
                                   description=question.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        question.add_options(one)
    options = parser.parse_args()
    options.settings = dict(options.set)
    options.daemon = os.path.abspath(options.daemon)  # daemons are started in directories of their own
    for path, name in ((options.daemon, "--daemon"), (os.path.join(options.tools, "policy_load"), "--tools")):
        if not os.access(path, os.X_OK):
            parser.error(f"{name}: {path} is not there; build it, or say where it is")
    return options


def main():
    # TERM must stop the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = arguments()
    facts = bench_report.machine()
    print(bench_report.headline(facts), flush=True)
    question = QUESTIONS[options.question]
    results = bench_report.Results()
    question.measure(options, Tools(options.tools), results)
    print(question.show(options, results) + bench_report.footline(facts))
    if options.json:
        bench_report.write_json(options.json, options.question, options, results.rows(), facts)


if __name__ == "__main__":
    main()
