# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport where: flows arrive where the command says."""
import subprocess

import pytest

from harness import traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, exporters_of
from harness.pmreuseport import TOOL, ask, refused, tool

SOURCES = ("--source", "127.1.0.1+100", "--source", "fd00:1::1+100")
ADDRESSES = [*(f"127.1.0.{n}" for n in range(1, 101)), *(f"fd00:1::{n:x}" for n in range(1, 101))]


@pytest.fixture
def addresses(tmp_path):
    path = tmp_path / "addresses"
    path.write_text("# routers\n\n" + "".join(f" {a}\t# one\r\n" for a in ADDRESSES))
    return path


def send(instances):
    """Send one flow from each exporter. Returns where it arrived."""
    seen = [len(instance.flows()) for instance in instances]
    report = traffic.flows(*SOURCES, "--version", "5", "--flows", 1, "--records-per-packet", 1)
    wait_for(
        "all flows",
        lambda: sum(len(instance.flows()) for instance in instances)
        == sum(seen) + report["records"],
    )
    return {
        exporter: instance
        for instance, n in zip(instances, seen)
        for exporter in exporters_of(instance.flows()[n:])
    }


def test_where_flows_arrive(cluster, addresses):
    instances = [*cluster(4, keys=FLOWS_ONLY)]
    found = send(instances)
    answer = ask("where", "--file", addresses)
    assert {row["address"]: (row["bucket"], row["pid"]) for row in answer["exporters"]} == {
        exporter: (instance.index, instance.pid) for exporter, instance in found.items()
    }
    assert {row["decision"] for row in answer["exporters"]} == {"primary"}
    assert all("then" not in row for row in answer["exporters"])
    most = max(sum(home is instance for home in found.values()) for instance in instances)
    assert answer["summary"] == [
        {
            "endpoint": answer["exporters"][0]["endpoint"],
            "live": 4,
            "nowhere": 0,
            "max_mean": pytest.approx(most / 50),
        }
    ]


def test_if_a_bucket_was_dead(cluster, addresses):
    instances = [*cluster(4, keys=FLOWS_ONLY)]
    foretold = ask("where", "--file", addresses, "--down", 2)
    instances[2].kill()
    found = send(instances)
    assert {row["address"]: row["then"]["bucket"] for row in foretold["exporters"]} == {
        exporter: instance.index for exporter, instance in found.items()
    }
    moved = [row for row in foretold["exporters"] if row["then"]["bucket"] != row["bucket"]]
    assert {row["bucket"] for row in moved} == {2}
    assert {row["then"]["decision"] for row in moved} == {"failover"}
    (summary,) = foretold["summary"]
    assert (summary["moved"], summary["then"]["live"]) == (len(moved), 3)


def test_if_the_count_was_another(cluster, start, addresses):
    instances = [*cluster(3, keys=FLOWS_ONLY)]
    foretold = ask("where", "--file", addresses, "--count", 4)
    ask("resize", 4)
    awaited = ask("where", "--file", addresses, "--count", 4)
    assert awaited["summary"][0]["moved"] == foretold["summary"][0]["moved"] > 0
    assert [row["then"] for row in awaited["exporters"]] == [
        row["then"] for row in foretold["exporters"]
    ]
    instances.append(start(3, 4, keys=FLOWS_ONLY).wait_ready())
    found = send(instances)
    assert {row["address"]: row["then"]["bucket"] for row in foretold["exporters"]} == {
        exporter: instance.index for exporter, instance in found.items()
    }
    assert {row["then"]["bucket"] for row in foretold["exporters"]} == {0, 1, 2, 3}


def test_dropped_exporters(cluster, addresses):
    instances = cluster(2, keys={**FLOWS_ONLY, "reuseport_fallback": "drop"})
    instances[1].kill()
    answer = ask("where", "--file", addresses, "--down", 0)
    dropped = [row for row in answer["exporters"] if row["home"] == 1]
    assert dropped and answer["summary"][0]["nowhere"] == len(dropped)
    assert {(row["bucket"], row["decision"]) for row in dropped} == {(None, "dropped")}
    assert {row["then"]["decision"] for row in answer["exporters"]} == {"dropped"}
    # An exporter that is dropped before and after does not move, even if its bucket changes.
    answer = ask("where", "--file", addresses, "--count", 5, "--down", 2)
    rows = answer["exporters"]
    assert any((row["home"], row["then"]["home"]) == (1, 2) for row in rows)
    assert answer["summary"][0]["moved"] == sum(
        row["bucket"] != row["then"]["bucket"] for row in rows
    )


def test_text_output(cluster):
    (instance,) = cluster(1)
    done = subprocess.run(
        [TOOL, "where", "-f", "-", "--down", "0"],
        check=True,
        text=True,
        input="127.1.0.1\n",
        stdout=subprocess.PIPE,
    )
    lines = done.stdout.splitlines()
    assert [lines[0].split("-")[:2], lines[4].split("-")[:2]] == [["udp", "2055"], ["tcp", "1790"]]
    for begin in (0, 4):
        assert lines[begin + 1].split() == ["EXPORTER", "BUCKET", "PID", "THEN"]
        assert lines[begin + 2].split() == ["127.1.0.1", "0", str(instance.pid), "kernel"]
        assert lines[begin + 3] == (
            "1 exporter: 1 live bucket, max/mean 1.00; then 0 live buckets, "
            "max/mean 0.00, 1 in none; 1 move"
        )
    assert tool("where", "::1", "--summary").stdout.splitlines()[1] == (
        "1 exporter: 1 live bucket, max/mean 1.00"
    )


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("ADDRESS is missing; give addresses, or a file of them with --file", (), 2),
        ("'127.1' is no IP address", ("127.1",), 2),
        ("--count '129' is out of bounds", ("::1", "--count", 129), 2),
        ("--down '128' is out of bounds", ("::1", "--down", 128), 2),
        ("there is no hash bucket 1 among 1, counted from 0", ("::1", "--down", 1), 1),
        ('there is no cluster "nope"', ("::1", "--cluster", "nope"), 1),
        ("cannot open /nowhere (No such file or directory)", ("--file", "/nowhere"), 1),
        ("line 4 of {file}: 'x' is no IP address", ("--file", "{file}"), 1),
        ("cannot read / (Is a directory)", ("--file", "/"), 1),
    ],
)
def test_wrong_usage(start, tmp_path, words, args, status):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "addresses"
    path.write_text("::1\n#\n\nx\n::2\n")
    refused(
        words.format(file=path),
        "where",
        *(str(arg).format(file=path) for arg in args),
        status=status,
    )


def test_no_live_instance(cluster):
    cluster(1, keys=FLOWS_ONLY).end()
    refused('no instance of cluster "default" is alive; start one first', "where", "::1")


def test_a_user_without_rights(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(
        "cannot open /sys/fs/bpf/pmacct (Permission denied); run as root",
        "where",
        "::1",
        command=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"),
    )
