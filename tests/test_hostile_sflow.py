# SPDX-License-Identifier: GPL-2.0-or-later
"""No length or count in an sFlow datagram ends sfacctd, or keeps it busy."""
import socket
import struct

import pytest

from harness import wait_for

FRAME = bytes.fromhex(
    "020000000002020000000001" "81000014" "8847" "0001000000020000000301ff"
) + bytes.fromhex(
    "45000028000040004006"
    "0000"
    "0a0000010a000002"
    "1f9001bb"
    "000000000000000050120000"
    "00000000"
)
PRIMITIVES = """peer_src_ip src_mac dst_mac vlan cos etype src_host dst_host src_mask dst_mask
src_as dst_as peer_src_as peer_dst_as peer_dst_ip as_path std_comm local_pref
src_port dst_port tos proto tcpflags in_iface out_iface sampling_rate mpls_label_top
mpls_label_bottom mpls_label_stack mpls_pw_id vxlan class tag tag2 tunnel_src_host
tunnel_dst_host tunnel_proto"""


def words(*numbers):
    return struct.pack(f"!{len(numbers)}I", *numbers)


def counted(data):
    return words(len(data)) + data + bytes(-len(data) % 4)


def element(tag, data):
    return words(tag) + counted(data)


def packet(frame=FRAME, protocol=1):
    return element(1, words(protocol, 1400, 4) + counted(frame))


def sample(*elements, kind=1):
    source = words(0, 1) if kind == 3 else words(1)
    ports = words(0, 7, 0, 8) if kind == 3 else words(7, 8)
    body = (
        words(1) + source + words(100, 1000, 0) + ports + words(len(elements)) + b"".join(elements)
    )
    return words(kind) + counted(body)


def datagram(*samples, agent="10.9.9.9"):
    head = words(5, 1) + socket.inet_aton(agent) + words(0, 1, 1000, len(samples))
    return head + b"".join(samples)


def old(version, *parts):
    """sFlow version 2 or 4: one sample without any length of its own."""
    head = words(version, 1) + b"\x0a\x09\x09\x09" + words(1, 1000, 1)
    return head + words(1, 1, 1, 100, 1000, 0, 7, 8) + b"".join(parts)


ADDRESS = words(1, 0x0A000001)
GATEWAY = ADDRESS + words(1, 2, 3, 1, 2, 2, 65001, 65002, 2, 65001 << 16 | 1, 5, 100)
ELEMENTS = [
    packet(),
    packet(FRAME[30:], 11),
    packet(FRAME[18:], 13),
    packet(b"\xff\x03\x00\x21" + FRAME[30:], 7),
    element(2, words(1400) + bytes(16) + words(0x0800)),
    element(3, words(1400, 6) + bytes(8) + words(80, 443, 2, 0)),
    element(4, words(1400, 6) + bytes(32) + words(80, 443, 2, 0)),
    element(1001, words(10, 1, 20, 2)),
    element(1002, ADDRESS + words(24, 24)),
    element(1003, GATEWAY),
    element(1004, words(1) + counted(b"source") + words(1) + counted(b"destination")),
    element(1005, words(1) + counted(b"http://x") + counted(b"host")),
    element(1006, ADDRESS + words(2, 0x1000, 0x2100, 1, 0x3100)),
    element(1007, ADDRESS + ADDRESS),
    element(1008, counted(b"tunnel") + words(1, 2)),
    element(1009, counted(b"circuit") + words(1, 2)),
    element(1010, counted(b"ftn") + words(1)),
    element(1011, words(24)),
    element(1012, words(2, 1, 2)),
    element(4321, b"unknown"),
]


def datagrams():
    for one in ELEMENTS:
        for kind in (1, 3):
            yield datagram(sample(one, packet(), kind=kind))
    counters = [element(1, bytes(88)), element(2, bytes(52)), element(5, bytes(28))]
    for kind in (2, 4):
        source = words(0, 1) if kind == 4 else words(1)
        body = words(1) + source + words(len(counters)) + b"".join(counters)
        yield datagram(words(kind) + counted(body))
    yield datagram(words(0x1170002) + words(4, 1, 2) + sample(packet()))
    for version in (2, 4):
        header = words(1, 1, 1400) + counted(FRAME)
        yield old(version, header, words(2, 1, 10, 1, 20, 2, 2), ADDRESS, words(24, 24))
        yield old(
            version, header, words(1, 3), GATEWAY if version == 4 else words(1, 2, 3, 2, 4, 5)
        )
        yield old(version, header, words(2, 4), counted(b"a") * 2, words(5, 1), counted(b"b"))
        yield old(version, words(2, 1400, 6) + bytes(8) + words(80, 443, 2, 0), words(0))
        yield old(version, words(3, 1400, 6) + bytes(32) + words(80, 443, 2, 0), words(0))


