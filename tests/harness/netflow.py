# SPDX-License-Identifier: GPL-2.0-or-later
"""NetFlow v9 and IPFIX datagrams, byte by byte, so that a test can make wrong ones."""
import struct

VARIABLE = 65535
PMACCT_PEN = 43874


def flowset(number, body, length=None):
    return struct.pack("!HH", number, 4 + len(body) if length is None else length) + body


def message(version, *flowsets, source_id=0):
    """A datagram of version 9 or 10. The flowsets are complete, with their headers."""
    body = b"".join(flowsets)
    if version == 9:
        return struct.pack("!HHIIII", 9, len(flowsets), 1000, 1700000000, 1, source_id) + body
    return struct.pack("!HHIII", 10, 16 + len(body), 1700000000, 1, source_id) + body


def fields(*specs):
    """Field specifiers: (type, length), or (type, length, enterprise number)."""
    made = b""
    for kind, length, *pen in specs:
        made += struct.pack("!HH", kind | (0x8000 if pen else 0), length)
        made += struct.pack("!I", *pen) if pen else b""
    return made


def template(version, number, *specs, count=None):
    """A flowset with one template."""
    body = struct.pack("!HH", number, len(specs) if count is None else count) + fields(*specs)
    return flowset(0 if version == 9 else 2, body)


def options_template(version, number, scope, options, counts=None):
    """A flowset with one options template. counts replaces the two numbers in its header."""
    if counts is None:
        counts = (4 * len(scope), 4 * len(options))
        if version == 10:
            counts = (len(scope) + len(options), len(scope))
    body = struct.pack("!HHH", number, *counts) + fields(*scope, *options)
    return flowset(1 if version == 9 else 3, body)
