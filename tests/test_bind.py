# SPDX-License-Identifier: GPL-2.0-or-later
"""A port that another user has: each daemon says why it does not start."""
import pytest

from harness.nfacctd import FLOWS_ONLY, NO_FLOWS, NO_KEYS, refuses_to_start
from harness.users import as_user

USER = 1000
# daemon -> its keys, and the port
PORTS = {
    "nfacctd": ({**FLOWS_ONLY, **NO_KEYS}, "udp:2055"),
    "nfacctd-templates": ({**FLOWS_ONLY, **NO_KEYS, "nfacctd_templates_port": 2056}, "udp:2056"),
    "nfacctd-bmp": (NO_KEYS, "tcp:1790"),
    "nfacctd-bgp": (
        {**FLOWS_ONLY, **NO_KEYS, "bgp_daemon": "true", "bgp_daemon_port": 1179},
        "tcp:1179",
    ),
    "pmbmpd": ({**NO_FLOWS, **NO_KEYS}, "tcp:1790"),
    "pmbgpd": (
        {
            **FLOWS_ONLY,
            **NO_KEYS,
            "nfacctd_port": None,
            "plugins": None,
            "bgp_daemon_ip": "127.0.0.1",
            "bgp_daemon_port": 1179,
        },
        "tcp:1179",
    ),
    "pmtelemetryd": (
        {
            **FLOWS_ONLY,
            **NO_KEYS,
            "nfacctd_port": None,
            "plugins": None,
            "telemetry_daemon_ip": "127.0.0.1",
            "telemetry_daemon_port_tcp": 1620,
            "telemetry_daemon_decoder": "json",
        },
        "tcp:1620",
    ),
    "sfacctd": (
        {**FLOWS_ONLY, **NO_KEYS, "nfacctd_port": None, "sfacctd_port": 6343},
        "udp:6343",
    ),
}


@pytest.fixture
def take(plain_daemon):
    """take("udp:2055"): another user opens that port."""

    def take(spec):
        kind, port = spec.split(":")
        assert plain_daemon(command=as_user(USER)).open(f"{kind}:[0.0.0.0]:{port}") == int(port)
        return port, kind

    return take


@pytest.mark.parametrize("name", PORTS)
def test_every_daemon_says_why(start, take, name):
    keys, spec = PORTS[name]
    port, kind = take(spec)
    log = refuses_to_start(
        start(0, binary=name.partition("-")[0], keys=keys),
        f"port={port}/{kind} failed (Address already in use)",
    )
    assert "errno:" not in log and "reuseport:" not in log


@pytest.mark.parametrize(
    "binary, keys, spec",
    [
        ("nfacctd", FLOWS_ONLY, "udp:2055"),
        ("nfacctd", {**FLOWS_ONLY, "nfacctd_templates_port": 2056}, "udp:2056"),
        ("nfacctd", {}, "tcp:1790"),
        ("nfacctd", {**FLOWS_ONLY, "bgp_daemon": "true", "bgp_daemon_port": 1179}, "tcp:1179"),
        ("pmbmpd", NO_FLOWS, "tcp:1790"),
    ],
)
def test_an_instance_says_who_has_the_port(start, take, binary, keys, spec):
    port, kind = take(spec)
    log = refuses_to_start(
        start(0, 1, binary=binary, keys=keys),
        f"port={port}/{kind} failed (Address already in use)",
    )
    kind = kind.upper()
    assert f"reuseport: user {USER} has a socket on 0.0.0.0, {kind} port {port}, and " in log
    assert f"find it with: ss -lnp{kind[0].lower()} sport = :{port}; end it, or " in log
