# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults around a cluster. None of them may leave a partial cluster."""
import glob
import json
import os
import signal
import subprocess

import pytest

from harness import maps, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, exporters_of, refuses_to_start
from harness.pmreuseport import TOOL
from harness.sandbox import BPFFS, pins
from harness.users import as_user, give_cluster

DEFAULT = f"{BPFFS}/pmacct/default"
NOBODY = 65534


def remove_as_told(log):
    """Run the command at the end of the message."""
    command = next(line for line in log.splitlines() if "rm -r " in line).split("then: ")[1]
    assert command.strip() == f"rm -r {DEFAULT}"
    subprocess.run(command.split(), check=True)


def test_stale_pins_of_an_earlier_version(start, tmp_path):
    """An earlier version had a map of three decisions instead of five."""
    endpoint = start(0, 1, keys=FLOWS_ONLY).wait_ready()
    path = endpoint.log().split("'default' (")[1].split(")")[0]
    endpoint.kill()
    os.unlink(f"{path}/decisions")
    os.unlink(f"{DEFAULT}/fallback")
    maps.create(f"{path}/decisions", "percpu_array", 8, 3)
    before = pins()

    log = refuses_to_start(
        start(0, 1, directory=tmp_path / "new", keys=FLOWS_ONLY),
        f"{path}/decisions has another layout than this version's",
    )
    assert pins() == before
    remove_as_told(log)
    start(0, 1, directory=tmp_path / "again", keys=FLOWS_ONLY).wait_ready()


def test_the_pins_are_removed(start, tmp_path):
    """The old instance keeps all, until it has ended."""
    old = start(0, 2, keys=FLOWS_ONLY).wait_ready()
    subprocess.run(["rm", "-r", DEFAULT], check=True)
    wait_for("a word of it", lambda: "is gone or was replaced: going on" in old.log())
    refuses_to_start(
        start(1, 2, directory=tmp_path / "new", keys=FLOWS_ONLY), "their pins are not in"
    )
    report = traffic.flows("--source", "127.1.0.1+20", "--version", "5", "--flows", 1)
    wait_for("all flows", lambda: len(old.flows()) == report["records"])
    old.stop()
    start(1, 2, directory=tmp_path / "again", keys=FLOWS_ONLY).wait_ready()


# Each of them loads the selector, one after the other, and each load takes a second or more on
# a slow machine.
@pytest.mark.timeout(1800)
def test_128_instances(start, tmp_path):
    """The largest number of buckets, all started at the same time."""
    lean = {**FLOWS_ONLY, "plugin_pipe_size": 262144, "plugin_buffer_size": 4096}
    instances = [
        start(index, 128, directory=tmp_path / str(index), keys=lean) for index in range(128)
    ]
    for instance in instances:
        instance.wait_ready("waiting for NetFlow/IPFIX data", timeout=600)
        assert "took hash bucket" not in instance.log()

    report = traffic.flows("--source", "127.1.0.1+1000", "--version", "5", "--flows", 3)
    for instance in instances:
        os.kill(instance.pid, 2)
    homes = {}
    for instance in instances:
        assert instance.wait_exit(600) == 0
        for exporter in exporters_of(instance.flows()):
            assert homes.setdefault(exporter, instance.index) == instance.index
    assert len(homes) == 1000
    assert sum(len(instance.flows()) for instance in instances) == report["records"]
    assert len(set(homes.values())) > 120


def packets(records):
    """The fields that do not change when equal flows are merged."""
    return sum(int(record["packets"]) for record in records)


def test_the_clock_jumps(start, tmp_path):
    """Neither a restart nor a stop waits for a clock that was set back."""
    (library,) = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    clock = tmp_path / "clock"
    clock.write_text("+0")
    command = (
        "env",
        f"LD_PRELOAD={library}",
        f"FAKETIME_TIMESTAMP_FILE={clock}",
        "FAKETIME_NO_CACHE=1",
        "DONT_FAKE_MONOTONIC=1",
    )
    instances = [
        start(index, 2, keys=FLOWS_ONLY, command=command).wait_ready() for index in range(2)
    ]
    sent = 0
    for offset in ("+0", "+1d", "-2d"):
        clock.write_text(offset)
        traffic.flows(
            "--source",
            "127.1.0.1+40",
            "--version",
            "5",
            "--flows",
            3,
            "--records",
            tmp_path / "sent",
        )
        sent += packets(traffic.records(tmp_path / "sent"))

    # The old instance must notice that it has lost its bucket.
    new = start(1, 2, directory=tmp_path / "new", keys=FLOWS_ONLY, command=command)
    assert instances[1].wait_exit() == 0
    new.wait_ready()
    clock.write_text("-9d")
    for instance in (instances[0], new):
        os.kill(instance.pid, signal.SIGTERM)
        assert instance.wait_exit() == 0
    homes = [exporters_of(instance.flows()) for instance in instances]
    assert not homes[0] & homes[1] and len(homes[0] | homes[1]) == 40
    assert packets(row for instance in instances for row in instance.flows()) == sent


def as_nobody(*capabilities):
    return as_user(NOBODY, *capabilities)


@pytest.fixture
def home_of_nobody(sandbox):
    """Prepare bpffs for another user as the README says. Returns a directory for files."""
    return give_cluster(NOBODY, DEFAULT)


def test_another_user_with_cap_bpf_alone(cluster, home_of_nobody):
    instances = cluster(3, directory=home_of_nobody, keys=FLOWS_ONLY, command=as_nobody("bpf"))
    assert {os.lstat(path).st_uid for path in pins() if path.startswith(DEFAULT)} == {NOBODY}

    instances[1].kill()
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "5", "--flows", 3)
    homes = [exporters_of(rows) for rows in instances.wait_flows(report["records"]).values()]
    assert homes[0] and homes[2] and not homes[1]
    assert not homes[0] & homes[2] and len(homes[0] | homes[2]) == 40


def test_another_user_with_cap_bpf_alone_steers(cluster, home_of_nobody):
    cluster(2, directory=home_of_nobody, keys=FLOWS_ONLY, command=as_nobody("bpf"))

    def say(*args):
        return subprocess.run(
            [*as_nobody("bpf"), TOOL, *args], check=True, text=True, stdout=subprocess.PIPE
        ).stdout

    for prefix in ("127.1.0.0/16", "fd00:1::/64"):
        assert say("pin", prefix, "1").startswith("1 pin set")
    assert say("pins") == "127.1.0.0/16 1\nfd00:1::/64 1\n"
    for command in ("drain", "undrain"):
        assert "is now" in say(command, "0")
    for state in ("on", "off"):
        assert say("account", state) == f'accounting of cluster "default" is now {state}\n'
    assert "2 pins; account off" in say("status")
    rows = json.loads(say("where", "127.1.0.1", "127.2.0.1", "--json"))["exporters"]
    assert [row["decision"] for row in rows] == ["pinned", "primary"]
    assert say("unpin", "--all").startswith("2 pins removed")


def test_another_user_without_cap_bpf(start, home_of_nobody):
    before = pins()
    refuses_to_start(
        start(0, 2, directory=home_of_nobody, keys=FLOWS_ONLY, command=as_nobody()),
        "run as root or with CAP_BPF",
    )
    assert pins() == before
