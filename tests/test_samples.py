# SPDX-License-Identifier: GPL-2.0-or-later
"""Every file of conf-examples/ works unchanged."""
import os
import pathlib
import re
import subprocess

import pytest

from harness import ROOT, traffic
from harness.containers import compose, pod
from harness.nfacctd import PREFIX, SAMPLES
from harness.pmreuseport import ask
from harness.samples import add_route, parse_unit
from harness.sandbox import BPFFS

UNITS = {
    "nfacctd@.service",
    "nfacctd@.service.d",
    "nfacctd-flows@.socket",
    "nfacctd-bmp@.socket",
    "nfacctd-templates@.socket",
    "nfacctd-stock@.service",
    "pmreuseport-adopt@.service",
    "sysusers.d",
    "tmpfiles.d",
}
SERVICES = ("nfacctd@.service", "nfacctd-stock@.service", "pmreuseport-adopt@.service")


def test_no_sample_is_forgotten():
    assert {path.name for path in SAMPLES.iterdir()} == {
        "README.md",
        "merge-templates",
        "nfacctd.conf",
        "nfacctd-print.conf",
        "nfacctd-pgsql.conf",
        "nfacctd-pgsql.sql",
        "nfacctd-reflector.conf",
        "nfacctd-templates.conf",
        "compose.yaml",
        "daemonset.yaml",
        *UNITS,
    }


@pytest.mark.parametrize("sample", ["nfacctd.conf", "nfacctd-print.conf", "nfacctd-templates.conf"])
def test_instances_share_no_file_and_work(cluster, tmp_path, sample):
    add_route()
    instances = cluster(4, sample=sample)
    assert not re.search(r"WARN.*(Unknown key|Ignored)", "".join(i.log() for i in instances))
    report = traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 5)
    flows = instances.wait_flows(report["records"])
    assert all(flows.values())
    files = [
        line.split(": ")[1]
        for instance in instances
        for line in instance.config.read_text().splitlines()
        if re.match(rf"[a-z_\[\]]+: {tmp_path}", line)
    ]
    assert len(files) == len(set(files)) == 4 * 5, "pid, log, templates, flows, BMP"


def test_units_are_understood_by_systemd(tmp_path):
    """Verify instance 0 of each unit, with the paths of the build."""
    sbin = tmp_path / "sbin"
    sbin.symlink_to(PREFIX / "sbin")
    (tmp_path / "merge-templates").symlink_to(SAMPLES / "merge-templates")
    paths = []
    for path in SAMPLES.rglob("*"):
        if path.is_file() and "@" in str(path.relative_to(SAMPLES)):
            made = tmp_path / str(path.relative_to(SAMPLES)).replace("@.", "@0.")
            made.parent.mkdir(exist_ok=True)
            made.write_text(
                path.read_text()
                .replace("/usr/local/sbin/merge", f"{tmp_path}/merge")
                .replace("/usr/local", str(PREFIX))
            )
            paths.append(made)
    assert len(paths) == 7
    units = [path for path in paths if path.suffix != ".conf"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )
    about_ours = [
        line for line in done.stdout.splitlines() if "nfacctd" in line or "pmreuseport" in line
    ]
    assert (done.returncode, about_ours) == (0, []), done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_services_run_as_a_user_with_few_rights(name):
    service = parse_unit(name)["Service"]
    assert service["User"] == "pmacct"
    caps = service["CapabilityBoundingSet"]
    assert caps == service.get("AmbientCapabilities", "")
    assert caps == ("" if "stock" in name else "CAP_BPF")
    assert service["ProtectSystem"] == "strict"
    assert service.get("ReadWritePaths") == (None if "stock" in name else "/sys/fs/bpf/pmacct")
    drop_in = parse_unit("nfacctd@.service.d/templates.conf")["Service"]
    assert drop_in["CapabilityBoundingSet"] == drop_in["AmbientCapabilities"] == "CAP_NET_RAW"


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_services_secure(tmp_path, name):
    """The measure of systemd goes from 0 to 100; 40 and below is "OK"."""
    path = tmp_path / name.replace("@.", "@0.")
    path.write_text((SAMPLES / name).read_text())
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=25", "--no-pager", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(done.stdout)
    assert done.returncode == 0


