"""What users of decoders and of encoder-decoder models rely on beyond outputs."""

import json

import pytest
import torch
import torch.nn.functional as F
from tests import tiny

from formers import (
    AutoConfig,
    AutoModelForSeq2SeqLM,
    BartConfig,
    BartForConditionalGeneration,
    BartForQuestionAnswering,
    BartForSequenceClassification,
    BertConfig,
    BertLMHeadModel,
    BertModel,
    EncoderDecoderConfig,
    EncoderDecoderModel,
    GPT2Config,
    GPT2DoubleHeadsModel,
    GPT2LMHeadModel,
    GPT2Model,
    MarianConfig,
    MarianMTModel,
    T5Config,
    T5ForConditionalGeneration,
    T5Model,
)
from formers.architecture import Bucketed
from formers.architecture.buckets import bucket_of_distance

GPT = dict(
    vocab_size=50, n_positions=20, n_ctx=20, n_embd=16, n_layer=2, n_head=4, attn_pdrop=0.0, embd_pdrop=0.0,
    resid_pdrop=0.0,
)  # fmt: skip
BERT = dict(
    vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
    max_position_embeddings=20, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)  # fmt: skip
BART = dict(
    vocab_size=50, d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4,
    encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=20, dropout=0.0,
)  # fmt: skip
T5 = dict(
    vocab_size=50, d_model=16, d_kv=5, d_ff=24, num_layers=2, num_heads=3, relative_attention_num_buckets=8,
    decoder_start_token_id=0, dropout_rate=0.0,
)  # fmt: skip
IDS = torch.tensor([[7, 5, 9, 11, 2], [7, 8, 2, 14, 2]])


def gpt2(**kwargs):
    torch.manual_seed(0)
    return GPT2LMHeadModel(GPT2Config(**GPT | kwargs)).eval()


def t5(**kwargs):
    torch.manual_seed(0)
    return T5ForConditionalGeneration(T5Config(**T5 | kwargs)).eval()


def bart(cls=BartForConditionalGeneration, **kwargs):
    torch.manual_seed(0)
    return cls(BartConfig(**BART | kwargs)).eval()


def pair():
    torch.manual_seed(0)
    decoder = BertLMHeadModel(BertConfig(**BERT, is_decoder=True))
    return EncoderDecoderModel(encoder=BertModel(BertConfig(**BERT)), decoder=decoder).eval()


