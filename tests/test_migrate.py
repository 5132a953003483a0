# SPDX-License-Identifier: GPL-2.0-or-later
"""BMP sessions that are not accepted yet when an instance dies or stops."""
import os
import re
import signal
import subprocess

from harness import freeze, wait_for
from harness.nfacctd import address
from harness.pmreuseport import sessions


def queued(instance):
    """How many connections wait at the listening socket of the instance."""
    lines = subprocess.run(
        ["ss", "-Hltnp", "sport = :1790"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
    return sum(int(line.split()[1]) for line in lines if f"pid={instance.pid}," in line)


def test_a_survivor_accepts_what_waits_at_a_dead_instance(cluster, routers):
    instances = cluster(3)
    freeze(instances[1].pid)
    # The kernel accepts connections and data for a stopped daemon.
    made = routers("--source", "127.1.0.1+15", "--source", "fd00:1::1+15", "--routes", 3)
    assert {(row["state"], row["attempts"]) for row in made.report["sources"]} == {
        ("established", 1)
    }
    keys = {(row["address"], row["port"]) for row in made.report["sources"]}
    wait_for(
        "the others have accepted theirs",
        lambda: len(sessions(instances)) + queued(instances[1]) == len(keys),
    )
    accepted = sessions(instances)
    waiting = keys - set(accepted)
    assert waiting and 1 not in accepted.values()

    instances[1].kill()
    survivors = (instances[0], instances[2])
    wait_for("all accepted", lambda: set(sessions(survivors)) == keys)
    after = sessions(survivors)
    assert {key: after[key] for key in accepted} == accepted
    assert {after[key] for key in waiting} == {0, 2}


def test_another_one_accepts_what_waits_at_one_that_stops(cluster, routers):
    """An instance that stops accepts sessions until it has left: some of many, not all."""
    first, second = cluster(2)
    freeze(first.pid)
    made = routers("--source", "127.1.0.1+1000", stderr=subprocess.DEVNULL)
    everybody = {row["address"] for row in made.report["sources"]}
    at_second = lambda: {router for router, _ in sessions([second])}
    wait_for("the second has accepted its own", lambda: len(at_second()) + queued(first) == 1000)
    waiting = everybody - at_second()
    os.kill(first.pid, signal.SIGTERM)
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait_exit() == 0
    accepted = set(map(address, re.findall(r"\[(\S+)\] BMP peers usage", first.log())))
    assert accepted < waiting
    wait_for("the others accepted", lambda: at_second() == everybody - accepted)
