# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures. What a test starts runs in namespaces made for it and ends with the test."""
import os

import pytest

from harness.forks import Forks
from harness.nfacctd import PREFIX, Cluster, Instance
from harness.sandbox import Sandbox
from harness.traffic import Routers


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
def forks(tmp_path):
    """forks(TEXT, COUNT, OPTION...): run pmreuseport fork; see Forks."""
    return Forks(tmp_path)
