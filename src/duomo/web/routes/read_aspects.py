"""What texts that a client sends say of which aspect; nothing of it is kept."""

from fastapi import APIRouter

from duomo.understand.aspects_groups import GROUP, WordList
from duomo.understand.aspects_shipped import shipped_aspects
from duomo.web.face import LinesOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.read_aspects import AspectsBody, AspectsOut, TextOpinionsOut

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/aspects", summary="Tell what texts praise and blame")
async def read_aspects(lines: LinesOf, asked: AspectsBody) -> AspectsOut:
    """Aspect, phrase, polarity, for up to 100 texts in Chinese and English."""

    def read() -> list[TextOpinionsOut]:
        own = (asked.aspects or {}).items()
        reader = shipped_aspects([WordList(GROUP, (name, *words), ()) for name, words in own])
        return [TextOpinionsOut.of(each) for each in reader.read(asked.texts)]

    return AspectsOut(readings=await lines.slow.take(read))
