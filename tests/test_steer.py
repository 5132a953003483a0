# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport pin, unpin, pins, drain, undrain, account and top."""
import concurrent.futures
import json
import subprocess
import threading

import pytest

from harness import traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, exporters_of
from harness.pmreuseport import TOOL, ask, refused, sessions, tool

V5 = ("--version", "5", "--records-per-packet", 1)
SOURCES = ("--source", "127.1.0.1+60", "--source", "fd00:1::1+60")
ORDINARY_USER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def send(instances, *args):
    """Send one flow from each exporter: exporter -> index of the instance it reached."""
    seen = [len(instance.flows()) for instance in instances]
    report = traffic.flows(*(args or SOURCES), *V5, "--flows", 1)
    wait_for(
        "all flows",
        lambda: sum(len(instance.flows()) for instance in instances)
        == sum(seen) + report["records"],
    )
    return {
        exporter: instance.index
        for instance, n in zip(instances, seen)
        for exporter in exporters_of(instance.flows()[n:])
    }


def foretold(exporters):
    return {row["address"]: row["bucket"] for row in ask("where", *exporters)["exporters"]}


def test_pinned_exporters_reach_their_instance(cluster):
    instances = [*cluster(4, keys=FLOWS_ONLY)]
    before = send(instances)
    assert ask("pin", "127.1.0.0/27", 3) == {
        "cluster": "default",
        "replaced": False,
        "pins": [{"prefix": "127.1.0.0/27", "bucket": 3}],
    }
    assert tool("pin", "127.1.0.9", 1).stdout == (
        '1 pin set in cluster "default"; move open sessions with: pmreuseport rehome -c default\n'
    )
    ask("pin", "fd00:1::/122", 0)
    found = send(instances)
    expected = {
        **before,
        **{f"127.1.0.{n}": 3 for n in range(1, 32)},
        "127.1.0.9": 1,
        **{f"fd00:1::{n:x}": 0 for n in range(1, 61)},
    }
    assert found == expected == foretold(found)
    rows = ask("where", "127.1.0.9", "127.1.0.50")["exporters"]
    assert [row["decision"] for row in rows] == ["pinned", "primary"]
    (status,) = ask("status")["clusters"]
    assert status["pin_count"] == 3
    assert status["endpoints"][0]["decisions"]["pinned"] == 31 + 60

    assert ask("pins") == {
        "cluster": "default",
        "pins": [
            {"prefix": "127.1.0.0/27", "bucket": 3},
            {"prefix": "127.1.0.9/32", "bucket": 1},
            {"prefix": "fd00:1::/122", "bucket": 0},
        ],
    }
    assert (
        tool("unpin", "127.1.0.9", "fd00:1::/122").stdout
        == '2 pins removed from cluster "default"\n'
    )
    assert send(instances)["127.1.0.9"] == 3
    assert ask("unpin", "--all") == {"cluster": "default", "unpinned": 1}
    assert send(instances) == before
    assert (tool("pins").stdout, ask("pins")["pins"]) == ("", [])


def test_a_pinned_exporter_survives_its_instance(cluster, start):
    instances = [*cluster(3, keys=FLOWS_ONLY)]
    before = send(instances)
    ask("pin", "127.1.0.0/16", 1)
    instances[1].kill()
    rest = [instances[0], instances[2]]
    found = send(rest)
    assert {e: b for e, b in found.items() if before[e] != 1} == {
        e: b for e, b in before.items() if b != 1
    }
    # The instance returns, and its exporters with it.
    again = start(1, 3, directory=instances[1].directory / "again", keys=FLOWS_ONLY).wait_ready()
    found = send([*rest, again])
    assert {found[f"127.1.0.{n}"] for n in range(1, 61)} == {1}


