from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from duomo.encode.hashed_text import HashedText
from duomo.train.material import TITLES, Domain, Said, batch_of, counts_of, domain_of, prototypes, sayings_of
from duomo.train.pairs import KINDS, Pair

TYPES, COLORS = ("Shirts", "Watches", "Jeans"), ("Red", "Blue")


def pairs(copies: int = 2) -> list[Pair]:
    """Every type in every color, each so many times under one title."""
    return [
        Pair(
            id=f"{kind}-{color}-{copy}",
            picture=Path(f"{kind}{color}{copy}.jpg"),
            title=f"Acme {color} {kind}",
            attributes={"type": kind, "color": color},
            domain="d",
        )
        for kind in TYPES
        for color in COLORS
        for copy in range(copies)
    ]


def encode(texts: Sequence[str]) -> Said:
    """Hashed words as a tower's, and the numbers of their letters as pieces."""
    longest = max(map(len, texts))
    ids = [[ord(sign) % 97 + 1 for sign in text] + [0] * (longest - len(text)) for text in texts]
    return Said(HashedText(16).encode(texts), np.array(ids, np.int32))


def domain(name: str = "d", share: float = 1.0, views: int = 1) -> Domain:
    given = pairs()
    pictures = [np.full((len(given), 3), view, np.float32) for view in range(views)]
    return domain_of(name, given, share=share, pictures=pictures, encode=encode)


def test_every_text_is_true_of_its_owner_and_phrases_name_what_they_say() -> None:
    given = pairs()
    sayings = sayings_of(given, phrases=8)
    assert sayings.texts[: len(given)] == tuple(pair.title for pair in given)
    assert not sayings.said[: len(given)].any()
    assert sayings.said[len(given) :, list(KINDS).index("type")].all()
    assert any(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in sayings.texts)
    assert sayings_of(given, phrases=8).texts == sayings.texts
    assert sayings_of(given, phrases=8, seed=8).texts != sayings.texts


def test_a_text_is_true_of_whatever_it_describes_and_of_nothing_else() -> None:
    made, given = domain(), pairs()
    everything, texts = np.arange(len(given)), np.arange(len(made.sayings.texts))
    relevance = made.relevance(everything, texts)
    for text in texts:
        owner = given[made.sayings.owner[text]]
        named = [kind for kind, said in zip(KINDS, made.sayings.said[text], strict=True) if said]
        for row, pair in enumerate(given):
            true = (
                all(pair.attributes[kind] == owner.attributes[kind] for kind in named)
                if named
                else pair.title == owner.title
            )
            assert relevance[row, text] == true, (made.sayings.texts[text], pair.title)


def test_a_batch_is_shared_out_and_repeats_by_its_seed() -> None:
    domains = [domain("big", 0.75, views=2), domain("small", 0.25)]
    batch = batch_of(domains, 8, np.random.default_rng(1))
    again = batch_of(domains, 8, np.random.default_rng(1))
    assert all(bool((a == b).all()) for a, b in zip(batch, again, strict=True))
    assert batch.pictures.shape == (8, 3)
    assert bool((batch.relevance.diagonal() == 1).all())
    assert float(batch.relevance[:6, 6:].sum() + batch.relevance[6:, :6].sum()) == 0
    assert set(batch.pictures[:6, 0].tolist()) == {0.0, 1.0}  # both views are drawn
    assert counts_of(domains) == {"big": 12, "small": 12}


def test_titles_are_drawn_about_as_often_as_phrases() -> None:
    made = domain()
    rng = np.random.default_rng(0)
    drawn = np.concatenate([made._texts(np.arange(12), rng) for _ in range(200)])
    assert np.mean(drawn < 12) == pytest.approx(TITLES, abs=0.05)
    assert all(made.sayings.owner[drawn].reshape(200, 12)[0] == np.arange(12))


def test_pairs_without_a_type_have_their_title_alone() -> None:
    bare = [Pair(id="1", picture=Path("1.jpg"), title="Thing", attributes={"color": "Red"}, domain="d")]
    assert sayings_of(bare, phrases=5).texts == ("Thing",)
    made = domain_of(
        "d",
        bare,
        share=1,
        pictures=[np.ones((1, 3), np.float32)],
        encode=encode,
    )
    assert batch_of([made], 4, np.random.default_rng(0)).relevance.tolist() == [[1.0]]


def test_prototypes_point_where_their_class_lies() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4, 6)).astype(np.float32)
    typical = np.abs(rng.normal(size=(50, 6))).astype(np.float32)
    made = prototypes(
        rows,
        typical,
        np.ones((50, 2), np.float32),
        [["cup", "杯子"], ["hat"], ["bed"], ["car"]],
        share=1,
        encode=encode,
    )
    away = made.pictures[0, :, :6].astype(np.float32) - typical.mean(axis=0)
    assert (away @ (rows - rows.mean(axis=0)).T).argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert float(made.pictures.min()) >= 0  # as features after a ReLU are
    first, second = (made.draw(4, np.random.default_rng(seed)) for seed in (0, 1))
    assert not bool((first.pictures[:, :6] == second.pictures[:, :6]).any())
    assert made.relevance(np.arange(4), np.array([0, 4, 5])).tolist() == [[True] * 3] + [[False] * 3] * 3
