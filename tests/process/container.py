"""What the container image promises, without building it: the daemon as process 1, as its recipe starts it, stops on
TERM, reaps, logs on standard error and is found healthy by sqlgreyctl check."""

import json
import os
import re
import shlex
import signal
import subprocess

from child_processes import adopt_orphans, wait_until_none_is_left
from support import case
from support.daemon import children_of, wait_until

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RECIPE = os.path.join(TOP, "init", "container")
DEFER = "defer_if_permit Greylisted for 5 minutes"


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def instructions():
    """Pairs of an instruction of the recipe and its text."""
    text = re.sub(r"(?m)^#.*\n", "", read(RECIPE, "Containerfile")).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line]


def command_of(instruction):
    """The command in its JSON form."""
    [text] = [text for name, text in instructions() if name == instruction]
    return json.loads(text[text.index("["):])


class Container(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need_root("a namespace of processes")
        self.server = self.daemon()
        # The image's settings, but at a port and in directories of the test.
        given = dict(re.findall(r"(?m)^(\w+) = *(.*)$", read(RECIPE, "sqlgrey.conf")))
        self.assertEqual(given["inet"], "*:2501")
        self.server.configure(**{**given, "inet": f"*:{self.server.port}", "db_name": self.server.tables.path})
        self.process = None

    def tearDown(self):
        if self.process and self.process.poll() is None:
            os.kill(self.first, signal.SIGKILL)  # and with process 1 all others of its namespace
            self.process.wait()
        wait_until_none_is_left()

    def start(self):
        program, *arguments = command_of("ENTRYPOINT")
        self.assertEqual(program, "sqlgrey")
        with open(self.server.log_file, "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--pid", "--fork", "--mount-proc", "setpriv", "--reuid=nobody",
                 "--regid=nogroup", "--clear-groups", *self.server.command(*arguments)], cwd=self.server.state,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.server.wait_for_log("^system: sqlgrey .* serves inet 0.0.0.0:")
        [self.first] = children_of(self.process.pid)

    def inside(self, *command):
        return subprocess.run(["nsenter", "--target", str(self.first), "--pid", "--mount", *command],
                              capture_output=True, text=True, check=False, timeout=90)

    def test_it_answers_as_process_1_and_logs_on_standard_error(self):
        self.start()
        self.assertEqual(self.server.ask(), DEFER)
        self.server.wait_for_log(r"^grey: new: 192\.0\.2\(192\.0\.2\.10\), alice@example\.org")
        self.assertIn("master", self.inside("ps", "-o", "args=", "-p", "1").stdout)

    def test_the_health_check_says_whether_it_answers(self):
        self.start()
        program, *arguments = command_of("HEALTHCHECK")
        check = [os.path.join(os.path.dirname(self.binary), program), "-f", self.server.config_file, *arguments]
        done = self.inside(*check)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.server.configure(inet="127.0.0.1:9")  # where nobody answers
        self.assertNotEqual(self.inside(*check).returncode, 0)

    def test_the_signal_that_stops_the_container_ends_it(self):
        [(_, name)] = [pair for pair in instructions() if pair[0] == "STOPSIGNAL"]
        for from_inside in (False, True):
            self.start()
            if from_inside:  # process 1 gets only signals that it has asked for
                self.inside("kill", "-s", name.removeprefix("SIG"), "1")
            else:
                os.kill(self.first, signal.Signals[name])
            self.assertEqual(self.process.wait(90), 0)

    def test_processes_that_nobody_waits_for_are_reaped(self):
        self.start()
        self.inside("sh", "-c", "(true & true &) & (sh -c 'sleep 0.1' &)")
        # All others are the daemon's own, and alive.
        wait_until(lambda: "Z" not in self.inside("ps", "ax", "-o", "stat=").stdout, "the end of all zombies")
        self.assertEqual(self.server.ask(), DEFER)

    def test_the_recipe_copies_files_that_exist_and_runs_as_the_owner_of_the_volume(self):
        given = instructions()
        for name, text in given:
            if name == "COPY" and not text.startswith("--from"):
                for source in shlex.split(text)[:-1]:
                    self.assertTrue(os.path.exists(os.path.join(TOP, source)), source)
        values = dict(given)
        self.assertEqual(values["USER"], "sqlgrey")
        self.assertEqual(values["VOLUME"], values["WORKDIR"])
        self.assertIn("useradd --system --uid 2501 ", " ".join(text for _, text in given))


if __name__ == "__main__":
    adopt_orphans()
    case.main()