def test_a_file_of_pins(start, tmp_path):
    start(0, 2, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "pins"
    path.write_text(
        "# prefix bucket\n\n 198.51.100.0/24\t1 # east\r\n2001:db8::/32 0\n::ffff:192.0.2.1 1"
    )
    assert [pin["prefix"] for pin in ask("pin", "--file", path)["pins"]] == [
        "192.0.2.1/32",
        "198.51.100.0/24",
        "2001:db8::/32",
    ]
    printed = tool("pins").stdout
    assert printed == "192.0.2.1/32 1\n198.51.100.0/24 1\n2001:db8::/32 0\n"
    ask("pin", "203.0.113.9", 0)
    # The output of "pins" restores the pins.
    done = subprocess.run(
        [TOOL, "pin", "-f", "-", "--replace"],
        input=printed,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout.startswith("3 pins set") and tool("pins").stdout == printed
    # One wrong line: nothing changes.
    path.write_text("203.0.113.1 0\n203.0.113.2 2\n")
    refused("there is no hash bucket 2 to pin 203.0.113.2/32 to", "pin", "-f", path)
    for line, words in (
        ("203.0.113.1", "after 203.0.113.1 there must be its hash bucket alone"),
        ("::1 1 2", "after ::1 there must be its hash bucket alone"),
        ("::1 -1", "'-1' is no hash bucket"),
        ("::1 128", "'128' is no hash bucket"),
        ("::1 \x1b1", "'\\x1b1' is no hash bucket"),
        ("x 0", "'x' is no address and no prefix"),
        ("::1 0\0 1", "there is a NUL byte"),
        ("\0::1 0", "there is a NUL byte"),
        ("10.0.0.1/8 0", "'10.0.0.1/8' has bits beyond its length; did you mean " "10.0.0.0/8?"),
    ):
        path.write_text(f"203.0.113.1 0\n{line}\n")
        refused(f"line 2 of {path}: {words}", "pin", "-f", path)
    path.write_text("::1 0\n::1/128 1\n")
    refused("::1/128 is given twice", "pin", "-f", path)
    assert tool("pins").stdout == printed
    path.write_text("")
    refused(
        f"there is no pin in {path}; remove all with: pmreuseport unpin --all -c default",
        "pin",
        "-f",
        path,
        "--replace",
    )
    assert tool("pins").stdout == printed


def test_sessions_follow_pins_when_told(cluster, routers):
    instances = [*cluster(3)]
    routers("--source", "127.1.0.1+12", "--routes", 1)
    wait_for("sessions", lambda: len(sessions(instances)) == 12)
    ask("pin", "127.1.0.0/16", 2)
    moved = len([index for index in sessions(instances).values() if index != 2])
    assert moved > 0
    assert len(ask("rehome", "--dry-run")["misplaced"]) == moved
    ask("rehome")
    wait_for("sessions closed", lambda: set(sessions(instances).values()) <= {2})


def test_a_drained_bucket_gets_nothing_new(cluster, routers):
    instances = [*cluster(3)]
    routers("--source", "127.1.0.1+30", "--routes", 1)
    wait_for("sessions", lambda: len(sessions(instances)) == 30)
    homes = sessions(instances)
    before = send(instances)
    assert ask("drain", 1) == {
        "cluster": "default",
        "bucket": 1,
        "drained": True,
        "changed": True,
    }
    found = send(instances)
    assert 1 not in found.values()
    assert {e: b for e, b in before.items() if b != 1} == {
        e: b for e, b in found.items() if before[e] != 1
    }
    assert found == {
        row["address"]: row["bucket"]
        for row in ask("where", *found)["exporters"]
        if row["endpoint"].startswith("udp")
    }
    assert sessions(instances) == homes, "the process keeps what it has"
    states = [
        [row["state"] for row in endpoint["buckets"]]
        for endpoint in ask("status")["clusters"][0]["endpoints"]
    ]
    assert states == [["live", "drained", "live"]] * 2
    assert tool("drain", 1).stdout == ('hash bucket 1 of cluster "default" was already drained\n')
    assert len(ask("rehome", "--dry-run")["misplaced"]) == list(homes.values()).count(1)

    ask("drain", 0)
    refused("without hash bucket 2 nobody would take the exporters", "drain", 2)
    assert set(send(instances).values()) == {2}
    assert tool("undrain", 0).stdout == ('hash bucket 0 of cluster "default" is now not drained\n')
    assert ask("undrain", 1)["changed"] is True
    assert send(instances) == before


def test_top(cluster):
    instances = [*cluster(3, keys=FLOWS_ONLY)]
    refused("are not counted; switch that on with: pmreuseport account on", "top")
    send(instances)
    assert ask("account", "on") == {"cluster": "default", "account": True, "changed": True}
    assert ask("status")["clusters"][0]["account"] is True
    found = send(instances)
    with subprocess.Popen(
        [TOOL, "top", "--watch", "--json", "-n", "3", "-s", "2"], text=True, stdout=subprocess.PIPE
    ) as top:
        # The generator sends during the whole measurement.
        stop = threading.Event()

        def load():
            while not stop.is_set():
                traffic.flows("--source", "127.1.0.7+1", *V5, "--flows", 60)
                traffic.flows("--source", "127.1.0.8+2", *V5, "--flows", 10)

        thread = threading.Thread(target=load)
        thread.start()
        try:
            answer = json.loads(top.stdout.readline())
            answer = json.loads(top.stdout.readline())
        finally:
            top.terminate()
            stop.set()
            thread.join()
    assert set(answer) == {
        "cluster",
        "counted",
        "full",
        "uncounted_packets_per_second",
        "packets_per_second",
        "bytes_per_second",
        "exporters",
    }
    assert (answer["cluster"], answer["counted"], answer["full"]) == ("default", 120, False)
    first, second, third = answer["exporters"]
    assert first["address"] == "127.1.0.7" and {second["address"], third["address"]} == {
        "127.1.0.8",
        "127.1.0.9",
    }
    assert set(first) == {"address", "bucket", "packets_per_second", "bytes_per_second", "share"}
    for row in answer["exporters"]:
        assert row["bucket"] == found[row["address"]]
        assert row["bytes_per_second"] == pytest.approx(80 * row["packets_per_second"])
    assert first["share"] == pytest.approx(0.75, abs=0.15)
    assert sum(row["share"] for row in answer["exporters"]) == pytest.approx(1)

    lines = tool("top", "--by", "bytes", "--number", 2).stdout.splitlines()
    assert lines[0] == "cluster default: 120 exporters, 0 packets/s, 0 bytes/s"
    assert lines[1].split() == ["EXPORTER", "BUCKET", "PACKETS/S", "BYTES/S", "SHARE"]
    assert len(lines) == 4 and lines[2].split()[2:] == ["0", "0", "0.0%"]
    assert "\033" not in "".join(lines)
    assert tool("account", "off").stdout == 'accounting of cluster "default" is now off\n'
    assert tool("account", "off").stdout == 'accounting of cluster "default" was already off\n'
    refused("are not counted", "top")


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("PREFIX is missing; give a prefix and its hash bucket, or a file", ("pin",), 2),
        ("PREFIX and --file exclude each other", ("pin", "::1", 0, "--file", "x"), 2),
        ("BUCKET is missing", ("pin", "::1"), 2),
        ("unexpected argument '3'; see pmreuseport pin --help", ("pin", "::1", 0, 3), 2),
        ("'127.1' is no address and no prefix", ("pin", "127.1", 0), 2),
        ("'10.0.0.0/33' is no address and no prefix", ("pin", "10.0.0.0/33", 0), 2),
        ("'10.0.0.0/' is no address and no prefix", ("pin", "10.0.0.0/", 0), 2),
        ("'::/129' is no address and no prefix", ("pin", "::/129", 0), 2),
        ("'::ffff:0:0/95' is no address and no prefix", ("pin", "::ffff:0:0/95", 0), 2),
        ("'::1/64' has bits beyond its length; did you mean ::/64?", ("pin", "::1/64", 0), 2),
        ("'128' is no hash bucket; give a number from 0 to 127", ("pin", "::1", 128), 2),
        ("there is no hash bucket 1 to pin ::1/128 to", ("pin", "::1", 1), 1),
        ('there is no cluster "nope"', ("pin", "::1", 0, "--cluster", "nope"), 1),
        ("cannot open /nowhere (No such file or directory)", ("pin", "--file", "/nowhere"), 1),
        ("PREFIX is missing; give the prefixes to unpin, or --all", ("unpin",), 2),
        ("PREFIX and --all exclude each other", ("unpin", "::1", "--all"), 2),
        ("::1/128 is not pinned; list the pins with: pmreuseport pins", ("unpin", "::1"), 1),
        ('there is no cluster "nope"', ("pins", "-c", "nope"), 1),
        ("unexpected argument 'a'; name the cluster with -c a", ("pins", "a"), 2),
        ("BUCKET is missing", ("drain",), 2),
        ("BUCKET '128' is out of bounds", ("drain", 128), 2),
        ("there is no hash bucket 1 in cluster", ("drain", 1), 1),
        ("without hash bucket 0 nobody would take", ("drain", 0), 1),
        ('there is no cluster "nope"', ("undrain", "-c", "nope", 0), 1),
        ("STATE is missing; give on or off", ("account",), 2),
        ("STATE 'yes' is unknown; give off or on", ("account", "yes"), 2),
        ('there is no cluster "nope"', ("account", "on", "-c", "nope"), 1),
        ("--number '0' is out of bounds", ("top", "-n", 0), 2),
        ("--seconds '0' is out of bounds", ("top", "-s", 0), 2),
        ("--by 'x' is unknown; give packets or bytes", ("top", "--by", "x"), 2),
        ('there is no cluster "nope"', ("top", "-c", "nope"), 1),
    ],
)
def test_wrong_usage(start, words, args, status):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(words, *args, status=status)


@pytest.mark.parametrize(
    "args",
    [
        ("pin", "::1", 0),
        ("unpin", "--all"),
        ("pins",),
        ("drain", 0),
        ("undrain", 0),
        ("account", "on"),
        ("top",),
    ],
)
def test_a_user_without_rights(start, args):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused("Permission denied", *args, command=ORDINARY_USER)


def test_while_the_cluster_is_resized(cluster):
    """Each command sees the state before or after a resize, and answers accordingly."""
    cluster(2, keys=FLOWS_ONLY)
    ask("account", "on")
    stop = threading.Event()

    def resize():
        while not stop.is_set():
            ask("resize", 5)
            ask("resize", 2)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        resized = pool.submit(resize)
        try:
            for n in range(10):
                ask("pin", f"10.0.0.{n}", n % 2)
                assert len(ask("pins")["pins"]) == n + 1
                assert ask("drain", n % 2)["drained"] is True
                assert ask("undrain", n % 2)["changed"] is True
                assert ask("status")["clusters"][0]["count"] in (2, 5)
                assert {row["bucket"] for row in ask("where", f"10.0.0.{n}")["exporters"]} == {
                    n % 2
                }
        finally:
            stop.set()
        # The resizes continued until now, and none was refused.
        resized.result()
