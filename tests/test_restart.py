# SPDX-License-Identifier: GPL-2.0-or-later
"""Instances restart under load, and no datagram is lost.

Templates are sent once, at the start, so every process must get them from the process
before it.
"""
import os
import subprocess

import pytest

from harness import ledger, maps, traffic, wait_for
from harness.bucket import Bucket, run_together
from harness.distribution import homes_of_routers, wait_routers
from harness.sockets import bmp_socket, flow_socket

COUNT = 5
RESTARTS = int(os.environ.get("PMR_RESTARTS", 20))  # of each instance
RATE = 20000
EXPORTERS = ("--source", "127.1.0.1+500", "--source", "fd00:1::1+500")


@pytest.fixture
def buckets(sandbox):
    made = []
    yield made
    for bucket in made:
        bucket.end()


def again_and_again(bucket, restart):
    for _ in range(RESTARTS):
        yield from restart(bucket, COUNT)


def check(buckets, load, directory, restart):
    """Restart all buckets under load, and account for every datagram."""
    run_together(*(bucket.start(COUNT) for bucket in buckets))
    stream = load(*EXPORTERS, "--version", "9,10", "--rate", RATE, *ledger.ONE_RECORD)
    wait_for("every template and more", lambda: sum(maps.decisions().values()) > 3 * RATE)
    run_together(*(again_and_again(bucket, restart) for bucket in buckets))
    report = stream.stop()
    wait_for("all read", ledger.all_read)
    run_together(*(bucket.stop() for bucket in buckets))

    assert sum(len(bucket.processes) - 1 for bucket in buckets) == COUNT * RESTARTS
    account = ledger.Account(ledger.sent(report), ledger.rows(directory))
    print(f"{COUNT * RESTARTS} restarts: {account}; {maps.decisions()}; {ledger.udp_counters()}")
    assert ledger.udp_counters()["RcvbufErrors"] == 0
    assert account.complete, account
    assert report["templates"] == 1000


def test_sockets_are_inherited(buckets, load, tmp_path):
    """The socket and its queue outlive the process, and stay in the bucket."""
    buckets += [Bucket(tmp_path, index, {"flows": flow_socket()}) for index in range(COUNT)]
    check(buckets, load, tmp_path, Bucket.restart)
    assert maps.decisions()["failover"] == 0


def test_processes_overlap(buckets, load, tmp_path):
    """A new process takes the bucket over; the old one empties its queue and ends."""
    buckets += [Bucket(tmp_path, index) for index in range(COUNT)]
    check(buckets, load, tmp_path, Bucket.overlap)
    assert maps.decisions()["failover"] == 0


def test_bmp_sessions_wait_in_an_inherited_socket(buckets, routers, tmp_path):
    """Routers connect while their instance is down, and the next process accepts them."""
    bmp = {"bmp_daemon": "true", "nfacctd_as": "bmp", "nfacctd_net": "bmp"}
    buckets += [
        Bucket(tmp_path, index, {"flows": flow_socket(), "bmp": bmp_socket()}, **bmp)
        for index in range(3)
    ]
    run_together(*(bucket.start(3) for bucket in buckets))
    run_together(buckets[1].stop())
    sessions = routers("--source", "127.1.0.1+60", stderr=subprocess.DEVNULL)
    assert {(row["state"], row["attempts"]) for row in sessions.report["sources"]} == {
        ("established", 1)
    }
    down = homes_of_routers(processes_of(buckets))
    assert {1} not in down.values()
    run_together(buckets[1].start(3))
    bmp_homes = wait_routers(processes_of(buckets), 60)
    assert {1} in bmp_homes.values()
    assert bmp_homes.items() >= down.items()

    report = traffic.flows("--source", "127.1.0.1+60", "--version", 5, "--flows", 1)
    wait_for("all read", ledger.all_read)
    run_together(*(bucket.stop() for bucket in buckets))
    assert ledger.Account(ledger.sent(report), ledger.rows(tmp_path)).complete
    assert bmp_homes == {
        exporter: {bucket.index}
        for bucket in buckets
        for exporter in ledger.rows(tmp_path, f"rows-{bucket.index}.csv")
    }


def processes_of(buckets):
    return [instance for bucket in buckets for instance in bucket.processes]
