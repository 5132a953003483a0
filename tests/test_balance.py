# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport balance: moves a few heavy exporters, so that no bucket has too much load."""
import pathlib
import re
import socket
import subprocess
import time

import pytest

from harness import maps, wait_for
from harness.listen_connect import Listener
from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import TOOL, ask, refused, tool
from harness.sandbox import pins
from harness.traffic import TO, Load

POOL = [f"127.1.{n // 250}.{n % 250 + 1}" for n in range(1000)]
BUCKETS = 4
IP_PKTINFO = 8
LIGHT, HEAVY = 195, 5  # how many exporters
LIGHT_RATE = 4  # datagrams per second from each
# Three of five must move with this rate, even if the two generators differ by 30 %.
HEAVY_RATE = 0.22 * LIGHT_RATE * LIGHT / BUCKETS
ORDINARY_USER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.fixture
def load(sandbox):
    """load(addresses, rate of each): send flows until the end of the test."""
    made = []

    def load(addresses, rate):
        sources = [word for address in addresses for word in ("--source", address)]
        made.append(
            Load(
                *sources,
                "--version",
                5,
                "--records-per-packet",
                1,
                "--rate",
                round(rate * len(addresses)),
                to=TO,
            )
        )
        return made[-1]

    yield load
    for generator in made:
        generator.end()


def homes(cluster="default"):
    """bucket -> addresses of the pool that the selector sends to it"""
    found = {}
    for row in ask("where", *POOL, "--cluster", cluster)["exporters"]:
        if row["endpoint"].startswith("udp"):
            found.setdefault(row["bucket"], []).append(row["address"])
    return found


def choose(heavy_in=2):
    """(light, heavy): light exporters are spread evenly, heavy ones share a bucket."""
    by_bucket = homes()
    heavy = [by_bucket[heavy_in].pop() for _ in range(HEAVY)]
    light = [by_bucket[n % len(by_bucket)].pop() for n in range(LIGHT)]
    return light, heavy


@pytest.fixture
def listen(sandbox, tmp_path):
    """listen(index, count): start a pmreuseport-listen in the bucket"""
    listeners = []

    def listen(*args, **kwargs):
        listeners.append(Listener(tmp_path, *args, **kwargs))
        return listeners[-1]

    yield listen
    for listener in listeners:
        listener.end()


@pytest.fixture
def uneven(cluster, load):
    """A cluster with uneven load. Returns the heavy exporters, all of them in bucket 2."""
    cluster(BUCKETS, keys=FLOWS_ONLY)
    ask("account", "on")
    light, heavy = choose()
    load(light, LIGHT_RATE)
    load(heavy, HEAVY_RATE)
    wait_for("all exporters have sent", lambda: exporters_counted() == LIGHT + HEAVY)
    return heavy


def exporters_counted():
    return len(ask("top", "--number", 65536)["exporters"])


def measured(seconds=3.0):
    """max/mean of the packets per bucket, counted without the command balance."""
    before = maps.packets()
    time.sleep(seconds)  # not a wait: the packets of this time are measured
    got = [
        packets - before[bucket] for bucket, packets in maps.packets().items() if bucket < BUCKETS
    ]
    return max(got) / (sum(got) / BUCKETS)


def balance(*args):
    return ask("balance", "--seconds", 3, *args)


def check_schema(answer, dry_run):
    assert {key: type(value) for key, value in answer.items()} == {
        "cluster": str,
        "dry_run": bool,
        "seconds": int,
        "by": str,
        "counted": int,
        "full": bool,
        "nowhere": int,
        "target": float,
        "max_mean_before": float,
        "max_mean_after": float,
        "reached": bool,
        "minimal": bool,
        "alone": str if answer["alone"] else type(None),
        "buckets": list,
        "moves": list,
    }
    assert answer["dry_run"] is dry_run
    for row in answer["buckets"]:
        assert {key: type(value) for key, value in row.items()} == {
            "bucket": int,
            "before": dict,
            "after": dict,
        }
        for side in ("before", "after"):
            assert {key: type(value) for key, value in row[side].items()} == {
                "rate": float,
                "share": float,
            }
    for row in answer["moves"]:
        assert {key: type(value) for key, value in row.items()} == {
            "prefix": str,
            "from": int,
            "to": int,
            "rate": float,
            "share": float,
            "pin": str,
        }
    for side in ("before", "after"):
        rates = [row[side]["rate"] for row in answer["buckets"]]
        shares = [row[side]["share"] for row in answer["buckets"]]
        assert sum(shares) == pytest.approx(1)
        assert answer[f"max_mean_{side}"] == pytest.approx(max(rates) / (sum(rates) / len(rates)))


