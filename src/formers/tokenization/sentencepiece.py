"""The base class of the tokenizers that use SentencePiece."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from formers.tokenization.engine_tokenizer import EngineTokenizer
from formers.tokenization.engines.sentencepiece import Pieces
from formers.tokenization.engines.words import WordIds
from formers.tokenization.loading import vocabulary_folder
from formers.tokenization.types import Ids


class SentencePieceTokenizer(EngineTokenizer):
    """Base class of the tokenizers that use a SentencePiece model.

    Subclasses call `_set_pieces` at the end of their `__init__`.
    """

    _sentencepiece: Pieces
    _piece_ids: list[int]

    def _set_pieces(self, pieces: Pieces, vocabulary: Mapping[str, int]) -> None:
        """Use a model.

        Args:
            pieces: The model.
            vocabulary: Tokens and their ids; pieces that it lacks are unknown.
        """
        self._set_engine(pieces.engine, vocabulary)
        self._use(pieces)

    def _use(self, pieces: Pieces) -> None:
        """Change to another model that has the same vocabulary."""
        self._sentencepiece = pieces
        self._engine = pieces.engine
        unknown = self._convert_token_to_id(self._unknown() or "")
        self._piece_ids = [self._vocabulary.get(piece.text, unknown) for piece in pieces.model.pieces]  # type: ignore[arg-type]
        self._words = WordIds(self._engine_ids, pieces.split)

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        return self._sentencepiece.tokenize(text)

    def _engine_ids(self, texts: list[str]) -> list[Ids]:
        ids, unknown = self._piece_ids, self._unknown_id
        known = len(ids)
        return [
            [ids[index] if index < known else unknown for index in row]  # type: ignore[misc]
            for row in self._sentencepiece.ids(texts)
        ]

    def save_vocabulary(self, save_directory: str) -> tuple[str, ...]:
        """Write the SentencePiece model.

        Args:
            save_directory: Folder to write to.

        Returns:
            The path of the file.

        Raises:
            ValueError: If it is not a folder.
        """
        folder = vocabulary_folder(save_directory)
        return (self._sentencepiece.save(os.path.join(folder, self.vocab_files_names["vocab_file"])),)

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text."""
        return self._sentencepiece.decode(tokens)
