#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""Write what the fuzzers start from: make_seeds.py DIR makes DIR/TARGET/NAME.

Each seed is well-formed and uses as much of its protocol as pmacct knows, so that a fuzzer
has only to spoil it.
"""
import json
import pathlib
import struct
import sys

VARIABLE = 65535
PEN = 0x8000

# Information elements that nfacctd decodes, with their usual length.
FLOW = {1: 4, 2: 4, 3: 4, 4: 1, 5: 1, 6: 1, 7: 2, 8: 4, 9: 1, 10: 2, 11: 2, 12: 4, 13: 1, 14: 2}
FLOW |= {15: 4, 16: 4, 17: 4, 18: 4, 19: 4, 20: 4, 21: 4, 22: 4, 23: 4, 24: 4, 32: 2}
FLOW6 = {1: 8, 2: 8, 4: 1, 5: 1, 6: 1, 7: 2, 11: 2, 27: 16, 28: 16, 29: 1, 30: 1, 60: 1, 61: 1}
FLOW6 |= {62: 16, 63: 16, 150: 4, 151: 4}
LAYER2 = {8: 4, 12: 4, 56: 6, 57: 6, 58: 2, 59: 2, 80: 6, 81: 6, 61: 1, 60: 1, 85: 4, 86: 4}
LAYER2 |= {89: 1, 243: 2, 244: 1, 245: 2, 252: 4, 253: 4, 254: 2, 255: 2, 256: 2, 351: 8, 352: 8}
MPLS = {8: 4, 12: 4, 47: 4, **{label: 3 for label in range(70, 80)}, 90: 8, 140: 16, 249: 4}
NAT = {8: 4, 12: 4, 7: 2, 11: 2, 225: 4, 226: 4, 227: 2, 228: 2, 230: 1, 231: 8, 232: 8, 233: 1}
NAT |= {234: 4, 235: 4, 323: 8, 40001: 4, 40002: 4, 40003: 2, 40004: 2, 40005: 1}
TIMES = {8: 4, 12: 4, 152: 8, 153: 8, 154: 8, 155: 8, 158: 4, 159: 4, 160: 8, 322: 4}
OTHER = {8: 4, 12: 4, 44: 4, 45: 4, 82: 20, 91: 1, 128: 4, 129: 4, 130: 4, 131: 16, 169: 16}
OTHER |= {170: 16, 180: 2, 181: 2, 182: 2, 183: 2, 48: 1, 95: 4, 302: 8}
ALL = {"flow": FLOW, "flow6": FLOW6, "layer2": LAYER2, "mpls": MPLS, "nat": NAT, "times": TIMES}
ALL["other"] = OTHER


def frame(data, sender=0):
    return struct.pack("<BH", sender, len(data)) + data


def pattern(length, start=1):
    return bytes((start + i) & 0xFF for i in range(length))


def netflow(version, *flowsets):
    body = b"".join(flowsets)
    if version == 9:
        return struct.pack("!HHIIII", 9, len(flowsets), 60000, 1700000000, 1, 7) + body
    return struct.pack("!HHIII", 10, 16 + len(body), 1700000000, 1, 7) + body


def flowset(number, body):
    return struct.pack("!HH", number, 4 + len(body)) + body


def specifiers(fields):
    made = b""
    for kind, length, *pen in fields:
        made += struct.pack("!HH", kind | (PEN if pen else 0), length)
        made += b"".join(struct.pack("!I", number) for number in pen)
    return made


def template(version, number, fields):
    body = struct.pack("!HH", number, len(fields)) + specifiers(fields)
    return flowset(0 if version == 9 else 2, body)


def options_template(version, number, scope, options):
    if version == 9:
        counts = (4 * len(scope), 4 * len(options))
    else:
        counts = (len(scope) + len(options), len(scope))
    body = struct.pack("!HHH", number, *counts) + specifiers(scope + options)
    return flowset(1 if version == 9 else 3, body)


def ethernet():
    udp = struct.pack("!HHHH", 4000, 4789, 50, 0) + bytes((8, 0, 0, 0, 0, 0, 7, 0))
    inner = pattern(12) + b"\x08\x00" + pattern(20, 0x45)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 84, 1, 0, 64, 17, 0) + pattern(8) + udp + inner
    return pattern(12) + b"\x81\x00\x00\x05\x88\x47" + b"\x00\x01\x01\x40" + ip


def netflow_seeds():
    records = b"".join(pattern(48, 10 * i) for i in range(2))
    header = struct.pack("!HHIIIIBBH", 5, 2, 60000, 1700000000, 0, 1, 1, 2, 0x4001)
    yield "v5", frame(header + records)

    for version in (9, 10):
        for number, (name, fields) in enumerate(ALL.items(), 256):
            fields = list(fields.items())
            data = flowset(number, pattern(sum(length for _, length in fields)) * 2)
            known = template(version, number, fields)
            yield f"v{version}-{name}", frame(netflow(version, known)) + frame(
                netflow(version, data), 4
            )
        scope = [(1 if version == 9 else 145, 4)]
        for name, options in {
            "sampling": [(48, 1), (49, 1), (50, 4), (34, 4), (35, 1)],
            "selector": [(302, 8), (304, 2), (305, 4), (306, 4)],
            "class": [(95, 4), (96, 32), (94, 16)],
            "exporter": [(130, 4), (131, 16)],
            "vrf": [(234, 4), (235, 4), (90, 8)],
        }.items():
            known = options_template(version, 300, scope, options)
            length = sum(length for _, length in scope + options)
            data = flowset(300, pattern(length))
            flows = template(version, 301, list((FLOW | {48: 1, 95: 4, 234: 4, 235: 4}).items()))
            flow = flowset(301, pattern(sum(FLOW.values()) + 13))
            packet = netflow(version, known, data, flows, flow)
            yield f"v{version}-options-{name}", frame(packet, 2)

    # Found by the fuzzer: options that are repeated.
    known = options_template(9, 300, [(1, 4)], [(234, 4), (235, 4), (90, 8)])
    packet = netflow(9, known, flowset(300, pattern(20) * 2))
    yield "found-vrf-again", frame(packet)

    fields = [(8, 4), (12, 4), (82, VARIABLE), (94, VARIABLE), (12235, VARIABLE, 9), (91, 8, 637)]
    fields += [(1, 4), (2, 8, 43874), (3, VARIABLE, 43874), (1, 8, 43874), (1, 4, 29305)]
    strings = (b"\x05uplnk", b"\xff\x00\x04port", b"\x06custom")
    record = pattern(8) + b"".join(strings) + pattern(8) + pattern(4) + pattern(8)
    record += b"\x05label" + pattern(8) + pattern(4)
    yield "v10-variable", frame(
        netflow(10, template(10, 256, fields), flowset(256, record + record))
    )
    fields = [(315, VARIABLE), (408, 2)]
    sampled = ethernet()
    record = bytes((len(sampled),)) + sampled + b"\x00\x01"
    yield "v10-frame", frame(netflow(10, template(10, 256, fields), flowset(256, record)))
    fields = [(104, len(sampled))]
    yield "v9-frame", frame(netflow(9, template(9, 256, fields), flowset(256, sampled)))

    # Found by the fuzzer: options with the field of a packet section, after a packet section.
    fields = [(315, 8), (48, 1)]
    options = netflow(9, options_template(9, 300, [(1, 4)], fields), flowset(300, pattern(13)))
    section = template(9, 256, [(82, 100), (315, len(sampled))])
    section = netflow(9, section, flowset(256, pattern(100) + sampled))
    yield "found-section-options", frame(section) + frame(options, 1)

    # Found by the fuzzer: a packet section that ends within the TCP header.
    for name, ip in {
        "ip4": struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + pattern(8),
        "ip6": struct.pack("!IHBB", 6 << 28, 20, 6, 64) + pattern(32),
    }.items():
        kind = b"\x08\x00" if name == "ip4" else b"\x86\xdd"
        section = pattern(12) + kind + ip + pattern(8)
        known = template(9, 256, [(104, len(section))])
        yield f"found-section-{name}", frame(netflow(9, known, flowset(256, section)))

    # Found by the fuzzer: a datagram that ends after its version; a field that comes twice, a
    # long one and a short one, in a record of variable length.
    yield "found-v5-short", frame(b"\x00\x05")
    fields = [(0, 4104), (8, 4), (12, 4), (82, VARIABLE), (0, 1)]
    data = flowset(256, pattern(9) + b"\x04abcd" + pattern(1))
    yield "found-repeated-field", frame(netflow(10, template(10, 256, fields), data))
    # Found by the fuzzer: the variable length of a field that is taken back.
    known = template(10, 256, [(82, VARIABLE), (82, 0)])
    yield "found-no-bytes", frame(netflow(10, known, flowset(256, pattern(4))))


def stored(number, kind, length, **fields):
    """A line of the templates file. The number stands in it as on the wire."""
    made = {"agent": "192.0.2.1", "source_id": 7, "template_id": number, "template_type": kind}
    return json.dumps(made | {"num": 4, "len": length} | fields).encode() + b"\n"


def templates_seeds():
    listed, offset = [], 0
    for kind in (4, 8, 12):
        length = FLOW[kind]
        field = {"off": offset, "len": length, "tpl_len": length, "tpl_index": kind}
        listed.append({"type": 0, "otpl": field})
        offset += length
    field = {"pen": 637, "type": 91, "off": offset, "len": 8, "tpl_len": 8, "repeat_id": 0}
    listed.append({"type": 1, "utpl": field | {"ie_idx": 0}})
    flow = stored(1, 0, offset + 8, vlen=0, list=listed)
    data = flowset(256, pattern(offset + 8))
    fields = [{"type": 1, "off": 0, "len": 4}, {"type": 48, "off": 4, "len": 1}]
    fields.append({"type": 34, "off": 5, "len": 4})
    options = stored(0x0101, 1, 9, tpl=fields)
    sampled = flowset(257, pattern(9))
    for version in (9, 10):
        packet = frame(netflow(version, data, sampled))
        for name, text in {"flow": flow, "options": options, "both": flow + options}.items():
            yield f"v{version}-{name}", struct.pack("<H", len(text)) + text + packet
    # Found by the fuzzer: a template that is there twice.
    yield "found-twice", struct.pack("<H", 2 * len(flow)) + flow + flow
    variable = [{"type": 0, "otpl": {"off": 0, "len": 0, "tpl_len": VARIABLE, "tpl_index": 82}}]
    text = stored(1, 0, 0, vlen=1, list=variable)
    packet = frame(netflow(10, flowset(256, b"\x05uplnk")))
    yield "v10-variable", struct.pack("<H", len(text)) + text + packet


TAG_MAP = b"""! comment
set_tag=1 ip=192.0.2.1 in=1025 jeq=next
set_tag2=2 ip=192.0.2.0/24 out=2 set_label=a%b label=next stack=sum
set_tag=3 ip=::/0 filter='src net 10.0.0.0/8 and (tcp or udp)' engine_type=1 engine_id=2
set_tag=4 ip=2001:db8::1 nexthop=192.0.2.9 bgp_nexthop=2001:db8::9 set_tos=4 set_cos=1
set_tag=++5 direction=1 agg_filter='vlan 5' src_mac=01:02:03:04:05:06 vlan=5 cvlan=6
set_label=x sample_type=flow:1,flow-sampled ip=0.0.0.0/0 mpls_pw_id=7 is_multicast=true
set_tag=6 fwd_status=64 mpls_label_bottom=16 src_net=10.0.0.0/8 dst_net=2001:db8::/32
set_tag=7 src_as=64500 dst_as=-64501 peer_src_as=1 peer_dst_as=2 local_pref=100 comms=1:1,2:2
"""
OTHER_MAP = b"""id=10 ip=192.0.2.2 in=7
id=0:64500:7 ip=192.0.2.2 mpls_vpn_id=7
bgp_ip=192.0.2.3 ip=192.0.2.1/32 filter='ip6' bgp_port=179
id=65000 ip=0.0.0.0/0 src_mac=01:02:03:04:05:06 bgp_nexthop=10.0.0.0/8
id=bgp ip=192.0.2.1 mpls_vpn_rd=1:192.0.2.1:7
"""


def maps_seeds():
    """The first byte picks the map from a list in fuzz_maps.c."""
    flow = list(FLOW.items())
    data = flowset(256, pattern(sum(FLOW.values())))
    packets = frame(netflow(9, template(9, 256, flow), data)) + frame(netflow(9, data), 1)
    for which in range(12):
        text = TAG_MAP if which in (0, 1, 2, 9, 10, 11) else OTHER_MAP
        yield f"map-{which}", struct.pack("<BH", which, len(text)) + text + packets
    # Found by the fuzzer: a jump behind the last entry, and an entry without address, which is
    # loaded again with the next input.
    text = b"set_tag=1 ip=192.0.2.1 jeq=next\n"
    yield "found-jump", struct.pack("<BH", 0, len(text)) + text + packets
    # Found by the fuzzer: more keys than there is room for handlers in an entry.
    keys = b"in out engine_type engine_id direction mpls_pw_id vlan cvlan fwd_status"
    text = b"set_tag=1 set_tos=2 ip=192.0.2.1 src_net=10.0.0.0/8 dst_net=10.0.0.0/8"
    text += b"".join(b" %s=1" % key for key in keys.split()) + b"\n"
    yield "found-many-keys", struct.pack("<BH", 0, len(text)) + text + packets
    text = b"set_tag=1 filter='ip' jeq=last\nset_tag=2 label=last\n"
    for number in (1, 2):
        yield f"found-again-{number}", struct.pack("<BH", 0, len(text)) + text + packets


def sflow_record(kind, body):
    return struct.pack("!II", kind, len(body)) + body


def sflow_sample(kind, records, counters=False):
    if counters:
        head = struct.pack("!III", 1, 5, len(records))
    elif kind == 3:
        head = struct.pack("!IIIIIIIIIII", 1, 0, 5, 10, 100, 0, 0, 5, 0, 6, len(records))
    else:
        head = struct.pack("!IIIIIIII", 1, 5, 10, 100, 0, 5, 6, len(records))
    return sflow_record(kind, head + b"".join(records))


def sflow(*samples, version=5):
    head = struct.pack("!II4sIIII", version, 1, pattern(4), 0, 1, 1000, len(samples))
    return head + b"".join(samples)


def sflow_seeds():
    sampled = ethernet()
    padding = bytes(-len(sampled) % 4)
    header = struct.pack("!IIII", 1, 100, 4, len(sampled)) + sampled + padding
    path = struct.pack("!IIII", 64500, 64501, 64502, 1) + struct.pack("!IIII", 2, 2, 64503, 64504)
    gateway = struct.pack("!I4s", 1, pattern(4)) + path + struct.pack("!III", 1, 65537, 100)
    records = {
        "raw": sflow_record(1, header),
        "ethernet": sflow_record(2, struct.pack("!I", 64) + pattern(16) + struct.pack("!I", 2048)),
        "ip4": sflow_record(3, pattern(32)),
        "ip6": sflow_record(4, pattern(56)),
        "switch": sflow_record(1001, struct.pack("!IIII", 5, 1, 6, 2)),
        "router": sflow_record(1002, struct.pack("!I4sII", 1, pattern(4), 24, 16)),
        "gateway": sflow_record(1003, gateway),
        "user": sflow_record(1004, struct.pack("!II4sII4s", 3, 4, b"user", 3, 4, b"peer")),
        "url": sflow_record(1005, struct.pack("!II8s", 1, 8, b"http://a")),
        "mpls": sflow_record(1006, struct.pack("!I4sIII", 1, pattern(4), 1, 16, 0)),
        "nat": sflow_record(1007, struct.pack("!I4sI4s", 1, pattern(4), 1, pattern(4))),
        "class": sflow_record(2200, struct.pack("!I", 7)),
        "tag": sflow_record(2201, pattern(16)),
    }
    for name, record in records.items():
        yield name, frame(sflow(sflow_sample(1, [record])))
        yield f"expanded-{name}", frame(sflow(sflow_sample(3, [record])))
    counters = {1: 88, 2: 52, 3: 72, 4: 80, 5: 28, 1001: 28}
    made = [sflow_record(kind, pattern(length)) for kind, length in counters.items()]
    yield "counters", frame(sflow(sflow_sample(2, made, counters=True)))
    # Found by the fuzzer: an agent with an IPv6 address.
    head = struct.pack("!II16sIIII", 5, 2, pattern(16), 0, 1, 1000, 1)
    yield "found-agent6", frame(head + sflow_sample(1, [records["raw"]]))
    old = struct.pack("!II4sIII", 2, 1, pattern(4), 1, 1000, 1)
    old += struct.pack("!IIIIIIII", 1, 1, 5, 10, 100, 0, 5, 6)
    yield "v2", frame(old + struct.pack("!I", 1) + header + bytes(4))


def attribute(kind, value, flags=0x40):
    if len(value) > 255:
        return struct.pack("!BBH", flags | 0x10, kind, len(value)) + value
    return struct.pack("!BBB", flags, kind, len(value)) + value


def bgp(kind, body):
    return b"\xff" * 16 + struct.pack("!HB", 19 + len(body), kind) + body


def update(withdrawn, attributes, prefixes):
    body = struct.pack("!H", len(withdrawn)) + withdrawn
    return bgp(2, body + struct.pack("!H", len(attributes)) + attributes + prefixes)


def open_message(add_path=False):
    capabilities = [(1, "00010001"), (1, "00020001"), (1, "00010080"), (65, "0000fbf4"), (2, "")]
    capabilities += [(64, "0078"), (70, ""), (6, "")]
    if add_path:
        capabilities += [(69, "000101030002010300010403")]
    made = b""
    for kind, value in capabilities:
        value = bytes.fromhex(value)
        made += bytes((2, 2 + len(value), kind, len(value))) + value
    return bgp(1, struct.pack("!BHH4sB", 4, 64500, 180, pattern(4), len(made)) + made)


def attributes(as_size=4):
    as_format = "!BBII" if as_size == 4 else "!BBHH"
    path = struct.pack(as_format, 2, 2, 64500, 64501) + struct.pack(as_format, 1, 2, 64502, 64503)
    made = attribute(1, b"\x00") + attribute(2, path) + attribute(3, pattern(4, 192))
    made += attribute(4, pattern(4), 0x80) + attribute(5, pattern(4)) + attribute(6, b"")
    made += attribute(7, pattern(4 + as_size), 0xC0) + attribute(8, pattern(8), 0xC0)
    made += attribute(9, pattern(4), 0x80) + attribute(10, pattern(8), 0x80)
    made += attribute(16, bytes((0, 2, 0, 1, 0, 0, 0, 1, 1, 2, 0, 1, 0, 0, 0, 1)), 0xC0)
    made += attribute(17, struct.pack("!BBII", 2, 2, 64500, 64501), 0xC0)
    made += attribute(18, pattern(8), 0xC0) + attribute(26, b"\x01\x00\x0b" + pattern(8), 0x80)
    made += attribute(32, pattern(12), 0xC0) + attribute(35, pattern(4), 0xC0)
    return made + attribute(40, b"\x01\x00\x07" + pattern(7), 0xC0)


def reach(afi, safi, next_hop, prefixes):
    return attribute(
        14, struct.pack("!HBB", afi, safi, len(next_hop)) + next_hop + b"\x00" + prefixes, 0x80
    )


LABEL = b"\x00\x01\x01"


def updates():
    prefixes = b"\x18\xcb\x00\x71\x10\xc6\x12\x00"
    yield "ipv4", update(b"", attributes(), prefixes)
    yield "withdraw", update(prefixes, b"", b"")
    prefix6 = b"\x30\x20\x01\x0d\xb8\x00\x01"
    yield "ipv6", update(b"", attributes() + reach(2, 1, pattern(32), prefix6), b"")
    labelled = b"\x30" + LABEL + b"\xcb\x00\x71"
    yield "labels", update(b"", attributes() + reach(1, 4, pattern(4), labelled), b"")
    rd = struct.pack("!HHI", 0, 64500, 7)
    vpn = b"\x70" + LABEL + rd + b"\xcb\x00\x71"
    yield "vpn", update(b"", attributes() + reach(1, 128, bytes(8) + pattern(4), vpn), b"")
    vpn6 = b"\x88" + LABEL + rd + b"\x20\x01\x0d\xb8\x00\x01"
    yield "vpn6", update(b"", attributes() + reach(2, 128, bytes(8) + pattern(16), vpn6), b"")
    gone = attribute(15, struct.pack("!HB", 2, 1) + prefix6, 0x80)
    yield "unreach", update(b"", gone, b"")
    gone = attribute(15, struct.pack("!HB", 1, 128) + vpn, 0x80)
    yield "unreach-vpn", update(b"", gone, b"")
    yield "end-of-rib", update(b"", b"", b"")
    yield "old-as", update(b"", attributes(2), prefixes)
    path_id = b"\x00\x00\x00\x07" + prefixes[:4]
    yield "path-id", update(b"", attributes(), path_id)


def bgp_seeds():
    start = open_message() + bgp(4, b"")
    for name, message in updates():
        yield name, frame(start + message)
        yield f"add-path-{name}", frame(open_message(True) + bgp(4, b"") + message)
    message = next(updates())[1]
    yield "trickle", frame(start + message, 0x80)
    # Found by the fuzzer: an attribute that ends in the middle of its length.
    yield "found-attribute-length", frame(start + update(b"", b"\x50\x01\x00", b""))
    yield "refresh", frame(start + bgp(5, b"\x00\x01\x00\x01"))
    yield "notification", frame(start + bgp(3, b"\x06\x02\x04bye!"))


def bmp(kind, body, version=3):
    return struct.pack("!BIB", version, 6 + len(body), kind) + body


def peer(kind=0, flags=0, distinguisher=0):
    address = bytes(12) + pattern(4, 192) if not flags & 0x80 else pattern(16)
    head = struct.pack("!BBQ", kind, flags, distinguisher) + address
    return head + struct.pack("!I4sII", 64500, pattern(4), 1700000000, 0)


def tlv(kind, value):
    return struct.pack("!HH", kind, len(value)) + value


def bmp_seeds():
    start = bmp(4, tlv(0, b"hello") + tlv(1, b"router") + tlv(2, b"r1"))
    end = bmp(5, tlv(0, b"bye") + tlv(1, b"\x00\x01"))
    opens = open_message() + open_message()
    ports = pattern(16) + struct.pack("!HH", 179, 40000)
    known = bmp(3, peer() + ports + opens + tlv(0, b"up") + tlv(3, b"vrf"))
    for name, message in updates():
        flags = 0x20 if name == "old-as" else 0
        routes = bmp(0, peer(flags=flags) + message)
        yield f"route-{name}", frame(start + known + routes)
    for name, (kind, flags) in {
        "adj-out": (0, 0x10),
        "post-policy": (0, 0x40),
        "ipv6": (0, 0x80),
        "vpn": (1, 0),
        "loc-rib": (3, 0),
        "loc-rib-filtered": (3, 0x80),
    }.items():
        who = peer(kind, flags, 7)
        message = next(updates())[1]
        up = bmp(3, who + ports + opens)
        yield f"peer-{name}", frame(start + up + bmp(0, who + message) + end)
    for reason, data in {
        1: bgp(3, b"\x06\x02"),
        2: b"\x00\x02",
        3: bgp(3, b"\x06\x02"),
        4: b"",
    }.items():
        yield f"down-{reason}", frame(start + known + bmp(2, peer() + bytes((reason,)) + data))
    yield "down-6", frame(start + known + bmp(2, peer() + b"\x06" + tlv(3, b"vrf")))
    counters = b"".join(
        tlv(kind, pattern(length))
        for kind, length in [(n, 4) for n in (*range(7), 11, 12, 13)]
        + [(7, 8), (8, 8), (14, 8), (15, 8), (9, 11), (10, 11), (16, 11), (17, 11)]
    )
    yield "stats", frame(start + known + bmp(1, peer() + struct.pack("!I", 18) + counters))
    yield "mirror", frame(
        start + known + bmp(6, peer() + tlv(0, bgp(4, b"")) + tlv(1, b"\x00\x01"))
    )
    # Found by the fuzzer: a session that ends within a message that is longer than the buffer.
    yield "found-long", frame(start + struct.pack("!BIB", 3, 1 << 24, 0) + pattern(8))
    message = next(updates())[1]
    v4 = struct.pack("!HHH", 4, len(message), 0) + message + struct.pack("!HHHI", 1, 4, 0, 5)
    yield "v4", frame(start + known + bmp(0, peer() + v4, version=4) + end)
    path = bytes((3, 0, 0)) + pattern(40)
    yield "rpat", frame(
        start + known + bmp(100, peer() + path + tlv(0, b"vrf") + tlv(1, b"policy"))
    )
    yield "trickle", frame(start + known + bmp(0, peer() + message) + end, 0x80)


TARGETS = {
    "fuzz_nfacctd": netflow_seeds,
    "fuzz_sfacctd": sflow_seeds,
    "fuzz_pmbgpd": bgp_seeds,
    "fuzz_pmbmpd": bmp_seeds,
    "fuzz_templates_file": templates_seeds,
    "fuzz_maps": maps_seeds,
}


def main():
    for target, seeds in TARGETS.items():
        directory = pathlib.Path(sys.argv[1], target)
        directory.mkdir(parents=True, exist_ok=True)
        for name, data in seeds():
            (directory / name).write_bytes(data)


if __name__ == "__main__":
    main()
