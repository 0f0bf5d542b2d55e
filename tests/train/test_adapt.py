"""`duomo train align` on shops of drawn goods whose merchant has words of his own for everything."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.encode.folder import files_of, open_folder
from duomo.encode.models import SHIPPED, load_encoder
from duomo.errors import BadSetting, UnknownEncoder, WorseModel
from duomo.files import hash_file
from duomo.settings import Settings
from duomo.shelf.manifest import Manifest
from duomo.shop import Shop
from duomo.stock.encoders import roll_back
from duomo.train.adapt import adapt
from duomo.train.align import Recipe
from duomo.train.deepen import Hold
from duomo.train.heads import heads_of
from duomo.train.loop import Course
from duomo.train.own_models import home_of
from duomo.train.own_tower import Deepening
from duomo.train.parts import GUARD, draw_guard

pytestmark = pytest.mark.slow

SETTINGS = Settings(workers=0)
SHORT = Course(steps=120, learning_rate=1.2e-3, weight_decay=0.05, check_every=40)
FEW = Course(steps=60, learning_rate=2e-3, weight_decay=0.05, check_every=30)
SMALL = Recipe(batch=128, keep=1.0)
BRIEF = Deepening(Course(steps=4, check_every=2), Hold(batch=48), worth=-1.0)  # taken in any case
Catalog = Callable[..., Path]
Built = Callable[..., Path]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures of a drawn shop, larger than is needed."""
    folder = tmp_path_factory.mktemp("drawn")
    draw_shop(folder, products=120, seed=31)
    return folder


@pytest.fixture
def catalog(drawn: Path, tmp_path: Path) -> Catalog:
    """Writes a catalog of so many drawn goods, under titles that a function makes."""

    def write(title: Callable[[int, str, str], str], count: int = 120, pictures: bool = True) -> Path:
        products = read_catalog(drawn).products[:count]
        path = tmp_path / "goods.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["sku", "title", "category", "image"])
            for number, product in enumerate(products):
                kind, color = product.category[-1], product.variants[0].attributes.get("color", ("",))[0]
                shown = product.media_of(product.variants[0])[0].source if pictures else ""
                rows.writerow([product.id, title(number, kind, color), kind, shown])
        return path

    return write


