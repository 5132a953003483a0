# SPDX-License-Identifier: GPL-2.0-or-later
"""pmreuseport fork: makes the configurations of N instances from one."""
import json
import os
import re
import signal
import stat
import subprocess

import pytest

from harness import PATIENCE, traffic, wait_for
from harness.nfacctd import SAMPLES, exporters_of
from harness.pmreuseport import TOOL, ask, refused, tool
from harness.sandbox import BPFFS
from harness.samples import add_route, parse_unit
from harness.systemd import BINARY, CGROUP2, Systemd, Units

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
CONFS = sorted(path.name for path in SAMPLES.glob("nfacctd*.conf"))
# test_postgresql.py and test_reflector.py run the others.
RUNNABLE = [name for name in CONFS if name not in ("nfacctd-pgsql.conf", "nfacctd-reflector.conf")]
COUNT = 2  # instances under systemd
BALANCED = ["reuseport_hashbucket_count: 2", "reuseport_hashbucket_index: 0"]


def values(forks, *lines, count=2, more=BALANCED):
    """For each instance, what is changed in the lines: a list of (key, plugin, value)."""
    forks("\n".join([*more, *lines]) + "\n", count, "--force")
    return [
        [
            (change["key"], change["plugin"], change["to"])
            for change in made["changed"]
            if not change["key"].startswith("reuseport_")
        ]
        for made in forks.answer["files"]
    ]


def value(forks, line, more=BALANCED, index=1):
    """The value of a line in the configuration of the second instance."""
    changed = values(forks, "plugins: print[p]", line, more=more)[index]
    return changed[0][2] if changed else line.partition(": ")[2]


def without_placeholders(text):
    """A sample as the configuration of a single nfacctd without reuseport keys."""
    return re.sub(r"^reuseport_.*\n", "", re.sub("-?@INDEX@", "", text), flags=re.M)


@pytest.mark.parametrize("prepare", [str, without_placeholders], ids=["sample", "single"])
@pytest.mark.parametrize("sample", RUNNABLE)
def test_forked_samples_run_side_by_side(sandbox, forks, tmp_path, sample, prepare):
    add_route()
    run = tmp_path / "run"
    text = re.sub(r"/(run|var/log|var/lib)/pmacct", str(run), (SAMPLES / sample).read_text())
    forks(prepare(text), 3)
    instances = forks.cluster(run)
    try:
        instances.start()
        report = traffic.flows("--source", "127.1.0.1+60", "--version", "9", "--flows", 2)
        flows = instances.wait_flows(report["records"])
        assert all(flows.values())
        seen = [exporters_of(rows) for rows in flows.values()]
        assert sum(map(len, seen)) == len(set().union(*seen)) == 60
        for instance in instances:
            assert (run / f"nfacctd-{instance.index}.pid").read_text().strip() == str(instance.pid)
            assert (run / f"nfacctd-{instance.index}.pid-print-flows").exists()
            assert (run / f"templates-{instance.index}.json").exists()
            assert not re.search(r"WARN.*(Unknown|Ignored)", instance.log())
        assert ask("status")["clusters"][0]["count"] == 3
    finally:
        instances.end()


def test_forked_memory_plugins_each_have_a_socket(sandbox, forks, tmp_path):
    run = tmp_path / "run"
    forks(
        f"daemonize: false\nnfacctd_port: 2055\nlogfile: {run}/nfacctd.log\n"
        f"plugins: memory[one], memory[two]\nimt_path[one]: {run}/one.pipe\n"
        f"imt_path: {run}/two\nimt_path[one]: {run}/one.pipe\n"
    )
    instances = forks.cluster(run)
    try:
        for instance in instances:
            instance.start()
        for instance in instances:
            for name in (f"one-{instance.index}.pipe", f"two-{instance.index}"):
                instance.wait_ready(
                    f"waiting for data on: '{run}/{name}'", "waiting for NetFlow/IPFIX data"
                )
                assert stat.S_ISSOCK(os.stat(run / name).st_mode)
    finally:
        instances.end()


def test_forked_pmbmpd(sandbox, forks, routers, tmp_path):
    """pmbmpd has no default plugin and accepts plugin keys."""
    run = tmp_path / "run"
    forks(
        f"daemonize: false\nlogfile: {run}/nfacctd.log\nbmp_daemon_port: 1790\n"
        f"bmp_daemon_max_peers: 100\nbmp_daemon_msglog_file: {run}/bmp.json\n",
        name="pmbmpd.conf",
    )
    assert [os.path.basename(made["file"]) for made in forks.answer["files"]] == [
        "pmbmpd-0.conf",
        "pmbmpd-1.conf",
    ]
    instances = forks.cluster(run, binary="pmbmpd")
    try:
        for instance in instances:
            instance.start()
        for instance in instances:
            instance.wait_ready("BMP is hash bucket")
        routers("--source", "127.1.0.1+24")
        wait_for(
            "all routers logged",
            lambda: len(
                {message["bmp_router"] for instance in instances for message in instance.bmp()}
            )
            == 24,
        )
        first, second = (
            {message["bmp_router"] for message in instance.bmp()} for instance in instances
        )
        assert first and second and not first & second
        assert not re.search("WARN", "".join(instance.log() for instance in instances))
    finally:
        instances.end()


