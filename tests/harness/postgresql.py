# SPDX-License-Identifier: GPL-2.0-or-later
"""A PostgreSQL server on 127.0.0.1, with the user and password of the samples."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from . import PATIENCE, wait_for
from .nfacctd import SAMPLES

BIN = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
AS_USER = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--")


class PostgreSQL:
    """server(TEXT): run SQL with psql, and return the completed process, unchecked."""

    def __init__(self):
        # Not a directory of pytest, because pytest makes those private.
        self.directory = tempfile.TemporaryDirectory(prefix="pmreuseport-pg-")
        home = pathlib.Path(self.directory.name)
        shutil.chown(home, "postgres")
        self.password = re.search(
            r"^sql_passwd\[flows\]: (.*)$", (SAMPLES / "nfacctd-pgsql.conf").read_text(), re.M
        )[1]
        (home / "password").write_text(self.password)
        (home / "password").chmod(0o644)
        self.env = {**os.environ, "LC_ALL": "C"}
        made = [BIN[0] / "initdb", "-D", home / "data", "-A", "scram-sha-256", "-U", "pmacct"]
        subprocess.run(
            [*AS_USER, *made, "--no-sync", "--pwfile", home / "password"],
            check=True,
            stdout=subprocess.DEVNULL,
            env=self.env,
            cwd=home,
        )
        self.log = open(home / "log", "w+", encoding="utf-8")
        server = [BIN[0] / "postgres", "-D", home / "data", "-k", home]
        self.process = subprocess.Popen(
            [*AS_USER, *server, "-c", "listen_addresses=127.0.0.1"],
            stdout=self.log,
            stderr=self.log,
            env=self.env,
            cwd=home,
        )

    def wait_ready(self):
        wait_for("PostgreSQL", lambda: self("SELECT 1", "template1").returncode == 0)
        assert self("CREATE DATABASE pmacct", "template1").returncode == 0
        return self

    def __call__(self, text, database="pmacct"):
        psql = [BIN[0] / "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        return subprocess.run(
            [*psql, "-U", "pmacct", database],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.env, "PGPASSWORD": self.password},
        )

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()
        self.directory.cleanup()
