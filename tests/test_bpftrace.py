# SPDX-License-Identifier: GPL-2.0-or-later
"""The bpftrace scripts, on live traffic.

A tracepoint sees all network namespaces, so every test uses different ports. The kernel
may skip a tracepoint inside another one, so no test expects exact counts.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from harness import freeze, ledger, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import ask, sessions
from harness.tracer import TRACEFS, Tracer, mount_tracefs, script

NAMES = ("decisions.bt", "skb-drops.bt", "tcp-states.bt", "udp-drops.bt")
SOURCES = ("--source", "127.1.0.1+8", "--source", "fd00:1::1+8")
ADDRESSES = {*(f"127.1.0.{n}" for n in range(1, 9)), *(f"fd00:1::{n}" for n in range(1, 9))}
V5 = ("--version", "5", "--records-per-packet", 1)
USER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")


@pytest.fixture
def trace(sandbox, tmp_path):
    """trace(NAME, PORT...): a script whose probes are attached."""
    mount_tracefs()
    tracers = []

    def trace(*args):
        tracers.append(Tracer(tmp_path, *args))
        return tracers[-1].wait_attached()

    yield trace
    for tracer in tracers:
        tracer.end()


def to(port):
    return ("--to", f"127.0.0.1:{port}", "--to", f"[::1]:{port}")


def send(port, *sources, flows=1):
    return traffic.flows(*sources or SOURCES, *V5, "--flows", flows, to=to(port))


def homes(port, *args):
    """exporter -> pid"""
    rows = ask("where", *sorted(ADDRESSES), *args)["exporters"]
    return {row["address"]: row["pid"] for row in rows if row["endpoint"].startswith(f"udp-{port}")}


def test_tcp_states(trace, cluster, routers, tmp_path):
    tracer = trace("tcp-states.bt", 21790)
    instances = cluster(2, keys={"nfacctd_port": 22055, "bmp_daemon_port": 21790})
    pids = {str(instance.pid) for instance in instances}
    for pid in pids:
        tracer.wait_line(pid, "nfacctd", "21790", "CLOSE", "->", "LISTEN")
    held = routers(*SOURCES, "--routes", 1, to=to(21790))
    homes_of = wait_for(
        "sessions", lambda: (found if len(found := sessions(instances, 21790)) == 16 else None)
    )
    of = [str(instance.pid) for instance in instances]
    for (router, port), index in homes_of.items():
        tracer.wait_line(
            of[index], "nfacctd", "21790", "ESTABLISHED", "accepted", router, str(port)
        )
        tracer.wait_line("0", "-", "21790", "SYN_RECV", "->", "ESTABLISHED", router, str(port))
    assert {(line[6], line[7]): line[1] for line in tracer.lines() if line[5] == "accepted"} == {
        (router, str(port)): of[index] for (router, port), index in homes_of.items()
    }
    assert {line[3] for line in tracer.lines()} == {"21790"}
    changes = tracer.stop()["changes"]
    assert {key[0] for key in changes if key[1:] == ("nfacctd", "CLOSE", "LISTEN")} == pids

    # The owner of an older session becomes known at the next read.
    shutil.move(tracer.output, tmp_path / "before")
    tracer = trace("tcp-states.bt", 1, 21790)
    held.end()
    for (router, port), index in homes_of.items():
        tracer.wait_line(of[index], "nfacctd", "21790", None, "->", "CLOSE", router, str(port))
    changes = tracer.stop()["changes"]
    assert {key[0] for key in changes if key[3] == "CLOSE"} == {
        of[index] for index in homes_of.values()
    }


# A process may have any name.
NAMELESS = """
import ctypes, socket
ctypes.CDLL(None).prctl(15, b"\\033[31m", 0, 0, 0)
reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
reader.bind(("127.0.0.1", 22057))
print(flush=True)
while True:
    reader.recvfrom(10)
