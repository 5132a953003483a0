# SPDX-License-Identifier: GPL-2.0-or-later
"""The BMP session and the flows of a router reach the same instance."""
import socket

import pytest

from harness import traffic, wait_for
from harness.distribution import wait_routers
from harness.nfacctd import FLOWS_ONLY, NO_FLOWS, address
from harness.pmreuseport import ask

# The first prefix that the routers of the generator announce covers their flows.
ROUTERS = ("--source", "127.1.0.1+12", "--source", "fd00:1::1+12")


def test_flows_and_bmp_meet_and_flows_get_the_routers_as(cluster, routers):
    instances = cluster(3)
    sessions = routers(*ROUTERS, "--routes", 3)
    bmp = wait_routers(instances, 24)
    assert {len(where) for where in bmp.values()} == {1}
    assert {row["address"] for row in sessions.report["sources"]} == set(bmp)
    wait_for(
        "all routes learned",
        lambda: sum(
            message.get("log_type") == "update" and message.get("ip_prefix") == "203.0.113.0/24"
            for instance in instances
            for message in instance.bmp()
        )
        == 24,
    )

    report = traffic.flows(*ROUTERS, "--version", "9,10", "--flows", 16)
    flows = instances.wait_flows(report["records"])
    for index, records in flows.items():
        for flow in records:
            assert bmp[address(flow["peer_ip_src"])] == {index}
    # Only the instance that has the session of the router knows this number.
    learned = {
        address(flow["peer_ip_src"]): flow["as_dst"]
        for records in flows.values()
        for flow in records
    }
    assert learned == {
        row["address"]: 64600 + number for number, row in enumerate(sessions.report["sources"])
    }


def test_a_burst_of_routers_connects_at_the_first_attempt(cluster, routers):
    cluster(1)
    report = routers("--source", "127.1.0.1+60", "--routes", 1).report
    assert {(row["state"], row["attempts"]) for row in report["sources"]} == {("established", 1)}


def test_pmbmpd_joins_the_same_cluster(cluster, start, routers, tmp_path):
    """Flows in nfacctd, BMP in pmbmpd: two endpoints, one mapping."""
    instances = cluster(2, keys=FLOWS_ONLY)
    daemons = [
        start(index, 2, directory=tmp_path / "pmbmpd", binary="pmbmpd", keys=NO_FLOWS)
        for index in range(2)
    ]
    for daemon in daemons:
        daemon.wait_ready("BMP is hash bucket")
    routers(*ROUTERS)
    bmp = wait_routers(daemons, 24)

    report = traffic.flows(*ROUTERS, "--version", "5", "--flows", 2)
    for index, records in instances.wait_flows(report["records"]).items():
        for flow in records:
            assert bmp[address(flow["peer_ip_src"])] == {index}


@pytest.mark.parametrize(
    "keys, words",
    [
        ({"nfacctd_ip": "192.0.2.1"}, "bind() to ip=192.0.2.1"),
        ({"nfacctd_templates_port": 2056}, "bind() to ip=(null) port=2056/udp failed"),
        ({"pre_tag_map": "/none"}, "[/none] file not found"),
    ],
)
def test_a_start_that_fails_takes_nothing(start, tmp_path, keys, words):
    """Neither flows nor BMP: the running instance stays in its hash bucket."""
    first = start(0, 1).wait_ready()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as templates:
        templates.bind(("::", 2056))
        second = start(0, 1, directory=tmp_path / "second", keys=keys)
        assert second.wait_exit() == 1
    assert words in second.log()
    assert "took hash bucket" not in second.log()
    (shown,) = ask("status")["clusters"]
    assert [row["buckets"][0]["pid"] for row in shown["endpoints"]] == [first.pid] * 2
    report = traffic.flows("--source", "127.1.0.1+20", "--version", "5", "--flows", 3)
    wait_for("flows", lambda: len(first.flows()) == report["records"])
    assert first.process.poll() is None
