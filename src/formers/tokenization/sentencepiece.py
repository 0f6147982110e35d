"""SentencePiece on the engine of `tokenizers`, and the base class of the tokenizers that use it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from formers.files import replacing
from formers.tokenization.assembly import Ids
from formers.tokenization.charsmap import CharsMap, needs_exact_rules
from formers.tokenization.engine_tokenizer import EngineTokenizer, encodable, encode_bare
from formers.tokenization.engines import is_full
from formers.tokenization.sentencepiece_model import SPACE, Kind, SentencePieceModel, read_sentencepiece
from formers.tokenization.words import Split, WordIds, at_spaces

# What SentencePiece shows for the unknown piece.
UNKNOWN_SURFACE = " \u2047 "


def sentencepiece_engine(model: SentencePieceModel) -> Tokenizer:
    """An engine that cuts texts as a SentencePiece model does.

    Tokens have the numbers of the model. Pieces that are never found in texts have names there that no text can have.

    Args:
        model: The model.
    """
    engine = Tokenizer(_bpe(model) if model.algorithm == "bpe" else _unigram(model))
    engine.normalizer = normalizers.Sequence(
        [*([normalizers.Precompiled(model.charsmap)] if model.charsmap else []), *_space_rules(model)]
    )
    if model.words_apart:
        engine.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="never", split=True)
    scheme = "always" if model.add_dummy_prefix else "never"
    engine.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme=scheme)
    return engine


def _space_rules(model: SentencePieceModel) -> list[Any]:
    rules: list[Any] = []
    if model.remove_extra_whitespaces:
        rules += [normalizers.Replace(Regex("^ +"), ""), normalizers.Replace(Regex(" {2,}"), " ")]
    if model.add_dummy_prefix:
        rules.append(normalizers.Prepend(SPACE))
    rules.append(normalizers.Replace(" ", SPACE))
    if model.remove_extra_whitespaces:
        rules.append(normalizers.Replace(Regex(f"{SPACE}+$"), ""))
    return rules


def _names(model: SentencePieceModel) -> list[str]:
    """What the engine is to look for: a space, which no normalised text has, hides pieces that are not for texts."""
    hidden = (Kind.UNKNOWN, Kind.CONTROL, Kind.UNUSED)
    return [f" {piece.text}" if piece.kind in hidden else piece.text for piece in model.pieces]


def _unigram(model: SentencePieceModel) -> Any:
    normal = [piece.score for piece in model.pieces if piece.kind is Kind.NORMAL]
    # Unknown characters cost 10 more than the worst piece, so pieces that do not count must not be worse than those
    # that do. Symbols of the user's own go before all others.
    lowest, own = min(normal, default=0.0), max([0.0, *normal]) - 0.1
    vocabulary = [
        (name, {Kind.NORMAL: piece.score, Kind.USER_DEFINED: own}.get(piece.kind, lowest))
        for name, piece in zip(_names(model), model.pieces, strict=True)
    ]
    return models.Unigram(vocabulary, model.unknown_id, model.byte_fallback)


def _bpe(model: SentencePieceModel) -> Any:
    names = _names(model)
    vocabulary = {name: i for i, name in enumerate(names)}
    usable = {piece.text: piece.score for piece in model.pieces if piece.kind in (Kind.NORMAL, Kind.USER_DEFINED)}
    # Two neighbours become one piece if there is such a piece; that with the best score first, then from the left.
    merges = [
        (-score, text[:i], text[i:])
        for text, score in usable.items()
        for i in range(1, len(text))
        if (i == 1 or text[:i] in usable) and (i == len(text) - 1 or text[i:] in usable)
    ]
    for character in {part for _, *pair in merges for part in pair if part not in vocabulary}:
        vocabulary[character] = len(vocabulary)
    pairs = [(left, right) for _, left, right in sorted(merges, key=lambda merge: merge[0])]
    return models.BPE(
        vocab=vocabulary,
        merges=pairs,
        unk_token=names[model.unknown_id],
        fuse_unk=True,
        byte_fallback=model.byte_fallback,
    )


class Pieces:
    """A SentencePiece model at work.

    Args:
        path: The model's file, or the `tokenizer.json` made of one.

    Raises:
        ValueError: If there is no such file, or it is of no kind that is known here.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.model = read_sentencepiece(path)
        self.engine = sentencepiece_engine(self.model)
        self._exact: CharsMap | None = None
        self._normalized = Tokenizer(self.engine.model)
        self._normalized.normalizer = normalizers.Sequence(_space_rules(self.model))
        if self.engine.pre_tokenizer is not None:
            self._normalized.pre_tokenizer = self.engine.pre_tokenizer
        self.numbers = {piece.text: i for i, piece in enumerate(self.model.pieces)}

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(self.model.pieces)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_exact": None}

    @property
    def split(self) -> Split | None:
        """How texts may be cut into parts that the model treats alone."""
        model = self.model
        apart = model.words_apart and model.add_dummy_prefix and model.remove_extra_whitespaces and not model.own_rules
        return at_spaces if apart else None

    def _by_rules(self, text: str) -> str:
        if self._exact is None:
            self._exact = CharsMap(self.model.charsmap)
        return self._exact(text)

    def _is_hard(self, text: str) -> bool:
        return bool(self.model.charsmap) and needs_exact_rules(text)

    def normalize(self, text: str) -> str:
        """The text as it is cut: by the model's rules, with `▁` for spaces."""
        text = encodable(text)
        if self._is_hard(text):
            return self._normalized.normalizer.normalize_str(self._by_rules(text))
        return self.engine.normalizer.normalize_str(text)

    def tokenize(self, text: str) -> list[str]:
        """Pieces of a text; unknown characters as they are, neighbours together."""
        ready = self.normalize(text)
        if not ready:
            return []
        content = ready.encode("utf-8")
        if self.model.byte_fallback:
            return [token.value for token in self.engine.model.tokenize(ready)]
        return [content[slice(*token.offsets)].decode("utf-8") for token in self.engine.model.tokenize(ready)]

    def ids(self, texts: Sequence[str]) -> list[Ids]:
        """Numbers, in the model, of the pieces of each text."""
        texts = [encodable(text) for text in texts]
        hard = [i for i, text in enumerate(texts) if self._is_hard(text)]
        if not hard:
            return encode_bare(self.engine, texts)
        rows = encode_bare(self.engine, texts)
        exact = encode_bare(self._normalized, [self._by_rules(texts[i]) for i in hard])
        for i, row in zip(hard, exact, strict=True):
            rows[i] = row
        return rows

    def decode(self, tokens: Sequence[str]) -> str:
        """Text of pieces: `▁` becomes a space, those at the beginning go. What is no piece stays as it is."""
        text = ""
        for token in tokens:
            number = self.numbers.get(token)
            kind = None if number is None else self.model.pieces[number].kind
            if kind is Kind.CONTROL:
                continue
            if kind is Kind.UNKNOWN:
                token = UNKNOWN_SURFACE
            elif kind is not None:
                if not text and token.startswith(SPACE):
                    token = token[len(SPACE) :]
                token = token.replace(SPACE, " ")
            text += token
        return text

    def save(self, path: str) -> str:
        """Copy the model's file.

        Args:
            path: Where to. A model that came as a `tokenizer.json` is written under that name, into the same folder.

        Returns:
            The path of the copy.
        """
        if is_full(self.path):
            path = os.path.join(os.path.dirname(path), os.path.basename(self.path))
        if os.path.abspath(path) != os.path.abspath(self.path):
            with replacing(path) as temporary:
                shutil.copyfile(self.path, temporary)
        return path


