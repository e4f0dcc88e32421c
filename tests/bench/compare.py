"""Runs the load generator against our daemon, Debian's Perl sqlgrey and postgrey, in turn, and prints
medians and ratios.

    PYTHONPATH=tests python3 tests/bench/compare.py --daemon build/release/src/sqlgrey \
        --load build/dev/tests/policy_load

Each measurement has a fresh daemon and a fresh database (SQLite; postgrey: its own) in a temporary
directory. The rounds are interleaved, so that a slow minute of the machine meets all of them.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from support.daemon import PERL, Daemon, free_port, give_to_daemon, unprivileged, wait_until

POSTGREY = "/usr/sbin/postgrey"


class Sql:
    """Ours or Perl SQLgrey: the auto-whitelist is filled by SQL."""

    def __init__(self, binary, directory, options):
        settings = {"loglevel": 0, "log_override": None, "greymethod": "full"}
        self.daemon = Daemon(binary, directory, settings)
        self.options = options
        self.address = self.daemon.address

    def start(self):
        self.daemon.start()
        # The tables are made by now, or with the first request.
        self.daemon.ask()

    def fill(self):
        now = int(time.time())
        known = subprocess.run([self.options.load, "--print-awl", "--known", str(self.options.known)],
                               capture_output=True, text=True, check=True, timeout=60)
        rows = [(*line.split("\t"), now, now) for line in known.stdout.splitlines()]
        self.daemon.tables.many("insert into from_awl(sender_name, sender_domain, src, first_seen, last_seen)"
                                " values (?, ?, ?, ?, ?)", rows)

    def stop(self):
        self.daemon.stop()


class Postgrey:
    """Knows only what it was shown: each known mail is sent, and again after its delay of one second."""

    def __init__(self, binary, directory, options):
        self.binary = binary
        self.options = options
        self.state = os.path.join(directory, "state")
        self.address = ("127.0.0.1", free_port())
        os.makedirs(self.state)
        os.chmod(directory, 0o755)
        give_to_daemon(self.state)
        self.process = None
        self.log = os.path.join(directory, "stderr")

    def start(self):
        user, group = unprivileged()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [self.binary, f"--inet=127.0.0.1:{self.address[1]}", f"--dbdir={self.state}", f"--user={user}",
                 f"--group={group}", "--delay=1", "--auto-whitelist-clients=0", "--quiet",
                 f"--pidfile={self.state}/pid"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: load(self.options, self.address, "new", requests=1, check=False), "postgrey serving")

    def fill(self):
        for _ in range(2):
            load(self.options, self.address, "fill", requests=self.options.known)
            time.sleep(2)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def load(options, address, workload, seconds=None, requests=None, seed=1, check=True):
    bound = ["--seconds", str(seconds)] if seconds else ["--requests", str(requests)]
    done = subprocess.run([options.load, "--json", "--inet", f"{address[0]}:{address[1]}", "--workload", workload,
                           "--connections", str(options.connections), "--known", str(options.known),
                           "--seed", str(seed), *bound],
                          capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        if check:
            raise SystemExit(f"{workload}: {done.stderr.strip()}")
        return None
    return json.loads(done.stdout)


def measure(kind, binary, workload, seed, options):
    directory = tempfile.mkdtemp(prefix="sqlgrey-bench-")
    server = kind(binary, directory, options)
    try:
        server.start()
        if workload != "new":
            server.fill()
        return load(options, server.address, workload, seconds=options.seconds, seed=seed)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--load", required=True, help="path of policy_load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--known", type=int, default=10000)
    parser.add_argument("--workloads", nargs="*", default=["new", "awl", "mixed"])
    parser.add_argument("--json", action="store_true", help="one object a measurement instead of the table")
    options = parser.parse_args()
    servers = {"ours": (Sql, os.path.abspath(options.daemon))}
    for name, kind, binary in (("sqlgrey (Perl)", Sql, PERL), ("postgrey", Postgrey, POSTGREY)):
        if os.path.exists(binary):
            servers[name] = (kind, binary)

    seen = {}
    for workload in options.workloads:
        for number in range(options.rounds):
            for name, (kind, binary) in servers.items():
                result = measure(kind, binary, workload, number + 2, options)
                seen.setdefault((workload, name), []).append(result)
                if options.json:
                    print(json.dumps({"workload": workload, "server": name, "round": number, **result}), flush=True)
    if not options.json:
        show(seen, servers, options)


def show(seen, servers, options):
    print(f"medians of {options.rounds} rounds of {options.seconds} s, {options.connections} connections")
    print(f"{'workload':9}{'server':16}{'per second':>11}{'p50 ms':>9}{'p99 ms':>9}{'p99.9 ms':>10}{'max ms':>9}"
          f"{'ours is':>10}")
    for workload in options.workloads:
        ours = None
        for name in servers:
            rounds = seen[(workload, name)]
            median = {key: statistics.median(one[key] for one in rounds)
                      for key in ("per_second", "p50_ms", "p99_ms", "p999_ms", "max_ms")}
            ours = ours or median["per_second"]
            ratio = f"{ours / median['per_second']:9.1f}x" if name != "ours" else ""
            print(f"{workload:9}{name:16}{median['per_second']:11.0f}{median['p50_ms']:9.2f}{median['p99_ms']:9.2f}"
                  f"{median['p999_ms']:10.2f}{median['max_ms']:9.2f}{ratio:>10}")


if __name__ == "__main__":
    main()
