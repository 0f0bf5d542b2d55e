import csv
import gzip
import json
from pathlib import Path

import pytest

from duomo.train.corpus import CLEARED, SOURCES, exam_words, read_lines


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A fashion pack with all three splits, and a pack whose licence is clear."""
    rows = [
        ("Turtle Men Navy Shirt", "train", "Navy Blue", "Shirts", "Men"),
        ("Secret  Twin Dress", "train", "Blue", "Shirts", "Men"),
        ("Secret Twin Dress", "val", "Blue", "Shirts", "Men"),
        ("Secret Exam Dress", "test", "Red", "Dresses", "Women"),
        ("Secret Other Dress", "val", "Pink", "Dresses", "Women"),
    ]
    folder = tmp_path / "fashion_products"
    folder.mkdir()
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["title", "split", "color", "subcategory", "attributes_json"])
        for title, split, color, kind, gender in rows:
            more = json.dumps({"article_type": kind, "gender": gender, "usage": "Casual"})
            sheet.writerow([title, split, color, "Wear", more])
    folder = tmp_path / "search_icecat"
    folder.mkdir()
    (folder / "judgments.csv").write_text("query,split\nlaser printer 9000,dev\n", encoding="utf-8")
    with gzip.open(folder / "products.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"title": "Xerox  toner\tcartridge"}) + "\n")
    return tmp_path


def test_lines_name_their_pack_and_no_split_that_measures_is_read(packs: Path) -> None:
    lines = read_lines(packs)
    found = {line.text: line.pack for line in lines}
    assert found["Turtle Men Navy Shirt"] == "fashion_products"
    assert found["Xerox toner cartridge"] == "search_icecat"
    assert "navy blue shirts for men" in found
    assert not [text for text in found if "Secret" in text or "pink" in text or "dresses" in text]


def test_the_cleared_corpus_holds_packs_with_a_clear_licence_only(packs: Path) -> None:
    lines = read_lines(packs, cleared=True)
    assert {line.text for line in lines} == {"laser printer 9000", "Xerox toner cartridge"}
    assert {line.pack for line in lines} <= CLEARED


def test_one_seed_gives_one_order_and_no_text_comes_twice_whatever_its_case(packs: Path) -> None:
    lines = read_lines(packs, seed=3)
    assert lines == read_lines(packs, seed=3)
    folded = [line.text.casefold() for line in lines]
    assert len(folded) == len(set(folded))


def test_words_of_the_exams_are_left_out_whatever_their_case(packs: Path) -> None:
    assert "laser printer 9000" not in {
        line.text for line in read_lines(packs, without={"Laser Printer 9000"})
    }
    assert "windscreen" in exam_words()


def test_photos_that_are_an_exam_give_no_lines() -> None:
    assert "grocery_store" not in {source.pack for source in SOURCES}


@pytest.mark.slow
def test_the_real_packs_give_both_languages_and_no_title_of_a_test_product(data_dir: Path) -> None:
    lines = read_lines(data_dir)
    languages = [line.language for line in lines]
    assert min(languages.count("zh"), languages.count("en")) > 60_000
    texts = {line.text.casefold() for line in lines}
    assert not texts & exam_words()
    with (data_dir / "fashion_products" / "products.csv").open(encoding="utf-8", newline="") as file:
        titles = {
            " ".join(row["title"].split()).casefold()
            for row in csv.DictReader(file)
            if row["split"] != "train"
        }
    assert not {title for title in titles & texts if len(title.split()) > 3}