# --- caches -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in tiny.writers() if "past" in tiny.arguments(name)])
def test_steps_with_the_documented_cache(name):
    model = tiny.make(name)
    heads, layers, size = (getattr(model.config, key) for key in ("n_head", "n_layer", "n_embd"))
    whole = model(IDS)[0]
    past, logits = None, []
    for start, end in [(0, 2), (2, 3), (3, 5)]:
        output, past = model(IDS[:, start:end], past=past)[:2]
        logits.append(output)
    torch.testing.assert_close(torch.cat(logits, 1), whole, rtol=1e-5, atol=1e-5)
    assert len(past) == layers and past[0].shape == (2, 2, heads, 5, size // heads)
    # An earlier cache is untouched: generation can branch.
    first = model(IDS[:, :2])[1]
    kept = [layer.clone() for layer in first]
    model(IDS[:, 2:], past=first)
    assert all(torch.equal(one, other) for one, other in zip(first, kept, strict=True))


def test_wrong_caches_are_named():
    model = gpt2()
    with pytest.raises(ValueError, match="an entry for each of 2 layers, found 1 entries"):
        model(IDS, past=[torch.zeros(2, 2, 4, 1, 4)])
    with pytest.raises(ValueError, match="the keys and values of a layer are a str"):
        model(IDS, past=["no", "such"])


def test_gradients_flow_with_and_without_a_cache():
    model = gpt2()
    model(IDS, labels=IDS).loss.backward()
    kept = {name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    model.zero_grad()
    model(IDS, labels=IDS, use_cache=False).loss.backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, kept[name], msg=name)


# --- layouts of files -------------------------------------------------------------------------------------------------


def test_joined_and_transposed_weights():
    """Files of GPT-2 hold queries, keys and values together, as `[in, out]`; the hub's file has no prefix."""
    model = gpt2()
    state = model.state_dict()
    weight = state["transformer.h.0.attn.c_attn.weight"]
    assert weight.shape == (16, 48)
    assert torch.equal(weight, model.transformer.h[0].attn.c_attn.weight)
    hub = {name.removeprefix("transformer."): tensor for name, tensor in state.items() if name != "lm_head.weight"}
    hub |= {"h.0.attn.bias": torch.ones(1, 1, 20, 20), "h.0.attn.masked_bias": torch.tensor(-1e4)}
    again, info = GPT2LMHeadModel.from_pretrained(
        None, config=model.config, state_dict=hub, output_loading_info=True
    )
    assert info["initialized_keys"] == info["unexpected_keys"] == []
    torch.testing.assert_close(again(IDS)[0], model(IDS)[0])
    del hub["h.0.attn.c_attn.weight"]
    hub["h.0.attn.c_attn.weight"] = torch.zeros(48, 16)
    with pytest.raises(RuntimeError, match=r"c_attn.weight: the checkpoint has \[48, 16\], the model \[16, 48\]"):
        GPT2LMHeadModel.from_pretrained(None, config=model.config, state_dict=hub)


def test_pruned_heads_of_joined_projections(tmp_path):
    model = gpt2()
    masked = torch.ones(2, 4)
    masked[0, 1] = masked[1, 0] = 0
    expected = model(IDS, head_mask=masked)[0]
    model.prune_heads({0: [1], 1: [0]})
    torch.testing.assert_close(model(IDS)[0], expected, rtol=1e-5, atol=1e-5)
    model.save_pretrained(tmp_path)
    torch.testing.assert_close(GPT2LMHeadModel.from_pretrained(tmp_path)(IDS)[0], expected, rtol=1e-5, atol=1e-5)


def test_newer_t5_has_a_gate_and_a_head_of_its_own(tmp_path):
    model = t5(feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    names = set(model.state_dict())
    assert {"lm_head.weight", "encoder.block.0.layer.1.DenseReluDense.wi_0.weight"} <= names
    assert "decoder.block.1.layer.2.DenseReluDense.wi_1.weight" in names
    assert not any(name.endswith("EncDecAttention.relative_attention_bias.weight") for name in names)
    assert model.lm_head.weight is not model.shared.weight
    block, x = model.encoder.block[0].layer[1].DenseReluDense, torch.randn(1, 3, 16)
    expected = (F.gelu(x @ block.wi_0.weight.T, approximate="tanh") * (x @ block.wi_1.weight.T)) @ block.wo.weight.T
    torch.testing.assert_close(block(x), expected)
    # The head is not scaled where it has a table of its own.
    hidden = model(IDS, decoder_input_ids=IDS, output_hidden_states=True).decoder_hidden_states[-1]
    torch.testing.assert_close(model(IDS, decoder_input_ids=IDS)[0], hidden @ model.lm_head.weight.T)
    model.save_pretrained(tmp_path)
    again, info = T5ForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert info["missing_keys"] == info["unexpected_keys"] == []
    torch.testing.assert_close(again(IDS, decoder_input_ids=IDS)[0], model(IDS, decoder_input_ids=IDS)[0])
    resized = again.resize_token_embeddings(60)
    assert resized.num_embeddings == again.lm_head.weight.shape[0] == 60
    assert again(IDS, decoder_input_ids=IDS)[0].shape[-1] == 60


def test_files_without_the_bias_on_the_encoder():
    """Files that later releases wrote lack a table of version 1.0: it is zero then, and not random."""
    model = t5()
    name = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    state = model.state_dict()
    assert state.pop(name).abs().sum() > 0
    again, info = T5ForConditionalGeneration.from_pretrained(
        None, config=model.config, state_dict=state, output_loading_info=True
    )
    assert info["missing_keys"] == info["initialized_keys"] == []
    assert again.state_dict()[name].abs().sum() == 0


def test_buckets_of_distances():
    both = torch.from_numpy(bucket_of_distance(Bucketed(32, 128, True, heads=4)))
    left = both[:128].flip(0)  # distances 1, 2, ... to the left
    assert left[:7].tolist() == [1, 2, 3, 4, 5, 6, 7]
    buckets = [left[distance - 1].item() for distance in (8, 12, 16, 23, 32, 64, 91, 128)]
    assert buckets == [8, 9, 10, 11, 12, 14, 15, 15]
    assert torch.equal(both[129:], left + 16)
    one = torch.from_numpy(bucket_of_distance(Bucketed(32, 128, False, heads=4)))
    assert one[128:].eq(0).all() and one[0] == 31 and one[128 - 15 : 128].tolist() == list(range(15, 0, -1))


def test_one_text_without_an_axis_for_the_batch():
    """As the documented loop over `past` gives it."""
    model = gpt2()
    ids = IDS[0]
    expected = model(IDS[:1], labels=IDS[:1], output_hidden_states=True, output_attentions=True)
    found = model(ids, labels=ids, output_hidden_states=True, output_attentions=True)
    assert found.loss == expected.loss
    torch.testing.assert_close(found.logits, expected.logits[0])
    for name in ("hidden_states", "attentions"):
        for one, many in zip(found[name], expected[name], strict=True):
            torch.testing.assert_close(one, many[0])
    token, past, texts = ids[:1], None, []
    for _ in range(6):
        logits, past = model(token, past=past)
        token = torch.argmax(logits[..., -1, :]).unsqueeze(0)
        texts.append(token.item())
    assert past[0].shape == (2, 1, 4, 6, 4)
    assert texts == model.generate(IDS[:1, :1], max_length=7, eos_token_id=None)[0, 1:].tolist()
    with pytest.raises(ValueError, match=r"input_ids has shape \(5,\); expected \[batch, seq\]"):
        t5()(ids, decoder_input_ids=IDS[:1])


# --- surgery ----------------------------------------------------------------------------------------------------------


def test_token_embeddings_are_shared():
    for model in (t5(), bart()):
        base = model.base_model
        assert base.shared is base.encoder.embed_tokens is base.decoder.embed_tokens
        before = model.get_input_embeddings().weight.clone()
        table = model.resize_token_embeddings(53)
        assert table is base.shared is base.encoder.embed_tokens
        assert torch.equal(table.weight[:50], before) and model.config.vocab_size == 53
        assert model(IDS, decoder_input_ids=IDS, use_cache=False)[0].shape[-1] == 53
    model = bart()
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    with pytest.raises(NotImplementedError, match="has no pruning of heads"):
        t5().prune_heads({0: [1]})


def test_fixed_bias_of_words():
    model = bart()
    assert model.final_logits_bias.abs().sum() == 0
    model.final_logits_bias[0, 5] = 3.0
    one = model(IDS, decoder_input_ids=IDS, use_cache=False)[0]
    model.resize_token_embeddings(52)
    two = model(IDS, decoder_input_ids=IDS, use_cache=False)[0]
    torch.testing.assert_close(one, two[..., :50])
    assert model.state_dict()["final_logits_bias"].shape == (1, 52)


def test_layers_that_are_dropped_in_training():
    model = bart(encoder_layerdrop=1.0).train()
    encoder = model.get_encoder()
    last, states = encoder(IDS, output_hidden_states=True)[:2]
    torch.testing.assert_close(last, states[0])
    last, states = encoder.eval()(IDS, output_hidden_states=True)[:2]
    assert not torch.allclose(last, states[0])


# --- heads ------------------------------------------------------------------------------------------------------------


def test_double_heads():
    torch.manual_seed(0)
    model = GPT2DoubleHeadsModel(GPT2Config(**GPT, summary_first_dropout=0.0)).eval()
    ids = IDS[:, None].expand(2, 3, 5).clone()
    last = model(ids)
    assert last.mc_logits.shape == (2, 3) and last.lm_logits.shape == (2, 3, 5, 50)
    torch.testing.assert_close(model(ids, mc_token_ids=torch.full((2, 3), 4)).mc_logits, last.mc_logits)
    first = model(ids, mc_token_ids=torch.zeros(2, 3, dtype=torch.long)).mc_logits
    assert not torch.allclose(first, last.mc_logits)
    both = model(ids, labels=ids, mc_labels=torch.tensor([0, 2]))
    assert both[0] == both.loss and both[1] == both.mc_loss
    assert model(ids, mc_labels=torch.tensor([0, 2])).loss is None
    alone = GPT2LMHeadModel(model.config).eval()
    alone.transformer.load_state_dict(model.transformer.state_dict())
    alone.tie_weights()
    torch.testing.assert_close(both.loss, alone(ids.flatten(0, 1), labels=ids.flatten(0, 1)).loss)


def test_classification_reads_the_last_end():
    model = bart(BartForSequenceClassification, num_labels=2)
    padded = torch.tensor([[7, 5, 2, 1, 1], [7, 2, 8, 9, 2]])
    mask = (padded != 1).long()
    assert model(padded, mask).logits.shape == (2, 2)
    alone = model(padded[:1, :3]).logits
    torch.testing.assert_close(model(padded, mask).logits[:1], alone, rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="every row of input_ids needs the end-of-sentence token 2"):
        model(torch.tensor([[7, 5, 9]]))
    spans = bart(BartForQuestionAnswering)
    assert spans(padded, mask).start_logits.shape == (2, 5)


def test_decoders_need_something_to_read():
    with pytest.raises(ValueError, match=r"begin with decoder_start_token_id \(0\), or labels.*call generate\("):
        t5()(IDS)
    for base in (T5Model(T5Config(**T5)), pair()):
        with pytest.raises(ValueError, match="neither decoder_input_ids nor decoder_inputs_embeds are") as raised:
            base(input_ids=IDS)
        assert "labels" not in str(raised.value)
    with pytest.raises(ValueError, match="these are None and 0; expected two tokens"):
        t5(decoder_start_token_id=None)(IDS, labels=IDS)
    assert t5()(IDS, labels=IDS.masked_fill(IDS == 2, -100)).loss.item() > 0
    with pytest.warns(FutureWarning, match="'lm_labels' is deprecated, use 'labels'"):
        t5()(IDS, lm_labels=IDS)


def test_marian_starts_with_padding():
    torch.manual_seed(0)
    config = MarianConfig(
        **BART | {"pad_token_id": 49, "eos_token_id": 0, "bos_token_id": 0, "static_position_embeddings": True}
    )
    model = MarianMTModel(config).eval()
    ids = torch.tensor([[49, 5, 6]])
    assert model(IDS, decoder_input_ids=ids, use_cache=False)[0].isfinite().all()
    assert not model.model.encoder.embed_positions.weight.requires_grad


# --- pairs ------------------------------------------------------------------------------------------------------------


def test_pairs_are_saved_and_loaded(tmp_path):
    model = pair()
    expected = model(IDS, decoder_input_ids=IDS)[0]
    model.save_pretrained(tmp_path)
    again, info = EncoderDecoderModel.from_pretrained(tmp_path, output_loading_info=True)
    assert info["missing_keys"] == info["unexpected_keys"] == []
    torch.testing.assert_close(again(IDS, decoder_input_ids=IDS)[0], expected)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), EncoderDecoderConfig)
    assert isinstance(AutoModelForSeq2SeqLM.from_pretrained(tmp_path), EncoderDecoderModel)
    assert json.loads((tmp_path / "config.json").read_text())["decoder"]["is_decoder"]


