# SPDX-License-Identifier: GPL-2.0-or-later
"""An instance dies: its exporters reach others at once, and return when it does."""
import os
import signal
import subprocess
from collections import Counter

import pytest

from harness import exact_kill, freeze, ledger, maps, traffic, wait_for
from harness.distribution import wait_routers
from harness.nfacctd import FLOWS_ONLY, Cluster, Instance, refuses_to_start
from harness.sandbox import pins
from harness.sockets import enlarge_queues_of

EXPORTERS = ("--source", "127.1.0.1+1000")


def begin(directory, indices, count=4, **keys):
    """Start instances that write rows to directory, and wait until they are ready."""
    instances = Cluster(
        directory,
        count,
        indices,
        keys=ledger.keys(directory, **{"print_refresh_time[flows]": 1, **keys}),
    ).start()
    for instance in instances:
        enlarge_queues_of(instance.pid)
    return instances


def wait_all_read(instances):
    """Wait until all queues are empty and no instance has a datagram in hand.

    After that SIGKILL loses nothing.
    """
    wait_for("all read", ledger.all_read)
    for instance in instances:
        if instance.process.poll() is None:
            wait_for("nothing in hand", lambda: exact_kill.is_waiting(instance.pid))


@pytest.fixture
def clusters():
    """A list of clusters that end with the test."""
    made = []
    yield made
    for instances in made:
        instances.end()


def numbers_of(directory, index):
    return {
        exporter: sorted(numbers)
        for exporter, numbers in ledger.rows(directory, f"rows-{index}.csv").items()
    }


def test_sigkill_of_one_of_four_under_load(clusters, load, routers, tmp_path):
    """Exporters reach survivors with the next datagram, and return with their instance.

    The selector counted the packets for the dead instance. All others must be in the rows
    of the survivors, so no packet was lost after the death.
    """
    bmp = {"bmp_daemon": "true"}
    first, second = tmp_path / "first", tmp_path / "second"
    clusters.append(begin(first, range(4), **bmp))
    stream = load(*EXPORTERS, "--version", 5, "--rate", 4000, *ledger.ONE_RECORD)
    maps.flowing(6000)
    dead = clusters[0][2]
    dead.kill()
    given = maps.packets()[2]
    maps.flowing(4000)
    routers(*EXPORTERS, stderr=subprocess.DEVNULL)
    bmp_homes = wait_routers(clusters[0], 1000)
    assert maps.packets()[2] == given

    clusters.append(begin(second, [2], **bmp))
    maps.flowing(4000)
    report = stream.stop()
    for instances in clusters:
        instances.stop()
    wait_for("the plugins of the dead one gone", dead.is_gone)

    before, after = numbers_of(first, 2), numbers_of(second, 2)
    others = {index: numbers_of(first, index) for index in (0, 1, 3)}
    exporters = set(ledger.sent(report)) - {
        exporter for numbers in others.values() for exporter in numbers if numbers[exporter][0] == 0
    }
    assert 200 < len(exporters) < 300
    assert set(after) == exporters

    meanwhile = {
        exporter: [index for index in others if exporter in others[index]] for exporter in exporters
    }
    assert {len(homes) for homes in meanwhile.values()} == {1}
    share = Counter(homes[0] for homes in meanwhile.values())
    assert max(share.values()) <= 1.25 * len(exporters) / 3, share
    for exporter, homes in meanwhile.items():
        assert bmp_homes[exporter] == set(homes)

    lost = 0
    for exporter, total in ledger.sent(report).items():
        if exporter in exporters:
            survivor = others[meanwhile[exporter][0]][exporter]
            assert survivor[0] > max(before.get(exporter, [-1]))
            assert survivor + after[exporter] == list(range(survivor[0], len(total)))
            lost += survivor[0] - len(before.get(exporter, ()))
        else:
            (home,) = (index for index in others if exporter in others[index])
            assert others[home][exporter] == list(total)
    assert lost == given - sum(map(len, before.values()))
    assert ledger.udp_counters()["RcvbufErrors"] == 0


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_restart_of_everything(clusters, sandbox, tmp_path, end):
    """With the same count an exporter stays where it is. Another count is accepted too."""
    homes = []
    for turn, count in enumerate((4, 4, 5)):
        directory = tmp_path / str(turn)
        instances = begin(directory, range(count), count)
        clusters.append(instances)
        traffic.flows(*EXPORTERS, "--version", 5, "--flows", 1)
        wait_all_read(instances)
        assert sum(maps.packets().values()) == 1000 * (turn + 1)
        for instance in instances:
            os.kill(instance.pid, end)
        for instance in instances:
            instance.wait_exit()
        wait_for("the plugins gone", lambda: all(map(Instance.is_gone, instances)))
        homes.append(
            {
                exporter: index
                for index in range(count)
                for exporter in ledger.rows(directory, f"rows-{index}.csv")
            }
        )
        assert len(homes[turn]) == 1000
        assert maps.live() == set()
        said = ["now has 5 hash buckets, it had 4" in instance.log() for instance in instances]
        # The first instance found another count and no live instance that uses it.
        assert sum(said) == (turn == 2)
    assert homes[0] == homes[1]
    moved = {exporter for exporter in homes[0] if homes[0][exporter] != homes[2][exporter]}
    assert {homes[2][exporter] for exporter in moved} == {4}
    assert 150 < len(moved) < 250


