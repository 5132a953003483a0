# SPDX-License-Identifier: GPL-2.0-or-later
"""No length in a datagram or in the templates file ends or corrupts nfacctd.

The exporter 127.66.0.1 sends impossible lengths. The exporter 127.1.0.1 sends good records
before and after: they must be decoded, and equal.
"""
import json
import re
import socket
import struct

import pytest

from harness import netflow, wait_for
from harness.exporter import Exporter
from harness.nfacctd import FLOWS_ONLY
from harness.netflow import CUSTOM, KNOWN, PRIMITIVES, VARIABLE

HOSTILE, GOOD = "127.66.0.1", "127.1.0.1"
REFUSED = re.compile(
    r"template (\d+) refused: field (\d+) has length (\d+), (.*) \[pen=0 agent=(.*):0\]"
)
LABEL = (3, VARIABLE, netflow.PMACCT_PEN)

IPV4 = [(8, 4), (12, 4), (1, 4)]


@pytest.fixture
def instance(start, tmp_path):
    """One nfacctd that decodes as many fields as possible, with a filter."""
    (tmp_path / "primitives").write_text(CUSTOM)

    def instance(**keys):
        return start(
            0,
            keys={
                **FLOWS_ONLY,
                "reuseport_hashbucket_count": None,
                "reuseport_hashbucket_index": None,
                "nfacctd_templates_file": None,
                "nfacctd_account_options": "true",
                "nfacctd_renormalize": "true",
                "aggregate_primitives": tmp_path / "primitives",
                "aggregate[flows]": ", ".join(PRIMITIVES.split()),
                "aggregate_filter[flows]": "ip or ip6 or vlan or mpls",
                **keys,
            },
        ).wait_ready()

    return instance


def good(number):
    """A template and a record with a port that tells the record from others."""
    record = struct.pack("!4s4sHHBIIB", b"\x0a\0\0\1", b"\x0a\0\0\2", number, 443, 6, 1500, 3, 0x12)
    specs = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4), (6, 1)]
    return netflow.message(9, netflow.template(9, 999, *specs), netflow.flowset(999, record))


def decoded(instance, number, exporter=GOOD):
    """The records with that port as the plugin printed them, without what differs by intent."""
    rows = [row for row in instance.flows() if row["port_src"] == number]
    return [
        {key: row[key] for key in row if not re.match("stamp|timestamp|port_src", key)}
        for row in rows
        if row["peer_ip_src"] == exporter
    ]


def unharmed(instance, send, before=64001, after=64002):
    """Call send(). The good exporter is decoded before and after, and in the same way."""
    exporter = Exporter(GOOD)
    exporter.send(good(before))
    wait_for("the record before", lambda: decoded(instance, before))
    send()

    def again():
        assert instance.process.poll() is None, f"it ended: {instance.process.returncode}"
        if not decoded(instance, after):
            exporter.send(good(after))
        return decoded(instance, after)

    wait_for("the record after", again)
    [first], second = decoded(instance, before), decoded(instance, after)
    assert (first["bytes"], first["packets"], first["ip_proto"]) == (1500, 3, "tcp")
    assert {**first, "bytes": 0, "packets": 0, "flows": 0} in [
        {**row, "bytes": 0, "packets": 0, "flows": 0} for row in second
    ]
    return instance.log()


def pair(version, number, specs, record):
    """A template and data of it in one datagram."""
    return netflow.message(
        version, netflow.template(version, number, *specs), netflow.flowset(number, record)
    )


def refusals(log):
    """(template, field, length) of what was refused to the hostile exporter."""
    return [
        (int(number), int(kind), int(length))
        for number, kind, length, _, agent in REFUSED.findall(log)
        if agent == HOSTILE
    ]


@pytest.mark.parametrize("version", [9, 10])
def test_any_length_of_any_field(instance, version):
    """Each known field with each length from 0 to 300, in a record of two of them."""
    hostile = Exporter(HOSTILE)

    def send():
        for kind in KNOWN:
            for length in range(301):
                specs = [(kind, length), *IPV4, (82, 2)]
                size = sum(length for _, length in specs)
                hostile.send(pair(version, 256, specs, b"\xff" * size * 2))

    unharmed(one := instance(), send)
    assert {(256, 4, length) for length in range(2, 301)} <= set(refusals(one.log()))