@pytest.mark.skipif(
    not BINARY.exists() or not CGROUP2, reason="there is no systemd here, or no cgroup2 for it"
)
def test_forked_sample_under_systemd(sandbox, forks, tmp_path):
    """The unmodified sample with the unmodified unit."""
    made = forks((SAMPLES / "nfacctd-templates.conf").read_text(), COUNT)
    manager = Systemd(
        tmp_path / "systemd",
        {
            os.path.basename(one["file"]): text.decode()
            for one, text in zip(forks.answer["files"], made)
        },
    )
    try:
        units = Units(manager, COUNT)
        traffic.flows("--source", "127.1.0.1+40", "--version", "9", "--flows", 5)
        wait_for(
            "all flows",
            lambda: sum(
                len(numbers) for seen in units.numbers("127.1.0.") for numbers in seen.values()
            )
            == 200,
        )
        first, second = units.numbers("127.1.0.")
        assert first and second and not first.keys() & second.keys()
        units.stop()
    finally:
        manager.end()


@pytest.mark.parametrize("sample", CONFS)
def test_samples_become_what_their_readme_makes_of_them(forks, sample):
    text = (SAMPLES / sample).read_text()
    made = forks(text, 3, name=sample)
    for index, got in enumerate(made):
        wanted = re.sub(
            r"^([^!\n].*)$", lambda line: line[1].replace("@INDEX@", str(index)), text, flags=re.M
        ).replace("bucket_count: 4", "bucket_count: 3")
        assert got.decode() == wanted
    # the path that the unit reads
    assert parse_unit()["Service"]["ExecStart"].split()[1:3] == [
        "-f",
        "/etc/pmacct/nfacctd-%i.conf",
    ]
    assert [os.path.basename(one["file"]) for one in forks.answer["files"]] == [
        f"nfacctd-{index}.conf" for index in range(3)
    ]
    assert forks.answer["warnings"] == []
    # fork does not need a suitable host.
    examined = tool(
        "doctor", "--json", *(word for one in forks.answer["files"] for word in ("-f", one["file"]))
    )
    about = [
        (check["result"], check["says"])
        for check in json.loads(examined.stdout)["checks"]
        if check["check"] == "instances"
    ]
    assert about == [("ok", "the 3 files fit together")]


@pytest.mark.parametrize("sample", CONFS)
def test_fork_of_a_fork(forks, tmp_path, sample):
    """A second fork of the output changes nothing; with another count, only the count."""
    text = without_placeholders((SAMPLES / sample).read_text()).encode()
    three = forks(text, 3)
    five = forks(text, 5, directory=tmp_path / "five")
    assert five[:3] == [conf.replace(b"count: 3", b"count: 5") for conf in three]
    for index, conf in enumerate(five):
        again = forks(conf, 5, directory=tmp_path / f"again-{index}")
        assert again == five
        assert forks.answer["files"][index]["changed"] == []
        assert forks(conf, 3, directory=tmp_path / f"less-{index}") == three


def test_it_may_replace_the_file_it_is_made_of(forks, tmp_path):
    first = forks("pidfile: /x.pid\n", 3, directory=tmp_path)
    assert ask("fork", tmp_path / "nfacctd-2.conf", "--count", 3, "--dir", tmp_path, "--force")
    assert [(tmp_path / f"nfacctd-{index}.conf").read_bytes() for index in range(3)] == first


@pytest.mark.parametrize(
    "path, made",
    [
        ("/x/nfacctd.log", "/x/nfacctd-1.log"),
        ("/x.d/log", "/x.d/log-1"),
        ("log", "log-1"),
        ("/x/.log", "/x/.log-1"),
        ("/x/a.b.json", "/x/a.b-1.json"),
        ("/x/a.", "/x/a.-1"),
        ("/x/a b.json", "/x/a b-1.json"),
        ("/x/%Y-%m/flows-%H%M.txt", "/x/%Y-%m/flows-%H%M-1.txt"),
        ("/x/flows.%Y", "/x/flows.%Y-1"),
        ("/x/$peer_src_ip.json", "/x/$peer_src_ip-1.json"),
        ("/x/$peer_src_ip", "/x/$peer_src_ip-1"),
        ("/x/v1.7-rc", "/x/v1.7-rc-1"),
        # has index 0 already
        ("/x/nfacctd-0.log", "/x/nfacctd-1.log"),
        ("/x/nfacctd_0_log.json", "/x/nfacctd_1_log.json"),
        ("/x/0.log", "/x/1.log"),
        ("/x/site-0-0.log", "/x/site-0-1.log"),
        ("/x/a-0", "/x/a-1"),
        ("/0/flows", "/0/flows-1"),
        ("/x/a0.log", "/x/a0-1.log"),
        ("/x/10.0.0.1.log", "/x/10.0.0.1-1.log"),
        ("/x/a-00.log", "/x/a-00-1.log"),
        ("/x/a-10.log", "/x/a-10-1.log"),
        # where the placeholder says
        ("/x/@INDEX@/flows-0.json", "/x/1/flows-0.json"),
        ("@INDEX@@INDEX@.log", "11.log"),
        # a device stays as it is, another file in /dev does not
        ("/dev/null", "/dev/null"),
        ("/dev/shm/log", "/dev/shm/log-1"),
        ("", ""),
    ],
)
def test_paths(forks, path, made):
    assert value(forks, f"logfile: {path}") == made


