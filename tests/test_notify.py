# SPDX-License-Identifier: GPL-2.0-or-later
"""nfacctd and pmbmpd tell the service manager what they do."""
import contextlib
import os
import pathlib
import resource
import signal
import socket
import time
from itertools import pairwise

import pytest

from harness import maps, traffic, wait_for
from harness.nfacctd import FLOWS_ONLY, NO_FLOWS, NO_KEYS
from harness.service_manager import ServiceManager

WATCHDOG = 4  # seconds
READY = "READY=1"
ALIVE = "WATCHDOG=1"
STOPPING = "STOPPING=1"
STATUS = "STATUS="


@pytest.fixture
def manager(tmp_path):
    made = ServiceManager(tmp_path / "notify", WATCHDOG)
    yield made
    made.end()


def statuses(manager):
    return {text for text in manager.texts() if text.startswith(STATUS)}


def block(fifo):
    """Fill a pipe, so that the next write to it waits."""
    fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    for size in (4096, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(fd, b"x" * size)
    return fd


def waits_to_write(pid):
    """True if the main thread waits for room in a pipe."""
    return "pipe_write" in pathlib.Path(f"/proc/{pid}/wchan").read_text()


@pytest.mark.parametrize(
    "binary, keys",
    [
        ("nfacctd", FLOWS_ONLY),
        ("nfacctd", {**FLOWS_ONLY, **NO_KEYS}),
        ("nfacctd", {"nfacctd_templates_port": 2056}),
        ("pmbmpd", NO_FLOWS),
        ("pmbmpd", {**NO_FLOWS, **NO_KEYS}),
    ],
)
def test_ready_alive_and_stopping(start, manager, binary, keys):
    """Nobody sends anything to the daemon."""
    daemon = start(0, binary=binary, keys=keys, command=manager.command)
    manager.wait(READY)
    manager.wait(ALIVE, times=5)
    assert daemon.stop() == 0
    words = manager.words()
    assert {word.pid for word in words} == {daemon.pid}
    texts = [word.text for word in words if not word.text.startswith(STATUS)]
    assert texts == [READY] + [ALIVE] * (len(texts) - 2) + [STOPPING]
    times = [word.time for word in words if word.text == ALIVE]
    assert max(after - before for before, after in pairwise(times)) < WATCHDOG
    bucket = f"{STATUS}hash bucket 0 of 4 in cluster 'default'"
    balanced = "reuseport_hashbucket_count" not in keys
    assert statuses(manager) == ({bucket} if balanced else set())


def test_a_takeover_is_a_stop(start, manager, tmp_path):
    first = start(0, 1, keys=FLOWS_ONLY, command=manager.command)
    manager.wait(READY)
    start(0, 1, directory=tmp_path / "second", keys=FLOWS_ONLY).wait_ready()
    assert first.wait_exit() == 0
    assert [text for text in manager.texts() if text != ALIVE] == [
        f"{STATUS}hash bucket 0 of 1 in cluster 'default'",
        READY,
        f"{STATUS}stopping: the hash bucket was taken over by another daemon",
        STOPPING,
    ]


def test_a_start_that_fails_is_not_ready(start, manager):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
        other.bind(("::", 2055))
        daemon = start(0, keys=FLOWS_ONLY, command=manager.command)
        assert daemon.wait_exit() == 1
    assert manager.texts() == []


def test_ready_waits_for_a_thread_that_is_late(start, manager, tmp_path):
    """The thread for BMP waits for the one for RPKI. A signal ends the wait of the core."""
    roas = tmp_path / "roas.json"
    roas.write_text('{"roas": []}')
    daemon = start(0, keys={"rpki_roas_file": roas}, command=manager.command)
    daemon.wait_ready("RPKI")
    seen = []

    def flows_are_live():
        if daemon.process.poll() is None and not seen:
            os.kill(daemon.pid, signal.SIGHUP)
        try:
            return maps.live("udp") == {0}
        except ValueError:
            return False

    wait_for("flows in the bucket", flows_are_live)
    assert READY not in manager.texts()
    manager.wait(READY)
    assert maps.live("tcp") == {0}


def test_a_loop_that_hangs_does_not_say_that_it_is_alive(start, manager, tmp_path):
    """The log is a pipe that nobody reads. The thread for BMP lives on."""
    fifo = tmp_path / "log"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    # pmacct opens a logfile that is a pipe so that it never waits.
    command = (*manager.command, "sh", "-c", f'exec "$@" 2>{fifo}', "sh")
    daemon = start(0, keys={"logfile": None}, command=command)
    manager.wait(ALIVE)
    filler = block(fifo)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
        exporter.sendto(b"\0\5too short", ("127.0.0.1", 2055))
    wait_for("the core hangs", lambda: waits_to_write(daemon.pid))
    before = manager.texts().count(ALIVE)
    hung = time.monotonic()
    wait_for("a watchdog that barks", lambda: time.monotonic() > hung + 1.5 * WATCHDOG)
    assert manager.texts().count(ALIVE) == before
    while waits_to_write(daemon.pid):
        os.read(reader, 65536)
    manager.wait(ALIVE, times=before + 1)
    os.close(filler)
    os.close(reader)


def test_programs_that_a_plugin_runs_have_no_way_to_the_service_manager(start, manager, tmp_path):
    script = tmp_path / "trigger"
    script.write_text(f"#!/bin/sh\nenv >{tmp_path}/env.new\nmv {tmp_path}/env.new {tmp_path}/env\n")
    script.chmod(0o755)
    start(0, keys={**FLOWS_ONLY, "print_trigger_exec[flows]": script}, command=manager.command)
    manager.wait(READY)
    traffic.flows("--source", "127.1.0.1", "--version", 5, "--flows", 1)
    wait_for("the trigger", (tmp_path / "env").exists)
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert "PATH" in names
    assert not names & {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}


def test_alive_at_the_limit_of_open_files(start, manager):
    daemon = start(0, binary="pmbmpd", keys=NO_FLOWS, command=manager.command)
    manager.wait(READY)
    taken = set(map(int, os.listdir(f"/proc/{daemon.pid}/fd")))
    limit = next(fd for fd in range(1024) if fd not in taken)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (limit, limit))
    manager.wait(ALIVE, times=manager.texts().count(ALIVE) + 3)
