# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows of many exporters over several instances: none is lost, no exporter is split."""
from collections import Counter

import pytest

from harness import traffic
from harness.distribution import V4, V6, check_not_split, send_mixed
from harness.nfacctd import FLOWS_ONLY, address, exporters_of, key_of
from harness.pcap import Capture


def keys(flows):
    return Counter(key_of(flow) for index in flows for flow in flows[index])


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_every_record_once_and_no_exporter_split(cluster, tmp_path, count):
    instances = cluster(count, keys=FLOWS_ONLY)
    sent = send_mixed(tmp_path / "sent")
    flows = instances.wait_flows(len(sent))
    instances.stop()
    flows = instances.flows()
    assert keys(flows) == Counter(map(key_of, sent))
    check_not_split(flows)
    # The name of the cluster determines the buckets, so the result is the same in every run.
    assert all(flows.values())


def test_three_instances_see_what_one_sees(cluster, tmp_path):
    outputs = []
    for count in (1, 3):
        instances = cluster(
            count,
            directory=tmp_path / str(count),
            keys={**FLOWS_ONLY, "cluster_name": f"of{count}"},
        )
        sent = send_mixed(tmp_path / f"sent{count}")
        instances.wait_flows(len(sent))
        instances.stop()
        outputs.append(keys(instances.flows()))
    assert outputs[0] == outputs[1]
    assert sum(outputs[0].values()) == 60 * 40


def test_several_source_ports_stay_together(cluster, tmp_path):
    """Templates come from one port and data from four: only one instance can decode both."""
    instances = cluster(4, keys=FLOWS_ONLY)
    sent = send_mixed(tmp_path / "sent", "--ports", 4, "--domains", 2)
    ports = Counter(record["exporter"] for record in sent)
    assert len(ports) == 60
    instances.wait_flows(len(sent))
    instances.stop()
    assert keys(instances.flows()) == Counter(map(key_of, sent))
    check_not_split(instances.flows())


@pytest.mark.parametrize(
    "ip, source, to",
    [
        ("127.0.0.1", V4, "127.0.0.1:2055"),
        ("::1", V6, "[::1]:2055"),
        ("0.0.0.0", V4, "127.0.0.1:2055"),
    ],
)
def test_one_family_only(cluster, tmp_path, ip, source, to):
    instances = cluster(3, keys={**FLOWS_ONLY, "nfacctd_ip": ip})
    report = traffic.flows(*source, "--version", "9", "--flows", 20, to=("--to", to))
    flows = instances.wait_flows(report["records"])
    check_not_split(flows)
    assert sum(map(len, flows.values())) == 600


def test_an_exporter_stays_where_it_is_after_a_restart_of_all(cluster, tmp_path):
    homes = []
    for turn in range(2):
        instances = cluster(3, directory=tmp_path / str(turn), keys=FLOWS_ONLY)
        instances.wait_flows(traffic.flows(*V4, *V6, "--version", "5", "--flows", 1)["records"])
        homes.append(
            {
                exporter: index
                for index, flows in instances.flows().items()
                for exporter in exporters_of(flows)
            }
        )
        instances.end()
    assert homes[0] == homes[1]


def test_two_clusters_on_one_host(cluster, tmp_path):
    """Clusters with different ports, names and counts do not affect each other."""
    ports = {"blue": 2055, "green": 2056}
    clusters = {
        name: cluster(
            count,
            directory=tmp_path / name,
            keys={**FLOWS_ONLY, "cluster_name": name, "nfacctd_port": ports[name]},
        )
        for name, count in (("blue", 2), ("green", 3))
    }
    sent = {}
    for number, (name, port) in enumerate(ports.items(), start=1):
        report = traffic.flows(
            "--source",
            f"127.{number}.0.1+40",
            "--version",
            "9",
            "--flows",
            10,
            to=("--to", f"127.0.0.1:{port}"),
        )
        sent[name] = {source["address"] for source in report["sources"]}
    for name, instances in clusters.items():
        flows = instances.wait_flows(400)
        check_not_split(flows)
        assert set().union(*map(exporters_of, flows.values())) == sent[name]
        assert all(flows.values())


def test_process_without_reuseport_keys_on_the_same_port(start, cluster, tmp_path):
    """It receives nothing after the first join, and a stop loses nothing."""
    plain = start(
        0,
        directory=tmp_path / "plain",
        keys={**FLOWS_ONLY, "reuseport_hashbucket_count": None, "reuseport_hashbucket_index": None},
    )
    plain.wait_ready()
    before = send_mixed(tmp_path / "before")
    instances = cluster(2, directory=tmp_path / "cluster", keys=FLOWS_ONLY)
    after = send_mixed(tmp_path / "after")
    flows = instances.wait_flows(len(after))
    assert plain.stop() == 0
    instances.stop()
    assert Counter(map(key_of, plain.flows())) == Counter(map(key_of, before))
    assert keys(flows) == Counter(map(key_of, after))
    check_not_split(flows)


def test_replayed_capture(cluster, tmp_path):
    """Every record of a replayed capture is decoded, in one instance per exporter."""
    capture = Capture(tmp_path / "sent.pcap")
    for number in range(6):
        capture.netflow5(f"192.0.2.{number + 1}", records=4)
    capture.close()
    instances = cluster(2, keys=FLOWS_ONLY)
    report = traffic.replay(capture.path, "--source-base", "127.9.0.1")
    assert report["datagrams"] == 6
    flows = instances.wait_flows(24)
    check_not_split(flows)
    assert {address(flow["peer_ip_src"]) for index in flows for flow in flows[index]} == {
        f"127.9.0.{number + 1}" for number in range(6)
    }
