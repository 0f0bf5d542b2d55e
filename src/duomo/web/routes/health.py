"""Whether the server lives, whether it can answer, and what it has counted."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from duomo.web.face import MetricsOf
from duomo.web.metrics import CONTENT_TYPE
from duomo.web.problems import PROBLEMS
from duomo.web.readiness import Readiness
from duomo.web.schemas.reported import HealthOut

router = APIRouter(tags=["health"], responses=PROBLEMS)


async def _readiness(request: Request) -> Readiness:
    readiness: Readiness = request.app.state.readiness
    return readiness


# async: it must answer, too, while all threads are at work.
@router.get("/healthz", summary="Does the process live")
async def healthz() -> HealthOut:
    """Answers as long as the process can answer at all; looks at nothing."""
    return HealthOut(status="ok")


@router.get("/readyz", summary="Can the shop be searched")
def readyz(readiness: Annotated[Readiness, Depends(_readiness)]) -> HealthOut:
    """Answers when the shop can be searched, which it finds out by asking; else 503 with a problem document.

    The status is "degraded" where it can be searched, but a newer version of it cannot, or a server that
    starts now could not read it.
    """
    ready = readiness.check()
    return HealthOut(
        status="degraded" if ready.reasons else "ok",
        variants=ready.variants,
        version=ready.version,
        behind=ready.behind,
        reasons=list(ready.reasons),
    )


@router.get("/metrics", summary="Counts and times", response_class=Response)
def metrics(counted: MetricsOf) -> Response:
    """In the text format of Prometheus."""
    return Response(counted.page(), media_type=CONTENT_TYPE)
