"""Products as feeds carry them: what a reader makes of a feed is what the writer was given."""

import html
from collections.abc import Callable, Sequence

import pytest
from hypothesis import strategies as st

from duomo.catalog.columns import attribute_name
from duomo.catalog.gtin import check_digit, gtin14
from duomo.catalog.text import one_line, plain_text, value_text
from duomo.product import Availability, Media, Price, Product, Variant

Carried = Callable[[str], st.SearchStrategy[Product]]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    "<b>&amp;,:\"'=+-@\t\n|/aé中", max_size=12
)
LINE = TEXT.map(one_line).filter(lambda text: one_line(html.escape(text, quote=False)) == text)
LINES = TEXT.map(plain_text).filter(lambda text: plain_text(html.escape(text, quote=False)) == text)
VALUE = TEXT.map(value_text).filter(bool)
KEY = VALUE.filter(lambda text: value_text(text) == text)
NODE = LINE.map(lambda text: text.replace(">", "").strip()).filter(
    lambda text: text and one_line(html.escape(text, quote=False)) == text
)
NAME = st.sampled_from(["color", "size", "material", "gender", "条纹", "lens_type", "link"]) | TEXT.map(
    attribute_name
).filter(lambda name: name and not name.startswith("other_"))
VALUES = st.lists(VALUE, min_size=1, max_size=3, unique=True).map(tuple)
ATTRIBUTES = st.dictionaries(NAME, VALUES, max_size=3)
BODY = st.from_regex(r"[0-9]{12}", fullmatch=True).filter(lambda body: body.strip("0"))
GTIN = BODY.map(lambda body: gtin14(f"{body}{check_digit(body)}"))
PRICE = st.builds(Price, st.integers(0, 10**9), st.sampled_from(["", "CNY", "USD", "JPY", "KWD"]))

AVAILABILITIES: Sequence[Availability] = ("", "in_stock", "out_of_stock", "preorder", "backorder")


def media(sources: Sequence[str]) -> tuple[Media, ...]:
    return tuple(
        Media(source=source, role="alt" if place else "main") for place, source in enumerate(sources)
    )


@st.composite
def carried(draw: st.DrawFn, prefix: str) -> Product:
    """A product as a feed carries it: what all variants have in common stands with the product."""
    count = draw(st.integers(1, 3))
    shared = draw(ATTRIBUTES)
    pool = [f"https://x.cn/{prefix}/{n}.jpg" for n in range(3)] + [f"/p/{prefix}, {n}.jpg" for n in range(2)]
    pool += [f"/p/{prefix}.jpg", f'/p/{prefix}".jpg']
    pool += [f'https://x.cn/{prefix}/w_1,h_2/"{n}".jpg' for n in range(3)]
    sources = draw(st.permutations(pool))
    url = draw(st.sampled_from(["", "https://x.cn/p"]))
    variants = []
    for number in range(count):
        price = draw(st.none() | PRICE)
        reduced = price is not None and price.minor > 0 and draw(st.booleans())
        own = {"size": (f"size {number}",), **{n: v for n, v in draw(ATTRIBUTES).items() if n not in shared}}
        variants.append(
            Variant(
                id=f"{prefix}-{number}",
                attributes={} if count == 1 else own,
                price=price,
                list_price=Price(price.minor + 1, price.currency) if price and reduced else None,
                stock=(stock := draw(st.none() | st.integers(-3, 1000))),
                availability=draw(st.sampled_from(AVAILABILITIES[stock is not None :])),
                gtin=draw(st.just("") | GTIN),
                mpn=draw(st.just("") | VALUE),
                url=f"{url}?{number}" if url and number and draw(st.booleans()) else "",
                media=() if count == 1 else media(sources[3 + number : 3 + number + draw(st.integers(0, 1))]),
            )
        )
    if count > 1:
        shared.pop("size", None)
        names = {name for variant in variants for name in variant.attributes}
        alike = {n for n in names if len({variant.attributes.get(n) for variant in variants}) == 1}
        for variant in variants:
            for name in alike:
                variant.attributes.pop(name)  # type: ignore[attr-defined]  # a dict, built above
    return Product(
        id=draw(st.sampled_from([f"{prefix}-0", prefix])) if count == 1 else prefix,
        title=draw(LINE),
        description=draw(LINES),
        brand=draw(LINE),
        category=tuple(draw(st.lists(NODE, max_size=3))),
        attributes=shared,
        variants=tuple(variants),
        media=media(sources[: draw(st.integers(0, 3))]),
        url=url,
    )


@pytest.fixture(scope="session", name="carried")
def _carried() -> Carried:
    """Makes the strategy of products whose ids begin so."""
    return carried
