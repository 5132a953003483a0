# SPDX-License-Identifier: GPL-2.0-or-later
"""What nfacctd keeps of exporters has a bound: no number that an exporter counts up, and no forged
source, takes the memory or the room of others."""
import json
import socket
import struct

import pytest

from harness import netflow, wait_for
from harness.exporter import Exporter
from harness.nfacctd import FLOWS_ONLY, NO_KEYS

HOSTILE, GOOD = "127.66.0.1", "127.1.0.1"
FIELDS = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4)]
FIRST, LAST = 256, 65535
PER_DATAGRAM = 30


@pytest.fixture
def instance(start):
    def instance(**keys):
        return start(
            0, keys={**FLOWS_ONLY, **NO_KEYS, "nfacctd_templates_file": None, **keys}
        ).wait_ready()

    return instance


def templates(numbers, source_id=0):
    """Datagrams with a template of these numbers each."""
    numbers = list(numbers)
    for first in range(0, len(numbers), PER_DATAGRAM):
        yield netflow.message(
            9,
            *(
                netflow.template(9, number, *FIELDS)
                for number in numbers[first : first + PER_DATAGRAM]
            ),
            source_id=source_id,
        )


def data(number, port, source_id=0):
    record = struct.pack("!4s4sHHBII", b"\x0a\0\0\1", b"\x0a\0\0\2", port, 443, 6, 1500, 3)
    return netflow.message(9, netflow.flowset(number, record), source_id=source_id)


def packets(instance, port):
    return sum(row["packets"] for row in instance.flows() if row["port_src"] == port)


def test_the_templates_of_an_exporter_are_bounded(instance):
    """An exporter that counts up the number: those of the others stay, of its own the last ones."""
    one = instance(nfacctd_templates_max_per_exporter=64)
    good, hostile = Exporter(GOOD), Exporter(HOSTILE)
    good.send(*templates([999]), data(999, 1000))
    wait_for("the first record", lambda: packets(one, 1000))
    before = one.resident()
    hostile.send(*templates(range(FIRST, FIRST + 20000)))
    hostile.send(data(FIRST, 2000), data(FIRST + 19999, 2001))
    good.send(data(999, 1001))
    wait_for("the records after", lambda: packets(one, 1001) and packets(one, 2001))
    assert one.resident() - before < 32000
    assert not packets(one, 2000)
    assert "there are more than nfacctd_templates_max_per_exporter (64)" in one.log()


def test_the_templates_of_forged_sources_are_bounded(instance):
    """Exporters that go on sending keep their templates."""
    one = instance(nfacctd_templates_max=200)
    good, silent = Exporter(GOOD), Exporter("127.1.0.2")
    silent.send(*templates([999]))
    good.send(*templates([999]))
    before = one.resident()
    for source in range(10000):
        forged = Exporter(f"127.70.{source // 250}.{source % 250 + 1}")
        forged.send(*templates([FIRST]))
        if source % 50 == 0:
            good.send(data(999, 1000))
        if source % 100 == 0:
            forged.wait_read()
    silent.send(data(999, 2000))
    good.send(data(999, 1001))
    wait_for("the last record", lambda: packets(one, 1001))
    assert packets(one, 1000) == 200 * 3
    assert not packets(one, 2000)
    assert one.resident() - before < 32000
    assert "there are more than nfacctd_templates_max (200)" in one.log()


def option(scope, fields, number=400):
    return netflow.options_template(9, number, scope, fields)


def sampling(rate, number=400):
    """An options template and options data: the sampling rate of the whole exporter."""
    return [
        option([(1, 4)], [(34, 4), (48, 2)], number),
        netflow.flowset(number, struct.pack("!IIH", 0, rate, 0)),
    ]


def test_the_status_of_exporters_makes_room(instance):
    """Source IDs that are counted up crashed nfacctd, and kept what others said about sampling."""
    one = instance(nfacctd_renormalize="true")
    old, hostile, new = Exporter(GOOD), Exporter(HOSTILE), Exporter("127.1.0.2")
    old.send(netflow.message(9, *sampling(10)), *templates([999]))
    for source_id in range(100100):
        hostile.send(netflow.message(9, source_id=source_id + 1))
        if source_id % 10000 == 0:
            old.send(data(999, 1000))
    hostile.send(netflow.message(9, *sampling(10), source_id=200000))
    hostile.send(*templates([999], 200000), data(999, 2000, 200000))
    new.send(netflow.message(9, *sampling(100)), *templates([999]), data(999, 3000))
    wait_for("the records", lambda: packets(one, 3000) or one.process.poll() is not None)
    assert one.process.poll() is None, f"it ended: {one.process.returncode}"
    wait_for("the records", lambda: packets(one, 2000))
    assert (packets(one, 1000), packets(one, 2000), packets(one, 3000)) == (11 * 30, 30, 300)
    assert "exporters in the xFlow status table: new ones replace" in one.log()


