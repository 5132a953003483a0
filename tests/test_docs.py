# SPDX-License-Identifier: GPL-2.0-or-later
"""Every example in the documentation is run (see harness/docs.py for the marks)."""
import re

import pytest

from harness import docs
from harness.pcap import Capture

EXAMPLES = docs.examples()
RUN = [example for example in EXAMPLES if example.is_run and example.preparations != ["c"]]
C = [example for example in EXAMPLES if example.is_run and example.preparations == ["c"]]


def by_name(examples):
    return {"argvalues": examples, "ids": [example.name for example in examples]}


def test_every_example_has_a_mark():
    assert len(EXAMPLES) > 40
    unmarked = [
        example.name for example in EXAMPLES if not example.is_run and not example.is_excused
    ]
    assert not unmarked, "put <!-- run: ... --> right before the block"
    unknown = {name for example in RUN for name in example.preparations} - set(docs.PREPARATIONS)
    assert not unknown


def test_few_examples_are_not_run():
    excused = [example.name for example in EXAMPLES if example.is_excused]
    assert len(excused) <= 6, excused


def test_commands_are_in_blocks_of_sh():
    """In a block without a language nothing would be run, nor missed."""
    for page in docs.PAGES:
        for block in docs.outputs(page) if page.suffix == ".md" else ():
            assert not re.search(
                r"^(sudo |pmreuseport |nfacctd |systemctl |ci/)", block, re.M
            ), page


@pytest.mark.parametrize("example", **by_name(RUN))
def test_example(sandbox, tmp_path, example):
    capture = Capture(tmp_path / "routers.pcap")
    for exporter in ("192.0.2.1", "192.0.2.2"):
        capture.netflow5(exporter, 3)
    capture.close()
    status, output = docs.run(example, tmp_path)
    assert status == 0, f"{example.page}:\n{example.text}\n{output}"


@pytest.mark.parametrize("example", **by_name(C))
def test_c_example(example):
    done = docs.compile_c(example.text)
    assert done.returncode == 0, done.stdout