def test_refusal_is_logged_once_with_both_numbers(instance):
    """Once for each template, however often it is repeated, and again if it is another."""
    hostile = Exporter(HOSTILE)
    proto = [*IPV4, (4, 40)]
    mac = [*IPV4, (56, 7)]

    def send():
        for _ in range(5):
            hostile.send(pair(9, 256, proto, bytes(52)), pair(9, 257, mac, bytes(19)))
        hostile.send(pair(9, 256, mac, bytes(19)), pair(9, 256, proto, bytes(52)))

    log = unharmed(instance(), send)
    assert refusals(log) == [(256, 4, 40), (257, 56, 7), (256, 56, 7), (256, 4, 40)]
    assert "template 256 refused: field 4 has length 40, possible is 1 [pen=0 agent=" in log
    assert "template 257 refused: field 56 has length 7, possible is 6 [pen=0 agent=" in log


def test_refused_template_replaces_the_one_before(instance):
    """Records in the new layout are not taken for records in the old one."""
    hostile = Exporter(HOSTILE)
    layout = [(8, 4), (12, 4), (7, 2), (1, 4)]
    record = struct.pack("!4s4sHI", b"\x0a\0\0\3", b"\x0a\0\0\4", 7, 99)
    one = instance()

    def send():
        hostile.send(pair(9, 256, layout, record))
        wait_for("the record of the good template", lambda: decoded(one, 7, HOSTILE))
        hostile.send(pair(9, 256, [*layout, (4, 9)], record.replace(b"\0\7", b"\0\x08") + bytes(9)))
        hostile.send(netflow.message(9, netflow.flowset(256, record.replace(b"\0\7", b"\0\x09"))))
        hostile.send(pair(9, 256, layout, record.replace(b"\0\7", b"\0\x0a")))
        wait_for(
            "the record of the template when it is good again", lambda: decoded(one, 10, HOSTILE)
        )

    unharmed(one, send)
    assert not decoded(one, 8, HOSTILE) + decoded(one, 9, HOSTILE)


# type -> length -> bytes: integers without some or all of their leading zeroes
REDUCED = [
    (1, "bytes", 70000, (3, 4, 5, 6, 7, 8)),
    (2, "packets", 259, (2, 3, 4, 5, 6, 7, 8)),
    (10, "iface_in", 200, (1, 2, 3, 4)),
    (14, "iface_out", 66000, (3, 4)),
    (11, "port_dst", 25, (1, 2)),
    (16, "as_src", 65550, (3, 4)),
    (17, "as_dst", 17, (1, 2, 3, 4)),
    (58, "vlan_in", 30, (1, 2)),
    (252, "iface_in", 9, (1, 2, 3, 4)),
    (256, "etype", "86dd", (2,)),
]


def test_integers_of_reduced_size(instance):
    """RFC 7011, section 6.2: the same value, whatever the length that it is sent with."""
    exporter = Exporter("127.67.0.1")
    one = instance()
    wanted = {}

    def send():
        port = 5000
        for kind, name, value, lengths in REDUCED:
            for length in lengths:
                port += 1
                number = int(value, 16) if isinstance(value, str) else value
                specs = [(8, 4), (12, 4), (7, 2), (kind, length)]
                record = b"\x0a\0\0\5\x0a\0\0\6" + struct.pack("!H", port)
                record += number.to_bytes(length, "big")
                if kind != 1:
                    specs, record = [*specs, (1, 4)], record + struct.pack("!I", 77)
                exporter.send(pair(10, 256, specs, record))
                wanted[port] = (name, value)

    unharmed(one, send)
    rows = {row["port_src"]: row for row in one.flows()}
    assert {port: (name, rows[port][name]) for port, (name, _) in wanted.items()} == wanted


