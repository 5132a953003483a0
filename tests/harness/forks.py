# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport fork, and instances that run the configurations it wrote."""
import pathlib

from .nfacctd import Cluster
from .pmreuseport import ask


class Forks:
    """forks(TEXT, COUNT, OPTION...): the configurations of COUNT instances, as bytes."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.answer = None

    def __call__(self, text, count=2, *options, name="nfacctd.conf", directory=None):
        template = self.directory / name
        template.write_bytes(text if isinstance(text, bytes) else text.encode())
        to = directory or self.directory / "made"
        self.answer = ask("fork", template, "--count", count, "--dir", to, *options)
        return [pathlib.Path(made["file"]).read_bytes() for made in self.answer["files"]]

    def cluster(self, directory, **kwargs):
        """Instances for the last configurations, not started; their files are in directory."""
        instances = Cluster(directory, len(self.answer["files"]), **kwargs)
        for instance, made in zip(instances, self.answer["files"]):
            instance.command[instance.command.index(str(instance.config))] = made["file"]
        return instances
