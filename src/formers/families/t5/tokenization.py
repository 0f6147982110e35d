"""T5's tokenizer: SentencePiece, and tokens that stand for hidden spans of text."""

from __future__ import annotations

import os
from typing import Any

from formers.tokenization.sentencepiece import Pieces, SentencePieceTokenizer
from formers.tokenization.special_tokens import Token

VOCAB_FILES_NAMES = {"vocab_file": "spiece.model"}

_NAMES = ("t5-small", "t5-base", "t5-large", "t5-3b", "t5-11b")

PRETRAINED_VOCAB_FILES_MAP = {
    "vocab_file": {name: f"https://huggingface.co/{name}/resolve/main/spiece.model" for name in _NAMES}
}
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_NAMES, 512)


class T5Tokenizer(SentencePieceTokenizer):
    """T5's tokenizer.

    It puts no `</s>` at the end of a text.

    Args:
        vocab_file: Path of `spiece.model` (or of a `tokenizer.json`).
        eos_token: Stands for the end of a text.
        unk_token: Stands for characters that the vocabulary lacks.
        pad_token: Fills up short sequences.
        extra_ids: How many tokens `<extra_id_0>`, `<extra_id_1>`, ... stand at the end of the vocabulary, the last
            first; they mark hidden spans.
        additional_special_tokens: Further special tokens.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file, or it is no SentencePiece model.
    """

    vocab_files_names = VOCAB_FILES_NAMES
    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    model_input_names = ["attention_mask"]

    def __init__(
        self,
        vocab_file: str,
        eos_token: Token = "</s>",
        unk_token: Token = "<unk>",
        pad_token: Token = "<pad>",
        extra_ids: int = 100,
        additional_special_tokens: list[Token] | None = None,
        **kwargs: Any,
    ) -> None:
        extra = [f"<extra_id_{i}>" for i in range(extra_ids)]
        given = list(additional_special_tokens or ())
        super().__init__(
            eos_token=eos_token,
            unk_token=unk_token,
            pad_token=pad_token,
            additional_special_tokens=[*given, *(token for token in extra if token not in given)],
            **kwargs,
        )
        self.vocab_file = vocab_file
        self.extra_ids = extra_ids
        pieces = Pieces(vocab_file)
        # A tokenizer.json counts the extra tokens among the pieces.
        texts = [text for text in pieces.numbers if text not in extra]
        self._set_pieces(pieces, {text: index for index, text in enumerate([*texts, *reversed(extra)])})

    def save_vocabulary(self, save_directory: str) -> tuple[str]:
        """Write the SentencePiece model.

        Args:
            save_directory: Folder to write to.

        Returns:
            The path of the file.

        Raises:
            ValueError: If it is no folder.
        """
        if not os.path.isdir(save_directory):
            raise ValueError(f"Vocabulary path ({save_directory}) should be a directory")
        return (self._pieces_now.save(os.path.join(save_directory, VOCAB_FILES_NAMES["vocab_file"])),)
