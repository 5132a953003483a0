# SPDX-License-Identifier: GPL-2.0-or-later
"""An exporter that instances die of takes at most two of them along."""
import json
import os
import signal
import socket
import subprocess
from collections import Counter

import pytest

from harness import exact_kill, freeze, ledger, maps, poison, traffic, wait_for
from harness.bpf_object import build_modulo
from harness.nfacctd import FLOWS_ONLY, exporters_of
from harness.pmreuseport import TOOL, ask, refused, tool
from harness.sockets import enlarge_queues_of

V5 = ("--version", "5", "--records-per-packet", 1)
POISON = "127.66.0.1"
HANG = "127.67.0.1"
OVERFLOW = "127.68.0.1"


# poison.c spoils a datagram when it is read, so it must be decoded next.
ONE_BY_ONE = {"nfacctd_recv_batch": 1}


@pytest.fixture
def deadly(tmp_path):
    """The command in front of an nfacctd that dies of what some exporters send."""
    return poison.build(tmp_path)


def send(source, flows=1):
    return traffic.flows("--source", source, *V5, "--flows", flows)


def hang(instance):
    """The instance does not return from an allocation for a template."""
    traffic.flows("--source", HANG, "--version", 9, "--flows", 1)
    wait_for("the hang", lambda: "it hangs" in instance.log())


def listed():
    """address -> row"""
    return {row["address"]: row for row in ask("quarantine")["exporters"]}


def run(cluster_or_start, deadly, directory, index, **keys):
    return cluster_or_start(
        index, 2, directory=directory, keys={**FLOWS_ONLY, **ONE_BY_ONE, **keys}, command=deadly
    ).wait_ready()


def die_of(start, deadly, tmp_path, source, times, **keys):
    """Two instances, of which one dies of an exporter so many times. Returns those that live."""
    one, other = (run(start, deadly, tmp_path / "0", index, **keys) for index in (0, 1))
    for n in range(times):
        send(source)
        victim = wait_for(
            "a death", lambda: [i for i in (one, other) if i.process.poll() is not None]
        )[0]
        assert victim.process.returncode == -signal.SIGSEGV
        again = run(start, deadly, tmp_path / f"again-{n}", victim.index, **keys)
        one, other = again, other if victim is one else one
    return one, other


def test_two_deaths(start, deadly, tmp_path):
    one, other = die_of(start, deadly, tmp_path, POISON, 2)
    row = listed()[POISON]
    assert (row["strikes"], row["signal"], row["dropped"]) == (2, "SIGSEGV", 0)
    assert row["since"] is not None and row["last"] >= row["since"]
    logs = "".join(path.read_text() for path in tmp_path.rglob("nfacctd-*.log"))
    told = f"signal 11 (Segmentation fault) while it decoded what {POISON} had sent: strike "
    assert [logs.count(f"{told}{n}") for n in (1, 2, 3)] == [1, 1, 0]
    assert "pmreuseport quarantine --clear" in logs

    wait_for("the pin", lambda: tool("pins").stdout == f"{POISON}/32 drop\n")
    send(POISON, 10)
    send("127.1.0.1", 3)
    wait_for("flows", lambda: len(one.flows()) + len(other.flows()) == 3)
    assert exporters_of(one.flows() + other.flows()) == {"127.1.0.1"}
    assert listed()[POISON]["dropped"] == maps.decisions()["refused"] == 10
    (place,) = ask("where", POISON)["exporters"]
    assert (place["bucket"], place["decision"]) == (None, "refused")
    (status,) = ask("status")["clusters"]
    assert (status["quarantined"], status["strikes"], status["pin_count"]) == (1, 2, 1)
    assert tool("status").stdout.splitlines()[0].endswith("; 1 exporter in quarantine")
    text = tool("quarantine").stdout.splitlines()
    assert text[0].split() == "EXPORTER STRIKES SIGNAL LAST SINCE DROPPED".split()
    assert text[1].split()[:3] == [POISON, "2", "SIGSEGV"] and text[1].endswith(" 10")
    assert len(text) == 2 and len(text[0]) == len(text[1])

    assert tool("quarantine", "--clear", POISON).stdout == (
        f"{POISON} has no strikes any more: its packets reach the instances of cluster "
        '"default"\n'
    )
    assert (listed(), tool("pins").stdout) == ({}, "")
    refused(f"{POISON}/32 has no strikes", "quarantine", "--clear", POISON)
    send(POISON)
    wait_for("another death", lambda: None in (one.process.poll(), other.process.poll()))


