"""Buckets and what else fsspec knows that takes a file in one piece."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from toonify.distributions import EXTRAS, needs
from toonify.errors import ToonifyError, refusal, usage_error
from toonify.places.addresses import SCHEMES, Address
from toonify.places.place import Found, Place, is_hidden

_PAGED = frozenset({"s3", "s3a"})


@dataclass(frozen=True)
class Store(Place):
    """A folder in a store of objects. Keys and secrets are found as the store's own library finds them.

    Attributes:
        address: The bucket, or a folder in it.
    """

    address: Address

    @property
    def where(self) -> Address:
        return self.address

    def at(self, name: str) -> Address:
        return self.address / name

    def kind(self) -> Literal["file", "folder", "nothing"]:
        try:
            with _refusals(f"{self.address} cannot be looked at: "):
                found = file_system(self.address).info(self.address.path)
        except FileNotFoundError:
            self._need_bucket()
            return "nothing"
        return "folder" if found["type"] == "directory" else "file"

    def _need_bucket(self) -> None:
        """Raise a `ToonifyError` if S3 says that there is no such bucket: every picture would be drawn for
        nothing. Who may not ask, or another store, is believed.
        """
        bucket = self.address.path.partition("/")[0]
        if self.address.scheme in _PAGED:
            try:
                with _refusals():
                    file_system(self.address).call_s3("head_bucket", Bucket=bucket)
            except FileNotFoundError as error:
                raise usage_error(f"there is no bucket {self.address.scheme}://{bucket}") from error
            except ToonifyError:
                return

    def find(self, *, recursive: bool = True) -> Iterator[Found]:
        """As `Place.find`. Of S3, page after page; of others, folder after folder."""
        listed = self._pages(recursive) if self.address.scheme in _PAGED else self._folders(recursive)
        start = len(self.address.path) + 1
        while True:
            try:
                with _refusals(f"{self.address} cannot be listed: "):
                    path, size = next(listed)
            except StopIteration:
                return
            except FileNotFoundError as error:
                raise ToonifyError(f"{self.address} cannot be listed: it is not there any more") from error
            name = path[start:]
            if name and not name.endswith("/") and not is_hidden(name):  # with a slash stand folders
                yield Found(name, size)

    def _pages(self, recursive: bool) -> Iterator[tuple[str, int]]:
        """Path and size of each object, a page of 1,000 at a time, by S3's own call: memory stays flat.

        What fsspec has for any store gathers all names before it gives the first.
        """
        system = file_system(self.address)
        bucket, _, folder = self.address.path.partition("/")
        asked = {"Bucket": bucket, "Prefix": f"{folder}/" if folder else ""}
        asked |= {} if recursive else {"Delimiter": "/"}
        while True:
            page = system.call_s3("list_objects_v2", **asked)
            yield from ((f"{bucket}/{entry['Key']}", entry["Size"]) for entry in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _folders(self, recursive: bool) -> Iterator[tuple[str, int]]:
        system, left = file_system(self.address), [self.address.path]
        while left:
            entries = sorted(system.ls(left.pop(), detail=True), key=lambda entry: entry["name"])
            folders = [entry["name"].strip("/") for entry in entries if entry["type"] == "directory"]
            left += folders[::-1] if recursive else []
            yield from (
                (entry["name"].strip("/"), entry["size"] or 0) for entry in entries if entry["type"] == "file"
            )

    def begins(self, name: str, count: int) -> bytes | None:
        path = self.at(name).path
        system = file_system(self.address)
        with _refusals():
            try:
                return bytes(system.cat_file(path, start=0, end=count))
            except FileNotFoundError:
                return None
            except OSError as error:
                # S3 has no first bytes of what has none.
                if error.errno == errno.EINVAL and system.info(path)["size"] == 0:
                    return b""
                raise

    def write(self, name: str, data: bytes, *, replace: bool = False) -> bool:
        """As `Place.write`: one put, which a store carries out whole or not at all."""
        mode = "overwrite" if replace else "create"
        with _refusals("cannot be written: "):
            try:
                file_system(self.address).pipe_file(self.at(name).path, data, mode=mode)
            except FileExistsError:
                return False
            except FileNotFoundError as error:  # no such bucket
                raise ToonifyError(f"cannot be written: {refusal(error)}") from error
            except OSError as error:
                if replace or error.errno != errno.ENOSYS:
                    raise
                raise ToonifyError(
                    f"cannot be written: {refusal(error)}",
                    "This store cannot put a file only where there is none; `overwrite` puts it in any case.",
                ) from error
        return True


def file_system(address: Address, **options: Any) -> Any:
    """What fsspec has for an address; the same one each time.

    Args:
        address: Of a file or a store.
        options: As fsspec's class for such addresses takes them.

    Raises:
        ToonifyError: if a package for it is not installed.
    """
    try:
        import fsspec
    except ImportError as error:
        raise needs(f"an address such as {address}", "fsspec") from error
    try:
        # What was listed once is listed anew: others write there, too.
        return fsspec.filesystem(address.scheme, use_listings_cache=False, **options)
    except ImportError as error:
        package = SCHEMES[address.scheme]
        if package in EXTRAS:
            raise needs(str(address), package) from error
        raise usage_error(
            f"{address} needs {package}, which is not installed", f"Install it: pip install {package}"
        ) from error


@contextmanager
def _refusals(before: str = "") -> Iterator[None]:
    """What a store's library raises becomes a `ToonifyError`; that there is nothing, whoever asks handles."""
    try:
        yield
    except (ToonifyError, FileNotFoundError, StopIteration):
        raise
    except Exception as error:  # each library has errors of its own
        raise ToonifyError(f"{before}{refusal(error)}") from error
