# SPDX-License-Identifier: GPL-2.0-or-later
"""PROXY headers in front of BMP sessions that are late, cut off, or no headers."""
import contextlib
import socket
import struct
import time

import pytest

from harness import bgp, cpu_seconds, wait_for
from harness.nfacctd import NO_KEYS

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
INIT = bgp.bmp(bgp.INIT, bgp.tlv(2, b"router"))
CLIENT = b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 1790\r\n"
CLIENT_V2 = (
    SIGNATURE
    + struct.pack("!BBH", 0x21, 0x11, 12)
    + struct.pack("!4s4sHH", b"\xc0\0\2\3", b"\xc0\0\2\2", 1234, 1790)
)


@pytest.fixture
def instance(start):
    keys = {**NO_KEYS, "nfacctd_templates_file": None, "bmp_daemon_parse_proxy_header": "true"}
    return start(0, keys=keys).wait_ready()


def session(data=b""):
    made = socket.create_connection(("127.0.0.1", 1790))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.sendall(data)
    return made


def spins(pid):
    """Whether the process uses nearly as much processor time as a loop beside it."""
    before, own = cpu_seconds(pid), time.process_time()
    while time.process_time() < own + 1:
        pass
    return cpu_seconds(pid) - before > 0.2


@pytest.mark.parametrize("header", [CLIENT, CLIENT_V2], ids=["v1", "v2"])
@pytest.mark.parametrize("cut", [1, 4, 15, 16, 20])
def test_the_address_of_the_client_counts(instance, header, cut):
    router = session(header[:cut])
    wait_for("the connection", lambda: "BMP peers usage" in instance.log())
    assert not spins(instance.pid)
    router.sendall(header[cut:] + INIT)
    client = "192.0.2.1" if header == CLIENT else "192.0.2.3"
    wait_for("the router", lambda: client in instance.bmp_routers())
    router.close()


@pytest.mark.parametrize(
    "data",
    [b"", b"P", b"PROXY TCP4 192.0", CLIENT[:-1], SIGNATURE[:9], CLIENT_V2[:-1]],
    ids=["nothing", "a letter", "half", "no end", "half of v2", "no end of v2"],
)
def test_a_session_that_ends_within_the_header(instance, data):
    session(data).close()
    wait_for("its end", lambda: "[127.0.0.1] BMP connection" in instance.log())
    assert not spins(instance.pid)


@pytest.mark.parametrize("data", [b"PROXY " + b"x" * 200, INIT], ids=["no header", "BMP"])
def test_what_is_no_header_is_read_as_bmp(instance, data):
    router = session(data)
    if data == INIT:
        wait_for("the router", lambda: "127.0.0.1" in instance.bmp_routers())
    else:
        # Closed with data unread.
        with contextlib.suppress(ConnectionResetError):
            assert not router.recv(1)
    router.close()
