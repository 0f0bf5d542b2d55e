"""What a shop's goods say of themselves, laid out so that questions can be made of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from duomo.lexicon import Concept, Kind, concept_of
from duomo.measure.questions import values_of
from duomo.product import INFERRED, Product, Variant

Language = Literal["en", "zh"]

KNOWN: Final = 0.5  # share of a column's products whose value the lexicon must know, for it to be that kind
LEAST: Final = 0.01  # share of all products that a column must speak of
# What a shopper may name beside a type of goods.
DESCRIBING: Final[tuple[Kind, ...]] = ("color", "person", "material", "pattern", "style", "occasion")


@dataclass(frozen=True, slots=True)
class Facts:
    """The goods with their variants numbered through, and who says what."""

    products: tuple[Product, ...]  # in order of id
    variants: tuple[Variant, ...]  # of all products, in that order
    owners: tuple[Product, ...]  # (variants,) whose variant each is
    language: Language  # of the titles
    columns: Mapping[str, str]  # lexicon kind, or "brand" -> the column that says it
    held: Mapping[str, Mapping[str, frozenset[int]]]  # column -> folded value -> numbers of variants
    spelled: Mapping[str, str]  # folded value -> as the catalog writes it, the first time

    def ids(self, variants: Iterable[int]) -> dict[str, int]:
        """The products of these variants as a right answer: product id -> grade 1, in order of id."""
        return dict.fromkeys(sorted({self.owners[number].id for number in variants}), 1)

    def said(self, kind: str, value: str, language: Language) -> str:
        """What a value is called in a language; "": the lexicon does not know it.

        A brand has one name. In the language of the titles the catalog's own word is used.

        Args:
            kind: a key of `columns`.
            value: folded.
            language: of the question.
        """
        if kind == "brand":
            return self.spelled[value]
        if language == self.language:
            return value
        known = concept_known(kind, value)
        return "" if known is None else (known.zh if language == "zh" else known.en)[0]

    @property
    def other(self) -> Language:
        """The language that the titles are not in."""
        return "en" if self.language == "zh" else "zh"


def facts_of(products: Iterable[Product]) -> Facts:
    """The facts of some products, in any order.

    Which column says the color, the type and so on is told by its values: most of them must be words of that
    kind in the lexicon. Of several columns the one with most such products is taken.
    """
    ordered = tuple(sorted(products, key=lambda product: product.id))
    owners = tuple(product for product in ordered for _ in product.variants)
    variants = tuple(variant for product in ordered for variant in product.variants)
    language = language_of(product.title for product in ordered)
    columns = _columns(ordered, language)
    spelled: dict[str, str] = {}
    held: dict[str, dict[str, frozenset[int]]] = {}
    for column in columns.values():
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        for number, (product, variant) in enumerate(zip(owners, variants, strict=True)):
            for value in values_of(product, variant, column):
                numbers[value.casefold()].add(number)
                spelled.setdefault(value.casefold(), value)
        held[column] = {value: frozenset(found) for value, found in numbers.items()}
    return Facts(ordered, variants, owners, language, columns, held, spelled)


def language_of(titles: Iterable[str]) -> Language:
    """The language of most titles: Chinese where they hold Chinese characters.

    >>> language_of(["红色连衣裙", "T恤", "Mug"])
    'zh'
    """
    votes = Counter(is_chinese(title) for title in titles)
    return "zh" if votes[True] > votes[False] else "en"


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def concept_known(kind: str, value: str) -> Concept | None:
    """What the lexicon knows a value as, its plural included.

    >>> known = concept_known("type", "T-Shirts")
    >>> known.zh[0] if known else ""
    'T恤'
    """
    plain = value.strip().casefold()
    tried = (plain, plain.removesuffix("s"), plain.removesuffix("es"), f"{plain}s", plain.replace("-", " "))
    return next((found for word in tried if (found := concept_of(kind, word))), None)  # type: ignore[arg-type]  # a kind is checked where it comes from


def _columns(products: Sequence[Product], language: Language) -> dict[str, str]:
    """Lexicon kind -> column, for the type and what describes; "brand" where products name theirs."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for product in products:
        said: defaultdict[str, set[str]] = defaultdict(set)
        for variant in product.variants:
            for name, values in product.attributes_of(variant).items():
                if not name.startswith(INFERRED):
                    said[name] |= {value.casefold() for value in values}
        if product.category:
            said["category"] = {product.category[-1].casefold()}
        for name, found in said.items():
            counts[name].update(found)
    columns: dict[str, str] = {}
    for kind in ("type", *DESCRIBING):
        best: tuple[bool, int, str] | None = None
        for column in sorted(counts):
            total = sum(counts[column].values())
            if total < LEAST * len(products):
                continue
            known = sum(count for value, count in counts[column].items() if concept_known(kind, value))
            if known < KNOWN * total:
                continue
            foreign = is_chinese("".join(counts[column])) != (language == "zh")
            rank = (not foreign, known, column)
            if best is None or rank[:2] > best[:2]:
                best = rank
        if best is not None and best[2] not in columns.values():
            columns[kind] = best[2]
    if any(product.brand for product in products):
        columns["brand"] = "brand"
    return columns
