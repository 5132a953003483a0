# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport doctor: one address that hides many routers."""
import contextlib
import json
import socket

import pytest

from harness import traffic, wait_for
from harness.listen_connect import Listener
from harness.nfacctd import PREFIX
from harness.pmreuseport import ask, tool

MANY = [f"127.1.0.{n}" for n in range(1, 21)]
PROXY = "127.2.0.1"


@pytest.fixture
def instances(sandbox, tmp_path):
    """instances(COUNT): listeners of a cluster, which keep their sessions."""
    made = []

    def instances(count):
        for index in range(count):
            made.append(Listener(tmp_path, index, count))
        for listener in made:
            listener.wait_ready()
        return made

    yield instances
    for listener in made:
        listener.end()


def findings():
    """What doctor says about sources."""
    daemon = PREFIX / "sbin" / "nfacctd"
    checks = json.loads(tool("doctor", "--daemon", daemon, "--json").stdout)["checks"]
    for check in checks:
        assert check["check"] != "sources" or (check["result"] == "warn" and check["fix"])
    return [f"{c['says']}; {c['fix']}" for c in checks if c["check"] == "sources"]


def sessions(stack, addresses):
    for address in addresses:
        made = socket.create_connection(("127.0.0.1", 1790), source_address=(address, 0))
        stack.enter_context(contextlib.closing(made))


@pytest.mark.parametrize(
    "count, addresses, words",
    [
        (3, [PROXY] * 20, "20 of 20 sessions of tcp-1790-any6-net"),
        (3, [PROXY] * 11 + MANY[:10], "11 of 21 sessions of tcp-1790-any6-net"),
        (3, [PROXY] * 10 + MANY[:10], None),
        (3, MANY, None),
        # A router with several sessions, and a cluster that begins.
        (3, [PROXY] * 4, None),
        (1, [PROXY] * 20, None),
    ],
)
def test_sessions(instances, count, addresses, words):
    made = instances(count)
    with contextlib.ExitStack() as stack:
        sessions(stack, addresses)
        wait_for(
            "all sessions",
            lambda: sum(len(listener.events("connection")) for listener in made) == len(addresses),
        )
        found = findings()
    if words:
        (sentence,) = found
        assert words in sentence
        assert f'in cluster "default" are from {PROXY}, so one instance has them; ' in sentence
        assert "run containers with the host network" in sentence
    else:
        assert found == []


def send(address, number):
    args = ("--source", address, "--version", "5", "--records-per-packet", 1, "--flows", number)
    traffic.flows(*args, to=("--to", "127.0.0.1:2055"))


@pytest.mark.parametrize(
    "count, heavy, others, words",
    [
        (3, 400, 0, "100 % of the packets"),
        (3, 300, 10, "60 % of the packets"),
        (3, 200, 10, None),
        (3, 99, 0, None),
        (1, 400, 0, None),
    ],
)
def test_packets(instances, count, heavy, others, words):
    instances(count)
    send(PROXY, 400)
    assert findings() == []
    ask("account", "on")
    send(PROXY, heavy)
    if others:
        send(f"{MANY[0]}+{len(MANY)}", others)
    found = findings()
    if words:
        (sentence,) = found
        assert f'{words} that cluster "default" has counted are from {PROXY}, so one ' in sentence
    else:
        assert found == []
