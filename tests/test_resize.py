# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport resize and leave, while the instances receive flows."""
from collections import Counter

import pytest

from harness import traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, address, key_of
from harness.pmreuseport import ask, refused, tool

SOURCES = ("--source", "127.1.0.1+100", "--source", "fd00:1::1+100")


def endpoints():
    """The endpoints of the cluster, as "status" lists them."""
    return ask("status")["clusters"][0]["endpoints"]


def sending(path):
    """Send flows of 200 exporters during the block (v5, which needs no templates)."""
    return traffic.sending(
        path, *SOURCES, "--version", 5, "--records-per-packet", 1, "--rate", 1000
    )


def arrived(instances):
    """exporter -> indices of the instances that have its flows"""
    homes = {}
    for instance in instances:
        for flow in instance.flows():
            homes.setdefault(address(flow["peer_ip_src"]), set()).add(instance.index)
    return homes


def check_all_there(instances, *paths):
    """Every record that was sent is written exactly once."""
    for instance in instances:
        if instance.process.poll() is None:
            instance.stop()
    sent = Counter(key_of(record) for path in paths for record in traffic.records(path))
    assert Counter(key_of(flow) for i in instances for flow in i.flows()) == sent


def test_growing(cluster, start, tmp_path):
    instances = [*cluster(3, keys=FLOWS_ONLY)]
    with sending(tmp_path / "sent"):
        before = wait_for(
            "all exporters", lambda: (homes if len(homes := arrived(instances)) == 200 else None)
        )
        (endpoint,) = (found["endpoint"] for found in endpoints())
        assert ask("resize", 4) == {
            "cluster": "default",
            "before": 3,
            "after": 4,
            "in_use": 3,
            "missing": endpoint,
        }
        # A new bucket receives nothing before an instance joins.
        assert ask("resize", 4)["in_use"] == 3
        instances.append(start(3, 4, keys=FLOWS_ONLY).wait_ready())
        assert ask("resize", 4)["in_use"] == 4
    traffic.flows(*SOURCES, "--version", "5", "--flows", 1, "--records", tmp_path / "after")
    check_all_there(instances, tmp_path / "sent", tmp_path / "after")
    after = arrived(instances)
    moved = {exporter for exporter in after if after[exporter] != before[exporter]}
    assert all(after[exporter] == before[exporter] | {3} for exporter in moved)
    assert 200 / 4 * 0.6 < len(moved) < 200 / 4 * 1.4


def test_shrinking(cluster, tmp_path):
    instances = cluster(4, keys=FLOWS_ONLY)
    with sending(tmp_path / "sent"):
        before = wait_for(
            "all exporters", lambda: (homes if len(homes := arrived(instances)) == 200 else None)
        )
        assert ask("resize", 3) == {
            "cluster": "default",
            "before": 4,
            "after": 3,
            "in_use": 3,
            "missing": None,
        }
        assert instances[3].wait_exit() == 0
    check_all_there(instances, tmp_path / "sent")
    for exporter, homes in arrived(instances).items():
        assert homes == before[exporter] or (3 in before[exporter] and len(homes) == 2)


def test_text_output(cluster):
    cluster(2, keys=FLOWS_ONLY)
    grown = tool("resize", 4).stdout
    assert grown == (
        'cluster "default" had 2 hash buckets and has 4 now; exporters are sent to 2 of them\n'
        "set reuseport_hashbucket_count to 4 in the configuration files of all instances\n"
        "start the instances of hash buckets 2 to 3 with that count; a bucket gets its exporters "
        "when its instance has joined\n"
        f"hash bucket 2 is not live in {endpoints()[0]['endpoint']} yet\n"
    )
    assert "start the instance of hash bucket 2 with" in tool("resize", 3).stdout
    shrunk = tool("resize", 1).stdout
    assert shrunk.splitlines()[2] == (
        "nothing new reaches the instances of hash buckets 1 to 2; they read what is "
        "queued, and stop"
    )


def test_no_live_instance(cluster):
    cluster(2, keys=FLOWS_ONLY).end()
    refused(
        'no instance of cluster "default" is alive, so there is nothing to resize; set '
        "reuseport_hashbucket_count to 3 and start them",
        "resize",
        3,
    )


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("COUNT is missing; give a number from 1 to 128", ("resize",), 2),
        ("COUNT '0' is out of bounds; give a number from 1 to 128", ("resize", 0), 2),
        ("COUNT '129' is out of bounds", ("resize", 129), 2),
        ("COUNT 'x' is out of bounds", ("resize", "x"), 2),
        ("COUNT '3 ' is out of bounds", ("resize", "3 "), 2),
        ("unexpected argument '4'; see pmreuseport resize --help", ("resize", 3, 4), 2),
        (
            'there is no cluster "nope" under /sys/fs/bpf/pmacct; start its',
            ("resize", "-c", "nope", 3),
            1,
        ),
        ('cluster_name is "../x", which cannot name a cluster', ("resize", "-c", "../x", 3), 1),
        ("BUCKET '128' is out of bounds; give a number from 0 to 127", ("leave", 128), 2),
        ("unknown command 'grow'; see pmreuseport --help", ("grow",), 2),
        ("command missing; see pmreuseport --help", (), 2),
    ],
)
def test_wrong_usage(start, words, args, status):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(words, *args, status=status)


def test_leave_for_a_live_instance(cluster):
    """leave on a live instance, which stops."""
    instances = cluster(2, keys=FLOWS_ONLY)
    assert ask("leave", 1) == {"cluster": "default", "bucket": 1, "released": 1}
    assert instances[1].wait_exit() == 0
    report = traffic.flows(*SOURCES, "--version", "5", "--flows", 2)
    assert len(instances.wait_flows(report["records"])[0]) == report["records"]
    assert ask("leave", 1)["released"] == 0


def test_leave_without_a_member_is_no_error(cluster):
    cluster(1, keys=FLOWS_ONLY)
    assert ask("leave", 127)["released"] == 0
    assert ask("leave", "-c", "never", 0)["released"] == 0