def test_options_of_an_exporter_are_bounded(instance):
    """VRFs and samplers that are counted up. Those that are known can be repeated for ever."""
    one = instance(nfacctd_renormalize="true")
    hostile = Exporter(HOSTILE)
    hostile.send(netflow.message(9, option([(1, 4)], [(234, 4), (90, 8)])))
    rows = [struct.pack("!IIQ", 0, vrf, vrf) for vrf in range(1, 70001)]
    flowsets = [
        netflow.message(9, netflow.flowset(400, b"".join(rows[i : i + 80])))
        for i in range(0, len(rows), 80)
    ]
    hostile.send(*flowsets)
    hostile.wait_read()
    before = one.resident()
    for _ in range(5):
        hostile.send(*flowsets)
    hostile.send(netflow.message(9, *sampling(10)))
    for sampler in range(0, 5000, 100):
        body = b"".join(struct.pack("!IIH", 0, 10, sampler + i) for i in range(100))
        hostile.send(netflow.message(9, netflow.flowset(400, body)))
    hostile.send(*templates([999]), data(999, 1000))
    wait_for("the record", lambda: packets(one, 1000))
    assert one.resident() - before < 8000
    assert "xflow VRF table (65536, 65536 and 0 of one exporter)" in one.log()
    assert "xflow renormalization table (4096, 4096 of one exporter)" in one.log()


@pytest.fixture
def with_file(instance, tmp_path):
    """Instances that have the templates file of the ones before, and how many lines it has."""
    path = tmp_path / "templates.json"
    path.touch()

    def with_file(**keys):
        return instance(nfacctd_templates_file=path, **keys)

    with_file.path = path
    return with_file


def restarted(one, with_file):
    one.end()
    one.logfile.unlink()
    (one.directory / "flows-0.json").unlink(missing_ok=True)
    return with_file()


def test_the_last_template_in_the_file_counts(with_file):
    one = with_file()
    exporter = Exporter(GOOD)
    wide = [*FIELDS[:5], (1, 8), (2, 8)]
    exporter.send(*templates([999]), data(999, 1000))
    exporter.send(netflow.message(9, netflow.template(9, 999, *wide)))
    many = [(kind, 4) for kind in range(20000, 20100)]
    exporter.send(netflow.message(9, netflow.template(9, 998, *FIELDS, *many)))
    exporter.send(*templates([997]), data(997, 1001))
    wait_for("the record", lambda: packets(one, 1001))
    lines = [json.loads(line) for line in with_file.path.read_text().splitlines()]
    assert len(lines) == 4

    one = restarted(one, with_file)
    record = struct.pack("!4s4sHHBQQ", b"\x0a\0\0\1", b"\x0a\0\0\2", 2000, 443, 6, 1500, 3)
    exporter.send(netflow.message(9, netflow.flowset(999, record)))
    record = struct.pack("!4s4sHHBII", b"\x0a\0\0\1", b"\x0a\0\0\2", 2001, 443, 6, 1500, 3)
    exporter.send(netflow.message(9, netflow.flowset(998, record + bytes(400))))
    wait_for("the records", lambda: packets(one, 2000) == 3 and packets(one, 2001) == 3)


def test_the_templates_file_is_bounded(with_file):
    """One template changes all the time, one is repeated, one is sent once."""
    one = with_file()
    old = with_file.path.with_name("templates.json.old")
    exporter = Exporter(GOOD)
    exporter.send(*templates([998]))
    turns = iter(range(10000))

    def changes():
        for _ in range(50):
            field = (20000 + next(turns), 4)
            exporter.send(netflow.message(9, netflow.template(9, 300, *FIELDS, field)))
        exporter.send(*templates([999]))
        exporter.wait_read()
        return old.exists()

    wait_for("a new file", changes)
    changes()
    exporter.send(data(999, 1000))
    wait_for("the record", lambda: packets(one, 1000))
    kept, put_aside = with_file.path.read_text(), old.read_text()
    assert kept.count("\n") < 200 and 1000 < put_aside.count("\n") < 1100
    numbers = {socket.ntohs(json.loads(line)["template_id"]) for line in kept.splitlines()}
    assert numbers == {300, 999}

    one = restarted(one, with_file)
    exporter.send(data(998, 2000), data(999, 2001))
    wait_for("the records", lambda: packets(one, 2000) and packets(one, 2001))
