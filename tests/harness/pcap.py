# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes small capture files, so that the tests need none from elsewhere."""
import ipaddress
import struct

LINKTYPE_RAW = 101


class Capture:
    """A pcap file of IPv4 packets without a link layer."""

    def __init__(self, path):
        self.path = path
        self._file = open(path, "wb")
        self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKTYPE_RAW))
        self._seconds = 1_700_000_000

    def packet(self, source, destination, protocol, payload):
        self._seconds += 1
        header = struct.pack(
            "!BBHHHBBH4s4s",
            0x45,
            0,
            20 + len(payload),
            0,
            0,
            64,
            protocol,
            0,
            ipaddress.ip_address(source).packed,
            ipaddress.ip_address(destination).packed,
        )
        header = header[:10] + struct.pack("!H", _checksum(header)) + header[12:]
        data = header + payload
        self._file.write(struct.pack("<IIII", self._seconds, 0, len(data), len(data)) + data)

    def udp(self, source, destination, source_port, port, payload):
        header = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0)
        self.packet(source, destination, 17, header + payload)

    def netflow5(self, exporter, records):
        """One datagram of NetFlow version 5 (24 byte header, 48 byte records)."""
        header = struct.pack("!HHIIIIBBH", 5, records, 60_000, self._seconds, 0, 0, 0, 0, 0)
        body = b"".join(
            struct.pack(
                "!4s4s4sHHIIIIHHBBBBHHBBH",
                bytes((10, 0, 0, number + 1)),
                bytes((203, 0, 113, 1)),
                bytes(4),
                0,
                0,
                1,
                100,
                0,
                1,
                1024 + number,
                80,
                0,
                0,
                17,
                0,
                0,
                0,
                0,
                0,
                0,
            )
            for number in range(records)
        )
        self.udp(exporter, "192.0.2.100", 40000, 2055, header + body)

    def close(self):
        self._file.close()


def _checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
