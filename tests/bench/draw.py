#!/usr/bin/env python3
"""Draws the results of `bench.py compare --json FILE`: requests per second, as bars on a logarithmic scale.

    python3 tests/bench/draw.py FILE.json PICTURE.svg

A column for each workload, a bar for each server, grouped by database.
"""

import argparse
import json
import math
from xml.sax.saxutils import escape

COLUMNS = {"new": "every mail is new", "awl": "every sender is known", "mixed": "most are known, some new"}
# Name in the file: name in the picture, colour of the bar.
SERVERS = {
    "ours": ("this sqlgrey", "#1f6f8b"),
    "Perl sqlgrey": ("Perl SQLgrey 1.8", "#d98841"),
    "postgrey": ("postgrey", "#b5679b"),
    "bare, one by one": ("database alone, one commit each", "#a9b4bd"),
    "bare, 64 at a time": ("database alone, 64 a commit", "#cdd5db"),
    "dunno": ("a server that only says dunno", "#e2e6ea"),
}
INK, QUIET, LINE, PAPER = "#22303a", "#66747f", "#e6eaed", "#ffffff"
LABELS, COLUMN, GAP, MARGIN = 236, 222, 30, 28
ROW, BAR, GROUP = 23, 15, 30
TOP = 112
FOR_VALUE = 42  # space for the number to the right of the longest bar


def read(path):
    with open(path, encoding="utf-8") as file:
        kept = json.load(file)
    if kept.get("question") != "compare":
        raise SystemExit(f"{path}: is not what `bench.py compare --json` writes")
    return kept


def groups_of(results):
    """The rows of the picture: (heading, [server, ...]), databases first."""
    groups = {}
    for row in results:
        servers = groups.setdefault(row["database"], [])
        if row["server"] not in servers:
            servers.append(row["server"])
    order = sorted(groups, key=lambda database: database == "-")
    rank = list(SERVERS)
    return [("others" if database == "-" else database, database,
             sorted(groups[database], key=rank.index)) for database in order]


def short(number):
    if number >= 999_500:
        return f"{number / 1e6:.1f}M"
    if number >= 9_950:
        return f"{number / 1e3:.0f}k"
    return f"{number / 1e3:.1f}k" if number >= 999.5 else f"{number:.0f}"


def power_of_ten(power):
    return f"{10 ** (power - 6)}M" if power >= 6 else f"{10 ** (power - 3)}k" if power >= 3 else f"{10 ** power}"


class Picture:
    def __init__(self, width, height):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
                      f' viewBox="0 0 {width} {height}"'
                      ' font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">',
                      f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}" stroke="{LINE}"/>']

    def text(self, x, y, words, size=12, color=INK, weight="normal", anchor="start"):
        # An outline in the colour of the paper keeps the text readable on the lines of the scale.
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" font-weight="{weight}"'
                          f' text-anchor="{anchor}" stroke="{PAPER}" stroke-width="3" paint-order="stroke">'
                          f'{escape(words)}</text>')

    def bar(self, x, y, width, color, words):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{BAR}" rx="2" fill="{color}">'
                          f'<title>{escape(words)}</title></rect>')

    def line(self, x, top, bottom):
        self.parts.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="{LINE}"/>')

    def end(self):
        return "\n".join([*self.parts, "</svg>\n"])


class Scale:
    """Requests per second as the width of a bar. A column starts at a power of ten below the smallest number."""

    def __init__(self, numbers):
        self.low = math.floor(math.log10(min(numbers)) - 0.2)
        self.high = math.log10(max(numbers))

    def width(self, number):
        return (COLUMN - FOR_VALUE) * (math.log10(number) - self.low) / (self.high - self.low)

    def powers(self):
        return range(self.low, math.floor(self.high) + 1)


def draw(kept):
    results = kept["results"]
    of = {(row["database"], row["server"], row["workload"]): row["median"]["per_second"] for row in results}
    workloads = [workload for workload in COLUMNS if any(row["workload"] == workload for row in results)]
    groups = groups_of(results)
    scale = Scale([number for number in of.values() if number > 0])
    width = 2 * MARGIN + LABELS + len(workloads) * (COLUMN + GAP) - GAP
    bottom = TOP + sum(GROUP + ROW * len(servers) for _, _, servers in groups) + 6
    picture = Picture(width, bottom + 56)
    picture.text(MARGIN, 38, "Requests answered a second", 19, weight="600")
    picture.text(MARGIN, 59, under_title(kept), 12, QUIET)
    lefts = [MARGIN + LABELS + i * (COLUMN + GAP) for i in range(len(workloads))]
    for left, workload in zip(lefts, workloads):
        picture.text(left, TOP - 10, COLUMNS[workload], 13, weight="600")
        for power in scale.powers():
            x = left + scale.width(10 ** power)
            picture.line(x, TOP, bottom)
            picture.text(x, bottom + 16, power_of_ten(power), 10, QUIET, anchor="middle")
    y = TOP
    for heading, database, servers in groups:
        picture.text(MARGIN, y + 20, heading, 13, weight="600")
        y += GROUP
        for server in servers:
            row(picture, y, server, [(left, of.get((database, server, workload)))
                                     for left, workload in zip(lefts, workloads)], scale)
            y += ROW
    picture.text(MARGIN, bottom + 40, under_picture(kept), 11, QUIET)
    return picture.end()


def row(picture, y, server, places, scale):
    name, color = SERVERS[server]
    ours = server == "ours"
    picture.text(MARGIN + 10, y + 12, name, 12, weight="600" if ours else "normal")
    for left, number in places:
        if number:
            picture.bar(left, y, scale.width(number), color, f"{name}: {number:,.0f} a second")
            picture.text(left + scale.width(number) + 5, y + 12, short(number), 11, INK if ours else QUIET,
                         weight="600" if ours else "normal")


def under_title(kept):
    options, machine = kept["options"], kept["machine"]
    return (f"{options['connections']} connections, medians of {options['rounds']} rounds, logarithmic scale; "
            f"{machine['cores']} cores, {machine['processor']}; {kept['date']}")


def under_picture(kept):
    settings = kept["options"].get("settings") or {}
    ours = ", ".join(f"{name} = {value}" for name, value in settings.items()) if settings else "default settings"
    return (f"This sqlgrey: {ours}. PostgreSQL and MariaDB make each commit safe on the disk, where a write takes "
            f"{kept['machine']['fdatasync_ms']:.2g} ms. The database alone: the same lookups and rows.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kept", metavar="FILE.json")
    parser.add_argument("picture", metavar="PICTURE.svg")
    options = parser.parse_args()
    text = draw(read(options.kept))
    with open(options.picture, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
