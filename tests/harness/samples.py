# SPDX-License-Identifier: GPL-2.0-or-later
"""What the sample units of conf-examples/ say."""
import configparser
import re
import subprocess

from .nfacctd import SAMPLES


def add_route():
    """What the drop-in unit does before an instance starts."""
    command = re.search(
        r"ip -6 route .*", (SAMPLES / "nfacctd@.service.d" / "templates.conf").read_text()
    )[0]
    subprocess.run(command.split(), check=True)


def parse_unit(name="nfacctd@.service"):
    parsed = configparser.RawConfigParser(strict=False, comment_prefixes="#")
    parsed.optionxform = str
    parsed.read(SAMPLES / name)
    return parsed
