"""T5's tokenizer: SentencePiece, and tokens for masked spans of text."""

from __future__ import annotations

from typing import Any

from formers.hub import find_file
from formers.tokenization.engines.sentencepiece import Pieces
from formers.tokenization.engines.sentencepiece_model import SPACE
from formers.tokenization.engines.vocabularies import is_full, read_json
from formers.tokenization.inputs.layout import Layout
from formers.tokenization.loading import FULL_TOKENIZER_FILE
from formers.tokenization.sentencepiece import SentencePieceTokenizer
from formers.tokenization.types import Token

SPIECE_UNDERLINE = SPACE
VOCAB_FILES_NAMES = {"vocab_file": "spiece.model"}

_NAMES = ("t5-small", "t5-base", "t5-large", "t5-3b", "t5-11b")

PRETRAINED_VOCAB_FILES_MAP = {
    "vocab_file": {name: f"https://huggingface.co/{name}/resolve/main/spiece.model" for name in _NAMES}
}
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_NAMES, 512)


class T5Tokenizer(SentencePieceTokenizer):
    """T5's tokenizer.

    T5 was trained on texts that end with `</s>`. v3.0.2 left it to its users to write `</s>`, and so does this class as
    long as there is nothing but a SentencePiece model. Where a checkpoint has a `tokenizer.json` that ends every text
    with `</s>`, as all those on the hub by now, that is followed, and a text that ends with `</s>` gets no second one.

    Args:
        vocab_file: Path of `spiece.model` (or of a `tokenizer.json`).
        eos_token: Token for the end of a text.
        unk_token: Unknown token, for characters that the vocabulary lacks.
        pad_token: Padding token.
        extra_ids: How many tokens `<extra_id_0>`, `<extra_id_1>`, ... are at the end of the vocabulary, the last
            first; they mark masked spans.
        additional_special_tokens: Further special tokens.
        tokenizer_file: Path of a `tokenizer.json` beside the model.
        add_eos_token: Whether to end every text with `eos_token`; None for what `tokenizer.json` says, else not.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file, or it is not a SentencePiece model.
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
        tokenizer_file: str | None = None,
        add_eos_token: bool | None = None,
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
        full = vocab_file if is_full(vocab_file) else tokenizer_file
        self.add_eos_token = add_eos_token
        if add_eos_token is None and full is not None and _ends_texts(full, self.eos_token):
            self.add_eos_token = True
        pieces = Pieces(vocab_file)
        # A tokenizer.json counts the extra tokens among the pieces.
        texts = [text for text in pieces.piece_ids if text not in extra]
        self._set_pieces(pieces, {text: index for index, text in enumerate([*texts, *reversed(extra)])})

    @classmethod
    def _vocabulary_files(cls, name: str, hub: dict[str, Any]) -> dict[str, str]:
        full = find_file(name, [FULL_TOKENIZER_FILE], **hub)
        return super()._vocabulary_files(name, hub) | ({} if full is None else {"tokenizer_file": full})

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make the model input of one sequence or two: `A`, `A B`; with `add_eos_token` `A </s>`, `A </s> B </s>`."""
        if not self.add_eos_token:
            return super().build_inputs_with_special_tokens(token_ids_0, token_ids_1)
        return [*self._ended(token_ids_0), *(() if token_ids_1 is None else self._ended(token_ids_1))]

    def get_special_tokens_mask(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """Mark the tokens of a model input: 1 for special tokens that are added, in a whole input for all of them.

        Args:
            token_ids_0: Token ids of a sequence.
            token_ids_1: Of a second one.
            already_has_special_tokens: Whether `token_ids_0` is the whole model input.

        Raises:
            ValueError: If there is a second sequence and `already_has_special_tokens`.
        """
        if already_has_special_tokens or not self.add_eos_token:
            return super().get_special_tokens_mask(token_ids_0, token_ids_1, already_has_special_tokens)
        sequences = [token_ids_0] if token_ids_1 is None else [token_ids_0, token_ids_1]
        return [mark for ids in sequences for mark in [*[0] * len(ids), *[1] * (len(self._ended(ids)) - len(ids))]]

    def _ended(self, ids: list[int]) -> list[int]:
        return ids if ids and ids[-1] == self.eos_token_id else [*ids, self.eos_token_id]

    def _layout(self, pair: bool) -> Layout:
        # Whether there is something to add depends on the input.
        return self._built_layout(pair) if self.add_eos_token else super()._layout(pair)


def _ends_texts(path: str, token: str | None) -> bool:
    """Find out whether a `tokenizer.json` puts a token at the end of every text."""
    template = (read_json(path).get("post_processor") or {}).get("single") or [{}]
    return template[-1].get("SpecialToken", {}).get("id") == token
