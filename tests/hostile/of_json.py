"""JSON lines, and JSON in the cells of other files: depth, numbers, keys and letters that are none."""

from collections.abc import Callable

from files import MB, of, streamed
from table import Case

FIRST, LAST = '{"sku": "A", "title": "Mug"}\n', '{"sku": "Z", "title": "杯子"}\n'
DEEP = r"A Z; 1 left out / FOLDER/products\.jsonl line 2: .*is nested too deeply\..*"
NOT_JSON = r"A Z; 1 left out / FOLDER/products\.jsonl line 2: .*is not JSON.*"
KEPT = r"A B Z; 0 left out"
MARKED = r"A B Z; 0 left out / .*"


def line(text: str) -> str:
    """A file with one line between two good ones."""
    return FIRST + text + "\n" + LAST


def _of(
    name: str,
    content: str | bytes | Callable[[], bytes | str],
    says: str,
    most_mb: float = 100.0,
    *,
    slow: bool = False,
) -> Case:
    return of(name, content, says, file="products.jsonl", most_mb=most_mb, slow=slow)


CASES = [
    _of(
        "100,000 lists inside one another",
        lambda: line('{"sku": "B", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        DEEP,
    ),
    _of("100,000 objects inside one another", lambda: line('{"x":' * 100_000 + "1" + "}" * 100_000), DEEP),
    _of(
        "900 lists inside one another",
        lambda: line('{"sku": "B", "title": "Lamp", "x": ' + "[" * 900 + "]" * 900 + "}"),
        KEPT + "|" + DEEP,
    ),
    _of(
        "900 objects inside one another",
        lambda: line('{"sku": "B", "title": "Lamp", "x": ' + '{"a":' * 900 + "1" + "}" * 900 + "}"),
        KEPT + "|" + DEEP,
    ),
    _of("a list that is never closed", line('{"sku": "B", "x": [1, 2'), NOT_JSON),
    _of("a text that is never closed", line('{"sku": "B", "title": "Lamp'), NOT_JSON),
    _of(
        "a number of a million digits",
        lambda: line('{"sku": "B", "title": "Lamp", "price": ' + "9" * 1_000_000 + "}"),
        MARKED,
    ),
    _of("the number 1e999999999", line('{"sku": "B", "title": "Lamp", "price": 1e999999999}'), MARKED),
    _of(
        "a number of stock of 10,000 digits",
        lambda: line('{"sku": "B", "title": "Lamp", "stock": ' + "9" * 10_000 + "}"),
        MARKED,
    ),
    _of(
        "NaN and Infinity",
        line('{"sku": "B", "title": "Lamp", "price": NaN, "stock": Infinity, "weight": -Infinity}'),
        KEPT,
    ),
    _of(
        "the same key twice",
        line('{"sku": "B", "sku": "C", "title": "Lamp"}'),
        r"A C Z; 0 left out / .*stands there twice.*",
    ),
    _of(
        "the same key 100,000 times",
        lambda: line('{"sku": "B", "title": "Lamp"' + ', "x": 1' * 100_000 + "}"),
        MARKED,
    ),
    _of(
        "100,000 keys",
        lambda: line(
            '{"sku": "B", "title": "Lamp", ' + ", ".join(f'"k{n}": 1' for n in range(100_000)) + "}"
        ),
        r"BadFile: .* has 100,00\d columns, more than 10,000\. .*",
    ),
    _of(
        "10,001 lines with a key of its own each",
        lambda: FIRST + "".join(f'{{"sku": "B{n}", "k{n}": 1}}\n' for n in range(10_001)),
        r"BadFile: .* columns, more than 10,000\. .*",
    ),
    _of("half a surrogate pair in a text", line('{"sku": "B", "title": "La\\ud83dmp"}'), KEPT),
    _of(
        "half a surrogate pair in a key",
        line('{"sku": "B", "title": "Lamp", "\\udc00": "x"}'),
        r"A B Z; 0 left out / .*has no letter or digit in its name.*",
    ),
    _of(
        "half a surrogate pair in an id", line('{"sku": "B\\ud83d", "title": "Lamp"}'), r"A B\? Z; 0 left out"
    ),
    _of("NULs named in a text", line('{"sku": "B", "title": "La\\u0000mp"}'), KEPT),
    _of("an id of named NULs alone", line('{"sku": "\\u0000", "title": "Lamp"}'), r"A Z; 1 left out .*"),
    _of("a key that is a NUL", line('{"sku": "B", "title": "Lamp", "\\u0000": 1}'), KEPT),
    _of(
        "a key of a million letters",
        lambda: line('{"sku": "B", "title": "Lamp", "' + "k" * 1_000_000 + '": 1}'),
        KEPT,
    ),
    _of(
        "keys that Python's objects have",
        line('{"sku": "B", "title": "Lamp", "__class__": "x", "__proto__": {"admin": true}}'),
        KEPT,
    ),
    _of(
        "a million letters of accents",
        lambda: line('{"sku": "B", "title": "' + "e\\u0301" * 100_000 + '"}'),
        KEPT,
    ),
    _of(
        "a letter that becomes eighteen",
        lambda: line('{"sku": "B", "title": "' + "\ufdfa" * 100_000 + '"}'),
        KEPT,
    ),
    _of(
        "objects where a text should be",
        line('{"sku": {"a": 1}, "title": {"b": 2}}'),
        r"A \{.*\} Z; 0 left out / .* title .* is an object; it was left out\. Send one value\.",
    ),
    _of("lists where an id should be", line('{"sku": ["B", "C"], "title": "Lamp"}'), r"A B Z; 0 left out"),
    _of("true where an id should be", line('{"sku": true, "title": "Lamp"}'), r"A true Z; 0 left out"),
    _of(
        "an id that is a list of nothing", line('{"sku": [[], [[]]], "title": "Lamp"}'), r"A Z; 1 left out .*"
    ),
    _of("a line that is a list", line('["B", "Lamp"]'), r"A Z; 1 left out / .* is not a JSON object\. .*"),
    _of("a line that is a number", line("7"), r"A Z; 1 left out / .* is not a JSON object\. .*"),
    _of("two objects on a line", line('{"sku": "B"}{"sku": "C"}'), NOT_JSON),
    _of("a comment", line('// {"sku": "B"}'), NOT_JSON),
    _of("single quotes", line("{'sku': 'B'}"), NOT_JSON),
    _of(
        "300,000 broken lines",
        lambda: FIRST + "{\n" * 300_000 + LAST,
        r"A Z; 300000 left out .*",
        most_mb=300,
        slow=True,
    ),
    streamed(
        "a line of 300 MB",
        FIRST + '{"sku": "B", "title": "',
        MB,
        300,
        '"}\n' + LAST,
        r"A Z; 1 left out / .* is longer than 20,000,000 characters\. Shorten it\.",
        file="products.jsonl",
        slow=True,
    ),
    *[
        of(
            f"a schema.org product whose offers lie {deep} lists deep",
            '{"@context": "https://schema.org", "@graph": [{"@type": "Product", "sku": "A", "name": "Mug"}, '
            '{"@type": "Product", "sku": "B", "name": "Lamp", "offers": ' + "[" * deep + "]" * deep + "}]}",
            r"(A B; 0 left out|A; 1 left out|BadFile: ).*",
            file="products.json",
        )
        for deep in (50, 480, 900, 100_000)
    ],
    *[
        of(
            f"a page whose product lies {deep} objects deep",
            '<html><script type="application/ld+json">'
            + '{"@type": "Product", "isRelatedTo": ' * deep
            + "1"
            + "}" * deep
            + "</script></html>",
            r"(nothing|BadFile: |[^;]*; \d+ left out).*",
            file="products.html",
        )
        for deep in (50, 480, 900, 100_000)
    ],
]
