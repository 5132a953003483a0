# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows over DTLS: the socket is in the hash bucket, and no peer stops the others."""
import os
import signal
import subprocess
from collections import Counter

import pytest

from harness import PATIENCE, freeze, maps, traffic, wait_for
from harness.bucket import LISTEN
from harness.dtls import (
    PORT,
    HalfOpen,
    Peer,
    Session,
    client_hello,
    decoded,
    events,
    keys,
    serves,
    v5,
    wait_decoded,
)
from harness.exact_kill import is_waiting
from harness.nfacctd import address
from harness.sockets import enlarge_queues_of, flow_socket

ENDPOINT = f"udp-{PORT}"


class Exporter:
    """A DTLS session that sends lines of text instead of flows."""

    def __init__(self, directory):
        self.output = directory / "gnutls-cli.out"
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                ["gnutls-cli", "--udp", "--insecure", "--port", str(PORT), "127.0.0.1"],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                bufsize=0,
            )

    def said(self, words):
        return words in self.output.read_text(encoding="utf-8", errors="replace")

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdin.close()


@pytest.fixture
def exporter(sandbox, tmp_path):
    made = []

    def exporter():
        made.append(Exporter(tmp_path))
        return made[-1]

    yield exporter
    for one in made:
        one.end()


def test_a_session_ends_with_its_instance(cluster, exporter, certificates):
    instances = cluster(2, keys=keys(certificates))
    assert maps.live(ENDPOINT) == {0, 1}
    client = exporter()
    wait_for("a session", lambda: client.said("Handshake was completed"))
    (home,) = (bucket for bucket, packets in maps.packets(ENDPOINT).items() if packets)
    instance = instances[home]
    os.kill(instance.pid, signal.SIGTERM)
    assert instance.wait_exit() == 0, instance.log()
    assert maps.live(ENDPOINT) == {1 - home}
    wait_for("the end of the session", lambda: client.said("Peer has closed the GnuTLS connection"))


@pytest.mark.parametrize("source", ["127.0.0.1", "::1"])
def test_a_silent_peer_stops_nobody(collector, source):
    """Two datagrams used to stop a daemon for good."""
    instance = collector()
    with Session(PORT, "127.0.0.2") as before, HalfOpen(PORT, source):
        before.connect()
        with HalfOpen(PORT, source):
            before.send(v5(1))
            wait_decoded(instance, 1)
            serves(instance, 2)
            report = traffic.flows("--source", "127.1.0.1+4", "--version", "5", "--flows", 5)
            assert report["records"] == 20
            wait_for("plain flows", lambda: len(instance.flows()) == 22)
            os.kill(instance.pid, signal.SIGTERM)
            assert instance.wait_exit() == 0
            assert not maps.live(ENDPOINT)
            wait_for("the end of the session", before.is_closed)


def test_half_open_handshakes_cost_no_flows(start, certificates, tmp_path):
    more = {
        "print_refresh_time[flows]": 600,
        "aggregate[flows]": "peer_src_ip",
        "plugin_buffer_size[flows]": 102400,
        "plugin_pipe_size[flows]": 102400000,
    }
    instance = start(0, 1, keys=keys(certificates, **more))
    instance.wait_ready("waiting for NetFlow/IPFIX data", "JSON: setting object handlers")
    enlarge_queues_of(instance.pid)
    peers = []
    load = ("--source", "127.2.0.1+40", "--version", "5", "--records-per-packet", 1)
    with traffic.sending(tmp_path / "sent", *load, "--rate", 20000):
        for number in range(1000):
            peers.append(HalfOpen(PORT, f"127.3.{number >> 8}.{number & 255}"))
        with Session(PORT, "127.0.0.99") as session:
            session.connect()
            session.send(v5(1))
    os.kill(instance.pid, signal.SIGTERM)
    assert instance.wait_exit() == 0
    sent, got = Counter(), Counter()
    for record in traffic.records(tmp_path / "sent"):
        sent[record["exporter"]] += record["packets"]
    for flow in instance.flows():
        got[address(flow["peer_ip_src"])] += flow["packets"]
    assert got == sent + Counter({"127.0.0.99": 1})
    for peer in peers:
        peer.socket.close()


def test_half_open_handshakes_expire(collector):
    instance = collector()
    peers = [HalfOpen(PORT, f"127.3.0.{number}") for number in range(1, 31)]
    expired = lambda: events(instance).get("timed_out") == 30 and not events(instance)["half_open"]
    wait_for("their end", expired)
    for peer in peers:
        peer.socket.close()


def test_nothing_is_kept_of_a_peer_without_a_cookie(collector):
    instance = collector()
    for number in range(1, 31):
        with Peer(PORT, f"127.3.0.{number}") as peer:
            peer.exchange(client_hello(os.urandom(32)))
    with Peer(PORT) as peer:
        peer.send_raw(b"not DTLS")
    wait_for("a line in the log", lambda: events(instance))
    assert events(instance)["no_session"] == 1
    assert not events(instance)["half_open"]


