"""mBART's tokenizer: SentencePiece, with a token for the language at the end of a text."""

from __future__ import annotations

from typing import Any

from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.engines.sentencepiece import Pieces
from formers.tokenization.engines.sentencepiece_model import SPACE
from formers.tokenization.inputs.layout import Layout
from formers.tokenization.sentencepiece import SentencePieceTokenizer
from formers.tokenization.translating import translation_batch
from formers.tokenization.types import Padding, Tensors, Token

VOCAB_FILES_NAMES = {"vocab_file": "sentencepiece.bpe.model"}

_NAMES = ("facebook/mbart-large-en-ro", "facebook/mbart-large-cc25")

PRETRAINED_VOCAB_FILES_MAP = {
    "vocab_file": {name: f"https://huggingface.co/{name}/resolve/main/sentencepiece.bpe.model" for name in _NAMES}
}
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_NAMES, 1024)

FAIRSEQ_LANGUAGE_CODES = [
    "ar_AR",
    "cs_CZ",
    "de_DE",
    "en_XX",
    "es_XX",
    "et_EE",
    "fi_FI",
    "fr_XX",
    "gu_IN",
    "hi_IN",
    "it_IT",
    "ja_XX",
    "kk_KZ",
    "ko_KR",
    "lt_LT",
    "lv_LV",
    "my_MM",
    "ne_NP",
    "nl_XX",
    "ro_RO",
    "ru_RU",
    "si_LK",
    "tr_TR",
    "vi_VN",
    "zh_CN",
]

# Behind the 250000 pieces that both released models have.
LANGUAGE_IDS = {code: 250001 + i for i, code in enumerate(FAIRSEQ_LANGUAGE_CODES)}

# The model was trained with these first; the pieces of SentencePiece begin with <unk>, <s>, </s>.
_FIRST = ("<s>", "<pad>", "</s>", "<unk>")


