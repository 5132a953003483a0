# SPDX-License-Identifier: GPL-2.0-or-later
"""Another process detaches the selector, or attaches another program: it shows, and ends."""
import json

import pytest

from harness import traffic, wait_for
from harness.detach import attack, detach, reattached, replace
from harness.metrics import parse
from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import ask, tool

SOURCES = ("--source", "127.1.0.1+200", "--version", "5", "--flows", 1)
SAYS = "the selector was detached from the port, or replaced"


def sent_to_buckets():
    """The packets that the selector has sent to the buckets."""
    (cluster,) = ask("status")["clusters"]
    (endpoint,) = cluster["endpoints"]
    return sum(row["packets"] for row in endpoint["buckets"])


def doctor_says():
    """The warnings of doctor about a selector that was detached."""
    checks = json.loads(tool("doctor", "--json").stdout)["checks"]
    found = [row for row in checks if row["check"] == "reattached"]
    assert all(row["result"] == "warn" and row["fix"] for row in found)
    return [row["says"] for row in found]


@pytest.mark.parametrize("what", [detach, replace])
def test_the_selector_is_attached_again(cluster, what):
    instances = [*cluster(2, keys=FLOWS_ONLY)]
    traffic.flows(*SOURCES)
    assert sent_to_buckets() == 200
    assert reattached() == {0: 0, 1: 0}
    attack(instances[0].pid, what)
    before = sent_to_buckets()
    traffic.flows(*SOURCES)
    assert sent_to_buckets() == before  # all came past the selector

    def found():
        traffic.flows(*SOURCES)
        return [instance for instance in instances if SAYS in instance.log()]

    wait_for("the log to say so", found)
    before = sent_to_buckets()
    traffic.flows(*SOURCES)
    assert sent_to_buckets() == before + 200

    times = {bucket: n for bucket, n in reattached().items() if n}
    assert times and set(times) == {i.index for i in instances if SAYS in i.log()}
    text = tool("status").stdout
    shown = parse(tool("metrics").stdout)["pmreuseport_reattached_total"]
    assert {int(labels["bucket"]): n for labels, n in shown if n} == times
    warnings = doctor_says()
    assert len(warnings) == len(times)
    for bucket, n in times.items():
        assert f"bucket {bucket} found the selector detached {n} time" in text
        assert any(f'hash bucket {bucket} of cluster "default" found' in says for says in warnings)


def test_nothing_is_wrong(cluster):
    """Load and idle times: nothing is attached again."""
    instances = [*cluster(2, keys=FLOWS_ONLY)]
    for _ in range(3):
        traffic.flows(*SOURCES, "--rate", 100)
    assert reattached() == {0: 0, 1: 0}
    assert "found the selector detached" not in tool("status").stdout
    assert doctor_says() == []
    assert not [instance for instance in instances if SAYS in instance.log()]
