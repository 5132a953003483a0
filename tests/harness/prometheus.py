# SPDX-License-Identifier: GPL-2.0-or-later
"""A Prometheus server and a node exporter inside the sandbox."""
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from . import PATIENCE, ROOT, wait_for
from .metrics import PORT

DOCS = ROOT / "docs"
WEB = "127.0.0.1:9090"
CONFIG = f"""
global:
  scrape_interval: 2s
  evaluation_interval: 2s
rule_files: ["{DOCS}/alerts.yml"]
scrape_configs:
  - job_name: pmreuseport
    static_configs: [{{targets: ["127.0.0.1:{PORT}"]}}]
"""


class Prometheus:
    """Scrapes PORT every two seconds and evaluates the alert rules of docs/."""

    def __init__(self, directory):
        directory.mkdir()
        (directory / "prometheus.yml").write_text(CONFIG)
        self.log = open(directory / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={directory}/prometheus.yml",
                f"--storage.tsdb.path={directory}/data",
                f"--web.listen-address={WEB}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def _get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"http://{WEB}{path}?{query}", timeout=PATIENCE) as answer:
            return answer.read()

    def is_ready(self):
        assert self.process.poll() is None, "Prometheus has ended"
        try:
            return self._get("/-/ready")
        except (urllib.error.URLError, ConnectionError):
            return False

    def ready(self):
        # Prometheus creates its database first, which takes long on a busy machine.
        wait_for("Prometheus ready", self.is_ready)
        return self

    def api(self, path, **parameters):
        answer = json.loads(self._get(f"/api/v1/{path}", **parameters))
        assert answer["status"] == "success" and not answer.get("warnings")
        return answer["data"]

    def query(self, expression, at=None):
        """Evaluate an expression: [(labels, value)]. A wrong expression raises.

        at: the time, in seconds; None: now. The list is empty before the first scrape, and
        also after one that failed, as happens on a busy machine.
        """
        time = {} if at is None else {"time": at}
        return [
            (found["metric"], float(found["value"][1]))
            for found in self.api("query", query=expression, **time)["result"]
        ]

    def alerts(self):
        """(name, bucket) -> state of each alert that is pending or firing."""
        return {
            (alert["labels"]["alertname"], alert["labels"].get("bucket")): alert["state"]
            for alert in self.api("alerts")["alerts"]
        }

    def last_error(self):
        """The error of the last scrape, empty after a good one; None before the first one."""
        found = self.api("targets")["activeTargets"]
        assert len(found) <= 1
        return found[0]["lastError"] if found and found[0]["health"] != "unknown" else None

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.log.close()


class NodeExporter:
    """A node exporter with the textfile collector alone, which reads directory."""

    ADDRESS = "127.0.0.1:9100"

    def __init__(self, directory):
        self.process = subprocess.Popen(
            [
                "prometheus-node-exporter",
                "--collector.disable-defaults",
                "--collector.textfile",
                f"--collector.textfile.directory={directory}",
                f"--web.listen-address={self.ADDRESS}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def text(self):
        """What Prometheus would read; an empty text while the exporter does not answer."""
        assert self.process.poll() is None, "node_exporter has ended"
        try:
            with urllib.request.urlopen(f"http://{self.ADDRESS}/metrics", timeout=PATIENCE) as page:
                return page.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return ""

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