def test_another_count_than_the_live_instances_use(clusters, start, tmp_path):
    clusters.append(begin(tmp_path / "first", range(2), count=2))
    before = pins()
    refuses_to_start(
        start(2, 3, keys=ledger.keys(tmp_path)),
        'reuseport_hashbucket_count is 3, but live instances of cluster "default" use 2; set it to '
        "2, or change theirs with: pmreuseport resize -c default 3, or stop them all first",
    )
    assert pins() == before


def test_drop_instead_of_failover(clusters, start, tmp_path):
    """The packets of a dead bucket are dropped and counted."""
    drop = {"reuseport_fallback": "drop"}
    first, second = tmp_path / "first", tmp_path / "second"

    def one_of_each(number):
        traffic.flows(*EXPORTERS, "--version", 5, "--flows", 1, "--seq-start", number)
        for instances in clusters:
            wait_all_read(instances)
        return maps.decisions()

    clusters.append(begin(first, range(3), count=3, **drop))
    one_of_each(0)
    clusters[0][1].kill()
    decisions = one_of_each(1)
    dropped = decisions["dropped"]
    assert 250 < dropped < 420
    assert decisions == {
        "primary": 2000 - dropped,
        "failover": 0,
        "kernel": 0,
        "dropped": dropped,
        "pinned": 0,
        "refused": 0,
    }
    refuses_to_start(
        start(1, 3, directory=tmp_path / "rehash", keys=ledger.keys(tmp_path)),
        'reuseport_fallback is rehash, but live instances of cluster "default" use drop',
    )

    clusters.append(begin(second, [1], count=3, **drop))
    assert one_of_each(2)["dropped"] == dropped
    for instances in clusters:
        instances.stop()
    wait_for("the plugins gone", lambda: all(map(Instance.is_gone, clusters[0])))
    dead = numbers_of(first, 1)
    assert len(dead) == dropped and set(map(tuple, dead.values())) == {(0,)}
    assert numbers_of(second, 1) == {exporter: [2] for exporter in dead}
    for index in (0, 2):
        assert set(map(tuple, numbers_of(first, index).values())) == {(0, 1, 2)}


def test_the_end_of_an_instance_that_cannot_go_back_to_its_bucket(start, tmp_path):
    """The instance that took the bucket over died. The array of sockets became read-only.

    It ends as at any other stop, but for its status.
    """
    late = {**FLOWS_ONLY, "print_refresh_time[flows]": 600}
    first = start(0, 1, keys=late)
    first.wait_ready("waiting for NetFlow/IPFIX data", "JSON: setting object handlers")
    report = traffic.flows("--source", "127.1.0.1+10", "--version", 5, "--flows", 10)
    wait_all_read([first])
    freeze(first.pid)
    second = start(0, 1, directory=tmp_path / "second", keys=FLOWS_ONLY)
    second.wait_ready("took hash bucket 0 over")
    second.kill()
    wait_for("an empty bucket", lambda: not maps.live())
    (array,) = (path for path in pins() if path.endswith("udp_balancing_targets"))
    subprocess.run(["bpftool", "map", "freeze", "pinned", array], check=True)
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait_exit() == 1
    (line,) = (line for line in first.log().splitlines() if "cannot put socket" in line)
    assert "ERROR ( nfacctd-0/core ): reuseport: cannot put socket" in line
    assert line.endswith(" (Operation not permitted); restart this daemon")
    wait_for("the plugins gone", first.is_gone)
    assert len(first.flows()) == report["records"] == 100
