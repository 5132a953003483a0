# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs pmreuseport-gen and reads its report."""
import contextlib
import json
import os
import signal
import subprocess

from . import PATIENCE, wait_for
from .nfacctd import PREFIX

GENERATOR = os.environ.get("PMR_GENERATOR", str(PREFIX / "bin" / "pmreuseport-gen"))
TO = ("--to", "127.0.0.1:2055", "--to", "[::1]:2055")
BMP_TO = ("--to", "127.0.0.1:1790", "--to", "[::1]:1790")


def _run(*args):
    out = subprocess.run(
        [GENERATOR, *map(str, args)], check=True, stdout=subprocess.PIPE, timeout=PATIENCE
    ).stdout
    return json.loads(out)


def state(pid):
    """The state letter of a process; "T" means stopped by a signal."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
        return stat.read().rpartition(")")[2].split()[0]


def flows(*args, to=TO):
    """Send flows and return the report of the generator."""
    return _run("flows", *to, *args)


def replay(path, *args, to=TO):
    """Send the UDP payloads of a capture and return the report of the generator."""
    return _run("replay", path, *to, *args)


def records(path):
    """The records that "flows --records" wrote."""
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Routers:
    """BMP sessions that stay open until end()."""

    def __init__(self, *args, to=BMP_TO, stderr=None):
        # Longer than the default of the generator. Unpatched pmacct has a backlog of 1, which
        # drops the SYN of all but two routers; the others retry after 1, 2, 4 ... seconds.
        self.process = subprocess.Popen(
            [GENERATOR, "bmp", *to, "--timeout", "60", *map(str, args), "--hold", "forever"],
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the generator ended with status {self.process.wait()}")
        self.report = json.loads(line)

    def end(self):
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
        self.process.wait(PATIENCE)  # the generator may wait for a router that cannot connect
        self.process.stdout.close()


class Load:
    """Flows until stop(), with freeze() and thaw() in between."""

    def __init__(self, *args, to=TO):
        self.process = subprocess.Popen(
            [GENERATOR, "flows", *to, "--flows", "4000000000", *map(str, args)],
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def freeze(self):
        """Stop the generator: it sends nothing until thaw()."""
        os.kill(self.process.pid, signal.SIGSTOP)
        wait_for("the generator stopped", lambda: state(self.process.pid) == "T")

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self):
        """End the flows. Returns the report of the generator."""
        os.kill(self.process.pid, signal.SIGTERM)
        out, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0
        return json.loads(out)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


@contextlib.contextmanager
def sending(path, *args):
    """Send flows during the block, and write their records to path."""
    load = Load("--records", path, *args)
    try:
        wait_for("the load", lambda: path.exists() and path.stat().st_size)
        yield
        load.stop()
    finally:
        load.end()
