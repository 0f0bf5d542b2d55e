"""Rounds of sudden death over a backup: it is taken, or a shop is made of it, and whoever does that dies."""

import shutil
import signal
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from deaths.goods import Goods, difference, settings
from deaths.left import age_halves, left_behind
from deaths.processes import Nursery, Reader, die
from deaths.rounds import Outcome, State, overheard_of
from duomo import Shop
from duomo.errors import DuomoError, MissingShop
from duomo.stock.backup import back_up
from duomo.stock.restore import restore

Copy = Literal["backup", "restore"]
_KEPT: Final = ("kept.tar", "kept")  # a file, and a folder


class Copying:
    """A shop before and after a delivery, and a backup of either; what copying takes undisturbed."""

    def __init__(self, what: Copy, folder: Path, nursery: Nursery, *, products: int) -> None:
        """Make them, and measure the work."""
        self.what, self.folder, self.nursery = what, folder, nursery
        goods, self.shops = Goods(folder / "goods", products), (folder / "first", folder / "second")
        for number, place in enumerate(self.shops, start=1):
            if number == 2:
                shutil.copytree(self.shops[0], place)
            goods.deliver(number)
            shop = (Shop.open if place.exists() else Shop.create)(place, settings=settings())
            shop.build(goods.folder)
            for name in _KEPT:
                back_up(place, place.with_name(f"{place.name}-{name}"))
        self.states = [State.of(place, indexed=False) for place in self.shops]
        twin = self.shops[1]
        if what == "restore":  # a backup holds some files more than the version needs
            twin = restore(folder / "second-kept.tar", folder / "twin").place
        self.usual_left = left_behind(twin)
        self.takes = {name: self._measured(name) for name in _KEPT}

    def set_up(self, place: Path, name: str, *, fresh: bool) -> tuple[Path, Path]:
        """A shop and a backup in a folder: the newer of what is copied, the older of what it is to replace.

        `fresh`: there is nothing that it is to replace.
        """
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        shop, kept = place / "shop", place / name
        newer = 1 if self.what == "backup" else 0
        if self.what == "backup" or not fresh:
            shutil.copytree(self.shops[newer], shop)
        if self.what == "restore" or not fresh:
            source = self.shops[1 - newer].with_name(f"{self.shops[1 - newer].name}-{name}")
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, kept)
        return shop, kept

    def finish(self, shop: Path, kept: Path) -> None:
        """The work, to its end."""
        if self.what == "backup":
            back_up(shop, kept, replace=True)
        else:
            restore(kept, shop, replace=True)

    def command(self, kept: Path, *more: str) -> list[str]:
        """The arguments of the work."""
        return ["--goods", str(kept), *more]

    def _measured(self, name: str) -> Any:
        place = self.folder / "measured"
        shop, kept = self.set_up(place, name, fresh=False)
        told = self.folder / "measured.jsonl"
        return self.nursery.measured(self.what, shop, told, *self.command(kept), within=place)


def play_copying(stage: Copying, reader: Reader, *, seed: int, number: int) -> Outcome:
    """One round: of four one is over a file that is there, one over a folder, and two make a new one."""
    rng = np.random.default_rng([seed, number])
    outcome = Outcome(number)
    name, fresh = _KEPT[number % 2], number % 4 >= 2
    place = stage.folder / "round"
    shop, kept = stage.set_up(place, name, fresh=fresh)
    reader.watch(shop, indexed=False)
    try:
        for _ in range(int(rng.integers(1, 4))):
            death = stage.takes[name].draw(rng)
            outcome.deaths.append(str(death))
            more = ["--dies-at", str(int(death.at))] if death.kind == "step" else []
            told = stage.folder / "acknowledged.jsonl"
            pid = stage.nursery.start(stage.what, shop, told, *stage.command(kept, *more))
            end = die(stage.nursery, pid, death, place, told)
            outcome.killed += end.code == -signal.SIGKILL
            if end.code not in (0, -signal.SIGKILL):
                outcome.failures.append(f"the work ended with {end.code}: {end.said}")
            outcome.failures += held(stage, shop, kept, fresh=fresh, ended=end.code == 0)
            age_halves(place)
        stage.finish(shop, kept)
        outcome.failures += held(stage, shop, kept, fresh=False, ended=True)
    except Exception as error:  # noqa: BLE001 (nobody who copies a shop anew should meet an error)
        outcome.failures.append(f"{type(error).__name__}: {error}"[:900])
    allowed = {said for state in stage.states for said in state.answers}
    allowed |= {"no shop"} if fresh and stage.what == "restore" else set()
    outcome.failures += overheard_of(reader.report(), allowed, outcome)
    outcome.left = {k: n for k, n in left_behind(shop).items() if n > stage.usual_left.get(k, 0)}
    strange = [path.name for path in place.iterdir() if path not in (shop, kept)]
    strange += [path.name for path in shop.glob(".backup-*")]
    outcome.failures += [f"{n} files are left behind: {kind}" for kind, n in outcome.left.items()]
    outcome.failures += [f"{entry} is left behind" for entry in strange]
    return outcome


def held(stage: Copying, shop: Path, kept: Path, *, fresh: bool, ended: bool) -> list[str]:
    """What does not hold: a whole shop and a whole backup are there, after the end the new ones."""
    old, new = stage.states
    failures = []
    if stage.what == "backup":
        if difference(State.of(shop, indexed=False).contents, new.contents):
            failures.append("the shop is not as it was before the backup")
        again = stage.folder / "again"
        shutil.rmtree(again, ignore_errors=True)
        if kept.exists() or not fresh or ended:
            try:
                restore(kept, again)
            except DuomoError as error:
                return [*failures, f"the backup cannot be restored: {error}"]
            shop = again
        else:
            return failures
    try:
        now = State.of(shop, indexed=False)
    except MissingShop:
        return failures if fresh and not ended else [*failures, "the shop is gone"]
    if not any(now.answers == state.answers for state in ([new] if ended else [old, new])):
        failures.append("it is neither the old nor the new one")
    elif ended and (differs := difference(now.contents, new.contents)):
        failures.append(f"it is not what was backed up: {differs}")
    return failures
