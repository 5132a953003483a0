# SPDX-License-Identifier: GPL-2.0-or-later
"""A Prometheus of the test's own, in its sandbox."""
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from . import ROOT, wait_for
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
    """Scrapes the server at PORT every two seconds, and knows the alert rules of docs/."""

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
        with urllib.request.urlopen(f"http://{WEB}{path}?{query}", timeout=30) as answer:
            return answer.read()

    def is_ready(self):
        assert self.process.poll() is None, "Prometheus has ended"
        try:
            return self._get("/-/ready")
        except (urllib.error.URLError, ConnectionError):
            return False

    def ready(self):
        # It has a data base to make, and this machine other things to do.
        wait_for("Prometheus ready", self.is_ready, 90)
        return self

    def api(self, path, **parameters):
        answer = json.loads(self._get(f"/api/v1/{path}", **parameters))
        assert answer["status"] == "success" and not answer.get("warnings")
        return answer["data"]

    def query(self, expression):
        """[(labels, value)]; a wrong expression raises."""
        return [
            (found["metric"], float(found["value"][1]))
            for found in self.api("query", query=expression)["result"]
        ]

    def alerts(self):
        """(name, bucket) -> state, of those that are not inactive."""
        return {
            (alert["labels"]["alertname"], alert["labels"].get("bucket")): alert["state"]
            for alert in self.api("alerts")["alerts"]
        }

    def target(self):
        (found,) = self.api("targets")["activeTargets"]
        return found

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.log.close()


class NodeExporter:
    """Only its textfile collector, on a directory."""

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
        """What it tells Prometheus; nothing as long as it does not."""
        assert self.process.poll() is None, "node_exporter has ended"
        try:
            with urllib.request.urlopen(f"http://{self.ADDRESS}/metrics", timeout=30) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return ""

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
