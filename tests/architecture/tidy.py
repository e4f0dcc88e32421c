"""clang-tidy, with the checks of .clang-tidy, has nothing to say about src.

    tidy.py --build build/asan [FILE...]

A source is not checked again while nothing it is compiled from has changed: what was found clean is remembered in
~/.cache/sqlgrey-tidy, by a hash of the source, the headers it includes (as Ninja knows them), the flags, .clang-tidy
and the version of clang-tidy. A remembered source that is not used for a month is forgotten.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "sqlgrey-tidy")
MONTH = 30 * 24 * 3600  # seconds
# What every run says of what it does not report.
NOISE = re.compile(r"^(\d+ warnings? (and \d+ errors? )?generated|\d+ warnings? treated as errors?|Suppressed \d+ |"
                   r"Use -header-filter=|Error while processing)")


def compiled(build):
    """How each source of src is compiled: {path: entry of compile_commands.json}."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    within = os.path.join(TOP, "src") + os.sep
    return {entry["file"]: entry for entry in entries if entry["file"].startswith(within)}


def included(build):
    """What each object was made from, as its last compilation said: {object: [path]}."""
    told = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=False).stdout
    found, current = {}, None
    for line in told.splitlines():
        if line.startswith(" "):
            current.append(os.path.join(build, line.strip()))
        elif ": #deps" in line:
            current = found[line.split(": #deps")[0]] = []
    return found


class Remembered:
    """Sources that were found clean."""

    def __init__(self, build):
        self.included = included(build)
        self.hashes = {}  # of files, which most sources share
        self.common = self.hash_of(os.path.join(TOP, ".clang-tidy")) + subprocess.run(
            ["clang-tidy", "--version"], capture_output=True, check=True).stdout
        os.makedirs(CACHE, exist_ok=True)

    def hash_of(self, path):
        if path not in self.hashes:
            with open(path, "rb") as file:
                self.hashes[path] = hashlib.sha256(file.read()).digest()
        return self.hashes[path]

    def place(self, entry):
        """Where that it is clean is remembered; None if it is not known what it is made from."""
        words = shlex.split(entry["command"])
        files = self.included.get(words[words.index("-o") + 1])
        if not files or not all(os.path.exists(path) for path in files):
            return None
        known = hashlib.sha256(self.common)
        # Flags name the directory of the tree, which need not be the same.
        known.update(entry["command"].replace(TOP, "").encode())
        for path in [entry["file"], *sorted(files)]:
            known.update(self.hash_of(path))
        return os.path.join(CACHE, known.hexdigest())

    @staticmethod
    def forget_old():
        for name in os.listdir(CACHE):
            path = os.path.join(CACHE, name)
            if os.path.getmtime(path) < time.time() - MONTH:
                os.unlink(path)


def said_of(build, path):
    """What clang-tidy says of a source; empty if nothing."""
    done = subprocess.run(["clang-tidy", "--quiet", "-p", build, path], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    lines = (done.stdout + done.stderr).splitlines()
    return "\n".join(line for line in lines if not NOISE.match(line)) or f"{path}: status {done.returncode}"


def check(build, entry, remembered):
    place = remembered.place(entry)
    if place and os.path.exists(place):
        os.utime(place)
        return ""
    said = said_of(build, entry["file"])
    if not said and place:
        with open(place, "wb"):
            pass
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="a tree that clang has compiled")
    parser.add_argument("files", nargs="*", help="sources; all of src if there are none")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    entries = compiled(build)
    if options.files:
        entries = {path: entries[path] for path in map(os.path.abspath, options.files)}
    if not entries:
        sys.exit("no sources, so this test looks in the wrong place")
    remembered = Remembered(build)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(lambda entry: check(build, entry, remembered), entries.values()))
    remembered.forget_old()
    # What is wrong in a header is said for each source that includes it.
    found = sorted({text for text in said if text})
    print("\n".join(found))
    print(f"{len(entries)} sources, {len([text for text in said if text])} with findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
