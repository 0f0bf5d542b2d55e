import gzip
import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile
from duomo.guard.archives import Limits, is_archive, unpack

Entry = str | zipfile.ZipInfo


def packed(path: Path, *entries: tuple[Entry, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A ZIP file with these members, whatever they are called."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, body in entries:
            archive.writestr(name, body)
    return path


def named(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def raw_names(path: Path, *renames: tuple[bytes, bytes]) -> Path:
    """The archive with names of equal length put in the place of others, in both of its lists."""
    body = path.read_bytes()
    for old, new in renames:
        assert len(old) == len(new)
        body = body.replace(old, new)
    path.write_bytes(body)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_every_file_is_unpacked_with_its_folders(tmp_path: Path) -> None:
    archive = packed(tmp_path / "shop.zip", ("goods/products.csv", b"sku\nA\n"), ("goods/图/红.jpg", b"red"))
    found = unpack(archive, tmp_path / "kept", Limits())
    assert found.names == ("goods/products.csv", "goods/图/红.jpg")
    assert files(found.folder) == {"goods/products.csv": b"sku\nA\n", "goods/图/红.jpg": b"red"}
    assert not found.left_out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../secret.csv", "leads out of the archive"),
        ("a/../../secret.csv", "leads out of the archive"),
        ("..\\..\\secret.csv", "leads out of the archive"),
        ("/etc/passwd", "absolute path"),
        ("\\windows\\a.dll", "absolute path"),
        ("C:/autoexec.bat", "absolute path"),
        ("c:a.csv", "absolute path"),
        ("a\nb.csv", "control characters"),
        ("./.", "has no name"),
        ("x" * 300 + ".jpg", "more than 255 bytes"),
        ("图" * 100 + ".jpg", "more than 255 bytes"),
        ("/".join("d" * 200 for _ in range(20)), "more than 255 bytes"),
    ],
)
def test_a_dangerous_name_is_left_out_and_the_rest_is_there(tmp_path: Path, name: str, said: str) -> None:
    archive = packed(tmp_path / "shop.zip", (name, b"harm"), ("products.csv", b"sku\nA\n"))
    found = unpack(archive, tmp_path / "deep" / "kept", Limits())
    assert files(tmp_path / "deep" / "kept" / "files") == {"products.csv": b"sku\nA\n"}
    assert [said in each.problem for each in found.left_out] == [True]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "shop.zip"]


def test_a_nul_in_a_name_is_not_where_the_name_ends(tmp_path: Path) -> None:
    archive = packed(tmp_path / "shop.zip", ("good.csvXevil.exe", b"harm"), ("a.csv", b"sku\n"))
    found = unpack(raw_names(archive, (b"csvXevil", b"csv\0evil")), tmp_path / "kept", Limits())
    assert found.names == ("a.csv",)
    assert "control characters" in found.left_out[0].problem
    assert found.left_out[0].name == "good.csv?evil.exe"


@pytest.mark.parametrize(
    ("mode", "said"), [(stat.S_IFLNK | 0o777, "is a link"), (stat.S_IFIFO | 0o666, "is no plain file")]
)
def test_links_and_devices_are_not_made(tmp_path: Path, mode: int, said: str) -> None:
    archive = packed(tmp_path / "a.zip", (named("l.jpg", mode), b"/etc/passwd"), ("a.csv", b"sku\n"))
    found = unpack(archive, tmp_path / "kept", Limits())
    assert found.names == ("a.csv",)
    assert said in found.left_out[0].problem


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["Red.jpg", "red.JPG", "red.jpg/inner.jpg", "./red.jpg"])
def test_of_two_files_with_one_name_the_first_is_taken(tmp_path: Path, second: str) -> None:
    archive = packed(tmp_path / "a.zip", ("red.jpg", b"first"), (second, b"second"))
    found = unpack(archive, tmp_path / "kept", Limits())
    assert files(found.folder) == {"red.jpg": b"first"}
    assert len(found.left_out) == 1