def own_words(number: int, kind: str, color: str) -> str:
    """A title in words that nobody else has, one for each kind and one for each color."""
    made = [
        "".join(chr(97 + (ord(letter) * 7 + 3) % 26) for letter in word.lower()) for word in (color, kind)
    ]
    return f"{' '.join(made)} {number % 3}"


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guard set as a first alignment leaves it in the cache of a shop: drawing it takes a while."""
    folder = tmp_path_factory.mktemp("guard") / f"guard-{GUARD}"
    draw_guard(folder)
    return folder


@pytest.fixture
def built(guard: Path, tmp_path: Path) -> Built:
    """Builds a shop of a catalog."""

    def build(catalog: Path, encoder: str = "pocket") -> Path:
        folder = tmp_path / "shop"
        Shop.create(folder, encoder=encoder, settings=SETTINGS).build(catalog)
        shutil.copytree(guard, folder / "cache" / "align" / guard.name)
        return folder

    return build


def test_heads_that_are_taken_up_again_give_the_vectors_of_the_encoder() -> None:
    towers = load_encoder("pocket")
    assert towers.text
    weights = towers.text.heads  # type: ignore[attr-defined]  # an OnnxText
    hidden = np.random.default_rng(0).normal(size=(6, weights.arrays["text.mean"].size)).astype(np.float32)
    ids = np.random.default_rng(1).integers(0, 30_000, (6, 5))
    import torch

    with torch.no_grad():
        found = heads_of(weights).text(torch.from_numpy(hidden), torch.from_numpy(ids)).numpy()
    whole = weights.words(hidden, ids)[:, : found.shape[1]]
    assert np.allclose(found, whole / np.linalg.norm(whole, axis=1, keepdims=True), atol=2e-3)


def test_a_shop_learns_its_own_words_keeps_the_old_encoder_and_goes_back(
    catalog: Catalog, built: Built, tmp_path: Path
) -> None:
    folder = built(catalog(own_words))
    adapted = adapt(folder, settings=SETTINGS, course=SHORT, recipe=SMALL)
    assert adapted.base == "pocket"
    assert adapted.encoder == "models/aligned-1"
    assert adapted.shop.gain.low > 0
    assert adapted.guard.gain.mean > -0.02
    assert adapted.shop.after["mrr"] > adapted.shop.before["mrr"]
    shop = Shop.open(folder, settings=SETTINGS)
    assert shop.manifest.encoders == ("models/aligned-1", "pocket")
    some = shop.product(read_catalog(catalog(own_words)).products[0].id)
    assert shop.search(some.title, mode="vector", k=5).understood["encoder"] == "models/aligned-1"
    assert shop.build(catalog(own_words)).encoded == 0
    moved = folder.rename(tmp_path / "moved")
    assert Shop.open(moved, settings=SETTINGS).search(some.title, k=1)
    assert roll_back(moved) == ("models/aligned-1", "pocket")
    assert Shop.open(moved, settings=SETTINGS).manifest.encoders == ("pocket", "models/aligned-1")
    with pytest.raises(BadSetting, match="'pocket' was not adapted from another"):
        roll_back(moved)


def test_a_model_that_gains_nothing_is_refused_and_the_shop_stays_as_it_was(
    catalog: Catalog, built: Built
) -> None:
    mixed = np.random.default_rng(0).permutation(10_000)
    folder = built(catalog(lambda number, kind, color: f"number {mixed[number]}"))
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(WorseModel, match=r"refused: on .* held-out products .* may be chance"):
        adapt(folder, settings=SETTINGS, course=Course(steps=20, check_every=10), recipe=SMALL)
    assert (folder / "manifest.json").read_bytes() == before
    assert not (folder / "models").exists()


def test_a_model_that_forgets_more_than_allowed_is_refused(catalog: Catalog, built: Built) -> None:
    folder = built(catalog(own_words))
    with pytest.raises(WorseModel, match=r"on the guard set its MRR fell by"):
        adapt(folder, settings=SETTINGS, course=SHORT, recipe=SMALL, forget=-1.0)
    assert Manifest.load(folder).encoders == ("pocket",)


@pytest.mark.parametrize(
    ("count", "pictures", "title", "words"),
    [
        (20, True, own_words, "20 products with a title and a picture, .* are too few"),
        (120, False, own_words, "none of the 120 products on the shelf has a picture that can be opened"),
        (120, True, lambda number, kind, color: "mug", "of 1 different titles, are too few"),
    ],
)
def test_a_shop_that_offers_too_little_is_told_what_it_lacks(
    catalog: Catalog,
    built: Built,
    count: int,
    pictures: bool,
    title: Callable[[int, str, str], str],
    words: str,
) -> None:
    folder = built(catalog(title, count, pictures))
    with pytest.raises(BadSetting, match=words):
        adapt(folder, settings=SETTINGS, course=SHORT, recipe=SMALL)


def test_an_encoder_without_heads_is_told(catalog: Catalog, built: Built) -> None:
    folder = built(catalog(own_words, 8), "hashed")
    with pytest.raises(BadSetting, match=r"'hashed' has no heads .* pocket"):
        adapt(folder, settings=SETTINGS)
    with pytest.raises(UnknownEncoder, match=r"not built with the encoder 'pocket'\. It has: hashed"):
        adapt(folder, encoder="pocket", settings=SETTINGS)


DEEP_AND_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.train.test_adapt import BRIEF, FEW, SETTINGS, SMALL, adapt

def tick(stage, done, total=None):
    if stage == "deepening" and done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

adapt(Path(sys.argv[1]), settings=SETTINGS, course=FEW, recipe=SMALL, deep=True, deepening=BRIEF, tick=tick)
"""


