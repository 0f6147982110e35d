"""Names for the choices that the tokenizer API offers, and the small values it takes and returns."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, Self

from tokenizers import AddedToken as AddedToken

# A tokenizer without a known limit has this model_max_length; anything above LARGE_INTEGER counts as "no limit".
VERY_LARGE_INTEGER = int(1e30)
LARGE_INTEGER = int(1e20)

# What can be encoded, as the documented signatures name it.
TextInput = str
PreTokenizedInput = list[str]
EncodedInput = list[int]
TextInputPair = tuple[str, str]
PreTokenizedInputPair = tuple[list[str], list[str]]
EncodedInputPair = tuple[list[int], list[int]]

Ids = list[int]
Token = str | AddedToken


def text_of(token: Token) -> str:
    """Return the characters of a token."""
    return token.content if isinstance(token, AddedToken) else token


class ExplicitEnum(Enum):
    """An enumeration of strings whose error names the value found and the values expected."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        names = [member.value for member in cls]
        raise ValueError(f"{value!r} is not a valid {cls.__name__}, please select one of {names}")


class TruncationStrategy(ExplicitEnum):
    """Which of two sequences is truncated when both are too long together."""

    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"
    LONGEST_FIRST = "longest_first"
    DO_NOT_TRUNCATE = "do_not_truncate"


class PaddingStrategy(ExplicitEnum):
    """What length sequences are padded to."""

    LONGEST = "longest"
    MAX_LENGTH = "max_length"
    DO_NOT_PAD = "do_not_pad"


class TensorType(ExplicitEnum):
    """Whose tensors `return_tensors` gives."""

    PYTORCH = "pt"
    TENSORFLOW = "tf"
    NUMPY = "np"


# What the documented arguments of these names take.
Padding = bool | str | PaddingStrategy
Truncation = bool | str | TruncationStrategy
Tensors = str | TensorType | None


class CharSpan(NamedTuple):
    """Characters of a text: `start` is the first, `end` the one after the last."""

    start: int
    end: int


class TokenSpan(NamedTuple):
    """Tokens of a sequence: `start` is the first, `end` the one after the last."""

    start: int
    end: int