def test_a_file_does_not_take_the_place_of_a_folder(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", ("pics/red.jpg", b"1"), ("PICS", b"2"))
    found = unpack(archive, tmp_path / "kept", Limits())
    assert found.names == ("pics/red.jpg",)
    assert "same name" in found.left_out[0].problem


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_chinese_names_without_a_mark_are_read(tmp_path: Path, encoding: str) -> None:
    # As programs on Chinese Windows write them: bytes of GBK, no word of it. 誠's second byte is a backslash.
    name = "商品/红色马克杯.jpg" if encoding == "utf-8" else "商品/誠品杯.jpg"
    raw = name.encode(encoding)
    place = "x" * len(raw)
    archive = packed(tmp_path / "a.zip", (place, b"red"), ("a.csv", b"sku\n"))
    found = unpack(raw_names(archive, (place.encode(), raw)), tmp_path / "kept", Limits())
    assert found.names == (name, "a.csv")


def test_the_unicode_path_field_goes_before_a_guess(tmp_path: Path) -> None:
    said = "ポスター.jpg"
    extra = b"\x01\0\0\0\0" + said.encode()
    info = zipfile.ZipInfo("poster.jpg")
    info.extra = struct.pack("<HH", 0x7075, len(extra)) + extra
    found = unpack(packed(tmp_path / "a.zip", (info, b"p")), tmp_path / "kept", Limits())
    assert found.names == (said,)


def test_names_are_composed_as_people_type_them(tmp_path: Path) -> None:
    found = unpack(packed(tmp_path / "a.zip", ("cafe\u0301.jpg", b"p")), tmp_path / "kept", Limits())
    assert found.names == ("caf\u00e9.jpg",)


def test_windows_slashes_part_folders_and_clutter_is_passed_over(tmp_path: Path) -> None:
    entries = ["pics\\red.jpg", "__MACOSX/._red.jpg", "pics/.DS_Store", "Thumbs.db", "empty/"]
    archive = packed(tmp_path / "a.zip", *((name, b"" if name[-1] == "/" else b"x") for name in entries))
    found = unpack(archive, tmp_path / "kept", Limits())
    assert (found.names, found.left_out) == (("pics/red.jpg",), ())


@pytest.mark.parametrize(
    "nested",
    [
        b"PK\x03\x04 and more",
        gzip.compress(b"sku\n", mtime=0),
        b"Rar!\x1a\x07\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"BZh91AY&SY....",
        b"\xfd7zXZ\0",
        b"\0" * 257 + b"ustar\x0000",
    ],
)
def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path, nested: bytes) -> None:
    found = unpack(packed(tmp_path / "a.zip", ("a.csv", nested), ("b", b"b")), tmp_path / "kept", Limits())
    assert found.names == ("b",)
    assert "an archive inside the archive" in found.left_out[0].problem
    assert set(files(tmp_path / "kept")) == {"files/b", "index.json"}


