"""README.md, HOWTO.md, manual pages, sample settings and the scripts in init/ agree with one another and with the
program."""

import glob
import os
import re
import subprocess
import time

import howto
from support import case, servers
from support.daemon import wait_until

LIMIT = 60
ASKS = "check_policy_service { inet:127.0.0.1:2501, timeout=10s, default_action=DUNNO }"
CONNECTIONS = ("Each worker has two connections to the database, one without lists_in_database; one more is for cleaning, "
               "and another is open for a moment every stats_interval.")
SECONDS = {"s": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
RESTART = ["inet", "unix", "unix_mode", "milter", "metrics_listen", "user", "group", "pidfile"]


def plain(text):
    """Without line breaks, comment signs, and markup of Markdown and roff."""
    text = re.sub(r"(?m)^# ?", "", text)
    return re.sub(r"\s+", " ", text.replace("\\-", "-").replace("`", ""))


def sample_texts():
    """{parameter: what conf/sqlgrey.conf says of it}"""
    found, text = {}, []
    for line in howto.text_of("conf", "sqlgrey.conf").splitlines():
        setting = re.match(r"(?:# )?(\w+) =", line)
        if setting and text:
            found[setting[1]], text = plain("\n".join(text)).strip(), []
        elif line.startswith("# "):
            text.append(line)
        else:
            text = []
    return found


def manual_texts():
    """{parameter: what sqlgrey.conf(5) says of it}"""
    page = howto.text_of("conf", "man", "sqlgrey.conf.5")
    entries = re.findall(r"(?ms)^\.TP\n\.B (\w+) =[^\n]*\n(.*?)(?=^\.(?:TP|SH))", page)
    return {name: plain(text).strip() for name, text in entries}


class Documents(case.DaemonCase):
    def test_manual_and_sample_file_say_the_same_of_each_parameter(self):
        manual, sample = manual_texts(), sample_texts()
        self.assertGreater(len(sample), 50)
        self.assertEqual(set(manual), set(sample))
        for name, text in sample.items():
            self.assertIn(manual[name].removeprefix(text), ("", " See DATA SOURCES."), name)

    def test_the_settings_for_postfix_are_the_same_everywhere(self):
        for path in (("README.md",), ("HOWTO.md",), ("conf", "man", "sqlgrey.8")):
            self.assertIn(ASKS, plain(howto.text_of(*path)), path)
        self.assertIn(ASKS.replace("127.0.0.1:2501", "$address"), howto.text_of("init", "quickstart.sh"))
        spawn = "sqlgrey unix - n n - 0 spawn\n    user=sqlgrey argv=/usr/local/sbin/sqlgrey --stdio"
        for path in (("HOWTO.md",), ("conf", "man", "sqlgrey.8")):
            text = re.sub(r"(?m)^    (?=sqlgrey unix|    user=)", "", howto.text_of(*path)).replace("\\-", "-")
            self.assertIn(spawn, text, path)
            self.assertIn("check_policy_service { unix:private/sqlgrey, default_action=DUNNO }", plain(text), path)

    def test_parameters_that_need_a_restart_are_those_the_daemon_names(self):
        server = self.start()
        server.configure(inet=f"127.0.0.1:{server.port + 1}", unix=self.directory + "/socket", unix_mode="0600",
                         milter="unix:" + self.directory + "/milter", metrics_listen=self.directory + "/metrics",
                         user="daemon", group="daemon", pidfile=self.directory + "/pid")
        server.process.send_signal(1)
        server.wait_for_log("a new generation of workers takes over")
        named = re.findall(r"conf: warning: the change of (\w+) takes effect only after a restart", server.log())
        self.assertEqual(sorted(named), sorted(RESTART))
        for path in (("HOWTO.md",), ("conf", "sqlgrey.conf"), ("conf", "man", "sqlgrey.8"), ("conf", "man", "sqlgrey.conf.5")):
            text = plain(howto.text_of(*path))
            found = re.search(r"([\w, ]*\w) and pidfile need a restart", text)
            names = re.findall(r"\w+", found[1].removeprefix("Only ")) + ["pidfile"]
            self.assertEqual(names[-len(RESTART):], RESTART, path)

    def test_the_number_of_connections_is_the_servers_count(self):
        for path in (("HOWTO.md",), ("conf", "sqlgrey.conf"), ("conf", "man", "sqlgrey.conf.5")):
            self.assertIn(CONNECTIONS, plain(howto.text_of(*path)), path)
        with servers.PostgreSQL() as base:
            settings = dict(line.split(" = ") for line in base.conf_lines())

            def connections():
                return int(base.query("select count(*) from pg_stat_activity where datname = 'sqlgrey' and "
                                      "backend_type = 'client backend' and pid <> pg_backend_pid()"))

            for lists, each in (("on", 2), ("off", 1)):
                server = self.daemon(lists, settings={**settings, "workers": 3, "lists_in_database": lists,
                                                      "stats_interval": 0})
                server.start()
                wait_until(lambda: connections() == 3 * each + 1, lambda: f"{connections()} connections")
                time.sleep(1)
                self.assertLessEqual(connections(), 3 * each + 1)
                server.stop()

    def test_times_in_the_guide_are_the_defaults(self):
        done = subprocess.run([self.binary, "--help"], capture_output=True, text=True, check=True, timeout=LIMIT)
        defaults = {name: int(number) * SECONDS[unit]
                    for name, number, unit in re.findall(r"(?m)^  (\w+) = (\d+)  \((s|min|h|d);", done.stdout)}
        named = re.findall(r"`(\w+)` \((\d+) (s|minute|hour|day)", howto.howto())
        self.assertGreater(len(named), 2)
        for name, number, unit in named:
            self.assertEqual(int(number) * SECONDS[unit], defaults[name], name)

    def test_variables_of_the_init_script_are_documented(self):
        script = howto.text_of("init", "sqlgrey.init.in").split("[ -r /etc/default/sqlgrey ]")[0]
        names = re.findall(r"(?m)^(\w+)=", script)
        self.assertGreater(len(names), 3)
        told = re.search(r"/etc/default/sqlgrey, if it exists, may set ([^(]*)", plain(howto.howto()))
        self.assertEqual(re.findall(r"[A-Z]+", told[1]), names)

    def test_every_option_of_the_help_is_in_the_manual(self):
        done = subprocess.run([self.binary, "--help"], capture_output=True, text=True, check=True, timeout=LIMIT)
        options = re.findall(r"(?m)^  .*?(--[a-z-]+)", done.stdout.split("Parameters of sqlgrey.conf")[0])
        self.assertGreater(len(options), 8)
        page = plain(howto.text_of("conf", "man", "sqlgrey.8"))
        entries = re.findall(r"\.TP \.B [^.]*?(--[a-z-]+)", page)
        self.assertEqual(sorted(set(entries)), sorted(set(options)))

    def test_every_setting_of_sqlgrey_1_8_is_documented(self):
        table = howto.chapter("Migrating from SQLgrey 1.8")
        self.need("/etc/sqlgrey/sqlgrey.conf", "sqlgrey")
        with open("/etc/sqlgrey/sqlgrey.conf", encoding="utf-8") as file:
            names = set(re.findall(r"(?m)^#* *(\w+) *=", file.read()))
        self.assertGreater(len(names), 20)
        for name in names:
            self.assertIn(f"`{name}`", table)

    def test_the_readme_names_the_packages_for_building(self):
        packages = re.search(r"(?s)build_packages=\((.*?)\)", howto.text_of("init", "packages.sh"))[1].split()
        rows = re.search(r"(?s)## Dependencies\n(.*?)\n## ", howto.text_of("README.md"))[1]
        named = re.findall(r"`([\w+-]+-dev)`", rows)
        self.assertEqual(sorted(named), sorted(name for name in packages if name.endswith("-dev")))

    def test_the_readme_names_every_directory_of_tests(self):
        text = howto.text_of("README.md")
        for path in glob.glob(os.path.join(howto.TOP, "tests", "*", "")):
            name = os.path.basename(os.path.dirname(path))
            if name not in ("support", "__pycache__"):
                self.assertIn(f"tests/{name}", text)

    def test_files_named_in_documents_exist(self):
        for name in ("README.md", "HOWTO.md", "CHANGES.md", "SECURITY.md", "CONTRIBUTING.md"):
            text = re.sub(r"(?ms)^```.*?^```$", "", howto.text_of(name))
            paths = re.findall(r"(?<![\w/.])((?:init|tests|conf|sql|src|include)/[a-z0-9_./-]*\w)\b(?!/?[A-Z])", text)
            links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
            self.assertTrue(paths or links, name)
            for path in paths + links:
                self.assertTrue(os.path.exists(os.path.join(howto.TOP, path)), f"{name}: {path}")


if __name__ == "__main__":
    case.main()
