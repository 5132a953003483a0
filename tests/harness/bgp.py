# SPDX-License-Identifier: GPL-2.0-or-later
"""BGP and BMP messages, byte by byte, so that a test can make wrong ones."""
import socket
import struct

OPEN, UPDATE, NOTIFICATION, KEEPALIVE = 1, 2, 3, 4
ROUTE_MONITOR, STATS, PEER_DOWN, PEER_UP, INIT, TERM, ROUTE_MIRROR, RPAT = (*range(7), 100)


def message(kind, body=b"", length=None):
    return (
        b"\xff" * 16 + struct.pack("!HB", 19 + len(body) if length is None else length, kind) + body
    )


def capability(kind, value, length=None):
    """An optional parameter with one capability."""
    made = bytes([kind, len(value) if length is None else length]) + value
    return bytes([2, len(made)]) + made


CAPABILITIES = (
    capability(1, b"\0\1\0\1")
    + capability(1, b"\0\2\0\x80")
    + capability(65, struct.pack("!I", 64999))
)
ADD_PATHS = capability(69, b"\0\1\1\3\0\2\1\3")


def open_message(options=CAPABILITIES, address="127.0.0.9", length=None):
    body = struct.pack("!BHH4s", 4, 64999, 90, socket.inet_aton(address))
    return message(OPEN, body + bytes([len(options) if length is None else length]) + options)


def attribute(kind, value, flags=0x40):
    return struct.pack("!BBH", flags | 0x10, kind, len(value)) + value


ATTRIBUTES = (
    attribute(1, b"\0")
    + attribute(2, struct.pack("!BBII", 2, 2, 64999, 65001))
    + attribute(17, struct.pack("!BBI", 2, 1, 65001))
    + attribute(3, bytes([10, 0, 0, 9]))
)


def update(nlri=b"", withdrawn=b"", attributes=ATTRIBUTES):
    body = struct.pack("!H", len(withdrawn)) + withdrawn
    return message(UPDATE, body + struct.pack("!H", len(attributes)) + attributes + nlri)


def reach(afi, safi, nlri, nexthop=bytes(16)):
    return attribute(
        14, struct.pack("!HBB", afi, safi, len(nexthop)) + nexthop + b"\0" + nlri, 0x80
    )


def bmp(kind, body=b"", length=None, version=3):
    return struct.pack("!BIB", version, 6 + len(body) if length is None else length, kind) + body


def peer(address="10.0.0.9", flags=0):
    """The header of a peer."""
    return struct.pack(
        "!BB8s12s4sI4sII",
        0,
        flags,
        b"",
        b"",
        socket.inet_aton(address),
        64999,
        b"\x0a\0\0\x09",
        1,
        0,
    )


def tlv(kind, value, length=None):
    return struct.pack("!HH", kind, len(value) if length is None else length) + value


def peer_up(address="10.0.0.9", options=CAPABILITIES):
    opened = open_message(options)
    body = peer(address) + bytes(16) + struct.pack("!HH", 179, 1790) + opened + opened
    return bmp(PEER_UP, body + tlv(0, b"text"))
