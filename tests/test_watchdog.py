# SPDX-License-Identifier: GPL-2.0-or-later
"""The units under systemd: a start that waits for the bucket, and the watchdog."""
import time

import pytest

from harness import ledger, maps, traffic, wait_for
from harness.nfacctd import SAMPLES
from harness.pmreuseport import ask
from harness.systemd import BINARY, CGROUP2, Systemd, Units

pytestmark = pytest.mark.skipif(
    not BINARY.exists() or not CGROUP2, reason="there is no systemd here, or no cgroup2 for it"
)
COUNT = 2
WATCHDOG = 6  # seconds; so long that a busy machine does not make a live instance late
# What systemd says about each end of an instance.
ENDS = "ExecStopPost=+/bin/sh -c 'echo $$SERVICE_RESULT $$EXIT_STATUS >>/var/log/pmacct/ends-%i'"


def configuration(index, sample="nfacctd-templates.conf"):
    text = (SAMPLES / sample).read_text().replace("@INDEX@", str(index))
    return text.replace("hashbucket_count: 4", f"hashbucket_count: {COUNT}")


@pytest.fixture
def systemd(sandbox, tmp_path):
    """systemd(...): run systemd with units whose watchdog barks after WATCHDOG seconds."""
    made = []

    def systemd(sample="nfacctd-templates.conf", **kwargs):
        configurations = {
            f"nfacctd-{index}.conf": configuration(index, sample) for index in range(COUNT)
        }
        drop_in = f"WatchdogSec={WATCHDOG}\n{ENDS}"
        made.append(Systemd(tmp_path, configurations, drop_in, **kwargs))
        return made[-1]

    yield systemd
    for manager in made:
        manager.end()


def ends(systemd, index):
    """(result, signal or status) of each process of the instance that has ended."""
    path = systemd.directory / "log" / f"ends-{index}"
    return [tuple(line.split()) for line in path.read_text().splitlines()] if path.exists() else []


def last_word(systemd, index):
    """When the instance has last said that it is alive, in seconds since boot."""
    return int(systemd.show(f"nfacctd@{index}", "WatchdogTimestampMonotonic")) / 1e6


def exporters(units, index, network):
    return {exporter for exporter, seen in units.numbers(network)[index].items() if seen}


def test_a_unit_is_active_once_all_sockets_are_in_the_bucket(systemd):
    manager = systemd(sockets=False)
    assert manager.systemctl("start", "--no-block", "nfacctd@0").returncode == 0

    def state():
        """The state, and what is live after that."""
        active = manager.show("nfacctd@0", "ActiveState")
        try:
            return active, maps.live("udp"), maps.live("tcp")
        except ValueError:  # nothing is pinned yet
            return active, set(), set()

    seen = []

    def active():
        seen.append(state())
        return seen[-1][0] == "active"

    wait_for("active", active)
    assert seen[0] == ("activating", set(), set())
    assert seen[-1] == ("active", {0}, {0})
    status = manager.show("nfacctd@0", "StatusText")
    assert status == f"hash bucket 0 of {COUNT} in cluster 'default'"


def test_a_start_that_fails_shows_as_failed(systemd):
    manager = systemd(sockets=False)
    with open(manager.root / "etc/pmacct/nfacctd-1.conf", "a", encoding="utf-8") as config:
        config.write("reuseport_hashbucket_count: 999\n")
    assert manager.systemctl("start", "nfacctd@0").returncode == 0
    done = manager.systemctl("start", "nfacctd@1")
    assert done.returncode == 1
    assert "Job for nfacctd@1.service failed" in done.stdout
    wait_for("the end of it", lambda: manager.show("nfacctd@1", "ActiveState") == "failed")
    assert manager.show("nfacctd@0", "ActiveState") == "active"


