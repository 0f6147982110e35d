"""Vocabulary files to engines: `tokenizers.Tokenizer` objects that do the work of a kind of tokenizer."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from formers.files import lfs_complaint
from formers.tokenization.special_tokens import Token, text_of

Merges = list[tuple[str, str]]

END_OF_WORD = "</w>"

# White space to Python's str.split, which the Python BERT tokenizer used, but not to Unicode.
_INFORMATION_SEPARATORS = Regex("[\x1c-\x1f]")


def read_text(path: str) -> str:
    """Text of a vocabulary file.

    Raises:
        ValueError: If there is no such file, or it is no UTF-8 text, or a git-LFS pointer.
    """
    try:
        content = Path(path).read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ValueError(
            f"Can't find a vocabulary file at path {path!r}. To load the vocabulary of a pretrained model use "
            "`from_pretrained(name_or_folder)` of the tokenizer class."
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"the vocabulary file {path!r} is no UTF-8 text (byte {error.start}): {error.reason}"
        ) from error
    if complaint := lfs_complaint(content[:200].encode()):
        raise ValueError(f"the vocabulary file {path!r} {complaint}")
    # A byte order mark, which some editors write, is no part of the first token; alone on its line it is a token.
    return content[1:] if content.startswith("\ufeff") and content[1:2] not in ("", "\n", "\r") else content


def read_json(path: str) -> Any:
    """Content of a vocabulary file in JSON.

    Raises:
        ValueError: As `read_text`; also if it is no JSON.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"the vocabulary file {path!r} is no valid JSON: {error}") from error


def _model_in(path: str, kind: str) -> dict[str, Any]:
    """The `model` part of a `tokenizer.json`."""
    content = read_json(path)
    model = content.get("model", {}) if isinstance(content, dict) else {}
    # Files of early versions do not name the type.
    guess = "BPE" if "merges" in model else "WordPiece" if "max_input_chars_per_word" in model else None
    found = model.get("type", guess)
    if found != kind:
        raise ValueError(f"{path!r} holds a tokenizer of type {found!r}, and {kind!r} was expected")
    return model


def read_engine(path: str) -> Tokenizer:
    """Read a `tokenizer.json`.

    Raises:
        ValueError: If it is none.
    """
    content = Path(path).read_text(encoding="utf-8-sig")
    try:
        json.loads(content)
        return Tokenizer.from_str(content)
    except Exception as error:  # `tokenizers` raises plain Exception
        raise ValueError(f"{path} is no tokenizer.json that the `tokenizers` library can read: {error}") from error


def added_tokens_in(path: str) -> dict[str, AddedToken]:
    """Read the added tokens of a `tokenizer.json`, by their texts."""
    content = read_json(path)
    entries = content.get("added_tokens") if isinstance(content, dict) else None
    return {
        entry["content"]: AddedToken(**{key: value for key, value in entry.items() if key != "id"})
        for entry in entries or ()
    }


def is_full(path: str) -> bool:
    """Whether a vocabulary file is a `tokenizer.json`, by its name."""
    return Path(path).name == "tokenizer.json"


def wordpiece_vocabulary(path: str) -> dict[str, int]:
    """Tokens and their numbers from `vocab.txt` (a token a line), or from a WordPiece `tokenizer.json`."""
    if is_full(path):
        vocabulary = _model_in(path, "WordPiece")["vocab"]
        return dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    lines = read_text(path).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return {token.rstrip("\r"): index for index, token in enumerate(lines)}


def bpe_vocabulary(path: str) -> dict[str, int]:
    """Tokens and their numbers from `vocab.json`, or from a BPE `tokenizer.json`."""
    vocabulary = _model_in(path, "BPE")["vocab"] if is_full(path) else read_json(path)
    if not isinstance(vocabulary, dict):
        raise ValueError(f"{path!r} holds a {type(vocabulary).__name__}, and an object of tokens was expected")
    return vocabulary


def bpe_merges(path: str) -> Merges:
    """Pairs to merge, the most frequent first, from `merges.txt` (a pair a line) or from a BPE `tokenizer.json`."""
    if is_full(path):
        pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in _model_in(path, "BPE")["merges"]]
    else:
        lines = read_text(path).split("\n")
        if lines and lines[0].startswith("#version"):
            lines = lines[1:]
        pairs = [line.split() for line in lines if line.strip()]
    # A third column, if there is one, is the pair's frequency.
    return [(pair[0], pair[1]) for pair in pairs if len(pair) >= 2]


def with_unknown(vocabulary: Mapping[str, int], unknown: str) -> dict[str, int]:
    """A vocabulary that has the unknown token, under a further number if it lacks one."""
    if unknown in vocabulary:
        return dict(vocabulary)
    return {**vocabulary, unknown: max(vocabulary.values(), default=-1) + 1}


def wordpiece_model(vocabulary: Mapping[str, int], unknown: str, longest: int = 100, prefix: str = "##") -> Any:
    """Longest-match-first sub-word model (BERT).

    Args:
        vocabulary: Tokens and their numbers.
        unknown: The token for words that cannot be put together.
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
    """BERT's tokenizer: clean, split at white space and punctuation, cut into word pieces.

    Args:
        vocabulary: Tokens and their numbers.
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
    """What the Python class `BertTokenizer` does: no cleaning, and white space as Python sees it.

    Args:
        vocabulary: Tokens and their numbers.
        unknown: The unknown token.
        basic: Whether to split at punctuation and to normalise; else words are what stands between white space.
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
    """What splits texts into words and punctuation as the Python class `BasicTokenizer` does.

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


