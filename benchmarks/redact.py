"""How much of planted personal data is taken out, and what is taken out of reviews that hold none.

    python benchmarks/redact.py            # recorded in results/redact.jsonl

Names, phones, mails, addresses, numbers and handles are drawn by chance and put into sentences of shoppers
that were written for this, in both languages; most names, streets and forms stand in no list of the rules.
An item is found when every character of it is gone. What is taken out of real reviews is counted a thousand:
most of it are authors and figures of the books they speak of.
"""

import argparse
import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from duomo.guard.personal_numbers import is_identity_cn, luhn
from duomo.guard.redact import personal_in
from provenance import data_dir, packs_or_end, record

_GIVEN_CN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰萍红玲"
    "琳宇轩浩然子涵梓欣怡雨桐思远嘉懿鹏飞海燕建国志强晓东文博"
)
_SURNAME_CN: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程"
    "曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
)
_FIRST: Final = [
    "James",
    "Maria",
    "Priyanka",
    "Declan",
    "Aoife",
    "Beatrix",
    "Callum",
    "Saoirse",
    "Keisha",
    "Tomasz",
    "Ingrid",
    "Mateo",
    "Leticia",
    "Dwayne",
    "Harriet",
    "Nigel",
    "Esther",
    "Ruben",
    "Giulia",
    "Marcus",
    "Emily",
    "Robert",
    "Susan",
    "Kevin",
    "Laura",
    "Brian",
    "Nancy",
    "Steven",
    "Karen",
    "Daniel",
    "Rachel",
    "Peter",
    "Hannah",
    "Ahmed",
    "Fatima",
    "Wei",
    "Mei",
]
_LAST: Final = [
    "Smith",
    "Thornton",
    "Okafor",
    "Kowalski",
    "Delgado",
    "Murphy",
    "Whitfield",
    "Nakamura",
    "Bergstrom",
    "Castellano",
    "Ainsworth",
    "Rahman",
    "Petrov",
    "Fitzgerald",
    "Holloway",
    "Vasquez",
    "Lindqvist",
    "Abernathy",
    "Mukherjee",
    "O'Connor",
    "McAllister",
    "Johnson",
    "Garcia",
    "Chen",
    "Patel",
    "Kim",
    "Nguyen",
    "Hughes",
    "Wright",
    "Baker",
]
_STREETS: Final = (
    "Maple",
    "Birchwood",
    "Kingsley",
    "Station",
    "Larkspur",
    "Old Mill",
    "Willow Creek",
    "Harbour View",
    "Cedar",
    "Elmhurst",
)
_CITIES_CN: Final = [
    "杭州市西湖区",
    "上海市浦东新区",
    "成都市武侯区",
    "广州市天河区",
    "西安市雁塔区",
    "武汉市洪山区",
    "苏州市吴中区",
    "青岛市市南区",
]
_ROADS_CN: Final = [
    "文三路",
    "张杨路",
    "科华北路",
    "体育西路",
    "长安南路",
    "珞喻路",
    "人民大道",
    "香港中路",
    "和平街",
    "解放巷",
]
_ESTATES_CN: Final = ["锦绣花园", "阳光小区", "万科城市花园", "东方公寓", "翠苑新村", "碧桂园小区"]

Draw = Callable[[random.Random], str]


def _name_cn(rng: random.Random) -> str:
    return rng.choice(_SURNAME_CN) + "".join(rng.choices(_GIVEN_CN, k=rng.choice((1, 2, 2))))


