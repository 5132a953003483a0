# SPDX-License-Identifier: GPL-2.0-or-later
"""Exporters that nfacctd dies of, and what they cost: see poison.c."""
import contextlib
import os
import pathlib
import subprocess

from .nfacctd import Instance, address

SOURCE = pathlib.Path(__file__).with_name("poison.c")


def build(directory):
    """Compile the library, and return the command that puts it in front of a daemon."""
    library = pathlib.Path(directory) / "poison.so"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, SOURCE], check=True
    )
    return ("env", f"LD_PRELOAD={library}")


class Service:
    """One bucket whose instance is started again whenever it dies, as a service manager does."""

    def __init__(self, directory, index, count, command, keys):
        self.directory = pathlib.Path(directory) / str(index)
        self.directory.mkdir(parents=True)
        self.make = lambda directory: Instance(
            directory,
            index,
            count,
            keys=keys(directory),
            command=(*command, f"POISON_DIR={self.directory}"),
        )
        self.instances = []

    @property
    def current(self):
        return self.instances[-1]

    def start(self):
        instance = self.make(self.directory / f"run-{len(self.instances)}")
        self.instances.append(instance)
        return instance.start()

    def is_dying(self):
        """True if the process waits until its queue can be listed."""
        return (self.directory / f"dying-{self.current.pid}").exists() and not self._go.exists()

    @property
    def _go(self):
        return self.directory / f"go-{self.current.pid}"

    def let_die(self):
        """Returns what is lost in its queue: (exporter, sequence number)."""
        pid = self.current.pid
        self._go.touch()
        self.current.wait_exit()
        lines = (self.directory / f"queued-{pid}").read_text(encoding="ascii").splitlines()
        return [(address(line.split()[0]), int(line.split()[1])) for line in lines]

    def end(self):
        for instance in self.instances:
            with contextlib.suppress(OSError):
                os.close(os.open(self.directory / f"go-{instance.pid}", os.O_CREAT, 0o600))
            instance.end()
