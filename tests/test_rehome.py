# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport rehome: closes the sessions that a death has moved, and no others."""
import resource
import socket
import subprocess
import time

import pytest

from harness import freeze, members, wait_for
from harness.bpf_object import build_modulo
from harness.listen_connect import CONNECT, Listener
from harness.pmreuseport import TOOL, ask, refused, sessions, tool
from harness.sandbox import BPFFS

ROUTERS = ("--source", "127.1.0.1+12", "--source", "fd00:1::1+12")
BMP_IS_UP = "BMP is hash bucket"


@pytest.fixture
def bmp(start, tmp_path):
    """bmp(index, count): start an instance and wait until it accepts BMP sessions."""

    def bmp(index, count, life="first", **kwargs):
        return start(index, count, directory=tmp_path / life, **kwargs).wait_ready(BMP_IS_UP)

    return bmp


def all_placed(instances, number):
    """Wait for so many sessions. Returns sessions()."""
    return wait_for(
        f"{number} sessions",
        lambda: (found if len(found := sessions(instances)) == number else None),
    )


def homes(placed):
    """router -> index, without the ports."""
    return {router: index for (router, _), index in placed.items()}


def accepted():
    """Sessions of the only bucket, over TCP."""
    (endpoint,) = ask("status")["clusters"][0]["endpoints"]
    return endpoint["buckets"][0]["sessions"]


@pytest.fixture
def strayed(bmp, routers):
    """Three instances and 24 routers. Instance 1 was dead for a while."""
    instances = [bmp(index, 3) for index in range(3)]
    routers(*ROUTERS, "--routes", 1, "--reconnect")
    before = homes(all_placed(instances, 24))
    instances[1].kill()
    moved = all_placed((instances[0], instances[2]), 24)
    instances[1] = bmp(1, 3, life="second")
    assert sessions(instances) == moved
    return instances, before, moved


def test_sessions_go_home_and_others_stay(strayed):
    instances, before, moved = strayed
    away = {key: index for key, index in moved.items() if before[key[0]] == 1}
    assert {":" in router for router, _ in away} == {False, True}, "no IPv4 or no IPv6"

    dry = ask("rehome", "--dry-run")
    assert sessions(instances) == moved
    assert {
        ((row["address"], row["port"]), row["from"], row["to"], row["result"])
        for row in dry["misplaced"]
    } == {(key, index, 1, "would be closed") for key, index in away.items()}
    assert (dry["sessions"], dry["closed"], dry["home"]) == (24, 0, 24 - len(away))

    began = time.monotonic()
    done = ask("rehome", "--rate", 5)
    assert time.monotonic() - began >= (len(away) - 1) / 5
    assert {(row["address"], row["port"]) for row in done["misplaced"]} == set(away)
    assert (done["closed"], done["home"], done["unknown"]) == (len(away), 24 - len(away), 0)

    wait_for("all at home", lambda: homes(sessions(instances)) == before)
    after = sessions(instances)
    assert set(moved) - set(after) == set(away), "others than the strayed have reconnected"
    again = ask("rehome")
    assert (again["misplaced"], again["sessions"], again["home"]) == ([], 24, 24)


def test_text_output(strayed):
    instances, before, moved = strayed
    away = [key for key in moved if before[key[0]] == 1]
    lines = tool("rehome", "--rate", 1000).stdout.splitlines()
    assert sorted(lines[:-1]) == sorted(
        f"[{router}]:{port} bucket {moved[router, port]} -> 1 closed"
        if ":" in router
        else f"{router}:{port} bucket {moved[router, port]} -> 1 closed"
        for router, port in away
    )
    assert lines[-1] == f"24 sessions: {len(away)} closed, {24 - len(away)} at home"
    wait_for("all at home", lambda: homes(sessions(instances)) == before)


