# SPDX-License-Identifier: GPL-2.0-or-later
"""Every file of conf-examples/ is started as it stands."""
import configparser
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from harness import ROOT, traffic, wait_for
from harness.nfacctd import PREFIX, SAMPLES

POSTGRES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
UNITS = {"nfacctd@.service", "nfacctd@.service.d", "nfacctd-flows@.socket", "nfacctd-bmp@.socket",
         "nfacctd-templates@.socket", "nfacctd-stock@.service", "pmreuseport-adopt@.service"}


def test_no_sample_is_forgotten():
    assert {path.name for path in SAMPLES.iterdir()} == {
        "README.md", "merge-templates", "nfacctd.conf", "nfacctd-print.conf", "nfacctd-pgsql.conf",
        "nfacctd-pgsql.sql", "nfacctd-templates.conf", *UNITS}


@pytest.mark.parametrize("sample", [
    "nfacctd.conf", "nfacctd-print.conf", "nfacctd-templates.conf"])
def test_instances_share_no_file_and_work(cluster, tmp_path, sample):
    route()
    instances = cluster(4, sample=sample)
    assert not re.search(r"WARN.*(Unknown key|Ignored)", "".join(i.log() for i in instances))
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 5)
    flows = instances.wait_flows(report["records"])
    assert all(flows.values())
    files = [line.split(": ")[1] for instance in instances
             for line in instance.config.read_text().splitlines()
             if re.match(rf"[a-z_\[\]]+: {tmp_path}", line)]
    assert len(files) == len(set(files)) == 4 * 5, "pid, log, templates, flows, BMP"


def route():
    """What the drop-in unit does before an instance starts."""
    command = re.search(r"ip -6 route .*", (SAMPLES / "nfacctd@.service.d" / "templates.conf")
                        .read_text())[0]
    subprocess.run(command.split(), check=True)


@pytest.fixture
def postgres(sandbox):
    """A PostgreSQL server of the test's own, with the sample's user and password."""
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    # pytest's own directories are for their user alone, as every pytest that starts sees to.
    directory = tempfile.TemporaryDirectory(prefix="pmreuseport-pg-")
    home = pathlib.Path(directory.name)
    shutil.chown(home, "postgres")
    env = {**os.environ, "LC_ALL": "C"}
    password = re.search(r"^sql_passwd\[flows\]: (.*)$",
                         (SAMPLES / "nfacctd-pgsql.conf").read_text(), re.M)[1]
    (home / "password").write_text(password)
    (home / "password").chmod(0o644)
    subprocess.run([*as_user, POSTGRES[0] / "initdb", "-D", home / "data", "-A", "scram-sha-256",
                    "-U", "pmacct", "--pwfile", home / "password"], check=True, stdout=subprocess.DEVNULL, env=env, cwd=home)
    log = open(home / "log", "w+", encoding="utf-8")
    server = subprocess.Popen([*as_user, POSTGRES[0] / "postgres", "-D", home / "data", "-k", home,
                               "-c", "listen_addresses=127.0.0.1"], stdout=log, stderr=log, env=env,
                              cwd=home)

    def psql(text, database="pmacct"):
        return subprocess.run(
            [POSTGRES[0] / "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U",
             "pmacct", database], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**env, "PGPASSWORD": password})

    wait_for("PostgreSQL", lambda: psql("SELECT 1", "template1").returncode == 0)
    assert psql("CREATE DATABASE pmacct", "template1").returncode == 0
    yield psql
    server.terminate()
    server.wait(60)
    log.close()
    directory.cleanup()


def test_postgresql_sample(cluster, postgres):
    made = postgres((SAMPLES / "nfacctd-pgsql.sql").read_text())
    assert made.returncode == 0, made.stderr
    instances = cluster(4, sample="nfacctd-pgsql.conf", keys={"sql_refresh_time[flows]": 1})
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 5)
    try:
        wait_for("all rows", lambda: int(
            postgres("SELECT count(*) FROM flows").stdout or 0) >= report["records"], 40)
    except TimeoutError:
        pytest.fail("".join(instance.log() for instance in instances))
    split = postgres("SELECT peer_ip_src FROM flows GROUP BY 1 HAVING count(DISTINCT tag) > 1")
    assert split.returncode == 0 and split.stdout == ""
    buckets = postgres("SELECT DISTINCT tag FROM flows ORDER BY 1").stdout.split()
    assert buckets == ["1000", "1001", "1002", "1003"]


