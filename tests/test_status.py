# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport status: which process is in which bucket, and what it receives."""
import json
import os
import re
import signal
import subprocess
from datetime import datetime, timezone

import pytest

from harness import freeze, ledger, traffic, wait_for
from harness.bpf_object import build_modulo
from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import TOOL, ask, refused, sessions, tool

V5 = ("--version", "5", "--records-per-packet", 1)
SOURCES = ("--source", "127.1.0.1+60", "--source", "fd00:1::1+60")


def status(*args):
    (cluster,) = ask("status", *args)["clusters"]
    return cluster


def buckets(*args):
    """The buckets of the only endpoint."""
    (endpoint,) = status(*args)["endpoints"]
    return endpoint["buckets"]


def column(rows, name):
    return [row[name] for row in rows]


def test_all_figures(cluster, routers):
    began = datetime.now(timezone.utc).replace(microsecond=0)
    instances = [*cluster(3)]
    routers(*SOURCES, "--routes", 1)
    homes = wait_for(
        "sessions", lambda: (found if len(found := sessions(instances)) == 120 else None)
    )
    traffic.flows(*SOURCES, *V5, "--flows", 10)
    wait_for("all read", ledger.all_read)
    found = status("-c", "default")
    assert (found["cluster"], found["count"], found["in_use"], found["fallback"]) == (
        "default",
        3,
        3,
        "rehash",
    )
    udp, tcp = found["endpoints"]
    assert [udp["endpoint"][:8], tcp["endpoint"][:8]] == ["udp-2055", "tcp-1790"]
    for endpoint in (udp, tcp):
        rows = endpoint["buckets"]
        assert column(rows, "bucket") == [0, 1, 2]
        assert column(rows, "state") == ["live"] * 3
        assert column(rows, "pid") == [instance.pid for instance in instances]
        assert set(column(rows, "command")) == {"nfacctd"}
        assert sum(column(rows, "slots")) == 16384
        assert sum(column(rows, "share")) == pytest.approx(1)
        assert column(rows, "drops") == column(rows, "queue") == [0, 0, 0]
        assert column(rows, "packets_per_second") == [None] * 3
        assert all(
            began
            <= datetime.fromisoformat(since.replace("Z", "+00:00"))
            <= datetime.now(timezone.utc)
            for since in column(rows, "since")
        )
    assert sum(column(udp["buckets"], "packets")) == 1200
    assert udp["decisions"] == {
        "primary": 1200,
        "failover": 0,
        "kernel": 0,
        "dropped": 0,
        "pinned": 0,
        "refused": 0,
    }
    assert all(72 * row["packets"] < row["bytes"] < 200 * row["packets"] for row in udp["buckets"])
    assert column(udp["buckets"], "sessions") == [None] * 3
    assert column(tcp["buckets"], "sessions") == [
        list(homes.values()).count(index) for index in range(3)
    ]


def test_states_of_a_bucket(cluster):
    instances = cluster(3, keys={**FLOWS_ONLY, "reuseport_fallback": "drop"})
    instances[1].kill()
    ask("resize", 5)
    rows = buckets("-c", "default")
    assert column(rows, "state") == ["live", "dead", "live", "awaited", "awaited"]
    assert [pid is None for pid in column(rows, "pid")] == [False, True, False, True, True]
    found = status("-c", "default")
    assert (found["count"], found["in_use"], found["fallback"]) == (5, 3, "drop")


def test_queue_and_drops(start):
    instance = start(0, 1, keys=FLOWS_ONLY).wait_ready()
    freeze(instance.pid)
    traffic.flows("--source", "127.1.0.1+10", *V5, "--flows", 10000)
    (row,) = buckets()
    ((queue, drops),) = ledger.udp_sockets(2055).values()
    assert drops > 0 and (row["queue"], row["drops"]) == (queue, drops)
    os.kill(instance.pid, signal.SIGCONT)
    wait_for("all read", ledger.all_read)
    assert buckets()[0]["queue"] == 0


