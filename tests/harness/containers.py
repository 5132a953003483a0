# SPDX-License-Identifier: GPL-2.0-or-later
"""Instances in containers: namespaces as a container engine makes them."""
import json
import pathlib
import subprocess

import yaml
from kubernetes import client

from . import PATIENCE, wait_for
from .nfacctd import SAMPLES, Instance

# Host network, pid and mount namespaces of its own. Mounts are copied, so that it has the bpffs
# of the sandbox.
CONTAINER = ("unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc")
# The same with a bpffs that no other container sees.
OWN_BPFFS = (*CONTAINER, "sh", "-c", 'mount -t bpf -o mode=0700 bpf /sys/fs/bpf && exec "$@"', "sh")


def compose():
    """The services of compose.yaml, as the engine understands them."""
    done = subprocess.run(
        ["docker-compose", "-f", SAMPLES / "compose.yaml", "--profile", "commands", "config"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout
    return yaml.safe_load(done.stdout)["services"]


def pod():
    """The pod of daemonset.yaml. All fields must be known, and have the right type."""
    written = yaml.safe_load((SAMPLES / "daemonset.yaml").read_text())
    api = client.ApiClient(client.Configuration())

    class Response:
        data = json.dumps(written)

    known = api.sanitize_for_serialization(api.deserialize(Response, "V1DaemonSet"))
    assert known == written
    return written["spec"]["template"]["spec"]


def capable(names):
    """A command prefix: root with these capabilities and no others."""
    bounding = "".join(f",+{name.lower()}" for name in names)
    return ("setpriv", f"--bounding-set=-all{bounding}", "--inh-caps=-all", "--")


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
