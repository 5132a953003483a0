# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benches share: rows of results, and how to measure beside other work.

A row says what was measured, and has a number for each thing that was compared. Times are
ratios to the first one in the row, because the machine is never the same.
"""
import argparse
import json
import pathlib
import random
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from harness.any_source import in_memory  # noqa: E402


def lowest(figures):
    """A low quartile: what others on the machine take only adds to a figure."""
    figures = list(figures)
    return statistics.quantiles(figures, n=4)[0] if len(figures) > 1 else figures[0]


def ratios(rounds):
    """name -> how many times the figure of the first name; rounds are dicts of figures."""
    figures = {name: lowest(found[name] for found in rounds) for name in rounds[0]}
    first = next(iter(figures.values()))
    return {name: figure / first for name, figure in figures.items()}


def turned(items, n):
    """The items, beginning with another one in each round."""
    items = list(items)
    n %= len(items)
    return items[n:] + items[:n]


def interleaved(names, rounds, measure):
    """Measures all in each round, beginning with another one. Returns a dict for each round."""
    names, found = list(names), []
    for n in range(rounds):
        figures = {name: measure(name) for name in turned(names, n)}
        found.append({name: figures[name] for name in names})
    return found


def core_seconds(pid):
    """The processor time of all threads of a process, in seconds; ticks are too coarse."""
    found = 0
    for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        found += int(stat.read_text().split()[0])
    return found / 1e9


def exporters(n):
    """n addresses of 127.0.0.0/8, in no order."""
    found = [in_memory(0x7F010001 + i) for i in range(n)]
    random.Random(n).shuffle(found)
    return found


class Report:
    """Prints a table, and writes the rows as JSON for bench/run."""

    def __init__(self, part, path=None):
        self.path = path
        self.rows = []
        self.begin(part)

    def begin(self, part):
        """Another table."""
        self.part = part
        self.head = None

    def add(self, what, unit, values):
        """values: name -> number."""
        self.rows.append({"part": self.part, "what": what, "unit": unit, "values": values})
        if self.head != list(values):
            self.head = list(values)
            print(f"{self.part:44}", *(f"{name:>12}" for name in values))
        print(f"{what:44}", *(f"{text(value, unit):>12}" for value in values.values()), flush=True)

    def end(self):
        if self.path:
            self.path.write_text(json.dumps(self.rows, indent=1) + "\n", encoding="ascii")


def text(value, unit):
    return f"{value:.2f} x" if unit == "x" else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def parser(doc):
    """The options that all benches have."""
    made = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the rows to FILE")
    return made