def test_containers_have_few_rights_and_one_bpffs():
    services = compose()
    containers = {container["name"]: container for container in pod()["containers"]}
    assert set(services) == set(containers) == {*(f"nfacctd-{i}" for i in range(4)), "pmreuseport"}
    for index in range(4):
        name = f"nfacctd-{index}"
        command = ["nfacctd", "-f", f"/etc/pmacct/{name}.conf", "-x", str(index)]
        assert services[name]["command"].split() == containers[name]["command"] == command
        assert services[name]["cap_add"] == ["BPF"]
    added = {"pmreuseport": ["BPF", "NET_ADMIN"]}
    for name, container in containers.items():
        rights = container["securityContext"]
        assert rights["capabilities"] == {"drop": ["ALL"], "add": added.get(name, ["BPF"])}
        assert rights["readOnlyRootFilesystem"] and not rights["allowPrivilegeEscalation"]
        assert "ports" not in container
        assert {"name": "bpffs", "mountPath": BPFFS} in container["volumeMounts"]
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"] and service["read_only"]
        assert service["network_mode"] == "host"
        assert f"{BPFFS}:{BPFFS}:rw" in service["volumes"]
    assert pod()["hostNetwork"] is True
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    assert volumes["bpffs"]["hostPath"] == {"path": BPFFS, "type": "Directory"}
    assert services["pmreuseport"]["pid"] == "host" and pod()["shareProcessNamespace"]


def test_containers_can_write_where_the_samples_write(tmp_path):
    """All other of their file systems is read-only."""
    made = tmp_path / "made"
    ask("fork", SAMPLES / "nfacctd.conf", "--count", 4, "--dir", made)
    assert {path.name for path in made.iterdir()} == {f"nfacctd-{i}.conf" for i in range(4)}
    files = re.findall(
        r"^\w+(?:\[\w+\])?: (/(?:run|var)/.*)/[^/]+$", (made / "nfacctd-0.conf").read_text(), re.M
    )
    service, container = compose()["nfacctd-0"], pod()["containers"][0]
    written = {path.split(":")[1] for path in service["volumes"] if path.endswith(":rw")}
    mounted = {m["mountPath"] for m in container["volumeMounts"] if not m.get("readOnly")}
    assert set(files) <= written | set(service["tmpfs"])
    assert set(files) <= mounted
    assert len(set(files)) == 3


def test_socket_units_fit_the_configurations():
    samples = {
        name: (SAMPLES / name).read_text()
        for name in (
            "nfacctd.conf",
            "nfacctd-print.conf",
            "nfacctd-pgsql.conf",
            "nfacctd-templates.conf",
        )
    }
    service = parse_unit()["Service"]["Sockets"].split()
    assert service == ["nfacctd-flows@%i.socket", "nfacctd-bmp@%i.socket"]
    for kind, key, names in (
        ("flows", "nfacctd_port", samples),
        ("bmp", "bmp_daemon_port", samples),
        ("templates", "nfacctd_templates_port", ["nfacctd-templates.conf"]),
    ):
        parsed = parse_unit(f"nfacctd-{kind}@.socket")["Socket"]
        listen = parsed.get("ListenDatagram") or parsed["ListenStream"]
        for name in names:
            port = re.search(rf"^{key}: (\d+)$", samples[name], re.M)[1]
            assert listen == f"[::]:{port}", name
        assert (parsed["FileDescriptorName"], parsed["ReusePort"]) == (kind, "yes")
        assert parsed["Service"] == "nfacctd@%i.service"


@pytest.mark.parametrize(
    "drop_in, mask",
    [(None, 1 << 39), ("templates.conf", 1 << 39 | 1 << 13)],
    ids=["CAP_BPF", "and CAP_NET_RAW"],
)
def test_service_command_works_with_its_capabilities_and_no_less(cluster, drop_in, mask):
    service = parse_unit()["Service"]
    assert service["ExecStart"] == "/usr/local/sbin/nfacctd -f /etc/pmacct/nfacctd-%i.conf -x %i"
    caps = service["CapabilityBoundingSet"].split()
    if drop_in:
        caps += parse_unit(f"nfacctd@.service.d/{drop_in}")["Service"][
            "CapabilityBoundingSet"
        ].split()
        add_route()
    names = [cap.removeprefix("CAP_").lower() for cap in caps]
    bounding = ",".join(["-all"] + [f"+{name}" for name in names])
    instances = cluster(
        2,
        indices=[1],
        sample="nfacctd-templates.conf" if drop_in else "nfacctd.conf",
        args=("-x", "1"),
        command=("setpriv", "--no-new-privs", f"--bounding-set={bounding}", "--"),
    )
    status = pathlib.Path(f"/proc/{instances[0].pid}/status").read_text()
    assert re.search(rf"CapEff:\t0*{mask:x}\b", status)
    report = traffic.flows("--source", "127.1.0.1+4", "--version", "9", "--flows", 5)
    assert len(instances.wait_flows(report["records"])[1]) == report["records"]


def test_docs_name_only_files_that_are_there():
    text = (SAMPLES / "README.md").read_text()
    named = {re.sub(r"@\d", "@", name) for name in re.findall(r"`(nfacctd[\w@.-]*\.\w+)`", text)}
    assert named and all((SAMPLES / name).exists() for name in named)
    assert ROOT.joinpath("README.md").exists()
