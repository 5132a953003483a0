# SPDX-License-Identifier: GPL-2.0-or-later
"""nfacctd_renormalize: an exporter whose sampling rate is not known shows in the log."""
import re
import socket
import struct

import pytest

from harness import wait_for
from harness.netflow import flowset, message, options_template, template
from harness.nfacctd import FLOWS_ONLY, NO_KEYS

RATE = 256
FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4))
UNKNOWN = re.compile(r"no sampling rate known for agent=(\S+): .* See also 'sampling_map'")


class Exporter:
    def __init__(self, address, version):
        self.version = version
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))

    def send(self, *flowsets, source_id=0):
        datagram = message(self.version, *flowsets, source_id=source_id)
        self.socket.sendto(datagram, ("127.0.0.1", 2055))

    def send_rate(self):
        scope = (1, 4) if self.version == 9 else (144, 4)
        self.send(
            options_template(self.version, 300, [scope], [(34, 4), (35, 1)]),
            flowset(300, struct.pack("!IIB", 0, RATE, 2)),
        )

    def send_packet(self, port, source_id=0):
        """One packet of 100 bytes, of a flow with that source port."""
        record = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2")
        record += struct.pack("!HHBII", port, 53, 17, 100, 1)
        self.send(template(self.version, 256, *FIELDS), flowset(256, record), source_id=source_id)


@pytest.fixture
def exporters(sandbox):
    made = {(n, v): Exporter(f"127.1.{v}.{n}", v) for n in (1, 2) for v in (9, 10)}
    yield made
    for exporter in made.values():
        exporter.socket.close()


def counted(instance):
    """source port -> packets"""
    found = {}
    for flow in instance.flows():
        found[flow["port_src"]] = found.get(flow["port_src"], 0) + flow["packets"]
    return found


@pytest.mark.parametrize("balanced", [True, False])
def test_exporters_without_a_rate(start, exporters, balanced):
    keys = {**FLOWS_ONLY, **({} if balanced else NO_KEYS), "nfacctd_renormalize": "true"}
    instance = start(0, 1 if balanced else None, keys=keys).wait_ready()
    expected = {}
    for number, exporter in enumerate(exporters.values()):
        port = 1000 + 10 * number
        if number < 2:
            exporter.send_rate()
        for repetition in range(3):
            # Each observation domain has its own numbers, but one exporter has one line.
            exporter.send_packet(port, source_id=repetition if number >= 2 else 0)
        expected[port] = 3 * (RATE if number < 2 else 1)
    wait_for("all flows", lambda: counted(instance) == expected)
    assert sorted(UNKNOWN.findall(instance.log())) == ["127.1.10.2", "127.1.9.2"]

    # The rate comes late.
    late = exporters[2, 9]
    late.send_rate()
    late.send_packet(2000)
    wait_for("its flow", lambda: counted(instance).get(2000) == RATE)
    assert len(UNKNOWN.findall(instance.log())) == 2


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"nfacctd_renormalize": "true", "nfacctd_ext_sampling_rate": RATE},
        {"nfacctd_renormalize": "true", "sampling_map": "map"},
    ],
)
def test_nothing_to_say(start, exporters, tmp_path, keys):
    if "sampling_map" in keys:
        keys = {**keys, "sampling_map": tmp_path / "map"}
        (tmp_path / "map").write_text(
            "".join(
                f"id={RATE} ip={exporter.socket.getsockname()[0]}\n"
                for exporter in exporters.values()
            )
        )
    instance = start(0, keys={**FLOWS_ONLY, **NO_KEYS, **keys}).wait_ready()
    for number, exporter in enumerate(exporters.values()):
        exporter.send_packet(1000 + number)
    rate = RATE if keys else 1
    expected = {1000 + number: rate for number in range(len(exporters))}
    wait_for("all flows", lambda: counted(instance) == expected)
    assert not UNKNOWN.findall(instance.log())
