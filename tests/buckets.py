"""An S3 server on the loopback, and what lies in its buckets."""

from __future__ import annotations

import contextlib
import io
import logging
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from drawing import draw_picture


@contextlib.contextmanager
def s3_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Moto's, with a bucket `bucket` that keeps every version of each object; a client of it."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    # All servers of a process have one memory.
    urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/moto-api/reset", method="POST"))
    client = boto3.client("s3")
    client.create_bucket(Bucket="bucket")
    client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    try:
        yield client
    finally:
        server.stop()


def picture(seed: int, size: tuple[int, int] = (48, 32), file_format: str = "JPEG", **options: Any) -> bytes:
    """A picture's file."""
    file = io.BytesIO()
    draw_picture(size, seed).save(file, file_format, **options)
    return file.getvalue()


def versions(client: Any, folder: str) -> Counter[str]:
    """How often each object below a folder was written."""
    pages = client.get_paginator("list_object_versions").paginate(Bucket="bucket", Prefix=folder)
    return Counter(one["Key"] for page in pages for one in page.get("Versions", ()))
