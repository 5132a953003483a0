# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the bpftrace scripts and reads what they print."""
import os
import pathlib
import re
import signal
import subprocess
import time

from . import PATIENCE, ROOT, wait_for

SCRIPTS = ROOT / "tools" / "bpftrace"
TRACEFS = "/sys/kernel/tracing"
# bpftrace prints this line to standard error when its probes are attached.
ATTACHED = "__BPFTRACE_NOTIFY_PROBES_ATTACHED"


def mount_tracefs():
    """Mount tracefs in the sandbox; the mount ends with the mount namespace."""
    subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACEFS], check=True)


def script(name, *args, command=()):
    """Run a script that ends by itself."""
    return subprocess.run(
        [*command, SCRIPTS / name, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Tracer:
    """A script that runs until stop()."""

    def __init__(self, directory, name, *ports):
        self.output = pathlib.Path(directory, f"{name}.out")
        self.errors = pathlib.Path(directory, f"{name}.err")
        with open(self.output, "w", encoding="utf-8") as out, open(
            self.errors, "w", encoding="utf-8"
        ) as err:
            self.process = subprocess.Popen(
                [SCRIPTS / name, *map(str, ports)],
                stdout=out,
                stderr=err,
                env={**os.environ, ATTACHED: "1"},
                start_new_session=True,
            )

    def wait_attached(self):
        """Wait until the probes are attached; compiling takes a while on a busy machine."""

        def attached():
            assert self.process.poll() is None, self.said()
            return ATTACHED in self.errors.read_text(encoding="utf-8")

        wait_for(f"probes attached: {self.process.args}", attached)
        return self

    def said(self):
        return self.output.read_text() + self.errors.read_text()

    def lines(self):
        """The lines below the heading, split into words. The last one may be incomplete."""
        text = self.output.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1].splitlines()
        return [line.split() for line in whole if re.match(r"\d\d:\d\d:\d\d ", line)]

    def wait_line(self, *words, again=None):
        """Wait for a line with these words after its time; None matches any word.

        again() repeats the event every second, because the kernel may skip a tracepoint.
        """
        last = 0

        def found():
            nonlocal last
            for line in self.lines():
                if len(line) > len(words) and all(
                    word in (None, there) for word, there in zip(words, line[1:])
                ):
                    return line
            if again and time.monotonic() > last + 1:
                again()
                last = time.monotonic()
            return None

        try:
            return wait_for(f"a line {words}", found)
        except TimeoutError as error:
            raise AssertionError(f"{error}:\n{self.said()}") from None

    def stop(self):
        """SIGINT. Returns the summary: name of a map -> {key: count}."""
        os.kill(self.process.pid, signal.SIGINT)
        assert self.process.wait(240) == 0, self.said()
        # A filter reads the output and ends after bpftrace.
        wait_for("the whole summary", self._is_alone)
        found = {}
        for name, key, number in re.findall(
            r"^@(\w+)\[(.*?)\]: (\d+)$", self.output.read_text(encoding="utf-8"), re.M | re.S
        ):
            found.setdefault(name, {})[tuple(re.split(r",\s+", key.strip()))] = int(number)
        return found

    def _is_alone(self):
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def end(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(PATIENCE)
