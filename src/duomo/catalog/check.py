"""What is missing, broken or doubtful in goods that could be read, ranked by what it costs the shop."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from duomo.catalog.health import (
    doubles,
    languages,
    missing,
    offers,
    overlays,
    pictures,
    prices,
    texts,
    trade_numbers,
    variants,
)
from duomo.catalog.health.findings import LOSSES, Both, Check, Finding, Kind
from duomo.catalog.health.goods import Goods
from duomo.errors import Problem

if TYPE_CHECKING:
    from duomo.catalog.read import Catalog

CHECKS: Final[tuple[Check, ...]] = (
    missing.missing,
    prices.prices,
    pictures.pictures,
    pictures.same_pictures,
    overlays.watermarks,
    doubles.doubles,
    variants.variants,
    trade_numbers.trade_numbers,
    offers.offers,
    offers.categories,
    texts.texts,
    texts.titles,
    languages.languages,
)
LEFT_OUT: Final = Kind(
    name="row-left-out",
    weight=3,
    loss="bought",
    title=Both("Rows that cannot be read", "无法读取的行"),
    says=Both("{problem}", "{problem}"),
    remedy=Both(
        "See what is wrong with each: they are no goods in the shop", "请逐行改正：这些行不会成为商品"
    ),
)
DOUBTFUL: Final = Kind(
    name="cell-doubtful",
    weight=1,
    loss="trust",
    title=Both("Cells that were not taken as they stand", "未按原样采用的单元格"),
    says=Both("{problem}", "{problem}"),
    remedy=Both("See what is said of each", "请查看每一处的说明"),
)
KINDS: Final[tuple[Kind, ...]] = (
    LEFT_OUT,
    DOUBTFUL,
    *missing.KINDS,
    *prices.KINDS,
    *pictures.KINDS,
    *overlays.KINDS,
    *doubles.KINDS,
    *variants.KINDS,
    *trade_numbers.KINDS,
    *offers.KINDS,
    *texts.KINDS,
    *languages.KINDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Everything of one kind that was found."""

    kind: Kind
    findings: tuple[Finding, ...]  # by file and line
    products: int  # that are concerned
    share: float  # of all products
    cost: float  # 0 to 12: weight x share x what is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What was found in goods, the dearest kind first."""

    products: int
    variants: int
    filled: dict[str, int]  # column -> how many products have it
    groups: tuple[Group, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, errors first, then by file and line."""
        every = (finding for group in self.groups for finding in group.findings)
        return tuple(sorted(every, key=lambda finding: _place(finding.problem)))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problem of every finding, in the same order."""
        return tuple(finding.problem for finding in self.findings)


def check(
    goods: "Goods | Catalog", checks: Sequence[Check] = CHECKS, *, told: Iterable[Problem] = ()
) -> Health:
    """What the checks find, and what it costs.

    Where not one of several products has a thing (a catalog without prices), that is one finding. What a
    kind costs is `weight x share x loss`: how bad it is (1 to 3), the share of products that are concerned,
    and what shoppers lose by it (4: cannot be bought, 3: not found by words, 2: not found by pictures, 1: not
    trusted).

    Args:
        goods: a catalog that was read, or `Goods`, which also say whether pictures are opened.
        checks: which checks to make; others than `CHECKS` may be among them, see `findings.Check`.
        told: what reading has complained of already; a finding about the same cell is left out.
    """
    looked_at = goods if isinstance(goods, Goods) else Goods.of(goods)
    read = [_as_finding(problem) for problem in told]
    places = {(each.problem.file, each.problem.line, each.problem.column) for each in read}
    found = [finding for one in checks for finding in one(looked_at)]
    fresh = [f for f in found if (f.problem.file, f.problem.line, f.problem.column) not in places]
    by_kind: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in (*read, *fresh):
        by_kind[finding.kind.name].append(finding)
    groups = [_group(findings, looked_at) for findings in by_kind.values()]
    return Health(
        products=len(looked_at.products),
        variants=sum(len(product.variants) for product in looked_at.products),
        filled=missing.filled(looked_at),
        groups=tuple(sorted(groups, key=lambda group: (-group.cost, group.kind.name))),
    )


def _as_finding(problem: Problem) -> Finding:
    """What was found while the file was read."""
    kind = LEFT_OUT if problem.severity == "error" else DOUBTFUL
    said = Both(problem.problem, problem.problem)
    return Finding(
        kind=kind, problem=problem, said=said, products=(problem.product_id,) if problem.product_id else ()
    )


def _group(findings: Sequence[Finding], goods: Goods) -> Group:
    kind = findings[0].kind
    ids = {id for finding in findings for id in finding.products}
    nameless = sum(not finding.products for finding in findings)  # rows that became no product
    concerned = len(ids) + nameless
    share = concerned / max(len(goods.products), concerned, 1)
    return Group(
        kind=kind,
        findings=tuple(sorted(findings, key=lambda finding: _place(finding.problem))),
        products=concerned,
        share=share,
        cost=kind.weight * share * LOSSES[kind.loss],
    )


def _place(problem: Problem) -> tuple[bool, str, int]:
    return (problem.severity != "error", problem.file, problem.line or 0)
