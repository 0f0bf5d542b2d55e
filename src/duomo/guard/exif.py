"""Which way up a camera held a picture: the Orientation of EXIF."""

import struct

ORIENTATION_TAG = 0x0112
MAX_ENTRIES = 1000  # an honest first directory has some dozens


def orientation(exif: bytes) -> int:
    r"""The orientation, 1 to 8, that an EXIF block names; 1 (upright) where it names none or is broken.

    Read by hand, because a broken block must neither stop a good picture nor print a warning.
    Source: CIPA DC-008 (EXIF 2.32), sections 4.5 and 4.6.4.

    Args:
        exif: the block, with or without the leading "Exif", NUL, NUL.

    >>> orientation(b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0")
    6
    >>> orientation(b"nothing")
    1
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * min(count, MAX_ENTRIES), 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, entry)
            if tag == ORIENTATION_TAG:
                (value,) = struct.unpack_from(f"{order}{'I' if kind == 4 else 'H'}", tiff, entry + 8)
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:  # the block ends before what it points to
        pass
    return 1
