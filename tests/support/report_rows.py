"""Rows that `sqlgreyctl report` shows: daily statistics, waiting triplets, pools and list entries, with names as an
attacker would choose them."""

import json
import os
import re
import time

from support import ctl

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def now_and_for_a_while():
    """The time; shortly before midnight it is waited for, because today is a day of the report."""
    parts = time.localtime()
    left = 86400 - parts.tm_hour * 3600 - parts.tm_min * 60 - parts.tm_sec
    if left < 240:
        time.sleep(left + 1)
    return int(time.time())


NOW = now_and_for_a_while()
EDGES = (60, 120, 300, 420, 600, 1800, 3600, 14400, 86400, 0)

HOSTILE = ['"><script>alert(1)</script>', "]]><!--", "\u202egpj.example", "w" * 64, "'; rm -rf / #", "</title></style></svg>",
           "$(reboot)`id`\\", "&lt;b&gt;", "\u2066a\u200b" + "\u0e49" * 60, "<img src=x onerror=alert(1)>"]


def day(ago):
    """As a daemon on this machine names it."""
    noon = time.localtime(NOW)
    return time.strftime("%Y-%m-%d", time.localtime(time.mktime(noon[:3] + (12, 0, 0, 0, 0, -1)) - ago * 86400))


HOSTS = ("mx1.example.net", "mx2.example.net")


def daily(days, hosts=HOSTS):
    """(rows of daily, rows of daily_delay)"""
    counts, delays = [], []
    for ago in range(days):
        for number, host in enumerate(hosts):
            base = 60 + (ago * 37 + number * 11) % 90
            for name, count in (("from_awl", base * 11), ("whitelisted", base * 2), ("reconnect_ok", base),
                                ("first_attempt", base * 4), ("early_reconnect", base * 2), ("blacklisted", base // 6),
                                ("never_retried", base * 3), ("rows:connect", 9000 + ago), ("rows:from_awl", 20000 - ago)):
                counts.append((day(ago), host, name, 1, count))
            if ago % 9 == 4:
                counts += [(day(ago), host, "store_unavailable", 1, 50), (day(ago), host, "passed_by_policy", 1, 50)]
            delays += [(day(ago), host, up_to, 1, base // 3 if up_to != 420 else base * 3) for up_to in EDGES]
    return counts, delays


def quoted(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def statements(database, counts, delays):
    """SQL that makes the two tables, as far as they are missing, and fills them."""
    with open(os.path.join(TOP, "sql", database, "tables.sql"), encoding="utf-8") as file:
        made = re.findall(r"(?ms)^create table (daily\w*) (\(.*?);$", file.read())
    assert [name for name, _ in made] == ["daily", "daily_delay"]
    found = [f"create table if not exists {name} {columns}" for name, columns in made]
    for table, rows in (("daily", counts), ("daily_delay", delays)):
        for at in range(0, len(rows), 500):
            values = ", ".join("(" + ", ".join(map(quoted, row)) + ")" for row in rows[at:at + 500])
            found.append(f"insert into {table} values {values}")
    return found


def cut(name, length):
    """At most so many bytes of it."""
    return name.encode()[:length].decode(errors="ignore")


def other_rows(names=HOSTILE):
    """Lines for `sqlgreyctl import`."""
    def stamp(ago):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - ago))

    rows = []
    for n, name in enumerate(names):
        rows += [{"table": "connect", "src": src, "sender_domain": name, "sender_name": cut(name, 64), "rcpt": f"r{i}@example.net",
                  "first_seen": stamp(60 * i)} for src in (f"192.0.2.{n}", cut(name, 39)) for i in range(n + 2)]
        rows += [{"table": "pool", "member": f"10.0.{n}", "pool": "@" + cut(name, 38), "evidence": cut(name, 64), "first_seen": stamp(99),
                  "last_seen": stamp(9)},
                 {"table": "organisation", "src": "@" + cut(name, 38), "never_came_back": 5 * n, "came_back": n,
                  "halved_at": stamp(99), "crowd": n % 2}]
        rows += [{"table": "lists", "list": "whitelist_senders", "entry": f"{kind}{name}", "reason": name, "added_by": "root",
                  "added_at": stamp(999), "hits": hits} for kind, hits in (("u", 0), ("h", n + 1))]
    rows.append({"table": "connect", "src": "*", "sender_domain": "", "sender_name": "0123", "rcpt": "192.0.2",
                 "first_seen": stamp(9)})
    return ("\n".join(json.dumps(row) for row in rows) + "\n").encode()


def facts(names=HOSTILE):
    """Statements for the table `fact`: each name is a blacklist that has two of five clients, and a system. Later rows
    have expired, or say nothing about a client."""
    rows = []
    for n, name in enumerate(name.replace("\\", "/") for name in names):  # for MySQL an escape in SQL
        for client in range(5):
            rows.append((f"192.0.2.{client}", "", "dnsbl " + cut(name, 100), "2 127.0.0.2" if client < 2 else "-"))
        rows += [(f"192.0.2.{n}", "", "p0f_os", cut(name, 60)), (f"192.0.2.{n}", "a.example", "spf", "pass" if n % 2 else "fail"),
                 (f"192.0.2.{n}", "", "dnswl wl.example", "high" if n < 3 else "-")]
    rows = [(*row, NOW + 86400) for row in rows]
    rows += [("192.0.2.9", "b.example", "spf", "softfail", NOW - 9), ("", "a.example", "spf", "12", NOW + 86400),
             ("192.0.2.1", "", "asked", "done", NOW + 86400)]
    return ["insert into fact (client, domain, source, value, expires_at) values (" + ", ".join(map(quoted, row)) + ")"
            for row in rows]


def fill(server, database, run, days=30, names=HOSTILE, hosts=HOSTS):
    """`server`: has run, so that its tables are there; `run` executes a statement."""
    for statement in statements(database, *daily(days, hosts)) + facts(names):
        run(statement)
    done = ctl.run(server, "import", "-", stdin=other_rows(names))
    assert done.returncode == 0, done.stderr
