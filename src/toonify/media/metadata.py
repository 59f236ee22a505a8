"""What the camera wrote into a file, without what is true of that file alone; and what made the copy."""

from __future__ import annotations

from PIL import ExifTags, Image

_DESCRIPTIVE = frozenset(
    {0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x8298}
)  # description, make, model, resolution (3), software, date, artist, copyright
_MAKER_NOTE = 0x927C
_OUTDATED = frozenset({0xA002, 0xA003, 0xA005})  # width, height, a pointer into the old file
_LARGEST_EXIF = 65_533  # bytes in a JPEG segment


def descriptive_exif(image: Image.Image, notes: list[str]) -> bytes:
    """What describes the photograph, as a block to be written into another file.

    Args:
        image: Before its pixels are loaded, for its file must still be open.
        notes: What is left out is added to these.

    Returns:
        At most a JPEG segment of EXIF data, without orientation and thumbnail; empty for none.
    """
    try:
        exif = image.getexif()
        for left_out in (_OUTDATED, _OUTDATED | {_MAKER_NOTE}):
            kept = _described(exif, left_out)
            block = kept.tobytes() if len(kept) else b""
            if len(block) <= _LARGEST_EXIF:
                return block
    except Exception:  # a damaged block is not worth losing the picture for
        notes.append("damaged EXIF data left out")
        return b""
    notes.append("EXIF data left out, too large")
    return b""


def signed(block: bytes, made_by: str) -> bytes:
    """EXIF data that also says what made the picture; as it is where a JPEG would have no room for that.

    Args:
        block: EXIF data, or nothing.
        made_by: ASCII; empty for nothing to say. It stands where EXIF has the software that a picture was
            processed with, and leaves alone the camera's.
    """
    if not made_by:
        return block
    exif = Image.Exif()
    if block:
        exif.load(block)
    exif[ExifTags.Base.ProcessingSoftware] = made_by
    more = exif.tobytes()
    return more if len(more) <= _LARGEST_EXIF else block


def _described(exif: Image.Exif, left_out: frozenset[int]) -> Image.Exif:
    """What describes the photograph, without what describes its old file."""
    kept = Image.Exif()
    for tag in _DESCRIPTIVE.intersection(exif):
        kept[tag] = exif[tag]
    for pointer in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        values = {tag: value for tag, value in exif.get_ifd(pointer).items() if tag not in left_out}
        if values:
            kept[pointer] = values
    return kept