def test_all_clusters(start, tmp_path):
    for name, port in (("b", 2055), ("a", 2056)):
        start(
            0,
            1,
            directory=tmp_path / name,
            keys={**FLOWS_ONLY, "cluster_name": name, "nfacctd_port": port},
        ).wait_ready()
    assert column(ask("status")["clusters"], "cluster") == ["a", "b"]
    assert status("-c", "b")["endpoints"][0]["endpoint"].startswith("udp-2055")


def test_watch(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    traffic.flows(*SOURCES, *V5, "--flows", 20)
    with subprocess.Popen(
        [TOOL, "status", "--watch", "--json"], stdout=subprocess.PIPE, text=True
    ) as watch:
        rows = []

        def read():
            (endpoint,) = json.loads(watch.stdout.readline())["clusters"][0]["endpoints"]
            rows.extend(endpoint["buckets"])

        read()
        traffic.flows(*SOURCES, *V5, "--flows", 10)
        while rows[-1]["packets"] < 3600:
            read()
        watch.terminate()
    assert (rows[0]["packets"], rows[0]["packets_per_second"]) == (2400, None)
    assert rows[-1]["packets"] == 3600
    # One line per second, or fewer on a busy machine.
    for before, row in zip(rows, rows[1:]):
        came = row["packets"] - before["packets"]
        assert came / 20 <= row["packets_per_second"] <= came * 1.3


def test_text_output(cluster):
    instance, _ = cluster(2)
    traffic.flows(*SOURCES, *V5, "--flows", 1)
    lines = tool("status").stdout.splitlines()
    assert lines[0] == (
        "cluster default: 2 hash buckets, exporters are sent to 2; seed default; fallback rehash; "
        "0 pins; account off"
    )
    assert lines[2].startswith("udp-2055") and lines[8].startswith("tcp-1790")
    heads = "BUCKET STATE PID COMMAND SINCE SLOTS PACKETS BYTES SHARE QUEUE DROPS".split()
    assert lines[3].split() == heads and lines[9].split() == [*heads, "SESSIONS"]
    assert lines[4].split()[:4] == ["0", "live", str(instance.pid), "nfacctd"]
    assert re.fullmatch(
        "primary 120, failover 0, kernel 0, dropped 0, pinned 0, refused 0", lines[6]
    )
    assert "\033" not in "".join(lines)
    # Numbers are aligned with the end of their heading.
    assert {len(line) for line in lines[3:6]} == {len(lines[3])}


def test_third_party_selectors_count_nothing(start, tmp_path):
    build_modulo(tmp_path / "modulo.o")
    instance = start(0, 1, keys={**FLOWS_ONLY, "reuseport_bpf_prog": "modulo.o"}).wait_ready()
    done = tool("status", "--json")
    (found,) = json.loads(done.stdout)["clusters"]
    (endpoint,) = found["endpoints"]
    (row,) = endpoint["buckets"]
    assert (row["state"], row["slots"], row["packets"]) == ("live", None, None)
    # Without a record, it is the process that has the socket open.
    assert (row["pid"], row["command"], row["since"]) == (instance.pid, "nfacctd", None)
    assert endpoint["decisions"] is None and row["queue"] == 0
    assert "not all is known of the sockets: " in done.stderr or not done.stderr


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("unexpected argument 'a'; name the cluster with -c a", ("a",), 2),
        ("--watch '0' is out of bounds", ("--watch=0",), 2),
        ('there is no cluster "a"', ("-c", "a"), 1),
        ('cluster_name is "../a"', ("-c", "../a"), 1),
    ],
)
def test_wrong_usage(start, words, args, status):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(words, "status", *args, status=status)


def test_no_cluster_at_all(sandbox):
    refused("there is no cluster under /sys/fs/bpf/pmacct; start an instance", "status")


def test_a_user_without_rights(start):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(
        "cannot read /sys/fs/bpf/pmacct (Permission denied); run as root",
        "status",
        command=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"),
    )
