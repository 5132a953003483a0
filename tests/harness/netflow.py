# SPDX-License-Identifier: GPL-2.0-or-later
"""NetFlow v9 and IPFIX datagrams, byte by byte, so that a test can make wrong ones."""
import struct

VARIABLE = 65535
PMACCT_PEN = 43874

# For an nfacctd that decodes as many fields as possible.
PRIMITIVES = """peer_src_ip src_mac dst_mac vlan out_vlan cos etype src_host dst_host src_mask
dst_mask src_net dst_net src_as dst_as peer_src_as peer_dst_as peer_dst_ip src_port dst_port tos
proto tcpflags flows in_iface out_iface sampling_rate sampling_direction timestamp_start
timestamp_end post_nat_src_host post_nat_dst_host post_nat_src_port post_nat_dst_port nat_event
fw_event fwd_status mpls_label_top mpls_label_bottom mpls_label_stack mpls_vpn_rd mpls_pw_id
vxlan class tag tag2 label custom raw text"""
CUSTOM = """name=custom field_type=20000 len=4 semantics=u_int
name=raw field_type=20001 len=4 semantics=raw
name=text field_type=20002 len=vlen semantics=str
"""

# Every field that the decoder knows by its number, and a few that it does not know.
KNOWN = [
    *range(1, 25),
    *(27, 28, 29, 30, 32, 34, 35, 38, 39, 44, 45, 47, 48, 49, 50, *range(56, 64)),
    *(*range(70, 82), 85, 86, 89, 90, 94, 95, 96, 104, 128, 129, 130, 131, 138, 140),
    *(141, 142, 143, 144, 145, 149, *range(150, 161), 169, 170, *range(180, 184)),
    *(*range(225, 236), 243, 244, 245, 249, *range(252, 257), 302, 304, 305, 306),
    *(315, 322, 323, 351, 352, 408, *range(40001, 40006), 20000, 20001, 20002),
]


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