def test_garbage_ends_nothing(collector):
    """Neither the daemon nor a session, nor does the daemon read it over and over."""
    instance = collector()
    hello = client_hello(os.urandom(32))
    with Session(PORT, "127.0.0.9") as session, Peer(PORT, "127.0.0.9") as elsewhere:
        session.connect()
        (record,) = session.encrypt(v5(1))
        broken = bytes([*record[:-1], record[-1] ^ 1])
        alert = bytes.fromhex("15 fefd 0000000000000009 0002 0228")
        garbage = [b"", b"\0", bytes(1400), os.urandom(1400), os.urandom(9000), alert, broken]
        garbage += [hello[:size] for size in range(len(hello))]
        garbage += [record[:size] for size in range(len(record))]
        garbage += [hello + b"more", record[:13], *session.sent]
        for peer in (session, elsewhere):
            peer.send_raw(*garbage)
        elsewhere.send_raw(record)
        serves(instance, 2)
        session.send_raw(record, record)
        session.send(v5(3))
        wait_decoded(instance, 1, 2, 3)
        assert len(instance.flows()) == 3
        with HalfOpen(PORT, "127.0.0.9") as peer:
            peer.send_raw(*garbage)
        serves(instance, 4)
    os.kill(instance.pid, signal.SIGTERM)
    assert instance.wait_exit() == 0


def test_all_records_of_a_datagram_are_decoded(collector):
    instance = collector()
    with Session(PORT) as session:
        session.connect()
        session.send_raw(b"".join(sum((session.encrypt(v5(number)) for number in (1, 2, 3)), [])))
        wait_decoded(instance, 1, 2, 3)


def test_a_peer_that_is_not_allowed_is_not_read_over_and_over(collector, tmp_path):
    allowed = tmp_path / "allowed"
    allowed.write_text("127.0.0.99\n", encoding="ascii")
    instance = collector(nfacctd_allow_file=allowed)
    with Peer(PORT) as peer:
        peer.send_raw(client_hello(os.urandom(32)))
        serves(instance, 1)
        assert peer.got_nothing()


def test_an_exporter_starts_anew_from_its_port(collector):
    instance = collector()
    with Session(PORT, source_port=5000) as session:
        session.connect()
        session.send(v5(1))
        wait_decoded(instance, 1)
    with Session(PORT, source_port=5000) as session:
        session.connect()
        session.send(v5(2))
        wait_decoded(instance, 2)
        # A hello without the cookie may be of anybody.
        session.send_raw(client_hello(os.urandom(32)))
        session.send(v5(3))
        wait_decoded(instance, 3)


def test_an_exporter_starts_anew_during_its_handshake(collector):
    instance = collector()
    with HalfOpen(PORT, source_port=5000) as peer:
        peer.again()
        peer.again()
        with Peer(PORT) as other:
            other.send_raw(b"not DTLS")
        wait_for("a line in the log", lambda: events(instance))
        assert events(instance)["half_open"] <= 1


def test_two_exporters_behind_one_address(collector):
    instance = collector()
    with Session(PORT) as one, Session(PORT) as other:
        one.connect()
        other.connect()
        one.send(v5(1))
        other.send(v5(2))
        wait_decoded(instance, 1, 2)


@pytest.mark.parametrize("passed", [False, True], ids=["own", "passed"])
def test_what_is_queued_at_a_stop_is_decoded(start, certificates, passed):
    """Nobody else can decode it, even if the sockets go to another process."""
    more = {"keys": keys(certificates)}
    held = {}
    if passed:
        held = {"flows": flow_socket(), "dtls": flow_socket(PORT)}
        fds = [each.fileno() for each in held.values()]
        words = [f"{each.fileno()}:{name}" for name, each in held.items()]
        more = {
            "keys": keys(certificates, nfacctd_pipe_size=None),
            "command": ("/usr/bin/python3", "-IS", str(LISTEN), *words, "--"),
            "pass_fds": fds,
        }
    instance = start(0, 1, **more).wait_ready()
    with Session(PORT) as session, Session(PORT) as late:
        session.connect()
        # In the middle of its work it would read the queue before it looks at the signal.
        wait_for("nothing in hand", lambda: is_waiting(instance.pid))
        freeze(instance.pid)
        session.send(v5(1))
        traffic.flows("--source", "127.1.0.1", "--version", "5", "--flows", 5)
        late.send_raw(client_hello(os.urandom(32)))
        os.kill(instance.pid, signal.SIGTERM)
        os.kill(instance.pid, signal.SIGCONT)
        assert instance.wait_exit() == 0
        # The queue of plain flows is for the next process.
        assert len(instance.flows()) == (1 if passed else 6)
        assert 1 in decoded(instance)
        wait_for("the end of the session", session.is_closed)
        assert late.got_nothing()
    for each in held.values():
        each.close()
