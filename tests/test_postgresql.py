# SPDX-License-Identifier: GPL-2.0-or-later
"""All instances write to one table of a real PostgreSQL."""
import re

import pytest

from harness import traffic, wait_for
from harness.nfacctd import SAMPLES


def test_postgresql_sample(cluster, postgres):
    made = postgres((SAMPLES / "nfacctd-pgsql.sql").read_text())
    assert made.returncode == 0, made.stderr
    instances = cluster(4, sample="nfacctd-pgsql.conf", keys={"sql_refresh_time[flows]": 1})
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 5)
    try:
        wait_for(
            "all rows",
            lambda: int(postgres("SELECT count(*) FROM flows").stdout or 0) >= report["records"],
        )
    except TimeoutError:
        pytest.fail("".join(instance.log() for instance in instances))
    split = postgres("SELECT peer_ip_src FROM flows GROUP BY 1 HAVING count(DISTINCT tag) > 1")
    assert split.returncode == 0 and split.stdout == ""
    buckets = postgres("SELECT DISTINCT tag FROM flows ORDER BY 1").stdout.split()
    assert buckets == ["1000", "1001", "1002", "1003"]


def test_forked_postgresql_sample(sandbox, forks, postgres, tmp_path):
    """The configurations that fork makes of the sample write to one table, too."""
    assert postgres((SAMPLES / "nfacctd-pgsql.sql").read_text()).returncode == 0
    run = tmp_path / "run"
    text = (SAMPLES / "nfacctd-pgsql.conf").read_text()
    forks(
        re.sub(
            "/(run|var/log|var/lib)/pmacct",
            str(run),
            text.replace("refresh_time[flows]: 60", "refresh_time[flows]: 1"),
        ),
        3,
    )
    instances = forks.cluster(run)
    try:
        instances.start()
        report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 5)
        wait_for(
            "all rows",
            lambda: int(postgres("SELECT count(*) FROM flows").stdout or 0) >= report["records"],
        )
        assert postgres("SELECT DISTINCT tag FROM flows ORDER BY 1").stdout.split() == [
            "1000",
            "1001",
            "1002",
        ]
    finally:
        instances.end()