def _name_en(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _mobile_cn(rng: random.Random) -> str:
    head, middle, tail = rng.choice(("138", "159", "187", "199", "176")), _digits(rng, 4), _digits(rng, 4)
    return rng.choice(
        (
            f"{head}{middle}{tail}",
            f"{head} {middle} {tail}",
            f"{head}-{middle}-{tail}",
            f"+86 {head}{middle}{tail}",
        )
    )


def _phone_cn(rng: random.Random) -> str:
    return rng.choice(
        (
            _mobile_cn(rng),
            _mobile_cn(rng),
            f"0571-{rng.randint(20000000, 89999999)}",
            f"(021) {rng.randint(50000000, 69999999)}",
        )
    )


def _phone_en(rng: random.Random) -> str:
    area, mid, end = rng.randint(201, 989), rng.randint(200, 999), _digits(rng, 4)
    return rng.choice(
        (
            f"({area}) {mid}-{end}",
            f"{area}-{mid}-{end}",
            f"+1 {area} {mid} {end}",
            f"{area}.{mid}.{end}",
            f"+44 7{_digits(rng, 3)} {_digits(rng, 6)}",
            f"020 7{_digits(rng, 3)} {end}",
        )
    )


def _mail(rng: random.Random) -> str:
    last = rng.choice(_LAST).lower().replace("'", "")
    user = f"{rng.choice(_FIRST).lower()}{rng.choice('._-')}{last}{rng.choice(('', '88', '1990'))}"
    return rng.choice((f"{user}@mail.example", f"{user}@shop.example.co", f"{user} at mail dot example"))


def _address_cn(rng: random.Random) -> str:
    street = f"{rng.choice(_ROADS_CN)}{rng.randint(1, 999)}号"
    home = f"{rng.choice(_ESTATES_CN)}{rng.randint(1, 30)}栋{rng.randint(1, 4)}单元{rng.randint(101, 2804)}室"
    return rng.choice(
        (
            rng.choice(_CITIES_CN) + street,
            rng.choice(_CITIES_CN) + street + home,
            home,
            street + f"{rng.randint(1, 9)}号楼{rng.randint(101, 909)}",
        )
    )


def _address_en(rng: random.Random) -> str:
    kind = rng.choice(("Street", "Rd", "Avenue", "Lane", "Dr", "Court"))
    street = f"{rng.randint(1, 9999)} {rng.choice(_STREETS)} {kind}"
    return rng.choice(
        (
            street,
            f"{street}, Apt {rng.randint(1, 40)}B",
            f"{street}, Springfield, IL 62704",
            f"{street}, Leeds LS1 4AP",
            f"PO Box {rng.randint(10, 9999)}",
        )
    )


def _identity_cn(rng: random.Random) -> str:
    born = f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    body = f"{rng.choice(('330106', '110105', '510107'))}{born}{_digits(rng, 3)}"
    return next(body + last for last in "0123456789X" if is_identity_cn(body + last))


def _card(rng: random.Random) -> str:
    body = rng.choice(("4", "51", "62")) + _digits(rng, 14)
    body = body[:15]
    number = next(body + last for last in "0123456789" if luhn(body + last))
    return rng.choice((number, " ".join(number[at : at + 4] for at in range(0, 16, 4))))


def _order(rng: random.Random) -> str:
    return rng.choice(
        (
            f"{_digits(rng, 3)}-{_digits(rng, 7)}-{_digits(rng, 7)}",
            _digits(rng, 16),
            f"SF{_digits(rng, 13)}",
            f"A{_digits(rng, 9)}",
        )
    )


def _handle(rng: random.Random) -> str:
    return rng.choice(
        (
            f"wx_{rng.choice(_FIRST).lower()[:5]}{_digits(rng, 3)}",
            f"{rng.choice(_FIRST).lower()}{_digits(rng, 4)}",
            _digits(rng, 9),
        )
    )


DRAWN: Final[dict[str, dict[str, Draw]]] = {
    "zh": {"name": _name_cn, "phone": _phone_cn, "address": _address_cn, "id": _identity_cn},
    "en": {"name": _name_en, "phone": _phone_en, "address": _address_en},
}
BOTH: Final[dict[str, Draw]] = {"mail": _mail, "order": _order, "card": _card, "account": _handle}


def planted() -> dict[tuple[str, str], list[str]]:
    """(language, kind) -> sentences with a place for an item, of `planted_personal.tsv`."""
    sentences: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    text = Path(__file__).with_name("planted_personal.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        language, kind, sentence = line.split("\t")
        sentences[language, kind].append(sentence.replace("\\n", "\n"))
    return dict(sentences)


def found_whole(text: str, item: str) -> bool:
    """Whether no letter, digit or character of the item would be left."""
    start = text.index(item)
    gone = {place for one in personal_in(text) for place in range(one.start, one.end)}
    return all(place in gone for place, char in enumerate(item, start=start) if char.isalnum())


def main() -> None:
    """Plant, look, record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=300, help="of each kind and language")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="print what was missed")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311  # planted data is no secret
    recall: dict[str, dict[str, float]] = defaultdict(dict)
    for (language, kind), sentences in planted().items():
        draw = DRAWN[language].get(kind) or BOTH[kind]
        hits = 0
        for number in range(options.items):
            item = draw(rng)
            text = sentences[number % len(sentences)].format(item)
            hit = found_whole(text, item)
            hits += hit
            if options.show and not hit:
                print(language, kind, "missed:", text)
        recall[language][kind] = round(hits / options.items, 4)
    taken = {
        pack: of_reviews(pack)
        for pack in (
            "zh_reviews_waimai",
            "en_reviews_clothing",
            "zh_reviews_10cats",
            "en_reviews_amazon_polarity",
        )
    }
    result = {"items": options.items, "seed": options.seed, "recall": recall, "per_1000_reviews": taken}
    record("redact", result)


def of_reviews(pack: str, count: int = 3000) -> dict[str, float]:
    """What is taken out of real reviews, a thousand, and how many are read a second."""
    packs_or_end(pack)
    with gzip.open(data_dir() / pack / "reviews.csv.gz", "rt", encoding="utf-8") as file:
        texts = [row["text"] for _, row in zip(range(count), csv.DictReader(file), strict=False)]
    started = perf_counter()
    kinds = Counter(one.kind for text in texts for one in personal_in(text))
    a_second = len(texts) / (perf_counter() - started)
    return {
        **{kind: round(times / len(texts) * 1000, 1) for kind, times in kinds.most_common()},
        "texts_a_second": round(a_second),
    }


if __name__ == "__main__":
    main()
