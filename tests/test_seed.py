# SPDX-License-Identifier: GPL-2.0-or-later
"""reuseport_seed: clusters of several sites that map a router to the same bucket."""
import pytest

from harness import traffic
from harness.listen_connect import Listener
from harness.nfacctd import FLOWS_ONLY, exporters_of, refuses_to_start
from harness.pmreuseport import ask, refused, tool

ROUTERS = [f"127.1.0.{n}" for n in range(1, 31)]
SEND = ("--source", f"{ROUTERS[0]}+30", "--version", "5", "--records-per-packet", 1, "--flows", 1)


@pytest.fixture
def site(cluster, tmp_path):
    """site(NAME, KEYS): which bucket gets the flows of each router there."""

    def site(name, **keys):
        keys = {**FLOWS_ONLY, "cluster_name": name, **keys}
        instances = cluster(3, directory=tmp_path / f"{name}-{len(keys)}", keys=keys)
        traffic.flows(*SEND, to=("--to", "127.0.0.1:2055"))
        instances.wait_flows(len(ROUTERS))
        home = {
            router: instance.index
            for instance in instances
            for router in exporters_of(instance.flows())
        }
        # The command computes the same from the seed of the cluster.
        answer = ask("where", *ROUTERS, "-c", name)
        assert {row["address"]: row["bucket"] for row in answer["exporters"]} == home
        instances.end()
        return [home[router] for router in ROUTERS]

    return site


def test_routers_of_two_sites(site):
    by_name = [site("loc_A"), site("loc_B")]
    by_seed = [site(name, reuseport_seed="net") for name in ("loc_A", "loc_B")]
    moved = sum(a != b for a, b in zip(*by_name))
    print(f"{moved} of {len(ROUTERS)} routers are in another bucket")
    assert moved >= len(ROUTERS) / 3
    assert by_seed[0] == by_seed[1]


def seed(name="default"):
    (found,) = ask("status", "-c", name)["clusters"]
    assert f"; seed {found['seed']};" in tool("status", "-c", name).stdout.splitlines()[0]
    return found["seed"]


def test_another_seed_than_the_live_instances(cluster, start, tmp_path):
    keys = {**FLOWS_ONLY, "reuseport_seed": "net"}
    cluster(2, keys=keys)
    assert seed() == "net"
    refuses_to_start(
        start(1, 2, keys={**keys, "reuseport_seed": "north"}, directory=tmp_path / "north"),
        'the seed of the mapping is "north", but live instances of cluster "default" use "net"; '
        "set reuseport_seed to the same name",
    )
    assert seed() == "net"


def test_the_first_instance_sets_it(cluster, tmp_path):
    for number, name in enumerate((None, "a net, with spaces", None)):
        keys = {**FLOWS_ONLY, "reuseport_seed": name}
        instances = cluster(1, directory=tmp_path / str(number), keys=keys)
        assert seed() == (name or "default")
        instances.end()


@pytest.mark.parametrize("name", ["", "x" * 64, "M\u00fcnchen"])
def test_names_that_are_refused(start, name):
    refuses_to_start(
        start(0, 1, keys={**FLOWS_ONLY, "reuseport_seed": name}),
        "which cannot be a seed; set reuseport_seed to a name of 1 to 63 printable ASCII "
        "characters",
    )


def test_a_seed_without_a_bucket(start):
    keys = dict.fromkeys(("reuseport_hashbucket_count", "reuseport_hashbucket_index"))
    refuses_to_start(
        start(0, keys={**FLOWS_ONLY, **keys, "reuseport_seed": "net"}),
        "reuseport_seed is set but reuseport_hashbucket_count is not",
    )


def test_adopted_sockets_have_one(plain_daemon, sandbox, tmp_path):
    listener = Listener(tmp_path, 0, 2, "--seed", "net")
    try:
        listener.wait_ready()
        assert seed() == "net"
        process = plain_daemon("udp:[::]:2055")
        args = ("adopt", "--pid", process.pid, "--index", 1, "--count", 2)
        refused('the seed of the mapping is "default", but live instances', *args)
        ask(*args, "--seed", "net")
        process.end()
    finally:
        listener.end()