FILES = """pidfile logfile core_proc_name nfacctd_proc_name print_output_file print_latest_file
    print_output_lock_file avro_schema_file avro_schema_output_file nfacctd_templates_file
    sfacctd_counter_file bgp_blackhole_dump_file bgp_blackhole_dump_latest_file
    bgp_blackhole_msglog_file bgp_daemon_msglog_file bgp_daemon_msglog_avro_schema_file
    bgp_neighbors_file bgp_table_dump_file bgp_table_dump_latest_file
    bgp_table_dump_avro_schema_file bmp_daemon_msglog_file bmp_daemon_msglog_avro_schema_file
    bmp_dump_file bmp_dump_latest_file bmp_dump_avro_schema_file telemetry_daemon_msglog_file
    telemetry_dump_file telemetry_dump_latest_file igp_daemon_map_msglog""".split()
# All other keys of the pmacct dictionary that name, or may name, a path.
SHARED = """aggregate_primitives bgp_daemon_allow_file bgp_daemon_md5_file bgp_daemon_tag_map
    bgp_daemon_xconnect_map bgp_agent_map bmp_daemon_allow_file dtls_path flow_to_rd_map
    geoip_ipv4_file geoip_ipv6_file geoipv2_file igp_daemon_map kafka_config_file kafka_topic
    mongo_indexes_file networks_file networks_file_filter networks_file_no_lpm nfacctd_allow_file
    nfacctd_kafka_config_file nfacctd_port bmp_daemon_port bgp_daemon_port pcap_savefile
    plugin_pipe_size plugin_pipe_zmq plugin_pipe_zmq_profile ports_file pre_tag_map
    print_output_custom_cfg_file
    print_output_custom_lib print_output_file_append print_trigger_exec print_write_empty_file
    protos_file reuseport_bpf_prog rpki_roas_file sampling_map sfacctd_allow_file sql_conn_ca_file
    sql_db sql_host sql_table sql_table_schema sql_trigger_exec tee_kafka_config_file
    telemetry_daemon_allow_file tos_file bgp_daemon_msglog_kafka_config_file amqp_routing_key
    bmp_daemon_msglog_kafka_topic amqp_exchange cluster_name writer_id_string imt_path""".split()


def test_keys(forks):
    """The text of the files differs, but pmacct reads the same values."""
    lines = ["plugins: print[p]", *(f"{key}: /x/{key}" for key in FILES + SHARED)]
    changed = values(forks, *lines)
    for index in (0, 1):
        assert changed[index] == [(key, None, f"/x/{key}-{index}") for key in FILES]
    assert forks.answer["warnings"] == []


def test_a_key_of_another_version_is_told(forks):
    forks("some_new_file: /x\nsome_new_thing: /x\n  Include : /y\nplugins: print\n")
    assert forks.answer["warnings"] == [
        'line 1: some_new_file is not known here, so it is "/x" in all files; check whether '
        "instances can share that",
        "line 3: pmacct ignores this line: it cannot include files, so the included file is not "
        "checked; put its keys into this file",
    ]


@pytest.mark.parametrize(
    "lines, words",
    [
        (
            ["bmp_daemon_parse_proxy_header: true"],
            ["line 1: bmp_daemon_parse_proxy_header is true, but the selector sees the address"],
        ),
        (["bgp_daemon_parse_proxy_header: false"], []),
        (
            ["plugins: pgsql[a]", "aggregate[a]: src_host, dst_host", "sql_dont_try_update: true"],
            ['line 3: sql_dont_try_update is true for plugin "a", but its aggregate has neither'],
        ),
        (["plugins: pgsql[a]", "aggregate[a]: proto"], []),
        (
            ["plugins: mysql", "aggregate: proto,Peer_Src_IP", "sql_dont_try_update: true"],
            [],
        ),
        (
            [
                "plugins: mysql",
                "aggregate: tag, proto",
                "post_tag: 1@INDEX@",
                "sql_dont_try_update: true",
            ],
            [],
        ),
        (
            ["nfacctd_renormalize: true", "nfacctd_templates_file: /x"],
            ["line 1: nfacctd_renormalize is true, and instances share templates"],
        ),
        (
            ["nfacctd_renormalize: true", "nfacctd_templates_file: /x", "sampling_map: /y"],
            [],
        ),
        (["nfacctd_renormalize: true"], []),
        (
            ["bgp_agent_map: /x", "bgp_daemon: true"],
            ["line 1: bgp_agent_map finds routes in sessions from other addresses than the flows"],
        ),
        (
            ["bmp_agent_map: /x", "bmp_daemon: true", "reuseport_endpoints: flows, bgp"],
            [],
        ),
        (["bgp_agent_map: /x", "bgp_daemon: true", "reuseport_endpoints: flows"], []),
        (["bgp_agent_map: /x"], []),
    ],
)
def test_keys_that_mean_something_else(forks, lines, words):
    """doctor says the same about the file of one instance."""
    forks("\n".join(lines) + "\n")
    said = forks.answer["warnings"]
    assert len(said) == len(words)
    assert all(text.startswith(start) for text, start in zip(said, words))
    file = forks.answer["files"][0]["file"]
    checks = json.loads(tool("doctor", "-f", file, "--json").stdout)["checks"]
    doctor = [row for row in checks if row["says"].startswith(f"{file}: line")]
    assert [f"{row['says']}; {row['fix']}" for row in doctor] == [
        f"{file}: {text}" for text in said
    ]


