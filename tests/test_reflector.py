# SPDX-License-Identifier: GPL-2.0-or-later
"""One BGP feed for all exporters: gobgpd as a route reflector, and a session for each instance."""
import os
import re
import signal
import subprocess

import pytest

from harness import PATIENCE, traffic, wait_for
from harness.nfacctd import (
    FLOWS_ONLY,
    NO_FLOWS,
    PREFIX,
    SAMPLES,
    address,
    exporters_of,
    refuses_to_start,
)
from harness.pmreuseport import ask, sessions, tool

NFACCTD = PREFIX / "sbin" / "nfacctd"

REFLECTOR = "127.4.0.1"
EXPORTERS = 30
SAMPLE = "nfacctd-reflector.conf"
API = "127.0.0.1:50051"
# What nothing but the route of the reflector can tell.
ORIGIN = 64999
NEXT_HOP = "198.51.100.1"

GLOBAL = """
[global.config]
  as = 64512
  router-id = "192.0.2.9"
  port = -1
"""
# gobgpd knows neighbors by their address. All of these are this host.
CLIENT = """
[[neighbors]]
  [neighbors.config]
    neighbor-address = "127.5.0.{number}"
    peer-as = 64512
  [neighbors.transport.config]
    local-address = "{reflector}"
    remote-port = {port}
  [neighbors.timers.config]
    connect-retry = 1
  [neighbors.route-reflector.config]
    route-reflector-client = true
    route-reflector-cluster-id = "192.0.2.9"
"""


