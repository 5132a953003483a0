# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets of other users, and of other programs, on the port of a cluster."""
import json
import socket

import pytest

from harness import traffic, wait_for
from harness.bucket import Bucket, run_together
from harness.nfacctd import FLOWS_ONLY, PREFIX, refuses_to_start
from harness.pmreuseport import ask, refused, tool
from harness.sandbox import BPFFS
from harness.sockets import flow_socket, sockets_of
from harness.users import as_user, give_cluster

USER = 1000
THEIRS = f"{BPFFS}/pmacct/theirs"
V5 = ("--source", "127.1.0.1+100", "--version", "5", "--records-per-packet", 1, "--flows", 1)
ADDRESSES = ("0.0.0.0", "127.0.0.1", "::", "::1", "::ffff:127.0.0.1")


def send():
    traffic.flows(*V5, to=("--to", "127.0.0.1:2055"))


@pytest.fixture
def stranger(plain_daemon):
    """A process of a user without any right on the collectors."""
    return plain_daemon(command=as_user(USER))


@pytest.fixture
def home_of_user(sandbox):
    """The directory of a cluster of that user, and a directory for files."""
    return give_cluster(USER, THEIRS)


def attempts(process, *kinds):
    """What the process gets for opening the ports of the samples on each address."""
    ports = {"udp": 2055, "tcp": 1790}
    return {
        process.open(f"{kind}:[{address}]:{ports[kind]}", reuseaddr=True)
        for kind in kinds
        for address in ADDRESSES
    }


def test_no_other_user_opens_the_ports(cluster, stranger):
    cluster(2)
    assert attempts(stranger, "udp", "tcp") == {"EADDRINUSE"}


def test_no_other_user_opens_an_adopted_port(plain_daemon, stranger):
    process = plain_daemon()
    for spec in ("udp:[::]:2055", "tcp:[::]:1790"):
        process.open(spec, reuseaddr=True)
    ask("adopt", "--pid", process.pid, "--index", 0, "--count", 1)
    assert attempts(stranger, "udp", "tcp") == {"EADDRINUSE"}


def test_no_other_user_opens_a_passed_port(sandbox, tmp_path, stranger):
    passed = flow_socket()
    passed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bucket = Bucket(tmp_path, 0, {"flows": passed})
    try:
        run_together(bucket.start(1))
        assert attempts(stranger, "udp") == {"EADDRINUSE"}
    finally:
        bucket.end()


@pytest.mark.parametrize("kind", ["", "templates_", "dtls_"])
def test_the_daemon_does_not_share_before_it_joins(start, stranger, certificates, kind):
    """Otherwise another user could open the port between bind() and the join."""
    assert stranger.open("udp:[0.0.0.0]:2057", reuseaddr=True) == 2057
    keys = {**FLOWS_ONLY, "dtls_path": certificates, f"nfacctd_{kind}port": 2057}
    refuses_to_start(start(0, 1, keys=keys), "bind() to ip=(null) port=2057/udp failed")


@pytest.mark.parametrize("root_first", [True, False])
def test_instances_of_two_users(start, home_of_user, tmp_path, root_first):
    roots = {"directory": tmp_path, "keys": FLOWS_ONLY}
    theirs = {
        "directory": home_of_user,
        "keys": {**FLOWS_ONLY, "cluster_name": "theirs"},
        "command": as_user(USER, "bpf"),
    }
    first, second = (roots, theirs) if root_first else (theirs, roots)
    first = start(0, 1, **first).wait_ready()
    log = refuses_to_start(
        start(1, 2, **second),
        "bind() to ip=(null) port=2055/udp failed (Address already in use)",
    )
    holder = 0 if root_first else USER
    assert f"reuseport: user {holder} has a socket on ::, UDP port 2055, and shares it with " in log
    assert "find it with: ss -lnpu sport = :2055" in log
    send()
    wait_for("flows", lambda: len(first.flows()) == 100)


