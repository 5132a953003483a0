# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs pmreuseport, and asks ss which instance has which session."""
import json
import os
import re
import subprocess

from . import PATIENCE
from .nfacctd import PREFIX, address

TOOL = os.environ.get("PMR_TOOL", str(PREFIX / "bin" / "pmreuseport"))


def tool(*args, command=()):
    """Run pmreuseport and return the completed process, unchecked."""
    return subprocess.run(
        [*command, TOOL, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )


def ask(*args):
    """Run pmreuseport --json, which must succeed, and return its answer."""
    done = tool(*args, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def refused(words, *args, status=1, **kwargs):
    """pmreuseport must fail with one line that contains words, and print nothing else."""
    done = tool(*args, **kwargs)
    assert words in done.stderr
    assert done.stderr.startswith("pmreuseport") and done.stderr.count("\n") == 1, done.stderr
    assert (done.returncode, done.stdout) == (status, "")


def sessions(instances, port=1790):
    """(address, port) of a router -> index of the instance that accepted the session"""
    index_of = {instance.pid: instance.index for instance in instances}
    lines = subprocess.run(
        ["ss", "-Htnp", "state", "established", f"sport = :{port}"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.splitlines()
    found = {}
    for line in lines:
        router, _, number = line.split()[3].rpartition(":")
        pid = re.search(r"pid=(\d+)", line)
        if pid and int(pid[1]) in index_of:
            found[address(router.strip("[]")), int(number)] = index_of[int(pid[1])]
    return found
