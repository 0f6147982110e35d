"""WordPiece: BERT's engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from formers.tokenization.engines.vocabularies import with_unknown

# White space to Python's str.split, which the Python BERT tokenizer used, but not to Unicode.
_INFORMATION_SEPARATORS = Regex("[\x1c-\x1f]")


def wordpiece_model(vocabulary: Mapping[str, int], unknown: str, longest: int = 100, prefix: str = "##") -> Any:
    """Make the longest-match-first sub-word model of BERT.

    Args:
        vocabulary: Tokens and their ids.
        unknown: The token for words that the vocabulary has no pieces for.
        longest: Words of more characters than this are unknown.
        prefix: How tokens begin that continue a word.
    """
    return models.WordPiece(
        vocab=with_unknown(vocabulary, unknown),
        unk_token=unknown,
        max_input_chars_per_word=longest,
        continuing_subword_prefix=prefix,
    )


def wordpiece_engine(
    vocabulary: Mapping[str, int],
    unknown: str,
    *,
    lowercase: bool = True,
    clean_text: bool = True,
    chinese_characters: bool = True,
    strip_accents: bool | None = None,
    prefix: str = "##",
) -> Tokenizer:
    """Make BERT's engine: clean, split at white space and punctuation, split words into word pieces.

    Args:
        vocabulary: Tokens and their ids.
        unknown: The unknown token.
        lowercase: Whether to make everything lower case.
        clean_text: Whether to drop control characters.
        chinese_characters: Whether to split at every Chinese character.
        strip_accents: Whether to drop accents; None: if `lowercase`.
        prefix: How tokens begin that continue a word.
    """
    engine = Tokenizer(wordpiece_model(vocabulary, unknown, prefix=prefix))
    engine.normalizer = normalizers.BertNormalizer(
        clean_text=clean_text,
        handle_chinese_chars=chinese_characters,
        strip_accents=strip_accents,
        lowercase=lowercase,
    )
    engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    engine.decoder = decoders.WordPiece(prefix=prefix, cleanup=False)
    return engine


def python_wordpiece_engine(
    vocabulary: Mapping[str, int], unknown: str, *, basic: bool, lowercase: bool, chinese_characters: bool
) -> Tokenizer:
    """Make the engine of the Python class `BertTokenizer`: no cleaning, and white space as Python sees it.

    Args:
        vocabulary: Tokens and their ids.
        unknown: The unknown token.
        basic: Whether to split at punctuation and to normalize; else texts are split at white space alone.
        lowercase: Whether to make everything lower case and drop accents.
        chinese_characters: Whether to split at every Chinese character.
    """
    engine = Tokenizer(wordpiece_model(vocabulary, unknown))
    engine.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    if basic:
        engine.normalizer, engine.pre_tokenizer = python_words(lowercase, chinese_characters)
    else:
        engine.normalizer = normalizers.Replace(_INFORMATION_SEPARATORS, " ")
        engine.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return engine


def python_words(lowercase: bool, chinese_characters: bool) -> tuple[Any, Any]:
    """Make what splits texts into words and punctuation as the Python class `BasicTokenizer` does.

    Args:
        lowercase: Whether to make everything lower case and drop accents.
        chinese_characters: Whether to split at every Chinese character.

    Returns:
        A normalizer and a pre-tokenizer.
    """
    bert = normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=chinese_characters, strip_accents=lowercase, lowercase=lowercase
    )
    spaces = normalizers.Replace(_INFORMATION_SEPARATORS, " ")
    return normalizers.Sequence([spaces, bert]), pre_tokenizers.BertPreTokenizer()
