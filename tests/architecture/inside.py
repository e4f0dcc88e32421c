"""The internal documents agree with the tree: the map of modules, files and names that src/README.md and
tests/README.md mention, sections of the specification that comments cite, and the columns in sql/README.md."""

import glob
import os
import re
import sys
import unittest

import howto
import plan
from plan import TOP, text_of
from support import case

SPECIFICATION = "src/greylist/README.md"
DATABASES = ("sqlite", "postgresql", "mysql")


def read(*path):
    return text_of(os.path.join(TOP, *path))


def files_below(*tops):
    found = [path for top in tops for path in glob.glob(os.path.join(TOP, top, "**", "*.*"), recursive=True)]
    return [path for path in found if re.search(r"\.(cpp|hpp|py|sql|txt|sh|in|conf|[58])$", path)]


def quoted(text):
    """Text between backticks, outside code blocks."""
    return re.findall(r"`([^`]+)`", re.sub(r"(?ms)^ *```.*?^ *```$", "", text))


class Specification(unittest.TestCase):
    def test_every_cited_section_exists(self):
        sections = set(re.findall(r"(?m)^## (\d+)\. ", read(SPECIFICATION)))
        cited = 0
        for path in files_below("src", "include", "tests", "sql"):
            text = re.sub(r"\s*\n\s*(//|--|#)\s*", " ", text_of(path))
            self.assertNotIn("behaviour" + ".md", text, path)
            for numbers in re.findall(rf"{re.escape(SPECIFICATION)},? sections? (\d+(?:(?:, | and )\d+)*)", text):
                for number in re.findall(r"\d+", numbers):
                    cited += 1
                    self.assertIn(number, sections, os.path.relpath(path, TOP))
        self.assertGreater(cited, 15)

    def test_its_contents_are_its_sections(self):
        text = read(SPECIFICATION)
        listed = re.findall(r"(?m)^(\d+)\. \[(.*?)\]\(#", text)
        self.assertEqual(listed, re.findall(r"(?m)^## (\d+)\. (.*)$", text))


    def test_its_rules_are_those_of_the_program_in_order(self):
        named = re.findall(r"(?m)^ *\d+\. .*?\((?:rule )?`(\w+)`\)", read(SPECIFICATION).split("## 2. ")[1].split("\n## ")[0])
        array = re.search(r"std::array rules\{(.*?)\n\};", read("src", "greylist", "rules.hpp"), re.DOTALL)[1]
        self.assertEqual(named, re.findall(r'Rule\{"(\w+)"', array))


class Map(unittest.TestCase):
    def test_every_module_is_in_the_map_in_the_order_of_the_plan(self):
        table = read("src", "README.md").split("## Modules", 1)[1].split("\n## ", 1)[0]
        self.assertEqual(re.findall(r"(?m)^\| `(\w+)` \|", table), list(plan.modules()))

    def test_each_file_and_name_it_mentions_exists(self):
        source = {path: text_of(path) for path in files_below("src", "include", "sql", "conf", "tests")}
        words = set().union(*(re.findall(r"\w+", text) for text in source.values()))
        for name in quoted(read("src", "README.md").replace("/MODULE`", "/base`")):
            with self.subTest(name=name):
                if re.fullmatch(r"[\w./-]*(/[\w.-]*|\.(cpp|hpp|py|sh|md|txt|sql))", name):
                    there = [os.path.join(TOP, top, name) for top in ("", "src", "include/sqlgrey")]
                    self.assertTrue(any(os.path.exists(path) for path in there), f"there is no file {name}")
                elif "::" in name:
                    parts = re.findall(r"\w+", name)
                    self.assertTrue(any(all(re.search(rf"\b{part}\b", text) for part in parts)
                                        for text in source.values()), f"no file has all of {name}")
                else:
                    self.assertLessEqual(set(re.findall(r"[A-Za-z_]\w+", name)), words, f"nothing is called {name}")


class Links(unittest.TestCase):
    def test_every_link_between_documents_has_a_target(self):
        documents = glob.glob("*.md", root_dir=TOP)
        for top in ("src", "sql", "tests"):
            documents += glob.glob(os.path.join(top, "**", "*.md"), root_dir=TOP, recursive=True)
        self.assertGreater(len(documents), 6)
        for document in documents:
            text = re.sub(r"(?ms)^ *```.*?^ *```$", "", read(document))
            for link in re.findall(r"\]\(([^)]+)\)", text):
                if "://" in link:
                    continue
                path, _, place = "".join(link.split()).partition("#")
                target = os.path.normpath(os.path.join(TOP, os.path.dirname(document), path or os.path.basename(document)))
                with self.subTest(document=document, link=link):
                    self.assertTrue(os.path.exists(target))
                    if place:
                        headings = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^ *```.*?^ *```$", "", text_of(target)))
                        self.assertIn(place, [howto.anchor(heading) for heading in headings])


