"""Personal data is taken out of texts in both languages, and goods are left in them."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.guard.personal_numbers import is_iban, is_identity_cn, luhn
from duomo.guard.redact import personal_in, redact


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我叫张伟，电话 138 0013 8000", "我叫[NAME]，电话 [PHONE]"),
        ("客服李晓明态度很好，快递员老王也不错", "客服[NAME]态度很好，快递员[NAME]也不错"),
        ("收货地址：广东省深圳市南山区科技园路18号创业大厦B座1203室", "收货地址：[ADDRESS]"),
        ("身份证11010519491231002X, 订单号：2023111512345678", "身份证[ID], 订单号：[ID]"),
        ("卡片上写着QQ：130947859，加微信wx_kevin99", "卡片上写着QQ：[ACCOUNT]，加微信[ACCOUNT]"),
        ("打一三八零零一三八零零零", "打[PHONE]"),
        ("手机１３８００１３８０００", "手机[PHONE]"),
        ("Mrs Jane Porter, 12 Elm Street, Springfield: it leaks.", "Mrs [NAME], [ADDRESS]: it leaks."),
        ("Call me at 415-555-2671 or +44 20 7946 0958", "Call me at [PHONE] or [PHONE]"),
        ("My card 4539 1488 0343 6467 was charged twice", "My card [CARD] was charged twice"),
        ("order number 113-2345678-1234567 never came", "order number [ID] never came"),
        ("write to jane.porter at mail dot example", "write to [MAIL]"),
        ("Call Jane Porter at 415-555-2671", "Call [NAME] at [PHONE]"),
        ("Great. Ask Sarah, she knows", "Great. Ask [NAME], she knows"),
        ("Sarah was great! - John D.", "[NAME] was great! - [NAME]"),
    ],
)
def test_personal_data_is_taken_out(text: str, left: str) -> None:
    assert redact(text) == left
    assert redact(left) == left


@pytest.mark.parametrize(
    "text",
    [
        "李宁的鞋穿着很舒服，安静方便，黄色的，师傅辛苦了，谢谢快递小哥",
        "质量好，3天就到了，价格199元，用了2个月，尺码XL，175/92A",
        "东西很好，路上走了3天，房间在2楼，那张桌子、这段时间",
        "I love my Michael Kors bag and the Ralph Lauren shirt, size 38, 32-26-35",
        "Ordered 2 on 2026-11-03, paid $1,299.00, model DV7-1211EA, 100% cotton",
        "iPhone 15 Pro Max 256GB, 4.5 stars out of 5, 12-pack, 500 ml",
        "EAN 4006381333931 fits",
    ],
)
def test_goods_prices_sizes_and_brands_are_left(text: str) -> None:
    assert redact(text) == text


def test_what_a_shop_names_is_kept() -> None:
    assert redact("Emily Rose dress, 张小花连衣裙") != "Emily Rose dress, 张小花连衣裙"
    kept = redact("emily dress", keep=["Emily"])
    assert kept == "emily dress"
    assert redact("Emily dress, 张小花连衣裙", keep=["EMILY", "张小花"]) == "Emily dress, 张小花连衣裙"


@given(st.text(st.sampled_from("张伟路1号38@. aBMr[]\n市区x微信"), max_size=60))
def test_pieces_never_overlap_and_nothing_else_changes(text: str) -> None:
    found = personal_in(text)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    left = redact(text)
    for number, one in enumerate(found):
        before = found[number - 1].end if number else 0
        assert text[before : one.start] in left


@pytest.mark.parametrize(
    "text", ["市区镇路1号", "1", "a@", "一三", "Mr A", "1 A ", "Aa ", "order 1", "微信1"], ids=str
)
def test_fifty_thousand_characters_of_anything_are_read(text: str) -> None:
    redact(text * (50_000 // len(text)))  # a pattern that runs wild would never end


def test_check_digits_hold_for_real_numbers_and_for_no_neighbours() -> None:
    assert luhn("79927398713")
    assert sum(luhn(f"7992739871{digit}") for digit in range(10)) == 1
    assert is_identity_cn("11010519491231002X")
    assert not is_identity_cn("110105194912310021")
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB83WEST12345698765432")


def test_the_benchmark_has_sentences_of_both_languages_for_every_kind() -> None:
    root = Path(__file__).resolve().parents[2]
    lines = (root / "benchmarks" / "planted_personal.tsv").read_text(encoding="utf-8").splitlines()[1:]
    kinds = {tuple(line.split("\t")[:2]) for line in lines}
    assert {("zh", "name"), ("en", "name"), ("zh", "address"), ("en", "address")} <= kinds
