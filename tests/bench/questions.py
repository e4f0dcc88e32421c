"""Each question of bench.py, run too briefly for the figures to mean anything: results and table are complete.
Also the picture of draw.py."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

from support import case
from support.bench_servers import POSTGREY
from support.daemon import PERL

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 120


class Questions(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.need(PERL, "sqlgrey")
        self.need(POSTGREY, "postgrey")

    def run_file(self, name, *arguments):
        return subprocess.run([sys.executable, os.path.join(HERE, name), *map(str, arguments)], capture_output=True,
                              text=True, check=False, timeout=LIMIT)

    def ask(self, question, *arguments):
        """(results, printed table)"""
        self.kept = os.path.join(self.directory, "kept.json")
        done = self.run_file("bench.py", question, "--daemon", self.binary, "--tools", self.tools, "--rounds", 1,
                             "--known", 50, "--json", self.kept, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        with open(self.kept, encoding="utf-8") as file:
            kept = json.load(file)
        self.assertEqual(kept["question"], question)
        self.assertGreater(kept["machine"]["fdatasync_ms"], 0)
        self.assertTrue(kept["results"])
        for row in kept["results"]:
            self.assertGreaterEqual(len(row["rounds"]), 1)
            self.assertTrue(row["median"], row)
        return kept["results"], done.stdout

    def figures(self, results, figure, *names):
        return {tuple(row.get(name) for name in names): row["median"][figure]
                for row in results if figure in row["median"]}

    def test_fronts(self):
        results, table = self.ask("fronts", "--databases", "SQLite", "--seconds", 0.3, "--connections", 5, "--workloads",
                                  "awl", "new")
        requests, passed = (self.figures(results, figure, "workload", "front") for figure in ("requests", "passed"))
        for front in ("policy", "milter"):
            self.assertEqual(passed[("awl", front)], requests[("awl", front)])
            self.assertNotIn(("new", front), passed)
        self.assertIn("milter per second", table)

    def test_compare_and_its_picture(self):
        results, table = self.ask("compare", "--databases", "SQLite", "--seconds", 0.3, "--connections", 5)
        figures = self.figures(results, "per_second", "server", "workload")
        servers = ("ours", "Perl sqlgrey", "postgrey", "dunno", "bare, one by one", "bare, 64 at a time")
        self.assertEqual(set(figures),
                         {(server, workload) for server in servers for workload in ("new", "awl", "mixed")})
        self.assertGreater(min(figures.values()), 0)
        passed = self.figures(results, "passed", "server", "workload")
        requests = self.figures(results, "requests", "server", "workload")
        for server in servers[:3]:
            self.assertEqual(passed[(server, "awl")], requests[(server, "awl")], f"{server} knows what it was taught")
            self.assertNotIn((server, "new"), passed)
        self.assertIn("of postgrey", table)
        picture = os.path.join(self.directory, "picture.svg")
        done = self.run_file("draw.py", self.kept, picture)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        bars = [bar for bar in xml.parse(picture).getroot().iter("{http://www.w3.org/2000/svg}rect") if len(bar)]
        self.assertEqual(len(bars), len(figures))
        self.assertTrue(all(float(bar.get("width")) > 0 for bar in bars))

    def test_a_picture_of_something_else_is_refused(self):
        path = os.path.join(self.directory, "other.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write("{}")
        done = self.run_file("draw.py", path, path + ".svg")
        self.assertEqual(done.returncode, 1)
        self.assertIn("bench.py compare", done.stderr)

    def test_connections(self):
        results, _ = self.ask("connections", "--databases", "SQLite", "--seconds", 0.3, "--connections", 40)
        self.assertEqual(set(self.figures(results, "p50_ms", "server", "workload", "connections")),
                         {("dunno", None, 1), ("ours", "new", 1), ("ours", "awl", 1), ("ours", "mixed", 40),
                          ("bare", "new", 1), ("bare", "awl", 1)})
        self.assertEqual(self.figures(results, "unanswered", "connections")[(40,)], 0)

    def test_postfix(self):
        self.need_root("Postfix's master does")
        results, _ = self.ask("postfix", "--databases", "SQLite", "--seconds", 0.3, "--sessions", 3, "--recipients", 4,
                              "--workloads", "awl", "new")
        codes = {(row["server"], row["workload"]): {name for name in row["median"] if name.startswith("code_")}
                 for row in results}
        for server in ("no policy service", "postgrey", "ours", "Perl sqlgrey"):
            self.assertEqual(codes[(server, "awl")], {"code_250"}, server)
            self.assertNotIn("code_250", codes[(server, "new")], server)

    def test_round_trips(self):
        results, _ = self.ask("roundtrips", "--requests", 300, "--connections", 1)
        counted = {(row["database"], row["workload"]): row["median"] for row in results}
        for database in ("SQLite", "PostgreSQL", "MariaDB"):
            for workload, writes in (("new", 300), ("awl", 0)):
                with self.subTest(database=database, workload=workload):
                    median = counted[(database, workload)]
                    # One connection, so each request is a batch of its own. Meanwhile cleaning may open its session,
                    # which takes about 30 statements.
                    self.assertAlmostEqual(median["look_ups"], 300, delta=60)
                    self.assertAlmostEqual(median["writes"], writes, delta=15)

    def test_memory(self):
        results, _ = self.ask("memory", "--databases", "SQLite", "--requests", 200, "--connections", 5)
        self.assertEqual({row["server"] for row in results}, {"ours", "Perl sqlgrey", "postgrey"})
        for row in results:
            self.assertGreater(row["median"]["idle_mb"], 1)
        self.assertEqual({row["server"] for row in results if row["median"].get("first_answer_ms", 0) > 0},
                         {"ours", "Perl sqlgrey"})

    def test_scale(self):
        results, _ = self.ask("scale", "--rows", 10, 300, "--seconds", 0.3, "--workloads", "awl")
        self.assertEqual(set(self.figures(results, "passed", "database", "rows")),
                         {(database, rows) for database in ("SQLite", "PostgreSQL", "MariaDB") for rows in (10, 300)})

    def test_expiry(self):
        results, table = self.ask("expiry", "--databases", "SQLite", "--rows", 3000, "--seconds", 0.3,
                                  "--connections", 3)
        [row] = results
        self.assertGreaterEqual(row["median"]["slices"], 1)
        self.assertGreater(row["median"]["wal_most"], 0)
        self.assertIn("MB at most", table)

    def test_dictionary(self):
        results, _ = self.ask("dictionary", "--databases", "SQLite", "--rows", 100, "--seconds", 0.3)
        self.assertEqual(set(self.figures(results, "deferred", "server", "rows")),
                         {("ours", 0), ("ours", 100), ("Perl sqlgrey", 0), ("Perl sqlgrey", 10)})
        self.assertEqual(set(self.figures(results, "accepted_ms", "server", "rows")),
                         {("ours", 100), ("Perl sqlgrey", 10)})

    def test_pools(self):
        results, _ = self.ask("pools", "--databases", "SQLite", "--seconds", 0.2, "--connections", 3, "--workloads", "awl",
                              "new")
        passed = self.figures(results, "passed", "clients", "workload", "pools")
        requests = self.figures(results, "requests", "clients", "workload", "pools")
        self.assertEqual(len(requests), 8)
        for clients in ("unknown", "named"):
            for pools in ("off", "on"):
                self.assertEqual(passed[(clients, "awl", pools)], requests[(clients, "awl", pools)])
                self.assertNotIn((clients, "new", pools), passed)

    def test_enrich(self):
        results, table = self.ask("enrich", "--databases", "SQLite", "--seconds", 0.2, "--connections", 3, "--workloads", "new")
        self.assertEqual(set(self.figures(results, "deferred", "workload", "dns")),
                         {("new", server) for server in ("none", "answers", "silent")})
        self.assertIn("p99 of none", table)

    def test_durability(self):
        results, _ = self.ask("durability", "--databases", "SQLite", "--seconds", 0.2, "--connections", 2)
        self.assertEqual({value for (value,) in self.figures(results, "deferred", "value")}, {"normal", "full", "off"})

    def test_a_setting_that_is_none_is_an_error(self):
        done = self.run_file("bench.py", "durability", "--daemon", self.binary, "--tools", self.tools, "--databases",
                             "SQLite", "--set", "no_such_setting=1")
        self.assertEqual(done.returncode, 1)
        self.assertIn('"no_such_setting" is not a parameter', done.stderr)

    def test_what_is_not_there_is_named(self):
        done = self.run_file("bench.py", "compare", "--daemon", "/nowhere/sqlgrey", "--tools", self.tools)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--daemon: /nowhere/sqlgrey", done.stderr)


if __name__ == "__main__":
    case.main("tools")