def test_heavy_exporters_that_share_a_bucket(uneven):
    assert measured() > 1.4
    dry = balance("--dry-run")
    check_schema(dry, True)
    assert (dry["cluster"], dry["seconds"], dry["by"], dry["target"]) == (
        "default",
        3,
        "packets",
        1.2,
    )
    assert (dry["counted"], dry["nowhere"], dry["alone"]) == (LIGHT + HEAVY, 0, None)
    assert (dry["full"], dry["reached"], dry["minimal"]) == (False, True, True)
    assert dry["max_mean_before"] > 1.4 and dry["max_mean_after"] <= 1.2
    assert [row["bucket"] for row in dry["buckets"]] == [*range(BUCKETS)]
    assert len(dry["moves"]) == 3
    assert {row["prefix"] for row in dry["moves"]} <= {f"{address}/32" for address in uneven}
    assert {row["from"] for row in dry["moves"]} == {2}
    assert sorted(row["to"] for row in dry["moves"]) == [0, 1, 3]
    assert {row["pin"] for row in dry["moves"]} == {"new"}
    assert all(row["rate"] == pytest.approx(HEAVY_RATE, rel=0.5) for row in dry["moves"])
    assert ask("pins")["pins"] == [], "a dry run changes nothing"
    assert measured() > 1.4

    done = balance()
    check_schema(done, False)
    assert done["reached"] and len(done["moves"]) == 3
    assert {row["prefix"]: row["bucket"] for row in ask("pins")["pins"]} == {
        row["prefix"]: row["to"] for row in done["moves"]
    }
    assert measured() <= 1.2

    again = balance()
    check_schema(again, False)
    assert again["moves"] == [] and again["reached"] and again["minimal"]
    assert again["max_mean_before"] == again["max_mean_after"] <= 1.2
    assert len(ask("pins")["pins"]) == 3


