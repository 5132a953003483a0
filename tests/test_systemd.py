# SPDX-License-Identifier: GPL-2.0-or-later
"""The sample units under systemd: restart, crash, permanent failure."""
import os
import pathlib
import re

import pytest

from harness import maps, traffic, wait_for
from harness.nfacctd import SAMPLES
from harness.pmreuseport import ask
from harness.sandbox import BPFFS, pins
from harness.systemd import BINARY, CGROUP2, Systemd, Units

pytestmark = pytest.mark.skipif(
    not BINARY.exists() or not CGROUP2, reason="there is no systemd here, or no cgroup2 for it"
)
COUNT = 2
CAP_NET_RAW = 13
CAP_BPF = 39


@pytest.fixture
def systemd(sandbox, tmp_path):
    sample = re.sub(
        "hashbucket_count: .*",
        f"hashbucket_count: {COUNT}",
        (SAMPLES / "nfacctd-templates.conf").read_text(),
    )
    manager = Systemd(
        tmp_path,
        {f"nfacctd-{index}.conf": sample.replace("@INDEX@", str(index)) for index in range(COUNT)},
    )
    yield manager
    manager.end()


class Load(traffic.Load):
    """Twenty exporters that send their templates once."""

    def __init__(self, network):
        super().__init__("--source", f"{network}1+20", "--refresh", 0, "--rate", 200)

    def stop(self):
        """End the flows: exporter -> how many records it has sent."""
        return {row["address"]: row["records"] for row in super().stop()["sources"]}


@pytest.fixture
def load(sandbox):
    made = []

    def load(network):
        made.append(Load(network))
        return made[-1]

    yield load
    for one in made:
        one.end()


def written(units, network, sent):
    """True if the last records are written. Sends more records to wake up the plugins."""
    traffic.flows("--source", "127.9.0.1+20", "--flows", 8)
    found = {exporter: seen for part in units.numbers(network) for exporter, seen in part.items()}
    return all(number - 1 in found.get(exporter, ()) for exporter, number in sent.items())


def rights(systemd, unit):
    """The user of a service, and its capabilities as a number."""
    pid = systemd.show(unit, "MainPID")
    status = (systemd.root / "proc" / pid / "status").read_text()
    (uid,) = set(re.search(r"^Uid:\t(.*)", status, re.M)[1].split())
    users = re.findall(rf"^(\w+):\w*:{uid}:", (systemd.root / "etc/passwd").read_text(), re.M)
    return users[0], int(re.search(r"^CapPrm:\t(\w+)", status, re.M)[1], 16)


def buckets():
    """What root sees of the pins of another user."""
    (cluster,) = ask("status")["clusters"]
    return cluster["endpoints"][0]["buckets"]


def flowing(units, network):
    """Wait until all instances have written more records."""
    count = lambda: [sum(map(len, part.values())) for part in units.numbers(network)]
    before = count()
    wait_for("flows", lambda: all(now > then for now, then in zip(count(), before)))


def test_sockets_outlive_instances_until_one_fails_for_good(systemd, load):
    units = Units(systemd, COUNT)
    assert units.states(1) == ("running", "running")
    assert rights(systemd, "nfacctd@1") == ("pmacct", 1 << CAP_BPF | 1 << CAP_NET_RAW)
    owners = {os.lstat(path).st_uid for path in pins()}
    assert owners == {os.lstat(systemd.root / "var/lib/pmacct").st_uid} and owners != {0}
    assert [row["state"] for row in buckets()] == ["live"] * COUNT

    stream = load("127.1.0.")
    flowing(units, "127.1.0.")
    assert systemd.systemctl("restart", "nfacctd@1").returncode == 0
    units.wait_ready(1)
    flowing(units, "127.1.0.")
    sent_at_restart = stream.stop()

    stream = load("127.2.0.")
    flowing(units, "127.2.0.")
    units.kill(1)
    units.wait_ready(1)
    flowing(units, "127.2.0.")
    sent_at_kill = stream.stop()

    wait_for("the last records", lambda: written(units, "127.2.0.", sent_at_kill))

    # Every start fails from now on.
    systemd.systemctl("reset-failed", "nfacctd@1")
    with open(systemd.root / "etc/pmacct/nfacctd-1.conf", "a", encoding="utf-8") as config:
        config.write("reuseport_hashbucket_count: 999\n")
    units.kill(1)
    # A slow machine may see the last failure only.
    wait_for(
        "a start that failed",
        lambda: "999" in units.log(1)
        and units.states(1) in (("auto-restart", "listening"), ("failed", "failed")),
    )
    traffic.flows("--source", "127.3.0.1+20", "--flows", 8)
    wait_for("the end of it", lambda: units.states(1) == ("failed", "failed"))
    for kind in ("flows", "bmp", "templates"):
        assert systemd.show(f"nfacctd-{kind}@1.socket", "Result") == "service-start-limit-hit"
    traffic.flows("--source", "127.4.0.1+20", "--flows", 8)
    units.stop()

    other, restarted = units.numbers("127.1.0.")
    assert other and restarted and len(other) + len(restarted) == 20, "an exporter moved"
    for exporter, seen in (other | restarted).items():
        assert sorted(seen) == list(range(sent_at_restart[exporter])), exporter

    other, killed = units.numbers("127.2.0.")
    assert other and killed and len(other) + len(killed) == 20, "an exporter moved"
    lost = sum(sent_at_kill[exporter] - len(set(seen)) for exporter, seen in killed.items())
    print(f"killed: {lost} of {sum(map(sent_at_kill.get, killed))} records are lost")
    assert lost <= 8, "more than the datagram in hand"

    for network in ("127.3.0.", "127.4.0."):
        other, failed = units.numbers(network)
        assert not failed and len(other) == 20


def test_units_of_a_daemon_without_patches(sandbox, tmp_path):
    """The unpatched nfacctd of Debian, with a unit that runs adopt."""
    sample = (SAMPLES / "nfacctd-print.conf").read_text()
    systemd = Systemd(
        tmp_path,
        {f"nfacctd-{index}.conf": sample.replace("@INDEX@", str(index)) for index in range(COUNT)},
    )
    try:
        done = systemd.systemctl("start", "nfacctd-stock@0", "nfacctd-stock@1")
        assert done.returncode == 0, done.stdout
        arrays = "pmacct/default/*/*_balancing_targets"
        wait_for("both endpoints", lambda: len([*pathlib.Path(BPFFS).glob(arrays)]) == 2)
        adopted = lambda: maps.live("udp") == maps.live("tcp") == {0, 1}
        wait_for("both adopted", adopted)
        assert rights(systemd, "nfacctd-stock@0") == ("pmacct", 0)
        assert rights(systemd, "pmreuseport-adopt@0") == ("pmacct", 1 << CAP_BPF)
        assert [row["state"] for row in buckets()] == ["live", "live", "dead", "dead"]
        systemd.systemctl("kill", "-s", "KILL", "nfacctd-stock@1")
        wait_for("the bucket empty", lambda: maps.live("udp") == maps.live("tcp") == {0})
        wait_for("adopted again", adopted)
        # Both units stop together.
        done = systemd.systemctl("stop", "nfacctd-stock@0")
        assert done.returncode == 0, done.stdout
        wait_for("stopped", lambda: systemd.show("pmreuseport-adopt@0", "SubState") == "dead")
        assert maps.live("udp") == maps.live("tcp") == {1}
    finally:
        systemd.end()