def test_a_hang_that_a_watchdog_ends(start, deadly, tmp_path):
    """SIGABRT counts if the instance decodes, as systemd sends it."""
    instance = run(start, deadly, tmp_path, 0)
    hang(instance)
    os.kill(instance.pid, signal.SIGABRT)
    assert instance.wait_exit() == -signal.SIGABRT
    row = listed()[HANG]
    assert (row["strikes"], row["signal"], row["since"]) == (1, "SIGABRT", None)


def test_a_full_stack(start, deadly, tmp_path):
    """The handler has a stack of its own."""
    instance = run(start, deadly, tmp_path, 0)
    traffic.flows("--source", OVERFLOW, "--version", 9, "--flows", 1)
    assert instance.wait_exit() == -signal.SIGSEGV
    assert listed()[OVERFLOW]["strikes"] == 1


def test_balance_keeps_pins_that_say_drop(cluster):
    cluster(2, keys=FLOWS_ONLY)
    ask("account", "on")
    ask("pin", "127.1.0.1", "drop")
    load = traffic.Load("--source", "127.1.0.1+20", *V5, "--rate", 400)
    try:
        wait_for("refused flows", lambda: maps.decisions()["refused"] > 20)
        answer = ask("balance", "--seconds", 1)
    finally:
        load.end()
    assert answer["counted"] == 19 and "127.1.0.1/32 drop\n" in tool("pins").stdout


@pytest.mark.parametrize("signum", [signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM])
def test_nobody_is_to_blame(start, deadly, tmp_path, signum):
    """An instance that decodes nothing, or is killed from outside, accuses no exporter."""
    instance = run(start, deadly, tmp_path, 0)
    send("127.1.0.1", 5)
    wait_for("flows", lambda: len(instance.flows()) == 5)
    wait_for("nothing in hand", lambda: exact_kill.is_waiting(instance.pid))
    os.kill(instance.pid, signum)
    instance.wait_exit()
    if signum == signal.SIGKILL:
        other = run(start, deadly, tmp_path / "other", 1)
        hang(other)
        other.kill()
    assert listed() == {}


def test_it_can_be_switched_off(start, deadly, tmp_path):
    one, other = die_of(start, deadly, tmp_path, POISON, 3, reuseport_quarantine="false")
    assert listed() == {}
    send("127.1.0.1", 3)
    wait_for("flows", lambda: len(one.flows()) + len(other.flows()) == 3)


@pytest.mark.parametrize(
    "protocol, message",
    [("bmp", b"\3\0\0\0\6\4"), ("bgp", b"\xff" * 16 + b"\0\x13\4")],
    ids=["bmp", "bgp"],
)
def test_sessions(start, deadly, tmp_path, protocol, message):
    """A message over BMP or BGP is as deadly, and in quarantine the session is closed."""
    keys = {f"{protocol}_daemon": "true", f"{protocol}_daemon_port": 1790}
    connect = lambda: socket.create_connection(
        ("127.0.0.1", 1790), source_address=(POISON, 0), timeout=20
    )
    one, other = (run(start, deadly, tmp_path / "0", index, **keys) for index in (0, 1))
    with connect() as session:
        session.sendall(message)
        first = wait_for("a death", lambda: [i for i in (one, other) if i.process.poll()])[0]
        assert first.wait_exit() == -signal.SIGSEGV
    survivor = other if first is one else one
    wait_for("the strike", lambda: listed().get(POISON, {}).get("strikes") == 1)

    # The second instance dies, too, and a third one has the session in its backlog.
    third = run(start, deadly, tmp_path / "again", first.index, **keys)
    where = ask("where", POISON)["exporters"][0]["bucket"]
    second, last = (third, survivor) if where == third.index else (survivor, third)
    freeze(last.pid)
    try:
        with connect() as session:
            session.sendall(message)
            assert second.wait_exit() == -signal.SIGSEGV
        with connect() as session:
            session.sendall(message)
            os.kill(last.pid, signal.SIGCONT)
            assert session.recv(1) == b""
    except ConnectionResetError:
        pass
    finally:
        os.kill(last.pid, signal.SIGCONT)
    wait_for("its log", lambda: f"{protocol.upper()} peer is in quarantine" in last.log())
    wait_for("the pin", lambda: tool("pins").stdout == f"{POISON}/32 drop\n")
    assert last.process.poll() is None
    assert listed()[POISON]["strikes"] == 2