def test_a_shop_gets_a_picture_tower_of_its_own_though_it_was_killed_in_between(
    catalog: Catalog, built: Built
) -> None:
    folder = built(catalog(own_words))
    killed = [sys.executable, "-c", DEEP_AND_KILLED, str(folder)]
    run = subprocess.run(killed, check=False, capture_output=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert Manifest.load(folder).encoders == ("pocket",)
    told: list[tuple[str, int]] = []
    adapted = adapt(
        folder,
        settings=SETTINGS,
        course=FEW,
        recipe=SMALL,
        deep=True,
        deepening=BRIEF,
        tick=lambda stage, done, total=None: told.append((stage, done)),
    )
    assert "planes" not in {stage for stage, _ in told}  # they were there
    assert [done for stage, done in told if stage == "deepening"] == [3, 4]  # from the check at 2
    assert adapted.deep
    assert adapted.shop.gain.low > 0
    cards = [open_folder(home_of(name, folder)).picture for name in (adapted.encoder, adapted.base)]
    assert len({tower.card.weights_hash for tower in cards if tower}) == 2
    towers = files_of(home_of(adapted.encoder, folder))
    assert hash_file(towers.picture) != hash_file(files_of(SHIPPED / "pocket").picture)
    assert hash_file(towers.text) == hash_file(files_of(SHIPPED / "pocket").text)
    assert "picture tower" in str(towers.card["training"])
    assert not [*(folder / "cache" / "align").glob("run-*")]
    shop = Shop.open(folder, settings=SETTINGS)
    some = shop.product(read_catalog(catalog(own_words)).products[0].id)
    assert shop.search(some.title, mode="vector", k=5).understood["encoder"] == adapted.encoder
    assert shop.search(image=some.media_of(some.variants[0])[0].source, k=1)[0].product.id == some.id
    assert shop.build(catalog(own_words)).encoded == 0
    assert shop.roll_back() == (adapted.encoder, "pocket")
    assert shop.search(some.title, mode="vector", k=5).understood["encoder"] == "pocket"


def test_a_tower_that_brings_too_little_is_left_and_the_heads_alone_are_aligned(
    catalog: Catalog, built: Built
) -> None:
    folder = built(catalog(own_words))
    proud = BRIEF._replace(course=Course(steps=1), worth=1.0)
    adapted = adapt(folder, settings=SETTINGS, course=FEW, recipe=SMALL, deep=True, deepening=proud)
    assert not adapted.deep
    assert adapted.shop.gain.low > 0
    towers = files_of(home_of(adapted.encoder, folder))
    assert hash_file(towers.picture) == hash_file(files_of(SHIPPED / "pocket").picture)


KILLED = """
import os, signal, sys
from pathlib import Path
from duomo.files import hash_file
from duomo.settings import Settings
from duomo.train.adapt import adapt
from duomo.train.align import Recipe
from duomo.train.loop import Course
from duomo.train.own_models import home_of
from duomo.train.own_tower import Deepening
from duomo.train.parts import GUARD, draw_guard

def tick(stage, done, total=None):
    if stage == sys.argv[2] and done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

course = Course(steps=120, learning_rate=1.2e-3, weight_decay=0.05, check_every=40)
recipe = Recipe(batch=128, keep=1.0)
adapt(Path(sys.argv[1]), settings=Settings(workers=0), course=course, recipe=recipe, tick=tick)
"""


def test_a_run_that_was_killed_goes_on_wherever_it_was(
    catalog: Catalog, built: Built, tmp_path: Path
) -> None:
    folder = built(catalog(own_words))
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    for stage, done in (("training", 90), ("encoding with models/aligned-1", 40)):
        run = subprocess.run(
            [sys.executable, str(script), str(folder), stage, str(done)], check=False, capture_output=True
        )
        assert run.returncode == -signal.SIGKILL, run.stderr
        shop = Shop.open(folder, settings=SETTINGS)
        assert shop.manifest.encoders == ("pocket",)
        assert shop.search("mug", k=1)
    logs = [*(folder / "cache" / "align").glob("run-*/log.jsonl")]
    assert len(logs) == 1
    steps = [json.loads(line)["step"] for line in logs[0].read_text().splitlines()]
    assert steps == [40, 80, 120]  # it went on at 80, and was not trained again after that
    adapted = adapt(folder, settings=SETTINGS, course=SHORT, recipe=SMALL)
    assert adapted.encoder == "models/aligned-1"
    assert Manifest.load(folder).encoders == ("models/aligned-1", "pocket")
    assert not (folder / "models" / "aligned-2").exists()
    assert not [*(folder / "cache" / "align").glob("run-*")]  # done with


def test_a_full_disk_is_told_and_nothing_is_lost(catalog: Catalog, built: Built) -> None:
    folder = built(catalog(own_words))
    small = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))"
    code = (
        f"{small}\nimport signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import sys; from duomo.cli.main import main\n"
        f"sys.argv = ['duomo', 'train', 'align', '--shop', {str(folder)!r}, '--steps', '20', '--json']\n"
        "main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=os.environ
    )
    assert run.returncode == 5, run.stderr
    assert "Raise the limit on the size of a file" in run.stdout + run.stderr
    assert Shop.open(folder, settings=SETTINGS).search("mug", k=1)
    assert Manifest.load(folder).encoders == ("pocket",)
