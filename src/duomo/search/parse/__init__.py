"""Understands the words of a question: price limits, sizes, refusals, and what the catalog has names for."""

from duomo.search.parse.known import Known, know, known_of, says_more
from duomo.search.parse.meaning import Meaning, Reading
from duomo.search.parse.read import read
from duomo.search.parse.unwanted import tells_of

__all__ = ["Known", "Meaning", "Reading", "know", "known_of", "read", "says_more", "tells_of"]