def character_engine(vocabulary: Mapping[str, int], merges: Merges, unknown: str) -> Tokenizer:
    """Byte-pair encoding on characters, where `</w>` marks the ends of words (GPT, CTRL); words have yet to be split.

    Args:
        vocabulary: Tokens and their numbers; tokens that end a word bear the mark.
        merges: Pairs to merge.
        unknown: The token for characters that the vocabulary lacks.
    """
    everything = with_unknown(vocabulary, unknown)
    complete = [pair for pair in merges if {*pair, "".join(pair)} <= everything.keys()]
    engine = Tokenizer(models.BPE(vocab=everything, merges=complete, unk_token=unknown, end_of_word_suffix=END_OF_WORD))
    engine.decoder = decoders.BPEDecoder(suffix=END_OF_WORD)
    return engine


def word_parts(engine: Tokenizer, word: str) -> list[str]:
    """The tokens of a word of a `character_engine`, without marks, and unknown characters as they are."""
    content = word.encode("utf-8")
    return [content[slice(*token.offsets)].decode("utf-8") for token in engine.model.tokenize(word)]


def byte_level_engine(
    vocabulary: Mapping[str, int], merges: Merges, unknown: str | None, *, prefix_space: bool, trim_offsets: bool
) -> Tokenizer:
    """Byte-pair encoding on bytes (GPT-2, RoBERTa, BART).

    Args:
        vocabulary: Tokens and their numbers.
        merges: Pairs to merge.
        unknown: The unknown token, for vocabularies that lack some bytes.
        prefix_space: Whether a text begins with a space.
        trim_offsets: Whether the space before a word does not count as part of it.
    """
    known = unknown if unknown in vocabulary else None
    complete = [pair for pair in merges if {*pair, "".join(pair)} <= vocabulary.keys()]
    engine = Tokenizer(models.BPE(vocab=dict(vocabulary), merges=complete, unk_token=known))
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    engine.decoder = decoders.ByteLevel()
    engine.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    return engine


def whole_vocabulary(vocabulary: Mapping[str, int], merges: Merges, alphabet: Sequence[str]) -> dict[str, int]:
    """A vocabulary with every letter and every merge, further ones under further numbers.

    The Python BPE tokenizers merge first and look tokens up afterwards; what is missing then is unknown.

    Args:
        vocabulary: Tokens and their numbers.
        merges: Pairs to merge.
        alphabet: All letters a text can be made of.
    """
    parts = [*alphabet, *(part for left, right in merges for part in (left, right, left + right))]
    missing = [part for part in dict.fromkeys(parts) if part not in vocabulary]
    first = max(vocabulary.values(), default=-1) + 1
    return {**vocabulary, **{part: first + index for index, part in enumerate(missing)}}


def get_pairs(word: Sequence[str]) -> set[tuple[str, str]]:
    """Collect the neighbours in a word.

    Args:
        word: Its symbols.
    """
    return set(pairwise(word))


def byte_alphabet() -> dict[int, str]:
    """The printable letter that stands for each byte in byte-level vocabularies.

    Printable bytes stand for themselves; the others, in order, for the letters from U+0100 on.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {byte: chr(byte) for byte in printable} | {byte: chr(0x100 + i) for i, byte in enumerate(others)}
    return dict(sorted(table.items()))


def bare_engine(engine: Tokenizer, unseen: Collection[str] = ()) -> Tokenizer:
    """An engine without its post-processor, so that it adds no special tokens; the big parts are shared.

    Args:
        engine: The engine.
        unseen: Added tokens that texts are not searched for.

    Returns:
        An engine that gives every token the number it has in `engine`.
    """
    bare = Tokenizer(engine.model)
    for part in ("normalizer", "pre_tokenizer", "decoder"):
        if (value := getattr(engine, part)) is not None:
            setattr(bare, part, value)
    tokens = []
    for index, token in sorted(engine.get_added_tokens_decoder().items()):
        if token.content not in unseen:
            tokens.append(token)
        elif engine.model.token_to_id(token.content) is None:
            # Ids are given out in order: a noncharacter, which texts do not have, takes this one.
            tokens.append(AddedToken(f"\ufdd0{index}", special=True, normalized=False))
    # As many as can be at once: the engine reads all its tokens anew after each call.
    for special, run in groupby(tokens, lambda token: token.special):
        (bare.add_special_tokens if special else bare.add_tokens)(list(run))
    return bare


def numbered(engine: Tokenizer, *tokens: str | None) -> list[tuple[str, int]] | None:
    """Tokens with their numbers, as post-processors want them; None if the engine lacks one."""
    found = [(token, engine.token_to_id(token)) for token in tokens if token is not None]
    known = [(token, index) for token, index in found if index is not None]
    return known if len(known) == len(tokens) else None


def add_specials(engine: Tokenizer, tokens: Sequence[Token | None]) -> None:
    """Make an engine keep special tokens whole; those that its vocabulary lacks are passed over."""
    present = [token for token in tokens if token and engine.token_to_id(text_of(token)) is not None]
    engine.add_special_tokens([text_of(token) if isinstance(token, str) else _special(token) for token in present])


def _special(token: AddedToken) -> AddedToken:
    return AddedToken(
        token.content, single_word=token.single_word, lstrip=token.lstrip, rstrip=token.rstrip, normalized=False
    )
