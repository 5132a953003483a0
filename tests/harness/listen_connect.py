# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport-listen and pmreuseport-connect."""
import json
import os
import pathlib
import signal
import subprocess

from . import PATIENCE, wait_for
from .pmreuseport import TOOL

BIN = pathlib.Path(TOOL).parent
LISTEN = str(BIN / "pmreuseport-listen")
CONNECT = str(BIN / "pmreuseport-connect")
PORTS = ("--udp", 2055, "--tcp", 1790)


class Listener:
    """One pmreuseport-listen, with its output in a file."""

    def __init__(self, directory, index, count, *args, ports=PORTS, json=True, command=()):
        self.index = index
        self.json = json
        name = f"listen-{len(list(pathlib.Path(directory).glob('listen-*.out')))}"
        self.out = pathlib.Path(directory) / f"{name}.out"
        self.err = pathlib.Path(directory) / f"{name}.err"
        words = [
            *command,
            LISTEN,
            *ports,
            "--count",
            count,
            "--index",
            index,
            *args,
            *(["--json"] if json else []),
        ]
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [*map(str, words)], stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )

    @property
    def pid(self):
        return self.process.pid

    def lines(self):
        """The complete lines of its output."""
        return self.out.read_text(encoding="ascii").split("\n")[:-1]

    def events(self, name=None):
        return [event for event in map(json.loads, self.lines()) if name in (None, event["event"])]

    def stderr(self):
        return self.err.read_text(encoding="utf-8")

    @property
    def line(self):
        """The line that it sends as an answer."""
        return f"bucket {self.index} pid {self.pid} cluster default"

    @property
    def totals(self):
        (totals,) = self.events("totals")
        return totals

    def wait_for(self, name):
        """Wait for the first event with that name, and return it."""

        def found():
            if self.process.poll() is not None and not self.events(name):
                raise RuntimeError(
                    f"pmreuseport-listen ended with status "
                    f"{self.process.returncode}: {self.stderr()}"
                )
            return self.events(name)

        return wait_for(f"event {name}", found)[0]

    def wait_ready(self):
        if self.json:
            self.wait_for("ready")
        else:
            wait_for("its first lines", self.lines)
        return self

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def wait_exit(self, timeout=PATIENCE):
        return self.process.wait(timeout)

    def stop(self):
        """SIGTERM. Returns the exit status."""
        os.kill(self.pid, signal.SIGTERM)
        return self.wait_exit()

    def end(self):
        if self.process.poll() is None:
            self.kill()


def run(program, *args, command=()):
    """Run one of the two programs until it ends."""
    return subprocess.run(
        [*command, program, *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )


def connect(*args, status=0, command=()):
    """Run pmreuseport-connect and return its report."""
    patience = () if status else ("--timeout", 60)
    done = run(CONNECT, *args, *patience, "--json", command=command)
    assert done.returncode == status, done.stderr
    assert (done.stderr == "") == (status == 0), done.stderr
    return json.loads(done.stdout)


def homes(answer):
    """source -> the line that all its connections were answered with."""
    assert answer["split"] == 0
    return {
        row["address"]: row["answers"][0]["answer"] for row in answer["by_source"] if row["answers"]
    }
