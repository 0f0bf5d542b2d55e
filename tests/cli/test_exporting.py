import json
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from duomo.catalog.read import read_catalog
from duomo.cli import exporting, goods, measuring


def here(*arguments: object) -> Result:
    """The command in this process: a process of its own takes seconds to start."""
    app = typer.Typer()
    exporting.add_to(app)
    goods.add_to(app)
    measuring.add_to(app)
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_made_questions_are_written_for_other_engines_and_read_again(shop: Path, tmp_path: Path) -> None:
    to = tmp_path / "beir"
    ran = here("export", "qrels", "--shop", shop, "--to", to, "--kinds", "title,sku,crop", "--n", 3, "--json")
    assert ran.exit_code == 0, ran.stderr
    assert json.loads(ran.stdout) == {"folder": str(to), "questions": 6, "products": 7, "left_out": 3}
    measured = json.loads(here("measure", "search", "--shop", shop, "--qrels", to, "--json").stdout)
    assert measured["questions"] == 6
    assert measured["kinds"][0]["systems"]["hybrid"]["mrr"]["mean"] == 1
    told = here(
        "export", "qrels", "--shop", shop, "--to", tmp_path / "two", "--kinds", "crop,title", "--n", 3
    )
    assert "3 questions with a picture, or with nothing right, left out" in told.stdout


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--to", "."), 2, "--to . is not an empty folder"),
        (("--to", "new", "--kinds", "titel"), 2, "no kind of question is called 'titel'"),
        (("--to", "new", "--events", "none.jsonl"), 3, "there is no file none.jsonl"),
        (("--to", "new", "--seed", "-1"), 2, "--seed is negative"),
    ],
)
def test_what_cannot_be_exported_is_told(shop: Path, more: tuple[str, ...], code: int, said: str) -> None:
    ran = here("export", "qrels", "--shop", shop, *more)
    assert ran.exit_code == code, ran.stderr
    assert said in " ".join(ran.stderr.split())
    assert not Path("new").exists()


SELLER = ("--set", "seller_name=Luma", "--set", "seller_url=https://x.cn", "--set", "target_countries=CN")


@pytest.mark.parametrize("format", exporting.FORMATS)
def test_a_shop_is_written_as_a_feed(shop: Path, tmp_path: Path, format: str) -> None:
    to = tmp_path / "feed"
    more = ("--link", "https://x.cn/p/{id}", "--pictures", "https://x.cn/i/{name}")
    ran = here("export", "feed", "--shop", shop, "--format", format, "--to", to, *more, "--json")
    assert ran.exit_code == 0, ran.stderr
    written = json.loads(ran.stdout)
    refused = format.startswith("openai")  # it names no seller, and the goods have no brands
    assert (written["products"], written["left_out"]) == ((0, 7) if refused else (7, 0))
    if not refused:
        found = read_catalog(to)
        assert {product.id for product in found.products} == {"M0", "M1", "M2", "B0", "B1", "B2", "X1"}
        red = next(product for product in found.products if product.id == "M0")
        assert (red.title, red.url) == ("Red mug 马克杯", "https://x.cn/p/M0")
        assert [media.source for media in red.media] == ["https://x.cn/i/red.jpg"]


WOO = (
    "ID,Type,SKU,Name,Published,Description,Regular price,Sale price,Stock,Images,Brands,Parent\n"
    '1,simple,A,马克杯,1,"Cup, white",9.50,8,3,a.png,Luma,\n'
    "2,simple,B,Draft,-1,Not yet,5,,1,,Luma,\n"
)


def test_a_woocommerce_shop_is_exported_with_the_currency_that_its_settings_say(tmp_path: Path) -> None:
    catalog, folder = tmp_path / "woo.csv", tmp_path / "shop"
    catalog.write_text(WOO, "utf-8")
    folder.mkdir()
    (folder / "duomo.toml").write_text('[settings]\ncurrency = "EUR"\n')
    Image.new("RGB", (32, 32), "red").save(tmp_path / "a.png")
    build = ("build", catalog, "--shop", folder, "--encoder", "hashed", "--workers", 0, "--json")
    assert json.loads(here(*build).stdout)["products"] == 1
    to, link = tmp_path / "feed", ("--link", "https://x.cn/{id}", "--pictures", "https://x.cn/{name}")
    ran = here("export", "feed", "--shop", folder, "--format", "openai", "--to", to, *SELLER, *link)
    assert ran.exit_code == 0, ran.stderr
    row = json.loads(to.read_text("utf-8"))
    assert [row[name] for name in ("price", "sale_price", "availability")] == [
        "9.50 EUR",
        "8.00 EUR",
        "in_stock",
    ]
    assert json.loads(here(*build, "--currency", "JPY").stdout)["updated"] == 1
    here("export", "feed", "--shop", folder, "--format", "google-tsv", "--to", to, *link)
    (product,) = read_catalog(to).products
    assert str(product.variants[0].list_price) == "10 JPY"
    wrong = here(*build, "--currency", "EURO")
    assert (wrong.exit_code, "setting currency: 'EURO' is not a currency code" in wrong.stdout) == (2, True)


def test_only_what_is_asked_for_is_written(shop: Path, tmp_path: Path) -> None:
    arguments = ("export", "feed", "--shop", shop, "--format", "jsonld", "--only")
    ran = here(*arguments, "color = 'red' and price < 6", "--to", tmp_path / "f.json")
    assert ran.exit_code == 0, ran.stderr
    assert [product.id for product in read_catalog(tmp_path / "f.json").products] == ["M0"]
    ran = here(*arguments, "colour = 'red'", "--to", tmp_path / "g.json")
    assert ran.exit_code == 2
    assert "colour" in ran.stderr
    assert not (tmp_path / "g.json").exists()


def test_a_feed_is_checked_without_being_written(shop: Path, tmp_path: Path) -> None:
    arguments = ("export", "feed", "--shop", shop, "--format", "openai", "--check", *SELLER)
    problems = tmp_path / "problems.csv"
    ran = here(*arguments, "--problems", problems, "--json")
    assert ran.exit_code == 2
    found = json.loads(ran.stdout)
    first = found["problems"][0]
    assert (first["product_id"], first["column"], first["severity"]) == ("B0", "description", "error")
    assert first["problem"] == "is missing, and OpenAI asks for it"
    assert first["remedy"]
    assert len(problems.read_text("utf-8").splitlines()) == found["errors"] + found["warnings"] + 1
    ran = here("export", "feed", "--shop", shop, "--format", "google-tsv", "--check")
    assert ran.exit_code == 0  # Google's own rules are warnings


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--format", "csv", "--check"), "no format of feeds is called 'csv'. Known: google-tsv"),
        (("--format", "openai"), "neither --to nor --check"),
        (("--format", "openai", "--to", "f", "--check"), "both --to and --check"),
        (("--format", "openai", "--check", "--set", "brand"), "--set brand is not of the form FIELD=VALUE"),
        (("--format", "openai", "--check", "--set", "colr=1"), "the feed has no field 'colr'"),
        (("--format", "jsonld", "--check", "--set", "brand=x"), "--set has no place"),
        (("--format", "jsonld", "--check", "--link", "https://x.cn/p"), "no http or https address with {id}"),
        (
            ("--format", "jsonld", "--check", "--pictures", "/i/{name}"),
            "no http or https address with {name}",
        ),
    ],
)
def test_a_feed_that_cannot_be_meant_is_told(shop: Path, more: tuple[str, ...], said: str) -> None:
    ran = here("export", "feed", "--shop", shop, *more)
    assert ran.exit_code == 2
    assert said in " ".join(ran.stderr.split())
