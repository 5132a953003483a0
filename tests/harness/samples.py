# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the sample units of conf-examples/."""
import configparser
import re
import subprocess

from .nfacctd import SAMPLES


def add_route():
    """Add the route that the drop-in unit adds before an instance starts."""
    command = re.search(
        r"ip -6 route .*", (SAMPLES / "nfacctd@.service.d" / "templates.conf").read_text()
    )[0]
    subprocess.run(command.split(), check=True)


def parse_unit(name="nfacctd@.service"):
    parsed = configparser.RawConfigParser(strict=False, comment_prefixes="#")
    parsed.optionxform = str
    parsed.read(SAMPLES / name)
    return parsed
