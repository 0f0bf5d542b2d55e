"""Clips to vectors: frames of its scenes through a picture encoder, pooled by how long they last."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from duomo.arrays import Pixels, Vectors, unit
from duomo.encode.base import Encoder, EncoderCard
from duomo.encode.scenes import Pick, sampled
from duomo.guard.clips import Clip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What a picture encoder made of a clip."""

    vector: Vectors  # (dim,) length 1: the whole clip, in the space of its encoder's pictures
    frames: Vectors  # (n, dim) one row for each pick
    picks: tuple[Pick, ...]  # (n,) in order of time

    def best(self, vector: Vectors) -> tuple[Pick, float]:
        """The frame to show for a picture's or a text's vector, and its cosine; the earliest of equals.

        Args:
            vector: (dim,) length 1, of the same space.
        """
        cosines = self.frames @ vector
        place = int(np.argmax(cosines))
        return self.picks[place], float(cosines[place])


def pooled(frames: Vectors, seconds: Sequence[float]) -> Vectors:
    """The mean of frames' vectors, each weighing as many seconds as it stands for, brought to length 1.

    Training and serving both pool by this function.

    Args:
        frames: (n, dim), n above 0.
        seconds: (n,) above 0.

    Returns:
        (dim,) float32; zeros where the mean is zero.

    >>> pooled(np.eye(2, dtype=np.float32), [3.0, 4.0]).round(4).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    return unit(np.asarray(seconds, np.float32) @ frames)


@dataclass(frozen=True, slots=True)
class ClipEncoder:
    """Clips to vectors in the space of a picture encoder; it has no weights of its own.

    A clip of one frame gives the very vector of that picture.

    Args:
        picture: what encodes the frames.
        most_frames: how many frames of a clip it sees, at least 1.
    """

    picture: Encoder[Pixels]
    most_frames: int = 8

    @property
    def card(self) -> EncoderCard:
        """The card of the picture encoder, under a name that says how clips are seen through it."""
        of = self.picture.card
        return replace(of, name=f"{of.name} of clips", version=f"{of.version}, {self.most_frames} frames, 1")

    def encode(self, inputs: Sequence[Clip]) -> Vectors:
        """(n,) clips -> (n, card.dim) float32 rows of length 1; no clips -> shape (0, dim)."""
        rows = [self.see(clip).vector for clip in inputs]
        return np.stack(rows) if rows else np.zeros((0, self.picture.card.dim), np.float32)

    def see(self, clip: Clip) -> Seen:
        """The clip's vector, with those of the frames it comes from."""
        picks = sampled(clip, self.most_frames)
        frames = self.picture.encode([clip.frames[pick.place].pixels for pick in picks])
        return Seen(vector=pooled(frames, [pick.seconds for pick in picks]), frames=frames, picks=picks)
