# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples in the documentation, and the states of a host that they need.

A comment right before an example says how to run it:

    <!-- run: PREPARATION, ... -->                 in Markdown, before a block of sh
    <!-- run: PREPARATION, ..., then N live -->    and N buckets must be live afterwards
    <!-- not run: REASON -->
    .\\" run: ...                                   in man pages, before .EX
    .\\" output                                     what a command prints, not an example

PREPARATIONS has the names.
"""
import os
import pathlib
import re
import subprocess

from . import PATIENCE, ROOT
from .nfacctd import PREFIX, SAMPLES, render

PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    SAMPLES / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "man").glob("*.[0-9]")),
)
STUBS = pathlib.Path(__file__).with_name("stubs")
TARBALL = pathlib.Path(
    os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache",
    "pmacct-reuseport",
    "pmacct_1.7.8.orig.tar.gz",
)
# What a reader replaces.
WORDS = {"USER": "nobody", "GROUP": "nogroup", "CLUSTER": "default", "TREE": "../tree"}


class Example:
    """One block: where it stands, its mark, its text."""

    def __init__(self, page, number, heading, mark, text, files):
        self.page = page
        self.mark = mark
        self.text = text
        self.files = files  # path -> text: unit files that the same section shows
        words = "-".join(re.findall(r"[a-z0-9]+", heading.lower()))
        self.name = f"{page.relative_to(ROOT)}:{words}:{number}"

    @property
    def is_run(self):
        return bool(self.mark) and self.mark.startswith("run: ")

    @property
    def is_excused(self):
        return bool(self.mark) and self.mark.startswith("not run: ")

    @property
    def preparations(self):
        return [
            name
            for name in self.mark.removeprefix("run: ").split(", ")
            if not name.startswith("then ")
        ]

    @property
    def live(self):
        """How many buckets are live afterwards, or None if nothing is said."""
        found = re.search(r"then (\d+) live$", self.mark)
        return int(found[1]) if found else None


def _unit_files(text):
    """A block of ini has a comment with its path before each file."""
    parts = re.split(r"^# (/\S+)\n", text, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2]))


def _markdown(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    heading, files, number = "", {}, 0
    position = 0
    while position < len(lines):
        line = lines[position]
        fence = re.match(r"( *)```(\w*)$", line)
        if not fence:
            if line.startswith("#"):
                heading, files = line.lstrip("# "), {}
            position += 1
            continue
        indent = len(fence[1])
        end = position + 1
        while lines[end].strip() != "```":
            end += 1
        text = "".join(f"{inside[indent:]}\n" for inside in lines[position + 1 : end])
        if fence[2] == "ini":
            files = files | _unit_files(text)
        elif fence[2] == "sh":
            number += 1
            mark = re.match(r" *<!-- (.*) -->$", lines[position - 1])
            yield Example(page, number, heading, mark and mark[1], text, files)
        position = end + 1


def outputs(page):
    """What is between fences of Markdown that name no language."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, flags=re.M | re.S)
    return [block for language, block in blocks if not language]


def _man(page):
    text = page.read_text(encoding="utf-8")
    heading, number, before = "", 0, 0
    for found in re.finditer(r"^\.EX\n(.*?)^\.EE$", text, flags=re.M | re.S):
        number += 1
        lines = text[before : found.start()].splitlines()
        headings = [line for line in lines if re.match(r"\.S[HS] ", line)]
        heading = headings[-1][4:] if headings else heading
        mark = re.match(r'\.\\" (.*)', lines[-1])
        plain = re.sub(r"\\(.)", r"\1", found[1])
        before = found.end()
        if mark and mark[1] == "output":
            continue
        yield Example(page, number, heading, mark and mark[1], plain, {})


def examples():
    found = []
    for page in PAGES:
        found += _markdown(page) if page.suffix == ".md" else _man(page)
    return found