class SentencePieceTokenizer(EngineTokenizer):
    """Base class of the tokenizers that stand on a SentencePiece model.

    Subclasses call `_set_pieces` once their own `__init__` has run.
    """

    _pieces_now: Pieces
    _numbers: list[int]

    def _set_pieces(self, pieces: Pieces, vocabulary: Mapping[str, int]) -> None:
        """Take a model into service.

        Args:
            pieces: The model.
            vocabulary: Tokens and their numbers; pieces that it lacks are unknown.
        """
        self._set_engine(pieces.engine, vocabulary)
        self._use(pieces)

    def _use(self, pieces: Pieces) -> None:
        """Cut texts with another model that has the same vocabulary from now on."""
        self._pieces_now = pieces
        self._engine = pieces.engine
        unknown = self._convert_token_to_id(self._unknown() or "")
        self._numbers = [self._vocabulary.get(piece.text, unknown) for piece in pieces.model.pieces]  # type: ignore[arg-type]
        self._words = WordIds(self._engine_ids, pieces.split)

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        return self._pieces_now.tokenize(text)

    def _engine_ids(self, texts: list[str]) -> list[Ids]:
        numbers, unknown = self._numbers, self._unknown_id
        known = len(numbers)
        return [
            [numbers[index] if index < known else unknown for index in row]  # type: ignore[misc]
            for row in self._pieces_now.ids(texts)
        ]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Text of tokens."""
        return self._pieces_now.decode(tokens)