def unit(name="nfacctd@.service"):
    parsed = configparser.RawConfigParser(strict=False, comment_prefixes="#")
    parsed.optionxform = str
    parsed.read(SAMPLES / name)
    return parsed


def test_units_are_understood_by_systemd(tmp_path):
    """The instance 0 of each; what they run is where it was built."""
    sbin = tmp_path / "sbin"
    sbin.symlink_to(PREFIX / "sbin")
    (tmp_path / "merge-templates").symlink_to(SAMPLES / "merge-templates")
    paths = []
    for path in SAMPLES.rglob("*"):
        if path.is_file() and "@" in str(path.relative_to(SAMPLES)):
            made = tmp_path / str(path.relative_to(SAMPLES)).replace("@.", "@0.")
            made.parent.mkdir(exist_ok=True)
            made.write_text(path.read_text().replace(
                "/usr/local/sbin/merge", f"{tmp_path}/merge").replace("/usr/local", str(PREFIX)))
            paths.append(made)
    assert len(paths) == 7
    units = [path for path in paths if path.suffix != ".conf"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"})
    about_ours = [line for line in done.stdout.splitlines() if "nfacctd" in line or "pmreuseport" in line]
    assert (done.returncode, about_ours) == (0, []), done.stdout


def test_socket_units_fit_the_configurations():
    samples = {name: (SAMPLES / name).read_text() for name in (
        "nfacctd.conf", "nfacctd-print.conf", "nfacctd-pgsql.conf", "nfacctd-templates.conf")}
    service = unit()["Service"]["Sockets"].split()
    assert service == ["nfacctd-flows@%i.socket", "nfacctd-bmp@%i.socket"]
    for kind, key, names in (("flows", "nfacctd_port", samples),
                             ("bmp", "bmp_daemon_port", samples),
                             ("templates", "nfacctd_templates_port", ["nfacctd-templates.conf"])):
        parsed = unit(f"nfacctd-{kind}@.socket")["Socket"]
        listen = parsed.get("ListenDatagram") or parsed["ListenStream"]
        for name in names:
            port = re.search(rf"^{key}: (\d+)$", samples[name], re.M)[1]
            assert listen == f"[::]:{port}", name
        assert (parsed["FileDescriptorName"], parsed["ReusePort"]) == (kind, "yes")
        assert parsed["Service"] == "nfacctd@%i.service"


@pytest.mark.parametrize("drop_in, mask", [(None, 1 << 39), ("templates.conf", 1 << 39 | 1 << 13)],
                         ids=["CAP_BPF", "and CAP_NET_RAW"])
def test_service_command_works_with_its_capabilities_and_no_less(cluster, drop_in, mask):
    service = unit()["Service"]
    assert service["ExecStart"] == "/usr/local/sbin/nfacctd -f /etc/pmacct/nfacctd-%i.conf -x %i"
    caps = service["CapabilityBoundingSet"].split()
    if drop_in:
        caps += unit(f"nfacctd@.service.d/{drop_in}")["Service"]["CapabilityBoundingSet"].split()
        route()
    names = [cap.removeprefix("CAP_").lower() for cap in caps]
    bounding = ",".join(["-all"] + [f"+{name}" for name in names])
    instances = cluster(
        2, indices=[1], sample="nfacctd-templates.conf" if drop_in else "nfacctd.conf",
        args=("-x", "1"), command=("setpriv", "--no-new-privs", f"--bounding-set={bounding}", "--"))
    status = pathlib.Path(f"/proc/{instances[0].pid}/status").read_text()
    assert re.search(rf"CapEff:\t0*{mask:x}\b", status)
    report = traffic.flows("--source", "127.1.0.1+4", "--version", "9", "--flows", 5)
    assert len(instances.wait_flows(report["records"])[1]) == report["records"]


def test_docs_name_only_files_that_are_there():
    text = (SAMPLES / "README.md").read_text()
    named = {re.sub(r"@\d", "@", name)
             for name in re.findall(r"`(nfacctd[\w@.-]*\.\w+)`", text)}
    assert named and all((SAMPLES / name).exists() for name in named)
    assert ROOT.joinpath("README.md").exists()
