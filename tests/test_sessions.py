# SPDX-License-Identifier: GPL-2.0-or-later
"""One daemon with thousands of BMP, BGP and telemetry sessions, and at its limit of open files."""
import contextlib
import fcntl
import json
import os
import pathlib
import re
import resource
import socket
import subprocess
import time

import pytest

from harness import cpu_seconds, traffic, wait_for
from harness.bgp_routers import BgpRouters
from harness.nfacctd import json_lines, refuses_to_start

BGP_PORT = 1179
TELEMETRY_PORT = 1620
FD_SETSIZE = 1024
# nfacctd has either BMP or BGP.
BGP = {
    "bmp_daemon": "false",
    "nfacctd_as": "bgp",
    "nfacctd_net": "bgp",
    "bgp_daemon": "true",
    "bgp_daemon_port": BGP_PORT,
}
UPDATE = b'"log_type": "update"'

TELEMETRY = f"""
daemonize: false
core_proc_name: pmtelemetryd
logfile: /var/log/pmacct/nfacctd-@INDEX@.log
telemetry_daemon_ip: 127.0.0.1
telemetry_daemon_port_tcp: {TELEMETRY_PORT}
telemetry_daemon_decoder: json
telemetry_daemon_msglog_file: /var/lib/pmacct/telemetry.json
"""


def limit(soft, hard):
    return ("prlimit", f"--nofile={soft}:{hard}", "--")


@pytest.fixture
def telemetry(start, tmp_path):
    """telemetry(KEYS, command): start a pmtelemetryd"""

    def telemetry(keys, command):
        sample = tmp_path / "pmtelemetryd.sample"
        sample.write_text(TELEMETRY, encoding="utf-8")
        return start(0, sample=sample, binary="pmtelemetryd", keys=keys, command=command)

    return telemetry


def count(path, words):
    """The lines of an output file that contain words."""
    return path.read_bytes().count(words) if path.exists() else 0


def read_all(path, routes):
    """Wait until so many routes are logged, and not one more."""
    with contextlib.suppress(TimeoutError):
        wait_for("all routes", lambda: count(path, UPDATE) >= routes)
    assert count(path, UPDATE) == routes


def open_files(pid):
    return list(map(int, os.listdir(f"/proc/{pid}/fd")))


def children(pid):
    path = pathlib.Path(f"/proc/{pid}/task")
    return [
        int(child) for task in path.iterdir() for child in (task / "children").read_text().split()
    ]


@pytest.fixture
def bgp_routers(sandbox):
    """bgp_routers(FIRST, COUNT, PORT): BGP sessions that stay open until the end of the test."""
    made = []

    def bgp_routers(*args):
        made.append(BgpRouters(*args))
        return made[-1]

    yield bgp_routers
    for sessions in made:
        sessions.end()


def test_messages_of_all_bmp_routers_are_read(start, routers, tmp_path):
    """5000 BMP sessions in one daemon, far beyond FD_SETSIZE."""
    start(0, keys={"bmp_daemon_max_peers": 5000}, command=limit(8192, 8192)).wait_ready()
    report = routers("--source", "127.1.0.1+5000", "--routes", 1).report
    assert report["states"] == {"established": 5000}
    log = tmp_path / "bmp-0.json"
    read_all(log, 5000)
    routers_read = {line["bmp_router"] for line in json_lines(log) if line.get("ip_prefix")}
    assert len(routers_read) == 5000


def test_messages_of_all_bgp_routers_are_read(start, bgp_routers, tmp_path):
    log = tmp_path / "bgp.json"
    start(0, keys={**BGP, "bgp_daemon_max_peers": 2000, "bgp_daemon_msglog_file": log}).wait_ready()
    assert bgp_routers("127.2.0.1", 2000, BGP_PORT).announced == 2000
    read_all(log, 2000)
    assert len({line["ip_prefix"] for line in json_lines(log) if line.get("ip_prefix")}) == 2000


