"""A model that a shop holds itself and that is damaged: what helps is named, and works."""

from pathlib import Path

import pytest
from tests.encode.conftest import save_folder

from duomo.errors import BadSetup, DuomoError
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.stock.encoders import prefer_encoder

OWN = "models/aligned-1"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that searches with a model of its own."""
    (tmp_path / "goods.csv").write_text("sku,title\nA,red mug\nB,blue jug\n")
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    shop.build(tmp_path / "goods.csv")
    save_folder(shop.folder / OWN)
    shop.add_encoder(OWN)
    prefer_encoder(shop.folder, OWN)
    return shop


@pytest.mark.parametrize("damage", [b"{", b"[]", None])
def test_a_model_whose_card_is_damaged_is_rolled_back_to_the_only_other(
    shop: Shop, damage: bytes | None
) -> None:
    card = shop.folder / OWN / "card.json"
    card.unlink() if damage is None else card.write_bytes(damage)
    opened = Shop.open(shop.folder, settings=Settings(workers=0))
    with pytest.raises(DuomoError):
        opened.search("mug")
    assert shop.roll_back() == (OWN, "hashed")
    assert opened.search("mug", k=1)[0].product.id == "A"


def test_a_damaged_model_names_the_command_that_helps(shop: Shop) -> None:
    (shop.folder / OWN / "text.onnx").write_bytes(b"no model")
    opened = Shop.open(shop.folder, settings=Settings(workers=0))
    with pytest.raises(DuomoError, match=f"duomo train rollback --shop {shop.folder}"):
        opened.search("mug")


def test_among_several_others_nobody_guesses(shop: Shop) -> None:
    shop.add_encoder("hashed-1024")
    (shop.folder / OWN / "card.json").write_text("{")
    with pytest.raises(BadSetup, match=r"does not say which of hashed, hashed-1024 to go back to"):
        shop.roll_back()
