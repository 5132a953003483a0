# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport-listen and pmreuseport-connect, without pmacct."""
import contextlib
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

from harness import PATIENCE, freeze, ledger, maps, wait_for
from harness.bpf_object import build_modulo
from harness.listen_connect import CONNECT, LISTEN, PORTS, Listener, connect, homes, run
from harness.pmreuseport import ask
from harness.sandbox import BPFFS, pins

V4 = ("127.0.0.1", ("--from", "127.1.0.0/24"))
# Runs until it is stopped.
LOAD = (
    "127.0.0.1",
    2055,
    "--udp",
    *V4[1],
    "--sources",
    50,
    "--datagrams",
    1000000,
    "--rate",
    2000,
    "--timeout",
    5,
)
V6 = ("::1", ("--from", "fd00:1::/64"))
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")


@pytest.fixture
def listen(sandbox, tmp_path):
    """listen(index, count, ARGS...): start one listener and do not wait for it."""
    listeners = []

    def listen(index, count, *args, **kwargs):
        made = Listener(tmp_path, index, count, *args, **kwargs)
        listeners.append(made)
        return made

    yield listen
    for made in listeners:
        made.end()


@pytest.fixture
def three(listen):
    listeners = [listen(index, 3) for index in range(3)]
    return [listener.wait_ready() for listener in listeners]


def ask_all(*args):
    """Ask over TCP and UDP, IPv4 and IPv6. A source must have the same bucket for all."""
    found = {}
    for to, sources in (V4, V6):
        tcp = homes(connect(to, 1790, *sources, "--sources", 60, "--connections", 120))
        udp = homes(connect(to, 2055, "--udp", *sources, "--sources", 60, "--datagrams", 3))
        assert tcp == udp and len(tcp) == 60
        found.update(tcp)
    return found


def test_every_source_keeps_its_listener(three):
    found = ask_all()
    assert set(found.values()) == {listener.line for listener in three}
    assert ask_all() == found
    rows = ask("where", *found)["exporters"]
    assert len(rows) == 2 * len(found)
    for row in rows:
        assert found[row["address"]] == three[row["bucket"]].line
        assert row["pid"] == three[row["bucket"]].pid
    # Both sides must have counted the same.
    for listener in three:
        assert listener.stop() == 0
        own = sum(line == listener.line for line in found.values())
        totals = listener.totals
        assert (totals["udp"]["exporters"], totals["udp"]["datagrams"]) == (own, 6 * own)
        assert (totals["tcp"]["exporters"], totals["tcp"]["connections"]) == (own, 4 * own)
        assert listener.stderr() == ""


def test_third_party_object(listen, tmp_path):
    path = build_modulo(tmp_path / "modulo.o")
    listeners = [listen(index, 2, "--object", path).wait_ready() for index in range(2)]
    assert set(ask_all().values()) == {listener.line for listener in listeners}
    assert not any(path.endswith("slots") for path in pins())


def test_failover_and_return(three, listen):
    before = ask_all()
    three[1].kill()
    during = ask_all()
    assert {during[source] for source in before if before[source] == three[1].line} == {
        three[0].line,
        three[2].line,
    }
    assert all(during[source] == line for source, line in before.items() if line != three[1].line)
    again = listen(1, 3).wait_ready()
    after = ask_all()
    assert {source for source in after if after[source] == again.line} == {
        source for source in before if before[source] == three[1].line
    }


class Sending:
    """pmreuseport-connect in the background."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            [CONNECT, *map(str, args), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self):
        """Wait until it ends. Returns its status, report and standard error."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, json.loads(out), err

    def stop(self):
        """SIGINT: it sends no more and waits for answers. Returns its report."""
        os.kill(self.process.pid, signal.SIGINT)
        status, report, errors = self.wait()
        assert status == 1 and "interrupted after" in errors
        return report

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def sending(sandbox):
    made = []

    def sending(*args):
        made.append(Sending(*args))
        return made[-1]

    yield sending
    for process in made:
        process.end()