def test_text_output(uneven):
    done = tool("balance", "--seconds", 2, "--by", "bytes", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"cluster default: {LIGHT + HEAVY} exporters in 2 seconds"
    assert lines[1].split() == ["BUCKET", "BYTES/S", "SHARE", "THEN", "SHARE"]
    for bucket in range(BUCKETS):
        row = lines[2 + bucket].split()
        assert row[0] == str(bucket) and row[2][-1] == row[4][-1] == "%"
    words = lines[6].split()
    assert words[::2] == ["max/mean", "then"]
    assert float(words[1].rstrip(",")) > 1.4 and float(words[3]) <= 1.2
    assert lines[8].split() == ["EXPORTER", "FROM", "TO", "BYTES/S", "SHARE", "PIN"]
    for line in lines[9:12]:
        row = line.split()
        assert row[0].removesuffix("/32") in uneven
        assert (row[1], row[5]) == ("2", "new")
    assert lines[12:] == ["3 exporters would be moved"]
    assert tool("balance", "-c", "default", "-s", 2, "-t", 3).stdout.splitlines()[-1] == (
        "no exporter is to be moved"
    )
    assert ask("pins")["pins"] == []
    assert tool("balance", "-s", 2).stdout.splitlines()[-1] == "3 exporters moved"


def test_a_pin_that_is_no_longer_needed_goes(uneven):
    """All were pinned to bucket 0 once. None needs a pin where the hash sends it."""
    for address in uneven:
        ask("pin", address, 0)
    ask("pin", "198.51.100.7", 1)  # an exporter that sends nothing keeps its pin
    ask("drain", 1)
    ask("drain", 3)
    answer = balance("--target", 1.1)
    assert [row["bucket"] for row in answer["buckets"]] == [0, 2]
    assert answer["reached"] and answer["minimal"]
    assert {(row["from"], row["to"], row["pin"]) for row in answer["moves"]} == {(0, 2, "removed")}
    moved = {row["prefix"] for row in answer["moves"]}
    assert {row["prefix"]: row["bucket"] for row in ask("pins")["pins"]} == {
        "198.51.100.7/32": 1,
        **{f"{a}/32": 0 for a in uneven if f"{a}/32" not in moved},
    }
    assert moved and {
        row["bucket"]
        for row in ask("where", *(prefix.removesuffix("/32") for prefix in moved))["exporters"]
    } == {2}
    # A pinned exporter may get another pin.
    ask("undrain", 1)
    ask("undrain", 3)
    for address in uneven:
        ask("pin", address, 0)
    answer = balance()
    assert {(row["from"], row["to"], row["pin"]) for row in answer["moves"]} == {
        (0, 1, "changed"),
        (0, 2, "removed"),
        (0, 3, "changed"),
    }
    assert measured() <= 1.2


def test_networks_that_are_pinned_stay(uneven):
    ask("pin", "127.1.0.0/16", 2)
    dry = balance("--dry-run")
    assert (dry["reached"], dry["minimal"], dry["moves"]) == (False, True, [])
    assert dry["max_mean_before"] == pytest.approx(BUCKETS)
    done = tool("balance", "--seconds", 2)
    assert done.returncode == 1
    assert done.stderr == (
        "pmreuseport: the target of 1.20 cannot be reached with so few moves of "
        "exporters that no pin of a network holds, the best is 4.00; give a "
        "higher --target or --max-pins\n"
    )
    assert done.stdout.splitlines()[-1] == "no exporter is to be moved"
    assert len(ask("pins")["pins"]) == 1


def test_one_exporter_alone_is_too_heavy(cluster, load):
    cluster(2, keys=FLOWS_ONLY)
    ask("account", "on")
    by_bucket = homes()
    alone, *others = by_bucket[1][:3]
    load([alone], 300)
    load(others, 30)
    load(by_bucket[0][:1], 20)
    wait_for("all have sent", lambda: exporters_counted() == 4)
    dry = balance("--dry-run")
    check_schema(dry, True)
    assert (dry["alone"], dry["reached"], dry["minimal"]) == (alone, False, True)
    # Either this exporter moves, or the two others do.
    assert dry["max_mean_after"] == pytest.approx(
        max(row["after"]["rate"] for row in dry["buckets"])
        / (sum(row["after"]["rate"] for row in dry["buckets"]) / 2)
    )
    assert dry["max_mean_after"] < dry["max_mean_before"]
    done = tool("balance", "--seconds", 3, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"cannot be reached, because {alone} alone sends " in done.stdout.splitlines()[-1]
    done = tool("balance", "--seconds", 3, "--json")
    assert done.returncode == 1 and done.stdout.startswith("{")
    assert f"cannot be reached, because {alone} alone sends " in done.stderr
    assert done.stderr.count("\n") == 1
    assert ask("pins")["pins"]


def test_a_bucket_dies(cluster, load):
    """A dead bucket: its exporters stay where they are now, and none is moved to it."""
    instances = cluster(BUCKETS, keys=FLOWS_ONLY)
    ask("account", "on")
    light, heavy = choose()
    instances[1].kill()
    load(light, LIGHT_RATE)
    load(heavy, HEAVY_RATE)
    wait_for("all exporters have sent", lambda: exporters_counted() == LIGHT + HEAVY)
    dry = balance("--dry-run")
    assert [row["bucket"] for row in dry["buckets"]] == [0, 2, 3]
    assert (dry["counted"], dry["nowhere"]) == (LIGHT + HEAVY, 0)
    # Stricter than the next call, because two measurements are never equal.
    answer = balance("--target", 1.1)
    assert answer["reached"] and answer["moves"]
    assert 1 not in {row["to"] for row in answer["moves"]} | {
        row["from"] for row in answer["moves"]
    }
    assert not balance()["moves"]


def test_exporters_that_are_dropped(cluster, load):
    instances = cluster(2, keys={**FLOWS_ONLY, "reuseport_fallback": "drop"})
    ask("account", "on")
    by_bucket = homes()
    load(by_bucket[0][:10] + by_bucket[1][:10], 10)
    wait_for("all have sent", lambda: exporters_counted() == 20)
    instances[1].kill()
    # Exporters of the dead bucket are not counted any more, so they are no load.
    answer = balance()
    assert (answer["counted"], answer["nowhere"]) == (10, 0)
    assert (answer["moves"], answer["max_mean_before"]) == ([], 1.0)


def test_exporters_that_stopped_sending(listen, load):
    """Exporters that have sent something before are no load now."""
    listen(0, 2, "--fallback", "drop").wait_ready()
    goes = listen(1, 2, "--fallback", "drop").wait_ready()
    ask("account", "on")
    by_bucket = homes()
    load(by_bucket[0][:2] + by_bucket[1][:3], 20)
    wait_for("all have sent", lambda: exporters_counted() == 5)
    command = subprocess.Popen(
        [TOOL, "balance", "--seconds", "6"], text=True, stdout=subprocess.PIPE
    )
    with command:
        wchan = pathlib.Path(f"/proc/{command.pid}/wchan")
        wait_for("the first reading", lambda: "nanosleep" in wchan.read_text())
        before = maps.packets()[1]
        wait_for("some more counted", lambda: maps.packets()[1] >= before + 20)
        goes.kill()
        assert command.stdout.readline() == (
            "cluster default: 2 exporters in 6 seconds, and 3 that reach no bucket now\n"
        )
    assert command.returncode == 0


def test_the_table_is_full(listen, load):
    """Exporters that send now are counted in place of those that were silent for long."""
    listen(0, 1).wait_ready()
    ask("account", "on")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

        def send(n):
            """A datagram from one of a million addresses."""
            source = socket.inet_aton(f"127.{64 + n // 65536}.{n // 256 % 256}.{n % 256}")
            info = [(socket.IPPROTO_IP, IP_PKTINFO, bytes(4) + source + bytes(4))]
            sender.sendmsg([b""], info, 0, ("127.0.0.1", 2055))

        for n in range(65536):
            send(n)
        assert 60000 < exporters_counted() <= 65536
        load(["127.64.0.1", "127.64.0.2", "127.1.0.1"], 200)
        answer = balance()
        check_schema(answer, False)
        assert (answer["counted"], answer["max_mean_before"]) == (3, 1.0)
        with subprocess.Popen(
            [TOOL, "balance", "--seconds", "2", "--dry-run"], stdout=subprocess.PIPE, text=True
        ) as process:
            while process.poll() is None:
                n += 1
                send(n % (1 << 20))
            line = process.stdout.readline()
    assert re.fullmatch(
        r"cluster default: \d+ exporters in 2 seconds; more send than can be counted\n", line
    )


def test_ipv6(listen, load):
    listen(0, 2).wait_ready()
    listen(1, 2).wait_ready()
    ask("account", "on")
    rows = ask("where", *(f"fd00:1::{n:x}" for n in range(1, 60)))["exporters"]
    exporters = [
        row["address"] for row in rows if row["bucket"] == 1 and row["endpoint"].startswith("udp")
    ][:4]
    load(exporters, 20)
    wait_for("all have sent", lambda: exporters_counted() == 4)
    answer = balance()
    assert [(row["from"], row["to"]) for row in answer["moves"]] == [(1, 0)] * 2
    moved = [row["prefix"].removesuffix("/128") for row in answer["moves"]]
    assert set(moved) < set(exporters)
    assert {row["bucket"] for row in ask("where", *moved)["exporters"]} == {0}


@pytest.mark.parametrize(
    "words, args",
    [
        (
            "--target '0.9' is out of bounds; give a number from 1 to 128, such as 1.2",
            ("--target", "0.9"),
        ),
        ("--target 'x' is out of bounds", ("--target", "x")),
        ("--target '' is out of bounds", ("--target", "")),
        ("--target '1e1' is out of bounds", ("--target", "1e1")),
        ("--target 'inf' is out of bounds", ("--target", "inf")),
        ("--target '1.2.3' is out of bounds", ("--target", "1.2.3")),
        ("--target '.' is out of bounds", ("--target", ".")),
        ("--target '129' is out of bounds", ("--target", 129)),
        ("--seconds '0' is out of bounds; give a number from 1 to 3600", ("--seconds", 0)),
        ("--max-pins '16385' is out of bounds", ("--max-pins", 16385)),
        ("--by 'flows' is unknown; give packets or bytes", ("--by", "flows")),
        ("unexpected argument 'a'; name the cluster with -c a", ("a",)),
    ],
)
def test_wrong_usage(sandbox, words, args):
    refused(words, "balance", *args, status=2)


def test_nothing_to_measure(start):
    instance = start(0, 2, keys=FLOWS_ONLY).wait_ready()
    refused(
        'the exporters of cluster "default" are not counted; switch that on with: '
        "pmreuseport account on",
        "balance",
    )
    ask("account", "on")
    refused(
        'no exporter of cluster "default" has sent anything to a bucket within 1 second; '
        "measure while they send, or longer with --seconds",
        "balance",
        "--seconds",
        1,
    )
    refused('there is no cluster "nope"', "balance", "-c", "nope")
    before = pins()
    refused(
        "cannot open /sys/fs/bpf/pmacct (Permission denied); run as root",
        "balance",
        command=ORDINARY_USER,
    )
    assert pins() == before
    instance.end()
    refused('no instance of cluster "default" is alive; start one first', "balance", "-s", 1)


def test_buckets_without_a_port_for_sessions(listen, load):
    """The session of an exporter that moved there would stay in another bucket."""
    listen(0, 3).wait_ready()
    listen(1, 3, ports=("--udp", 2055)).wait_ready()
    listen(2, 3).wait_ready()
    ask("account", "on")
    load(homes()[2][:4], 20)
    wait_for("all have sent", lambda: exporters_counted() == 4)
    answer = balance("--target", 1.6)
    assert [row["bucket"] for row in answer["buckets"]] == [0, 1, 2]
    assert [(row["from"], row["to"]) for row in answer["moves"]] == [(2, 0)] * 2


def test_sessions_alone(listen):
    listen(0, 1, ports=("--tcp", 1790)).wait_ready()
    ask("account", "on")
    refused(
        'no instance of cluster "default" takes flows, so there is nothing to balance',
        "balance",
        "--seconds",
        1,
    )