def test_pmbmpd(start, deadly, tmp_path):
    """It runs the code of BMP in its main thread. The next one to start tells."""
    keys = {"nfacctd_port": None, "nfacctd_ip": None, "bmp_daemon": None, "plugins": None}
    for n in (1, 2, 3):
        daemon = start(
            0, 1, directory=tmp_path / str(n), binary="pmbmpd", keys=keys, command=deadly
        )
        daemon.wait_ready("BMP is hash bucket")
        if n == 3:
            break
        with socket.create_connection(("127.0.0.1", 1790), source_address=(POISON, 0)) as session:
            session.sendall(b"\3\0\0\0\6\4")
            assert daemon.wait_exit() == -signal.SIGSEGV
        assert listed()[POISON]["strikes"] == n
    wait_for("the pin", lambda: tool("pins").stdout == f"{POISON}/32 drop\n")
    assert f"{POISON} had sent: strike 2: its data is dropped" in daemon.log()


def test_pins_that_say_drop(start, tmp_path):
    start(0, 2, keys=FLOWS_ONLY).wait_ready()
    assert ask("pin", "198.51.100.7", "drop")["pins"] == [
        {"prefix": "198.51.100.7/32", "bucket": "drop"}
    ]
    ask("pin", "127.1.0.0/28", "drop")
    ask("pin", "127.1.0.2", 0)
    printed = tool("pins").stdout
    assert printed == "127.1.0.0/28 drop\n127.1.0.2/32 0\n198.51.100.7/32 drop\n"
    done = subprocess.run(
        [TOOL, "pin", "-f", "-", "--replace", "--json"],
        input=printed,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert json.loads(done.stdout)["pins"] == ask("pins")["pins"]
    assert tool("pins").stdout == printed
    rows = ask("where", "127.1.0.1", "127.1.0.2", "127.1.0.16")["exporters"]
    assert [row["decision"] for row in rows] == ["refused", "pinned", rows[2]["decision"]]
    assert "refused" in tool("where", "127.1.0.1").stdout
    send("127.1.0.1+15")
    assert maps.decisions()["refused"] == 14
    # Neither a drain nor a resize changes that.
    ask("resize", 3)
    send("127.1.0.1+15")
    assert maps.decisions()["refused"] == 28
    assert listed() == {}
    assert ask("quarantine", "--clear", "198.51.100.7") == {
        "cluster": "default",
        "address": "198.51.100.7",
        "cleared": True,
    }
    assert ask("unpin", "127.1.0.0/28") == {"cluster": "default", "unpinned": 1}
    send("127.1.0.1+15")
    assert maps.decisions()["refused"] == 28


@pytest.mark.parametrize(
    "words, args, status",
    [
        (
            "'dorp' is no hash bucket; give a number from 0 to 127, or drop",
            ("pin", "::1", "dorp"),
            2,
        ),
        ("'127.1' is no address and no prefix", ("quarantine", "--clear", "127.1"), 2),
        (
            "'10.0.0.0/8' is a network; give --clear the address",
            ("quarantine", "--clear=10.0.0.0/8"),
            2,
        ),
        (
            "10.0.0.1/32 has no strikes and is not in quarantine",
            ("quarantine", "--clear=10.0.0.1"),
            1,
        ),
        ('there is no cluster "nope"', ("quarantine", "-c", "nope"), 1),
        ('there is no cluster "nope"', ("quarantine", "-c", "nope", "--clear", "::1"), 1),
    ],
)
def test_wrong_usage(start, words, args, status):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(words, *args, status=status)


def test_a_third_party_object_has_no_quarantine(start, deadly, tmp_path):
    build_modulo(tmp_path / "modulo.o")
    instance = run(start, deadly, tmp_path, 0, reuseport_bpf_prog=tmp_path / "modulo.o")
    words = 'the selector of cluster "default" has no quarantine; remove reuseport_bpf_prog'
    refused(words, "quarantine")
    refused(words, "quarantine", "--clear", POISON)
    (status,) = ask("status")["clusters"]
    assert status["quarantined"] is None and status["strikes"] is None
    assert "pmreuseport_quarantined{" not in tool("metrics").stdout
    send(POISON)
    assert instance.wait_exit() == -signal.SIGSEGV


COUNT = 8
HEALTHY, POISONOUS = 390, 10


def test_ten_among_four_hundred(sandbox, deadly, tmp_path):
    """Instances that are started again whenever they die, under load.

    Each poisonous exporter ends two of them, and the others lose what was in the queues of these.
    """
    keys = lambda directory: {**ledger.keys(directory), **ONE_BY_ONE}
    services = [poison.Service(tmp_path, index, COUNT, deadly, keys) for index in range(COUNT)]
    loads, queued, deaths = [], [], Counter()

    def tend():
        """Bury who has died, and start an heir."""
        dying = [service for service in services if service.is_dying()]
        if not dying:
            return
        for load in loads:
            load.freeze()
        exact_kill.wait_delivered()
        for service in dying:
            queued.extend(service.let_die())
            deaths[service.current.process.returncode] += 1
            service.start()
        for load in loads:
            load.thaw()

    def all_dropped():
        tend()
        rows = listed()
        return len(rows) == POISONOUS and all(row["dropped"] >= 20 for row in rows.values())

    try:
        for service in services:
            service.start()
        for service in services:
            service.current.wait_ready()
            enlarge_queues_of(service.current.pid)
        for source, rate in ((f"127.1.0.1+{HEALTHY}", 4000), (f"{POISON}+{POISONOUS}", 50)):
            loads.append(
                traffic.Load("--source", source, "--version", 5, "--rate", rate, *ledger.ONE_RECORD)
            )
        wait_for("quarantine of all", all_dropped)
        reports = [load.stop() for load in loads]
        wait_for("all read", ledger.all_read)
        wait_for("a quiet cluster", lambda: not any(service.is_dying() for service in services))
        for service in services:
            service.current.wait_ready()
            service.current.stop()
            wait_for("its plugin gone", service.current.is_gone)
    finally:
        for load in loads:
            load.end()
        for service in services:
            service.end()

    rows = listed()
    healthy, poisonous = map(ledger.sent, reports)
    lost = [(exporter, n) for exporter, n in queued if exporter in healthy]
    account = ledger.Account(healthy, ledger.rows(tmp_path), lost)
    print(f"{deaths} deaths, {account.figures}, {ledger.udp_counters()}")
    assert {address: row["strikes"] for address, row in rows.items()} == dict.fromkeys(poisonous, 2)
    assert deaths == {-signal.SIGSEGV: 2 * POISONOUS}
    assert all(row["since"] for row in rows.values())
    assert ledger.udp_counters()["RcvbufErrors"] == 0
    assert account.complete, account
    assert sum(map(len, poisonous.values())) == sum(row["dropped"] for row in rows.values()) + (
        2 * POISONOUS + len(queued) - len(lost)
    )
