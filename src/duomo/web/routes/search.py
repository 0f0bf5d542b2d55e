"""Searching: by words, by picture, by both; and which columns there are to filter and count."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from duomo.shop import Shop
from duomo.web.asking import body_schema, hits_for, of_body, of_params
from duomo.web.body import SentBody
from duomo.web.face import LinesOf, MetricsOf, OfferedOf, VersionOf
from duomo.web.metrics import Metrics
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.answered import ColumnOut, ColumnsOut, SearchOut
from duomo.web.schemas.asked import SearchBody, SearchParams

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS)


@router.get("/search", summary="Search by words", response_model=SearchOut)
async def search(
    shop: VersionOf, metrics: MetricsOf, lines: LinesOf, ask: Annotated[SearchParams, Query()]
) -> Response:
    """The products that answer words or an example, with totals and facets of the whole result set."""
    return await lines.quick.take(lambda: _answer(shop, metrics, of_params(ask), {}))


@router.post(
    "/search",
    summary="Search by words, picture, clip and sound",
    openapi_extra=body_schema(),
    response_model=SearchOut,
)
async def search_with_files(shop: VersionOf, metrics: MetricsOf, lines: LinesOf, sent: SentBody) -> Response:
    """The same with files: parts `image`, `clip`, `audio` of a form, or data URIs in JSON. None is kept."""
    line = lines.slow if sent.may_hold_files else lines.quick
    return await line.take(lambda: _answer(shop, metrics, *of_body(sent)))


@router.get("/columns", summary="What can be filtered and counted")
def columns(shop: VersionOf, facets: OfferedOf) -> ColumnsOut:
    """The columns for `where` and `facets`, and which of them make good facets; those come first."""
    kinds, offered = shop.columns(), facets.names(shop)
    names = [*offered, *(name for name in kinds if name not in offered)]
    return ColumnsOut(
        columns=[ColumnOut(name=name, kind=kinds[name], facet=name in offered) for name in names]
    )


def _answer(shop: Shop, metrics: Metrics, ask: SearchBody, files: Mapping[str, bytes]) -> Response:
    hits = hits_for(shop, ask, files)
    metrics.searched(hits)
    # Written here, in the thread: the framework would check and write it once more, in the event loop.
    return Response(SearchOut.of(hits).model_dump_json(), media_type="application/json")