# Shell that is run before the example, in a namespace of its own with private /etc, /run,
# /usr/local and /var. Each line of a block counts, as in ci/ (set -e).
HOST = """
layers=$dir/layers
mkdir $layers
mount -t tmpfs tmpfs $layers
overlay() {
    mkdir -p $layers/$1 $layers/$1.work
    mount -t overlay -o lowerdir=$3,upperdir=$layers/$1,workdir=$layers/$1.work overlay $2
}
overlay etc /etc /etc
overlay var /var /var
overlay local /usr/local $prefix
mount -t tmpfs tmpfs /run
mkdir -p /etc/pmacct /etc/systemd/system /run/pmacct /run/units /var/lib/pmacct /var/log/pmacct
rm -rf /etc/pmacct/*
cp $dir/nfacctd.conf /etc/pmacct
"""
START = """
pmreuseport fork /etc/pmacct/nfacctd.conf --count $count --dir /etc/pmacct >$dir/fork.log
for i in $(seq 0 $((count - 1))); do systemctl start nfacctd@$i; done
live $count
"""
TRAFFIC = """
pmreuseport-gen bmp --to 127.0.0.1:1790 --source 127.1.0.1+8 --hold forever --timeout 60 \\
    >$dir/bmp.json &
until [ -s $dir/bmp.json ]; do sleep 0.1; done
pmreuseport-gen flows --to 127.0.0.1:2055 --source 127.1.0.1+40 --rate 400 \\
    --flows 4000000000 >/dev/null &
"""
SOURCE = """
mkdir $dir/pmacct-reuseport
tar -C $root --exclude=./_build --exclude=./.git -cf - . | tar -C $dir/pmacct-reuseport -xf -
cd $dir/pmacct-reuseport
"""

PREPARATIONS = {
    # the programs are installed, /etc/pmacct/nfacctd.conf is the file of a single nfacctd
    "host": HOST,
    # four instances, which get flows and BMP
    "cluster": HOST + "count=4" + START + TRAFFIC,
    "cluster of 5": HOST + "count=5" + START + TRAFFIC,
    # and with it:
    "stopped": "systemctl stop nfacctd@{0..3}",
    "counting": "pmreuseport account on",
    "pins": "pmreuseport pin 198.51.100.0/24 1",
    # the distribution's nfacctd
    "stock": "rm /usr/local/sbin/nfacctd",
    # its pidfile is in /run, and it goes to the background
    "daemonize": """
sed -i -e 's|^daemonize:.*|daemonize: true|' -e 's|^pidfile:.*|pidfile: /run/nfacctd.pid|' \\
    /etc/pmacct/nfacctd.conf
""",
    "stock daemons": """
for i in 0 1 2 3; do nfacctd -f /etc/pmacct/nfacctd-$i.conf; done
for i in 0 1 2 3; do until [ -s /run/nfacctd-$i.pid ]; do sleep 0.1; done; done
""",
    # three pmreuseport-listen on UDP 2055 and TCP 1790
    "listeners": HOST
    + """
for i in 0 1 2; do
    pmreuseport-listen --udp 2055 --tcp 1790 --count 3 --index $i >$dir/listen-$i &
done
live 3
""",
    # in a copy of conf-examples/
    "samples": "cp -r $samples $dir/samples; cd $dir/samples",
    # /etc/pmacct has the files of four instances
    "files": """
pmreuseport fork /etc/pmacct/nfacctd.conf --count 4 --dir /etc/pmacct >$dir/fork.log
""",
    # the files of two sites
    "sites": """
for site in loc_A loc_B; do
    sed "s|^cluster_name:.*||" /etc/pmacct/nfacctd.conf >$site.conf
    printf '%s\\n' "cluster_name: $site" "reuseport_seed: net" "bmp_daemon_ha: true" >>$site.conf
    pmreuseport fork $site.conf --count 2 --dir /etc/pmacct
done
""",
    # the user of the units
    "units": "systemd-sysusers $samples/sysusers.d/nfacctd.conf",
    # what the example names
    "file routers": "printf '127.1.0.%d\\n' $(seq 1 40) >routers",
    "file routers.pcap": "cp $dir/routers.pcap .",
    "textfile directory": "mkdir -p /var/lib/prometheus/node-exporter",
    "old pins of x": "mkdir -p /sys/fs/bpf/pmacct/x/{nfacctd,nfacctd_tpl,bmp,bgp}",
    "metrics on a Unix socket": """
mkdir -p /run/pmreuseport
pmreuseport metrics --listen unix:/run/pmreuseport/metrics.sock >$dir/metrics.log &
until grep -q listening $dir/metrics.log; do sleep 0.1; done
""",
    # the unit files that the section shows
    "files above": "cp -r $dir/files/. /",
    # in a copy of this tree
    "source": HOST + SOURCE,
    # which is a git checkout
    "git": """
git init -q .
git -c user.name=reader -c user.email=reader@localhost commit -q --allow-empty -m start
""",
    # in the directory with this tree and pmacct's
    "pmacct source": HOST
    + SOURCE
    + """
cd $dir
mkdir pmacct-1.7.8
tar -xf $tarball -C pmacct-1.7.8 --strip-components=1 --no-same-owner
""",
    # in this tree, which is built
    "built tree": "cd $root",
}

