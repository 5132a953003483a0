# SPDX-License-Identifier: GPL-2.0-or-later
"""Clusters whose selector is measured."""
import os
import signal

from harness import traffic
from harness.any_source import Sender
from harness.bpf_stats import Selector
from harness.listen_connect import Listener
from harness.pmreuseport import ask


class Cluster:
    """A selector, with a socket for each bucket that nobody reads."""

    def __init__(self, name, port, directory, buckets, selector=None):
        """selector: an object of the contract; None: the built-in one."""
        self.name = name
        self.port = port
        self.ours = selector is None
        chosen = [] if self.ours else ["--object", selector]
        self.listeners = [
            Listener(directory, n, buckets, "-c", name, *chosen, ports=("--udp", port))
            for n in range(buckets)
        ]
        self.sender = Sender(port)

    def wait_ready(self):
        for listener in self.listeners:
            listener.wait_ready()
            # It would answer, and take time from the measurement.
            os.kill(listener.pid, signal.SIGSTOP)
        self.selector = Selector(self.name)
        return self

    def _measure(self, send):
        before = self.selector.read()
        send()
        after = self.selector.read()
        return (after[0] - before[0]) / (after[1] - before[1])

    def generate(self, to, source, exporters, packets):
        """Nanoseconds for a packet of the generator. to: with {} for the port."""
        return self._measure(
            lambda: traffic.flows(
                *("--source", f"{source}+{exporters}", "--version", 5),
                *("--records-per-packet", 1, "--flows", packets // exporters, "--quiet"),
                to=("--to", to.format(self.port)),
            )
        )

    def send(self, addresses, packets):
        """Nanoseconds for a packet of these exporters in turn, of which there may be many."""

        def send():
            for n in range(packets):
                self.sender.send(addresses[n % len(addresses)])

        return self._measure(send)

    def ask(self, *args):
        return ask(*args, "-c", self.name)

    def end(self):
        for listener in self.listeners:
            listener.end()
