"""Chance that is the same for the same seed: whatever the simulator draws, it draws here.

Every habit, person and day has a chance of its own, made from the seed and their names. So a change of one habit leaves
what the others write as it was, and a day is the same whether it is simulated alone or among others.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Chance(Random):
    """A source of choices, made by `chance`."""

    def is_true(self, share: float) -> bool:
        """Tell yes in a share (0 to 1) of all cases."""
        return self.random() < share

    def uuid(self) -> str:
        """Give a random UUID (version 4)."""
        text = f"{self.getrandbits(128):032x}"
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def hex(self, length: int) -> str:
        """Give hexadecimal digits."""
        return f"{self.getrandbits(4 * length):0{length}x}"

    def token(self, length: int = 22) -> str:
        """Give letters of URL-safe Base64, as ids of tokens have."""
        return "".join(self.choices(_ALPHABET, k=length))

    def key(self, prefix: str, owner: str = "") -> str:
        """Give an id of AWS, of 20 letters: of what kind (`AKIA`, `AROA`), and `EXAMPLE`, so that none is real."""
        head = f"{prefix}EXAMPLE{owner.upper()}"[:16]
        return head + "".join(self.choices(_KEY_ALPHABET, k=20 - len(head)))

    def seconds(self, low: float, high: float) -> timedelta:
        """Give a time between two numbers of seconds, in whole milliseconds."""
        return timedelta(milliseconds=int(self.uniform(low, high) * 1000))

    def minutes(self, low: float, high: float) -> timedelta:
        """Give a time between two numbers of minutes, in whole milliseconds."""
        return self.seconds(low * 60, high * 60)


def chance(seed: int, *names: object) -> Chance:
    """Make the chance of something from the seed and its names."""
    return Chance("|".join(map(str, (seed, *names))))
