"""SentencePiece models as engines of `tokenizers`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from formers.files import replacing
from formers.tokenization.engines.charsmap import CharsMap, needs_exact_rules
from formers.tokenization.engines.running import encodable, encode_bare
from formers.tokenization.engines.sentencepiece_model import SPACE, Kind, SentencePieceModel, read_sentencepiece
from formers.tokenization.engines.vocabularies import is_full
from formers.tokenization.engines.words import Split, at_spaces
from formers.tokenization.types import Ids

# What SentencePiece shows for the unknown piece.
UNKNOWN_SURFACE = " \u2047 "


def sentencepiece_engine(model: SentencePieceModel) -> Tokenizer:
    """Make an engine that splits texts as a SentencePiece model does.

    Tokens have the ids of the model. Pieces that are never found in texts have names there that no text can have.

    Args:
        model: The model.
    """
    engine = Tokenizer(_bpe(model) if model.algorithm == "bpe" else _unigram(model))
    engine.normalizer = normalizers.Sequence(
        [*([normalizers.Precompiled(model.charsmap)] if model.charsmap else []), *_space_rules(model)]
    )
    if model.splits_words:
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
    """Name the pieces for the engine: those that are not for texts get a space, which no normalized text has."""
    unused = (Kind.UNKNOWN, Kind.CONTROL, Kind.UNUSED)
    return [f" {piece.text}" if piece.kind in unused else piece.text for piece in model.pieces]


def _unigram(model: SentencePieceModel) -> Any:
    normal = [piece.score for piece in model.pieces if piece.kind is Kind.NORMAL]
    # Unknown characters cost 10 more than the worst piece, so pieces that do not count must not be worse than those
    # that do. User-defined symbols go before all others.
    lowest, highest = min(normal, default=0.0), max([0.0, *normal]) - 0.1
    vocabulary = [
        (name, {Kind.NORMAL: piece.score, Kind.USER_DEFINED: highest}.get(piece.kind, lowest))
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
    """A SentencePiece model and its engine.

    Args:
        path: The model's file, or the `tokenizer.json` made of one.

    Raises:
        ValueError: If there is no such file, or its kind is not known here.
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
        self.piece_ids = {piece.text: i for i, piece in enumerate(self.model.pieces)}

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self.model.pieces)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_exact": None}

    @property
    def split(self) -> Split | None:
        """How to split texts into parts that are tokenized independently; None if that is impossible."""
        model = self.model
        usual = model.add_dummy_prefix and model.remove_extra_whitespaces and not model.custom_rules
        return at_spaces if usual and model.splits_words else None

    def _by_rules(self, text: str) -> str:
        if self._exact is None:
            self._exact = CharsMap(self.model.charsmap)
        return self._exact(text)

    def _is_hard(self, text: str) -> bool:
        return bool(self.model.charsmap) and needs_exact_rules(text)

    def normalize(self, text: str) -> str:
        """Normalize a text by the model's rules, with `▁` for spaces."""
        text = encodable(text)
        if self._is_hard(text):
            return self._normalized.normalizer.normalize_str(self._by_rules(text))
        return self.engine.normalizer.normalize_str(text)

    def tokenize(self, text: str) -> list[str]:
        """Split a text into pieces; neighbouring unknown characters are one piece, as they are."""
        ready = self.normalize(text)
        if not ready:
            return []
        content = ready.encode("utf-8")
        if self.model.byte_fallback:
            return [token.value for token in self.engine.model.tokenize(ready)]
        return [content[slice(*token.offsets)].decode("utf-8") for token in self.engine.model.tokenize(ready)]

    def ids(self, texts: Sequence[str]) -> list[Ids]:
        """Encode texts: the ids, in the model, of the pieces of each."""
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
        """Join pieces to a text: `▁` becomes a space, one at the beginning goes; unknown strings stay as they are."""
        text = ""
        for token in tokens:
            index = self.piece_ids.get(token)
            kind = None if index is None else self.model.pieces[index].kind
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
