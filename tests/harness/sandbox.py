# SPDX-License-Identifier: GPL-2.0-or-later
"""Throw-away network and mount namespaces with an empty bpffs."""
import ctypes
import os
import subprocess

from . import wait_for

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
BPFFS = "/sys/fs/bpf"

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result):
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Sandbox:
    """Moves this process, and what it starts afterwards, into new namespaces.

    The bpffs is empty, loopback is up, and every address of 127.0.0.0/8 and
    fd00:1::/64 is local, so one process can play any number of exporters. Nothing
    outside is touched. The namespaces end with the last process in them.
    """

    def __init__(self):
        self._outside = [
            os.open(f"/proc/self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in ("mnt", "net")
        ]
        _check(_libc.unshare(CLONE_NEWNS | CLONE_NEWNET))
        for command in (
            "mount --make-rprivate /",
            f"mount -t bpf -o mode=0700 bpf {BPFFS}",
            "ip link set lo up",
            "ip -6 route add local fd00:1::/64 dev lo",
        ):
            subprocess.run(command.split(), check=True)

    def leave(self):
        """Go back to the namespaces outside. Other processes stay in the sandbox."""
        for fd in self._outside:
            # The kernel refuses while a thread that was joined is still on its way out.
            wait_for("no other thread", lambda fd=fd: not _libc.setns(fd, 0))
            os.close(fd)


def pins():
    """Every path in the bpffs, except the files that the kernel makes."""
    found = []
    for folder, folders, files in os.walk(BPFFS):
        found += [os.path.join(folder, name) for name in folders + files]
    return sorted(path for path in found if not path.endswith(".debug"))
