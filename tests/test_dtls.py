# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows over DTLS: the socket is in the hash bucket, and a stop ends the sessions."""
import contextlib
import os
import signal
import subprocess

import pytest

from harness import PATIENCE, maps, wait_for
from harness.nfacctd import FLOWS_ONLY

PORT = 4740
ENDPOINT = f"udp-{PORT}"


class Exporter:
    """A DTLS session that sends lines of text instead of flows."""

    def __init__(self, directory):
        self.output = directory / "gnutls-cli.out"
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                ["gnutls-cli", "--udp", "--insecure", "--port", str(PORT), "127.0.0.1"],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                bufsize=0,
            )

    def said(self, words):
        return words in self.output.read_text(encoding="utf-8", errors="replace")

    def send(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(b"line\n")

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdin.close()


@pytest.fixture
def exporter(sandbox, tmp_path):
    made = []

    def exporter():
        made.append(Exporter(tmp_path))
        return made[-1]

    yield exporter
    for one in made:
        one.end()


def test_a_session_ends_with_its_instance(cluster, exporter, certificates):
    instances = cluster(
        2, keys={**FLOWS_ONLY, "nfacctd_dtls_port": PORT, "dtls_path": certificates}
    )
    assert maps.live(ENDPOINT) == {0, 1}
    client = exporter()
    wait_for("a session", lambda: client.said("Handshake was completed"))
    (home,) = (bucket for bucket, packets in maps.packets(ENDPOINT).items() if packets)
    instance = instances[home]
    os.kill(instance.pid, signal.SIGTERM)

    def ended():
        # After a handshake nfacctd blocks until there is something to read.
        client.send()
        return instance.process.poll() is not None

    wait_for("its end", ended)
    assert instance.process.returncode == 0, instance.log()
    assert maps.live(ENDPOINT) == {1 - home}
    wait_for("the end of the session", lambda: client.said("Peer has closed the GnuTLS connection"))