@pytest.fixture
def reflector(sandbox, tmp_path):
    """reflector(PORT...): start a route reflector with a client on each port of this host."""
    processes = []

    def reflector(*ports):
        config = tmp_path / "gobgpd.toml"
        clients = (
            CLIENT.format(number=number + 1, reflector=REFLECTOR, port=port)
            for number, port in enumerate(ports)
        )
        config.write_text(GLOBAL + "".join(clients))
        processes.append(
            subprocess.Popen(
                ["gobgpd", "-f", config, "--api-hosts", API],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
        # The flows of the generator go to 203.0.113.0/24.
        command = ["gobgp", "-u", "127.0.0.1", "-p", "50051", "global", "rib", "add"]
        route = [*command, "203.0.113.0/24", "nexthop", NEXT_HOP, "aspath", str(ORIGIN)]
        wait_for(
            "the route",
            lambda: subprocess.run(route, capture_output=True).returncode == 0,
        )

    yield reflector
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


@pytest.fixture
def agent_map(tmp_path):
    path = tmp_path / "reflector.map"
    path.write_text(f"bgp_ip={REFLECTOR} ip=0.0.0.0/0\n")
    return {"bgp_agent_map": path}


def endpoints():
    return ask("status")["clusters"][0]["endpoints"]


def port_of(index):
    return int(f"117{index}")


def wait_routes(instances):
    """Wait until each instance has the route in its log of BGP messages."""

    def have_it(instance):
        path = instance.directory / f"bgp-{instance.index}.json"
        return path.exists() and NEXT_HOP in path.read_text()

    for instance in instances:
        wait_for(f"the route in instance {instance.index}", lambda: have_it(instance))


def routed(flows):
    """exporter -> whether its flows have the route"""
    return {
        address(flow["peer_ip_src"]): flow["as_dst"] == ORIGIN
        for rows in flows.values()
        for flow in rows
    }


def send():
    """One flow of each exporter, to the network that the route is for."""
    return traffic.flows("--source", f"127.1.0.1+{EXPORTERS}", "--version", "5", "--flows", 1)


def test_all_flows_have_a_route(sandbox, forks, reflector, agent_map, tmp_path):
    """The sample as fork makes it: a session for each instance, and only flows in the cluster."""
    run = tmp_path / "run"
    text = re.sub(r"/(run|var/log|var/lib)/pmacct", str(run), (SAMPLES / SAMPLE).read_text())
    forks(text.replace("/etc/pmacct/reflector.map", str(agent_map["bgp_agent_map"])), 4)
    assert forks.answer["warnings"] == []
    instances = forks.cluster(run, sample=SAMPLE)
    try:
        instances.start()
        (endpoint,) = endpoints()
        assert endpoint["endpoint"].startswith("udp-2055-")
        reflector(*map(port_of, range(4)))
        wait_routes(instances)
        for index in range(4):
            assert list(sessions(instances, port_of(index)).values()) == [index]
        flows = instances.wait_flows(send()["records"])
        assert all(flows.values())
        assert routed(flows) == {f"127.1.0.{number}": True for number in range(1, EXPORTERS + 1)}
    finally:
        instances.end()


def test_one_session_is_not_enough(cluster, reflector, agent_map):
    """What the sample is for: on a shared port, the session reaches one instance."""
    instances = cluster(
        4, sample=SAMPLE, keys={**agent_map, "reuseport_endpoints": None, "bgp_daemon_port": 1170}
    )
    reflector(1170)
    (home,) = wait_for("the session", lambda: list(sessions(instances, 1170).values()))
    wait_routes([instances[home]])
    flows = instances.wait_flows(send()["records"])
    assert all(flows.values())
    with_route = {exporter for exporter, there in routed(flows).items() if there}
    assert with_route == exporters_of(flows[home])
    doctored = tool("doctor", "--daemon", NFACCTD, "-f", instances[0].config).stdout
    assert "bgp_agent_map finds routes in sessions from other addresses" in " ".join(
        doctored.split()
    )


OWN_PORTS = {"reuseport_endpoints": None}


def test_own_ports_in_the_cluster(cluster, start, reflector, agent_map):
    """Ports of one instance each do not stop the others from growing, draining, balancing."""
    keys = {**agent_map, **OWN_PORTS}
    instances = [*cluster(2, sample=SAMPLE, keys=keys)]
    assert ask("resize", 3)["in_use"] == 2
    instances.append(start(2, 3, sample=SAMPLE, keys=keys).wait_ready())
    assert (ask("resize", 3)["in_use"], ask("resize", 3)["missing"]) == (3, None)
    assert "gets no exporters" not in instances[2].log()
    reflector(*map(port_of, range(3)))
    wait_routes(instances)

    udp, *private = endpoints()
    assert (udp["private_to"], len(udp["buckets"])) == (None, 3)
    assert {found["endpoint"][:9]: found["private_to"] for found in private} == {
        f"tcp-{port_of(index)}-": index for index in range(3)
    }
    for found in private:
        (bucket,) = found["buckets"]
        assert (bucket["bucket"], bucket["state"]) == (found["private_to"], "live")
        assert bucket["sessions"] == 1
    assert "private to hash bucket 2\n" in tool("status").stdout
    dead = re.findall(r'^pmreuseport_bucket_state{.*state="dead"} 1$', tool("metrics").stdout, re.M)
    assert dead == []

    where = ask("where", "127.1.0.1", "127.1.0.2")
    assert [summary["endpoint"] for summary in where["summary"]] == [udp["endpoint"]]
    assert ask("rehome", "--dry-run")["home"] == 3
    assert ask("drain", 1)["changed"]
    assert ask("rehome", "--dry-run")["home"] == 3
    assert ask("undrain", 1)["changed"]


def test_balance_beside_own_ports(cluster, agent_map, tmp_path):
    instances = cluster(2, sample=SAMPLE, keys={**agent_map, **OWN_PORTS})
    pool = [f"127.1.0.{number}" for number in range(1, 41)]
    rows = ask("where", *pool)["exporters"]
    crowd = [row["address"] for row in rows if row["bucket"] == 0][:8]
    ask("account", "on")
    sources = [word for exporter in crowd for word in ("--source", exporter)]
    with traffic.sending(tmp_path / "sent", *sources, "--version", 5, "--rate", 400):
        wait_for("all exporters", lambda: len(ask("top")["exporters"]) == len(crowd))
        answer = ask("balance", "--seconds", 2, "--target", 1.3)
    assert (answer["reached"], answer["max_mean_before"]) == (True, 2)
    assert {move["to"] for move in answer["moves"]} == {1}
    assert 2 <= len(answer["moves"]) <= 6
    for instance in instances:
        assert instance.process.poll() is None


def test_an_awaited_bucket_names_the_endpoint(cluster, start):
    """The new instance lacks the BMP port that the others share."""
    cluster(2)
    (bmp,) = (found["endpoint"] for found in endpoints() if found["endpoint"].startswith("tcp"))
    assert ask("resize", 3)["in_use"] == 2
    late = start(2, 3, keys=FLOWS_ONLY).wait_ready("gets no exporters until")
    line = f'hash bucket 2 of cluster "default" gets no exporters until it is live in {bmp}'
    assert line in late.log()
    assert late.log().count(line) == 1
    assert ask("status")["clusters"][0]["awaited"] == {"bucket": 2, "endpoint": bmp}
    assert f"hash bucket 2 gets its exporters once it is live in {bmp}\n" in tool("status").stdout
    assert ask("resize", 3)["missing"] == bmp
    assert f"hash bucket 2 is not live in {bmp} yet\n" in tool("resize", 3).stdout
    late.stop()
    complete = start(2, 3, directory=late.directory / "again").wait_ready()
    wait_for("the exporters", lambda: ask("status")["clusters"][0]["in_use"] == 3)
    assert ask("status")["clusters"][0]["awaited"] is None
    assert "gets no exporters until" not in complete.log()


def test_the_log_says_when_the_wait_ends(cluster, start):
    """Bucket 3 waits for bucket 2, whose instance starts later."""
    cluster(2, keys=FLOWS_ONLY)
    ask("resize", 4)
    early = start(3, 4, keys=FLOWS_ONLY).wait_ready("gets no exporters until hash bucket 2 is live")
    start(2, 4, keys=FLOWS_ONLY).wait_ready()
    early.wait_ready("reuseport: hash bucket 3 gets its exporters now")


@pytest.mark.parametrize(
    "value, words",
    [
        ("flows, dtls", 'in which "dtls" is not an endpoint'),
        ("", 'reuseport_endpoints is ""'),
        ("bgp", 'reuseport_endpoints is "bgp", but this daemon listens for none of that'),
    ],
)
def test_endpoints_that_are_not_acceptable(start, value, words):
    refuses_to_start(start(0, 2, keys={**FLOWS_ONLY, "reuseport_endpoints": value}), words)


def test_pmbmpd_has_no_flows(start):
    keys = {**NO_FLOWS, "reuseport_endpoints": "flows"}
    refuses_to_start(
        start(0, 2, binary="pmbmpd", keys=keys),
        'reuseport_endpoints is "flows", but this daemon listens for none of that',
    )


def test_flows_stay_out(start):
    """The other way round: BMP is balanced, and the port for flows is not."""
    instance = start(0, 2, keys={"reuseport_endpoints": "bmp"}).wait_ready()
    (found,) = endpoints()
    assert found["endpoint"].startswith("tcp-1790-")
    assert "flows is hash bucket" not in instance.log()