def test_pairs_of_pretrained_models(tmp_path):
    bert = BertModel(BertConfig(**BERT))
    bert.save_pretrained(tmp_path)
    model = EncoderDecoderModel.from_encoder_decoder_pretrained(
        str(tmp_path), str(tmp_path), decoder_num_labels=3
    )
    assert model.config.decoder.num_labels == 3
    assert model.config.decoder.is_decoder and not model.config.encoder.is_decoder
    assert torch.equal(model.encoder.get_input_embeddings().weight, model.decoder.get_input_embeddings().weight)
    assert model.decoder.bert.encoder.layer[0].crossattention is not None
    assert model(IDS, decoder_input_ids=IDS, labels=IDS).loss.item() > 0
    with pytest.raises(ValueError, match="needs a configuration, or an encoder and a decoder"):
        EncoderDecoderModel()
    with pytest.raises(ValueError, match="'decoder' is missing"):
        EncoderDecoderConfig(encoder=BertConfig(**BERT))


# --- files -----------------------------------------------------------------------------------------------------


def test_dialogue_models_are_gpt2(tmp_path):
    """DialoGPT's folders say `gpt2`; the base model reads a file with a head."""
    gpt2().save_pretrained(tmp_path)
    assert torch.equal(GPT2Model.from_pretrained(tmp_path)(IDS)[0], gpt2().transformer(IDS)[0])