@pytest.mark.parametrize(
    "name, line, words",
    [
        ("x.conf", "sfacctd_port: 6343", "line 1 of {}: sfacctd_port is a key of sfacctd"),
        ("x.conf", "pcap_interface: eth0", "line 1 of {}: pcap_interface is a key of pmacctd"),
        ("pmbgpd-1.conf", "bgp_daemon: true", "{} is named after pmbgpd"),
    ],
)
def test_other_daemons_are_refused(forks, tmp_path, name, line, words):
    conf = tmp_path / name
    conf.write_text(f"{line}\n")
    refused(words.format(conf), "fork", conf, "--count", 2, "--dir", tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_a_file_of_nfacctd_may_have_keys_of_other_daemons(forks):
    forks("interface: eth0\npcap_interface: eth0\nsfacctd_port: 6343\n", name="nfacctd-2.conf")
    assert forks.answer["warnings"] == []


def test_lines_of_plugins(forks):
    lines = (
        "plugins: print[a], memory[b], sqlite3[c], pgsql[d]",
        "print_output_file[a]: /a",
        "IMT_Path [b] : /b",
        "imt_path[nobody]: /b",
        "sql_db[c]: /c",
        "sql_db[d]: /d",
    )
    assert values(forks, *lines)[1] == [
        ("print_output_file", "a", "/a-1"),
        ("imt_path", "b", "/b-1"),
        ("sql_db", "c", "/c-1"),
    ]


@pytest.mark.parametrize(
    "lines, added",
    [
        (["plugins: print"], []),
        ([], [("imt_path", None, "/tmp/collect-1.pipe")]),
        (["plugins: memory"], [("imt_path", "default_memory", "/tmp/collect-1.pipe")]),
        (["plugins: Memory [ a ] , print[b]"], [("imt_path", "a", "/tmp/collect-1.pipe")]),
        # pmacct renames every plugin after the first plugin without a name.
        (["plugins: print, memory[a]"], [("imt_path", "default_memory", "/tmp/collect-1.pipe")]),
        (
            ["plugins: memory[a-@INDEX@]"],
            [("plugins", None, "memory[a-1]"), ("imt_path", "a-1", "/tmp/collect-1.pipe")],
        ),
        (
            ["plugins: memory[a-@INDEX@]", "imt_path[a-@INDEX@]: /b"],
            [("plugins", None, "memory[a-1]"), ("imt_path", "a-1", "/b-1")],
        ),
        (
            ["plugins: memory[a], memory[b]", "imt_path[b]: /b"],
            [("imt_path", "b", "/b-1"), ("imt_path", "a", "/tmp/collect-1.pipe")],
        ),
        (["plugins: sqlite3[a]"], [("sql_db", "a", "/tmp/pmacct-1.db")]),
        (
            ["plugins: sqlite3[a]", "sql_db: /a.db", "sql_backup_host: /b.db"],
            [("sql_db", None, "/a-1.db"), ("sql_backup_host", None, "/b-1.db")],
        ),
        (["plugins: sqlite3[a], mysql[b]", "sql_db: x"], [("sql_db", "a", "x-1")]),
        (["plugins: mysql[b]", "sql_db: x"], []),
        (["plugins: print", "redis_host: ::1"], [("cluster_id", None, "1")]),
        (["plugins: print", "redis_host: ::1", "cluster_id: 7"], [("cluster_id", None, "8")]),
        (["plugins: print", "bmp_daemon_ha: true"], [("bmp_daemon_ha_cluster_id", None, "1")]),
        (
            ["plugins: print", "bgp_daemon_ha: true", "bgp_daemon_ha_cluster_id: 10"],
            [("bgp_daemon_ha_cluster_id", None, "11")],
        ),
        (["plugins: print", "bgp_daemon_lg: True"], [("bgp_daemon_lg_port", None, "17901")]),
        (
            ["plugins: print", "bgp_daemon_lg: true", "bgp_daemon_lg_port: 5000"],
            [("bgp_daemon_lg_port", None, "5001")],
        ),
        (["plugins: print", "bgp_daemon_lg: false"], []),
        (
            ["plugins: print", "reuseport_endpoints: flows", "bgp_daemon: true"],
            [("bgp_daemon_port", None, "180")],
        ),
        (["plugins: print", "reuseport_endpoints: flows", "bgp_daemon: false"], []),
        (
            ["plugins: print", "reuseport_endpoints: flows, bgp", "bmp_daemon_port: 5000"],
            [("bmp_daemon_port", None, "5001")],
        ),
        (["plugins: print", "reuseport_endpoints: flows, bmp", "bmp_daemon_port: 5000"], []),
        (["plugins: print", "reuseport_endpoints: bmp"], []),
        (
            ["plugins: print", "reuseport_endpoints: bmp", "nfacctd_port: 2055"],
            [("nfacctd_port", None, "2056")],
        ),
        (
            [
                "plugins: print",
                "reuseport_endpoints: flows",
                "bgp_daemon: true",
                "bgp_daemon_ip: 192.0.2.1@INDEX@",
            ],
            [("bgp_daemon_ip", None, "192.0.2.11")],
        ),
    ],
)
def test_what_clashes_without_being_named(forks, lines, added):
    assert values(forks, *lines)[1] == added


def test_numbers_of_a_fork_begin_where_they_did(forks):
    more = ["reuseport_hashbucket_count: 2", "reuseport_hashbucket_index: 3"]
    assert value(forks, "bgp_daemon_lg_port: 5003", more) == "5001"
    assert value(forks, "cluster_id: 3", more, index=0) == "0"
    assert value(forks, "cluster_id: 2", more, index=0) == "2"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["unix", "dos"])