def test_more_files_than_allowed_are_refused_before_any_is_written(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", *((f"{n}.jpg", b"") for n in range(11)))
    with pytest.raises(BadFile, match=r"more than 10 files, which is the limit\. .*archive_members"):
        unpack(archive, tmp_path / "kept", Limits(members=10))
    assert not files(tmp_path / "kept")


def test_a_table_of_contents_is_counted_before_it_is_taken_apart(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", *((f"{n}.jpg", b"") for n in range(3000)), method=zipfile.ZIP_STORED)
    with pytest.raises(BadFile, match=r"more than 1,000 files"):
        unpack(archive, tmp_path / "kept", Limits(members=1000))


def test_what_is_too_large_together_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", ("a", bytes(60_000)), ("b", bytes(60_000)))
    with pytest.raises(BadFile, match=r"more than the limit of 0\.1 MB\. .*archive_mb"):
        unpack(archive, tmp_path / "kept", Limits(total_mb=0.1))
    assert not files(tmp_path / "kept")


def test_one_file_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", ("a", bytes(60_000)), ("b", b"b"))
    found = unpack(archive, tmp_path / "kept", Limits(member_mb=0.05))
    assert found.names == ("b",)
    assert "more than the limit of 0.05 MB" in found.left_out[0].problem


def test_a_bomb_is_left_out_by_what_it_announces(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", ("bomb.csv", bytes(20_000_000)), ("b", b"b"))
    assert archive.stat().st_size < 30_000
    found = unpack(archive, tmp_path / "kept", Limits())
    assert found.names == ("b",)
    assert "more than 200 times as large" in found.left_out[0].problem


def test_a_bomb_that_announces_less_gives_no_more_than_it_says(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", ("bomb.csv", bytes(20_000_000)), ("b", b"b"))
    body = archive.read_bytes().replace(struct.pack("<I", 20_000_000), struct.pack("<I", 500_000))
    archive.write_bytes(body)
    found = unpack(archive, tmp_path / "kept", Limits())
    assert found.names == ("b",)
    assert "damaged or cut short" in found.left_out[0].problem


def test_a_gzip_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(bytes(20_000_000)))
    found = unpack(tmp_path / "a.csv.gz", tmp_path / "kept", Limits())
    assert not found.names
    assert "as in an archive made to do harm" in found.left_out[0].problem
    found = unpack(tmp_path / "a.csv.gz", tmp_path / "less", Limits(ratio=1e6, total_mb=5))
    assert "more than 5 MB, which is the limit" in found.left_out[0].problem


def test_files_that_lie_over_each_other_are_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", *((f"{n}.jpg", bytes(range(256)) * 40) for n in range(9)))
    end = struct.Struct("<4s4H2LH")
    body = archive.read_bytes()
    *head, size, offset, comment = end.unpack(body[-end.size :])
    entries, central = [], body[offset : offset + size]
    while central:
        length = 46 + sum(struct.unpack("<3H", central[28:34]))
        entries.append(central[: length - 0][:42] + struct.pack("<I", 0) + central[46:length])
        central = central[length:]
    first = body[: 30 + 5 + struct.unpack("<I", body[18:22])[0]]
    table = b"".join(entries)
    archive.write_bytes(first + table + end.pack(*head, len(table), len(first), comment))
    with pytest.raises(BadFile, match=r"lie over each other"):
        unpack(archive, tmp_path / "kept", Limits())


def test_an_encrypted_archive_is_told(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", ("goods.csv", b"sku\n"))
    body = bytearray(archive.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + at] |= 1
    archive.write_bytes(bytes(body))
    with pytest.raises(BadFile, match=r"is encrypted \('goods\.csv' in it needs a password\)"):
        unpack(archive, tmp_path / "kept", Limits())


def test_a_spreadsheet_is_no_archive_of_goods(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.xlsx", ("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>"))
    with pytest.raises(BadFile, match=r"is an Office document.*as CSV"):
        unpack(archive, tmp_path / "kept", Limits())


@pytest.mark.parametrize("keep", [0.05, 0.5, 0.9, 0.999])
def test_an_archive_that_was_cut_is_told(tmp_path: Path, keep: float) -> None:
    archive = packed(tmp_path / "a.zip", ("a.csv", bytes(range(256)) * 30), ("b.csv", b"sku\n" * 900))
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * keep)])
    with pytest.raises(BadFile, match=r"is damaged or cut short"):
        unpack(archive, tmp_path / "kept", Limits())


def test_a_gzip_file_that_was_cut_gives_nothing(tmp_path: Path) -> None:
    body = gzip.compress(b"sku,title\n" * 9000)
    (tmp_path / "a.csv.gz").write_bytes(body[: len(body) // 2])
    found = unpack(tmp_path / "a.csv.gz", tmp_path / "kept", Limits())
    assert not found.names
    assert "damaged or cut short" in found.left_out[0].problem


def test_one_damaged_member_costs_no_other(tmp_path: Path) -> None:
    archive = packed(
        tmp_path / "a.zip", ("a.jpg", b"a" * 500), ("b.jpg", b"B" * 500), method=zipfile.ZIP_STORED
    )
    archive.write_bytes(archive.read_bytes().replace(b"a" * 500, b"a" * 250 + b"!" + b"a" * 249))
    found = unpack(archive, tmp_path / "kept", Limits())
    assert found.names == ("b.jpg",)
    assert "Bad CRC" in found.left_out[0].problem


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_ways_of_packing_are_told(tmp_path: Path, method: int) -> None:
    found = unpack(packed(tmp_path / "a.zip", ("a", b"a"), method=method), tmp_path / "kept", Limits())
    assert found.left_out[0].problem == "is packed in a way that is not read"


def test_gzip_gives_the_file_without_its_ending(tmp_path: Path) -> None:
    (tmp_path / "feed.csv.gz").write_bytes(gzip.compress(b"sku\nA\n") + gzip.compress(b"B\n"))
    found = unpack(tmp_path / "feed.csv.gz", tmp_path / "kept", Limits())
    assert files(found.folder) == {"feed.csv": b"sku\nA\nB\n"}


def test_an_archive_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    assert is_archive(packed(tmp_path / "goods.csv", ("a", b"a")))
    assert is_archive(packed(tmp_path / "empty.zip"))
    (tmp_path / "fake.zip").write_bytes(b"sku,title\n")
    assert not is_archive(tmp_path / "fake.zip")
    assert not is_archive(tmp_path)
    assert not is_archive(tmp_path / "nowhere.zip")


def test_what_is_the_same_is_not_written_again(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    unpack(packed(tmp_path / "a.zip", ("a", b"1"), ("b", b"1"), ("c", b"1")), kept, Limits())
    before = {name: (kept / "files" / name).stat().st_mtime_ns for name in "ab"}
    found = unpack(packed(tmp_path / "a.zip", ("a", b"1"), ("b", b"2"), ("d/e", b"4")), kept, Limits())
    after = {name: (kept / "files" / name).stat().st_mtime_ns for name in "ab"}
    assert after["a"] == before["a"]
    assert after["b"] > before["b"]
    assert files(found.folder) == {"a": b"1", "b": b"2", "d/e": b"4"}


@pytest.mark.parametrize("harm", ["cut", "gone", "added", "index", "part"])
def test_what_was_left_half_done_is_not_trusted(tmp_path: Path, harm: str) -> None:
    archive, kept = packed(tmp_path / "a.zip", ("a", b"whole"), ("b", b"too")), tmp_path / "kept"
    unpack(archive, kept, Limits())
    if harm == "cut":
        (kept / "files" / "a").write_bytes(b"who")
    elif harm == "gone":
        (kept / "files" / "a").unlink()
    elif harm == "added":
        (kept / "index.json").unlink()
        (kept / "files" / "stale").write_bytes(b"of an interrupted call")
    elif harm == "index":
        (kept / "index.json").write_bytes(b'{"archive"')
        (kept / "files" / "b").write_bytes(b"t")
    else:
        (kept / "index.json").unlink()
        (kept / "part").write_bytes(b"ha")
    assert files(unpack(archive, kept, Limits()).folder) == {"a": b"whole", "b": b"too"}
    assert not (kept / "part").exists()


def test_an_unchanged_archive_is_not_unpacked_again(tmp_path: Path) -> None:
    archive, kept = packed(tmp_path / "a.zip", ("a", b"1"), ("../b", b"2")), tmp_path / "kept"
    first = unpack(archive, kept, Limits())
    (kept / "files").chmod(0o500)  # whoever writes there now is refused
    assert unpack(archive, kept, Limits()) == first
    (kept / "files").chmod(0o700)


@given(st.dictionaries(st.text(max_size=12), st.binary(max_size=50), max_size=6))
def test_whatever_names_there_are_nothing_leaves_the_folder(
    tmp_path_factory: pytest.TempPathFactory, members: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name.encode("utf-8", "replace").decode() or "x"), content)
    (folder / "a.zip").write_bytes(body.getvalue())
    found = unpack(folder / "a.zip", folder / "kept", Limits())
    assert sorted(files(found.folder)) == sorted(found.names)
    assert {p.name for p in folder.iterdir()} == {"a.zip", "kept"}


@given(st.data())
def test_a_damaged_archive_gives_whole_files_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    wanted = {"a.csv": b"sku,title\n" * 20, "图/b.jpg": bytes(range(256))}
    body = bytearray(packed(folder / "a.zip", *wanted.items()).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(4, len(body) - 1))] = data.draw(st.integers(0, 255))
    (folder / "a.zip").write_bytes(bytes(body))
    try:
        found = unpack(folder / "a.zip", folder / "kept", Limits())
    except BadFile:
        return
    assert set(files(found.folder).values()) <= set(wanted.values())
