# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGKILL such that every datagram it costs is known: exporter and sequence number."""
import ctypes
import os
import platform
import signal
import socket
import struct
import time

from . import ledger, wait_for
from .nfacctd import address
from .traffic import state

PIDFD_GETFD = 438
PSELECT6 = {"x86_64": 270, "aarch64": 72}[platform.machine()]
SEQUENCE_AT = 16  # in the header of NetFlow v5

_libc = ctypes.CDLL(None, use_errno=True)


def sockets_of(pid, port=2055):
    """Descriptors of ours for the sockets that a process has on a port."""
    inodes = {f"socket:[{inode}]" for inode in ledger.udp_sockets(port)}
    pidfd = os.pidfd_open(pid)
    found = []
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{name}")
            except FileNotFoundError:
                continue  # closed by now, so no socket that it keeps
            if target in inodes:
                fd = _libc.syscall(PIDFD_GETFD, pidfd, int(name), 0)
                if fd < 0:
                    raise OSError(ctypes.get_errno(), f"pidfd_getfd of pid {pid}")
                found.append(socket.socket(fileno=fd))
    finally:
        os.close(pidfd)
    return found


def drain(sock):
    """(exporter, sequence number) of all NetFlow v5 that is queued, which is gone then."""
    found = []
    while True:
        try:
            data, source = sock.recvfrom(2048, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return found
        (number,) = struct.unpack_from("!I", data, SEQUENCE_AT)
        found.append((address(source[0]), number))


def waits(pid):
    """An nfacctd that waits for a datagram has none in hand; one that runs is not looked into."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as call:
        return call.read().split()[0] == str(PSELECT6)


def _stop_idle(pid, tries):
    for _ in range(tries):
        os.kill(pid, signal.SIGSTOP)
        wait_for("the victim stopped", lambda: state(pid) in "TZ")
        if state(pid) == "Z" or waits(pid):
            return True
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.001)
    return False


def settle():
    """What the stopped generator has sent is in the queues: it may still be in a backlog."""

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
    """SIGKILL after its queue has been filled for some seconds; what was in the queue.

    It is stopped while it waits for a datagram, so it has none in hand. What it has
    decoded before is in its plugin's ring.
    """
    pid = instance.pid
    frozen = not _stop_idle(pid, 100)
    if frozen:  # always busy; without more to do it gets idle
        load.freeze()
        while not _stop_idle(pid, 100):
            pass
    else:
        time.sleep(queue_for)
        load.freeze()
    try:
        settle()
        queued = []
        for sock in sockets_of(pid):
            with sock:
                queued += drain(sock)
        os.kill(pid, signal.SIGKILL)
        instance.process.wait(10)
    finally:
        load.thaw()
    return queued
