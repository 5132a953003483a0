# SPDX-License-Identifier: GPL-2.0-or-later
"""Daemons and plugins end: on signals to all processes, and if a plugin hangs."""
import os
import pathlib
import signal
import socket
import struct

import pytest

from harness import PATIENCE, freeze, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, NO_KEYS
from harness.pcap import Capture
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

BOTH = {
    **LATE,
    "plugins": "print[flows],print[other]",
    "aggregate[other]": "peer_src_ip",
    "print_refresh_time[other]": 600,
    "print_output[other]": "json",
}


def children(pid):
    return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def plugins(instance):
    """name -> pid"""
    found = {}
    for pid in children(instance.pid):
        title = pathlib.Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0 ")
        found[title.rpartition("[")[2].rstrip("]")] = pid
    return found


def signals(pid, field):
    """A mask of signals in the status of a process or thread."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1], 16)
    raise LookupError(field)


def has(mask, signum):
    return bool(mask >> (signum - 1) & 1)


def taken(pid, signum):
    """True if the process has acted upon the signal, or has ended."""
    try:
        return gone(pid) or (not has(signals(pid, "ShdPnd"), signum) and traffic.state(pid) == "S")
    except FileNotFoundError:
        return True


def other_file(tmp_path):
    return {"print_output_file[other]": tmp_path / "other.json"}


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("more", [{}, NO_KEYS], ids=["keys", "no-keys"])
def test_signal_to_all_processes(start, tmp_path, more, stop):
    """Ctrl-C and service managers signal plugins too, before the core has read its queue."""
    instance = listening(start(0, 1, keys={**LATE, "reuseport_hashbucket_count": 1, **more}))
    (plugin,) = plugins(instance).values()
    enlarge_queues_of(instance.pid)
    freeze(instance.pid)
    traffic.flows(*V5, "--flows", 100, "--records", tmp_path / "sent")
    assert queued() > 0
    os.killpg(instance.pid, stop)
    wait_for("the signal taken by the plugin", lambda: taken(plugin, stop))
    os.kill(instance.pid, signal.SIGCONT)
    status = instance.wait_exit()
    sent = sent_keys(tmp_path / "sent")
    assert sent.total() - written(instance) == 0, "records are lost"
    assert status == 0
    assert keys(instance) == sent


@pytest.mark.parametrize("stop", STOPS)
def test_signal_to_a_plugin(start, tmp_path, stop):
    """It does not end the plugin, which ends with its core, and at once if that dies."""
    instance = listening(start(0, 1, keys=LATE))
    (plugin,) = plugins(instance).values()
    os.kill(plugin, stop)
    wait_for("the signal taken by the plugin", lambda: taken(plugin, stop))
    traffic.flows(*V5, "--flows", 10, "--records", tmp_path / "sent")
    wait_for("all read", lambda: queued() == 0)
    instance.kill()
    wait_for("the plugin gone", lambda: gone(plugin))
    assert keys(instance) == sent_keys(tmp_path / "sent")


def test_memory_plugin_ends_with_its_core(start):
    more = {**FLOWS_ONLY, "plugins": "memory[flows]", "imt_path[flows]": "imt.pipe"}
    instance = start(0, 1, keys=more).wait_ready("waiting for NetFlow/IPFIX data")
    pipe = instance.directory / "imt.pipe"
    wait_for("the plugin's socket", pipe.exists)
    (plugin,) = plugins(instance).values()
    for stop in STOPS:
        os.kill(plugin, stop)
        wait_for("the signal taken by the plugin", lambda: taken(plugin, stop))
    assert not gone(plugin)
    assert instance.stop() == 0
    assert gone(plugin) and not pipe.exists()


def test_plugin_that_hangs_is_killed(start, tmp_path):
    """The core names it, and ends; the other plugin has written all."""
    more = {**BOTH, **other_file(tmp_path), "plugin_exit_timeout": 1}
    instance = listening(start(0, 1, keys=more))
    wait_for("both plugins", lambda: instance.log().count("JSON: setting object handlers") == 2)
    other = plugins(instance)["other"]
    traffic.flows(*V5, "--flows", 10, "--records", tmp_path / "sent")
    freeze(other)
    os.kill(instance.pid, signal.SIGTERM)
    assert instance.wait_exit() == 0
    assert f"plugin 'other-print' (pid {other}) did not exit within 1 secs" in instance.log()
    assert "'flows-print'" not in instance.log()
    wait_for("the plugin gone", lambda: gone(other))
    assert keys(instance) == sent_keys(tmp_path / "sent")


@pytest.mark.parametrize("more", [{}, {"plugin_exit_timeout": 0}], ids=["default", "no-limit"])
def test_slow_plugin_is_not_killed(start, tmp_path, more):
    """It has a full ring when the core stops, and reads it to its end."""
    instance = listening(start(0, 1, keys={**LATE, **more}))
    (plugin,) = plugins(instance).values()
    freeze(plugin)
    traffic.flows(*V5, "--flows", 200, "--records", tmp_path / "sent")
    wait_for("all read", lambda: queued() == 0)
    os.kill(instance.pid, signal.SIGTERM)
    wait_for("the plugin told", lambda: has(signals(plugin, "ShdPnd"), signal.SIGINT))
    os.kill(plugin, signal.SIGCONT)
    assert instance.wait_exit() == 0
    assert "plugin_exit_timeout" not in instance.log()
    assert keys(instance) == sent_keys(tmp_path / "sent")


@pytest.mark.parametrize("value", ["-1", "soon", ""])
def test_bad_timeout(start, value):
    instance = start(0, 1, keys={**LATE, "plugin_exit_timeout": value})
    wait_for("the refusal", lambda: "'plugin_exit_timeout' has to be >= 0" in instance.log())


def test_threads_leave_signals_to_the_core(start):
    """A handler that runs in a thread would log and free memory in the middle of anything."""
    instance = start(0, 1).wait_ready()
    threads = [path.name for path in pathlib.Path(f"/proc/{instance.pid}/task").iterdir()]
    threads.remove(str(instance.pid))
    assert threads
    for thread in threads:
        blocked = signals(f"{instance.pid}/task/{thread}", "SigBlk")
        for signum in (*STOPS, signal.SIGCHLD, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            assert has(blocked, signum), (thread, signum)


IDLE = {
    "pmbgpd": ({"bgp_daemon_ip": "127.0.0.1", "bgp_daemon_port": 1179}, "waiting for BGP data"),
    "pmtelemetryd": (
        {
            "telemetry_daemon_ip": "127.0.0.1",
            "telemetry_daemon_port_tcp": 1620,
            "telemetry_daemon_decoder": "json",
        },
        "waiting for telemetry data",
    ),
    "sfacctd": ({"sfacctd_port": 6343}, "waiting for sFlow data"),
}


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("background", ["true", "false"])
@pytest.mark.parametrize("binary", IDLE)
def test_idle_daemon_stops_at_once(start, binary, background, stop):
    more, ready = IDLE[binary]
    plugin = {} if binary == "sfacctd" else {"plugins": None}
    instance = start(
        0,
        binary=binary,
        keys={
            **FLOWS_ONLY,
            **NO_KEYS,
            "nfacctd_port": None,
            **plugin,
            **more,
            "daemonize": background,
        },
    )
    if background == "true":
        assert instance.wait_exit() == 0
    wait_for("ready", lambda: ready in instance.log())
    pid = int((instance.directory / "nfacctd-0.pid").read_text())
    try:
        wait_for("waiting", lambda: traffic.state(pid) == "S")
        os.kill(pid, stop)
        wait_for("the idle daemon gone", lambda: gone(pid))
    finally:
        if not gone(pid):
            os.kill(pid, signal.SIGKILL)


def test_savefile_wait_ends_on_sigterm(start, tmp_path):
    instance = start_on_savefile(start, tmp_path)
    os.kill(instance.pid, signal.SIGTERM)
    assert instance.wait_exit() == 0
    assert len(instance.flows()) == 24


def test_probe_reads_its_ring(start, tmp_path):
    """nfprobe exports what the core has left in the ring."""
    capture = Capture(tmp_path / "packets.pcap")
    for number in range(200):
        capture.udp("192.0.2.1", f"198.51.100.{number + 1}", 1024 + number, 53, b"query")
    capture.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        enlarge_queue(receiver)
        receiver.bind(("127.0.0.1", 2055))
        instance = start(
            0,
            binary="pmacctd",
            keys={
                **FLOWS_ONLY,
                **NO_KEYS,
                "nfacctd_port": None,
                "plugins": "nfprobe[flows]",
                "aggregate[flows]": "src_host, dst_host, src_port, dst_port, proto",
                "nfprobe_receiver": "127.0.0.1:2055",
                "nfprobe_version": 5,
            },
            args=("-I", str(capture.path), "-W"),
        ).wait_ready("Exporting flows to")
        (plugin,) = plugins(instance).values()
        freeze(plugin)
        instance.wait_ready("finished reading PCAP capture file")
        os.kill(instance.pid, signal.SIGTERM)
        wait_for("the plugin told", lambda: has(signals(plugin, "ShdPnd"), signal.SIGINT))
        os.kill(plugin, signal.SIGCONT)
        assert instance.wait_exit() == 0
        receiver.setblocking(False)
        exported = 0
        try:
            while True:
                exported += struct.unpack("!HH", receiver.recv(2048)[:4])[1]
        except BlockingIOError:
            pass
    assert exported == 200


def test_writer_that_is_killed(start):
    """The pgsql plugin logs it, and goes on."""
    with socket.create_server(("127.0.0.1", 5432)) as silent:
        silent.settimeout(PATIENCE)
        instance = start(
            0,
            1,
            sample="nfacctd-pgsql.conf",
            keys={**FLOWS_ONLY, "sql_refresh_time[flows]": 1},
        ).wait_ready("waiting for NetFlow/IPFIX data")
        (plugin,) = plugins(instance).values()
        traffic.flows(*V5)
        with silent.accept()[0]:
            (writer,) = children(plugin)
            os.kill(writer, signal.SIGKILL)
            wait_for(
                "the message",
                lambda: f"exit status detected for child PID {writer}" in instance.log(),
            )
        assert not gone(plugin)
