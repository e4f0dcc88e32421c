"""Grafana's dashboard and Prometheus's alerts use only numbers and labels that the daemon shows; each alert is tried,
and HOWTO.md says what to do about it."""

import json
import os
import re
import subprocess
import tempfile

from support import case, metrics
from support.daemon import wait_until
from support.ports import free_port

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROMTOOL = os.path.join(TOP, "build", "prometheus", "usr", "bin", "promtool")
ALERT_TESTS = ("alerts_test.yml", "alerts_week_test.yml")
LIMIT = 200
OF_PROMETHEUS = {"instance", "job", "le"}


def text_of(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def dashboard():
    return json.loads(text_of("conf", "grafana", "sqlgrey.json"))


def questions_of_dashboard():
    """[(title, expression)], with Grafana's variables replaced."""
    found = [(panel["title"], target["expr"]) for panel in dashboard()["panels"] for target in panel.get("targets", [])]
    return [(title, expression.replace("$__rate_interval", "5m").replace("$instance", ".*")) for title, expression in found]


def alerts():
    return re.split(r"(?m)^ +- alert: ", text_of("conf", "prometheus", "alerts.yml"))[1:]


def name_of(alert):
    return alert.split("\n", 1)[0]


def questions_of_alerts():
    return [(name_of(alert), re.search(r"(?s)expr: (?:>-\n)?(.*?)\n +(?:for|labels):", alert)[1]) for alert in alerts()]


class Files(case.DaemonCase):
    def promtool(self, *arguments, cwd=None):
        self.need(PROMTOOL, "prometheus, which tests/run.sh unpacks")
        done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False, cwd=cwd)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def shown(self):
        """{metric: labels} of a daemon that has cleaned once and has a list."""
        address = ("127.0.0.1", free_port())
        server = self.daemon(settings={"metrics_listen": f"127.0.0.1:{address[1]}", "db_cleandelay": "1s", "enrich": "on",
                                       "dnsbl": "zen.spamhaus.org"})
        server.list_file("whitelist_senders.local", "@example.org\n")
        server.start()
        wanted = {"sqlgrey_cleaning_timestamp_seconds", 'sqlgrey_rows{table="connect"}',
                  'sqlgrey_list_age_seconds{list="whitelist_senders"}'}
        wait_until(lambda: wanted <= set(metrics.scrape(address)), "all there is to show")
        found = {}
        for sample in metrics.scrape(address):
            name, labels = re.match(r"(\w+)(.*)", sample).groups()
            found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
        return found

    def test_they_ask_for_what_the_daemon_shows(self):
        shown = self.shown()
        asked = questions_of_dashboard() + questions_of_alerts()
        self.assertGreater(len(asked), 30)
        for title, expression in asked:
            names = re.findall(r"\bsqlgrey_\w+", expression)
            self.assertTrue(names or 'up{job="sqlgrey"}' in expression, title)
            labels = set(OF_PROMETHEUS)
            for name in names:
                self.assertIn(name, shown, title)
                labels |= shown[name]
            grouped = re.findall(r"(?:by|without) \(([^)]*)\)", expression)
            compared = re.findall(r"(\w+)=~?\"", expression)
            self.assertLessEqual({label.strip() for some in grouped for label in some.split(",")} | set(compared), labels, title)

    def test_every_number_is_on_the_dashboard(self):
        asked = " ".join(expression for _, expression in questions_of_dashboard())
        for name in self.shown():
            self.assertIn(re.sub(r"_(bucket|sum|count)$", "", name), asked)

    def test_prometheus_understands_what_the_dashboard_asks(self):
        rules = "\n".join(f"      - record: question:{number}\n        expr: {json.dumps(expression)}"
                          for number, (_, expression) in enumerate(questions_of_dashboard()))
        with tempfile.NamedTemporaryFile("w", suffix=".yml", dir=self.directory) as file:
            file.write(f"groups:\n  - name: dashboard\n    rules:\n{rules}\n")
            file.flush()
            self.promtool("check", "rules", file.name)

    def test_the_dashboard_can_be_imported(self):
        board = dashboard()
        self.assertEqual(board["uid"], "sqlgrey")
        self.assertIsNone(board["id"])
        self.assertEqual([one["name"] for one in board["templating"]["list"]], ["datasource", "instance"])
        panels = board["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        covered = set()
        for panel in panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & covered, panel["title"])
            covered |= cells
            for target in panel.get("targets", []):
                self.assertEqual(target["datasource"]["uid"], "${datasource}", panel["title"])

    def test_prometheus_understands_the_alerts(self):
        self.assertIn(f"{len(alerts())} rules found", self.promtool("check", "rules", os.path.join(TOP, "conf/prometheus/alerts.yml")))

    def test_each_alert_is_raised_when_it_should_be_and_only_then(self):
        tried = "".join(text_of("conf", "prometheus", name) for name in ALERT_TESTS)
        for alert in alerts():
            self.assertRegex(tried, rf"alertname: {name_of(alert)}\n +eval_time: \w+\n +exp_alerts:\n")
        self.promtool("test", "rules", *ALERT_TESTS, cwd=os.path.join(TOP, "conf", "prometheus"))

    def test_the_guide_says_what_to_do_about_each_alert(self):
        headings = re.findall(r"(?m)^#### (\w+)$", text_of("HOWTO.md"))
        names = [name_of(alert) for alert in alerts()]
        self.assertEqual([name for name in headings if name.startswith("Sqlgrey")], names)
        for alert in alerts():
            self.assertIn(f"runbook: HOWTO.md#{name_of(alert).lower()}\n", alert)
            self.assertRegex(alert, r"severity: (critical|warning)\n")
            for annotation in ("summary", "description"):
                self.assertRegex(alert, rf"(?m)^ +{annotation}: \S")


if __name__ == "__main__":
    case.main()
