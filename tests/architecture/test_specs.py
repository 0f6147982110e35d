"""The specs of the families: values that say what the models are; what contradicts itself is refused."""

import dataclasses
import re
from dataclasses import replace

import pytest
from tests import tiny
from tests.spec_fields import replaced
from tests.spec_models import build, said

from formers import BartConfig, CTRLConfig, GPT2Config, MarianConfig, OpenAIGPTConfig, T5Config
from formers.architecture import (
    AdditiveMask,
    Bucketed,
    CacheFormat,
    Dense,
    Dropout,
    Head,
    KeyValues,
    LabelLoss,
    Layer,
    LayerNorm,
    Learned,
    Pooler,
    Reads,
    RMSNorm,
    Sinusoid,
    SpanLoss,
    TokenLookup,
    TokenLoss,
    Vocabulary,
)
from formers.families import families


def spec(config):
    return families()[config.model_type].architecture(config)


# A model made of two has the specs of the two.
OF_ONE_PART = [name for name in families() if not hasattr(tiny.config_of(name), "encoder")]


@pytest.mark.parametrize("model_type", OF_ONE_PART)
def test_specs_are_values(model_type):
    """Equal when made from equal numbers, usable as keys, never changed."""
    one, other = (families()[model_type].architecture(tiny.config_of(model_type)) for _ in range(2))
    assert one == other and hash(one) == hash(other)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.init = None


def test_gpt2():
    stack = spec(GPT2Config(n_layer=3)).stack
    assert (len(stack.layers), stack.hidden, stack.memory) == (3, 768, KeyValues(CacheFormat.STACKED))
    assert stack.embeddings.positions == Learned(1024) and stack.embeddings.types == (TokenLookup("token_type_ids"),)
    attention, feed_forward = stack.layers[0].sublayers
    assert attention.before == feed_forward.before == stack.final_norm == LayerNorm(1e-5)
    assert attention.block.causal and attention.block.projections == "joined" and stack.is_causal


def test_gpt_has_its_norms_behind_and_its_own_gelu():
    stack = spec(OpenAIGPTConfig()).stack
    attention, feed_forward = stack.layers[0].sublayers
    assert attention.before is None and attention.after == LayerNorm(1e-5)
    assert stack.final_norm is None and stack.memory is None
    assert feed_forward.block.activation == "gelu_new"


def test_ctrl_computes_its_positions():
    stack = spec(CTRLConfig()).stack
    assert stack.embeddings.positions == Sinusoid(256, "halves", stored=False)
    assert stack.embeddings.tokens.scale == pytest.approx(1280**0.5)


def test_decoders_know_what_encoders_do_not():
    model = spec(T5Config())
    assert not model.encoder.attends_to_encoder and not model.encoder.is_causal
    assert model.decoder.attends_to_encoder and model.decoder.is_causal
    assert all(layer.cross_attention is not None and layer.self_attention.causal for layer in model.decoder.layers)
    assert model.encoder.memory is None and model.decoder.memory == KeyValues(CacheFormat.TUPLES)
    assert model.encoder.position_bias.bidirectional and not model.decoder.position_bias.bidirectional
    layer = model.decoder.layers[0]
    assert layer.self_attention.scale == 1.0 and layer.cross_attention.mask == AdditiveMask(-1e9)
    assert model.encoder.final_norm == RMSNorm(1e-6)


def test_newer_t5():
    model = spec(T5Config(feed_forward_proj="gated-gelu", num_decoder_layers=2, num_layers=3))
    block = model.encoder.layers[0].named("feed_forward").block
    assert block.gated and block.activation == "gelu_new"
    assert model.decoder.cross_position_bias is None
    assert (len(model.encoder.layers), len(model.decoder.layers)) == (3, 2)


def test_bart_its_multilingual_kind_and_marian():
    bart = spec(BartConfig())
    assert bart.decoder.embeddings.positions == Learned(1024, offset=2)
    assert bart.decoder.layers[0].named("attention").after == LayerNorm(1e-5) and bart.decoder.final_norm is None
    mbart = spec(BartConfig(normalize_before=True, add_final_layer_norm=True, scale_embedding=True))
    assert mbart.decoder.layers[0].named("attention").before == mbart.decoder.final_norm == LayerNorm(1e-5)
    marian = spec(MarianConfig(static_position_embeddings=True, normalize_embedding=False))
    assert marian.encoder.embeddings.positions == Sinusoid(1024, "halves") and marian.encoder.embeddings.norm is None


# --- what contradicts itself ------------------------------------------------------------------------------------------

BERT, GPT2, T5 = (said(name).architecture for name in ("BertModel", "GPT2Model", "T5Model"))


def other(architecture, path, **fields):
    inner = architecture
    for part in path:
        inner = inner[part] if isinstance(part, int) else getattr(inner, part)
    return replaced(architecture, path, replace(inner, **fields))