@pytest.mark.parametrize("last", [True, False], ids=["with", "without"])
def test_all_else_is_kept_byte_by_byte(forks, end, last):
    lines = [
        b"! \xe4 comment about logfile: /x.log",
        b"",
        b"  # \x1b[31m @INDEX@",
        b" \t",
        b"Log File\t:  /x \xe4.log  ",
        b"plugins:print[a]",
        b"print_output_file[a]:/y",
        b"aggregate: proto",
        b"logfile: /z.log",
        b"! the end",
    ]
    text = end.join(lines) + (end if last else b"")
    one = forks(text)[1]
    lines[4] = b"Log File\t:  /x \xe4-1.log  "
    lines[6] = b"print_output_file[a]:/y-1"
    lines[8] = b"logfile: /z-1.log"
    assert one == end.join(
        [
            *lines,
            b"! Added by pmreuseport fork:",
            b"reuseport_hashbucket_count: 2",
            b"reuseport_hashbucket_index: 1",
            b"",
        ]
    )
    assert forks.answer["files"][1]["changed"][0] == {
        "line": 5,
        "key": "logfile",
        "plugin": None,
        "from": "/x \\xe4.log",
        "to": "/x \\xe4-1.log",
    }


def test_keys_without_a_value(forks):
    made = forks(
        "reuseport_hashbucket_index:\nreuseport_hashbucket_count: \nplugins: print\n" "logfile:\n"
    )
    assert made[1] == (
        b"reuseport_hashbucket_index: 1\nreuseport_hashbucket_count: 2 \n"
        b"plugins: print\nlogfile:\n"
    )


def test_json_schema(forks):
    forks("logfile: /x\nplugins: memory[m]\nnfacctd_rp_ebpf_prog: x.o\n")
    answer = forks.answer
    assert answer.keys() == {"files", "warnings"}
    assert [set(made) for made in answer["files"]] == [{"bucket", "file", "changed"}] * 2
    assert [made["bucket"] for made in answer["files"]] == [0, 1]
    for change in answer["files"][1]["changed"]:
        assert list(change) == ["line", "key", "plugin", "from", "to"]
    assert answer["files"][1]["changed"] == [
        {"line": 1, "key": "logfile", "plugin": None, "from": "/x", "to": "/x-1"},
        {"line": 5, "key": "reuseport_hashbucket_count", "plugin": None, "from": None, "to": "2"},
        {"line": 6, "key": "reuseport_hashbucket_index", "plugin": None, "from": None, "to": "1"},
        {"line": 7, "key": "imt_path", "plugin": "m", "from": None, "to": "/tmp/collect-1.pipe"},
    ]
    assert answer["warnings"] == [
        "line 3: nfacctd_rp_ebpf_prog is the same in all files: nfacctd refuses it together with "
        "the reuseport_* keys; remove it, or name the object with reuseport_bpf_prog"
    ]


def test_text_output(tmp_path):
    template = tmp_path / "nfacctd.conf"
    template.write_bytes(
        b"logfile: /\x1b7\xc2\x9b\xe4\nplugins: memory[m]\npost_tag: 5\n" b"isis_daemon_net: 1\n"
    )
    done = tool("fork", template, "--count", 2, "--dir", tmp_path)
    lines = done.stdout.splitlines()
    assert lines[:7] == [
        f"{tmp_path}/nfacctd-0.conf",
        " LINE KEY                                  VALUE",
        r"    1 logfile                              /\x1b7\xc2\x9b\xe4-0",
        "    6 reuseport_hashbucket_count           2",
        "    7 reuseport_hashbucket_index           0",
        "    8 imt_path[m]                          /tmp/collect-0.pipe",
        "",
    ]
    assert lines[7] == f"{tmp_path}/nfacctd-1.conf"
    assert lines[14:] == [
        f"to start an instance by hand: nfacctd -f {tmp_path}/nfacctd-1.conf",
        "its index is in the file; -x 1 on the command line says the same",
        "nfacctd@.service reads /etc/pmacct/nfacctd-INDEX.conf: put them there, or change its "
        "ExecStart=; then",
        "to start all under systemd: systemctl enable --now nfacctd@{0..1}",
    ]
    assert done.returncode == 0
    assert done.stderr == (
        "pmreuseport: line 4: isis_daemon_net is the same in all files: two IS-IS speakers must "
        "not have one address; give each file its own\n"
    )


def test_how_to_start(sandbox, tmp_path):
    """The unit reads /etc/pmacct, and only nfacctd has a unit."""

    def last_lines(name, directory, count=2, text="plugins: print\n"):
        (tmp_path / name).write_text(text)
        done = tool("fork", tmp_path / name, "--count", count, "--dir", directory, "--force")
        assert done.returncode == 0
        return done.stdout.rpartition("\n\n")[2].splitlines()

    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/etc"], check=True)
    assert last_lines("nfacctd.conf", "/etc//pmacct/") == [
        "to start an instance by hand: nfacctd -f /etc//pmacct/nfacctd-1.conf",
        "its index is in the file; -x 1 on the command line says the same",
        "to start all under systemd: systemctl enable --now nfacctd@{0..1}",
    ]
    assert last_lines("pmbmpd.conf", "/etc/pmacct", 1) == [
        "to start an instance by hand: pmbmpd -f /etc/pmacct/pmbmpd-0.conf",
        "its index is in the file; -x 0 on the command line says the same",
    ]
    assert last_lines("west.conf", "/etc/pmacct", 1)[2:] == [
        "nfacctd@.service reads /etc/pmacct/nfacctd-INDEX.conf: put them there, or change its "
        "ExecStart=; then",
        "to start it under systemd: systemctl enable --now nfacctd@0",
    ]
    text = "daemonize: false\nplugins: print\nDaemonize : True\n"
    assert last_lines("nfacctd.conf", "/etc/pmacct", 3, text)[2:] == [
        "the units need daemonize: false, but line 3 has daemonize: true; change it, run this "
        "again with --force, then",
        "to start all under systemd: systemctl enable --now nfacctd@{0..2}",
    ]


