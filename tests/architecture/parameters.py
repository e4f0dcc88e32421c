"""How many files a parameter touches: what CONTRIBUTING.md says is what one that was added by its rules touches."""

import glob
import os
import re
import sys
import unittest

from plan import TOP, text_of
from support import case

# One that changes what is logged, and has no other effect.
EXAMPLE = "log_queue_id"


def files_with(name):
    found = [os.path.join("HOWTO.md")]
    for top in ("src", "include", "conf"):
        found += glob.glob(os.path.join(top, "**", "*.*"), root_dir=TOP, recursive=True)
    files = (path for path in found if os.path.isfile(os.path.join(TOP, path)))
    return sorted(path for path in files if re.search(rf"\b{name}\b", text_of(os.path.join(TOP, path))))


def steps():
    return re.search(r"(?ms)^## Add a parameter$(.*?)^## ", text_of(os.path.join(TOP, "CONTRIBUTING.md")))[1]


class Parameters(unittest.TestCase):
    def test_one_touches_the_files_that_the_instructions_name(self):
        touched = files_with(EXAMPLE)
        of_module = [path for path in touched if "/service/" in path]
        self.assertGreater(len(of_module), 0)
        named = re.findall(r"`((?:src|include|conf|HOWTO)[\w./]*\.\w+)`", steps())
        self.assertEqual(sorted(set(touched) - set(of_module)), sorted(set(named) & set(touched)))
        count = re.search(r"touches (\w+) files beside those of the module", steps())[1]
        self.assertEqual(len(touched) - len(of_module), ("six", "seven", "eight").index(count) + 6)

    def test_each_has_one_row_in_one_file(self):
        rows = [os.path.join(TOP, "src", "config", name) for name in os.listdir(os.path.join(TOP, "src", "config"))
                if name.endswith("rows.cpp") or name == "parameters.cpp"]
        text = "\n".join(text_of(path) for path in rows)
        names = re.findall(r"(?m)^# (\w+) =", text_of(os.path.join(TOP, "conf", "sqlgrey.conf")))
        self.assertGreater(len(names), 50)
        for name in names:
            self.assertEqual(len(re.findall(rf'\{{"{name}",', text)), 1, name)


if __name__ == "__main__":
    case.run_tests(sys.argv[1:])
