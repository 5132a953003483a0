# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport remove: removes every trace of a cluster without live instances."""
import pytest

from harness import wait_for
from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import ask, refused, tool
from harness.sandbox import pins


def test_nothing_is_left(cluster, start, tmp_path):
    made = cluster(2)
    before = pins()
    assert before
    refused(
        'cluster "default" has sockets in its buckets (4); first stop its instances',
        "remove",
        "-c",
        "default",
    )
    assert pins() == before
    made.end()
    wait_for("everybody gone", lambda: all(instance.is_gone() for instance in made))
    assert ask("remove", "-c", "default") == {"cluster": "default", "removed": True}
    assert not [pin for pin in pins() if "/default" in pin]
    refused('there is no cluster "default"', "remove", "-c", "default")

    # The cluster can start again.
    start(0, 3, directory=tmp_path / "anew", keys=FLOWS_ONLY).wait_ready()
    assert pins()


def test_other_clusters_stay(start, tmp_path):
    gone, stays = (
        start(
            0,
            1,
            directory=tmp_path / name,
            keys={**FLOWS_ONLY, "cluster_name": name, "nfacctd_port": port},
        )
        for name, port in (("gone", 2055), ("stays", 2056))
    )
    gone.wait_ready()
    stays.wait_ready()
    assert gone.stop() == 0
    assert tool("remove", "-c", "gone").stdout == 'cluster "gone" is removed\n'
    assert {pin.split("/")[5] for pin in pins() if pin.count("/") > 5} == {"stays"}


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("--cluster is missing; name the cluster with -c NAME", (), 2),
        ("unexpected argument 'a'; name the cluster with -c a", ("a",), 2),
        ('cluster_name is "../a"', ("-c", "../a"), 1),
    ],
)
def test_wrong_usage(start, words, args, status):
    start(0, 1, keys=FLOWS_ONLY).wait_ready()
    refused(words, "remove", *args, status=status)