def test_adopting_beside_the_sockets_of_a_user(plain_daemon, home_of_user):
    user = as_user(USER, "bpf", "sys_ptrace")
    theirs = [plain_daemon("udp:2055", command=as_user(USER)) for _ in range(3)]
    for index, process in enumerate(theirs[:2]):
        args = ("--pid", process.pid, "--index", index, "--count", 2, "-c", "theirs")
        done = tool("adopt", *args, command=user)
        assert done.returncode == 0, done.stderr

    # The kernel has one program for all three sockets.
    refused(
        'the socket belongs to user 1000, and cluster "default" to user 0; adopt it as user 1000 ',
        "adopt",
        "--pid",
        theirs[2].pid,
        "--index",
        0,
        "--count",
        1,
    )
    send()
    got = [len(process.got("udp:2055")) for process in theirs]
    assert got[2] == 0 and min(got[:2]) > 0 and sum(got) == 100


def open_again(instance):
    """Let the sockets of an instance be shared again, as an earlier version left them."""
    for sock in sockets_of(instance.pid):
        with sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def foreign():
    (found,) = ask("status")["clusters"]
    return [row["foreign"] for row in found["endpoints"]]


def lines():
    found = tool("status").stdout.splitlines()
    return [line for line in found if line.startswith("foreign socket")]


def doctor(instance):
    """The findings about the ports that are not good."""
    done = tool("doctor", "--daemon", PREFIX / "sbin" / "nfacctd", "-f", instance.config, "--json")
    return [
        (row["result"], row["says"])
        for row in json.loads(done.stdout)["checks"]
        if row["check"] == "ports" and row["result"] != "ok"
    ]


def test_a_socket_of_another_user_is_named(start, plain_daemon, stranger):
    instance = start(0, 1, keys=FLOWS_ONLY).wait_ready()
    assert foreign() == [[]] and lines() == [] and doctor(instance) == []
    open_again(instance)
    stranger.open("udp:[127.0.0.1]:2055", reuseaddr=True)
    send()
    assert len(stranger.got("udp:[127.0.0.1]:2055")) == 100
    assert foreign() == [
        [
            {
                "address": "127.0.0.1",
                "device": None,
                "user": USER,
                "pid": stranger.pid,
                "command": "python3",
            }
        ]
    ]
    name = f"user {USER}, pid {stranger.pid} (python3), on 127.0.0.1"
    assert lines() == [f"foreign socket, takes packets from the buckets: {name}"]
    ((result, says),) = doctor(instance)
    assert result == "fail" and f"is open for {name}, and user 0 cannot share it" in says
    stranger.close("udp:[127.0.0.1]:2055")
    assert foreign() == [[]] and doctor(instance) == []


def test_a_socket_of_the_same_user_is_named_if_it_takes_packets(start, plain_daemon):
    instance = start(0, 1, keys=FLOWS_ONLY).wait_ready()
    other = plain_daemon("udp:[::]:2055", "udp:[::1]:2056")
    send()
    assert other.got("udp:[::]:2055") == [] and foreign() == [[]]
    other.open("udp:[0.0.0.0]:2055")
    send()
    assert len(other.got("udp:[0.0.0.0]:2055")) == 100
    name = f"user 0, pid {other.pid} (python3), on 0.0.0.0"
    assert lines() == [f"foreign socket, takes packets from the buckets: {name}"]
    assert ("warn", True) in [
        (result, says.endswith(f"which takes packets from it: {name}"))
        for result, says in doctor(instance)
    ]


def test_another_address_of_the_cluster(start, tmp_path):
    instance = start(0, 2, keys=FLOWS_ONLY).wait_ready()
    keys = {**FLOWS_ONLY, "nfacctd_ip": "127.0.0.1"}
    late = start(1, 2, directory=tmp_path / "late", keys=keys)
    log = refuses_to_start(late, 'cluster "default" is live on udp-2055-any6-net')
    assert "and udp-2055-127_0_0_1-net" in log
    ((result, says),) = doctor(late)
    assert result == "fail" and "overlaps that of a live instance: user 0, pid " in says
    assert f"pid {instance.pid} (nfacctd), on ::" in says
