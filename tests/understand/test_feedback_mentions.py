"""What remarks praise and blame, as themes tell it."""

import pytest

from duomo.understand.aspects_shipped import shipped_aspects
from duomo.understand.feedback_file import Remark
from duomo.understand.feedback_mentions import Heard, hear, topic_names
from duomo.understand.sentiment_shipped import shipped_reader


def heard(*remarks: Remark) -> Heard:
    return hear(remarks, aspects=shipped_aspects(), sentiment=shipped_reader(fast=True))


@pytest.mark.parametrize(
    ("text", "topic", "polarity"),
    [
        ("The fabric is soft and lovely", "fabric", "positive"),
        ("The fabric is thin and scratchy", "fabric", "negative"),
        ("物流太慢了", "delivery", "negative"),
        ("客服态度很好", "service", "positive"),
    ],
)
def test_praise_and_blame_have_their_topic_in_both_languages(text: str, topic: str, polarity: str) -> None:
    (mention,) = heard(Remark(text=text)).mentions[:1]
    assert (mention.topic, mention.polarity) == (topic, polarity)
    assert text[mention.start : mention.end] in text


def test_what_turns_a_phrase_round_belongs_to_it() -> None:
    phrases = [m.phrase for m in heard(Remark(text="The fit is not flattering at all.")).mentions]
    assert any(phrase.startswith("not") for phrase in phrases)


def test_a_rating_that_says_the_opposite_is_counted() -> None:
    said = heard(
        Remark(text="Terrible quality, broke after one day, waste of money", rating=5.0),
        Remark(text="Terrible quality, broke after one day, waste of money", rating=1.0),
        Remark(text="质量非常好，很喜欢，推荐购买"),
    )
    assert said.contradicting == 1
    assert (said.positive > 0.5).tolist() == [False, False, True]


def test_topics_have_a_name_in_both_languages() -> None:
    assert topic_names()["delivery"] == ("Delivery", "物流")
    assert all(en and zh for en, zh in topic_names().values())