"""


def test_decisions(trace, cluster, routers):
    instances = cluster(2, keys={"nfacctd_port": 22056, "bmp_daemon_port": 21791})
    tracer = trace("decisions.bt", 22056, 21791, 22057)
    before = homes(22056)
    assert set(before.values()) == {instance.pid for instance in instances}
    for exporter, pid in before.items():
        tracer.wait_line(
            str(pid), "nfacctd", "udp", "22056", "0", exporter, again=lambda: send(22056)
        )
    routers(*SOURCES, to=to(21791))
    for exporter, pid in before.items():
        tracer.wait_line(str(pid), "nfacctd", "tcp", "21791", "0", exporter)
    dead, alive = instances
    dead.kill()
    for exporter in (exporter for exporter, pid in before.items() if pid == dead.pid):
        tracer.wait_line(
            str(alive.pid),
            "nfacctd",
            "udp",
            "22056",
            str(dead.pid),
            exporter,
            again=lambda: send(22056),
        )
    with subprocess.Popen([sys.executable, "-c", NAMELESS], stdout=subprocess.PIPE) as reader:
        try:
            reader.stdout.readline()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
                tracer.wait_line(
                    str(reader.pid),
                    "?[31m",
                    "udp",
                    "22057",
                    "0",
                    "127.0.0.1",
                    again=lambda: exporter.sendto(b"x", ("127.0.0.1", 22057)),
                )
        finally:
            reader.kill()
    got = tracer.stop()["got"]
    assert "\033" not in tracer.said()
    assert {key[4]: int(key[0]) for key in got if key[2] == "tcp"} == before
    assert {
        key[4] for key in got if key[:4] == (str(alive.pid), "nfacctd", "udp", "22056")
    } == ADDRESSES
    assert {
        key[4]: int(key[0]) for key in got if key[3] == "22056" and key[0] != str(alive.pid)
    } == {exporter: pid for exporter, pid in before.items() if pid == dead.pid}


def inode(pid, port):
    """The file descriptor of the socket that a process has on a port."""
    wanted = {f"socket:[{number}]": number for number in ledger.udp_sockets(port)}
    for name in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{name}")
        if target in wanted:
            return str(wanted[target])
    raise AssertionError(f"pid {pid} has no socket on port {port}")


def test_udp_drops(trace, cluster):
    instances = cluster(2, keys={**FLOWS_ONLY, "nfacctd_port": 22058, "nfacctd_pipe_size": 4096})
    slow, other = instances
    home = homes(22058)
    from_those_of = lambda instance: [
        word
        for exporter, pid in home.items()
        if pid == instance.pid
        for word in ("--source", exporter)
    ]
    flood = lambda: send(22058, *from_those_of(slow), flows=200)
    number = inode(slow.pid, 22058)
    freeze(slow.pid)
    tracer = trace("udp-drops.bt", 22058)
    tracer.wait_line("0", "-", "22058", number, "SOCKET_RCVBUFF", again=flood)
    os.kill(slow.pid, signal.SIGCONT)
    wait_for("all read", lambda: ledger.all_read(22058))
    freeze(slow.pid)
    # The last process that read on this port is another one.
    send(22058, *from_those_of(other))
    wait_for("all read", lambda: ledger.all_read(22058))
    tracer.wait_line(str(slow.pid), "nfacctd", "22058", number, "SOCKET_RCVBUFF", again=flood)
    drops = tracer.stop()["drops"]
    assert drops[str(slow.pid), "nfacctd", "22058", number, "SOCKET_RCVBUFF"] > 0
    assert {key[3] for key in drops} == {number}
    lost = ledger.udp_sockets(22058)[int(number)][1]
    assert 0 < sum(drops.values()) <= lost


def next_to(home, pid):
    """One IPv4 and one IPv6 exporter that reach a process."""
    mine = sorted(exporter for exporter, there in home.items() if there == pid)
    return (
        next(exporter for exporter in mine if "." in exporter),
        next(exporter for exporter in mine if ":" in exporter),
    )


def connect(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as router:
        router.connect_ex(("127.0.0.1", port))


def test_skb_drops(trace, cluster):
    instances = cluster(
        2,
        keys={
            **FLOWS_ONLY,
            "nfacctd_port": 22059,
            "nfacctd_pipe_size": 4096,
            "reuseport_fallback": "drop",
        },
    )
    tracer = trace("skb-drops.bt", 22059, 22060)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as v4, socket.socket(
        socket.AF_INET6, socket.SOCK_DGRAM
    ) as v6:
        tracer.wait_line(
            "NO_SOCKET",
            "udp",
            "22060",
            "127.0.0.1",
            again=lambda: v4.sendto(b"x", ("127.0.0.1", 22060)),
        )
        tracer.wait_line(
            "NO_SOCKET", "udp", "22060", "::1", again=lambda: v6.sendto(b"x", ("::1", 22060))
        )
    tracer.wait_line("NO_SOCKET", "tcp", "22060", "127.0.0.1", again=lambda: connect(22060))
    stopped, dead = instances
    home = homes(22059)
    freeze(stopped.pid)
    for exporter in next_to(home, stopped.pid):
        tracer.wait_line(
            "SOCKET_RCVBUFF",
            "udp",
            "22059",
            exporter,
            again=lambda: send(22059, "--source", exporter, flows=200),
        )
    # A packet that the selector drops has no socket.
    dead.kill()
    for exporter in next_to(home, dead.pid):
        tracer.wait_line(
            "NO_SOCKET", "udp", "22059", exporter, again=lambda: send(22059, "--source", exporter)
        )
    drops = tracer.stop()["drops"]
    for reason, protocol, port, function in (
        ("NO_SOCKET", "udp", "22060", "__udp4_lib_rcv"),
        ("NO_SOCKET", "udp", "22060", "__udp6_lib_rcv"),
        ("NO_SOCKET", "tcp", "22060", "tcp_v4_rcv"),
        ("SOCKET_RCVBUFF", "udp", "22059", "udp_queue_rcv_one_skb"),
        ("SOCKET_RCVBUFF", "udp", "22059", "udpv6_queue_rcv_one_skb"),
        ("NO_SOCKET", "udp", "22059", "__udp4_lib_rcv"),
        ("NO_SOCKET", "udp", "22059", "__udp6_lib_rcv"),
    ):
        assert any(
            key[:3] == (reason, protocol, port) and f"{function}+" in key[3] for key in drops
        ), (reason, protocol, port, function, drops)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "words, args",
    [
        ("port missing; give one to four ports", ()),
        ("'0' is not a port; give a number from 1 to 65535", (0,)),
        ("'65536' is not a port", (2055, 65536)),
        ("'20x' is not a port", ("20x",)),
        ("'' is not a port", ("",)),
        ("unexpected argument '5'; give at most four ports", (1, 2, 3, 4, 5)),
    ],
)
def test_wrong_usage(name, words, args):
    done = script(name, *args)
    assert done.stderr.startswith(f"{name}: {words}") and done.stderr.count("\n") == 1
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("name", NAMES)
def test_refused(sandbox, name):
    done = script(name, 2055, command=USER)
    assert done.stderr == f"{name}: only root may trace the kernel; run as root\n"
    assert (done.returncode, done.stdout) == (1, "")
    if os.path.exists(f"{TRACEFS}/events"):
        subprocess.run(["umount", TRACEFS], check=True)
    done = script(name, 2055)
    assert done.stderr == (
        f"{name}: tracefs is not mounted; mount it with: "
        "mount -t tracefs tracefs /sys/kernel/tracing\n"
    )
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("name", NAMES)
def test_help(name):
    done = script(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{name} PORT ") and f"# {name} " in done.stdout
