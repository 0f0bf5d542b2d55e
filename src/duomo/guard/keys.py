"""Keys that are compared without giving them away."""

import hashlib
import hmac


def key_matches(sent: str, known: str) -> bool:
    """Whether the key sent is the known one; an empty known key matches nothing.

    Takes the same time wherever the two differ and however long they are, so that a key cannot be
    guessed letter by letter.

    >>> key_matches("open sesame", "open sesame"), key_matches("", "")
    (True, False)
    """
    return bool(known) and hmac.compare_digest(_digest(sent), _digest(known))


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass")).digest()
