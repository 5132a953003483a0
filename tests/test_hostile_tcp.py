# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers that send nonsense, little, or nothing: others get through, and the instance lives."""
import contextlib
import os
import socket
import struct

import pytest

from harness import wait_for
from harness.hostile_tcp import (
    BGP,
    BGP_PEERS,
    BMP,
    BMP_PEERS,
    INITIATION,
    MARKER,
    Peers,
    bgp,
    open_msg,
)

BMP_KEYS = {"bmp_daemon_max_peers": 100}
BGP_KEYS = {
    "bmp_daemon": "false",
    "bgp_daemon": "true",
    "bgp_daemon_port": BGP,
    "bgp_daemon_max_peers": 100,
    "bgp_daemon_as": 65000,
}


@pytest.fixture
def peers(sandbox):
    made = Peers()
    yield made
    made.end()


def opens_a_session(peers):
    """A BGP peer as it should be gets an OPEN and a KEEPALIVE. No other has its router ID."""
    sock = peers.connect(BGP)
    sock.sendall(open_msg(router=0x0B000000 + peers.number))
    with sock.makefile("rb") as stream:
        for kind in (1, 4):
            header = stream.read(19)
            assert header[:16] == MARKER and header[18] == kind
            stream.read(struct.unpack("!H", header[16:18])[0] - 19)


def test_bmp(cluster, routers, peers):
    (instance,) = cluster(1, keys=BMP_KEYS)
    peers.drip(BMP, INITIATION)
    for script in BMP_PEERS.values():
        peers.play(BMP, script)
    routers("--source", "127.1.0.1+20", "--routes", 100)
    wait_for(
        "all messages of the routers",
        lambda: sum(
            message.get("log_type") == "update" and message["bmp_router"].startswith("127.1.")
            for message in instance.bmp()
        )
        == 2000,
    )
    assert instance.process.poll() is None
    assert instance.stop() == 0


def test_a_source_cannot_take_all_places(cluster, routers):
    keys = {"bmp_daemon_max_peers": 20, "bmp_daemon_max_peers_per_source": 3}
    (instance,) = cluster(1, keys=keys)

    def flood():
        return [
            socket.create_connection(("127.0.0.1", BMP), source_address=("127.2.0.1", 0))
            for _ in range(30)
        ]

    with contextlib.ExitStack() as stack:
        for sock in flood():
            stack.enter_context(sock)
        routers("--source", "127.1.0.1+17", "--routes", 1)
        wait_for("all routers", lambda: len(instance.bmp_routers() - {"127.2.0.1"}) == 17)
        says = "[127.2.0.1] more than 'bmp_daemon_max_peers_per_source' (3) connections"
        assert instance.log().count(says) == 1
    # Those that it had are free again.
    wait_for(
        "a session", lambda: instance.log().count("[127.2.0.1] BMP connection reset by peer") == 3
    )
    routers("--source", "127.2.0.1", "--routes", 1)
    wait_for("the source", lambda: "127.2.0.1" in instance.bmp_routers())


def test_bgp(cluster, peers):
    (instance,) = cluster(1, keys=BGP_KEYS)
    peers.drip(BGP, open_msg() + bgp(4))
    for script in BGP_PEERS.values():
        peers.play(BGP, script)
    for _ in range(20):
        opens_a_session(peers)
    assert instance.process.poll() is None
    assert instance.stop() == 0


@pytest.mark.parametrize(
    "port, keys, scripts", [(BMP, BMP_KEYS, BMP_PEERS), (BGP, BGP_KEYS, BGP_PEERS)]
)
def test_peers_that_come_and_go(cluster, peers, port, keys, scripts):
    """Descriptors and sessions are given back."""
    (instance,) = cluster(1, keys=keys)

    def descriptors():
        return len(os.listdir(f"/proc/{instance.pid}/fd"))

    before = descriptors()
    for turn in range(3):
        for script in [*scripts.values()] * 10:
            data = script[0] if isinstance(script, tuple) else script
            sock = peers.connect(port)
            with contextlib.suppress(ConnectionError):
                sock.sendall(data)
            sock.close()
        wait_for("all descriptors back", lambda: descriptors() == before)
    assert instance.process.poll() is None
    assert instance.stop() == 0
