"""Base class of the tests of the whole daemon, and the main() of such a file.

A file ends with status 0 (all passed), 1 (something failed) or 77 (something was skipped, which CTest shows as
Skipped and tests/run.sh does not accept)."""

import argparse
import os
import shutil
import sys
import tempfile
import unittest

from support.daemon import Daemon, end_by_number

SKIPPED = 77


class DaemonCase(unittest.TestCase):
    """Each test gets a directory, daemons that are stopped afterwards, and one-line replies."""

    binary = ""
    maxDiff = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="sqlgrey-test-")
        os.chmod(self.directory, 0o755)
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def daemon(self, name="daemon", binary=None, settings=None, clock=None, environment=None):
        """A daemon, configured but not started."""
        directory = os.path.join(self.directory, name)
        os.makedirs(directory, exist_ok=True)
        daemon = Daemon(binary or self.binary, directory, settings, clock, environment)
        self.addCleanup(daemon.stop)
        return daemon

    def start(self, **settings):
        return self.daemon(settings=settings).start()

    def daemonize(self, daemon):
        """Starts it as --daemonize does: in the background, with its log on syslog."""
        done = daemon.run("--daemonize")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(daemon.pid_file, encoding="ascii") as file:
            self.addCleanup(end_by_number, int(file.read()))

    def need(self, path, package):
        if not os.path.exists(path) and not shutil.which(path):
            self.skipTest(f"{path} is missing (package {package})")

    def need_root(self, why):
        if os.geteuid() != 0:
            self.skipTest(f"needs root: {why}")


def main(*options):
    """Runs the tests. `options`: what the command line must name beside --daemon; each is a path, and an attribute of
    DaemonCase."""
    parser = argparse.ArgumentParser()
    for option in ("daemon", *options):
        parser.add_argument(f"--{option}", required=True, type=os.path.abspath)
    given, rest = parser.parse_known_args()
    DaemonCase.binary = given.daemon
    for option in options:
        setattr(DaemonCase, option, getattr(given, option))
    run_tests(rest)


def run_tests(arguments):
    """Runs the tests of the program's own file and leaves with the status that tells how they went."""
    result = unittest.main(module="__main__", argv=[sys.argv[0], "-v", *arguments], exit=False).result
    if not result.wasSuccessful() or result.testsRun == 0:
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped else 0)
