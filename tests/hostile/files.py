"""Hostile files between good rows: read as a merchant's file, and told in one line."""

from collections.abc import Callable
from pathlib import Path

from duomo.catalog.read import read_catalog
from duomo.errors import DuomoError
from table import MOST_MB, Case

CSV = "sku,title,price,color,image\n"
GOOD = "A,Mug,5.00,red,a.jpg\n"
MB = b"x" * 1_000_000
LAST = "Z,杯子,6.00,蓝色,z.jpg\n"


def refusal(error: DuomoError) -> str:
    """An error as one line that can be shown and says what to do; whatever is less fails."""
    said = str(error)
    if not error.remedy or len(said) > 1000:
        raise ValueError(f"no remedy, or {len(said)} letters: {said[:300]}")
    said.encode()  # half a surrogate pair cannot be shown
    return f"{type(error).__name__}: {said}"


def told(path: Path) -> str:
    """What was read of a file: the ids of its products, how many rows were left out, and every problem."""
    try:
        read = read_catalog(path)
    except DuomoError as error:
        return refusal(error)
    left_out = [problem for problem in read.problems if problem.severity == "error"]
    assert len(left_out) >= read.skipped
    repr(read.products).encode()
    ids = [product.id if product.id.isprintable() else repr(product.id) for product in read.products]
    shown = " ".join(id if len(id) < 40 else f"{id[:30]}…" for id in ids[:9]) + (" …" if len(ids) > 9 else "")
    problems = [str(problem) for problem in read.problems]
    assert all(len(problem) < 1000 for problem in problems)
    more = f" / and {len(problems) - 5} more" if len(problems) > 5 else ""
    listed = "".join(f" / {each}" for each in problems[:5]) + more
    return f"{shown or 'nothing'}; {read.skipped} left out{listed}"


def of(
    name: str,
    content: bytes | str | Callable[[], bytes | str],
    says: str,
    *,
    file: str = "products.csv",
    most_mb: float = MOST_MB,
    slow: bool = False,
) -> Case:
    """A case of one file."""

    def make(folder: Path) -> Path:
        body = content() if callable(content) else content
        path = folder / file
        path.write_bytes(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)
        return path

    return Case(name=name, make=make, meet=told, says=says, most_mb=most_mb, slow=slow)


def streamed(
    name: str,
    before: str,
    piece: bytes,
    times: int,
    after: str,
    says: str,
    *,
    file: str = "products.csv",
    slow: bool = False,
) -> Case:
    """A case of a file that is too large to be held while it is made: a piece of it comes many times."""

    def make(folder: Path) -> Path:
        with (folder / file).open("wb") as written:
            written.write(before.encode())
            for _ in range(times):
                written.write(piece)
            written.write(after.encode())
        return folder / file

    return Case(name=name, make=make, meet=told, says=says, slow=slow)


def inside(name: str, make: Callable[[Path], Path], says: str, *, slow: bool = False) -> Case:
    """A case of a folder, or of a file in one."""
    return Case(name=name, make=make, meet=told, says=says, slow=slow)


def row(cells: str) -> str:
    """A file with one row between two good ones."""
    return CSV + GOOD + cells + "\n" + LAST
