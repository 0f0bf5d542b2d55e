"""The page for shoppers: a shell in the shopper's language; the search in it is the browser's, over /v1."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from duomo.web.face import ShopOf
from duomo.web.words import preferred, words_of

STATIC: Final = Path(__file__).parent / "static"

router = APIRouter(include_in_schema=False)
_templates: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


@router.get("/")
def page(shop: ShopOf, request: Request, lang: str = "") -> HTMLResponse:
    """The page; `lang` is what the shopper picked, else the browser's Accept-Language decides."""
    language = preferred(request.headers.get("accept-language", ""), lang)
    body = _templates.get_template("page.html").render(
        words=words_of(language), language=language, shop=shop.folder.resolve().name
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    return HTMLResponse(body, headers=headers)
