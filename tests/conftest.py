# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures. What a test starts runs in namespaces made for it and ends with the test."""
import os
import subprocess

import pytest

from harness import dtls
from harness.forks import Forks
from harness.nfacctd import PREFIX, Cluster, Instance
from harness.plain_daemon import PlainDaemon
from harness.postgresql import PostgreSQL
from harness.sandbox import Sandbox
from harness.traffic import Load, Routers


def pytest_configure():
    if os.geteuid():
        pytest.exit("these tests make namespaces and load BPF programs; run them as root", 1)
    if not (PREFIX / "sbin" / "nfacctd").exists():
        pytest.exit(f"there is no nfacctd in {PREFIX}; run ci/build first", 1)


@pytest.fixture
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.leave()


@pytest.fixture
def start(sandbox, tmp_path):
    """start(index, count): start one instance and do not wait for it."""
    instances = []

    def start(index, count=None, directory=tmp_path, **kwargs):
        instance = Instance(directory, index, count, **kwargs)
        instances.append(instance)
        return instance.start()

    yield start
    for instance in instances:
        instance.end()


@pytest.fixture
def cluster(sandbox, tmp_path):
    """cluster(count): start count instances and wait until they are ready."""
    clusters = []

    def cluster(count, directory=tmp_path, **kwargs):
        made = Cluster(directory, count, **kwargs)
        clusters.append(made)
        return made.start()

    yield cluster
    for made in clusters:
        made.end()


@pytest.fixture
def routers(sandbox):
    """routers(ARGS...): BMP sessions that stay open until the end of the test."""
    sessions = []

    def routers(*args, **kwargs):
        made = Routers(*args, **kwargs)
        sessions.append(made)
        return made

    yield routers
    for made in sessions:
        made.end()


@pytest.fixture
def load(sandbox):
    """load(ARGS...): send flows until stop()."""
    made = []

    def load(*args):
        made.append(Load(*args))
        return made[-1]

    yield load
    for one in made:
        one.end()


@pytest.fixture
def plain_daemon(sandbox):
    """plain_daemon("udp:2055", ...): start a process with those sockets."""
    made = []

    def plain_daemon(*args, **kwargs):
        made.append(PlainDaemon(*args, **kwargs))
        return made[-1]

    yield plain_daemon
    for process in made:
        process.end()


@pytest.fixture
def certificates(tmp_path):
    """The key and certificate files that dtls_path must contain."""
    made = tmp_path / "dtls"
    made.mkdir()
    template = made / "template"
    template.write_text("cn = collector\nexpiration_days = 10\n", encoding="ascii")
    key, certificate = made / "key.pem", made / "cert.pem"
    for args in (
        ("--generate-privkey", "--key-type", "ecdsa", "--outfile", key),
        (
            "--generate-self-signed",
            "--template",
            template,
            "--load-privkey",
            key,
            "--outfile",
            certificate,
        ),
    ):
        subprocess.run(
            ["certtool", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    return made


@pytest.fixture
def collector(cluster, certificates):
    """collector(): an instance with DTLS, alone in its cluster."""

    def collector(**more):
        (instance,) = cluster(1, keys=dtls.keys(certificates, **more))
        return instance

    return collector


@pytest.fixture
def postgres(sandbox):
    """A PostgreSQL server; see PostgreSQL."""
    server = PostgreSQL()
    try:
        yield server.wait_ready()
    finally:
        server.end()


@pytest.fixture
def forks(tmp_path):
    """forks(TEXT, COUNT, OPTION...): run pmreuseport fork; see Forks."""
    return Forks(tmp_path)