def accounted(report, listeners, drops_before):
    """Every datagram and every answer was read, or was dropped because a queue was full."""
    drops = ledger.udp_counters()["RcvbufErrors"] - drops_before
    read = sum(listener.totals["udp"]["datagrams"] for listener in listeners)
    unanswered = sum(listener.totals["udp"]["unanswered"] for listener in listeners)
    lost_questions = report["sent"] - read
    lost_answers = read - unanswered - report["answered"]
    assert lost_questions >= 0 and lost_answers >= 0
    assert lost_questions + lost_answers == drops
    return drops


def test_a_takeover_loses_nothing(listen, sending):
    drops = ledger.udp_counters()["RcvbufErrors"]
    old = listen(0, 1).wait_ready()
    load = sending(*LOAD)
    wait_for("datagrams of all", lambda: len(old.events("datagram")) == 50)
    new = listen(0, 1).wait_ready()
    assert [port["took_over"] for port in new.events("ready")[0]["ports"]] == [old.pid] * 2
    assert old.wait_exit() == 0
    assert old.wait_for("left") == {"event": "left", "reason": "lost"}
    wait_for("datagrams of all", lambda: len(new.events("datagram")) == 50)
    report = load.stop()
    assert report["split"] == 50
    assert new.stop() == 0
    accounted(report, (old, new), drops)


def test_what_is_queued_is_read_after_a_takeover(listen, sending):
    old = listen(0, 1).wait_ready()
    started = time.monotonic()
    freeze(old.pid)
    # No more datagrams than the queue has room for.
    load = sending("127.0.0.1", 2055, "--udp", *V4[1], "--datagrams", 1, "--timeout", 60)
    wait_for("all of them", lambda: ledger.udp_counters()["OutDatagrams"] == 100)
    new = listen(0, 1).wait_ready()
    assert connect("127.0.0.1", 2055, "--udp", *V4[1])["answers"] == [
        {"answer": new.line, "sources": 100, "count": 100}
    ]
    # After a second it checks its bucket, before it has read all datagrams.
    wait_for("the second to be over", lambda: time.monotonic() > started + 1.1)
    os.kill(old.pid, signal.SIGCONT)
    assert old.wait_exit() == 0
    status, report, _ = load.wait()
    assert status == 0
    assert report["answers"] == [{"answer": old.line, "sources": 100, "count": 100}]


def test_what_found_no_room_is_accounted_for(listen, sending):
    drops = ledger.udp_counters()["RcvbufErrors"]
    old = listen(0, 1).wait_ready()
    freeze(old.pid)
    load = sending(*LOAD)
    wait_for("a full queue", lambda: ledger.udp_counters()["RcvbufErrors"] > drops)
    new = listen(0, 1).wait_ready()
    wait_for("datagrams of all", lambda: len(new.events("datagram")) == 50)
    os.kill(old.pid, signal.SIGCONT)
    assert old.wait_exit() == 0
    report = load.stop()
    assert new.stop() == 0
    assert accounted(report, (old, new), drops) > 0


def test_sending_that_is_stopped_waits_for_what_was_sent(listen, sending):
    listener = listen(0, 1).wait_ready()
    load = sending(
        "127.0.0.1", 2055, "--udp", "--datagrams", 1000000, "--rate", 50, "--timeout", 600
    )
    wait_for("a datagram", lambda: listener.events("datagram"))
    report = load.stop()
    assert report["sent"] == report["answered"] > 0


def test_stopping_loses_nothing(three, sending):
    drops = ledger.udp_counters()["RcvbufErrors"]
    load = sending("::1", *LOAD[1:3], *V6[1], *LOAD[5:])
    wait_for("datagrams", lambda: all(listener.events("datagram") for listener in three))
    assert three[0].stop() == 0
    assert three[0].wait_for("left")["reason"] == "signal"
    exporters = sum(len(listener.events("datagram")) for listener in three)
    assert exporters > 50
    report = load.stop()
    assert [listener.stop() for listener in three[1:]] == [0, 0]
    accounted(report, three, drops)


