"""How measurements are combined and shown: medians, a table, one JSON object, and the machine."""

import json
import os
import platform
import statistics
import tempfile
import time


class Results:
    """Measurements by subject, such as {"database": "SQLite", "workload": "new", "server": "ours"}."""

    def __init__(self):
        self.kept = {}

    def add(self, measured, **of):
        self.kept.setdefault(tuple(of.items()), []).append(measured)

    def rows(self):
        """Each subject with its rounds, and the median of each figure."""
        return [{**dict(of), "rounds": rounds, "median": median_of(rounds)} for of, rounds in self.kept.items()]

    def median(self, figure, **of):
        """None if it was not measured."""
        for row in self.rows():
            if all(row.get(name) == value for name, value in of.items()):
                return row["median"].get(figure)
        return None


def median_of(rounds):
    figures = {name for one in rounds for name, value in one.items() if isinstance(value, (int, float))}
    return {name: statistics.median(one[name] for one in rounds if name in one) for name in sorted(figures)}


def ratio(one, other, digits=2):
    """As text; empty if there is nothing to compare."""
    return f"{one / other:.{digits}f}" if one is not None and other else "-"


def table(heads, rows):
    """Aligned columns: numbers and ratios to the right, words to the left."""
    cells = [heads] + [[shown(value) for value in row] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    right = [bool(rows) and all(looks_like_number(line[i]) for line in cells[1:]) for i in range(len(heads))]
    return "\n".join("  ".join(cell.rjust(width) if to_right else cell.ljust(width)
                               for cell, width, to_right in zip(line, widths, right)).rstrip() for line in cells)


def shown(value):
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    return "-" if value is None else str(value)


def looks_like_number(text):
    return text == "-" or text[:1].isdigit()


def machine():
    """What the figures depend on apart from the programs."""
    return {"cores": os.cpu_count(), "processor": processor(), "system": f"{platform.system()} {platform.release()}",
            "files": tempfile.gettempdir(), "file_system": file_system(tempfile.gettempdir()),
            "fdatasync_ms": round(time_of_sync(), 3), "load": os.getloadavg()[0]}


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.machine()


def file_system(path):
    path = os.path.realpath(path)
    best = ("", "unknown")
    with open("/proc/mounts", encoding="utf-8") as file:
        for line in file:
            _, place, kind = line.split()[:3]
            if os.path.commonpath([place, path]) == place:
                best = max(best, (place, kind), key=lambda found: len(found[0]))
    return best[1]


def time_of_sync():
    """Milliseconds for a small write to the disk: the median of fifty."""
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(50):
            began = time.perf_counter()
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
            times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def headline(facts):
    text = (f"{facts['cores']} cores ({facts['processor']}), files in {facts['files']} ({facts['file_system']}), "
            f"a write to the disk takes {facts['fdatasync_ms']:.2f} ms")
    if facts["load"] > 0.5:
        text += f"\nThe machine is busy with something else (load {facts['load']:.1f}): these will not be its best."
    if facts["file_system"] in ("tmpfs", "ramfs"):
        text += "\nThese files are in memory, where durability costs nothing: name a directory on a disk by TMPDIR."
    return text


def footline(facts):
    """Records the time of a write in `facts`; says so if the disk's speed changed meanwhile."""
    before, after = facts["fdatasync_ms"], round(time_of_sync(), 3)
    facts["fdatasync_ms_after"] = after
    if max(before, after) < 3 * min(before, after):
        return ""
    return f"\nA write to the disk took {before:.2f} ms before, {after:.2f} ms after: something else used it, too."


def write_json(path, question, options, results, facts):
    said = {name: value for name, value in vars(options).items() if not callable(value)}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"question": question, "date": time.strftime("%Y-%m-%d"), "machine": facts, "options": said,
                   "results": results}, file, indent=1, default=str)
        file.write("\n")
