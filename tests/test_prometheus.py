# SPDX-License-Identifier: GPL-2.0-or-later
"""A real Prometheus reads the metrics; the dashboard and the alert rules work on them."""
import json
import math
import re
import subprocess
import time

import pytest

from harness import PATIENCE, traffic, wait_for
from harness.metrics import parse, serving
from harness.nfacctd import FLOWS_ONLY
from harness.pmreuseport import ask, sessions, tool
from harness.prometheus import DOCS, NodeExporter, Prometheus

SOURCES = ("--source", "127.1.0.1+60", "--source", "fd00:1::1+60")
DASHBOARD = json.loads((DOCS / "grafana-dashboard.json").read_text())
PANELS = DASHBOARD["panels"]
METRIC = re.compile(r"\bpmreuseport_[a-z_]+\b")


def expressions():
    """(title of the panel, expression)"""
    return [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]


def examples():
    """The examples on the page, in the form of panels()."""
    page = (DOCS / "metrics.md").read_text()
    text = re.search(r"Compute rates and shares in Prometheus:\n\n```\n(.*?)```\n", page, re.S)[1]
    return [
        ("example", example) for example in re.sub("^#.*\n", "", text, flags=re.M).split("\n\n")
    ]


def filled(expression):
    """The expression that Grafana sends when "All" is chosen everywhere."""
    for name in ("instance", "cluster", "endpoint"):
        expression = expression.replace(f"${name}", ".*")
    # Long enough for two missed scrapes.
    expression = expression.replace("$__rate_interval", "30s")
    assert "$" not in expression, expression
    return expression


def data(prometheus, wanted):
    """What the expressions give, all at one time. None if some give nothing.

    There is data only after a good scrape, so an expression that had data a moment ago may
    have none when it is asked for again.
    """
    now = time.time()
    found = [(title, prometheus.query(filled(expression), now)) for title, expression in wanted]
    missing = [title for title, rows in found if not rows]
    print("no data yet:", missing)
    return None if missing else found


def panels(prometheus):
    """Title -> what the first expression of the panel gives. None if data is missing."""
    found = dict(reversed(data(prometheus, expressions()) or []))
    # Not a number: the load has no rate yet.
    if not found or any(math.isnan(value) for _, value in found["Max/mean"]):
        return None
    return found


@pytest.fixture
def prometheus(sandbox, tmp_path):
    made = Prometheus(tmp_path / "prometheus")
    yield made
    made.end()


@pytest.fixture
def load(sandbox):
    made = traffic.Load(*SOURCES, "--version", "5", "--records-per-packet", 1, "--rate", 500)
    yield made
    made.end()


def test_every_panel_has_data(prometheus, cluster, routers, load):
    instances = [*cluster(3)]
    routers(*SOURCES, "--routes", 1)
    wait_for("sessions", lambda: len(sessions(instances)) == 120)
    with serving() as server:
        prometheus.ready()
        assert len(examples()) == 4
        by_title = wait_for("data in every panel", lambda: panels(prometheus))
        wait_for("data in every example", lambda: data(prometheus, examples()))
        assert 1 <= by_title["Max/mean"][0][1] < 3
        udp = [
            value
            for labels, value in by_title["Share of each bucket"]
            if labels["protocol"] == "udp"
        ]
        assert len(udp) == 3 and sum(udp) == pytest.approx(1)
        assert sum(value for _, value in by_title["TCP sessions"]) == 120
        assert [value for _, value in by_title["Live buckets"]] == [3, 3]
        assert {
            (labels["bucket"], labels["pid"]) for labels, _ in by_title["Who is in the buckets"]
        } == {(str(instance.index), str(instance.pid)) for instance in instances}
        # The packets per second of all buckets match the rate of the load.
        rates = [
            value for labels, value in by_title["Packets by bucket"] if labels["protocol"] == "udp"
        ]
        assert 0 < sum(rates) < 1500
        wait_for("a scrape without an error", lambda: prometheus.last_error() == "")
        assert server.stop() == ""


def test_alerts_of_a_dead_instance(prometheus, cluster, load):
    instances = cluster(2, keys={**FLOWS_ONLY, "reuseport_fallback": "drop"})
    with serving() as server:
        prometheus.ready()
        wait_for("metrics", lambda: prometheus.query("sum(pmreuseport_bucket_live) == 2"))
        wanted = ("PmreuseportBucketDead", "1"), ("PmreuseportNobody", None)
        assert not set(wanted) & set(prometheus.alerts())
        instances[1].kill()
        # Pending is enough here; test_each_alert waits until they fire.
        wait_for("alerts", lambda: set(wanted) <= set(prometheus.alerts()))
        assert ("PmreuseportBucketDead", "0") not in prometheus.alerts()
        load.stop()
        instances[0].kill()
        ask("remove", "-c", "default")
        assert server.ask()[0] == 503
        wait_for("an alert", lambda: prometheus.alerts().get(("PmreuseportDown", None)))
        assert not prometheus.query("pmreuseport_buckets")
        wait_for(
            "the reason",
            lambda: prometheus.last_error()
            == "server returned HTTP status 503 Service Unavailable",
        )


