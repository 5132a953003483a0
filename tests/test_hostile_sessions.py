# SPDX-License-Identifier: GPL-2.0-or-later
"""No length in a BMP or BGP message ends or corrupts nfacctd.

The router 127.1.0.1 announces a route before the wrong messages and one after them: both must be
in the log of the daemon. All other addresses send messages whose lengths contradict each other.
"""
import itertools
import socket
import struct

import pytest

from harness import bgp, wait_for
from harness.nfacctd import address, json_lines

KEYS = {
    "reuseport_hashbucket_count": None,
    "reuseport_hashbucket_index": None,
    "nfacctd_templates_file": None,
}
BMP, BGP = 1790, 1179


@pytest.fixture
def instance(start, tmp_path):
    """instance(PORT): an nfacctd that listens for BMP or for BGP."""
    bgp_keys = {
        "bmp_daemon": "false",
        "bgp_daemon": "true",
        "bgp_daemon_port": BGP,
        "bgp_daemon_max_peers": 200,
        "bgp_daemon_msglog_file": tmp_path / "bgp-0.json",
        "bgp_disable_router_id_check": "true",
        "nfacctd_as": "bgp",
        "nfacctd_net": "bgp",
    }

    def instance(port, **keys):
        keys = {**KEYS, **(bgp_keys if port == BGP else {}), **keys}
        return start(0, keys=keys).wait_ready("waiting for NetFlow/IPFIX data")

    return instance


class Session:
    """A TCP session that is opened again when the daemon has closed it."""

    def __init__(self, port, address="127.66.0.1", greeting=b""):
        self.port, self.address, self.greeting, self.socket = port, address, greeting, None

    def connect(self):
        def attempt():
            made = socket.socket()
            made.bind((self.address, 0))
            try:
                made.connect(("127.0.0.1", self.port))
            except OSError:
                made.close()
                return None
            return made

        self.socket = wait_for(f"port {self.port}", attempt)
        self.socket.sendall(self.greeting)
        return self

    def send(self, data):
        for _ in range(3):
            try:
                if self.socket is None:
                    self.connect()
                self.socket.sendall(data)
                return
            except OSError:
                self.close()

    def finish(self):
        """Send no more, and wait until the daemon has read all that came and closes."""
        if self.socket is not None:
            try:
                self.socket.shutdown(socket.SHUT_WR)
                self.socket.settimeout(60)
                while self.socket.recv(65536):
                    pass
            except OSError:
                pass
            self.close()

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def prefix(number):
    return bytes([24, 192, 0, number])


def unharmed(one, send, port):
    """Call send(). A good router is understood before and after."""
    if port == BMP:
        good = Session(BMP, "127.1.0.1").connect()
        good.send(bgp.bmp(bgp.INIT, bgp.tlv(2, b"good")) + bgp.peer_up())
        announce = lambda number: good.send(
            bgp.bmp(bgp.ROUTE_MONITOR, bgp.peer() + bgp.update(prefix(number)))
        )
        log = one.bmp
    else:
        good = Session(BGP, "127.1.0.1", bgp.open_message(bgp.capability(65, b"\0\0\xfd\xe7")))
        good.connect().send(bgp.message(bgp.KEEPALIVE))
        announce = lambda number: good.send(bgp.update(prefix(number)))
        log = lambda: json_lines(one.directory / "bgp-0.json")

    def known(number):
        assert (
            one.process.poll() is None
        ), f"it ended: {one.process.returncode}\n{one.log()[-3000:]}"
        return [
            row["as_path"]
            for row in log()
            if row.get("ip_prefix") == f"192.0.{number}.0/24" and row["log_type"] == "update"
            # The hostile one may announce it, too.
            and address(row.get("bmp_router", "127.1.0.1")) == "127.1.0.1"
        ]

    announce(1)
    wait_for("the route before", lambda: known(1))
    send()
    announce(2)
    wait_for("the route after", lambda: known(2))
    assert known(1) == known(2) == ["64999 65001"]
    good.close()


def mutations(message, first):
    """Each pair of bytes from first on replaced by numbers that a length could be."""
    for at in range(first, len(message)):
        for value in (b"\0\0", b"\0\1", b"\0\2", b"\0\x13", b"\x7f\xff", b"\xff\xff"):
            yield message[:at] + value + message[at + 2 :]
            if at + 1 < len(message):
                yield message[:at] + value[1:] + message[at + 1 :]


