# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport forget: removes an endpoint that no instance has open any more."""
import pytest

from harness import wait_for
from harness.listen_connect import Listener
from harness.pmreuseport import ask, refused, tool
from harness.sandbox import pins


@pytest.fixture
def listen(sandbox, tmp_path):
    """listen(index, count, PORT...): start a pmreuseport-listen in the bucket."""
    listeners = []

    def listen(index, count, *ports, args=()):
        listeners.append(Listener(tmp_path, index, count, *args, ports=ports))
        return listeners[-1].wait_ready()

    yield listen
    for listener in listeners:
        listener.end()


def endpoints():
    return {row["endpoint"] for row in ask("status")["clusters"][0]["endpoints"]}


def test_a_port_that_was_moved(listen):
    listen(0, 1, "--udp", 2055).stop()
    (old,) = endpoints()
    listen(0, 1, "--udp", 9995)
    (new,) = endpoints() - {old}
    before = {pin for pin in pins() if old not in pin}
    assert ask("forget", old) == {"cluster": "default", "endpoint": old, "removed": True}
    assert endpoints() == {new} and set(pins()) == before
    refused(
        f'cluster "default" has no endpoint {old}; list its endpoints with: '
        "pmreuseport status -c default",
        "forget",
        old,
    )
    # It is back when an instance opens the port again.
    listen(0, 1, "--udp", 2055)
    assert endpoints() == {old, new}


def test_an_endpoint_with_sockets_stays(listen):
    listeners = [listen(index, 2, "--udp", 2055) for index in range(2)]
    (endpoint,) = endpoints()
    before = pins()
    first, second = (
        f"bucket {one.index} (process {one.pid}, pmreuseport-lis)" for one in listeners
    )
    advice = "first stop these processes, or let them close the port"
    refused(f"endpoint {endpoint} has sockets: {first}, {second}; {advice}", "forget", endpoint)
    listeners[0].kill()
    refused(f"endpoint {endpoint} has sockets: {second}; {advice}", "forget", endpoint)
    assert pins() == before
    listeners[1].kill()
    wait_for("no socket", lambda: tool("forget", endpoint).returncode == 0)
    assert not [pin for pin in pins() if endpoint in pin]


def test_many_sockets_are_not_all_named(listen):
    for index in range(20):
        listen(index, 20, "--udp", 2055)
    (endpoint,) = endpoints()
    done = tool("forget", endpoint)
    assert done.returncode == 1 and " and others; first stop" in done.stderr


def test_of_another_cluster(listen):
    listen(0, 1, "--udp", 2055, args=("-c", "east")).stop()
    (endpoint,) = endpoints()
    refused('there is no cluster "default"', "forget", endpoint)
    assert (
        tool("forget", "-c", "east", endpoint).stdout
        == f'endpoint {endpoint} of cluster "east" is removed\n'
    )
    assert not endpoints()


@pytest.mark.parametrize("name", ["slots", "..", "udp-2055-any6-net1/../../x", "udp-" + "1" * 100])
def test_what_is_no_endpoint(listen, name):
    listen(0, 1, "--udp", 2055)
    before = pins()
    refused(f"'{name[:100]}' is not the name of an endpoint; give one", "forget", name, status=2)
    assert pins() == before