def test_textfile_collector(start, tmp_path):
    start(0, 2, keys=FLOWS_ONLY).wait_ready()
    path = tmp_path / "collected" / "pmreuseport.prom"
    path.parent.mkdir()
    exporter = NodeExporter(path.parent)
    try:
        for _ in range(2):
            assert tool("metrics", "--output", path).returncode == 0
        text = wait_for("node_exporter", exporter.text)
        assert "\nnode_textfile_scrape_error 0\n" in text
        assert f'\nnode_textfile_mtime_seconds{{file="{path}"}} ' in text
        ours = [line for line in text.split("\n") if line.startswith("pmreuseport_")]
        assert len(ours) == sum(map(len, parse(path.read_text()).values()))
    finally:
        exporter.end()


def series(name, values, **labels):
    text = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return {"series": f"{name}{{{text}}}", "values": values}


BUCKET = {"cluster": "a", "endpoint": "e", "protocol": "udp", "bucket": "1", "instance": "h"}
AT = {**BUCKET, "bucket": "0"}
OTHER = {**BUCKET, "bucket": "2"}
GONE = {**BUCKET, "endpoint": "gone"}


def live(*endpoints):
    """How many buckets of each endpoint are live; also of a cluster that is dead."""
    made = [
        series("pmreuseport_bucket_live", values, **{**BUCKET, "endpoint": endpoint})
        for endpoint, values in endpoints
    ]
    return made + [series("pmreuseport_bucket_live", "0x1500", **{**BUCKET, "cluster": "b"})]


