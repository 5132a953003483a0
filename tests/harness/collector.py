# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemons that run any configuration, not only a sample, and what they have written.

Which files a configuration has is not known here, so a daemon is ready when its sockets are
open, and has ended when its process has.
"""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
from collections import Counter

from . import PATIENCE, ROOT, wait_for
from .nfacctd import COMMAND, PREFIX
from .pmreuseport import tool

CONFIGURATIONS = ROOT / "tests" / "configurations"
TCP_LISTEN = "0A"
MEASURES = ("packets", "bytes", "flows")
# Fields that differ from run to run.
NOT_IN_KEY = {
    *MEASURES,
    "timestamp",
    "timestamp_min",
    "timestamp_max",
    "timestamp_arrival",
    "stamp_inserted",
    "stamp_updated",
    "seq",
    "bmp_router_port",
    "peer_tcp_port",
}


def prepare(name, directory):
    """The configuration, with all files of its own in directory. Returns the bytes."""
    for made in ("log", "run"):
        (directory / made).mkdir(parents=True)
    shutil.copytree(CONFIGURATIONS / "maps", directory / "maps")
    text = (CONFIGURATIONS / name).read_bytes()
    for path, here in (("etc", "maps"), ("run", "run"), ("var/log", "log"), ("var/lib", "out")):
        text = text.replace(b"/%b/pmacct" % path.encode(), bytes(directory / here))
    return text


def _is_open(kind, port):
    """How many sockets wait for packets or connections on a port."""
    count = 0
    for family in ("", "6"):
        with open(f"/proc/net/{kind}{family}", encoding="ascii") as table:
            for line in list(table)[1:]:
                _, local, _, state = line.split()[:4]
                is_port = int(local.rpartition(":")[2], 16) == port
                count += is_port and (kind == "udp" or state == TCP_LISTEN)
    return count


def _catches(pid):
    """A daemon that catches SIGINT has started its plugins; they must catch it, too."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return False  # a child that has ended; the next list of children is without it
    caught = int(re.search(r"^SigCgt:\s*(\w+)", status, re.M)[1], 16)
    return bool(caught >> (signal.SIGINT - 1) & 1) and all(map(_catches, children.split()))


class Collectors:
    """The daemons of one configuration: a single one, or one for each file of a fork."""

    def __init__(self, directory, configs, binary="nfacctd", background=False, command=()):
        self.directory = directory
        self.configs = [pathlib.Path(config) for config in configs]
        self.binary = binary
        self.background = background
        self.command = command
        self.processes = []
        self.pids = []

    def start(self, ports):
        """ports: of all daemons, such as ("udp", 2055)."""
        for config in self.configs:
            with open(self.directory / f"stderr-{config.stem}", "wb") as stderr:
                self.processes.append(
                    subprocess.Popen(
                        [*self.command, *COMMAND, PREFIX / "sbin" / self.binary, "-f", config],
                        cwd=self.directory,
                        stdin=subprocess.DEVNULL,
                        stdout=stderr,
                        stderr=stderr,
                        start_new_session=True,
                    )
                )
        for kind, port in ports:
            wait_for(f"{kind} {port} open", lambda k=kind, p=port: self._joined(k, p))
        self.pids = [process.pid for process in self.processes]
        if self.background:
            wait_for("all pid files", lambda: len(self._pidfiles()) == len(self.configs))
            self.pids = [int(text) for text in self._pidfiles()]
        # Until then SIGINT just kills.
        wait_for("all processes catch SIGINT", lambda: all(map(_catches, self.pids)))
        return self

    def _pidfiles(self):
        return list(filter(None, (path.read_text() for path in self.directory.glob("run/*.pid"))))

    def _joined(self, kind, port):
        """The kernel chooses itself until the last one has joined."""
        for process in self.processes:
            if process.poll() is not None and not self.background:
                raise RuntimeError(f"a daemon ended with {process.returncode}:\n{self.log()}")
        if len(self.configs) == 1:
            return _is_open(kind, port) == 1
        if _is_open(kind, port) < len(self.configs):
            return False
        # It fails until the first one has joined.
        status = tool("status", "--json")
        states = [
            bucket["state"]
            for cluster in json.loads(status.stdout or '{"clusters": []}')["clusters"]
            for endpoint in cluster["endpoints"]
            if endpoint["endpoint"].startswith(f"{kind}-{port}-")
            for bucket in endpoint["buckets"]
        ]
        return states == ["live"] * len(self.configs)

    def stop(self):
        """SIGINT: the daemons write out what they have, and end."""
        ends = []
        for pid in self.pids:
            ends.append(os.pidfd_open(pid))
            os.kill(pid, signal.SIGINT)
        for end in ends:
            assert select.select([end], [], [], PATIENCE)[0], f"still running:\n{self.log()}"
            os.close(end)
        self.pids = []

    def end(self):
        """Kill what is left."""
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait(PATIENCE)
        for pid in self.pids if self.background else ():
            os.kill(pid, signal.SIGKILL)

    def log(self):
        files = [*self.directory.glob("stderr-*"), *self.directory.glob("log/*")]
        return "".join(path.read_text(errors="replace") for path in sorted(files))


def rows_of(path):
    """The records of a file of the print plugin: JSON, CSV or a table."""
    lines = [line for line in path.read_text().splitlines() if line and line[:2] != "--"]
    if not lines or lines[0].startswith("{"):
        return [json.loads(line) for line in lines]
    separator = next((mark for mark in ";," if mark in lines[0]), None)
    title, *rest = [[word.strip() for word in line.split(separator)] for line in lines]
    # The title is repeated whenever the plugin appends.
    return [dict(zip(title, row)) for row in rest if row != title]


def add(sums, rows):
    """Add rows to sums: for each record without its counters, the sums of these.

    Two plugins have different fields, so their records are told apart by these.
    """
    for row in rows:
        row = {name.lower(): value for name, value in row.items()}
        key = tuple(sorted((k, str(v)) for k, v in row.items() if k not in NOT_IN_KEY))
        counters = {name: int(row[name]) for name in MEASURES if name in row}
        sums.setdefault(key, Counter()).update(counters)


def totals(directory, names):
    """The sums of all files with such names."""
    sums = {}
    for path in directory.rglob(names):
        if path.is_file() and not path.is_symlink():
            add(sums, rows_of(path))
    return sums