SCRIPT = """
set -eo pipefail
live() {
    for try in $(seq 600); do
        if pmreuseport status --json 2>/dev/null | /usr/bin/python3 $dir/live.py $1; then return; fi
        sleep 0.1
    done
    pmreuseport status
    tail -n 20 /var/log/pmacct/*.log || true
    echo "there are not $1 live buckets"
    return 1
}
cd $dir/work
"""
LIVE = """
import json, sys
try:
    endpoints = [e for c in json.load(sys.stdin)["clusters"] for e in c["endpoints"]]
except ValueError:
    sys.exit(1)
want = [int(sys.argv[1])] * len(endpoints)
states = [[b["state"] for b in e["buckets"]] for e in endpoints]
udp = any(e["endpoint"].startswith("udp") for e in endpoints)
right = [s.count("live") for s in states] == want
sys.exit(not (udp and right and not any("leaving" in s for s in states)))
"""


def run(example, directory):
    """Runs it in a pid namespace of its own; with the sandbox's others, nothing is left of it."""
    directory = pathlib.Path(directory)
    (directory / "work").mkdir()
    (directory / "live.py").write_text(LIVE)
    conf = render(
        "nfacctd-print.conf",
        "@DIR@",
        "@I@",
        {"reuseport_hashbucket_count": None, "reuseport_hashbucket_index": None},
    )
    for name, place in (("pid", "/run"), ("log", "/var/log"), ("json", "/var/lib")):
        conf = re.sub(rf"@DIR@(/\S*\.{name})$", rf"{place}/pmacct\1", conf, flags=re.M)
    (directory / "nfacctd.conf").write_text(conf.replace("-@I@", ""))
    for path, text in example.files.items():
        path = directory / "files" / path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = SCRIPT + "".join(f"\n{PREPARATIONS[name]}\n" for name in example.preparations)
    text = re.sub(r"\b(%s)\b" % "|".join(WORDS), lambda word: WORDS[word[1]], example.text)
    script += f"\necho 'the example:'\nset -x\n{text}\nset +x\n"
    if example.live is not None:
        script += f"live {example.live}\n"
    (directory / "script.sh").write_text(script)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PMR_"))
    }
    tool = os.environ.get("PMR_TOOL")
    ours = f"{STUBS}:{pathlib.Path(tool).parent}" if tool else STUBS
    environment |= {
        "PATH": f"{ours}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(directory),
        "XDG_CACHE_HOME": str(TARBALL.parent.parent),
        "dir": str(directory),
        "prefix": str(PREFIX),
        "root": str(ROOT),
        "samples": str(SAMPLES),
        "tarball": str(TARBALL),
        "GIT_SEQUENCE_EDITOR": "true",
    }
    with open(directory / "output", "w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(
            [
                "unshare",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "bash",
                directory / "script.sh",
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            # An example may patch a whole source tree.
            timeout=4 * PATIENCE,
            check=False,
        )
        output.seek(0)
        said = output.read()
    return done.returncode, said


def compile_c(text):
    """A fragment of C in a function, as the library's page shows it."""
    source = (
        f"#include <err.h>\n#include <pmreuseport.h>\nvoid example(int fd);\n"
        f"void example(int fd)\n{{\n{text}}}\n"
    )
    return subprocess.run(
        [
            "gcc",
            "-std=gnu11",
            "-Wall",
            "-Werror",
            f"-I{ROOT}/plugin",
            "-fsyntax-only",
            "-x",
            "c",
            "-",
        ],
        input=source,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
