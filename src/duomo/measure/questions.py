"""Questions with known answers: what is asked, what is right, and what no hit may break."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from duomo.errors import BadFile, MissingFile
from duomo.files import read_json_lines, write_json_lines
from duomo.measure.pictures_altered import ALTERATIONS
from duomo.product import Product, Variant

JUDGED: Final = "judged"  # the kind of questions that people judged
MOST_GRADE: Final = 20  # a gain of 2^20: whoever writes more than this means something else
_REMEDY: Final = "Correct the line, or write the file anew with duomo measure search --save"


class Shown(NamedTuple):
    """One hit: a product, and the variant in front where the system says which."""

    product_id: str
    variant_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a hit must keep to: a price range, or values it must have or must not have."""

    column: str  # "price", "brand", "category" or an attribute
    least: float | None = None
    most: float | None = None
    any: tuple[str, ...] = ()  # one of these, if there are some
    none: tuple[str, ...] = ()  # none of these

    def kept_by(self, product: Product, variant: Variant) -> bool:
        """Whether a variant keeps to it; one that says nothing has no price and no value.

        >>> mug = Product(id="A", title="Mug", variants=(Variant(id="A", attributes={"color": ("Red",)}),))
        >>> Limit(column="color", none=("red",)).kept_by(mug, mug.variants[0])
        False
        """
        if self.least is not None or self.most is not None:
            amount = amount_of(product, variant, self.column)
            if amount is None:
                return False
            if self.least is not None and amount < self.least:
                return False
            if self.most is not None and amount > self.most:
                return False
        if not self.any and not self.none:
            return True
        held = {value.casefold() for value in values_of(product, variant, self.column)}
        wanted = {value.casefold() for value in self.any}
        return (not wanted or bool(held & wanted)) and not held & {value.casefold() for value in self.none}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question and its answer. Words, a picture, or both are asked."""

    qid: str
    kind: str = JUDGED
    text: str = ""
    picture: str = ""  # content hash of a picture of the shop
    altered: str = ""  # what is done to it before it is shown: see `pictures_altered`; "": nothing
    seed: int = 0  # decides how it is altered
    image: str = ""  # the path of a picture file, in the place of a picture of the shop
    right: Mapping[str, int] = field(default_factory=dict)  # product id -> grade; 0: judged to be wrong
    complete: bool = True  # what has no grade is known to be wrong; False: nobody has looked at it
    limits: tuple[Limit, ...] = ()
    source: str = ""  # id of the product it was made of

    @property
    def looks(self) -> bool:
        """Whether a picture is asked."""
        return bool(self.picture or self.image)

    @property
    def positives(self) -> frozenset[str]:
        """The products that are right in some degree."""
        return frozenset(id for id, grade in self.right.items() if grade > 0)


def amount_of(product: Product, variant: Variant, column: str) -> float | None:
    """The price, or the number that an attribute is; None where there is none."""
    if column == "price":
        return variant.price.major if variant.price else None
    values = values_of(product, variant, column)
    try:
        return float(values[0]) if len(values) == 1 else None
    except ValueError:
        return None


def values_of(product: Product, variant: Variant, column: str) -> tuple[str, ...]:
    """What a variant says in a column: its brand, the nodes of its category, or an attribute."""
    if column == "brand":
        return (product.brand,) if product.brand else ()
    if column == "category":
        return product.category
    return tuple(product.attributes_of(variant).get(column, ()))


def breaks(question: Question, shown: Shown, goods: Mapping[str, Product]) -> bool:
    """Whether a hit breaks a limit of the question.

    A hit without a variant stands for the product: it breaks a limit if no variant keeps to all of them.
    So does a product that is not among the goods: nothing is known of it.
    """
    if not question.limits:
        return False
    product = goods.get(shown.product_id)
    if product is None:
        return True
    named = [variant for variant in product.variants if variant.id == shown.variant_id]
    return not any(
        all(limit.kept_by(product, variant) for limit in question.limits)
        for variant in named or product.variants
    )


def write_questions(path: Path, questions: Iterable[Question]) -> int:
    """Write questions as JSON lines, to be read, edited and asked again; return how many."""
    return write_json_lines(path, (_record(question) for question in questions))


def read_questions(path: Path) -> list[Question]:
    """The questions of a file that `write_questions` wrote, or of one like it.

    Every line needs "qid", "right" (product id -> grade, or a list of ids), and "text", "picture" or "image";
    files of pictures are relative to the file.

    Raises:
        MissingFile: there is no such file.
        BadFile: a line is no question, or two have one qid; the file holds none.
    """
    if not path.is_file():
        raise MissingFile(f"there is no file {path}", remedy="Name a file of questions, or made")
    found: dict[str, Question] = {}
    try:
        for number, record in read_json_lines(path):
            question = _question(record, path, number)
            if question.qid in found:
                raise BadFile(f"{path} line {number}: the qid '{question.qid}' came before", remedy=_REMEDY)
            found[question.qid] = question
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 ({error.reason})", remedy="Save it as UTF-8") from error
    if not found:
        raise BadFile(f"{path} holds no question", remedy=_REMEDY)
    return list(found.values())


_TEXTS: Final = ("qid", "kind", "text", "picture", "altered", "image", "source")
_FIELDS: Final = (*_TEXTS, "seed", "right", "complete", "limits")
_LIMIT: Final = ("column", "least", "most", "any", "none")


def _record(question: Question) -> dict[str, object]:
    """A question without what it does not say."""
    record: dict[str, object] = {name: getattr(question, name) for name in _TEXTS}
    record |= {"seed": question.seed, "right": dict(question.right), "complete": question.complete}
    record["limits"] = [
        {name: value for name in _LIMIT if (value := getattr(limit, name)) not in (None, ())}
        for limit in question.limits
    ]
    silent: dict[str, object] = {"seed": 0, "complete": True, "limits": []}
    return {name: value for name, value in record.items() if value != silent.get(name, "")}


def _question(record: Mapping[str, Any], path: Path, number: int) -> Question:
    place = f"{path} line {number}"
    if unknown := sorted(record.keys() - set(_FIELDS)):
        problem = f"{place}: a question has no part '{unknown[0]}'"
        raise BadFile(problem, remedy=f"Known parts: {', '.join(_FIELDS)}")
    if wrong := next((name for name in _TEXTS if not isinstance(record.get(name, ""), str)), None):
        raise BadFile(f"{place}: '{wrong}' must be a text", remedy=_REMEDY)
    texts = {name: str(record[name]) for name in _TEXTS if name in record}
    if not texts.get("qid", "").strip():
        raise BadFile(f"{place} has no 'qid'", remedy="Give every question an id of its own")
    if not any(texts.get(name, "").strip() for name in ("text", "picture", "image")):
        raise BadFile(f"{place} asks nothing", remedy="Give it a text, a picture or an image")
    if texts.get("altered") and texts["altered"] not in ALTERATIONS:
        problem = f"{place}: no alteration is called '{texts['altered']}'"
        raise BadFile(problem, remedy=f"Known: {', '.join(ALTERATIONS)}")
    if texts.get("image"):
        texts["image"] = str(path.parent / texts["image"])
    seed, complete = record.get("seed", 0), record.get("complete", True)
    if not isinstance(seed, int) or seed < 0 or not isinstance(complete, bool):
        raise BadFile(f"{place}: 'seed' must be a whole number, 'complete' true or false", remedy=_REMEDY)
    return Question(
        **texts,
        seed=seed,
        complete=complete,
        right=_right(record.get("right"), place),
        limits=_limits(record.get("limits", []), place),
    )


def _right(given: object, place: str) -> dict[str, int]:
    if isinstance(given, list):
        given = dict.fromkeys(map(str, given), 1)
    if not isinstance(given, dict) or not given:
        raise BadFile(
            f"{place}: 'right' must name the right products", remedy='Write it like {"A1": 1} or ["A1"]'
        )
    for id, grade in given.items():
        if not isinstance(grade, int) or isinstance(grade, bool) or not 0 <= grade <= MOST_GRADE:
            problem = f"{place}: the grade of '{id}' must be a whole number from 0 to {MOST_GRADE}"
            raise BadFile(problem, remedy=_REMEDY)
    return dict(given)


def _limits(given: object, place: str) -> tuple[Limit, ...]:
    remedy = 'Write it like {"column": "price", "most": 50} or {"column": "color", "none": ["red"]}'
    if not isinstance(given, list):
        raise BadFile(f"{place}: 'limits' must be a list", remedy=remedy)
    found = []
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("column"), str) or one.keys() - set(_LIMIT):
            raise BadFile(f"{place}: a limit has a column and any of {', '.join(_LIMIT[1:])}", remedy=remedy)
        ends, lists = [one.get("least"), one.get("most")], [one.get("any", []), one.get("none", [])]
        numbers = all(
            end is None or (isinstance(end, int | float) and not isinstance(end, bool)) for end in ends
        )
        if not numbers or not all(
            isinstance(values, list) and all(isinstance(value, str) for value in values) for values in lists
        ):
            raise BadFile(f"{place}: a limit holds numbers and lists of texts", remedy=remedy)
        found.append(
            Limit(
                column=one["column"], least=ends[0], most=ends[1], any=tuple(lists[0]), none=tuple(lists[1])
            )
        )
    return tuple(found)