def updates():
    """UPDATE messages that use each attribute and each kind of prefix."""
    rd = b"\0\0" + struct.pack("!HI", 64999, 1)
    label = b"\0\0\x11"
    yield bgp.update(prefix(9) + prefix(8), withdrawn=prefix(7))
    for afi, family in ((1, b"\x0a\1\2"), (2, b"\x20\1\x0d\xb8")):
        bits = 8 * len(family)
        yield bgp.update(attributes=bgp.ATTRIBUTES + bgp.reach(afi, 1, bytes([bits]) + family))
        for n in range(0, 256, 5):
            yield bgp.update(attributes=bgp.ATTRIBUTES + bgp.reach(afi, 4, bytes([n]) + label * 9))
            nlri = bytes([n]) + label + rd + family * 5
            yield bgp.update(attributes=bgp.ATTRIBUTES + bgp.reach(afi, 128, nlri))
            nlri = bytes([n]) + b"\0\0\0" + label + rd + family * 5
            yield bgp.update(attributes=bgp.ATTRIBUTES + bgp.reach(afi, 128, nlri))
            unreach = bgp.attribute(
                15, struct.pack("!HB", afi, 128) + bytes([n]) + label + rd + family * 5
            )
            yield bgp.update(attributes=unreach)
    for afi, safi in itertools.product((0, 3, 25, 16388, 65535), (0, 1, 71, 72, 128, 255)):
        yield bgp.update(attributes=bgp.ATTRIBUTES + bgp.reach(afi, safi, bytes(40)))
    for kind in (*range(1, 20), 26, 32, 40, 255):
        for length in (*range(14), 255, 3000):
            yield bgp.update(
                prefix(9), attributes=bgp.ATTRIBUTES + bgp.attribute(kind, b"\2" * length)
            )
    # an AS4_PATH without AS_PATH, or with segments that do not fit together
    as4 = bgp.attribute(17, struct.pack("!BBI", 2, 1, 65001))
    for path in (
        b"",
        bgp.attribute(2, b"\2\1\0"),
        bgp.attribute(2, b"\2\5" + bytes(10) + b"\7\1\0\1" + b"\2\5" + bytes(10)),
    ):
        yield bgp.update(prefix(9), attributes=bgp.attribute(1, b"\0") + path + as4)
    # prefixes with less bits than their labels, below one another
    for afi in (1, 2):
        nlri = b"".join(bytes([bits]) + label for bits in (17, 20, 23, 24))
        yield bgp.update(attributes=bgp.ATTRIBUTES + bgp.reach(afi, 4, nlri))
        nlri = b"".join(bytes([bits]) + label + rd for bits in (81, 83, 87, 88))
        yield bgp.update(attributes=bgp.ATTRIBUTES + bgp.reach(afi, 128, nlri))
    # lengths that leave no room for the next one
    for rest, wrong in itertools.product(range(8), repeat=2):
        yield bgp.message(bgp.UPDATE, struct.pack("!H", wrong) + b"\xff" * rest)
        yield bgp.message(bgp.UPDATE, b"\0\0" + struct.pack("!H", wrong) + b"\xff" * rest)


def bmp_messages():
    """Good BMP messages of each type."""
    yield bgp.bmp(bgp.INIT, bgp.tlv(0, b"text") + bgp.tlv(1, b"") + bgp.tlv(0x8002, b"\0\0\0\1pen"))
    yield bgp.bmp(bgp.TERM, bgp.tlv(0, b"bye") + bgp.tlv(1, b"\0\1"))
    yield bgp.peer_up()
    yield bgp.bmp(bgp.ROUTE_MONITOR, bgp.peer() + bgp.update(prefix(9)))
    yield bgp.bmp(
        bgp.ROUTE_MONITOR,
        bgp.peer() + bgp.update(prefix(9)) + bgp.tlv(0, b"\0\0\0\0\0\1\0\1"),
        version=4,
    )
    yield bgp.bmp(bgp.ROUTE_MONITOR, bgp.peer() + bgp.message(bgp.NOTIFICATION, b"\6\2\4text"))
    stats = [bgp.tlv(kind, bytes(length)) for kind, length in ((0, 4), (7, 8), (9, 11), (99, 5))]
    yield bgp.bmp(bgp.STATS, bgp.peer() + struct.pack("!I", len(stats)) + b"".join(stats))
    for reason, version in itertools.product(range(1, 7), (3, 4)):
        body = bytes([reason]) + (b"\0\1" if reason == 2 else bgp.message(3, b"\6\2\4text"))
        yield bgp.bmp(bgp.PEER_DOWN, bgp.peer("10.0.0.8") + body, version=version)
    policy = struct.pack("!BBB16sII", 1, 2, 0, b"", 1, 2) + b"\0\2\0\2abcd\0\0\1\0\1ef"
    event = bgp.tlv(0, b"\0\0\0\1vrf") + bgp.tlv(1, policy) + bgp.tlv(2, b"text")
    event = struct.pack("!HBIIIHB", 18 + len(event), 1, 1, 0, 0, 1, 1) + event
    head = struct.pack("!B8sB16sIBH", 0, b"", 24, b"", 1, 2, 2 * len(event))
    yield bgp.bmp(bgp.RPAT, head + event * 2)