def test_variable_length_of_known_fields(instance):
    """A record whose length fits is decoded, one whose length is impossible is left out."""
    exporter = Exporter("127.67.0.2")
    one = instance()
    specs = [(7, 2), (4, VARIABLE), (8, 4), (12, 4), (1, 4), LABEL]
    fixed = b"\x0a\0\0\7\x0a\0\0\x08" + struct.pack("!I", 10)

    def record(port, proto, label):
        return struct.pack("!HB", port, len(proto)) + proto + fixed + bytes([len(label)]) + label

    body = record(6001, b"\x06", b"first") + record(6002, b"\x06" * 200, b"x")
    body += record(6003, b"\x11", b"y" * 90)
    whole = netflow.message(10, netflow.template(10, 256, *specs), netflow.flowset(256, body))
    cut = [whole[:-n] for n in range(1, 90)]
    wrong = [
        netflow.message(
            10, netflow.flowset(256, struct.pack("!HB", 6004, 255) + struct.pack("!H", n))
        )
        for n in (0, 1, 255, 1000, 65000, 65532, 65535)
    ]

    def send():
        exporter.send(whole, *cut, *wrong)

    unharmed(one, send)
    rows = {row["port_src"]: row for row in one.flows()}
    assert (rows[6001]["ip_proto"], rows[6001]["label"]) == ("tcp", "first")
    assert (rows[6003]["ip_proto"], rows[6003]["label"]) == ("udp", "y" * 90)
    assert 6002 not in rows and 6004 not in rows


def test_records_of_no_bytes(instance):
    """A field of variable length that comes again with length zero."""
    known = [(82, VARIABLE), (82, 0)]
    unharmed(instance(), lambda: Exporter(HOSTILE).send(pair(10, 300, known, bytes(4))))


def test_value_that_does_not_fit_into_the_buffer_of_a_plugin(instance):
    """Such a record is left out, and the daemon lives."""
    exporter = Exporter(HOSTILE)
    specs = [(7, 2), (8, 4), (12, 4), (1, 4), (20002, VARIABLE), (20001, VARIABLE)]
    fixed = struct.pack("!H", 6100) + b"\x0a\0\0\7\x0a\0\0\x08" + struct.pack("!I", 10)

    def send():
        for length in (1, 900, 1000, 1100, 3000, 9000):
            text = b"\xff" + struct.pack("!H", length) + b"a" * length
            exporter.send(pair(10, 256, specs, fixed + text + b"\4abcd"))
            exporter.send(pair(10, 256, specs, fixed + b"\4abcd" + text))

    assert "plugin_buffer_size is too short" in unharmed(instance(), send)


OPTION = [(34, 4), (35, 1), (48, 1), (50, 4), (95, 3), (96, 20), (130, 4), (131, 16), (234, 4)]


@pytest.mark.parametrize("version", [9, 10])
def test_any_length_in_options(instance, version):
    hostile = Exporter(HOSTILE)

    def send():
        for kind in KNOWN:
            for length in (*range(20), 40, 100, 300, 5000):
                options = [(kind, length), (48, 1), (50, 4)]
                size = length + 9
                for scope in (1, 4, 5, 149):
                    made = options_message(version, [(scope, 4)], options, b"\xff" * size * 2)
                    hostile.send(made)
                    if length > 20:
                        break
            # Among the scopes, too.
            for length in (0, 3, 5, 20, 40, 300):
                options = [(48, 1), (50, 4)]
                body = b"\xff" * (length + 5) * 2
                hostile.send(options_message(version, [(kind, length)], options, body))

    unharmed(instance(), send)


def options_message(version, scope, options, body):
    return netflow.message(
        version,
        netflow.options_template(version, 300, scope, options),
        netflow.flowset(300, body),
    )


def test_sampling_rate_from_options_of_variable_length(instance):
    """A name of variable length among the options, and two records: both are read."""
    exporter = Exporter("127.67.0.3")
    one = instance()
    options = [(48, 1), (84, VARIABLE), (50, 2)]
    record = lambda sampler, name, rate: (
        bytes(4) + bytes([sampler, len(name)]) + name + struct.pack("!H", rate)
    )
    specs = [(8, 4), (12, 4), (7, 2), (48, 1), (1, 4)]
    flow = lambda port, sampler: struct.pack(
        "!4s4sHBI", b"\x0a\0\0\1", b"\x0a\0\0\2", port, sampler, 5
    )

    def send():
        body = record(1, b"one", 10) + record(2, b"a longer name", 1000)
        exporter.send(options_message(10, [(149, 4)], options, body))
        exporter.send(pair(10, 256, specs, flow(7001, 1) + flow(7002, 2)))

    unharmed(one, send)
    rows = {row["port_src"]: row for row in one.flows()}
    assert [rows[port]["bytes"] for port in (7001, 7002)] == [50, 5000]


