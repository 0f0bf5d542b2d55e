"""What a shop learns from its own labelled opinions on aspects."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from duomo.errors import BadFile
from duomo.train.aspects_own import Labelled, Learned, learn_own
from duomo.train.aspects_own_names import judged_groups, learn_groups
from duomo.understand.aspects import TextOpinions
from duomo.understand.aspects_groups import Groups, WordList
from duomo.understand.aspects_own import OWN, load_own, save_own, shop_aspects
from duomo.understand.aspects_shipped import shipped_aspects
from duomo.understand.heads import save_head

# In this shop people speak of a game: the "meta" is "busted" when it is good and
# "washed" when it is bad, and that of a raid is another thing than that of a map.
NAMES = [("wombo meta", "play"), ("drop table", "loot"), ("netcode", "servers"), ("skin line", "looks")]
MOODS = [("busted", "positive"), ("washed", "negative")]
ROUND = ["patch", "raid", "ladder", "map", "season", "event", "mode", "queue"]


def rows(count: int = 160) -> list[Labelled]:
    rng = np.random.default_rng(3)
    found = []
    for number in range(count):
        (name, category), (mood, polarity) = NAMES[number % 4], MOODS[int(rng.integers(2))]
        name = f"{name} of the {ROUND[int(rng.integers(len(ROUND)))]}"
        text = f"since day {number} the {name} is {mood}"
        found.append(Labelled(text, name, category, polarity))
    return found


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn_own(rows(), shipped_aspects())


def said_of(said: TextOpinions, aspect: str) -> list[str | None]:
    return [each.polarity for each in said.opinions if each.aspect == aspect]


def test_what_only_this_shop_knows_is_learned_kept_and_used(learned: Learned, tmp_path: Path) -> None:
    assert learned.both.mean > 0.95 > learned.shipped.mean
    assert learned.gain.low > 0
    assert learned.names
    assert learned.names.both > 0.95 > learned.names.shipped
    save_own(tmp_path, learned.own, learned.figures())
    good, bad = shop_aspects(tmp_path).read(
        ["since day 7 the wombo meta of the raid is busted", "the netcode is washed"]
    )
    assert said_of(good, "wombo meta of the raid") == ["positive"]
    assert said_of(bad, "netcode") == ["negative"]
    assert [each.group for each in bad.opinions] == ["servers"]


def test_without_a_head_the_shipped_reader_answers(tmp_path: Path) -> None:
    assert shop_aspects(tmp_path) is shipped_aspects()


def test_what_is_kept_is_what_was_learned(learned: Learned, tmp_path: Path) -> None:
    save_own(tmp_path, learned.own, {})
    again = load_own(tmp_path)
    assert [each.name for each in again.groups] == [each.name for each in learned.own.groups]
    assert again.polarity
    assert learned.own.polarity
    assert again.polarity.taught == learned.own.polarity.taught == (0, 1)
    texts = [row.text for row in rows(20)]
    one, other = (own.taught(shipped_aspects()).read(texts) for own in (learned.own, again))
    assert [each.as_dict() for each in one] == [each.as_dict() for each in other]


def test_what_was_not_taught_is_not_answered(learned: Learned) -> None:
    said = learned.own.taught(shipped_aspects()).read(["The screen is a screen.", "The menu is on paper."])
    assert {each.polarity for text in said for each in text.opinions} <= {"positive", "negative", None}


def test_groups_that_are_asked_for_go_before_those_of_the_shop(learned: Learned, tmp_path: Path) -> None:
    save_own(tmp_path, learned.own, {})
    (said,) = shop_aspects(tmp_path, [WordList.of(["网络", "netcode"])]).read(["the netcode is washed"])
    assert [each.group for each in said.opinions] == ["网络"]


def test_rows_that_teach_nothing_are_counted_by_the_reason() -> None:
    odd = [
        Labelled("the netcode is washed again", "lag", "", "negative"),
        Labelled("the netcode is washed for me", "netcode", "", "sideways"),
        Labelled("the netcode is washed for us", "", "", "negative"),
        Labelled("とても良い商品です", "商品", "", "positive"),
        Labelled("the netcode of today is washed", "netcode", "", "negative"),
        Labelled("the netcode of today is washed", "netcode", "", "negative"),
        Labelled("the netcode is the netcode", "netcode", "", "neutral"),
    ]
    left = learn_own([*rows(), *odd], shipped_aspects()).left_out
    assert left == {
        "aspect not in its text": 1,
        "polarity 'sideways'": 1,
        "no aspect and no category": 1,
        "text in no language that is read": 1,
        "labelled twice": 1,
        "too few neutral": 1,
    }


def test_a_category_alone_teaches_where_a_word_of_it_stands() -> None:
    bare = [Labelled(f"Oh, {row.text}", "", row.category, row.polarity) for row in rows(80)]
    lists = [WordList.of([category, name]) for name, category in NAMES]
    taught = learn_own([*rows(), *bare], shipped_aspects(), lists)
    assert taught.opinions > 160
    assert "labelled twice" not in taught.left_out


def test_too_few_are_told_with_what_there_is() -> None:
    with pytest.raises(BadFile, match=r"too few opinions .*positive.*negative"):
        learn_own(rows(20), shipped_aspects())
    praise = [row._replace(polarity="好评") for row in rows()]
    with pytest.raises(BadFile, match="160 positive, 0 negative"):
        learn_own(praise, shipped_aspects())


def test_a_head_of_another_kind_is_told_in_words(tmp_path: Path) -> None:
    save_head(tmp_path / OWN, {"form": 1, "name": "other"}, {"x": np.zeros(1, np.float32)})
    with pytest.raises(BadFile, match="is not one of aspects"):
        shop_aspects(tmp_path)


@pytest.mark.parametrize(
    ("named", "term", "group"),
    [
        ([("zipper", "hardware")], "the zipper", "hardware"),
        ([("价格", "价钱")], "很贵", "价钱"),  # called like a shipped group, whose words it has, too
        ([("zipper", "a"), ("zipper", "b"), ("zipper", "b")], "zipper", "b"),
    ],
)
def test_categories_become_groups(named: Sequence[tuple[str, str]], term: str, group: str) -> None:
    assert Groups(learn_groups(named, ())).named(term) == group


def test_a_shop_s_list_and_its_categories_are_joined() -> None:
    made = learn_groups(
        [("zipper", "hardware")], [WordList.of(["hardware", "buckle"]), WordList.of(["鞋底"])]
    )
    assert [each.name for each in made] == ["hardware", "鞋底"]
    assert Groups(made).named("zipper") == Groups(made).named("buckle") == "hardware"


def test_groups_are_judged_on_names_that_were_not_learned() -> None:
    assert judged_groups([("zipper", "")], ()) is None
    many = [(f"{kind} {number}", kind) for kind in ("zipper", "fabric") for number in range(30)]
    commonest, right = judged_groups(many, ()) or (0.0, 0.0)
    assert commonest == 0.5
    assert right == 1.0
