# SPDX-License-Identifier: GPL-2.0-or-later
"""Third-party senders: gobgpd for BMP and BGP, softflowd and pmacctd for flows."""
import os
import shutil
import signal
import subprocess

import pytest

from harness import PATIENCE, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, PREFIX, address, exporters_of
from harness.pmreuseport import ask, sessions
from harness.pcap import Capture

GOBGPD = """
[global.config]
  as = 64512
  router-id = "192.0.2.9"
  port = -1
[[bmp-servers]]
  [bmp-servers.config]
    address = "127.0.0.1"
    port = 1790
    route-monitoring-policy = "local-rib"
"""


@pytest.fixture
def running(sandbox):
    """running(COMMAND...): start a program that ends with the test."""
    processes = []

    def running(*command, **kwargs):
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **kwargs,
        )
        processes.append(process)
        return process

    yield running
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def test_bmp_of_gobgpd(cluster, running, tmp_path):
    instances = cluster(3)
    (tmp_path / "gobgpd.toml").write_text(GOBGPD)
    running("gobgpd", "-f", tmp_path / "gobgpd.toml", "--api-hosts", "127.0.0.1:50051")
    homes = wait_for(
        "the session logged",
        lambda: {
            instance.index
            for instance in instances
            for message in instance.bmp()
            if message.get("bmp_router") and address(message["bmp_router"]) == "127.0.0.1"
        },
    )
    assert len(homes) == 1


GOBGPD_PEER = """
[global.config]
  as = 64512
  router-id = "192.0.2.9"
  port = -1
[[neighbors]]
  [neighbors.config]
    neighbor-address = "127.0.0.1"
    peer-as = 64513
  [neighbors.transport.config]
    local-address = "127.4.0.1"
    remote-port = 1179
  [neighbors.timers.config]
    connect-retry = 1
"""


def test_bgp_of_gobgpd(cluster, running, tmp_path):
    """BGP sessions use the same mapping as flows and BMP."""
    instances = cluster(
        3,
        keys={
            **FLOWS_ONLY,
            "bgp_daemon": "true",
            "bgp_daemon_port": 1179,
            "bgp_daemon_as": 64513,
            "bgp_daemon_id": "192.0.2.1",
            "bgp_daemon_max_peers": 10,
        },
    )
    for instance in instances:
        assert "reuseport: BGP is hash bucket" in instance.log()
    (tmp_path / "gobgpd.toml").write_text(GOBGPD_PEER)
    running("gobgpd", "-f", tmp_path / "gobgpd.toml", "--api-hosts", "127.0.0.1:50051")
    up = "[127.4.0.1] BGP peers usage: 1"
    wait_for("the session up", lambda: any(up in instance.log() for instance in instances))
    (session,) = (instance.index for instance in instances if up in instance.log())

    report = traffic.flows("--source", "127.4.0.1", "--version", "5", "--flows", 3)
    flows = instances.wait_flows(report["records"])
    assert [index for index, rows in flows.items() if rows] == [session]


def test_bgp_session_of_gobgpd_goes_home(start, running, tmp_path):
    """A death moves a BGP session; rehome moves it back."""

    def bgp(index, life):
        return start(
            index,
            3,
            directory=tmp_path / life,
            keys={
                **FLOWS_ONLY,
                "bgp_daemon": "true",
                "bgp_daemon_port": 1179,
                "bgp_daemon_as": 64513,
                "bgp_daemon_id": "192.0.2.1",
                "bgp_daemon_max_peers": 10,
            },
        ).wait_ready("BGP is hash bucket")

    def placed():
        return list(sessions(instances, port=1179).values())

    instances = [bgp(index, "first") for index in range(3)]
    (tmp_path / "gobgpd.toml").write_text(GOBGPD_PEER)
    running("gobgpd", "-f", tmp_path / "gobgpd.toml", "--api-hosts", "127.0.0.1:50051")
    (home,) = wait_for("the session", placed)
    instances[home].kill()
    (away,) = wait_for("the session elsewhere", placed)
    instances[home] = bgp(home, "second")
    (found,) = ask("rehome")["misplaced"]
    assert (found["address"], found["from"], found["to"]) == ("127.4.0.1", away, home)
    assert found["endpoint"].startswith("tcp-1179-")
    wait_for("the session at home", lambda: placed() == [home])


def capture(path):
    made = Capture(path)
    for number in range(20):
        made.udp(f"10.0.0.{number + 1}", "203.0.113.7", 1000 + number, 80, bytes(100))
    made.close()
    return path


@pytest.mark.parametrize("version", [5, 9, 10])
def test_flows_of_softflowd(cluster, tmp_path, version):
    instances = cluster(3, keys=FLOWS_ONLY)
    subprocess.run(
        [
            "softflowd",
            "-d",
            "-r",
            str(capture(tmp_path / "in.pcap")),
            "-v",
            str(version),
            "-n",
            "127.0.0.1:2055",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    flows = instances.wait_flows(20)
    assert sorted(map(len, flows.values())) == [0, 0, 20]
    assert sum((len(exporters_of(records)) for records in flows.values())) == 1


def test_flows_of_pmacctd(cluster, tmp_path):
    """NetFlow v9 from the nfprobe plugin of pmacctd."""
    instances = cluster(3, keys=FLOWS_ONLY)
    config = tmp_path / "pmacctd.conf"
    config.write_text(
        f"daemonize: false\npcap_savefile: {capture(tmp_path / 'in.pcap')}\n"
        "plugins: nfprobe\nnfprobe_receiver: 127.0.0.1:2055\nnfprobe_version: 9\n"
        "nfprobe_source_ip: 127.3.0.1\naggregate: src_host,dst_host,src_port,dst_port,proto\n"
        "snaplen: 700\n"
    )
    subprocess.run(
        [PREFIX / "sbin" / "pmacctd", "-f", config],
        check=True,
        timeout=PATIENCE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    flows = instances.wait_flows(20)
    assert sorted(map(len, flows.values()))[:2] == [0, 0]
    assert set().union(*map(exporters_of, flows.values())) == {"127.3.0.1"}


def test_programs_are_installed():
    """A missing program must not look like a passed test."""
    assert all(map(shutil.which, ("gobgpd", "softflowd")))
