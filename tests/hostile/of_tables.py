"""Delimited text: lines, cells, quotes, columns and letters that no honest program writes."""

import codecs
import os
from pathlib import Path

from files import CSV, GOOD, LAST, MB, inside, of, row, streamed
from table import Case

LEFT_OUT = r"A Z; 1 left out / FOLDER/products\.csv line 3: .*"
KEPT = r"A B Z; 0 left out"
MARKED = r"A B Z; 0 left out / FOLDER/products\.csv.*"


def _long(name: str, piece: bytes, times: int, says: str) -> Case:
    return streamed(name, CSV + GOOD, piece, times, "\n" + LAST, says, slow=True)


LINES = [
    _long(
        "a line of 1 GB of NULs",
        b"\0" * 1_000_000,
        1000,
        r"A Z; 1 left out / .* NUL characters.* is longer than 20,000,000 characters\. .*",
    ),
    _long("a line of 1 GB of letters", MB, 1000, LEFT_OUT),
    _long("a line of 300 MB of delimiters", b"," * 1_000_000, 300, LEFT_OUT),
    _long("a line of 300 MB of quotes", b'"' * 1_000_000, 300, LEFT_OUT),
    _long("a cell of 300 MB in quotes", b'"x' + MB, 300, LEFT_OUT),
    of("a header of 30 MB", lambda: "sku,title," + "x" * 30_000_000 + "\n" + GOOD, r"BadFile: .*"),
    of(
        "10,000 columns",
        lambda: (
            "sku,title," + ",".join(f"c{n}" for n in range(9_990)) + "\nA,Mug" + ",1" * 9_990 + "\nZ,杯\n"
        ),
        r"A Z; 0 left out.*",
    ),
    of(
        "a header of a million columns",
        lambda: "sku,title," + ",".join(f"c{n}" for n in range(1_000_000)) + "\nA,Mug\n",
        r"BadFile: .*",
    ),
    of(
        "a header of a million equal columns",
        lambda: "sku,title" + ",c" * 1_000_000 + "\nA,Mug\n",
        r"BadFile: .*",
    ),
    of(
        "a header of a million nameless columns",
        lambda: "sku,title" + "," * 1_000_000 + "\nA,Mug\n",
        r"BadFile: .*",
    ),
    of("a row of a million cells", lambda: row("B,Lamp" + ",1" * 1_000_000), LEFT_OUT),
    of("a million empty lines", lambda: CSV + GOOD + "\n" * 1_000_000 + LAST, r"A Z; 0 left out", slow=True),
    of(
        "a million carriage returns",
        lambda: CSV + GOOD + "\r" * 1_000_000 + LAST,
        r"A Z; 0 left out",
        slow=True,
    ),
    of(
        "100,000 quotes that are never closed",
        lambda: CSV + GOOD + 'B,"\n' * 100_000 + LAST,
        r"A B Z; 49999 left out .*",
        slow=True,
    ),
    of(
        "a quote that is never closed, and 200,000 lines behind it",
        lambda: row('B,"Lamp,5,red,b.jpg\n' + "x,y,5,red,\n" * 200_000),
        r"A x Z; 200000 left out .*",
        slow=True,
    ),
]
CELLS = [
    of("a cell of two million letters", lambda: row("B," + "x" * 2_000_000 + ",5,red,b.jpg"), LEFT_OUT),
    of(
        "a picture inside a cell, as a data URI",
        lambda: row('B,Lamp,5,red,"data:image/png;base64,' + "A" * 500_000 + '"'),
        MARKED,
    ),
    of("a row with too many cells", row("B,Lamp,5,red,b.jpg,x,y"), LEFT_OUT),
    of("a row with too few cells", row("B,Lamp"), MARKED),
    of("a quote in the middle of a cell", row('B,La"mp,5,red,b.jpg'), r"A B Z; 0 left out.*"),
    of("a quote that is not closed", row('B,"Lamp,5,red,b.jpg'), LEFT_OUT),
    of("a NUL in a cell", row("B,La\0mp,5,red,b.jpg"), MARKED),
    of(
        "every control character in a cell",
        row("B,La" + "".join(map(chr, [*range(1, 10), *range(14, 32), 127])) + "mp,5,red,b.jpg"),
        KEPT,
    ),
    of(
        "ESC sequences that would paint the screen of who reads it",
        row("B,\x1b[2J\x1b]0;owned\x07Lamp,5,red,b.jpg"),
        KEPT,
    ),
    of(
        "letters that turn the direction of writing", row("B,\u202egpj.exe\u2066Lamp\u2069,5,red,b.jpg"), KEPT
    ),
    of("a thousand accents on one letter", row("B,L" + "\u0301" * 1000 + "amp,5,red,b.jpg"), KEPT),
    of("letters beyond Unicode's planes of use", row("B,\U0010ffff\ufdd0\ufffeLamp,5,red,b.jpg"), KEPT),
    of("an id of unseen letters alone", row("\u200b\u2060\ufeff,Lamp,5,red,b.jpg"), LEFT_OUT),
    of(
        "an id of 100,000 letters",
        lambda: row("B" * 100_000 + ",Lamp,5,red,b.jpg"),
        r"A B{30}… Z; 0 left out.*",
    ),
    of(
        "an id that looks like a path",
        row("../../etc/passwd,Lamp,5,red,b.jpg"),
        r"A \.\./\.\./etc/passwd Z; 0 left out",
    ),
    of(
        "an id that looks like SQL",
        row("B'; DROP TABLE variants;--,Lamp,5,red,b.jpg"),
        r"A B'; DROP TABLE variants;-- Z; 0 left out",
    ),
    of(
        "the same id 10,000 times",
        lambda: CSV + GOOD + GOOD * 10_000 + LAST,
        r"A Z; 10000 left out .* and 9995 more",
    ),
    of("ids that differ by unseen letters", row("A\u200b,Lamp,5,red,b.jpg"), LEFT_OUT),
    of("a title of tags that are never closed", lambda: row("B,<b" + "<i" * 50_000 + ",5,red,b.jpg"), KEPT),
    of(
        "a description of 100,000 open elements",
        lambda: "sku,title,description\nA,Mug,x\nB,Lamp," + "<div>" * 100_000 + "\nZ,杯,y\n",
        KEPT,
    ),
    of(
        "a description of 100,000 entities",
        lambda: "sku,title,description\nA,Mug,x\nB,Lamp," + "&lt;" * 100_000 + "\nZ,杯,y\n",
        KEPT,
    ),
    of(
        "attributes of JSON 100,000 deep",
        lambda: "sku,title,attributes_json\nA,Mug,\nB,Lamp," + '"' + "[" * 100_000 + '"\nZ,杯,\n',
        MARKED,
    ),
    of(
        "attributes that are a number of 100,000 digits",
        lambda: "sku,title,attributes_json\nA,Mug,\nB,Lamp," + "9" * 100_000 + "\nZ,杯,\n",
        MARKED,
    ),
    of(
        "100,000 attributes of one product",
        lambda: (
            'sku,title,attributes_json\nA,Mug,\nB,Lamp,"{'
            + ",".join(f'""k{n}"":1' for n in range(50_000))
            + '}"\nZ,杯,\n'
        ),
        KEPT,
    ),
    of(
        "100,000 values of one attribute",
        lambda: row("B,Lamp,5," + "|".join(f"c{n}" for n in range(100_000)) + ",b.jpg"),
        KEPT,
    ),
    of(
        "100,000 pictures of one product",
        lambda: row("B,Lamp,5,red," + "|".join(f"{n}.jpg" for n in range(90_000))),
        KEPT,
    ),
    of(
        "a category 10,000 deep",
        lambda: "sku,title,category\nA,Mug,x\nB,Lamp," + "a>" * 10_000 + "a\nZ,杯,y\n",
        KEPT,
    ),
]
LETTERS = [
    of(
        "bytes that no encoding has",
        row("B,Lamp").encode() + b"\xff\xfe\xfd\x81\x00\xff",
        r"BadFile: FOLDER/products\.csv is neither UTF-8 nor text in .* Windows-1252\. Save it as UTF-8\.",
    ),
    of(
        "UTF-8 cut in the middle of a letter",
        row("B,灯,5,红,b.jpg").encode().replace("灯".encode(), "灯".encode()[:2]),
        r"BadFile: FOLDER/products\.csv is neither UTF-8 nor text in .* Windows-1252\. Save it as UTF-8\.",
    ),
    of(
        "half a surrogate pair in UTF-8",
        row("B,\ud83dLamp,5,red,b.jpg"),
        r"A B Z; 0 left out / FOLDER/products\.csv: is not UTF-8 and was read as GB18030\. .*",
    ),
    of(
        "UTF-8 written the long way",
        row("B,Lamp,5,red,b.jpg").encode().replace(b"Lamp", b"\xc0\xaf\xc1\x81mp"),
        r"A B Z; 0 left out / FOLDER/products\.csv: is not UTF-8 and was read as GB18030\. .*",
    ),
    of("UTF-16 with its mark", codecs.BOM_UTF16_LE + row("B,Lamp,5,red,b.jpg").encode("utf-16-le"), KEPT),
    of(
        "UTF-16 of an odd number of bytes",
        codecs.BOM_UTF16_LE + row("B,Lamp").encode("utf-16-le") + b"x",
        r"BadFile: .* is broken UTF-16 text\. Save it as UTF-8\.",
    ),
    of("UTF-32", codecs.BOM_UTF32_LE + row("B,Lamp,5,red,b.jpg").encode("utf-32-le"), MARKED),
    of("UTF-7", row("B,Lamp,5,red,b.jpg").encode("utf-7"), KEPT),
    of("GB18030", row("B,台灯,5,红色,b.jpg").encode("gb18030"), MARKED),
    of("a byte-order mark in every cell", row("\ufeffB,\ufeffLamp,5,red,b.jpg"), KEPT),
    of(
        "marks of three encodings one behind the other",
        codecs.BOM_UTF8 + codecs.BOM_UTF8 + CSV.encode() + GOOD.encode(),
        r"A; 0 left out",
    ),
    of(
        "one letter damaged in a Chinese file",
        (CSV + "A,杯子杯子杯子杯子杯子杯子杯子杯子杯子,5,红,\n").encode()[:-20] + b"\xff\n" + LAST.encode(),
        r"BadFile: FOLDER/products\.csv is neither UTF-8 nor text in .* Windows-1252\. Save it as UTF-8\.",
    ),
]
NOT_ONE = [
    of("nothing", b"", r"BadFile: FOLDER/products\.csv is empty\. .*"),
    of("blanks alone", b" \n\t\n \n", r"BadFile: FOLDER/products\.csv is empty\. .*"),
    of("NULs alone", b"\0" * 5000, r"BadFile: .*"),
    of("a header alone", CSV, r"nothing; 0 left out"),
    of("a header without known names", "foo,bar\n1,2\n", r"BadFile: .*"),
    of("a ZIP called products.csv", b"PK\x03\x04" + b"\0" * 50, r"BadFile: FOLDER/products\.csv .*"),
    of(
        "a spreadsheet of the old kind",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
        r"BadFile: FOLDER/products\.csv is an old Office document, not a catalog\. .*",
    ),
    of("a gzip", b"\x1f\x8b\x08" + b"\0" * 50, r"BadFile: FOLDER/products\.csv .*"),
    of("a PDF", b"%PDF-1.7\n", r"BadFile: FOLDER/products\.csv is a PDF document, not a catalog\. .*"),
    of("a JPEG", b"\xff\xd8\xff\xe0", r"BadFile: FOLDER/products\.csv is a JPEG picture, not a catalog\. .*"),
    of("a program", b"\x7fELF" + bytes(range(256)) * 20, r"BadFile: .*"),
    of("a pickle", b"\x80\x04\x95cos\nsystem\n(S'id'\ntR.", r"BadFile: .*"),
    of("noise", lambda: bytes((n * 7919 + n // 256 * 31) % 256 for n in range(5000)), r"BadFile: .*"),
    of("an SQL dump", "INSERT INTO products VALUES (1, 'Mug');\n" * 20, r"BadFile: .*"),
    of("a page that says 404", "<!doctype html><html><title>404</title></html>", r"BadFile: .*"),
    of("a JSON array", '[{"sku": "A"}]', r"BadFile: FOLDER/products\.csv is one JSON array\. .*"),
    inside(
        "a pipe that nobody writes to",
        lambda folder: _pipe(folder),
        r"BadFile: FOLDER/products\.csv is neither a file nor a folder\. .*",
    ),
    inside(
        "a device that never ends",
        lambda folder: Path("/dev/zero"),
        r"BadFile: /dev/zero is neither a file nor a folder\. .*",
    ),
    inside("a link to itself", lambda folder: _link(folder, "products.csv"), r"MissingFile: .*"),
    inside("a link to a device", lambda folder: _link(folder, "/dev/zero"), r"BadFile: .*"),
    inside("a folder that is called products.csv", lambda folder: _folder(folder), r"MissingFile: .*"),
    inside("a name with a NUL", lambda folder: folder / "a\0.csv", r"MissingFile: .*"),
    inside("a name of 300 letters", lambda folder: folder / ("a" * 300), r"MissingFile: .*"),
]


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "products.csv")
    return folder / "products.csv"


def _link(folder: Path, to: str) -> Path:
    (folder / "products.csv").symlink_to(to)
    return folder / "products.csv"


def _folder(folder: Path) -> Path:
    (folder / "products.csv").mkdir()
    return folder


CASES = [*LINES, *CELLS, *LETTERS, *NOT_ONE]