def test_an_instance_that_dies_meanwhile_is_no_home(strayed):
    instances, before, moved = strayed
    with subprocess.Popen(
        [TOOL, "rehome", "--rate", "1"], stdout=subprocess.PIPE, text=True
    ) as running:
        lines = [running.stdout.readline()]
        instances[1].kill()
        *rest, summary = running.stdout.read().splitlines()
    # On a slow machine more than one is closed before the instance is dead.
    closed = [line.split()[0] for line in [*lines, *rest]]
    assert len(closed) < len([key for key in moved if before[key[0]] == 1])
    assert summary == f"24 sessions: {len(closed)} closed, {24 - len(closed)} at home"
    kept = {
        key: index
        for key, index in moved.items()
        if not any(router.endswith(f":{key[1]}") for router in closed)
    }
    assert len(kept) == 24 - len(closed) and kept.items() <= sessions(instances).items()


def test_sessions_that_end_meanwhile(bmp, routers):
    """A closed connection is not confused with its successor or the listening socket."""
    instances = [bmp(index, 2) for index in range(2)]
    made = routers("--source", "127.1.0.1+12", "--routes", 1, "--reconnect")
    before = homes(all_placed(instances, 12))
    instances[1].kill()
    all_placed(instances[:1], 12)
    instances[1] = bmp(1, 2, life="second")
    with subprocess.Popen(
        [TOOL, "rehome", "--rate", "1"], stdout=subprocess.PIPE, text=True
    ) as running:
        lines = [running.stdout.readline()]
        made.end()
        wait_for("all sessions gone", lambda: not sessions(instances))
        *rest, summary = running.stdout.read().splitlines()
    away = sum(index == 1 for index in before.values())
    results = [line.split()[-1] for line in [*lines, *rest]]
    # On a slow machine more than one is closed before the routers end.
    closed = results.count("closed")
    assert 1 <= closed < away
    assert results == ["closed"] * closed + ["gone"] * (away - closed)
    assert summary == (
        f"12 sessions: {closed} closed, {12 - away} at home, {away - closed} gone meanwhile"
    )
    assert {index for index in range(2) if ask("leave", index)["released"]} == {0, 1}


def test_without_the_capability_nothing_is_closed(strayed):
    instances, _, moved = strayed
    caps = "-net_admin"
    refused(
        "does not let this process close connections of others (Operation not permitted); "
        "add CAP_NET_ADMIN, which root lacks here (for a container: --cap-add NET_ADMIN)",
        "rehome",
        command=("setpriv", f"--bounding-set={caps}", f"--inh-caps={caps}", "--"),
    )
    assert sessions(instances) == moved


def test_of_n_plus_1_buckets_one_share_moves(cluster, start, routers, tmp_path):
    instances = [*cluster(2)]
    routers("--source", "127.1.0.1+30", "--source", "fd00:1::1+30", "--routes", 1, "--reconnect")
    before = all_placed(instances, 60)
    ask("resize", 3)
    # While the new bucket is dead, no session is in the wrong place.
    assert ask("rehome")["home"] == 60
    instances.append(start(2, 3).wait_ready())
    done = ask("rehome", "--rate", 1000)
    assert {row["to"] for row in done["misplaced"]} == {2}
    assert 60 / 3 * 0.6 < done["closed"] < 60 / 3 * 1.4
    after = all_placed(instances, 60)
    assert {key for key in before if key not in after} == {
        (row["address"], row["port"]) for row in done["misplaced"]
    }
    assert all(after.get(key, index) == index for key, index in before.items())
    assert sum(index == 2 for index in after.values()) == done["closed"]


def test_sessions_of_a_process_in_no_bucket_are_left_to_it(bmp, routers):
    """A stopped instance does not notice that another one took its bucket over."""
    old = bmp(0, 1)
    routers("--source", "127.1.0.1+6", "--routes", 1)
    before = all_placed([old], 6)
    freeze(old.pid)
    bmp(0, 1, life="second")
    done = ask("rehome")
    assert (done["sessions"], done["unknown"], done["misplaced"]) == (6, 6, [])
    assert sessions([old]) == before


