# SPDX-License-Identifier: GPL-2.0-or-later
"""All instances write to one table of a real PostgreSQL."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from harness import PATIENCE, traffic, wait_for
from harness.nfacctd import SAMPLES

POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


@pytest.fixture
def postgres(sandbox):
    """Start a PostgreSQL server with the user and password of the sample."""
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    # Not a directory of pytest, because pytest makes those private.
    directory = tempfile.TemporaryDirectory(prefix="pmreuseport-pg-")
    home = pathlib.Path(directory.name)
    shutil.chown(home, "postgres")
    env = {**os.environ, "LC_ALL": "C"}
    password = re.search(
        r"^sql_passwd\[flows\]: (.*)$", (SAMPLES / "nfacctd-pgsql.conf").read_text(), re.M
    )[1]
    (home / "password").write_text(password)
    (home / "password").chmod(0o644)
    subprocess.run(
        [
            *as_user,
            POSTGRES[0] / "initdb",
            "-D",
            home / "data",
            "-A",
            "scram-sha-256",
            "-U",
            "pmacct",
            "--pwfile",
            home / "password",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        env=env,
        cwd=home,
    )
    log = open(home / "log", "w+", encoding="utf-8")
    server = subprocess.Popen(
        [
            *as_user,
            POSTGRES[0] / "postgres",
            "-D",
            home / "data",
            "-k",
            home,
            "-c",
            "listen_addresses=127.0.0.1",
        ],
        stdout=log,
        stderr=log,
        env=env,
        cwd=home,
    )

    def psql(text, database="pmacct"):
        return subprocess.run(
            [
                POSTGRES[0] / "psql",
                "-qAtX",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-U",
                "pmacct",
                database,
            ],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**env, "PGPASSWORD": password},
        )

    wait_for("PostgreSQL", lambda: psql("SELECT 1", "template1").returncode == 0)
    assert psql("CREATE DATABASE pmacct", "template1").returncode == 0
    yield psql
    server.terminate()
    server.wait(PATIENCE)
    log.close()
    directory.cleanup()


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
