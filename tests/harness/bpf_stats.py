# SPDX-License-Identifier: GPL-2.0-or-later
"""What the selector of a cluster costs, as the kernel measures it."""
import contextlib
import ctypes
import json
import os
import pathlib
import subprocess

from .sandbox import BPFFS

SYS_BPF, BPF_ENABLE_STATS = 321, 32


@contextlib.contextmanager
def bpf_stats():
    """The kernel measures BPF programs during the block."""
    attr = ctypes.create_string_buffer(128)
    fd = ctypes.CDLL(None, use_errno=True).syscall(SYS_BPF, BPF_ENABLE_STATS, attr, 4)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "BPF_ENABLE_STATS")
    try:
        yield
    finally:
        os.close(fd)


def bpftool(*args):
    return json.loads(
        subprocess.run(["bpftool", "-j", *args], check=True, stdout=subprocess.PIPE).stdout
    )


class Selector:
    """The program of a cluster with one endpoint."""

    def __init__(self, cluster):
        (self.pin,) = pathlib.Path(BPFFS, "pmacct", cluster).glob("*/_selector")

    def show(self):
        """What the kernel tells of the program."""
        return bpftool("prog", "show", "pinned", str(self.pin))

    def read(self):
        """The nanoseconds of all runs, and how many they were."""
        shown = self.show()
        return shown.get("run_time_ns", 0), shown.get("run_cnt", 0)
