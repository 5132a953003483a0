# SPDX-License-Identifier: GPL-2.0-or-later
"""BMP sessions that nobody has accepted yet when an instance dies."""
import os
import signal

from harness import wait_for
from harness.pmreuseport import sessions

def test_a_survivor_accepts_what_waits_at_a_dead_instance(cluster, routers):
    instances = cluster(3)
    os.kill(instances[1].pid, signal.SIGSTOP)
    # The kernel takes connections and data in the place of the daemon.
    made = routers("--source", "127.1.0.1+15", "--source", "fd00:1::1+15", "--routes", 3)
    assert {(row["state"], row["attempts"]) for row in made.report["sources"]} == {
        ("established", 1)}
    keys = {(row["address"], row["port"]) for row in made.report["sources"]}
    accepted = sessions(instances)
    waiting = keys - set(accepted)
    assert waiting and 1 not in accepted.values()

    instances[1].kill()
    survivors = (instances[0], instances[2])
    wait_for("all accepted", lambda: set(sessions(survivors)) == keys)
    after = sessions(survivors)
    assert {key: after[key] for key in accepted} == accepted
    assert {after[key] for key in waiting} == {0, 2}
