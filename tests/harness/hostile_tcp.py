# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers of BMP and BGP that send nonsense, little, or nothing."""
import contextlib
import random
import socket
import struct
import threading

from . import PATIENCE

BMP, BGP = 1790, 1179
MARKER = b"\xff" * 16
PEER = bytes(42)


def bmp(kind, body=b"", length=None, version=3):
    return struct.pack("!BIB", version, len(body) + 6 if length is None else length, kind) + body


def bgp(kind, body=b"", length=None, marker=MARKER):
    return marker + struct.pack("!HB", len(body) + 19 if length is None else length, kind) + body


def tlv(kind, text):
    return struct.pack("!HH", kind, len(text)) + text


def open_msg(parameters=b"", length=None, version=4, router=0x0A000001):
    size = len(parameters) if length is None else length
    return bgp(1, struct.pack("!BHHIB", version, 65001, 180, router, size) + parameters)


INITIATION = bmp(4, tlv(1, b"a") + tlv(2, b"b"))
NOISE = random.Random(1).randbytes(70000)
UPDATE = bgp(2, struct.pack("!HH", 0, 4) + b"\x40\x01\x01\x00" + b"\x18\xcb\x00\x71")

# What a peer sends before it falls silent. "RST": it resets the connection then.
BMP_PEERS = {
    "silent": b"",
    "half a header": INITIATION[:3],
    "half a message": INITIATION + bmp(0, PEER, length=1000),
    "reset in a message": (INITIATION + bmp(0, PEER, length=1000), "RST"),
    "length 0": INITIATION + bmp(0, PEER, length=0),
    "length of half a header": INITIATION + bmp(0, PEER, length=5),
    "length 4 GiB": INITIATION + bmp(0, PEER, length=0xFFFFFFFF) + NOISE,
    "64 KiB": INITIATION + bmp(0, PEER + NOISE[: 65535 - 48]),
    "64 KiB and more": INITIATION + bmp(0, PEER + NOISE[:69000]) + INITIATION,
    "64 KiB of statistics": INITIATION
    + bmp(1, PEER + struct.pack("!I", 0xFFFFFFFF) + NOISE[:60000]),
    "64 KiB of TLVs": bmp(4, tlv(1, NOISE[:65000])),
    "a TLV beyond the end": bmp(4, struct.pack("!HH", 1, 60000)),
    "another version": bmp(4, tlv(1, b"a"), version=9),
    "another type": INITIATION + bmp(200, NOISE[:100]),
    "no peer": INITIATION + bmp(0) + bmp(1) + bmp(2) + bmp(3),
    "peer up without OPEN": INITIATION + bmp(3, PEER + bytes(20)),
    "peer up, OPENs of 64 KiB": INITIATION
    + bmp(3, PEER + bytes(20) + bgp(1, NOISE[:29000]) + bgp(1, NOISE[:29000])),
    "route of an unknown peer": INITIATION + bmp(0, PEER + UPDATE),
    "BGP beyond the end": INITIATION + bmp(0, PEER + bgp(2, b"", length=4096)),
    "terminated, and goes on": INITIATION + bmp(5, tlv(1, b"\0\0")) + INITIATION,
    "HTTP": b"GET / HTTP/1.1\r\n\r\n" * 100,
    "noise": NOISE,
}
BGP_PEERS = {
    "silent": b"",
    "half a marker": MARKER[:7],
    "another marker": bgp(1, NOISE[:20], marker=NOISE[:16]),
    "length 0": bgp(1, length=0),
    "length 18": bgp(1, length=18),
    "length 64 KiB": bgp(1, NOISE[:60000], length=65535),
    "half an OPEN": open_msg()[:25],
    "reset in an OPEN": (open_msg()[:25], "RST"),
    "reset after the OPEN": (open_msg(), "RST"),
    "OPEN of version 3": open_msg(version=3),
    "parameters beyond the end": open_msg(b"\x02\xff", length=255),
    "a capability beyond the end": open_msg(b"\x02\x02\x41\xff"),
    "empty parameters": open_msg(b"\x02\x00" * 100),
    "other parameters": open_msg(b"\x63\x02\0\0"),
    "UPDATE at first": UPDATE,
    "KEEPALIVE at first": bgp(4),
    "NOTIFICATION at first": bgp(3, b"\6\2"),
    "withdrawn beyond the end": open_msg() + bgp(4) + bgp(2, b"\xff\xff\0\0"),
    "attributes beyond the end": open_msg() + bgp(4) + bgp(2, b"\0\0\xff\xff"),
    "an attribute beyond the end": open_msg() + bgp(4) + bgp(2, b"\0\0\0\4\x50\x02\xff\xff"),
    "a prefix beyond the end": open_msg() + bgp(4) + bgp(2, b"\0\0\0\0\x80\1"),
    "another type": open_msg() + bgp(200, NOISE[:100]),
    "OPEN again": open_msg() * 3,
    "noise": NOISE,
}


class Peers:
    """Hostile peers, each from an address of its own, and all connected until end()."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.number = 0
        self.done = threading.Event()

    def connect(self, port):
        self.number += 1
        source = f"127.2.{self.number // 250}.{self.number % 250 + 1}"
        sock = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))
        return self.stack.enter_context(sock)

    def play(self, port, script):
        data, end = script if isinstance(script, tuple) else (script, None)
        sock = self.connect(port)
        # The daemon may close the session before it has read all.
        with contextlib.suppress(ConnectionError):
            sock.sendall(data)
        if end:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def drip(self, port, data):
        """One byte after the other, for as long as the test takes."""
        sock = self.connect(port)

        def send():
            for byte in data * 1000:
                if self.done.wait(0.02):
                    return
                with contextlib.suppress(ConnectionError):
                    sock.send(bytes([byte]))

        thread = threading.Thread(target=send)
        thread.start()
        self.stack.callback(thread.join)

    def end(self):
        self.done.set()
        self.stack.close()