def test_an_instance_that_hangs_is_killed_and_replaced(systemd, load):
    """Meanwhile the other instance gets its exporters."""
    manager = systemd()
    units = Units(manager, COUNT)
    load("--source", "127.1.0.1+20", "--refresh", 0, "--rate", 200)
    wait_for("flows", lambda: all(exporters(units, index, "127.1.0.") for index in range(COUNT)))
    wait_for("all exporters", lambda: sum(map(len, units.numbers("127.1.0."))) == 20)
    moved = exporters(units, 1, "127.1.0.")
    assert not moved & exporters(units, 0, "127.1.0.")

    manager.systemctl("kill", "-s", "STOP", "--kill-whom=main", "nfacctd@1")
    wait_for("the end of it", lambda: ends(manager, 1))
    wait_for("its exporters", lambda: moved <= exporters(units, 0, "127.1.0."))
    units.wait_ready(1)
    wait_for("both live", lambda: maps.live("udp") == maps.live("tcp") == {0, 1})
    wait_for("active", lambda: manager.show("nfacctd@1", "ActiveState") == "active")
    before = sum(map(len, units.numbers("127.1.0.")[1].values()))
    after = lambda: sum(map(len, units.numbers("127.1.0.")[1].values()))
    wait_for("flows", lambda: after() > before)
    assert ends(manager, 1) == [("watchdog", "ABRT")]
    assert ends(manager, 0) == []
    assert [manager.show(f"nfacctd@{index}", "NRestarts") for index in (0, 1)] == ["0", "1"]


def test_neither_an_idle_instance_nor_a_busy_one_is_killed(systemd, load):
    manager = systemd("nfacctd-print.conf", sockets=False)
    Units(manager, COUNT)
    pids = [manager.show(f"nfacctd@{index}", "MainPID") for index in range(COUNT)]
    rows = ask("where", *(f"127.1.0.{number}" for number in range(1, 21)))["exporters"]
    exporter = next(row["address"] for row in rows if row["bucket"] == 1)
    load("--source", exporter, "--version", 5)
    start = time.monotonic()
    for index in range(COUNT):
        wait_for("three periods", lambda: last_word(manager, index) > start + 3 * WATCHDOG)
    assert pids == [manager.show(f"nfacctd@{index}", "MainPID") for index in range(COUNT)]
    assert [ends(manager, index) for index in range(COUNT)] == [[], []]


@pytest.mark.parametrize("way", ["systemctl", "signal"])
def test_a_stop_that_takes_longer_than_the_watchdog_is_left_alone(systemd, way):
    """The queue of the socket is full, and the plugin does not take what the core reads."""
    manager = systemd("nfacctd-print.conf", sockets=False)
    # A short queue, which is full long before the watchdog notices that the core is stopped.
    with open(manager.root / "etc/pmacct/nfacctd-0.conf", "a", encoding="utf-8") as config:
        config.write("nfacctd_pipe_size: 131072\n")
    assert manager.systemctl("start", "nfacctd@0").returncode == 0
    core = manager.show("nfacctd@0", "MainPID")
    (plugin,) = manager.run("pgrep", "-P", core).stdout.split()
    manager.run("kill", "-s", "STOP", plugin, core)
    args = ("--source", "127.1.0.1+100", "--version", 5, "--flows", 5)
    report = traffic.flows(*args, *ledger.ONE_RECORD)
    ((_, dropped),) = ledger.udp_sockets(2055).values()
    assert dropped
    if way == "systemctl":  # SIGTERM and SIGCONT to the core
        manager.systemctl("stop", "--no-block", "nfacctd@0")
    else:  # as in a takeover, systemd does not know of the stop unless the core says so
        manager.run("kill", "-s", "TERM", core)
        manager.run("kill", "-s", "CONT", core)
    start = time.monotonic()

    def state():
        return manager.show("nfacctd@0", "SubState")

    wait_for("the stop", lambda: state() == "stop-sigterm")
    wait_for(
        "two periods",
        lambda: state() != "stop-sigterm" or time.monotonic() > start + 2 * WATCHDOG,
    )
    assert state() == "stop-sigterm" and ends(manager, 0) == []
    manager.run("kill", "-s", "CONT", plugin)
    wait_for("the end of it", lambda: state() == "dead")
    assert ends(manager, 0) == [("success", "0")]
    written = (manager.directory / "lib" / "flows-0.json").read_text().count("\n")
    assert written == report["records"] - dropped
