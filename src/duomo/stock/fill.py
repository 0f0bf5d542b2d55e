"""Puts values that were read on the products of a shop, and takes them away again."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from duomo.files import write_json_lines
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.stock.inferred import Inferred, read_inferred, write_inferred
from duomo.stock.intake import Intake
from duomo.stock.outcome import bring
from duomo.stock.report import BuildReport


def fill(
    folder: Path, records: Iterable[Inferred], *, settings: Settings, tick: Tick = silent
) -> BuildReport | None:
    """Put what was read on a shop's products, in the place of all that was read before.

    The products are put on the shelf again as they are held; nothing is encoded. Later builds keep what was
    read of a product for as long as it says and shows the same.

    Args:
        folder: of the shop.
        records: what was read; none: nothing stays.
        settings: of the shop.
        tick: told how far the work is.

    Returns:
        what came of putting them; None: there was nothing to do.

    Raises:
        ShopBusy: another process is writing to this shop.
    """
    before = read_inferred(folder)
    now = {record.product_id: record for record in records}
    changed = [id for id in sorted(before.keys() | now.keys()) if before.get(id) != now.get(id)]
    if not changed:
        return None
    write_inferred(folder, now.values())
    with TemporaryDirectory(prefix="duomo-") as place:
        rows = Path(place) / "rows.jsonl"
        write_json_lines(rows, ({"sku": id, "product_id": id} for id in changed))
        how = Intake(mapping={}, partial=True, amends=folder)
        return bring(folder, [rows], how, settings=settings, prune=False, tick=tick)
