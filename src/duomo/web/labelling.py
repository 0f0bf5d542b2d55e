"""The page on which people label, and its routes: a server of its own, beside that of the shop."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Query
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

import duomo
from duomo.errors import MissingFile
from duomo.guard.pictures import open_picture, picture_bytes, shown
from duomo.product import is_address
from duomo.settings import Settings
from duomo.stock.listed import pictures_in
from duomo.understand.labelling import LabelTask
from duomo.understand.labelling_ask import Asker, Question
from duomo.web.body import BodyLimit
from duomo.web.headers import SecurityHeaders
from duomo.web.heads import HeadAsGet, QueryLimit
from duomo.web.hosts import OwnNames, is_local
from duomo.web.labelling_words import labelling_words
from duomo.web.pages import STATIC
from duomo.web.problems import PROBLEMS, LastResort, install_problems
from duomo.web.requests import Requests
from duomo.web.schemas.labelled import AnswerBody, AskedOut, LabelBody, LabelOut, QuestionOut
from duomo.web.words import preferred

_SIDE: Final = 900  # pixels of a picture as it is shown
_BODY_MB: Final = 0.1

router = APIRouter(prefix="/v1/label", tags=["label"], responses=PROBLEMS)
page_router = APIRouter(include_in_schema=False)
_templates: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


async def _asker(request: Request) -> Asker:
    asker: Asker = request.app.state.asker
    return asker


AskerOf = Annotated[Asker, Depends(_asker)]
ByOf = Annotated[str, Query(min_length=1, max_length=60, description="who labels")]


def create_labelling_app(
    task: LabelTask, settings: Settings, *, host: str = "", disputed: bool = False
) -> FastAPI:
    """The page and its routes over one task; anybody who can reach it may answer.

    Args:
        task: what is asked.
        settings: the limits of pictures.
        host: the address that is listened on. On one of this machine alone, what is asked for by the name of
            another is refused.
        disputed: ask only about things on which others differ.
    """
    app = FastAPI(title="Duomo, labelling", version=duomo.__version__, docs_url=None, redoc_url=None)
    app.state.asker = Asker(task, disputed=disputed)
    app.state.settings = settings
    app.include_router(router)
    app.include_router(page_router)
    app.mount("/static", StaticFiles(directory=STATIC))
    install_problems(app, task.folder)
    # The last one added is the outermost, as in `create_app`.
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit, limit_mb=_BODY_MB)
    app.add_middleware(QueryLimit)
    app.add_middleware(LastResort)
    if is_local(host):
        app.add_middleware(OwnNames)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Requests)
    return app


@page_router.get("/")
def page(asker: AskerOf, request: Request, lang: str = "") -> HTMLResponse:
    """The page; `lang` is what the labeller picked, else the browser's Accept-Language decides."""
    language = preferred(request.headers.get("accept-language", ""), lang)
    card = asker.task.card
    body = _templates.get_template("label.html").render(
        words=labelling_words(language), language=language, label=card.label, source=card.source
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    return HTMLResponse(body, headers=headers)


@router.get("/next", summary="What to label now")
def next_question(asker: AskerOf, by: ByOf) -> AskedOut:
    """The same thing until it is answered."""
    return _asked(asker, asker.next(by), by)


@router.get("/back", summary="What was labelled before")
def previous(
    asker: AskerOf, by: ByOf, before: Annotated[str, Query(max_length=1000, description="a thing's id")] = ""
) -> AskedOut:
    """What this labeller answered before a thing, or last; without a question where there is nothing."""
    return _asked(asker, asker.back(by, before), by)


@router.post("/answers", summary="Answer")
def answer(asker: AskerOf, said: AnswerBody) -> AskedOut:
    """Keeps an answer, which is on disk when this returns, and asks the next thing."""
    asker.answer(said.by, said.id, said.label, said.seconds)
    return _asked(asker, asker.next(said.by), said.by)


@router.post("/labels", summary="Add a label")
def add_label(asker: AskerOf, said: LabelBody) -> LabelOut:
    """Another label to choose from, for everybody."""
    return LabelOut(label=asker.add_label(said.label, said.by))


@router.get("/status", summary="How far the task is")
def status(asker: AskerOf) -> dict[str, object]:
    """Counts, agreement and disputes, as `duomo label status --json`."""
    return asker.told().as_dict()


@router.get("/pictures/{place}", summary="One picture", response_class=Response)
def picture(asker: AskerOf, request: Request, place: int) -> Response:
    """A JPEG of at most 900 pixels a side."""
    things = asker.task.things
    thing = things[place] if 0 <= place < len(things) else None
    if thing is None or not thing.picture:
        raise MissingFile("there is no picture of this", remedy="Label it by its words")
    settings: Settings = request.app.state.settings
    if thing.hash:
        body = pictures_in(Path(asker.task.card.shop))([thing.hash]).get(thing.hash)
        if body is None:
            raise MissingFile("the shop keeps this picture no more", remedy="Label it by its words")
    elif is_address(thing.picture):
        raise MissingFile("the picture lies behind an address", remedy="Build a shop from it, and label that")
    else:
        body = picture_bytes(Path(thing.picture), picture_mb=settings.picture_mb)
        opened = open_picture(body, side=_SIDE, megapixels=settings.picture_megapixels)
        body = shown(body, opened, side=_SIDE)
    return Response(body, headers={"Cache-Control": "private, max-age=3600"}, media_type="image/jpeg")


def _asked(asker: Asker, question: Question | None, by: str) -> AskedOut:
    progress = asker.progress(by)
    return AskedOut(
        question=QuestionOut.of(question, asker.task) if question else None,
        labels=list(progress.labels),
        things=progress.things,
        labelled=progress.labelled,
        mine=progress.mine,
    )