class MBartTokenizer(SentencePieceTokenizer):
    """mBART's tokenizer. A text ends with `</s>` and the token of its language, at first `en_XX`.

    Args:
        vocab_file: Path of `sentencepiece.bpe.model`.
        bos_token: Token for the beginning of a text.
        eos_token: Token for the end of a text.
        sep_token: Separator between sequences.
        cls_token: First token in classification tasks.
        unk_token: Unknown token, for characters that the vocabulary lacks.
        pad_token: Padding token.
        mask_token: Masked token.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file, or it is not a SentencePiece model.
    """

    vocab_files_names = VOCAB_FILES_NAMES
    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    model_input_names = ["attention_mask"]
    lang_code_to_id = LANGUAGE_IDS
    id_to_lang_code = {index: code for code, index in LANGUAGE_IDS.items()}
    cur_lang_code = LANGUAGE_IDS["en_XX"]

    def __init__(
        self,
        vocab_file: str,
        bos_token: Token = "<s>",
        eos_token: Token = "</s>",
        sep_token: Token = "</s>",
        cls_token: Token = "<s>",
        unk_token: Token = "<unk>",
        pad_token: Token = "<pad>",
        mask_token: Token = "<mask>",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("additional_special_tokens", list(FAIRSEQ_LANGUAGE_CODES))
        super().__init__(
            bos_token=bos_token,
            eos_token=eos_token,
            unk_token=unk_token,
            sep_token=sep_token,
            cls_token=cls_token,
            pad_token=pad_token,
            mask_token=mask_token,
            **kwargs,
        )
        self.vocab_file = vocab_file
        pieces = Pieces(vocab_file)
        vocabulary = {text: index + 1 for text, index in pieces.piece_ids.items() if index > 2}
        vocabulary.update({text: index for index, text in enumerate(_FIRST)})
        end = len(pieces) + 1
        # With the released models <mask> has the id of the first language, and that id means the language.
        self._set_pieces(pieces, {**vocabulary, "<mask>": end, **self.lang_code_to_id})
        self._size = next(index for index in range(end, end + len(self._tokens)) if index not in self._tokens)

    @property
    def vocab_size(self) -> int:
        """Size of the vocabulary without added tokens: how many ids are in use without a gap."""
        return self._size

    def get_vocab(self) -> dict[str, int]:
        """List all tokens and their ids, without a gap."""
        return {**{self._tokens[index]: index for index in range(self._size)}, **self.added_tokens_encoder}

    def set_lang(self, lang: str) -> None:
        """Set the language of the next texts.

        Args:
            lang: Its code, such as `"en_XX"`.

        Raises:
            KeyError: If the model does not know it; the message names those that it does.
        """
        self.cur_lang_code = _language_id(lang)

    def set_languages(self, source: str, target: str) -> int:
        """Set the languages that the next texts are translated from and into.

        Args:
            source: Code of the language of the texts: `"en_XX"`, or `"en"`.
            target: Code of the language of the translations.

        Returns:
            The id of the token that the decoder begins with.

        Raises:
            KeyError: If the model does not know a language; the message names those that it does.
        """
        codes = {code.partition("_")[0]: code for code in self.lang_code_to_id}
        self.set_lang(codes.get(source, source))
        return _language_id(codes.get(target, target))

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make the model input of one sequence or two: `A </s> en_XX`, `A B </s> en_XX`."""
        return [*token_ids_0, *(token_ids_1 or ()), self.eos_token_id, self.cur_lang_code]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make token types: all 0, as many as `<s> A </s></s> B </s>` has (v3.0.2; the model takes none)."""
        return [0] * len(self.get_special_tokens_mask(token_ids_0, token_ids_1))

    def get_special_tokens_mask(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """Mark the tokens as if inputs were `<s> A </s>`, `<s> A </s></s> B </s>`: 1 for special tokens.

        That is what v3.0.2 returns, though mBART's inputs have both special tokens at the end, and that of the language
        counts as none in whole inputs.

        Args:
            token_ids_0: Token ids of a sequence.
            token_ids_1: Of a second one.
            already_has_special_tokens: Whether `token_ids_0` is the whole model input.

        Raises:
            ValueError: If there is a second sequence and `already_has_special_tokens`.
        """
        if already_has_special_tokens:
            if token_ids_1 is not None:
                raise ValueError("token_ids_0 is said to be a whole input, and there is a second sequence, token_ids_1")
            return [int(token in (self.sep_token_id, self.cls_token_id)) for token in token_ids_0]
        first = [1, *[0] * len(token_ids_0), 1]
        return first if token_ids_1 is None else [*first, 1, *[0] * len(token_ids_1), 1]

    def _layout(self, pair: bool) -> Layout:
        return self._built_layout(pair)  # masks and types do not follow the layout of the ids here

    def prepare_translation_batch(
        self,
        src_texts: list[str],
        src_lang: str = "en_XX",
        tgt_texts: list[str] | None = None,
        tgt_lang: str = "ro_RO",
        max_length: int | None = None,
        pad_to_max_length: bool = True,
        return_tensors: Tensors = "pt",
        padding: Padding = "longest",
        **kwargs: Any,
    ) -> BatchEncoding:
        """Make model inputs for translation.

        Args:
            src_texts: Texts to translate.
            src_lang: Code of their language.
            tgt_texts: Their translations, for training.
            tgt_lang: Code of the language of these.
            max_length: Longest input, in tokens; longer ones are truncated.
            pad_to_max_length: Not used any more: see `padding`.
            return_tensors: As in `__call__`.
            padding: As in `__call__`.
            **kwargs: As in `__call__`.

        Returns:
            `input_ids` and `attention_mask` of the texts; with translations theirs too, under `decoder_...`.

        Raises:
            KeyError: If a language is not known.
            ValueError: As in `__call__`.
        """
        self.set_lang(src_lang)
        length = self.max_len if max_length is None else max_length
        options = {"padding": padding, "return_tensors": return_tensors, "max_length": length, "truncation": True}

        def other_language(target: bool) -> None:
            self.set_lang(tgt_lang if target else src_lang)

        return translation_batch(self, src_texts, tgt_texts, other_language, {**options, **kwargs})

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text."""
        return "".join(tokens).replace(SPACE, " ").strip()


def _language_id(language: str) -> int:
    if language not in LANGUAGE_IDS:
        raise KeyError(f"mBART has no language {language!r}; it has {', '.join(LANGUAGE_IDS)}")
    return LANGUAGE_IDS[language]