@pytest.mark.parametrize(
    "alert, at, inputs, labels",
    [
        (
            "BucketDead",
            "3m",
            [
                series("pmreuseport_bucket_state", "1x9", **BUCKET, state="dead"),
                series("pmreuseport_bucket_state", "0x9", **AT, state="dead"),
                series("pmreuseport_bucket_state", "1x9", **AT, state="live"),
                series("pmreuseport_bucket_state", "1x9", **OTHER, state="dead"),
                series("pmreuseport_bucket_drained", "1x9", instance="h", cluster="a", bucket="2"),
                series("pmreuseport_bucket_drained", "0x9", instance="h", cluster="a", bucket="1"),
                series("pmreuseport_bucket_state", "1x9", **GONE, state="dead"),
                *live(("e", "1x9"), ("gone", "0x9")),
            ],
            {**BUCKET, "state": "dead"},
        ),
        (
            "BucketDead",
            "3m",
            [
                series("pmreuseport_bucket_state", "1x9", **BUCKET, state="dead"),
                *live(("e", "0x9"), ("f", "0x9")),
            ],
            {**BUCKET, "state": "dead"},
        ),
        (
            "EndpointGone",
            "9m",
            live(("e", "1x3 0x20"), ("gone", "0x20"), ("f", "1x20")),
            {"instance": "h", "cluster": "a", "endpoint": "e"},
        ),
        (
            "BucketAwaited",
            "62m",
            [
                series("pmreuseport_bucket_state", "1x99", **BUCKET, state="awaited"),
                series("pmreuseport_bucket_state", "1x99", **GONE, state="awaited"),
                *live(("e", "1x99"), ("gone", "0x99")),
            ],
            {**BUCKET, "state": "awaited"},
        ),
        (
            "BucketDrained",
            "1445m",
            [series("pmreuseport_bucket_drained", "0 1x1500", bucket="1")],
            {"bucket": "1"},
        ),
        (
            "Restarting",
            "15m",
            [
                series("pmreuseport_bucket_joined_timestamp_seconds", "1+1x4 5x20", **BUCKET),
                series("pmreuseport_bucket_joined_timestamp_seconds", "1+1x2 3x20", **AT),
            ],
            BUCKET,
        ),
        (
            "Drops",
            "12m",
            [
                series("pmreuseport_socket_drops_total", "0+60x20", **BUCKET),
                series("pmreuseport_socket_drops_total", "5x20", **AT),
            ],
            BUCKET,
        ),
        (
            "Nobody",
            "9m",
            [
                series(
                    "pmreuseport_decisions_total",
                    "0+60x20",
                    instance="h",
                    cluster="a",
                    endpoint="e",
                    decision="kernel",
                ),
                series(
                    "pmreuseport_decisions_total",
                    "0+60x20",
                    instance="h",
                    cluster="a",
                    endpoint="f",
                    decision="failover",
                ),
            ],
            {"instance": "h", "cluster": "a", "endpoint": "e"},
        ),
        (
            "Reattached",
            "9m",
            [
                series("pmreuseport_reattached_total", "0x4 1x20", **BUCKET),
                series("pmreuseport_reattached_total", "0x20", **AT),
            ],
            BUCKET,
        ),
        (
            "Sessions",
            "3m",
            [
                series("pmreuseport_sessions", "91x9", **BUCKET),
                series("pmreuseport_max_sessions", "100x9", **BUCKET),
                series("pmreuseport_sessions", "89x9", **AT),
                series("pmreuseport_max_sessions", "100x9", **AT),
            ],
            BUCKET,
        ),
        (
            "OpenFiles",
            "3m",
            [
                series("pmreuseport_open_files", "991x9", **BUCKET),
                series("pmreuseport_open_files_limit", "1100x9", **BUCKET),
                series("pmreuseport_open_files", "989x9", **AT),
                series("pmreuseport_open_files_limit", "1100x9", **AT),
            ],
            BUCKET,
        ),
        (
            "Strikes",
            "9m",
            [
                series("pmreuseport_strikes_total", "0x4 1x20", instance="h", cluster="a"),
                series("pmreuseport_strikes_total", "3x20", instance="h", cluster="b"),
            ],
            {"instance": "h", "cluster": "a"},
        ),
        (
            "Quarantine",
            "9m",
            [
                series("pmreuseport_quarantined", "0x4 1x20", instance="h", cluster="a"),
                series("pmreuseport_quarantined", "0x20", instance="h", cluster="b"),
            ],
            {"instance": "h", "cluster": "a"},
        ),
        (
            "Unbalanced",
            "100m",
            [
                series(
                    "pmreuseport_bucket_packets_total",
                    f"0+{step}x120",
                    **{**BUCKET, "bucket": bucket},
                )
                for bucket, step in (("0", 50), ("1", 10), ("2", 0), ("3", 0))
            ]
            + [
                series(
                    "pmreuseport_bucket_state",
                    f"{live}x120",
                    **{**BUCKET, "bucket": bucket, "state": "live"},
                )
                for bucket, live in (("0", 1), ("1", 1), ("2", 1), ("3", 0))
            ],
            {key: value for key, value in BUCKET.items() if key != "bucket"},
        ),
        ("Unknown", "20m", [series("pmreuseport_unknown", "1x30", cluster="a")], {"cluster": "a"}),
        (
            "Down",
            "8m",
            [series("up", "0x30", job="pmreuseport"), series("up", "0x30", job="node")],
            {"job": "pmreuseport"},
        ),
        (
            "Stale",
            "20m",
            [
                series("node_textfile_mtime_seconds", "60x30", file="/x/pmreuseport.prom"),
                series("node_textfile_mtime_seconds", "0x30", file="/x/other.prom"),
            ],
            {"file": "/x/pmreuseport.prom"},
        ),
    ],
)
def test_each_alert(tmp_path, alert, at, inputs, labels):
    """Evaluate a rule on made-up time series. Similar series must not fire."""
    head, *rules = re.split(r"(?m)^(?= {6}- alert: )", (DOCS / "alerts.yml").read_text())
    (rule,) = [rule for rule in rules if f"alert: Pmreuseport{alert}\n" in rule]
    # Annotations are for people.
    rule = re.sub(r" {8}annotations:\n(?: {10}.*\n)*", "", rule)
    (tmp_path / "rules.yml").write_text(head + rule)
    case = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": inputs,
                "alert_rule_test": [
                    {
                        "eval_time": at,
                        "alertname": f"Pmreuseport{alert}",
                        "exp_alerts": [{"exp_labels": labels}],
                    },
                    {"eval_time": "0m", "alertname": f"Pmreuseport{alert}", "exp_alerts": []},
                ],
            }
        ],
    }
    (tmp_path / "case.yml").write_text(json.dumps(case))
    done = subprocess.run(
        ["promtool", "test", "rules", "case.yml"],
        cwd=tmp_path,
        timeout=PATIENCE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_all_alerts_are_tested():
    rules = re.findall(r"alert: Pmreuseport(\w+)", (DOCS / "alerts.yml").read_text())
    assert rules == list(dict.fromkeys(case[0] for case in test_each_alert.pytestmark[0].args[1]))
    done = subprocess.run(
        ["promtool", "check", "rules", str(DOCS / "alerts.yml")],
        timeout=PATIENCE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout


def test_page_lists_all_metrics(cluster, routers):
    """The page, the dashboard and the rules name existing metrics; the page names all."""
    (instance,) = cluster(1)
    routers("--source", "127.1.0.1+1", "--routes", 1)
    wait_for("sessions", lambda: len(sessions([instance])) == 1)
    with serving() as server:
        there = set(parse(server.ask()[2]))
    rows = re.findall(r"^\| `(pmreuseport_[a-z_]+)`", (DOCS / "metrics.md").read_text(), re.M)
    assert len(rows) == len(set(rows)) and set(rows) == there
    for name in ("grafana-dashboard.json", "alerts.yml"):
        assert set(METRIC.findall((DOCS / name).read_text())) <= there, name


def test_dashboard_is_well_formed():
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert all(panel["title"] and panel["description"] for panel in PANELS)
    names = [variable["name"] for variable in DASHBOARD["templating"]["list"]]
    assert names == ["datasource", "instance", "cluster", "endpoint"]
    cells = set()
    for panel in PANELS:
        at = panel["gridPos"]
        own = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not own & cells and max(own)[0] < 24, panel["title"]
        cells |= own
        assert {
            panel["datasource"]["uid"],
            *(target["datasource"]["uid"] for target in panel["targets"]),
        } == {"${datasource}"}
        assert all("$instance" in target["expr"] for target in panel["targets"])