def crafted(version):
    """Datagrams with counts and lengths that contradict each other."""
    data = netflow.flowset(256, bytes(64))
    for count in (0, 1, 2, 255, 256, 257, 1000, 65535):
        yield netflow.message(version, netflow.template(version, 256, *IPV4, count=count), data)
        for other in (0, 1, 3, 4, 5, 16384, 32767, 32768, 65532, 65535):
            for counts in ((count, other), (other, count)):
                options = netflow.options_template(version, 256, [(1, 4)], [(48, 1)], counts=counts)
                yield netflow.message(version, options, data)
                yield netflow.message(version, options[:-3], data)
    # a record of no length, for which a decoder could loop for ever
    yield netflow.message(version, netflow.template(version, 256), data)
    yield netflow.message(version, netflow.template(version, 256, (8, 0), (1, 0)), data)
    yield options_message(version, [], [], bytes(64))
    # lengths whose sum does not fit into 16 bits
    for lengths in ((65534, 6), (40000, 40000), (65000, 600), (65534, 65534, 65534)):
        yield pair(version, 256, [*IPV4, *((60000, n) for n in lengths)], bytes(2000))
        yield pair(version, 256, [*((60000, n) for n in lengths), *IPV4], bytes(2000))
        yield options_message(version, [(149, 4)], [(60000, n) for n in lengths], bytes(2000))
        yield options_message(
            version, [(149, 4)], [*((61, n) for n in lengths), (48, 1), (96, 9)], bytes(2000)
        )
    yield options_message(version, [(149, 4)], [(96, VARIABLE), (95, 3)], bytes(200))
    # more fields of one kind than there is room for
    for number in (32, 33, 64, 256, 300):
        yield pair(version, 256, [(20000, 1)] * number + IPV4, bytes(2000))
        yield pair(version, 256, [(20000, VARIABLE)] * number + IPV4, bytes(2000))
        yield options_message(version, [(149, 4)], [(20000, 1)] * number, bytes(2000))
    # flowsets of wrong lengths, and any datagram cut anywhere
    body = fields = netflow.fields(*IPV4)
    for length in (0, 1, 3, 4, 5, 100, 65535):
        for number in (0, 1, 2, 3, 256):
            yield netflow.message(version, netflow.flowset(number, body, length))
    whole = pair(version, 256, IPV4, b"\x0a" * 24)
    whole += netflow.options_template(version, 257, [(1, 4)], [(48, 1)]) + fields
    for end in range(2, len(whole)):
        yield whole[:end]


@pytest.mark.parametrize("version", [9, 10])
def test_contradicting_lengths(instance, version):
    hostile = Exporter(HOSTILE)
    unharmed(instance(), lambda: hostile.send(*crafted(version)))


def test_contradicting_lengths_at_the_port_for_templates(instance):
    hostile = Exporter(HOSTILE)
    datagrams = [datagram for version in (9, 10) for datagram in crafted(version)]
    datagrams += [pair(9, 256, [(kind, 299), *IPV4], b"\xff" * 311) for kind in KNOWN]

    def send():
        hostile.send(*datagrams, port=2056)
        hostile.send(netflow.message(9, netflow.flowset(256, bytes(700))))

    unharmed(instance(nfacctd_templates_port=2056), send)


FRAME = bytes.fromhex(
    "020000000002020000000001"
    "8100000a"
    "0800"
    "450000540000400040060000"
    "0a0000010a000002"
    "1f90005000000000"
    "0000000050120000"
    "00000000"
)
LABELS = bytes.fromhex("0001000000020000000301ff")
MPLS = FRAME[:12] + bytes.fromhex("8847") + LABELS + FRAME[18:]
FRAME6 = (
    bytes.fromhex("0200000000020200000000018847")
    + bytes.fromhex("0001000000020000000301ff")
    + (bytes.fromhex("6000000000400040") + bytes(31) + b"\1" + bytes(31) + b"\2" + bytes(80))
)