def test_a_pid_that_is_another_process_now_is_not_believed(strayed):
    """Two instances have died and returned, each with the pid of the other.

    The process that has the socket is found by the socket.
    """
    instances, before, moved = strayed
    for index, other in ((1, 2), (2, 1)):
        assert members.field("tcp", index, "pid") == instances[index].pid
        members.edit("tcp", index, pid=instances[other].pid)
    away = {key for key in moved if before[key[0]] == 1}
    answer = ask("rehome", "--dry-run")
    assert (answer["unknown"], answer["hidden"]) == (0, 0)
    assert {(row["address"], row["port"]) for row in answer["misplaced"]} == away
    assert {row["from"] for row in answer["misplaced"]} <= {0, 2}


def test_sessions_of_other_sockets_on_the_port_are_ignored(bmp):
    """The kernel prefers a socket that is bound to the exact address."""
    bmp(0, 1)
    with socket.create_server(
        ("::1", 1790), family=socket.AF_INET6, reuse_port=True
    ) as other, socket.create_connection(("::1", 1790)), other.accept()[0]:
        assert ask("rehome")["sessions"] == 0


def test_sessions_that_no_bucket_would_take_now_are_kept(cluster, start, routers):
    """A dead bucket with fallback "drop": a closed session could not connect again."""
    (first,) = cluster(1)
    routers("--source", "127.1.0.1+12", "--routes", 1)
    before = all_placed([first], 12)
    ask("resize", 2)
    second = start(1, 2).wait_ready()
    away = ask("rehome", "--dry-run")["misplaced"]
    assert away
    subprocess.run(
        [
            "bpftool",
            "map",
            "update",
            "pinned",
            f"{BPFFS}/pmacct/default/fallback",
            "key",
            *"0000",
            "value",
            *"1000",
        ],
        check=True,
    )
    second.kill()
    done = ask("rehome")
    assert (done["nowhere"], done["home"]) == (len(away), 12 - len(away))
    assert sessions([first]) == before


def test_the_maps_are_not_read_for_each_session(sandbox, tmp_path):
    """One reading of 16384 pins takes some milliseconds."""
    pins_file = tmp_path / "pins"
    pins_file.write_text("".join(f"10.1.{n // 256}.{n % 256} 0\n" for n in range(16384)))
    listener = Listener(tmp_path, 0, 1, "--sessions", 3000, ports=("--tcp", 1790)).wait_ready()
    ask("pin", "--file", pins_file)
    with subprocess.Popen(
        [CONNECT, "127.0.0.1", "1790", "--from", "127.1.0.0+2000", "--rate", "0"]
        + ["--connections", "2000", "--timeout", "60", "--hold", "600"]
    ) as routers:
        try:
            wait_for("sessions", lambda: accepted() == 2000)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = ask("rehome")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        finally:
            routers.kill()
            listener.end()
    assert (done["sessions"], done["home"]) == (2000, 2000)
    cost = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert cost < 4, f"{cost:.1f} s of CPU time"


def test_third_party_selectors(start, tmp_path):
    build_modulo(tmp_path / "modulo.o")
    start(0, 1, keys={"reuseport_bpf_prog": "modulo.o"}).wait_ready(BMP_IS_UP)
    refused(
        'the selector of cluster "default" has no slot table, so only itself knows',
        "rehome",
    )


def test_another_network_namespace(bmp):
    instance = bmp(0, 1)
    refused(
        f"is in another network namespace, whose sessions cannot be seen from here; run this "
        f"in it, too: nsenter --net=/proc/{instance.pid}/ns/net",
        "rehome",
        command=("unshare", "--net", "--"),
    )


def test_processes_that_cannot_be_inspected(bmp):
    """A process that cannot be inspected is not a process without sessions."""
    instance = bmp(0, 1)
    refused(
        f"cannot tell what pid {instance.pid} has open",
        "rehome",
        command=("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", "--"),
    )


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("unexpected argument 'a'; name the cluster with -c a", ("a",), 2),
        ("--rate '0' is out of bounds", ("--rate", 0), 2),
        ('there is no cluster "a"', ("-c", "a"), 1),
        ('cluster_name is "../a"', ("-c", "../a"), 1),
    ],
)
def test_wrong_usage(bmp, words, args, status):
    bmp(0, 1)
    refused(words, "rehome", *args, status=status)
