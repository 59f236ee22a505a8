"""A Ray cluster of three nodes on this machine, and an S3 server: what is lost is done by others, once.

Everything listens on the loopback alone.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from buckets import picture, s3_server, versions
from PIL import Image
from tiny_style import make_style

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PICTURES = 2_000
PATIENCE = 900  # seconds
LOOPBACK = "127.0.0.1"

DEADLY = """
import os
from toonify.plugins import Painter

class Deadly(Painter):
    def paint(self, photo, cartoon, controls):
        if photo.max() == 0:
            os._exit(1)
        return cartoon
"""


@pytest.fixture
def s3(cluster_libraries, monkeypatch) -> Iterator[Any]:
    with s3_server(monkeypatch) as client:
        yield client


@pytest.fixture
def deadly(tmp_path, monkeypatch) -> Path:
    """A style whose painter ends its process over a black picture; workers know it, too."""
    info = tmp_path / "site" / "acme_deadly-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-deadly\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[toonify.painters]\ndeadly = acme_deadly:Deadly\n")
    (tmp_path / "site" / "acme_deadly.py").write_text(DEADLY)
    path = [str(tmp_path / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    return make_style(tmp_path / "deadly", painter="deadly")


@pytest.fixture
def cluster(monkeypatch, s3, deadly) -> Iterator[Any]:
    """Three nodes, of one core each; whoever looks after them is on the first."""
    from ray.cluster_utils import Cluster

    _keep_to_the_loopback(monkeypatch)
    monkeypatch.setenv("RAY_worker_niceness", "0")  # not after whatever else this machine does
    node = {"num_cpus": 1, "object_store_memory": 2**27, "node_ip_address": LOOPBACK}
    nodes = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    try:
        nodes.others = [nodes.add_node(**node) for _ in range(2)]
        yield nodes
    finally:
        nodes.shutdown()


def _keep_to_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray's services look for a cloud around them, and tell its makers that their statistics are off."""
    from ray._private import node

    class Head(node.Node):
        def __init__(self, parameters: Any, head: bool = False, **options: Any) -> None:
            super().__init__(parameters, head, ray_init_cluster=head, **options)  # of which nothing is told

    monkeypatch.setattr(node, "Node", Head)
    Path.home().joinpath("ray_bootstrap_config.yaml").write_text("{}")  # it is known what is around
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # Or whoever is told of the loopback would look for this machine's address in the network, on Linux, too.
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")


@pytest.fixture
def toonify(cluster, deadly) -> Callable[..., subprocess.Popen[str]]:
    """Start a conversion of the bucket on the cluster."""
    command = [sys.executable, "-m", "toonify", "convert", "s3://bucket/photos", "s3://bucket/cartoons"]
    command += ["--style", str(deadly), "--runner", "ray", "--address", cluster.address]
    pipe = subprocess.PIPE
    return lambda *more: subprocess.Popen([*command, *more], stdout=pipe, stderr=pipe, text=True)


def test_a_cluster_that_does_not_answer_is_told_at_once(cluster_libraries, run, deadly):
    Path("photos").mkdir()
    done = run("convert", "photos", "out", "--style", deadly, "--runner", "ray", "--address", f"{LOOPBACK}:1")
    assert done.exit_code == 1
    assert f"Ray at {LOOPBACK}:1 cannot be reached: connection refused" in done.stderr


def fill(s3: Any, count: int, size: tuple[int, int] = (48, 32)) -> set[str]:
    """Small photographs in the bucket; the names that their cartoons will have."""
    for number in range(count):
        key = f"photos/{number % 10}/{number:05}.jpg"
        s3.put_object(Bucket="bucket", Key=key, Body=picture(number, size))
    return {f"cartoons/{number % 10}/{number:05}.jpg" for number in range(count)}


def wait_for(s3: Any, count: int, process: subprocess.Popen[str]) -> None:
    """Until so many cartoons are there."""
    end = time.monotonic() + PATIENCE
    pages = s3.get_paginator("list_objects_v2")
    while sum(page["KeyCount"] for page in pages.paginate(Bucket="bucket", Prefix="cartoons/")) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.5)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, output, errors


def test_a_node_is_lost_and_a_file_is_deadly(s3, cluster, toonify):
    expected = fill(s3, PICTURES)
    black = "photos/5/black.png"
    s3.put_object(Bucket="bucket", Key=black, Body=picture(0, (32, 32), "PNG"))
    Image.new("RGB", (32, 32)).save("black.png")
    s3.put_object(Bucket="bucket", Key=black, Body=Path("black.png").read_bytes())
    process = toonify()
    wait_for(s3, PICTURES // 4, process)
    cluster.remove_node(cluster.others[0], allow_graceful=False)
    code, output, errors = finish(process)
    assert code == 1, errors
    assert f"{PICTURES} pictures converted, 1 failed" in output
    assert f"failed: s3://bucket/{black}: its worker was lost 3 times" in output
    assert "Traceback" not in output + errors
    assert "(raylet)" not in output  # where there may be lines for scripts
    written = versions(s3, "cartoons/")
    assert set(written) == expected  # none lost
    assert set(written.values()) == {1}  # none twice


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "ctrl-c"])
def test_the_next_run_goes_on_from_where_the_last_one_was(s3, toonify, number):
    expected = fill(s3, 300, (800, 600))
    process = toonify()
    wait_for(s3, 30, process)
    process.send_signal(number)
    code, output, errors = finish(process)
    there = len(versions(s3, "cartoons/"))
    assert there < 300
    if number == signal.SIGINT:
        assert (code, errors) == (130, "")
        assert f"Stopped: {there} pictures converted" in output
    code, output, errors = finish(toonify())
    assert code == 0, errors
    converted, skipped = map(int, re.findall(r"(\d+) (?:pictures converted|already there)", output))
    assert converted + skipped == 300
    assert there <= skipped <= there + 3  # a worker finishes what it has in hand when nobody asks any more
    written = versions(s3, "cartoons/")
    assert set(written) == expected
    assert set(written.values()) == {1}
