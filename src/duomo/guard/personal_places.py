"""Postal addresses in two languages: a street or estate with a number, and what stands around it."""

import re
from collections.abc import Iterator
from typing import Final, Literal

_NUMBER: Final = (
    r"(?:[A-Za-z]?[0-9０-９一二三四五六七八九十百]{1,5}(?:[\-－之/][0-9０-９A-Za-z]{1,5})?[A-Za-z]?)"
)
_HAN: Final = "[\u4e00-\u9fff]"
# From the large to the small: province, city, district, town, street with number, estate, building, room.
_WIDE_CN: Final = (
    rf"(?:(?:{_HAN}{{2,7}}?(?:省|自治区|特别行政区))?(?:{_HAN}{{2,7}}?(?:市|自治州|地区|盟))?"
    rf"(?:{_HAN}{{1,7}}?(?:区|县|旗|市))?(?:{_HAN}{{1,8}}?(?:街道办?|镇|乡|开发区|新区))?)"
)
_STREET_CN: Final = (
    rf"(?:{_HAN}{{1,9}}?(?:大道|大街|路|街|道|巷|弄|胡同|里|村|屯|公路)"
    rf"(?:[东西南北中]{{1,2}}段?|{_NUMBER}段)?)"
)
_DOOR_CN: Final = rf"(?:{_NUMBER}(?:号院|号楼|号|弄|组|栋|幢|座|单元|层|楼|室|户|房|门))"
_ESTATE_CN: Final = (
    rf"(?:{_HAN}{{2,10}}?(?:小区|花园|家园|公寓|大厦|广场|新村|苑|城|园|宿舍|大学|学校|医院|中心))"
)
_ADDRESS_CN: Final = re.compile(
    rf"{_WIDE_CN}(?:{_STREET_CN}{_DOOR_CN}|{_ESTATE_CN}{_HAN}{{0,2}}?{_DOOR_CN})"
    rf"(?:[ ,，]?(?:{_ESTATE_CN}?{_DOOR_CN}|{_NUMBER}(?![0-9０-９元块天月年件个次米钱])))*"
)
_DOOR: Final = re.compile(_DOOR_CN)
_AROUND: Final = 60  # characters before and behind a door that may belong to its address
_SAID_CN: Final = re.compile(
    r"(?:地址|住址|收货地|寄到|送到|寄往|送往|发到|家住|我住在?|住在)(?:是|为|[:：])?\s*"
    rf"({_HAN}[\u4e00-\u9fffA-Za-z0-9０-９\-－#（）()]{{3,40}}(?:号院|号楼|号|栋|幢|座|单元|室|楼|户|房|村|小区|花园|宿舍))"
)
# What a sentence begins with before an address that the pattern takes for a part of it.
_BEFORE_CN: Final = re.compile(
    r"^.*(?:地址|住址|住在|家住|寄到|送到|寄往|送往|发到|发往|位于|来自|搬到|我在|他在|她在|就在|放在|是|在|到|从|往|了|的|叫|去|[:：])"
)
_STREET_EN: Final = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|terrace|ter|way|"
    r"close|crescent|cres|circle|cir|parkway|pkwy|highway|hwy|gardens|gdns|grove|hill|row|mews|trail|trl|walk|alley)"
)
_ADDRESS_EN: Final = re.compile(
    rf"(?<![\w.$£€#-])\d{{1,5}}[A-Za-z]?(?:-\d{{1,5}})? (?:(?:[NSEW]|North|South|East|West)\.? )?"
    rf"(?:(?:[A-Z][a-zA-Z'’\-]+|\d{{1,3}}(?:st|nd|rd|th)) ){{1,3}}(?i:{_STREET_EN})\b\.?"
    r"(?:,? (?i:apt|apartment|suite|ste|unit|flat|room|floor|fl|#)\.? ?#?[A-Za-z]?\d{0,5}[A-Za-z]?\b)?"
    r"(?:, [A-Z][a-zA-Z'’\-]+\b(?!\d)(?: [A-Z][a-zA-Z'’\-]+\b(?!\d)){0,2}){0,2}"
    r"(?:,? [A-Z]{2}\b)?(?:,? \d{5}(?:-\d{4})?\b)?(?:,? [A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b)?"
)
_BOX: Final = re.compile(r"\b(?i:p\.? ?o\.? ?box) ?#?\d{1,6}\b")
_POSTCODE_UK: Final = re.compile(r"\b(?:GIR 0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})\b")
_STATE_ZIP: Final = re.compile(
    r"\b(?:[A-Z][a-z]+ ){0,2}[A-Z][a-z]+, (?:A[KLRZ]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|"
    r"N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]) \d{5}(?:-\d{4})?\b"
)


def places_in(text: str) -> Iterator[tuple[Literal["address"], int, int]]:
    """Candidates with where they stand; they may overlap."""
    for pattern in (_ADDRESS_EN, _BOX, _POSTCODE_UK, _STATE_ZIP):
        for match in pattern.finditer(text):
            yield "address", *match.span()
    for start, end in _chinese(text):
        if (before := _BEFORE_CN.match(text[start:end])) and end - start - before.end() >= 4:
            start += before.end()
        yield "address", start, end


def _chinese(text: str) -> Iterator[tuple[int, int]]:
    """Chinese addresses, each with what stands before it; looked for around doors alone."""
    for match in _SAID_CN.finditer(text):
        yield match.span(1)
    seen = 0
    for door in _DOOR.finditer(text):
        if door.start() < seen:
            continue
        begin = max(seen, door.start() - _AROUND)
        for match in _ADDRESS_CN.finditer(text[begin : door.end() + _AROUND]):
            yield begin + match.start(), begin + match.end()
            seen = begin + match.end()
