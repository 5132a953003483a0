# SPDX-License-Identifier: GPL-2.0-or-later
"""The counters of the selector, read from the pinned maps with bpftool."""
import glob
import json
import os
import subprocess

from . import wait_for
from .sandbox import BPFFS

DECISIONS = ("primary", "failover", "kernel", "dropped", "pinned", "refused")


def _dump(endpoint, name, cluster="default"):
    """key -> entry of a map of an endpoint; endpoint is a prefix of its name such as "udp"."""
    (path,) = glob.glob(f"{BPFFS}/pmacct/{cluster}/{endpoint}-*/{name}")
    out = subprocess.run(
        ["bpftool", "-j", "map", "dump", "pinned", path], check=True, stdout=subprocess.PIPE
    ).stdout
    return {
        row["formatted"]["key"]: row["formatted"] for row in json.loads(out) if "formatted" in row
    }


def packets(endpoint="udp"):
    """bucket -> packets that the selector sent to it, whichever process held it."""
    return {
        key: sum(cpu["value"]["traffic"]["packets"] for cpu in row["values"])
        for key, row in _dump(endpoint, "counters").items()
    }


def decisions(endpoint="udp"):
    rows = _dump(endpoint, "decisions")
    found = {
        name: sum(cpu["value"] for cpu in rows[key]["values"]) for key, name in enumerate(DECISIONS)
    }
    for row in _dump(endpoint, "counters").values():
        for counters in (cpu["value"] for cpu in row["values"]):
            chosen = {name: counters[name] for name in ("failover", "pinned")}
            chosen["primary"] = counters["traffic"]["packets"] - sum(chosen.values())
            for name, n in chosen.items():
                found[name] += n
    return found


def live(endpoint="udp"):
    """The buckets that have a live socket."""
    return set(_dump(endpoint, f"{endpoint[:3]}_balancing_targets"))


def flowing(packets):
    """Wait until the selector has decided about so many more packets."""
    before = sum(decisions().values())
    wait_for(f"{packets} packets", lambda: sum(decisions().values()) >= before + packets)


def create(path, kind, value, entries):
    """Create and pin a map with keys of 4 bytes and values of so many bytes."""
    command = f"bpftool map create {path} type {kind} key 4 value {value} entries {entries} name"
    subprocess.run([*command.split(), os.path.basename(path)], check=True)
