# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGKILL that reports every datagram it costs: exporter and sequence number."""
import os
import platform
import signal
import time

from . import PATIENCE, wait_for
from .sockets import drain, sockets_of
from .traffic import state

PSELECT6 = {"x86_64": 270, "aarch64": 72}[platform.machine()]


def is_waiting(pid):
    """True if an nfacctd waits in pselect(), which means that it has no datagram in hand."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as call:
        return call.read().split()[0] == str(PSELECT6)


def _stop_idle(pid, tries):
    for _ in range(tries):
        os.kill(pid, signal.SIGSTOP)
        wait_for("the process stopped", lambda: state(pid) in "TZ")
        if state(pid) == "Z" or is_waiting(pid):
            return True
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.001)
    return False


def wait_delivered():
    """Wait until what the stopped generator has sent is in the queues and in no backlog."""

    def delivered():
        seen = {}
        for path, prefix in (("/proc/net/snmp", "Ip:"), ("/proc/net/snmp6", "")):
            with open(path, encoding="ascii") as lines:
                lines = [line.split() for line in lines]
            if prefix:
                names, values = [line[1:] for line in lines if line[0] == prefix]
                seen.update(zip(names, map(int, values)))
            else:
                seen.update({name: int(value) for name, value in lines})
        return (
            seen["InDelivers"] == seen["OutRequests"]
            and seen["Ip6InDelivers"] == seen["Ip6OutRequests"]
        )

    wait_for("everything delivered", delivered)


def kill(instance, load, queue_for=0.0):
    """Let the queue fill for some seconds, then SIGKILL. Returns what was in the queue.

    The instance is stopped while it waits for a datagram, so it has none in hand. What
    it has decoded is in the ring of its plugin.
    """
    pid = instance.pid
    frozen = not _stop_idle(pid, 100)
    if frozen:  # always busy; it becomes idle when the load stops
        load.freeze()
        while not _stop_idle(pid, 100):
            pass
    else:
        time.sleep(queue_for)
        load.freeze()
    try:
        wait_delivered()
        queued = []
        for sock in sockets_of(pid):
            with sock:
                queued += drain(sock)
        os.kill(pid, signal.SIGKILL)
        instance.process.wait(PATIENCE)
    finally:
        load.thaw()
    return queued
