"""duomo measure search: where its questions come from, and the goods that they are about."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from duomo.cli.show import counted
from duomo.errors import BadFile, BadQuery, MissingFile
from duomo.progress import Tick

if TYPE_CHECKING:
    from duomo.catalog.events import Events
    from duomo.measure.clicks import Implicit
    from duomo.measure.questions import Question
    from duomo.product import Product
    from duomo.shop import Shop

MADE: Final = "made"
MOST: Final = 200  # questions of a kind, where nothing else is said
IN_ALL: Final = 1000  # about as many as a shop of 40,000 answers in three ways in a minute
_PAGE: Final = 1000
_COLUMNS: Final = {
    "query": ("question", "search_term", "keyword", "text", "搜索词", "查询", "查询词", "关键词"),
    "product_id": ("sku", "id", "item_id", "variant_sku", "doc_id", "商品编号", "商品编码", "商品id", "货号"),
    "rating": ("grade", "score", "relevance", "label", "gain", "评分", "评级", "相关性", "等级"),
}


class Asked(NamedTuple):
    """Questions, and what is to be said about them."""

    questions: "list[Question]"
    left_out: dict[str, str]
    unknown: tuple[str, ...]
    from_events: "FromEvents | None" = None


class FromEvents(NamedTuple):
    """What the judgments of events rest on."""

    events: "Events"
    implicit: "Implicit"

    def document(self) -> dict[str, object]:
        """The numbers, for scripts."""
        found = self.implicit
        return {
            "searches": len(self.events.searches),
            "rows": self.events.rows,
            "skipped": self.events.skipped,
            "rare": found.rare,
            "unanswered": found.unanswered,
            "moved": found.examination.moved,
            "examination": [round(float(share), 4) for share in found.examination.curve],
            "problems": [problem.as_dict() for problem in self.events.problems],
        }

    def sentence(self, least: int) -> str:
        """The same for people."""
        found, moved = self.implicit, self.implicit.examination.moved
        places = f"learned from {counted(moved, 'click')}" if moved else "assumed: too few products moved"
        left = (
            f"{found.rare:,} asked fewer than {least} times and {found.unanswered:,} without a click left out"
        )
        asked = f"searched {len(self.events.searches):,} times"
        return f"{asked}: {counted(len(found.questions), 'question')}, {left}; places {places}"


def goods_of(shop: "Shop", tick: Tick) -> "dict[str, Product]":
    """Every product of a shop by its id; raises BadQuery where there is none."""
    from duomo.hits import Query

    goods: dict[str, Product] = {}
    for skip in range(0, 10**9, _PAGE):
        page = shop.ask_for(Query(k=_PAGE, skip=skip))
        goods |= {hit.product.id: hit.product for hit in page}
        tick("reading", len(goods), page.total)
        if len(goods) >= page.total or not len(page):
            break
    if not goods:
        raise BadQuery("the shop has no products", remedy="Build it from a catalog that has some")
    return goods


def questions_for(
    goods: "dict[str, Product]",
    *,
    questions: str,
    qrels: Path | None,
    queries: Path | None,
    mapping: dict[str, str],
    events: Sequence[Path],
    least: int,
    kinds: Sequence[str],
    count: int,
    seed: int,
    file_mb: float,
) -> Asked:
    """Questions made of the goods, of a file, or judged ones; ids of variants become those of products.

    Raises:
        MissingFile, BadFile: a file is not there, or cannot be read.
        BadQuery: options contradict each other, or nothing is left to be asked.
    """
    from duomo.measure.judgments import placed
    from duomo.measure.made import KINDS, even, make
    from duomo.measure.questions import read_questions

    if count < 0:
        raise BadQuery(
            f"--n is {count}", remedy="Ask 1 question of a kind or more, or 0 for as many as a minute allows"
        )
    given = {"--questions": questions != MADE, "--qrels": qrels is not None, "--events": bool(events)}
    named = [option for option, is_given in given.items() if is_given]
    if len(named) > 1:
        raise BadQuery(f"{' and '.join(named)} were both given", remedy="Measure with one of them")
    if kinds and (qrels or events):
        raise BadQuery(f"--kinds has no place beside {named[0]}", remedy="Leave it out: all are of one kind")
    if not qrels and (queries or mapping):
        raise BadQuery("--queries and --map belong to --qrels", remedy="Name the judgments with --qrels")
    owners = {variant.id: product.id for product in goods.values() for variant in product.variants}
    owners |= {id: id for id in goods}
    if events:
        return _of_events(events, least, owners, file_mb)
    if qrels:
        found, unknown = placed(judged_of(qrels, queries, mapping), owners.get)
        return Asked(found, {}, unknown)
    if questions != MADE:
        found, unknown = placed(read_questions(Path(questions)), owners.get)
        there = sorted({one.kind for one in found})
        _check_kinds(kinds, there)
        return Asked([one for one in found if not kinds or one.kind in kinds], {}, unknown)
    _check_kinds(kinds, list(KINDS))
    made = make(goods.values(), kinds=kinds, count=count or MOST, seed=seed)
    if not made.questions:
        reasons = "; ".join(f"{kind}: {why}" for kind, why in made.left_out.items())
        raise BadQuery(f"no questions could be made ({reasons})", remedy="Name other --kinds, or --qrels")
    found = list(made.questions) if count else even(made.questions, IN_ALL)
    return Asked(found, dict(made.left_out), ())


def _of_events(paths: Sequence[Path], least: int, owners: dict[str, str], file_mb: float) -> Asked:
    from duomo.catalog.events import read_events
    from duomo.measure.clicks import judgments_of

    if least < 1:
        raise BadQuery(f"--least is {least}", remedy="Write 1 or more")
    events = read_events(*paths, limit_mb=file_mb)
    implicit = judgments_of(events.searches, owner_of=owners.get, least=least)
    if not implicit.questions:
        why = (
            f"{implicit.rare:,} were asked fewer than {least} times, {implicit.unanswered:,} without a click"
        )
        raise BadQuery(
            f"the events judge no question ({why})", remedy="Give more events, or a smaller --least"
        )
    return Asked(list(implicit.questions), {}, implicit.gone, FromEvents(events, implicit))


def columns_of(pairs: Sequence[str] | None) -> dict[str, str]:
    """["query=term"] as {"query": "term"}; raises BadQuery."""
    for pair in pairs or ():
        if not all(pair.partition("=")):
            raise BadQuery(f"--map {pair} is not of the form COLUMN=THEIRS", remedy="Write --map query=term")
    return dict(pair.split("=", 1) for pair in pairs or ())


def judged_of(qrels: Path, queries: Path | None, mapping: dict[str, str]) -> "list[Question]":
    """Judged questions: a BEIR folder; TREC or BEIR qrels with a file of queries; or a table."""
    from duomo.measure.judgments import judged, judged_rows, read_beir, read_qrels, read_queries

    if not qrels.exists():
        raise MissingFile(f"there is no file or folder {qrels}", remedy="Check the path")
    if qrels.is_dir():
        return read_beir(qrels)
    if queries:
        return judged(read_qrels(qrels), read_queries(queries), str(qrels))
    from duomo.catalog.columns import normal, pick
    from duomo.catalog.formats.sniff import open_table
    from duomo.catalog.rows import Notes, one

    table = open_table(qrels)
    wanted = {name: (mapping[name],) if name in mapping else _COLUMNS[name] for name in _COLUMNS}
    if strange := next((name for name in mapping if name not in _COLUMNS), None):
        raise BadQuery(f"judgments have no column '{strange}'", remedy=f"Known: {', '.join(_COLUMNS)}")
    folded = {name: tuple(normal(alias) for alias in aliases) for name, aliases in wanted.items()}
    try:
        columns = pick(table.columns, path=qrels, wanted=folded, needed=tuple(_COLUMNS))
    except BadFile as error:
        remedy = f"{error.remedy}. Say which it is with --map query=COLUMN; to TREC qrels belongs --queries"
        raise BadFile(error.args[0], remedy=remedy) from error
    notes = Notes(qrels)
    rows: list[tuple[int, str, str, str]] = []
    for row in notes.read(table):
        query, product, rating = (one(row.cells.get(columns[name], "")) for name in _COLUMNS)
        rows.append((row.line, query, product, rating))
    if wrong := next((problem for problem in notes.told() if problem.severity == "error"), None):
        raise BadFile(str(wrong), remedy="Correct the row")
    return judged_rows(rows, str(qrels))


def _check_kinds(kinds: Sequence[str], known: Sequence[str]) -> None:
    if unknown := [kind for kind in kinds if kind not in known]:
        problem = f"no kind of question is called '{unknown[0]}'"
        raise BadQuery(problem, remedy=f"Known: {', '.join(known)}")
