# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams that are read in batches are decoded like those that are read one by one."""
import socket
import struct

import pytest

from harness import PATIENCE, freeze, netflow, thaw, traffic, wait_for
from harness.exporter import Exporter
from harness.nfacctd import FLOWS_ONLY, NO_KEYS
from harness.sockets import enlarge_queues_of

EXPORTER = "127.1.0.1"
AGGREGATE = "peer_src_ip, src_host, dst_host, src_port"
# In one batch and in several, with a rest.
SIZES = (1, 2, 31, 32, 1024)
DATAGRAMS = 201
SOURCE, DESTINATION = "10.0.0.1", "203.0.113.9"


@pytest.fixture
def frozen(start, tmp_path):
    """An instance that does not read before the test says so."""

    def frozen(size, **keys):
        instance = start(
            0,
            directory=tmp_path / str(size),
            keys={
                **FLOWS_ONLY,
                **NO_KEYS,
                "nfacctd_templates_file": None,
                "aggregate[flows]": AGGREGATE,
                "nfacctd_recv_batch": size,
                **keys,
            },
        ).wait_ready()
        enlarge_queues_of(instance.pid)
        freeze(instance.pid)
        return instance

    return frozen


def swapping(number):
    """A datagram with a template of its own: every second one has the addresses swapped."""
    names, addresses = [8, 12], [SOURCE, DESTINATION]
    if number % 2:
        names.reverse()
        addresses.reverse()
    record = b"".join(map(socket.inet_aton, addresses)) + struct.pack("!H", number)
    specs = [(names[0], 4), (names[1], 4), (7, 2)]
    return (
        netflow.message(9, netflow.template(9, 256, *specs)),
        netflow.message(9, netflow.flowset(256, record)),
    )


def fill_queue():
    exporter = Exporter(EXPORTER)
    for number in range(DATAGRAMS):
        for datagram in swapping(number):
            exporter.socket.sendto(datagram, ("127.0.0.1", 2055))


@pytest.mark.parametrize("size", SIZES)
def test_datagrams_are_decoded_in_order(frozen, size):
    """A record that is decoded with the template before or after its own has wrong addresses."""
    instance = frozen(size)
    fill_queue()
    thaw(instance.pid)
    wait_for("all records", lambda: len(instance.flows()) >= DATAGRAMS)
    assert sorted(row["port_src"] for row in instance.flows()) == list(range(DATAGRAMS))
    assert {(row["ip_src"], row["ip_dst"]) for row in instance.flows()} == {(SOURCE, DESTINATION)}


def test_the_rows_do_not_depend_on_the_size(frozen):
    """Versions, templates and exporters in turn, with more datagrams than fill a batch."""

    def rows(size):
        instance = frozen(size)
        traffic.flows(
            *("--source", f"{EXPORTER}+9", "--version", "5,9,10", "--domains", 2),
            *("--flows", 300, "--records-per-packet", 7, "--refresh", 5, "--ipv6-flows"),
            to=("--to", "127.0.0.1:2055"),
        )
        thaw(instance.pid)
        wait_for("all records", lambda: len(instance.flows()) >= 9 * 300)
        found = sorted(sorted(row.items()) for row in instance.flows())
        assert instance.stop() == 0
        return found

    alone = rows(1)
    assert all(rows(size) == alone for size in SIZES[1:])


@pytest.mark.parametrize("size", [1, 32])
def test_a_stop_reads_what_has_come(frozen, size):
    instance = frozen(size)
    fill_queue()
    instance.process.terminate()
    thaw(instance.pid)
    assert instance.process.wait(PATIENCE) == 0
    assert len(instance.flows()) == DATAGRAMS


def test_a_lone_datagram_does_not_wait_for_others(frozen):
    instance = frozen(1024)
    thaw(instance.pid)
    for number in range(3):
        Exporter(EXPORTER).send(*swapping(number))
        wait_for("the record", lambda n=number: len(instance.flows()) == n + 1)


@pytest.mark.parametrize("size", [0, 1025, "many"])
def test_a_size_that_is_not_possible(start, size):
    instance = start(0, keys={**FLOWS_ONLY, **NO_KEYS, "nfacctd_recv_batch": size}).wait_ready()
    assert "'nfacctd_recv_batch' has to be in the range 1-1024" in instance.log()