@contextlib.contextmanager
def cluster_lock():
    fd = os.open(f"{BPFFS}/pmacct", os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield fd
    finally:
        os.close(fd)


def test_the_drain_begins_when_the_bucket_is_left(listen):
    """On a busy machine the lock may be released too late; then try again."""
    for _ in range(5):
        first, second = listen(0, 2).wait_ready(), listen(1, 2).wait_ready()
        with cluster_lock() as lock:
            os.kill(first.pid, signal.SIGTERM)
            connect("127.0.0.1", 2055, "--udp", *V4[1], "--no-answer")
            time.sleep(0.3)
            released = time.monotonic()
            fcntl.flock(lock, fcntl.LOCK_UN)
        status = first.wait_exit()
        ended = time.monotonic()
        if status:
            assert "has held the lock" in first.stderr()
            second.kill()
            continue
        first.wait_for("left")
        # No listener can leave before the lock is released.
        assert ended - released >= 2
        assert maps.live() == {1} and maps.live("tcp") == {1}
        assert second.stop() == 0
        assert (first.totals["udp"]["datagrams"] + second.totals["udp"]["datagrams"]) == 100
        assert first.totals["udp"]["datagrams"] > 0
        return
    pytest.fail("the lock was never released within a second")


def test_leaving_fails(listen):
    listener = listen(0, 1).wait_ready()
    connect("127.0.0.1", 2055, "--udp")
    with cluster_lock():
        assert listener.stop() == 1
    errors = listener.stderr().splitlines()
    assert [re.sub(" port.*", "", line) for line in errors] == [
        "pmreuseport-listen: UDP",
        "pmreuseport-listen: TCP",
    ]
    assert all("has held the lock" in line for line in errors)
    assert listener.events("left") == []
    assert listener.totals["udp"]["datagrams"] == 1


def test_part_of_the_ports_taken_over_and_given_back(listen):
    old = listen(0, 1).wait_ready()
    new = listen(0, 1, ports=("--udp", 2055)).wait_ready()
    assert homes(connect("127.0.0.1", 2055, "--udp")) == {"127.0.0.1": new.line}
    assert homes(connect("127.0.0.1", 1790)) == {"127.0.0.1": old.line}
    assert new.stop() == 0
    assert old.wait_for("returned") == {"event": "returned", "protocol": "udp", "port": 2055}
    assert homes(connect("127.0.0.1", 2055, "--udp")) == {"127.0.0.1": old.line}


def test_connections_that_wait_are_taken_over(listen, sending):
    old = listen(0, 1).wait_ready()
    freeze(old.pid)
    load = sending("127.0.0.1", 1790, *V4[1], "--timeout", 60)
    wait_for("all of them", lambda: waiting(1790) == 100)
    new = listen(0, 1).wait_ready()
    os.kill(old.pid, signal.SIGCONT)
    assert old.wait_exit() == 0
    status, report, errors = load.wait()
    assert (status, errors) == (0, "")
    assert sum(answer["count"] for answer in report["answers"]) == 100
    assert {answer["answer"] for answer in report["answers"]} <= {old.line, new.line}


def waiting(port):
    """The number of connections that no listener has accepted."""
    lines = subprocess.run(
        ["ss", "-Hltn", f"sport = :{port}"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
    return sum(int(line.split()[1]) for line in lines)


def test_connections_that_wait_go_to_others(three, sending):
    """A listener that stops accepts no waiting connections."""
    freeze(three[1].pid)
    load = sending("127.0.0.1", 1790, *V4[1], "--timeout", 60)
    wait_for(
        "the others' are accepted",
        lambda: sum(len(listener.events("connection")) for listener in three) + waiting(1790)
        == 100,
    )
    left = waiting(1790)
    os.kill(three[1].pid, signal.SIGTERM)
    os.kill(three[1].pid, signal.SIGCONT)
    assert three[1].wait_exit() == 0
    status, report, errors = load.wait()
    assert (status, errors) == (0, "")
    assert report["split"] == 0 and report["answered"] == 100
    # It may accept some before it handles the signal.
    assert len(three[1].events("connection")) < left / 2


def test_released_by_an_operator(listen):
    listener = listen(0, 1).wait_ready()
    ask("leave", 0)
    assert listener.wait_exit() == 0
    assert listener.wait_for("left")["reason"] == "lost"
    assert listener.events("returned") == []


def test_drop(listen):
    zero = listen(0, 2, "--fallback", "drop").wait_ready()
    one = listen(1, 2, "--fallback", "drop").wait_ready()
    before = homes(connect("127.0.0.1", 2055, "--udp", *V4[1], "--sources", 40))
    of_one = {source for source, line in before.items() if line == one.line}
    assert of_one and of_one != set(before)
    one.kill()
    for args in ((1790,), (2055, "--udp")):
        report = connect("127.0.0.1", *args, *V4[1], "--sources", 40, status=1)
        assert set(homes(report)) == set(before) - of_one
        assert set(homes(report).values()) == {zero.line}
        # The kernel refuses a connection without a socket.
        assert report["refused"] == len(of_one)


def test_two_hundred_at_once(three):
    report = connect("127.0.0.1", 1790, *V4[1], "--sources", 200, "--rate", 0)
    assert (report["opened"], report["answered"], report["closed"]) == (200, 200, 0)
    assert sum(answer["count"] for answer in report["answers"]) == 200


def test_limits(listen):
    listener = listen(0, 1, "--sessions", 10, "--remember", 5).wait_ready()
    report = connect("127.0.0.1", 1790, *V4[1], "--sources", 30, "--hold", 1)
    assert (report["opened"], report["answered"], report["closed"]) == (30, 30, 20)
    connect("127.0.0.1", 2055, "--udp", *V4[1], "--sources", 7, "--datagrams", 2)
    assert listener.stop() == 0
    totals = listener.totals
    assert totals["cut"] == 20 and totals["tcp"]["connections"] == 30
    assert totals["tcp"]["exporters"] == totals["udp"]["exporters"] == 5
    assert totals["not_remembered"] == 25 + 2 * 2
    assert totals["udp"]["datagrams"] == len(listener.events("datagram")) + 5 + 4 == 14


def test_an_answer_is_not_answered(listen):
    listener = listen(0, 1).wait_ready()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", 2055))
        sock.send(b"bucket 3 pid 1 cluster default\n")
        sock.send(b"bucket?")
        assert listener.stop() == 0
        assert sock.recv(200, socket.MSG_DONTWAIT).decode() == listener.line + "\n"
        with pytest.raises((BlockingIOError, ConnectionRefusedError)):
            sock.recv(200, socket.MSG_DONTWAIT)
    assert listener.totals["answers"] == 1 and listener.totals["udp"]["datagrams"] == 2


def test_events(listen):
    listener = listen(1, 2, "--for", 15).wait_ready()
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", 1790), source_address=("127.1.0.9", 40000)) as sock:
        sock.send(b"12345")
        listener.wait_for("connection")
    connect("::1", 2055, "--udp", "--from", "fd00:1::7")
    assert listener.wait_exit() == 0
    assert time.monotonic() - started < 60
    events = listener.events()
    paths = [event.pop("path") for event in events[0]["ports"]]
    assert [os.path.dirname(path) for path in paths] == [f"{BPFFS}/pmacct/default"] * 2
    tcp = {"protocol": "tcp", "address": "127.1.0.9", "source_port": 40000, "port": 1790}
    (datagram,) = listener.events("datagram")
    assert datagram.pop("source_port") > 0
    assert sorted(events, key=str) == sorted(
        [
            {
                "event": "ready",
                "pid": listener.pid,
                "cluster": "default",
                "bucket": 1,
                "count": 2,
                "ports": [{"protocol": "udp", "port": 2055}, {"protocol": "tcp", "port": 1790}],
            },
            {"event": "connection", **tcp},
            {"event": "closed", **tcp, "bytes": 5},
            {
                "event": "datagram",
                "protocol": "udp",
                "address": "fd00:1::7",
                "port": 2055,
                "bytes": len("pmreuseport-connect 0\n"),
                "source_port": events_port(events),
            },
            {"event": "left", "reason": "time"},
            {
                "event": "totals",
                "udp": {"exporters": 1, "datagrams": 1, "bytes": 22, "unanswered": 0},
                "tcp": {"exporters": 1, "connections": 1, "bytes": 5, "unanswered": 0},
                "not_remembered": 0,
                "cut": 0,
                "answers": 0,
            },
        ],
        key=str,
    )
    assert [event["event"] for event in events[-2:]] == ["left", "totals"]


def events_port(events):
    (port,) = (event["source_port"] for event in events if event["event"] == "datagram")
    return port


def test_text_output(listen):
    listener = listen(0, 1, json=False).wait_ready()
    new = listen(0, 1, json=False).wait_ready()
    assert f", taken over from pid {listener.pid} pmreuseport-lis" in new.lines()[1]
    assert listener.wait_exit() == 0
    assert listener.lines()[0] == f"hash bucket 0 of 1 in cluster default, pid {listener.pid}"
    assert (
        "the hash bucket was taken over, released or removed; reading what is queued"
        in listener.lines()
    )
    done = run(CONNECT, "127.0.0.1", 1790, "--from", "127.1.0.3+2", "--connections", 3, "--verbose")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split(None, 2) for line in done.stdout.splitlines()[:-1]]
    assert lines == [
        ["SOURCE", "ANSWERS", "ANSWER"],
        ["127.1.0.3", "2", new.line],
        ["127.1.0.4", "1", new.line],
        ["SOURCES", "ANSWERS", "ANSWER"],
        ["2", "3", new.line],
    ]
    assert done.stdout.splitlines()[-1] == (
        "3 connections from 2 sources: 3 opened, 0 closed, 0 timed out, 0 refused, 0 failed, "
        "3 answered, 0 without an answer"
    )
    connect("127.0.0.1", 2055, "--udp", "--from", "127.1.0.3")
    assert new.stop() == 0
    text = "\n".join(new.lines())
    assert re.search(r"\nconnection 127\.1\.0\.4 +\d+ -> tcp 1790\n", text)
    assert re.search(r"\ndatagram   127\.1\.0\.3 +\d+ -> udp 2055, 22 bytes\n", text)
    assert text.endswith(
        "left the hash bucket (signal); reading what is queued\n"
        "udp: exporters 1, datagrams 1, bytes 22\n"
        "tcp: exporters 2, connections 3, bytes 0"
    )


def test_answer_in_json(listen):
    listener = listen(0, 1).wait_ready()
    got = [{"answer": listener.line, "count": 2}]
    assert connect("127.0.0.1", 2055, "--udp", "--from", "127.1.0.1", "--datagrams", 2) == {
        "target": "127.0.0.1",
        "port": 2055,
        "protocol": "udp",
        "sources": 1,
        "connections": 1,
        "opened": 1,
        "closed": 0,
        "timed_out": 0,
        "sent": 2,
        "refused": 0,
        "failed": 0,
        "answered": 2,
        "no_answer": 0,
        "split": 0,
        "other_answers": 0,
        "answers": [{"answer": listener.line, "sources": 1, "count": 2}],
        "by_source": [{"address": "127.1.0.1", "answers": got}],
    }


@pytest.fixture
def serve(sending):
    """serve(ARGS..., answers=...): the report about connections that the test answers."""

    def serve(*args, answers, close=True):
        with contextlib.ExitStack() as held:
            server = held.enter_context(socket.create_server(("127.0.0.1", 0)))
            process = sending(
                "127.0.0.1", server.getsockname()[1], "--connections", len(answers), *args
            )
            server.settimeout(PATIENCE)
            for answer in answers:
                connection = held.enter_context(server.accept()[0])
                connection.send(answer)
                if close:
                    connection.close()
            return process.wait()

    return serve


def test_answers_of_other_programs(serve):
    status, report, _ = serve(answers=(b"a\x1b[2Jb\xff\r\nsecond\n", b"x" * 5000, b"no newline"))
    assert {row["answer"] for row in report["answers"]} == {
        r"a\x1b[2Jb\xff",
        "x" * 200,
        "no newline",
    }
    assert (status, report["split"], report["answered"]) == (0, 1, 3)


def test_more_answers_than_are_told_apart(serve):
    status, report, _ = serve(answers=[b"%d\n" % n for n in range(300)])
    assert (status, len(report["answers"]), report["other_answers"]) == (0, 256, 44)


def test_no_answer(serve):
    status, report, errors = serve("--timeout", 2, answers=(b"", b""), close=False)
    assert status == 1 and "2 connections got no answer" in errors
    assert (report["opened"], report["no_answer"], report["answers"]) == (2, 2, [])
    status, report, errors = serve("--no-answer", answers=(b"", b""), close=False)
    assert (status, errors) == (0, "")
    assert (report["opened"], report["no_answer"]) == (2, 2)
    status, report, errors = serve(answers=(b"", b""))
    assert (status, report["opened"], report["closed"], report["no_answer"]) == (1, 2, 2, 2)


def test_no_listener(sandbox):
    report = connect("127.0.0.1", 1790, "--connections", 4, status=1)
    assert (report["refused"], report["opened"]) == (4, 0)
    report = connect("::1", 2055, "--udp", "--datagrams", 3, "--rate", 20, status=1)
    assert (report["refused"], report["sent"], report["answered"]) == (3, 3, 0)
    # There is no route to this address.
    report = connect("192.0.2.1", 2055, "--udp", "--from", "127.1.0.1", status=1)
    assert report["failed"] == 1
    done = run(CONNECT, "127.0.0.1", 1790)
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "1 connection from 1 source: 0 opened, 0 closed, 0 timed out, 1 refused, 0 failed, "
        "0 answered, 0 without an answer\n",
        "pmreuseport-connect: of 1 connection 0 were opened, 1 refused, 0 timed out; check that "
        "a process listens on that port and accepts them\n",
    )


@pytest.mark.parametrize(
    "args, addresses",
    [
        (("--from", "127.1.0.4/30"), ["127.1.0.5", "127.1.0.6"]),
        (("--from", "127.1.0.7/31"), ["127.1.0.6", "127.1.0.7"]),
        (("--from", "127.1.0.9/32"), ["127.1.0.9"]),
        (("--from", "127.1.0.255+2"), ["127.1.0.255", "127.1.1.0"]),
        (
            (
                "--from",
                "127.1.0.0/30",
                "--from",
                "127.2.0.9",
                "--from",
                "127.3.0.0/8",
                "--sources",
                5,
            ),
            ["127.1.0.1", "127.2.0.9", "127.0.0.1", "127.1.0.2", "127.0.0.2"],
        ),
        (("--from", "127.1.0.0/24", "--connections", 3), ["127.1.0.1", "127.1.0.2", "127.1.0.3"]),
        (("--from", "127.1.0.0/16"), [f"127.1.0.{n}" for n in range(1, 101)]),
        (("--from", "fd00:1::/126"), ["fd00:1::1", "fd00:1::2", "fd00:1::3"]),
        (("--from", "fd00:1::5/128"), ["fd00:1::5"]),
        (("--from", "fd00:1::ffff/64", "--sources", 2), ["fd00:1::1", "fd00:1::2"]),
    ],
)
def test_sources(sandbox, args, addresses):
    to = "::1" if ":" in addresses[0] else "127.0.0.1"
    report = connect(to, 1790, *args, status=1)
    assert [row["address"] for row in report["by_source"]] == addresses
    assert report["sources"] == report["refused"] == len(addresses)


def test_names(listen, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 both.example\n::1 both.example\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    listener = listen(0, 1).wait_ready()
    for family, address in ((4, "127.0.0.1"), (6, "::1")):
        done = connect("both.example", 1790, "--family", family)
        assert homes(done) == {address: listener.line}


def test_all_or_nothing(listen):
    listen(0, 2, "--cluster", "east", ports=("--tcp", 1790)).wait_ready()
    failed = listen(1, 2)
    assert failed.wait_exit() == 1
    assert "TCP port 1790: the port of endpoint" in failed.stderr()
    assert failed.stderr().count("\n") == 1 and failed.lines() == []
    assert not [pin for pin in pins() if "/default" in pin]


def test_port_in_use(listen):
    with socket.create_server(("::", 1790), family=socket.AF_INET6, dualstack_ipv6=True):
        failed = listen(0, 1)
        assert failed.wait_exit() == 1
    assert failed.stderr() == (
        "pmreuseport-listen: cannot bind to TCP port 1790 (Address already in use); stop the "
        "process that holds it without SO_REUSEPORT or as another user, or use another port\n"
    )
    assert failed.lines() == [] and pins() == []


def test_the_answer_comes_from_the_address_that_was_asked(listen):
    listener = listen(0, 1).wait_ready()
    for address, source in (("127.0.0.77", "127.1.0.1"), ("fd00:1::77", "fd00:1::1")):
        assert homes(connect(address, 2055, "--udp", "--from", source)) == {source: listener.line}


def test_another_count(listen):
    assert listen(0, 2).wait_ready().stop() == 0
    (ready,) = listen(0, 3).wait_ready().events("ready")
    assert ready["count_before"] == 2
    words = listen(0, 4, json=False)
    assert words.wait_exit() == 1
    assert "live instances" in words.stderr() and words.stderr().count("\n") == 1


def test_one_address(listen):
    listener = listen(0, 1, "--address", "127.0.0.5").wait_ready()
    assert homes(connect("127.0.0.5", 2055, "--udp", "--from", "127.1.0.1")) == {
        "127.1.0.1": listener.line
    }
    assert connect("127.0.0.6", 1790, status=1)["refused"] == 1
    failed = listen(0, 1, "--address", "192.0.2.1")
    assert failed.wait_exit() == 1
    assert "Cannot assign requested address" in failed.stderr()


def test_closed_standard_output(listen):
    """A listener without a reader of its output leaves its bucket and ends."""
    process = subprocess.Popen(
        [LISTEN, *map(str, PORTS), "--count", "1", "--index", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.stdout.readline()
        process.stdout.close()
        connect("127.0.0.1", 2055, "--udp", "--no-answer")
        assert process.wait(PATIENCE) == 1
        assert process.stderr.read() == (
            "pmreuseport-listen: cannot write the answer to standard output\n"
        )
        assert maps.live() == set()
    finally:
        if process.poll() is None:
            process.kill()
        process.stderr.close()
        process.wait(PATIENCE)


def test_reader_that_does_not_read(sandbox):
    """The listener blocks on a full pipe, and a signal still stops it."""
    process = subprocess.Popen(
        [LISTEN, *map(str, PORTS), "--count", "1", "--index", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.stdout.readline()
        connect(
            "127.0.0.1", 2055, "--udp", "--from", "127.2.0.0/16", "--sources", 3000, "--no-answer"
        )
        wait_for(
            "it waits", lambda: "pipe" in pathlib.Path(f"/proc/{process.pid}/wchan").read_text()
        )
        process.terminate()
        assert process.wait(PATIENCE) == 1
        assert "cannot write" in process.stderr.read()
        assert maps.live() == set()
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)


def test_interrupted(sandbox, sending):
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = sending("127.0.0.1", server.getsockname()[1], "--timeout", 60)
        server.settimeout(PATIENCE)
        with server.accept()[0]:
            report = process.stop()
    assert (report["opened"], report["answered"]) == (1, 0)


@pytest.mark.parametrize(
    "words, args",
    [
        (
            "port missing; give some with --udp PORT and --tcp PORT",
            ("--count", 1, "--index", 0),
        ),
        ("hash bucket missing; give it with --count N and --index I", ("--udp", 1)),
        ("there is no hash bucket 2 among 2", (*PORTS, "--count", 2, "--index", 2)),
        ("--count '129' is out of bounds", (*PORTS, "--count", 129)),
        ("--udp '0' is out of bounds", ("--udp", 0)),
        ("--udp 5 is given twice", ("--udp", 5, "--udp", 5)),
        (
            "--tcp 17 exceeds the maximum of 16 ports",
            [w for n in range(1, 18) for w in ("--tcp", n)],
        ),
        ("--fallback 'x' is unknown; give rehash or drop", (*PORTS, "--fallback", "x")),
        ("unexpected argument 'x'", ("x",)),
        ("--for '-1' is out of bounds", ("--for=-1",)),
    ],
)
def test_wrong_usage_of_listen(sandbox, words, args):
    refused(LISTEN, words, args, 2)


@pytest.mark.parametrize(
    "words, args",
    [
        ("PORT is missing; give the port of the target", ("::1",)),
        ("ADDRESS is missing; give the address and the port of the target", ()),
        ("PORT '0' is out of bounds", ("::1", 0)),
        ("unexpected argument 'x'", ("::1", 1, "x")),
        ("--from '127.1' is not a source", ("::1", 1, "--from", "127.1")),
        ("--from '127.1.0.0/33' is not a source", ("::1", 1, "--from", "127.1.0.0/33")),
        (
            "--from '127.1.0.9' repeats an address",
            ("::1", 1, "--from", "127.1.0.0/24", "--from", "127.1.0.9"),
        ),
        (
            "--from '::1' has another address family",
            ("::1", 1, "--from", "127.1.0.0/24", "--from", "::1"),
        ),
        (
            "--sources 3 is more than the 2 addresses",
            ("::1", 1, "--from", "127.1.0.0/30", "--sources", 3),
        ),
        ("--sources 3 needs addresses", ("::1", 1, "--sources", 3)),
        (
            "--connections 1 is less than --sources 2",
            ("::1", 1, "--from", "127.1.0.0/30", "--sources", 2, "--connections", 1),
        ),
        ("--datagrams 3 is for UDP", ("::1", 1, "--datagrams", 3)),
        ("--family '5' is unknown; give 4 or 6", ("::1", 1, "--family", 5)),
        ("--family 6 contradicts", ("::1", 1, "--family", 6, "--from", "127.1.0.1")),
        ("--timeout '0' is out of bounds", ("::1", 1, "--timeout", 0)),
    ],
)
def test_wrong_usage_of_connect(sandbox, words, args):
    refused(CONNECT, words, args, 2)


def refused(program, words, args, status, **kwargs):
    done = run(program, *args, **kwargs)
    assert words in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert (done.returncode, done.stdout) == (status, "")


def test_refusals(sandbox, tmp_path):
    bucket = (*PORTS, "--count", 1, "--index", 0)
    refused(LISTEN, "is not an IP address", (*bucket, "--address", "nowhere"), 1)
    refused(LISTEN, "cannot open reuseport_bpf_prog /nowhere", (*bucket, "--object", "/nowhere"), 1)
    refused(LISTEN, "cluster_name", (*bucket, "--cluster", "a/b"), 1)
    refused(CONNECT, "for IPv6", ("127.0.0.1", 1, "--family", 6), 1)
    refused(CONNECT, "for IPv4", ("::1", 1, "--from", "127.1.0.1"), 1)
    assert pins() == []


def test_an_ordinary_user(listen):
    refused(
        LISTEN,
        "(Permission denied); run as root",
        (*PORTS, "--count", 1, "--index", 0),
        1,
        command=NOBODY,
    )
    assert pins() == []
    listener = listen(0, 1).wait_ready()
    assert homes(connect("127.0.0.1", 1790, *V4[1], "--sources", 3, command=NOBODY)) == {
        f"127.1.0.{n}": listener.line for n in (1, 2, 3)
    }
