"""The module plan, by the include lines: a module uses only what src/CMakeLists.txt allows, and dependencies only
point up that list. Also: file length and formatting."""

import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

from support import case

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MOST_LINES = 400

# The headers of each library; only modules that link it may include them.
LIBRARIES = {
    "Boost::program_options": r"boost/program_options",
    "Boost::headers": r"boost/(beast|asio)",
    "PkgConfig::RE2": r"re2/",
    "PkgConfig::PCRE2": r"pcre2",
    "PkgConfig::PSL": r"libpsl",
    "PkgConfig::CARES": r"ares",
    "SOCI::core": r"soci/",
    "SOCI::sqlite3": r"(soci/sqlite3|sqlite3\.h)",
    "SOCI::postgresql": r"(soci/postgresql|libpq)",
    "SOCI::mysql": r"(soci/mysql|mysql|mariadb|errmsg\.h)",
    "OpenSSL::Crypto": r"openssl/",
    "ZLIB::ZLIB": r"zlib\.h",
    "Threads::Threads": r"pthread\.h",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def modules():
    """What src/CMakeLists.txt says: {module: [what it uses]}, in its order."""
    plan = re.sub(r"#.*", "", text_of(os.path.join(TOP, "src", "CMakeLists.txt")))
    return {words[0]: [word for word in words[1:] if word != "USES"]
            for words in (call.split() for call in re.findall(r"^module\(([^)]*)\)", plan, re.MULTILINE))}


def within_reach(module, plan):
    """Modules and libraries it may include: those it uses, and those they use."""
    reach = set()
    for used in plan[module]:
        name = used.removeprefix("sqlgrey_")
        reach.add(name)
        if name in plan:
            reach |= within_reach(name, plan)
    return reach


def files_of(module):
    places = (os.path.join("src", module), os.path.join("include", "sqlgrey", module))
    return [path for place in places for path in glob.glob(os.path.join(TOP, place, "**", "*.[ch]pp"), recursive=True)]


def sources(*ends):
    found = [path for top in ("src", "include", "tests") for end in ends
             for path in glob.glob(os.path.join(TOP, top, "**", "*" + end), recursive=True)]
    assert found, "no source files, so this test looks in the wrong place"
    return sorted(found)


class Plan(unittest.TestCase):
    def test_every_module_is_in_the_plan(self):
        plan = set(modules())
        self.assertGreater(len(plan), 5)
        for top in (os.path.join(TOP, "src"), os.path.join(TOP, "include", "sqlgrey")):
            there = {name for name in os.listdir(top) if os.path.isdir(os.path.join(top, name))}
            self.assertLessEqual(there - {"cmake"}, plan, top)

    def test_dependencies_only_point_up(self):
        above = set()
        for module, uses in modules().items():
            used = {name.removeprefix("sqlgrey_") for name in uses if name.startswith("sqlgrey_")}
            self.assertLessEqual(used, above, f"{module} uses a module that stands below it")
            above.add(module)

    def test_a_module_includes_only_what_it_may_use(self):
        plan = modules()
        seen = 0
        for module in plan:
            reach = within_reach(module, plan) | {module}
            for path in files_of(module):
                for included in INCLUDE.findall(text_of(path)):
                    seen += 1
                    other = re.match(r"sqlgrey/([^/]+)/", included)
                    if other:
                        self.assertIn(other[1], reach, f"{os.path.relpath(path, TOP)} includes {included}")
                    for library, headers in LIBRARIES.items():
                        if re.match(headers, included):
                            self.assertIn(library, reach, f"{os.path.relpath(path, TOP)} includes {included}")
        self.assertGreater(seen, 100)

    def test_private_headers_stay_in_their_module(self):
        plan = modules()
        owns = {module: {os.path.basename(path) for path in files_of(module)} for module in plan}
        for module in plan:
            others = set().union(*(owns[other] for other in plan if other != module)) - owns[module]
            for path in files_of(module):
                for included in re.findall(r'^#include "([^"]+)"', text_of(path), re.MULTILINE):
                    self.assertNotIn("..", included, os.path.relpath(path, TOP))
                    self.assertNotIn(included, others, os.path.relpath(path, TOP))

    def test_no_file_is_too_long(self):
        for path in sources(".cpp", ".hpp", ".py"):
            lines = text_of(path).count("\n")
            self.assertLessEqual(lines, MOST_LINES, os.path.relpath(path, TOP))

    def test_all_files_are_formatted(self):
        if not shutil.which("clang-format"):
            self.skipTest("clang-format is missing (package clang-format)")
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", *sources(".cpp", ".hpp")], capture_output=True,
                              text=True, check=False, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr[:4000])


if __name__ == "__main__":
    case.run_tests(sys.argv[1:])
