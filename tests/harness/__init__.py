# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the tests and the demo: namespaces, nfacctd instances, traffic."""
import os
import pathlib
import signal
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# How long to wait for what must happen, in seconds. So long that a slow or busy machine does not
# fail a test; nothing is expected to take that long.
PATIENCE = 120.0


def wait_for(what, condition, timeout=PATIENCE):
    """Poll condition() until it returns a true value, and return that value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout:g} s still not: {what}")
        time.sleep(0.05)


def freeze(pid):
    """SIGSTOP, and wait until all threads have stopped: each may read until then."""
    os.kill(pid, signal.SIGSTOP)
    tasks = pathlib.Path(f"/proc/{pid}/task")
    wait_for(
        "all threads stopped",
        lambda: all(") T " in (task / "stat").read_text() for task in tasks.iterdir()),
    )


def thaw(pid):
    os.kill(pid, signal.SIGCONT)


def cpu_seconds(pid):
    """The processor time of all threads of a process."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
