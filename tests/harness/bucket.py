# SPDX-License-Identifier: GPL-2.0-or-later
"""A hash bucket and the processes that hold it, one after the other.

A method that takes time is a generator: run_together() steps several of them in turn,
so that several instances restart at the same time.
"""
import os
import pathlib
import signal
import sys
import time

from . import PATIENCE, ledger
from .nfacctd import Instance
from .sockets import enlarge_queues_of

LISTEN = pathlib.Path(__file__).with_name("listen_fds.py")


def run_together(*jobs, pause=0.02):
    """Step the generators in turn until all are done."""
    jobs = list(jobs)
    while jobs:
        for job in list(jobs):
            try:
                next(job)
            except StopIteration:
                jobs.remove(job)
        time.sleep(pause)


def until(what, condition, timeout=PATIENCE):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout} s still not: {what}")
        yield


class Bucket:
    """Each process writes to its own subdirectory; the templates file is shared."""

    def __init__(self, directory, index, sockets=None, **keys):
        """sockets: name -> socket; every process inherits them."""
        self.directory = pathlib.Path(directory)
        self.index = index
        self.sockets = sockets or {}
        self.keys = keys
        self.processes = []
        self.ended = []  # the processes that exited() has seen end

    @property
    def now(self):
        return self.processes[-1]

    def spawn(self, count, **more):
        directory = self.directory / f"{self.index}-{len(self.processes)}"
        keys = ledger.keys(
            directory,
            nfacctd_templates_file=(f"{self.directory}/templates-{self.index}.json"),
            **self.keys,
            **more,
        )
        command = ()
        if self.sockets:
            # The service manager sets the size of the queue.
            keys["nfacctd_pipe_size"] = None
            command = (
                sys.executable,
                "-IS",
                LISTEN,
                *(f"{sock.fileno()}:{name}" for name, sock in self.sockets.items()),
                "--",
            )
        instance = Instance(
            directory,
            self.index,
            count,
            keys=keys,
            command=tuple(map(str, command)),
            pass_fds=[sock.fileno() for sock in self.sockets.values()],
        )
        self.processes.append(instance.start())
        return instance

    def start(self, count):
        instance = self.spawn(count)
        yield from self.ready(instance)

    def ready(self, instance):
        def ready():
            if instance.process.poll() is not None:
                raise RuntimeError(
                    f"instance {self.index} ended with status "
                    f"{instance.process.returncode}:\n{instance.log()}"
                )
            return "waiting for NetFlow/IPFIX data" in instance.log()

        yield from until(f"instance {self.index} ready", ready)
        enlarge_queues_of(instance.pid)

    def exited(self, instance):
        """Wait until the instance has written its rows and ended with status 0."""
        yield from until(
            f"instance {self.index} (pid {instance.pid}) gone",
            lambda: instance.process.poll() is not None,
        )
        assert instance.process.returncode == 0, instance.log()
        self.ended.append(instance)

    def restart(self, count):
        """Stop, then start. Datagrams in between wait in the inherited socket."""
        old = self.now
        os.kill(old.pid, signal.SIGTERM)
        yield from self.exited(old)
        yield from self.start(count)

    def overlap(self, count):
        """Start a new process. The old one notices and stops by itself."""
        old = self.now
        yield from self.start(count)
        yield from self.exited(old)

    def fail(self, count):
        """Start a process that fails before its main loop, and takes nothing."""
        failed = self.spawn(count, pre_tag_map="/none")
        self.processes.insert(0, self.processes.pop())
        yield from until("the start failed", lambda: failed.process.poll() is not None)
        assert failed.process.returncode == 1, failed.log()
        assert "took hash bucket" not in failed.log()

    def stop(self):
        os.kill(self.now.pid, signal.SIGTERM)
        yield from self.exited(self.now)

    def end(self):
        for instance in self.processes:
            instance.end()
        for sock in self.sockets.values():
            sock.close()
