"""What is kept on disk: whole files and folders, safe arrays, manifests and layouts of the artefacts."""

from toonify.storage.checksums import check_sum, read_checked
from toonify.storage.files import (
    Occupied,
    Part,
    flush_file,
    is_inside,
    is_part,
    make_folder,
    put_in_place,
    remove,
    replacing,
    sweep,
    write_bytes,
    writing,
)
from toonify.storage.layout import DatasetFolder, RunFolder, StyleFolder
from toonify.storage.locks import held, in_turn
from toonify.storage.manifests import (
    ARRAYS,
    SUPERPIXELS,
    Array,
    Control,
    DatasetManifest,
    RunManifest,
    StyleManifest,
    read_json,
)
from toonify.storage.names import AnyPath, check_no_address, same_files, why_no_name
from toonify.storage.strangers import is_litter, strangers
from toonify.storage.unfinished import clear, unfinished

__all__ = [
    "ARRAYS",
    "SUPERPIXELS",
    "AnyPath",
    "Array",
    "Control",
    "DatasetFolder",
    "DatasetManifest",
    "Occupied",
    "Part",
    "RunFolder",
    "RunManifest",
    "StyleFolder",
    "StyleManifest",
    "check_no_address",
    "check_sum",
    "clear",
    "flush_file",
    "held",
    "in_turn",
    "is_inside",
    "is_litter",
    "is_part",
    "make_folder",
    "put_in_place",
    "read_checked",
    "read_json",
    "remove",
    "replacing",
    "same_files",
    "strangers",
    "sweep",
    "unfinished",
    "why_no_name",
    "write_bytes",
    "writing",
]
