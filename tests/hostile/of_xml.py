"""Feeds in XML: entities, depth, attributes, and text that never ends."""

from collections.abc import Callable

from files import MB, of, streamed
from table import Case

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
OPEN = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
CLOSE = "</channel></rss>\n"
FIRST, LAST = (
    "<item><g:id>A</g:id><title>Mug</title></item>\n",
    "<item><g:id>Z</g:id><title>杯子</title></item>\n",
)
DECLARES = (
    r"BadFile: FOLDER/feed\.xml declares a document type or entities, which a product feed does not need\. .*"
)
BROKEN = r"BadFile: FOLDER/feed\.xml line \d+ is not well-formed XML .*Export the feed again\."
LONG = r"BadFile: FOLDER/feed\.xml line 4 has a tag or comment of more than a million characters\. .*"
KEPT = r"A B Z; 0 left out"


def feed(item: str, head: str = HEAD) -> str:
    """A feed with one item between two good ones."""
    return head + OPEN + FIRST + item + LAST + CLOSE


def _of(name: str, content: str | bytes | Callable[[], bytes | str], says: str) -> Case:
    return of(name, content, says, file="feed.xml")


LAUGHS = (
    '<!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {"abcdefghijklm"[n + 1]} "{("&" + "abcdefghijklm"[n] + ";") * 10}">' for n in range(11)
    )
    + "]>\n"
)
ITEM = "<item><g:id>B</g:id><title>{}</title></item>"


def _long(name: str, before: str, after: str, says: str) -> Case:
    begin = HEAD + OPEN + FIRST + before
    return streamed(name, begin, MB, 300, after + LAST + CLOSE, says, file="feed.xml", slow=True)


