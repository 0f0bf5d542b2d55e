"""Whether the server lives, whether it can answer, and what it has counted."""

from fastapi import APIRouter
from starlette.responses import Response

from duomo.errors import BadSetup
from duomo.web.face import MetricsOf, VersionsOf
from duomo.web.metrics import CONTENT_TYPE
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.reported import HealthOut

router = APIRouter(tags=["health"], responses=PROBLEMS)


# async: it must answer, too, while all threads are at work.
@router.get("/healthz", summary="Does the process live")
async def healthz() -> HealthOut:
    """Answers as long as the process can answer at all; looks at nothing."""
    return HealthOut(status="ok")


@router.get("/readyz", summary="Can the shop be searched")
def readyz(versions: VersionsOf) -> HealthOut:
    """Answers when everything is read that a question needs; 503 with a problem document where that fails."""
    try:
        return HealthOut(status="ok", variants=len(versions.ready()))
    except Exception as error:  # whatever it is, the answer is that the shop is not ready
        raise BadSetup(
            f"the shop cannot be searched ({error})", remedy="Look into the server's log"
        ) from error


@router.get("/metrics", summary="Counts and times", response_class=Response)
def metrics(counted: MetricsOf) -> Response:
    """In the text format of Prometheus."""
    return Response(counted.page(), media_type=CONTENT_TYPE)
