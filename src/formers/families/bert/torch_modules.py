"""BERT's PyTorch modules."""
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import CrossAttention, SelfAttention
from formers.backends.torch.containers import (
    Arguments,
    EmbeddingsContainer,
    Finish,
    HeadContainer,
    JointEntrance,
    LayerContainer,
    LayersContainer,
    PoolerContainer,
    Steps,
    Update,
    documented_head_masks,
)
from formers.backends.torch.presents import for_rows
from formers.backends.torch.pruning import prune_attention
from formers.backends.torch.tree import Tree
from formers.network.call import Call, LayerCall, Scores
from formers.network.context import Context, GivenContext
from formers.network.layer import Computed, Step

from . import tasks
from .architecture import architecture
from .names import NAMES

TREE = Tree(__name__, NAMES, architecture)

BertLayerNorm = nn.LayerNorm


def _bias(scores: Scores, x: Tensor, keys: int) -> Tensor | None:
    """Return the documented mask for what happens to the scores: all that it masks is in one tensor."""
    if not scores.causal:
        return scores.bias
    later = x.new_full((keys, keys), -10000.0).triu_(1)[None, None, -x.shape[1] :]
    return later if scores.bias is None else later + scores.bias


class BertEmbeddings(EmbeddingsContainer, tree=TREE):
    """BERT's embeddings."""

    def read(
        self,
        input_ids: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
    ) -> Any:
        """See `Container.read`."""
        return Call(input_ids, inputs_embeds, None, position_ids, {"token_type_ids": token_type_ids}), 0

    @classmethod
    def arguments(cls, call: Call, start: Any) -> Arguments:
        """See `Container.arguments`."""
        types = call.further.get("token_type_ids")
        given: Any = call.input_ids if call.input_ids is not None else call.inputs_embeds
        if types is None:
            types = given.new_zeros(given.shape[:2], dtype=torch.long)
        return Arguments(
            input_ids=call.input_ids,
            position_ids=call.position_ids,
            token_type_ids=types,
            inputs_embeds=call.inputs_embeds,
        )


