# SPDX-License-Identifier: GPL-2.0-or-later
"""An instance stops: it writes what it received, and new flows go to others."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess

import pytest

from harness import exact_kill, freeze, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, NO_KEYS, PLAIN_PREFIX, PREFIX, READY, address
from harness.pmreuseport import ask, sessions
from harness.sandbox import pins
from harness.sockets import enlarge_queue, enlarge_queues_of
from harness.stopping import (
    LATE,
    STOPS,
    V5,
    gone,
    keys,
    listening,
    queued,
    sent_keys,
    start_on_savefile,
    written,
)

SO_COOKIE = 57
BUFFER = {"plugin_buffer_size[flows]": 10240, "plugin_pipe_size[flows]": 10240000}


def in_bucket(held, bucket=0):
    """True if the socket is in the bucket. The kernel removes only closed sockets."""
    (path,) = (path for path in pins() if path.endswith("udp_balancing_targets"))
    out = subprocess.run(
        [
            "bpftool",
            "-j",
            "map",
            "lookup",
            "pinned",
            path,
            "key",
            *map(str, struct.pack("=I", bucket)),
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    value = bytes(int(byte, 16) for byte in json.loads(out.stdout)["value"])
    return value == held.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8)


def sending(path):
    """Send flows during the block."""
    return traffic.sending(path, *V5, "--rate", 2000, "--records-per-packet", 4)


def check_all_written(path, *instances):
    """Every record that was sent is written exactly once."""
    sent = sent_keys(path)
    wait_for("all", lambda: written(*instances) >= sent.total())
    assert keys(*instances) == sent


@pytest.fixture
def daemonized(start):
    """daemonized(...): start an instance in the background. Returns it and its pid."""
    pids = []

    def daemonized(**kwargs):
        kwargs["keys"] = {**kwargs["keys"], "daemonize": "true"}
        instance = start(0, **kwargs)
        assert instance.wait_exit() == 0
        wait_for("ready", lambda: all(word in instance.log() for word in READY))
        pids.append(int((instance.directory / "nfacctd-0.pid").read_text()))
        return instance, pids[-1]

    yield daemonized
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(
    "keys",
    [
        FLOWS_ONLY,
        {},
        {**FLOWS_ONLY, "nfacctd_templates_port": 2056},
        {**FLOWS_ONLY, **NO_KEYS},
    ],
    ids=["flows", "bmp", "templates", "no-keys"],
)
def test_idle_daemon_stops_at_once(daemonized, keys, stop):
    instance, pid = daemonized(keys=keys)
    os.kill(pid, stop)
    wait_for("the idle daemon gone", lambda: gone(pid))
    assert not (instance.directory / "nfacctd-0.pid").exists()


@pytest.mark.parametrize("stop", STOPS)
def test_idle_daemon_without_reuseport_stops_at_once(daemonized, stop):
    _, pid = daemonized(keys={**FLOWS_ONLY, **NO_KEYS}, prefix=PLAIN_PREFIX)
    os.kill(pid, stop)
    wait_for("the idle daemon gone", lambda: gone(pid))


@pytest.mark.parametrize("stop", STOPS)
def test_idle_pmbmpd_stops_at_once(start, stop):
    instance = start(
        0,
        2,
        sample="nfacctd-print.conf",
        binary="pmbmpd",
        keys={"bmp_daemon": None, "plugins": None, "daemonize": "true"},
    )
    assert instance.wait_exit() == 0
    wait_for("ready", lambda: "reuseport: BMP is hash bucket 0" in instance.log())
    pid = int((instance.directory / "nfacctd-0.pid").read_text())
    os.kill(pid, stop)
    wait_for("the idle daemon gone", lambda: gone(pid))


def test_savefile_is_read_to_the_end(start, tmp_path):
    """Reading a capture with -I ends as before, and SIGINT ends it while it waits."""
    instance = start_on_savefile(start, tmp_path)
    instance.stop()
    assert len(instance.flows()) == 24


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(
    "prefix, more",
    [(PREFIX, {}), (PREFIX, BUFFER), (PLAIN_PREFIX, NO_KEYS)],
    ids=["reuseport", "buffer", "plain"],
)
def test_what_is_queued_is_written(start, tmp_path, stop, prefix, more):
    """Data in the socket queue, a partial buffer, the ring and the cache is written."""
    instance = listening(
        start(0, 1, keys={**LATE, "reuseport_hashbucket_count": 1, **more}, prefix=prefix)
    )
    enlarge_queues_of(instance.pid)
    freeze(instance.pid)
    traffic.flows(*V5, "--flows", 100, "--records", tmp_path / "sent")
    assert queued() > 0
    os.kill(instance.pid, stop)
    os.kill(instance.pid, signal.SIGCONT)
    assert instance.wait_exit() == 0
    assert keys(instance) == sent_keys(tmp_path / "sent")


def test_several_plugins_write_before_the_core_exits(start, tmp_path):
    """A service manager kills the plugins when the core has ended."""
    names = ("a", "b", "c")
    more = {
        f"{key}[{name}]": value
        for name in names
        for key, value in {
            "print_output": "json",
            "print_output_file_append": "true",
            "print_refresh_time": 600,
            "aggregate": "peer_src_ip, src_host, dst_host, src_port, dst_port, proto",
            "print_output_file": tmp_path / f"out-{name}.json",
        }.items()
    }
    instance = start(
        0, 1, keys={**FLOWS_ONLY, **more, "plugins": ",".join(f"print[{name}]" for name in names)}
    )
    instance.wait_ready("waiting for NetFlow/IPFIX data")
    wait_for("plugins", lambda: instance.log().count("JSON: setting object handlers") == 3)
    report = traffic.flows(*V5, "--flows", 50)
    os.kill(instance.pid, signal.SIGTERM)
    assert instance.wait_exit() == 0
    for name in names:
        lines = (tmp_path / f"out-{name}.json").read_text().splitlines()
        assert len(lines) == report["records"], name


def test_leave_drain_close(cluster, tmp_path):
    """One of two instances stops under load with a full queue: no record is lost.

    Closing before draining would lose the queue. Leaving the bucket after draining would
    lose what arrived in between.
    """
    instances = cluster(2, keys=FLOWS_ONLY)
    with sending(tmp_path / "sent"):
        freeze(instances[0].pid)
        wait_for("a queue", lambda: queued() > 100_000)
        os.kill(instances[0].pid, signal.SIGTERM)
        os.kill(instances[0].pid, signal.SIGCONT)
        assert instances[0].wait_exit() == 0
    check_all_written(tmp_path / "sent", *instances)
    both = [set(address(flow["peer_ip_src"]) for flow in i.flows()) for i in instances]
    assert both[0] & both[1], "none of its exporters moved"


@pytest.mark.parametrize("more", [FLOWS_ONLY, {}], ids=["flows", "bmp"])
def test_second_process_replaces_the_first(start, tmp_path, more):
    """The first stops without a signal, and leaves the shared pidfile to the second."""
    pidfile = tmp_path / "nfacctd.pid"
    more = {**more, "pidfile": pidfile}
    first = start(0, 1, keys=more).wait_ready()
    with sending(tmp_path / "sent"):
        second = start(0, 1, directory=tmp_path / "second", keys=more).wait_ready()
        assert first.wait_exit() == 0
        assert "reuseport: flows: the hash bucket was taken over" in first.log()
    check_all_written(tmp_path / "sent", first, second)
    assert first.flows() and second.flows()
    assert int(pidfile.read_text()) == second.pid


def test_pmbmpd_is_replaced(start, tmp_path):
    more = {"bmp_daemon": None, "plugins": None}
    ready = "reuseport: BMP is hash bucket 0 of 1"
    first = start(0, 1, binary="pmbmpd", keys=more).wait_ready(ready)
    start(0, 1, binary="pmbmpd", directory=tmp_path / "second", keys=more).wait_ready(ready)
    assert first.wait_exit() == 0


def test_removed_member_ends(cluster, tmp_path):
    """An instance without a bucket after a resize ends, and loses nothing."""
    instances = cluster(3, keys=FLOWS_ONLY)
    with sending(tmp_path / "sent"):
        ask("resize", 2)
        assert instances[2].wait_exit() == 0
    check_all_written(tmp_path / "sent", *instances)


@pytest.mark.parametrize("more", [{}, BUFFER], ids=["default", "buffer"])
def test_core_is_killed(start, tmp_path, more):
    """The plugin writes what the core had read, long before its next timeout."""
    instance = listening(start(0, 1, keys={**LATE, **more}))
    traffic.flows(*V5, "--flows", 101, "--records", tmp_path / "sent")
    wait_for("all read", lambda: queued() == 0)
    wait_for("nothing in hand", lambda: exact_kill.is_waiting(instance.pid))
    instance.kill()
    wait_for("the plugin's output", lambda: written(instance) >= 40 * 101)
    assert keys(instance) == sent_keys(tmp_path / "sent")


# --- sockets from a service manager ---


class Sockets:
    """Sockets that the test holds like a service manager, so that they outlive an instance."""

    def __init__(self):
        self.held = {}

    def add(
        self,
        name,
        kind=socket.SOCK_DGRAM,
        to=("::", 2055),
        family=socket.AF_INET6,
        reuseport=True,
        listen=True,
        prepare=None,
    ):
        held = self.held[name] = socket.socket(family, kind)
        if family != socket.AF_UNIX:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(reuseport))
        enlarge_queue(held)
        if prepare:
            prepare(held)
        held.bind(to)
        if kind == socket.SOCK_STREAM and listen:
            held.listen(100)
        return self

    @property
    def passed(self):
        """Arguments for start() that pass the sockets."""
        script = pathlib.Path(__file__).parent / "harness" / "listen_fds.py"
        words = [f"{held.fileno()}:{name}" for name, held in self.held.items()]
        return {
            "command": ("/usr/bin/python3", str(script), *words, "--"),
            "pass_fds": [held.fileno() for held in self.held.values()],
        }


def ipv6_only(held):
    held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def on_loopback(held):
    held.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")


@pytest.fixture
def sockets(sandbox):
    made = Sockets()
    yield made
    for held in made.held.values():
        held.close()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("more", [{}, NO_KEYS], ids=["keys", "no-keys"])
def test_passed_socket_keeps_its_queue(start, sockets, tmp_path, more, stop):
    """The next process reads what arrived in between; the first wrote what it had read."""
    sockets.add("flows")
    more = {**LATE, "reuseport_hashbucket_count": 1, **more}
    first = listening(start(0, keys=more, **sockets.passed))
    assert "socket 'flows' was passed by the service manager" in first.log()
    traffic.flows(*V5, "--flows", 40, "--records", tmp_path / "before")
    wait_for("all read", lambda: queued() == 0)
    wait_for("nothing in hand", lambda: exact_kill.is_waiting(first.pid))
    freeze(first.pid)
    traffic.flows(
        "--source", "127.2.0.1+40", "--version", "5", "--flows", 40, "--records", tmp_path / "after"
    )
    os.kill(first.pid, stop)
    os.kill(first.pid, signal.SIGCONT)
    first.wait_exit()
    wait_for("output", lambda: written(first) >= 1600)
    assert keys(first) == sent_keys(tmp_path / "before")
    if more["reuseport_hashbucket_count"]:
        assert in_bucket(sockets.held["flows"])

    second = listening(start(0, directory=tmp_path / "second", keys=more, **sockets.passed))
    assert "took hash bucket" not in second.log()
    wait_for("all read", lambda: queued() == 0)
    assert second.stop() == 0
    assert keys(second) == sent_keys(tmp_path / "after")


def test_passed_bmp_socket(start, sockets, routers):
    """Routers connect while no process runs, and the next one accepts them."""
    sockets.add("bmp", socket.SOCK_STREAM, ("::", 1790)).add("flows")
    first = start(0, 1, **sockets.passed).wait_ready()
    assert first.stop() == 0
    routers("--source", "127.1.0.1+8")
    second = start(0, 1, directory=first.directory / "second", **sockets.passed).wait_ready()
    wait_for("sessions", lambda: len(sessions([second])) == 8)


def test_passed_to_pmbmpd(start, sockets, routers):
    sockets.add("bmp", socket.SOCK_STREAM, ("::", 1790))
    routers("--source", "127.1.0.1+8")
    instance = start(
        0, 1, binary="pmbmpd", keys={"bmp_daemon": None, "plugins": None}, **sockets.passed
    ).wait_ready("reuseport: BMP is hash bucket 0 of 1")
    wait_for("sessions", lambda: len(sessions([instance])) == 8)


def test_passed_socket_that_lost_its_bucket(start, sockets, tmp_path):
    """The socket receives nothing any more, so its queue must be read completely."""
    sockets.add("flows")
    first = start(0, 1, keys=FLOWS_ONLY, **sockets.passed).wait_ready()
    with sending(tmp_path / "sent"):
        second = start(0, 1, directory=tmp_path / "second", keys=FLOWS_ONLY).wait_ready()
        assert first.wait_exit() == 0
    check_all_written(tmp_path / "sent", first, second)


def test_passed_socket_that_lost_its_bucket_a_moment_ago(start, sockets, tmp_path):
    """SIGTERM arrives before the instance can notice the takeover."""
    sockets.add("flows")
    first = listening(start(0, 1, keys=LATE, **sockets.passed))
    freeze(first.pid)
    traffic.flows(*V5, "--flows", 40, "--records", tmp_path / "sent")
    listening(start(0, 1, directory=tmp_path / "second", keys=LATE))
    os.kill(first.pid, signal.SIGTERM)
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait_exit() == 0
    assert keys(first) == sent_keys(tmp_path / "sent")


def test_children_get_nothing_of_it(start, sockets):
    """Plugins inherit neither the descriptors nor the LISTEN_* variables."""
    sockets.add("flows").add("bmp", socket.SOCK_STREAM, ("::", 1790))
    instance = start(0, keys=NO_KEYS, **sockets.passed).wait_ready()
    inodes = {f"socket:[{os.fstat(held.fileno()).st_ino}]" for held in sockets.held.values()}
    (plugin,) = subprocess.run(
        ["pgrep", "-P", str(instance.pid)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    links = lambda pid: {os.readlink(path) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
    assert inodes <= links(instance.pid)
    assert not inodes & links(plugin)


@pytest.mark.parametrize(
    "name, made, more, words",
    [
        ("flow", {}, {}, "descriptor 3 is called 'flow': set FileDescriptorName to flows,"),
        ("templates", {}, {}, "no use for a socket 'templates': set nfacctd_templates_port or"),
        ("bmp", {}, {}, "no use for a socket 'bmp': set bmp_daemon or"),
        (
            "flows",
            {"kind": socket.SOCK_STREAM},
            {},
            "'flows' passed by the service manager: not a " "datagram socket; use ListenDatagram",
        ),
        ("bmp", {}, {"bmp_daemon": "true"}, "not a stream socket; use ListenStream"),
        (
            "bmp",
            {"kind": socket.SOCK_STREAM, "to": ("::", 1790), "listen": False},
            {"bmp_daemon": "true"},
            "not a listening socket; use Accept=no",
        ),
        (
            "flows",
            {"to": ("::", 2056)},
            {},
            "bound to [::]:2056 but the configuration says [::]:2055",
        ),
        (
            "flows",
            {"to": ("0.0.0.0", 2055), "family": socket.AF_INET},
            {},
            "bound to 0.0.0.0:2055 but",
        ),
        ("flows", {}, {"nfacctd_ip": "::1"}, "bound to [::]:2055 but the configuration says [::1]"),
        ("flows", {}, {"nfacctd_ipv6_only": "true"}, "use BindIPv6Only=ipv6-only"),
        ("flows", {}, {"nfacctd_interface": "lo"}, "use BindToDevice"),
        ("flows", {"prepare": ipv6_only}, {}, "use BindIPv6Only=both"),
        ("flows", {"prepare": on_loopback}, {}, "leave BindToDevice out"),
        ("flows", {"reuseport": False}, {}, "has no SO_REUSEPORT, so it shares"),
        ("flows", {"family": socket.AF_UNIX, "to": "\0here"}, {}, "neither IPv4 nor IPv6"),
    ],
)
def test_socket_that_does_not_fit(start, sockets, name, made, more, words):
    sockets.add(name, **made)
    instance = start(0, 1, keys={**FLOWS_ONLY, **more}, **sockets.passed)
    assert instance.wait_exit() == 1
    assert words in instance.log()


def test_interface_of_a_passed_socket(start, sockets):
    sockets.add("flows", prepare=on_loopback)
    start(0, 1, keys={**FLOWS_ONLY, "nfacctd_interface": "lo"}, **sockets.passed).wait_ready()


def test_two_sockets_of_one_name(start, sockets):
    sockets.add("flows")
    command = list(sockets.passed["command"])
    command.insert(-1, command[2])
    instance = start(0, 1, keys=FLOWS_ONLY, command=command, pass_fds=sockets.passed["pass_fds"])
    assert instance.wait_exit() == 1
    assert "descriptors 3 and 4 are both called 'flows'" in instance.log()


def test_sockets_for_another_process(start, sandbox):
    """LISTEN_PID names another process, so the variables are ignored."""
    start(
        0, 1, keys=FLOWS_ONLY, command=("env", "LISTEN_PID=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=x:y")
    ).wait_ready()


def test_templates_survive_a_restart(start, tmp_path):
    """The next process decodes v9 data without receiving the template."""
    more = {**FLOWS_ONLY, "nfacctd_templates_file": tmp_path / "templates.json"}
    first = start(0, 1, keys=more).wait_ready()
    with traffic.sending(
        tmp_path / "sent",
        "--source",
        "127.1.0.1+4",
        "--version",
        "9,10",
        "--refresh",
        0,
        "--rate",
        100,
    ):
        wait_for("templates", lambda: first.flows())
        second = start(0, 1, directory=tmp_path / "second", keys=more).wait_ready()
        assert first.wait_exit() == 0
    check_all_written(tmp_path / "sent", first, second)
    assert second.flows()