@pytest.mark.parametrize(
    "text, told",
    [
        ("nfacctd_templates_port: 2056\n", "reaches only one instance"),
        ("nfacctd_templates_port: 2056\nnfacctd_templates_receiver: 127.255.255.255:2056\n", None),
        (
            "nfacctd_templates_port: 2056\nnfacctd_templates_receiver: ::1:9\nnfacctd_ip: ::1\n",
            "remove nfacctd_ip",
        ),
        ("nfacctd_templates_port: 206@INDEX@\n", None),
        ("reuseport_hashbucket_index: 1\npost_tag[p]: 1001\n", "to tell instances apart"),
        ("post_tag[p]: 1001\n", None),
        ("telemetry_daemon_port_tcp: 1\n", "in no hash bucket"),
        ("pidfile: /etc/passwd\n", None),
        ("logfile: {fifo}\n", "is a named pipe"),
    ],
)
def test_what_is_left_to_the_operator(forks, tmp_path, text, told):
    os.mkfifo(tmp_path / "fifo")
    forks(text.format(fifo=tmp_path / "fifo") + "plugins: print[p]\n")
    assert [told in words for words in forks.answer["warnings"]] == ([True] if told else [])


@pytest.mark.parametrize(
    "text, words",
    [
        (b"a: b\nlogfile: /x\0y\n", "line 2 of {file} contains a NUL byte"),
        (
            b"a: b\n\nlogfile: /" + b"x" * 10230 + b"\n",
            "line 3 of {file} is longer than the 10239 bytes",
        ),
        (
            b"\nlogfile[" + b"x" * 10226 + b"]:/a\n",
            "line 2 of {file} would exceed the 10239 bytes that pmacct reads; shorten it",
        ),
        (b"! c\n" * 8225, "{file} has more than 8224 lines, and pmacct reads no more"),
        (b"! c\n" * 8223, "{file} would exceed the 8224 lines that pmacct reads"),
        (
            b"! c\nlogfile /x\n",
            "line 2 of {file}: there is no colon, so pmacct would not start; correct it",
        ),
        (b"include other.conf\n", "pmacct cannot include files; copy the contents of that file"),
        (b"imt_path[x: /y\n", "line 1 of {file}: a bracket is not closed before the colon"),
        (b"logfile: /x/\n", 'line 1 of {file}: logfile is "/x/", which is a directory'),
        (b"logfile: ..\n", 'logfile is "..", which is a directory, where pmacct wants a file'),
        (b"imt_path: /" + b"x" * 105 + b"\n", "which becomes longer than pmacct allows"),
        (b"pidfile: /" + b"x" * 254 + b"\n", "which becomes longer than pmacct allows"),
        (b"bgp_daemon_lg_port: 65535\n", "which leaves no room for a number for each instance"),
        (
            b"bgp_daemon_lg_port: 5\x1b\n",
            r'bgp_daemon_lg_port is "5\x1b", which is not a plain number',
        ),
        (
            b"reuseport_hashbucket_index: 5\nlogfile: /x-5-0\npidfile: /x-1-5\n",
            "instance 0 would use /x-1-0 as pidfile (line 3), and instance 1 as logfile "
            "(line 2); rename one",
        ),
        (
            b"reuseport_hashbucket_index: 5\nlogfile: /x\npidfile: /x-5\n",
            "instance 0 would use /x-0 as ",
        ),
    ],
    ids=lambda value: None if isinstance(value, str) else value[:20].decode(),
)
def test_refused_configurations(tmp_path, text, words):
    template = tmp_path / "x.conf"
    template.write_bytes(text)
    refused(words.format(file=template), "fork", template, "--count", 2, "--dir", tmp_path / "made")
    assert os.listdir(tmp_path) == ["x.conf"]


def test_what_has_one_name_may_keep_it(forks):
    """Two keys with the same file, or one key twice."""
    assert values(forks, "plugins: memory[a], memory[b]", "logfile: /x", "logfile: /x")[1] == [
        ("logfile", None, "/x-1"),
        ("logfile", None, "/x-1"),
        ("imt_path", "a", "/tmp/collect-1.pipe"),
        ("imt_path", "b", "/tmp/collect-1.pipe"),
    ]