WRONG = (0, 1, 2, 60, 0xFFFF, 0x10000, 0x3FFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)


def hostile():
    for good in datagrams():
        for at in range(0, len(good) - 3, 4):
            for number in WRONG:
                yield good[:at] + words(number) + good[at + 4 :]
        for end in range(len(good)):
            yield good[:end]
    for depth in (1, 10, 2000):
        yield datagram(sample(packet(FRAME[:18] + b"\0\0\x10\0" * depth)))
    for end in range(len(FRAME)):
        yield datagram(sample(packet(FRAME[:end])))
    ip6 = bytes.fromhex("0200000000020200000000018" "6dd60000000000000")
    for header in (0, 43, 44, 51, 60, 4, 94):
        yield datagram(
            sample(packet(ip6 + bytes([header, 64]) + bytes(32) + bytes([header, 255]) * 9))
        )
        yield datagram(sample(packet(ip6 + bytes([header, 64]) + bytes(32))))
        ip4 = FRAME[:12] + b"\x08\0" + b"\x4f" + bytes(8) + bytes([header]) + bytes(10)
        yield datagram(sample(packet(ip4)))
    yield from (b"", b"\0", words(5), words(5, 2), bytes(20000))


@pytest.mark.parametrize("count_counters", [False, True], ids=["flows", "counters"])
def test_any_length_in_sflow(start, tmp_path, count_counters):
    keys = {
        "reuseport_hashbucket_count": None,
        "reuseport_hashbucket_index": None,
        "nfacctd_templates_file": None,
        "bmp_daemon": "false",
        "nfacctd_as": None,
        "nfacctd_net": None,
        "nfacctd_port": None,
        "nfacctd_pipe_size": None,
        "sfacctd_port": 6343,
        "sfacctd_pipe_size": 8388608,
        "aggregate[flows]": ", ".join(PRIMITIVES.split()),
        "aggregate_filter[flows]": "ip or ip6 or vlan or mpls",
    }
    if count_counters:
        keys["sfacctd_counter_file"] = tmp_path / "counters.json"
        keys["sfacctd_counter_output"] = "json"
    one = start(0, binary="sfacctd", keys=keys).wait_ready("waiting for sFlow data")
    exporter = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    good = lambda number: datagram(
        sample(packet(FRAME.replace(b"\x1f\x90", struct.pack("!H", number)))), agent="10.1.1.1"
    )

    def queue_is_empty():
        with open("/proc/net/udp6", encoding="ascii") as table:
            lines = [line.split() for line in table.readlines()[1:]]
        return all(x[4].endswith(":00000000") for x in lines if x[1].endswith(":18C7"))

    def decoded(number):
        assert (
            one.process.poll() is None
        ), f"it ended: {one.process.returncode}\n{one.log()[-3000:]}"
        rows = [row for row in one.flows() if row["port_src"] == number]
        return [row for row in rows if row["peer_ip_src"] == "10.1.1.1"]

    def wait_decoded(number):
        def again():
            if not decoded(number):
                exporter.sendto(good(number), ("127.0.0.1", 6343))
            return decoded(number)

        return wait_for(f"the record {number}", again)[0]

    before = wait_decoded(8001)
    for number, wrong in enumerate(hostile()):
        exporter.sendto(wrong, ("127.0.0.1", 6343))
        if not number % 100:
            wait_for("empty queue", queue_is_empty)
    after = wait_decoded(8002)
    names = ("ip_src", "ip_dst", "port_dst", "ip_proto", "mac_src", "vlan", "mpls_label_top")
    assert [before.get(name) for name in names] == [after.get(name) for name in names]
    assert (before["ip_src"], before["port_dst"], before["ip_proto"]) == ("10.0.0.1", 443, "tcp")
    assert (before["mpls_label_top"], before["mpls_label_bottom"]) == (16, 48)
    exporter.close()
