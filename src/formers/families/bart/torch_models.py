"""BART's PyTorch classes; mBART has the same."""
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import Task
from formers.backends.torch.activations import ACT2FN as ACT2FN
from formers.backends.torch.leaves import LearnedPositionalEmbedding as LearnedPositionalEmbedding
from formers.backends.torch.leaves import SinusoidalPositionalEmbedding as SinusoidalPositionalEmbedding
from formers.backends.torch.seq2seq import Seq2SeqModel

from . import FAMILY, classes
from .configuration import BART_PRETRAINED_MODEL_ARCHIVE_LIST as BART_PRETRAINED_MODEL_ARCHIVE_LIST
from .torch_functions import BART_GENERATION_EXAMPLE as BART_GENERATION_EXAMPLE
from .torch_functions import LayerNorm as LayerNorm
from .torch_functions import _check_shapes as _check_shapes
from .torch_functions import _filter_out_falsey_values as _filter_out_falsey_values
from .torch_functions import _get_shape as _get_shape
from .torch_functions import _make_linear_from_emb as _make_linear_from_emb
from .torch_functions import _prepare_bart_decoder_inputs as _prepare_bart_decoder_inputs
from .torch_functions import _reorder_buffer as _reorder_buffer
from .torch_functions import fill_with_neg_inf as fill_with_neg_inf
from .torch_functions import invert_mask as invert_mask
from .torch_functions import make_padding_mask as make_padding_mask
from .torch_functions import shift_tokens_right as shift_tokens_right
from .torch_modules import TREE
from .torch_modules import BartClassificationHead as BartClassificationHead
from .torch_modules import BartDecoder as BartDecoder
from .torch_modules import BartEncoder as BartEncoder
from .torch_modules import DecoderLayer as DecoderLayer
from .torch_modules import EncoderLayer as EncoderLayer
from .torch_modules import SelfAttention as SelfAttention


def only(logits: Tensor, token: int) -> Tensor:
    """Return the logits with all tokens but one impossible. *Shape:* `[rows, vocabulary]`."""
    kept = torch.full_like(logits, -torch.inf)
    kept[:, token] = logits[:, token]
    return kept


class PretrainedBartModel(Seq2SeqModel, family=FAMILY):
    """Base of BART's classes, and of custom models around a `BartModel`."""

    tree = TREE
    base_class_name = "BartModel"

    def _init_std(self) -> float:
        return self.config.init_std

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        padding = getattr(module, "padding_idx", None)
        if isinstance(module, nn.Embedding) and padding is not None:  # tables of sinusoids have none
            module.weight[padding].zero_()

    @property
    def dummy_inputs(self) -> dict[str, Tensor]:
        """A small input that the model can be called with."""
        padding = self.config.pad_token_id
        input_ids = torch.tensor([[0, 6, 10, 4, 2], [0, 8, 12, 2, padding]], device=self.device)
        return {"attention_mask": input_ids.ne(padding), "input_ids": input_ids}


class BartModel(PretrainedBartModel, public=classes.BASE):
    """BART without heads: `last_hidden_state, (past_key_values), (states), (attentions), encoder's outputs`.

    Without `decoder_input_ids` the decoder reads `input_ids` with the last token moved to the front. With `use_cache`
    it computes the last of the `decoder_input_ids` alone.
    """

    def get_output_embeddings(self) -> nn.Module:
        """Return a linear layer with the weight of the token embeddings."""
        embeddings: Any = self.get_input_embeddings()
        return _make_linear_from_emb(embeddings)

    def scores_tokens(self) -> bool:
        """Tell that no scores are given, although there are output embeddings."""
        return False


class BartForConditionalGeneration(PretrainedBartModel, public=classes.CONDITIONAL_GENERATION):
    """BART as a model that writes a text for a text: `(loss), logits, (past_key_values), ...`."""

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, decoder_input_ids: Tensor, past: Any, attention_mask: Tensor | None, use_cache: bool, **kwargs: Any
    ) -> dict[str, Any]:
        """See `Seq2SeqModel.prepare_inputs_for_generation`."""
        return super().prepare_inputs_for_generation(decoder_input_ids, past, attention_mask, use_cache, **kwargs)

    def adjust_logits_during_generation(  # type: ignore[override]  # the documented arguments
        self, logits: Tensor, cur_len: int, max_length: int
    ) -> Tensor:
        """Let, in beam search, the first token be that of the start, and the last one possible that of the end.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            cur_len: number of tokens so far.
            max_length: number of tokens in the end.
        """
        if cur_len == 1:
            return only(logits, self.config.bos_token_id)
        if cur_len == max_length - 1 and self.config.eos_token_id is not None:
            return only(logits, self.config.eos_token_id)
        return logits


class BartForSequenceClassification(PretrainedBartModel, public=classes.SEQUENCE_CLASSIFICATION):
    """BART that classifies sequences: `(loss), logits, ...`."""


class BartForQuestionAnswering(PretrainedBartModel, public=classes.QUESTION_ANSWERING):
    """BART that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""

    def _build(self, task: Task) -> None:
        super()._build(task)
        self.num_labels = 2  # start and end, whatever the configuration says