def test_nothing_is_overwritten_unless_asked(forks, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    (made / "nfacctd-1.conf").write_text("mine")
    refused(
        f"{made}/nfacctd-1.conf already exists; use another directory, or replace existing files "
        "with --force",
        "fork",
        SAMPLES / "nfacctd.conf",
        "--count",
        2,
        "--dir",
        made,
    )
    assert [path.read_text() for path in made.iterdir()] == ["mine"]
    forks("plugins: print\n", 2, "--force")
    assert sorted(os.listdir(made)) == ["nfacctd-0.conf", "nfacctd-1.conf"]
    assert "print" in (made / "nfacctd-1.conf").read_text()


def test_a_link_is_replaced_and_not_followed(forks, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    (tmp_path / "elsewhere").write_text("mine")
    (made / "nfacctd-0.conf").symlink_to(tmp_path / "elsewhere")
    (made / "nfacctd-1.conf").symlink_to("nowhere")
    refused(
        "nfacctd-0.conf already exists",
        "fork",
        SAMPLES / "nfacctd.conf",
        "--count",
        2,
        "--dir",
        made,
    )
    forks("plugins: print\n", 2, "--force")
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert not any(path.is_symlink() for path in made.iterdir())


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_failing_half_way_leaves_all_as_it_was(sandbox, tmp_path, force):
    """A directory in place of the last file, a full disk, a closed standard output."""
    made = tmp_path / "made"
    (made / "nfacctd-3.conf").mkdir(parents=True)
    args = ("fork", SAMPLES / "nfacctd.conf", "--count", 4, *force, "--dir")
    refused(f"{made}/nfacctd-3.conf exists and is not a file", *args, made)
    assert os.listdir(made) == ["nfacctd-3.conf"]

    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12k", "tmpfs", small], check=True)
    if force:
        (small / "nfacctd-0.conf").write_text("mine")
    refused("(No space left on device)", *args, small)
    assert [path.read_text() for path in small.iterdir()] == ["mine"] * len(force)

    new = tmp_path / "new"
    if force:
        new.mkdir()
        (new / "nfacctd-0.conf").write_text("mine")
    for more in ((), ("--json",)):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run(
                [TOOL, *map(str, args), new, *more], stdout=full, stderr=subprocess.PIPE, text=True
            )
        assert (done.returncode, done.stderr) == (
            1,
            "pmreuseport: cannot write the answer to standard output\n",
        )
        if force:
            assert [path.read_text() for path in new.iterdir()] == ["mine"]
        else:
            assert not new.exists()


def run_in_background(*args):
    return subprocess.Popen(
        [TOOL, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_forks_at_the_same_time(tmp_path):
    """Two forks at the same time leave files of one fork only."""
    for turn in range(5):
        made = tmp_path / f"made-{turn}"
        both = [
            run_in_background("fork", SAMPLES / "nfacctd.conf", "--count", count, "--dir", made)
            for count in (127, 128)
        ]
        said = [one.communicate(timeout=PATIENCE)[1] for one in both]
        assert sorted(one.returncode for one in both) == [0, 1], said
        winner, loser = (0, 1) if both[0].returncode == 0 else (1, 0)
        assert re.search(r"(already exists|was created meanwhile)", said[loser])
        assert len(os.listdir(made)) == 127 + winner
        assert {re.search(r"count: (\d+)", path.read_text())[1] for path in made.iterdir()} == {
            str(127 + winner)
        }


def test_a_signal_half_way_is_too_late(tmp_path):
    """A signal leaves all files or none."""
    made = tmp_path / "made"
    process = run_in_background("fork", SAMPLES / "nfacctd.conf", "--count", 128, "--dir", made)
    wait_for("a temporary file", lambda: made.exists() and os.listdir(made))
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert sorted(os.listdir(made)) == sorted(f"nfacctd-{index}.conf" for index in range(128))
    assert process.returncode in (0, -signal.SIGTERM)


def test_closed_standard_output(tmp_path):
    made = tmp_path / "made"
    process = subprocess.run(
        [
            "bash",
            "-c",
            '"$@" | true; exit ${PIPESTATUS[0]}',
            "bash",
            TOOL,
            "fork",
            SAMPLES / "nfacctd.conf",
            "--count",
            "128",
            "--dir",
            made,
        ],
        stderr=subprocess.PIPE,
    )
    assert process.returncode and not made.exists()


def test_bpffs_as_directory(sandbox):
    """A bpffs accepts no regular files."""
    refused("cannot write to", "fork", SAMPLES / "nfacctd.conf", "--count", 2, "--dir", BPFFS)


def test_files_of_an_earlier_count_are_told(forks, tmp_path):
    forks("plugins: print\n", 3)
    forks("plugins: print\n", 2, "--force")
    assert forks.answer["warnings"] == [
        "nfacctd-2.conf is left from an earlier run, and is not changed; remove it if it is "
        "not needed"
    ]
    assert (tmp_path / "made/nfacctd-2.conf").exists()


@pytest.mark.parametrize("mode, group", [(0o600, 0), (0o640, 65534), (0o644, 0)])
def test_who_may_read_the_template_may_read_the_rest(forks, tmp_path, mode, group):
    template = tmp_path / "nfacctd.conf"
    template.write_text("sql_passwd: secret\n")
    template.chmod(mode)
    os.chown(template, 65534, group)
    made = tool("fork", template, "--count", 2, "--dir", tmp_path)
    assert made.returncode == 0
    for index in (0, 1):
        st = (tmp_path / f"nfacctd-{index}.conf").stat()
        assert (stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid) == (mode, 65534, group)


def test_an_ordinary_user(tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder) not in ("/", "/tmp") and folder.stat().st_uid == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    template = tmp_path / "nfacctd.conf"
    template.write_text("sql_passwd: secret\n")
    template.chmod(0o644)
    own = tmp_path / "own"
    own.mkdir()
    os.chown(own, 65534, 65534)
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    args = ("fork", template, "--count", 2, "--dir")
    refused(f"cannot write to {theirs} (Permission denied)", *args, theirs, command=NOBODY)
    refused(f"cannot create {theirs}/x (Permission denied)", *args, theirs / "x", command=NOBODY)
    assert os.listdir(theirs) == []
    template.chmod(0o640)
    refused(f"cannot open {template} (Permission denied)", *args, own, command=NOBODY)
    assert os.listdir(own) == []

    def made(name, mode, command=NOBODY):
        template.chmod(mode)
        done = tool(*args, own / name, command=command)
        st = (own / name / "nfacctd-1.conf").stat()
        return done.returncode, st.st_gid, stat.S_IMODE(st.st_mode), done.stderr

    with_group = ("setpriv", "--reuid=65534", "--regid=65534", "--groups=0", "--")
    assert made("a", 0o640, with_group) == (0, 0, 0o640, "")
    assert made("b", 0o644) == (0, 65534, 0o644, "")
    # The new file has another group, which must not get the right to write or read.
    assert made("c", 0o664)[:3] == (0, 65534, 0o644)
    os.chown(template, 65534, 0)
    assert made("d", 0o640) == (
        0,
        65534,
        0o600,
        f"pmreuseport: the new files cannot have the group of {template}, "
        "which therefore cannot read them\n",
    )


@pytest.mark.parametrize(
    "name, options, made",
    [
        ("nfacctd.conf", (), "nfacctd-0.conf"),
        ("nfacctd-west.conf", (), "nfacctd-0.conf"),
        ("pmbmpd.conf", (), "pmbmpd-0.conf"),
        ("nfacctd2.conf", (), "nfacctd2-0.conf"),
        ("collector", (), "collector-0.conf"),
        ("west.d.conf", (), "west.d-0.conf"),
        ("west-7.conf", (), "west-0.conf"),
        ("west-8.conf", (), "west-8-0.conf"),
        ("west.conf", ("--name", "nfacctd"), "nfacctd-0.conf"),
    ],
)
def test_names(forks, name, options, made):
    forks("reuseport_hashbucket_index: 7\n", 1, *options, name=name)
    assert os.path.basename(forks.answer["files"][0]["file"]) == made


@pytest.mark.parametrize(
    "words, args, status",
    [
        ("CONFIG is missing", ("--count", 2, "--dir", "/x"), 2),
        ("--count is missing", ("/etc/passwd", "--dir", "/x"), 2),
        ("--dir is missing", ("/etc/passwd", "--count", 2), 2),
        ("--dir is empty", ("/etc/passwd", "--count", 2, "--dir="), 2),
        ("--count '0' is out of bounds", ("a", "--count", 0), 2),
        ("--count '129' is out of bounds", ("a", "--count", 129), 2),
        ("unexpected argument 'b'; see pmreuseport fork --help", ("a", "b"), 2),
        ("--name 'a/b' cannot begin the name of a file", ("a", "--name", "a/b"), 2),
        ("--name '' cannot begin the name of a file", ("a", "--name="), 2),
        ("--name '.a' cannot begin the name of a file", ("a", "--name", ".a"), 2),
        (
            "cannot open /nowhere (No such file or directory)",
            ("/nowhere", "--count", 2, "--dir", "/x"),
            1,
        ),
        ("/ is not a regular file", ("/", "--count", 2, "--dir", "/x"), 1),
        ("/dev/null is not a regular file", ("/dev/null", "--count", 2, "--dir", "/x"), 1),
        (
            "cannot create /no/where (No such file or directory)",
            (SAMPLES / "nfacctd.conf", "--count", 2, "--dir", "/no/where"),
            1,
        ),
        (
            "cannot open /dev/null (Not a directory)",
            (SAMPLES / "nfacctd.conf", "--count", 2, "--dir", "/dev/null"),
            1,
        ),
    ],
)
def test_wrong_usage(words, args, status):
    refused(words, "fork", *args, status=status)


def test_control_characters_in_file_names(tmp_path):
    template = tmp_path / "a\x1bb.conf"
    template.write_text("plugins: print\n")
    refused(
        "does not give the new files a valid name; give one with --name",
        "fork",
        template,
        "--count",
        1,
        "--dir",
        tmp_path,
    )
    done = tool("fork", template, "--count", 1, "--dir", tmp_path, "--name", "x", "--json")
    assert json.loads(done.stdout)["files"][0]["file"] == f"{tmp_path}/x-0.conf"


HA = ("plugins: print", "bmp_daemon_ha: true")


@pytest.mark.parametrize(
    "lines, seed, words",
    [
        ((), None, ()),
        (
            HA,
            None,
            (
                "use the same number of instances, and the same reuseport_seed, at all sites",
                "line 4: bmp_daemon_ha is true without reuseport_seed",
            ),
        ),
        ((*HA, "reuseport_seed: net"), "net", ("use the same number of instances",)),
        (
            (*HA, "bmp_daemon_ha_cluster_name: net"),
            "net",
            (
                "use the same number of instances",
                'line 5: bmp_daemon_ha_cluster_name is "net", which only pmacct 1.8.1 and later '
                "takes as the seed of the mapping; set reuseport_seed to the same name",
            ),
        ),
        # The last line counts, whichever of the two it is.
        (
            ("bgp_daemon_ha_cluster_name: a", "bmp_daemon_ha_cluster_name: b"),
            "b",
            ('is "b", which only',),
        ),
        (
            ("bmp_daemon_ha_cluster_name: b", "bgp_daemon_ha_cluster_name: a"),
            "a",
            ('is "a", which only',),
        ),
        (("bmp_daemon_ha_cluster_name: b", "reuseport_seed: net"), "net", ()),
    ],
)
def test_the_seed_of_several_sites(forks, lines, seed, words):
    made = [text.decode() for text in forks("\n".join([*BALANCED, *lines]) + "\n")]
    found = [re.findall(r"^reuseport_seed: (.*)$", text, re.M) for text in made]
    assert found == [[seed] if seed else []] * 2
    notes = [note for note in forks.answer["warnings"] if "seed" in note]
    assert len(notes) == len(words), notes
    for note, said in zip(notes, words):
        assert said in note