class _Attention(Steps):
    """An attention with BERT's arguments: with `encoder_hidden_states` it attends to these."""

    def read(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        encoder_hidden_states: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        spec, mask = self.spec, attention_mask
        if encoder_hidden_states is not None:
            block, mask = spec.block, encoder_attention_mask
            if isinstance(block, SelfAttention):
                cross = CrossAttention(block.heads, block.head_size, block.scale, block.mask, dropout=block.dropout)
                spec = replace(spec, name="cross_attention", block=cross)
        scores = {"attention": Scores(attention_mask), spec.name: Scores(mask)}
        call = LayerCall(scores, encoder_hidden_states, None, head_mask, want_weights=output_attentions)
        return hidden_states, hidden_states, call, spec

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> tuple[Any, ...] | Arguments:
        """See `Container.arguments`."""
        mask = _self_mask(call, x)
        if isinstance(spec.block, CrossAttention):
            return (x, mask, call.head_mask, *_source(x, call, spec.name), call.want_weights)
        if cls.first_step == Step.BEFORE:
            return Arguments(x, mask, call.head_mask, output_attentions=call.want_weights)
        return (y, mask, call.head_mask, None, None, call.want_weights)

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Computed:
        """See `Container.parse`."""
        weights = result[1] if len(result) > 1 else None
        return (result[0] if cls.last_step == Step.AFTER else x), result[0], weights


class BertSelfAttention(_Attention, tree=TREE):
    """BERT's attention up to its last linear layer."""

    first_step = last_step = Step.MIX

    def settled(self) -> None:
        """See `Container.settled`."""
        block: Any = self.spec.block
        self.num_attention_heads, self.attention_head_size = block.heads, block.head_size
        self.all_head_size = block.heads * block.head_size

    def transpose_for_scores(self, x: Tensor) -> Tensor:
        """Split heads. *Shape:* `[batch, seq, heads * size]` to `[batch, heads, seq, size]`."""
        return x.unflatten(-1, (-1, self.attention_head_size)).transpose(1, 2)


class BertSelfOutput(Finish, tree=TREE):
    """The last linear layer of BERT's attention, residual and norm."""


class BertAttention(_Attention, tree=TREE):
    """BERT's attention with residual and norm."""

    def settled(self) -> None:
        """See `Container.settled`."""
        self.pruned_heads = set(getattr(self.spec.block, "pruned", ()))

    def prune_heads(self, heads: Any) -> None:
        """Remove heads, by their indices in the full attention."""
        prune_attention(self, set(heads))


class BertIntermediate(Update, tree=TREE):
    """The first linear layer of BERT's feed-forward block, and its activation."""

    first_step = last_step = Step.MIX


class BertOutput(Finish, tree=TREE):
    """The second linear layer of BERT's feed-forward block, residual and norm."""


class BertLayer(LayerContainer, tree=TREE):
    """One layer of BERT."""

    def settled(self) -> None:
        """See `Container.settled`."""
        self.is_decoder = self.spec.cross_attention is not None

    def read(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        encoder_hidden_states: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return hidden_states, _layer_call(
            attention_mask, head_mask, encoder_hidden_states, encoder_attention_mask, output_attentions
        )

    @classmethod
    def arguments(cls, x: Tensor, call: LayerCall) -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return (x, *_documented(x, call, call.head_mask))


class BertEncoder(LayersContainer, tree=TREE):
    """BERT's layers."""

    def read(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Any = None,
        encoder_hidden_states: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
    ) -> Any:
        """See `Container.read`."""
        layer = _layer_call(attention_mask, None, encoder_hidden_states, encoder_attention_mask, output_attentions)
        call = Call(want_weights=output_attentions, want_states=output_hidden_states)
        return self.spec, hidden_states, call, GivenContext(layer, head_mask)

    @classmethod
    def arguments(cls, spec: Any, x: Tensor, call: Call, context: Context) -> Arguments:
        """See `Container.arguments`."""
        layer = context.of_layer(spec.layers[0], 0)
        mask, masks, source, source_mask, want_weights = _documented(x, layer, documented_head_masks(context))
        return Arguments(
            x,
            attention_mask=mask,
            head_mask=masks,
            encoder_hidden_states=source,
            encoder_attention_mask=source_mask,
            output_attentions=want_weights,
            output_hidden_states=call.want_states,
        )


def _layer_call(mask: Any, head_mask: Any, source: Any, source_mask: Any, want_weights: bool) -> LayerCall:
    scores = {"attention": Scores(mask), "cross_attention": Scores(source_mask)}
    return LayerCall(scores, source, None, head_mask, want_weights)


def _documented(x: Tensor, call: LayerCall, head_mask: Any) -> tuple[Any, ...]:
    """Return the documented arguments of layers after the states."""
    return _self_mask(call, x), head_mask, *_source(x, call, "cross_attention"), call.want_weights


def _source(x: Tensor, call: LayerCall, name: str) -> tuple[Tensor | None, Tensor | None]:
    """Return the encoder's states as documented, a row for each beam, and their mask, which is never None.

    *Shape:* `[batch, encoder seq, hidden]`, `[batch, 1, 1, encoder seq]`.
    """
    if call.source is None:
        return None, None
    rows, bias = x.shape[0], call.scores[name].bias
    if bias is None:
        bias = x.new_zeros(rows, 1, 1, call.source.shape[1])
    return for_rows(call.source, rows), for_rows(bias, rows)


def _self_mask(call: LayerCall, x: Tensor) -> Tensor:
    """Return the documented mask of a self-attention, which is never None. *Shape:* `[batch, 1, 1 or seq, seq]`."""
    mask = _bias(call.scores["attention"], x, x.shape[1])
    return x.new_zeros(x.shape[0], 1, 1, x.shape[1]) if mask is None else mask


class BertPooler(PoolerContainer, tree=TREE):
    """BERT's pooler."""


class BertPredictionHeadTransform(HeadContainer, tree=TREE):
    """What comes before the scores of the vocabulary: a linear layer, an activation, a norm."""

    alone = ("cls.predictions.transform", tasks.MASKED_LM)


class BertLMPredictionHead(HeadContainer, tree=TREE):
    """Scores of the vocabulary."""

    alone = ("cls.predictions", tasks.MASKED_LM)


class BertOnlyMLMHead(HeadContainer, tree=TREE):
    """The head of masked language models."""

    alone = ("cls", tasks.MASKED_LM)

    def read(self, sequence_output: Tensor) -> Any:
        """See `Container.read`."""
        return (sequence_output,)


class BertOnlyNSPHead(HeadContainer, tree=TREE):
    """The head that judges whether one sentence follows another."""

    alone = ("cls", tasks.NEXT_SENTENCE)

    def read(self, pooled_output: Tensor) -> Any:
        """See `Container.read`."""
        return (pooled_output,)


class BertPreTrainingHeads(HeadContainer, tree=TREE):
    """The heads of pretraining: `(sequence_output, pooled_output)` to the scores of both."""

    entrance = JointEntrance
    joint = True
    alone = ("cls", tasks.PRETRAINING)

    def compute(self, x: Any, steps: Any = None, path: str = "") -> Any:
        """Compute steps of one head, or for a pair of states both heads."""
        if steps is not None:
            return super().compute(x, steps, path)
        scores, related = self.spec[:-1], self.spec[-1:]
        return super().compute(x[0], scores, self.head_path), super().compute(x[1], related, self.head_path)

    def read(self, sequence_output: Tensor, pooled_output: Tensor) -> Any:  # type: ignore[override]
        """See `Container.read`."""
        return ((sequence_output, pooled_output),)