@pytest.mark.parametrize("kind", [104, 315])
def test_cut_packet_sections(instance, kind):
    """Real packets cut anywhere, and extension headers and labels that have no end."""
    hostile = Exporter(HOSTILE)

    def frames():
        for proto in (1, 6, 17, 58, 4, 47, 50):
            frame = FRAME.replace(b"\x40\x06", bytes([0x40, proto]), 1)
            for end in range(len(frame) + 1):
                yield frame[:end]
        yield b"\2" * 12 + b"\x88\x47" + bytes(9000)
        for header in (0, 43, 44, 51, 60, 135, 58):
            ip6 = bytes.fromhex("60000000") + b"\0\x40" + bytes([header, 64]) + bytes(32)
            for end in range(0, 80, 3):
                yield b"\2" * 12 + b"\x86\xdd" + ip6 + (
                    bytes([header, 0]) + bytes(6)
                ) * 4 + b"\xff" * end
        for whole in (FRAME6, MPLS):
            for end in range(len(whole) + 1):
                yield whole[:end]

    def send():
        for frame in frames():
            hostile.send(pair(10, 256, [(8, 4), (12, 4), (kind, len(frame))], bytes(8) + frame))
            hostile.send(
                pair(10, 256, [(kind, VARIABLE)], b"\xff" + struct.pack("!H", len(frame)) + frame)
            )

    # libpcap looks for what follows "vlan" behind a VLAN tag.
    unharmed(one := instance(**{"aggregate_filter[flows]": None}), send)
    labels = {(row["mpls_label_top"], row["mpls_label_bottom"]) for row in one.flows()}
    assert (16, 48) in labels
    ports = {(row["ip_src"], row["port_src"], row["port_dst"]) for row in one.flows()}
    assert ("10.0.0.1", 8080, 80) in ports


def stored_templates():
    """Lines of a templates file that nothing that this daemon writes would contain."""
    head = {"agent": HOSTILE, "source_id": 0, "template_id": 1, "template_type": 0, "vlen": 0}
    otpl = lambda index, length, off=0: {
        "type": 0,
        "otpl": {"off": off, "len": length, "tpl_len": length, "tpl_index": index},
    }
    utpl = lambda kind, length, idx=0: {
        "type": 1,
        "utpl": {
            **{"pen": 0, "type": kind, "off": 0, "len": length, "tpl_len": length},
            **{"repeat_id": 0, "ie_idx": idx},
        },
    }
    lists = [
        [otpl(4, 300)],
        [otpl(384, 4)],
        [otpl(-1, 4)],
        [otpl(2**31 - 1, 4)],
        [otpl(8, 4, 65000), otpl(12, 4, 65000), otpl(1, 4, 60000)],
        [utpl(20000, 4, 32)],
        [utpl(20000, 4, -5)],
        [utpl(20000, 4, 10**6)],
        [otpl(8, 4)] * 60,
        [otpl(8, 40000), otpl(12, 40000)],
        [],
    ]
    number = 0
    for fields in lists:
        for num in (len(fields), 0, 60, 256, 65535):
            for length in (0, 12, 40, 65535):
                for vlen in (0, 1):
                    number += 1
                    yield number, {**head, "num": num, "len": length, "vlen": vlen, "list": fields}
    for kind, length, off in (
        (4, 4, 0),
        (384, 4, 0),
        (-7, 4, 0),
        (48, 300, 0),
        (48, 1, 65000),
        (96, 65535, 0),
    ):
        number += 1
        tpl = [{"type": kind, "len": length, "off": off}]
        yield number, {**head, "template_type": 1, "num": 1, "len": 16, "tpl": tpl}
    yield number + 1, {**head, "agent": 5, "num": 1, "len": 1, "list": [otpl(8, 4)]}


def test_contradicting_lengths_in_the_templates_file(instance, tmp_path):
    """Lines of the file: an instance starts with them, and gets data for each."""
    stored = [(n, {**line, "template_id": socket.htons(300 + n)}) for n, line in stored_templates()]
    path = tmp_path / "templates-0.json"
    path.write_text("".join(f"{json.dumps(line)}\n" for _, line in stored))
    hostile = Exporter(HOSTILE)
    one = instance(nfacctd_templates_file=path)

    def send():
        for number, _ in stored:
            for body in (b"\xff" * 70, bytes(1000)):
                hostile.send(netflow.message(9, netflow.flowset(300 + number, body)))

    log = unharmed(one, send)
    assert "impossible lengths in template" in log
    assert "tpl_index out of range" in log and "ie_idx out of range" in log