def test_telemetry_of_all_routers_is_read(telemetry, tmp_path):
    daemon = telemetry({"telemetry_daemon_max_peers": 1200}, limit(2048, 2048))
    daemon.wait_ready("waiting for telemetry data")
    sessions = []
    try:
        for number in range(1200):
            sock = socket.create_connection(
                ("127.0.0.1", TELEMETRY_PORT),
                source_address=(f"127.3.{number // 250}.{number % 250 + 1}", 0),
            )
            sessions.append(sock)
            sock.sendall(json.dumps({"number": number}).encode() + b"\n")
        log = tmp_path / "telemetry.json"
        wait_for("all messages", lambda: count(log, b'"number"') >= 1200)
        assert daemon.process.poll() is None
    finally:
        for sock in sessions:
            sock.close()


@pytest.fixture
def high_descriptors():
    """Descriptors for a daemon, which leave it few free ones below four times FD_SETSIZE."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, max(8192, before[1])))
    null = os.open("/dev/null", os.O_RDONLY)
    made = [fcntl.fcntl(null, fcntl.F_DUPFD, 64) for _ in range(64, 4 * FD_SETSIZE)]
    yield made
    for fd in (null, *made):
        os.close(fd)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_daemon_that_starts_among_its_routers_gets_their_flows(start, high_descriptors):
    """They connect before the plugins start, whose pipes then have high descriptors."""
    generator = subprocess.Popen(
        [
            *(traffic.GENERATOR, "bmp", "--to", "127.0.0.1:1790", "--source", "127.1.0.1+100"),
            *("--routes", "1", "--timeout", "600", "--hold", "forever", "--quiet"),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        daemon = start(0, pass_fds=high_descriptors).wait_ready()
        (plugin,) = children(daemon.pid)
        assert max(open_files(plugin)) >= 4 * FD_SETSIZE
        report = traffic.flows(
            "--source", "127.1.0.1+20", "--flows", 50, to=("--to", "127.0.0.1:2055")
        )
        wait_for("all flows", lambda: len(daemon.flows()) >= report["records"])
        assert len(daemon.flows()) == report["records"]
    finally:
        generator.kill()
        generator.wait()


def test_at_the_limit_of_open_files_new_routers_wait(start, routers, tmp_path):
    """The daemon says so once, uses next to no processor time, and reads the other sessions."""
    daemon = start(0, keys={"bmp_daemon_max_peers": 200}).wait_ready()
    first = routers("--source", "127.1.0.1+40", "--routes", 1)
    log = tmp_path / "bmp-0.json"
    wait_for("their routes", lambda: count(log, UPDATE) == 40)
    top = max(open_files(daemon.pid)) + 11
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (top, 4096))

    routers("--source", "127.2.0.1+45", "--routes", 1)
    wait_for("the limit", lambda: top - 1 in open_files(daemon.pid))
    before, started = cpu_seconds(daemon.pid), time.monotonic()
    wait_for("three seconds", lambda: time.monotonic() > started + 3)
    used = (cpu_seconds(daemon.pid) - before) / (time.monotonic() - started)
    assert used < 0.2, f"{used:.2f} processors are busy"
    text = rf"WARN .*accept\(\) failed: Too many open files.* limit .* {top} "
    wait_for("the warning", lambda: re.search(text, daemon.log()))
    assert count(log, UPDATE) < 85

    first.end()
    wait_for("the routes of all", lambda: count(log, UPDATE) == 85)
    assert daemon.log().count("accept() failed") == 1


@pytest.mark.parametrize("kind", ["bmp", "bgp"])
def test_more_peers_than_the_limit_allows(start, kind):
    keys = {**(BGP if kind == "bgp" else {}), f"{kind}_daemon_max_peers": 5000}
    log = refuses_to_start(
        start(0, keys=keys, command=limit(512, 1024)), f"'{kind}_daemon_max_peers' is 5000"
    )
    assert "but the limit is 1024" in log


def test_more_telemetry_peers_than_the_limit_allows(telemetry):
    daemon = telemetry({"telemetry_daemon_max_peers": 5000}, limit(512, 1024))
    log = refuses_to_start(daemon, "'telemetry_daemon_max_peers' is 5000")
    assert "but the limit is 1024" in log


def test_the_limit_is_raised_to_what_the_peers_need(start):
    daemon = start(0, keys={"bmp_daemon_max_peers": 1000}, command=limit(256, 4096)).wait_ready(
        "maximum BMP peers allowed: 1000", "waiting for BMP data"
    )
    assert "'bmp_daemon_max_peers' is 1000: limit of open files raised from 256 to" in daemon.log()
    soft, hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    assert 1000 < soft <= hard == 4096