REFUSED = [
    (lambda: other(BERT, ("stack",), hidden=25), "the residual stream is 25 wide, and the token embeddings 24"),
    (lambda: other(BERT, ("stack",), schedule=(0, 2)), "the schedule (0, 2) has indices that none of the 2 layers has"),
    (lambda: other(BERT, ("stack",), schedule=(-1,)), "the schedule (-1,) has indices"),
    (lambda: other(BERT, ("stack",), pad_to=0), "a multiple of 0: it must be 1 or more"),
    (lambda: other(GPT2, ("stack",), pad_to=4), "a multiple of 4: it must be 1 where earlier positions are remembered"),
    (lambda: other(BERT, ("stack",), position_bias=Bucketed(8, 16, True, 5)), "biases for 5 heads, and the attentions"),
    (lambda: other(BERT, ("stack",), cross_position_bias=Bucketed(8, 16, True, 3)), "it is for have no"),
    (lambda: other(T5, ("encoder",), memory=T5.decoder.memory), "the encoder has a memory of earlier positions"),
    (lambda: other(T5, ("encoder",), layers=T5.decoder.layers), "the encoder attends to an encoder"),
    (lambda: other(T5, ("decoder", "embeddings", "tokens"), vocabulary=7), "encoder and decoder share"),
    (lambda: other(BERT, ("stack", "layers", 0, "sublayers", 0), before=LayerNorm(1.0)), "needs one norm"),
    (lambda: Layer(BERT.stack.layers[0].sublayers[:1] * 2), "need names of their own, found attention, attention"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message[:30] for _, message in REFUSED])
def test_refused(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def head(outputs=("logits",), reads=Reads.POOLED, steps=None, loss=None, **rest):
    steps = (Dense("classifier", 3),) if steps is None else steps
    return Head(outputs, reads, steps, LabelLoss() if loss is None else loss, **rest)


REFUSED_HEADS = [
    ({"reads": Reads.EVERY_TOKEN}, "a head with a LabelLoss reads one vector a row, found Reads.EVERY_TOKEN"),
    ({"loss": TokenLoss()}, "a head with a TokenLoss reads every position, found Reads.POOLED"),
    ({"outputs": ()}, "a head with a LabelLoss needs 1 names of outputs, found none"),
    ({"outputs": ("a", "b")}, "a head with a LabelLoss needs 1 names of outputs, found a, b"),
    ({"outputs": ("a",), "loss": SpanLoss(), "reads": Reads.EVERY_TOKEN}, "needs 2 names of outputs"),
    ({"outputs": ("a", "b"), "loss": SpanLoss(), "reads": Reads.EVERY_TOKEN}, "ends in vectors of two, found 3"),
    ({"per_choice": True}, "a head that scores choices gives one number for each, found 3"),
    ({"steps": (Dense("one", 3), Dense("one", 3))}, "need paths of their own, found one, one"),
    ({"steps": (Dropout(0.1), Dense("one", 3), Dropout(0.2))}, "dropout is one dropout, found the"),
    ({"steps": (Vocabulary("lm_head", "other.bias"),)}, "the bias other.bias belongs to lm_head"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), REFUSED_HEADS, ids=[message[:40] for _, message in REFUSED_HEADS])
def test_refused_heads(fields, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        head(**fields)


def test_models_that_cannot_be_built():
    """Each by itself is well said, and the two do not fit, or the family's tree has no place for it."""
    classifier = said("BertForSequenceClassification")
    without = replace(classifier, architecture=replace(classifier.architecture, pooler=None))
    with pytest.raises(ValueError, match="a head of BertForSequenceClassification reads the pooler's output, and its"):
        build("BertForSequenceClassification", without)
    twice = replace(classifier, heads_of_task=classifier.heads_of_task * 2)
    with pytest.raises(ValueError, match="need outputs of their own, found logits, logits"):
        build("BertForSequenceClassification", twice)
    remembering = other(BERT, ("stack",), memory=KeyValues(CacheFormat.STACKED))
    with pytest.raises(ValueError, match="BertModel has a memory, and its task no argument that takes it"):
        build("BertModel", replace(classifier, architecture=remembering, heads_of_task=()))
    block = ("stack", "layers", 1, "sublayers", 1, "block")
    with pytest.raises(ValueError, match=r"have no row for layers\.1\.feed_forward\.gate, which the spec asks for"):
        build("BertModel", replace(said("BertModel"), architecture=other(BERT, block, gated=True)))
    joined = other(GPT2, ("stack", "layers", 0, "sublayers", 0, "block"), bias=False)
    with pytest.raises(ValueError, match="a Conv1D has a bias, and the spec says that there is none"):
        build("GPT2Model", replace(said("GPT2Model"), architecture=joined))
    with pytest.raises(ValueError, match="embeddings.dropout and encoder.dropout are one module, encoder.dropout"):
        build("T5Model", replace(said("T5Model"), architecture=other(T5, ("encoder",), dropout=0.5)))


def test_a_pooler_s_activation_counts():
    whole = said("BertModel")
    shown = {
        name: build("BertModel", replace(whole, architecture=replace(whole.architecture, pooler=Pooler(name))))(
            **tiny.tensors(tiny.inputs("BertModel"))
        )[1]
        for name in ("tanh", "relu")
    }
    assert shown["relu"].min() == 0 and shown["relu"].max() > 0 and shown["tanh"].min() < 0
