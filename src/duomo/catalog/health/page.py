"""What was found as one page of HTML with small pictures: no script, nothing from outside."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from jinja2 import Environment
from PIL import Image

from duomo.catalog.health.findings import LOSSES, Finding
from duomo.catalog.health.words import say
from duomo.errors import DuomoError
from duomo.guard.pictures import open_picture
from duomo.guard.pixels import shrunk
from duomo.product import Media, Product, is_address

if TYPE_CHECKING:
    from duomo.catalog.check import Group, Health
    from duomo.catalog.health.goods import Goods

EXAMPLES: Final = 6  # of a kind
THUMB: Final = 144  # pixels of the longest side: sharp on a phone at half the size
_SIDE_BY_SIDE: Final = 4  # pictures of one finding
_MOST: Final = 3 * max(LOSSES.values())  # what a kind can cost


class _Example(NamedTuple):
    """One finding as the page shows it."""

    id: str
    title: str
    line: str
    column: str
    value: str
    said: str
    thumbs: list[str]  # data URIs; "": there is no picture


class _Section(NamedTuple):
    """One kind of finding."""

    name: str
    title: str
    remedy: str
    loss: str  # name of what is lost
    cost: str
    width: float  # of the bar, 0 to 100
    products: int
    share: str
    examples: list[_Example]
    more: int  # findings that are not shown


def page_of(health: "Health", goods: "Goods", *, name: str, language: str = "en") -> str:
    """The page.

    Args:
        health: what was found.
        goods: that it was found in; pictures are taken from them.
        name: of the catalog or shop.
        language: "en" or "zh".
    """
    word = partial(say, language=language)
    shown = [finding for group in health.groups for finding in group.findings[:EXAMPLES]]
    products = _named_in(shown, goods)
    thumb_of = _thumbs(goods)
    dearest = max((group.cost for group in health.groups), default=1.0)
    section = partial(_section, products=products, thumb_of=thumb_of, dearest=dearest, language=language)
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        files("duomo.catalog.health").joinpath("templates", "health.html").read_text(encoding="utf-8")
    )
    return page.render(
        word=word,
        language=language,
        name=name,
        health=health,
        findings=sum(len(group.findings) for group in health.groups),
        quick=goods.body is None,
        columns=[
            (word(f"column.{column}"), count / max(health.products, 1), count)
            for column, count in health.filled.items()
        ],
        sections=[section(group) for group in health.groups],
        number="{:,}".format,
    )


def share_words(share: float) -> str:
    """A share as a person reads it.

    >>> share_words(0.5), share_words(0.0123), share_words(0.00002)
    ('50 %', '1.2 %', '< 0.1 %')
    """
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{share:.0%}".replace("%", " %") if share >= 0.095 else f"{share:.1%}".replace("%", " %")


def _section(
    group: "Group",
    *,
    products: Mapping[str, Product],
    thumb_of: Callable[[Media], str],
    dearest: float,
    language: str,
) -> _Section:
    kind = group.kind
    return _Section(
        name=kind.name,
        title=getattr(kind.title, language),
        remedy=getattr(kind.remedy, language),
        loss=kind.loss,
        cost=f"{group.cost:.2f}" if group.cost >= 0.005 else "< 0.01",
        width=max(1.5, 100 * group.cost / max(dearest, 1e-9)),
        products=group.products,
        share=share_words(group.share),
        examples=[_example(finding, products, thumb_of, language) for finding in group.findings[:EXAMPLES]],
        more=max(0, len(group.findings) - EXAMPLES),
    )


def _example(
    finding: Finding, products: Mapping[str, Product], thumb_of: Callable[[Media], str], language: str
) -> _Example:
    problem = finding.problem
    product = products.get(problem.product_id)
    media = list(finding.media) or [each for id in finding.products for each in _front(products.get(id))[:1]]
    thumbs = [thumb_of(each) for each in media[:_SIDE_BY_SIDE]]
    value = problem.value
    if problem.column == "image" and value and not is_address(value):
        value = value.replace("\\", "/").rpartition("/")[
            2
        ]  # its folder says nothing to who looks at the picture
    return _Example(
        id=problem.product_id,
        title=product.title if product else "",
        line="" if problem.line is None else say("line", language, n=problem.line),
        column=say(f"column.{problem.column}", language) if problem.column else "",
        value="" if product and value == product.title and problem.column != "title" else value,
        said=getattr(finding.said, language),
        thumbs=thumbs or [""],
    )


def _front(product: Product | None) -> list[Media]:
    """The pictures of a product, the one that is shown first in front."""
    if product is None:
        return []
    every = (*product.media, *(media for variant in product.variants for media in variant.media))
    return [media for media in every if media.kind == "picture"]


def _named_in(findings: Sequence[Finding], goods: "Goods") -> dict[str, Product]:
    """The products that the page shows."""
    wanted = {
        id for finding in findings for id in (finding.problem.product_id, *finding.products[:_SIDE_BY_SIDE])
    }
    return {product.id: product for product in goods.products if product.id in wanted}


def _thumbs(goods: "Goods") -> Callable[[Media], str]:
    """A picture, small, as a data URI; "": it cannot be opened."""

    @cache
    def thumb_of(media: Media) -> str:
        if goods.body is None or (is_address(media.source) and not media.hash):
            return ""
        try:
            picture = open_picture(goods.read(media), side=THUMB, megapixels=goods.megapixels)
        except DuomoError:
            return ""
        body = BytesIO()
        Image.fromarray(shrunk(picture.pixels, THUMB)).save(body, "JPEG", quality=80)
        return f"data:image/jpeg;base64,{b64encode(body.getvalue()).decode()}"

    return thumb_of
