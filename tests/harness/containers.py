# SPDX-License-Identifier: GPL-2.0-or-later
"""Instances in containers: namespaces as a container engine makes them."""
import pathlib
import subprocess

from . import wait_for
from .nfacctd import Instance

# Host network, pid and mount namespaces of its own. Mounts are copied, so that it has the bpffs
# of the sandbox.
CONTAINER = ("unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc")
# The same with a bpffs that no other container sees.
OWN_BPFFS = (*CONTAINER, "sh", "-c", 'mount -t bpf -o mode=0700 bpf /sys/fs/bpf && exec "$@"', "sh")


def children(pid):
    """The pids of the children of a process, as this process sees them."""
    return [
        int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ]


class Container(Instance):
    """An instance that is process 1 of a pid namespace."""

    def __init__(self, *args, command=CONTAINER, **kwargs):
        super().__init__(*args, command=command, **kwargs)

    @property
    def pid(self):
        """As this process sees it."""
        (pid,) = wait_for("the container", lambda: children(self.process.pid))
        return pid

    def run(self, *command):
        """Run a command in the container, unchecked."""
        return subprocess.run(
            ["nsenter", f"--target={self.pid}", "--pid", "--mount", "--", *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self):
        if self.process is None:
            return
        # With it ends process 1, and with that all of the pid namespace.
        self.process.kill()
        self.process.wait()
        self.stderr.close()