def test_any_length_in_bmp(instance):
    session = Session(BMP)

    def send():
        for message in bmp_messages():
            session.send(bgp.bmp(bgp.INIT, bgp.tlv(2, b"r")) + bgp.peer_up() + message)
            for wrong in mutations(message, 6):
                session.send(wrong)
            for end in range(6, len(message)):
                session.send(bgp.bmp(message[5], message[6:end], version=message[0]))
            for kind in (bgp.ROUTE_MIRROR, 7, 99, 255):
                session.send(bgp.bmp(kind, message[6:]))
        for options in (bgp.CAPABILITIES, bgp.CAPABILITIES + bgp.ADD_PATHS):
            up = bgp.peer_up(options=options)
            for message in updates():
                session.send(up + bgp.bmp(bgp.ROUTE_MONITOR, bgp.peer() + message))
        session.finish()

    unharmed(instance(BMP), send, BMP)


def test_wrong_lengths_of_whole_bmp_messages(instance):
    """Below the header, and up to 64 KiB and more than that."""

    def send():
        for length in (*range(12), 99999, 100000, 100001, 2**31 - 1, 2**31, 2**32 - 1):
            for kind in (bgp.INIT, bgp.ROUTE_MONITOR, bgp.STATS):
                session = Session(BMP)
                session.send(bgp.bmp(kind, b"\xff" * 300000, length))
                session.finish()
        for kind in range(8):
            for byte in (b"\0", b"\xff"):
                session = Session(BMP)
                session.send(bgp.peer_up() + bgp.bmp(kind, bgp.peer() + byte * 65488))
                session.finish()

    unharmed(instance(BMP), send, BMP)


def test_any_length_in_bgp(instance):
    sources = (f"127.66.{high}.{low}" for high in range(256) for low in range(1, 255))
    keepalive = bgp.message(bgp.KEEPALIVE)
    full = bgp.open_message(bgp.CAPABILITIES + bgp.ADD_PATHS) + keepalive
    # with AS numbers of two bytes
    plain = bgp.open_message(bgp.capability(1, b"\0\1\0\1")) + keepalive

    def once(data, greeting=full):
        session = Session(BGP, next(sources), greeting)
        session.send(data)
        session.finish()

    def send():
        for message in updates():
            once(message, full)
            once(message, plain)
        for wrong in mutations(bgp.update(prefix(9), withdrawn=prefix(7)), 16):
            once(wrong)
        for length in (0, 1, 18, 19, 20, 22, 23, 28, 4096, 4097, 65535):
            for kind in (*range(7), 255):
                once(bgp.message(kind, b"\xff" * 400000, length))
        for wrong in mutations(bgp.open_message(bgp.CAPABILITIES + bgp.ADD_PATHS), 16):
            once(b"", wrong)
        for length in range(256):
            once(b"", bgp.open_message(bytes([2]) + b"\xfe" * 254, length=length))
            once(b"", bgp.open_message(b"\2\2\1\0" * 63 + b"\2\1", length=length))
        for end in range(30):
            once(bgp.message(bgp.NOTIFICATION, b"\6\2\x1d" + b"a" * end))

    unharmed(instance(BGP), send, BGP)


def test_proxy_headers(instance):
    """The header of the PROXY protocol has no address, or a length that is not true."""
    signature = b"\r\n\r\n\0\r\nQUIT\n"
    init = bgp.bmp(bgp.INIT, bgp.tlv(2, b"good") * 20)
    headers = [b"PROXY UNKNOWN\r\n", b"PROXY TCP4 1.2.3.4\r\n", b"PROXY TCP4 1.2.3.4 2.3.4.5\r\n"]
    headers += [
        signature + struct.pack("!BBH", 0x21, family, length) + b"\1" * 300
        for family in (0, 0x11, 0x21, 0x31, 0xFF)
        for length in (0, 1, 11, 12, 36, 216, 217, 1000, 65535)
    ]

    def send():
        for header in headers:
            session = Session(BMP)
            session.send(header + init)
            session.close()

    unharmed(instance(BMP, bmp_daemon_parse_proxy_header="true"), send, BMP)