class Tests(unittest.TestCase):
    def test_every_test_directory_and_file_it_names_exists(self):
        names = [name for name in quoted(read("tests", "README.md")) if re.fullmatch(r"tests/[\w./]+", name)]
        for name in names:
            self.assertTrue(os.path.exists(os.path.join(TOP, name)), name)
        for path in glob.glob(os.path.join(TOP, "tests", "*", "")):
            name = os.path.basename(os.path.dirname(path))
            if name != "__pycache__":
                self.assertIn(f"tests/{name}", names)

    def test_every_python_test_is_run(self):
        listed = set(re.findall(r"\w+", read("tests", "CMakeLists.txt")))
        for path in glob.glob(os.path.join(TOP, "tests", "*", "*.py")):
            if re.search(r'(?m)^if __name__ == "__main__":\n.*(case\.main|case\.run_tests)', text_of(path), re.DOTALL):
                name = os.path.splitext(os.path.basename(path))[0]
                self.assertIn(name, listed)


class Parameters(unittest.TestCase):
    """CONTRIBUTING.md lists the files that a new parameter touches."""

    def listed(self):
        return re.search(r"(?s)## Add a parameter\n(.*?)\n## ", read("CONTRIBUTING.md"))[1]

    def test_it_touches_six_files_and_those_of_the_module_that_uses_it(self):
        name = "log_queue_id"  # used by service for the log, and nowhere else
        paths = ["HOWTO.md"]
        for top in ("src", "include", "conf"):
            paths += glob.glob(os.path.join(top, "**", "*.*"), root_dir=TOP, recursive=True)
        touched = {path for path in paths if os.path.isfile(os.path.join(TOP, path))
                   and re.search(rf"\b{name}\b", text_of(os.path.join(TOP, path)))}
        of_module = {path for path in touched if "/service/" in path}
        self.assertGreater(len(of_module), 0)
        self.assertIn("A parameter touches six files, and those of the module that uses it", self.listed())
        self.assertEqual(len(touched - of_module), 6)
        self.assertEqual(touched - of_module, touched & set(quoted(self.listed())))

    def test_a_parameter_is_one_row_one_member_and_three_texts(self):
        listed = self.listed()
        settings = read("include", "sqlgrey", "config", "settings.hpp")
        texts = [read("conf", "sqlgrey.conf"), read("conf", "man", "sqlgrey.conf.5"), read("HOWTO.md")]
        tables = [path for path in plan.files_of("config") if re.search(r"(parameters|_rows)\.cpp$", path)]
        names = re.findall(r"(?m)^# (\w+) =", texts[0])
        self.assertGreater(len(names), 50)
        for name in names:
            with self.subTest(name=name):
                rows = [(path, row) for path in tables for row in
                        re.findall(rf'(?s)\{{"{name}", "?(.*?)(?=_row\(|\brow\(|\n    \}};|\Z)', text_of(path))]
                self.assertEqual(len(rows), 1)
                [(path, row)] = rows
                self.assertIn(f"`{os.path.relpath(path, TOP)}`", listed)
                for member in re.findall(r"(?:Settings::|\bs(?:ettings)?\.)(\w+)", row):
                    self.assertRegex(settings, rf"\b{member}\b")
                for text in texts:
                    self.assertRegex(text, rf"\b{name}\b")


class Tables(unittest.TestCase):
    """sql/README.md describes the tables as in each database's tables.sql."""

    def described(self):
        """{table: (columns, key)} of sql/README.md"""
        found = {}
        for heading, text in re.findall(r"(?ms)^## ([\w, ]+?)(?:: .*?)?$(.*?)(?=^## |\Z)", read("sql", "README.md")):
            rows = re.findall(r"(?m)^\| `(\w+)` \| (?:text|number|time)", text)
            key = re.search(r"Key: ((?:`\w+`(?:, )?)+)\.", text)
            for table in heading.split(", "):
                if rows:
                    found[table] = (rows, quoted(key[1]) if key else [])
        return found

    def test_columns_and_keys_are_those_of_every_database(self):
        described = self.described()
        for database in DATABASES:
            made = re.findall(r"(?ms)^create table (\w+) \(\n(.*?)\)[^()]*;$", read("sql", database, "tables.sql"))
            self.assertEqual(len(made), 17, database)
            for table, body in made:
                columns = re.findall(r"(?m)^    (?!primary|unique|constraint)(\w+) \w", body)
                key = re.search(r"primary key \((.*?)\)", body)
                with self.subTest(database=database, table=table):
                    if table.startswith("opt"):
                        rows, _ = described["optin_domain"]
                        self.assertEqual(columns, [table.split("_")[1]])
                        self.assertLessEqual(set(columns), set(rows))
                        continue
                    rows, named = described[table]
                    self.assertEqual(rows[:len(columns)], columns)
                    if key:
                        self.assertEqual(named, key[1].split(", "))

    def test_its_level_is_the_programs(self):
        level = re.search(r"constexpr int our_level = (\d+);", "".join(
            text_of(path) for path in plan.files_of("store")))[1]
        self.assertIn(f"level of our own tables, {level} ", read("sql", "README.md"))


if __name__ == "__main__":
    case.run_tests(sys.argv[1:])
