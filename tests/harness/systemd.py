# SPDX-License-Identifier: GPL-2.0-or-later
"""A systemd as process 1 of new namespaces, and the sample units in it."""
import os
import pathlib
import shutil
import signal
import subprocess

from . import PATIENCE, wait_for
from .nfacctd import PREFIX, SAMPLES, address, json_lines

BINARY = pathlib.Path("/lib/systemd/systemd")
# On a host with cgroup v1, the v2 tree is in unified/ and has no controllers.
CGROUP2 = next(
    (
        path
        for path in map(pathlib.Path, ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"))
        if (path / "cgroup.procs").exists()
    ),
    None,
)
# Empty stand-ins for the targets that the units name.
TARGETS = ("basic", "network-online", "shutdown", "sockets", "sysinit")

ENTER = """
set -eu
mkdir "$2"
echo $$ >"$2"/cgroup.procs
exec unshare -m -p -f -i -u -C --kill-child -- sh "$1"
"""

# Configurations and programs are where the units expect them, in overlays over the
# directories of this machine, which do not change.
INSIDE = """
set -eu
mount --make-rprivate /
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,ro,bind /proc/sys
layers=$dir/layers
mkdir -p $layers
mount -t tmpfs tmpfs $layers
mkdir $layers/etc $layers/etc.work $layers/local $layers/local.work
mkdir $layers/etc/pmacct $layers/local/sbin
cp $dir/conf/* $layers/etc/pmacct
cp $samples/merge-templates $layers/local/sbin
mount -t overlay -o lowerdir=/etc,upperdir=$layers/etc,workdir=$layers/etc.work overlay /etc
mount -t overlay -o lowerdir=$prefix,upperdir=$layers/local,workdir=$layers/local.work \
    overlay /usr/local
mount -t tmpfs tmpfs /var
mkdir -p /var/tmp /var/lib/pmacct /var/log/pmacct
mount --bind $dir/lib /var/lib/pmacct
mount --bind $dir/log /var/log/pmacct
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system
systemd-sysusers $samples/sysusers.d/nfacctd.conf
systemd-tmpfiles --create $samples/tmpfiles.d/nfacctd.conf
chmod 640 /etc/pmacct/*
chgrp pmacct /etc/pmacct/*
cp -r $dir/units/* /run/systemd/system
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /tmp
cd /
exec env -i container=test PATH=$PATH SYSTEMD_UNIT_PATH=/run/systemd/system \
    /lib/systemd/systemd --system --unit=basic.target --log-target=null \
    systemd.unified_cgroup_hierarchy=1
"""


class Systemd:
    """Runs systemd. conf/ has the configurations; lib/ and log/ are mounted in /var.

    drop_in is added to nfacctd@.service. Without sockets, the instances make their sockets.
    """

    def __init__(self, directory, configurations, drop_in="", sockets=True):
        self.directory = pathlib.Path(directory)
        for name in ("conf", "lib", "log", "units"):
            (self.directory / name).mkdir(parents=True)
        for name, text in configurations.items():
            (self.directory / "conf" / name).write_text(text)
        units = self.directory / "units"
        for path in SAMPLES.glob("*@.*" if sockets else "*@.service*"):
            (shutil.copytree if path.is_dir() else shutil.copy)(path, units / path.name)
        for name in TARGETS:
            (units / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\n")
        # The programs look for the library in the prefix that they were built for.
        (units / "nfacctd@.service.d" / "library.conf").write_text(
            "[Service]\nEnvironment=LD_LIBRARY_PATH=/usr/local/lib\n"
        )
        (units / "nfacctd@.service.d" / "test.conf").write_text(f"[Service]\n{drop_in}\n")
        # Five starts that fail take longer than a minute on a slow machine.
        (units / "nfacctd@.service.d" / "limit.conf").write_text(
            "[Unit]\nStartLimitIntervalSec=3600\n"
        )
        self.group = CGROUP2 / f"pmr-test-{os.getpid()}"
        inside = self.directory / "inside.sh"
        inside.write_text(INSIDE)
        self.log = open(self.directory / "systemd.log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["sh", "-c", ENTER, "sh", inside, self.group],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env={
                "PATH": "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
                "dir": str(self.directory),
                "prefix": str(PREFIX),
                "samples": str(SAMPLES),
            },
        )
        wait_for("systemd", lambda: self.systemctl("is-system-running").stdout.strip() == "running")

    @property
    def pid(self):
        """The pid of process 1 outside of its namespace; its parent is unshare."""
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else pid

    @property
    def root(self):
        """The root directory of process 1."""
        return pathlib.Path(f"/proc/{self.pid}/root")

    def run(self, *command):
        """Run a command inside and return the completed process."""
        return subprocess.run(
            ["nsenter", "-t", str(self.pid), "-m", "-p", "-C", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )

    def systemctl(self, *args):
        """Run systemctl inside and return the completed process."""
        return self.run("systemctl", "--no-pager", *args)

    def show(self, unit, name):
        """The value of a property of a unit."""
        return self.systemctl("show", "-P", name, unit).stdout.strip()

    def end(self):
        """Kill process 1, which ends all others in its namespace."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.log.close()
        wait_for(f"an empty {self.group}", lambda: _remove(self.group))


def _remove(top):
    """Remove a tree of control groups. False while a process is in it."""
    try:
        for folder, _, _ in os.walk(top, topdown=False):
            os.rmdir(folder)
    except OSError:
        return False
    return True


class Units:
    """The instances, started as units."""

    def __init__(self, systemd, count):
        self.systemd = systemd
        self.count = count
        self.ready = [0] * count
        done = systemd.systemctl("start", *(f"nfacctd@{index}" for index in range(self.count)))
        assert done.returncode == 0, done.stdout
        for index in range(self.count):
            self.wait_ready(index)

    def log(self, index):
        path = self.systemd.directory / "log" / f"nfacctd-{index}.log"
        return path.read_text() if path.exists() else ""

    def wait_ready(self, index):
        """Wait until the instance is ready once more than at the last call."""
        self.ready[index] += 1
        wait_for(
            f"instance {index} ready {self.ready[index]} times",
            lambda: self.log(index).count("waiting for NetFlow/IPFIX data") >= self.ready[index],
        )

    def kill(self, index):
        self.systemd.systemctl("kill", "-s", "KILL", "--kill-whom=main", f"nfacctd@{index}")

    def states(self, index):
        """The states of the service and of its flow socket."""
        return tuple(
            self.systemd.show(unit, "SubState")
            for unit in (f"nfacctd@{index}.service", f"nfacctd-flows@{index}.socket")
        )

    def numbers(self, network):
        """For each instance: exporter -> the numbers of its records that were written."""
        found = []
        for index in range(self.count):
            seen = {}
            for flow in json_lines(self.systemd.directory / "lib" / f"flows-{index}.json"):
                exporter = address(flow["peer_ip_src"])
                if exporter.startswith(network):
                    seen.setdefault(exporter, []).append(int(flow["port_src"]))
            found.append(seen)
        return found

    def stop(self):
        """Stop the sockets and the services, as nfacctd@.service describes."""
        self.systemd.systemctl(
            "stop",
            *(
                f"{unit}@{index}.{kind}"
                for index in range(self.count)
                for unit, kind in (
                    ("nfacctd-flows", "socket"),
                    ("nfacctd-bmp", "socket"),
                    ("nfacctd-templates", "socket"),
                    ("nfacctd", "service"),
                )
            ),
        )