CASES = [
    _of("a billion laughs", feed(ITEM.format("&l;"), HEAD + LAUGHS), DECLARES),
    _of(
        "one entity of a million letters, a million times",
        lambda: feed(
            ITEM.format("&a;" * 100_000), HEAD + '<!DOCTYPE rss [<!ENTITY a "' + "x" * 100_000 + '">]>\n'
        ),
        DECLARES,
    ),
    _of(
        "an entity that is a file of this machine",
        feed(ITEM.format("&a;"), HEAD + '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'),
        DECLARES,
    ),
    _of(
        "an entity that is an address",
        feed(ITEM.format("&a;"), HEAD + '<!DOCTYPE rss [<!ENTITY a SYSTEM "http://169.254.169.254/">]>\n'),
        DECLARES,
    ),
    _of(
        "a document type elsewhere",
        feed(ITEM.format("x"), HEAD + '<!DOCTYPE rss SYSTEM "http://127.0.0.1/rss.dtd">\n'),
        DECLARES,
    ),
    _of(
        "parameter entities",
        feed(ITEM.format("x"), HEAD + '<!DOCTYPE rss [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>\n'),
        DECLARES,
    ),
    _of("a document type without entities", feed(ITEM.format("x"), HEAD + "<!DOCTYPE rss>\n"), DECLARES),
    _of(
        "a million attributes of one element",
        lambda: feed(
            "<item "
            + " ".join(f'a{n}="1"' for n in range(300_000))
            + "><g:id>B</g:id><title>Lamp</title></item>"
        ),
        LONG,
    ),
    _of(
        "an attribute of 10 MB",
        lambda: feed(f'<item a="{"x" * 10_000_000}"><g:id>B</g:id><title>Lamp</title></item>'),
        LONG,
    ),
    _of(
        "the name of an element of 10 MB",
        lambda: feed(f"<item><{'x' * 10_000_000}/><g:id>B</g:id></item>"),
        LONG,
    ),
    _of(
        "a million elements inside one another",
        lambda: feed(
            "<item><g:id>B</g:id><title>Lamp</title>" + "<a>" * 1_000_000 + "</a>" * 1_000_000 + "</item>"
        ),
        r"BadFile: FOLDER/feed\.xml has more than 1,000 elements inside one another\. .*",
    ),
    _of(
        "a million elements that are never closed",
        lambda: feed("<item>" + "<a>" * 1_000_000),
        r"BadFile: FOLDER/feed\.xml has more than 1,000 elements inside one another\. .*",
    ),
    _of(
        "a million fields of one item",
        lambda: feed(
            "<item><g:id>B</g:id><title>Lamp</title>"
            + "".join(f"<a{n}>1</a{n}>" for n in range(200_000))
            + "</item>"
        ),
        r"BadFile: .* columns, more than 10,000\. .*",
    ),
    _of(
        "a field 100,000 times in one item",
        lambda: feed(
            "<item><g:id>B</g:id><title>Lamp</title>" + "<g:color>x</g:color>" * 100_000 + "</item>"
        ),
        KEPT,
    ),
    _of(
        "a million namespaces",
        lambda: feed(
            "<item "
            + " ".join(f'xmlns:n{n}="u{n}"' for n in range(100_000))
            + "><g:id>B</g:id><title>Lamp</title></item>"
        ),
        LONG,
    ),
    _of(
        "an item inside an item",
        feed("<item><g:id>B</g:id><title>Lamp</title><item><g:id>C</g:id></item></item>"),
        KEPT,
    ),
    _of("a feed inside a feed", feed(OPEN + ITEM.format("Lamp") + CLOSE), KEPT),
    _of("an end without a beginning", feed("</item>"), BROKEN),
    _of("a feed cut short", feed("")[:-30], BROKEN),
    _of("two roots", feed(ITEM.format("Lamp")) + OPEN + CLOSE, BROKEN),
    _of("text behind the end", feed(ITEM.format("Lamp")) + "rm -rf /", BROKEN),
    _of(
        "an entity that HTML has", feed(ITEM.format("&nbsp;Lamp")), r"A B Z; 0 left out / .*as it was meant.*"
    ),
    _of("a reference to a NUL", feed(ITEM.format("La&#0;mp")), r"A B Z; 0 left out / .*"),
    _of(
        "references to letters that XML forbids",
        feed(ITEM.format("La&#x1F;&#xFFFF;&#xD800;mp")),
        r"A B Z; 0 left out / .*and 2 more after it.*",
    ),
    _of("a reference beyond Unicode", feed(ITEM.format("La&#x110000;mp")), BROKEN),
    _of(
        "a reference of a million zeros", lambda: feed(ITEM.format("La&#x" + "0" * 1_000_000 + "41;mp")), KEPT
    ),
    _of(
        "a million references cut in two",
        lambda: feed(ITEM.format("&" * 1_000_000)),
        r"A B Z; 0 left out / .*and 999,999 more after it.*",
    ),
    _of("control characters as they are", feed(ITEM.format("La\x01\x0b\x1fmp")), r"A B Z; 0 left out / .*"),
    _of("a comment of 50 MB", lambda: feed("<!--" + "x" * 50_000_000 + "-->" + ITEM.format("Lamp")), LONG),
    _of("CDATA that is never closed", lambda: feed("<item><title><![CDATA[" + "x" * 1_000_000), BROKEN),
    _of(
        "an instruction that names a style sheet",
        feed(ITEM.format("Lamp"), HEAD + '<?xml-stylesheet href="http://127.0.0.1/x.xsl"?>\n'),
        KEPT,
    ),
    _of(
        "XInclude",
        feed(
            '<item xmlns:xi="http://www.w3.org/2001/XInclude"><g:id>B</g:id>'
            '<title>x<xi:include href="file:///etc/passwd" parse="text"/></title></item>'
        ),
        r"A B Z; 0 left out.*",
    ),
    _of(
        "an encoding that does not exist",
        feed(ITEM.format("Lamp"), '<?xml version="1.0" encoding="klingon"?>\n'),
        KEPT,
    ),
    _of(
        "an encoding that Python has and nobody means",
        feed(ITEM.format("Lamp"), '<?xml version="1.0" encoding="rot13"?>\n'),
        KEPT,
    ),
    _of(
        "an encoding that unpacks", feed(ITEM.format("Lamp"), '<?xml version="1.0" encoding="zlib"?>\n'), KEPT
    ),
    _of(
        "an encoding that is another one's",
        lambda: feed(ITEM.format("灯"), '<?xml version="1.0" encoding="ascii"?>\n'),
        r"BadFile: FOLDER/feed\.xml is not ascii text as it says\. Save it as UTF-8\.",
    ),
    _of(
        "UTF-16 that says it is UTF-8",
        lambda: b"\xff\xfe" + feed(ITEM.format("Lamp")).encode("utf-16-le"),
        KEPT,
    ),
    _of(
        "SVG",
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        r"BadFile: FOLDER/feed\.xml is .*",
    ),
    _of("SOAP", "<soap:Envelope xmlns:soap='x'/>", r"BadFile: .*"),
    _long(
        "one text of 300 MB",
        "<item><g:id>B</g:id><title>",
        "</title></item>",
        r"A Z; 1 left out / FOLDER/feed\.xml line 4: is longer than 20,000,000 characters\. Shorten it\.",
    ),
    _long("a comment of 300 MB", "<!--", "-->" + ITEM.format("Lamp"), LONG),
    _long("a tag of 300 MB", "<item><", "/></item>", LONG),
]
