"""sqlgreyctl, which is built next to the daemon."""

import collections
import os
import subprocess

from support.daemon import LIMIT


def program(daemon):
    """`daemon`: path of the daemon's program."""
    return os.path.join(os.path.dirname(daemon), "sqlgreyctl")


def command(server, *arguments):
    return [program(server.binary), "-f", server.config_file, *arguments]


def run(server, *arguments, stdin=None):
    """Runs it with the settings of that daemon. `stdin`: bytes."""
    done = subprocess.run(command(server, *arguments), input=stdin or b"",
                          capture_output=True, timeout=LIMIT, check=False, cwd=server.state)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode("utf-8", "replace"),
                                       done.stderr.decode("utf-8", "replace"))


def counts(text):
    """The counts that an import prints: {name: number}, 0 if missing; lines of the same name are added up."""
    found = collections.Counter()
    for line in text.splitlines():
        if not line.startswith("  "):
            continue
        name, number = line[2:14].strip(), line[14:24].strip()
        found[name] += int(number)
    return found
