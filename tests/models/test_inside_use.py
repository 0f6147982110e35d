"""What users did to models from inside and found ignored: it counts in calls, in generation and in training."""

import copy
import pickle

import pytest
import torch
from tests import tiny
from torch import nn

import formers
from formers.backends.torch.containers import Steps
from formers.families.bert.torch_modules import BertEmbeddings, BertEncoder, BertOnlyMLMHead
from formers.families.t5.torch_modules import T5Attention
from formers.network.layer import Step

from .inside import CLASSES, ONE_OF_EACH, close, differ, inputs_of, parts, replace

PROMPTS = torch.tensor([[7, 8, 9, 10, 11], [12, 13, 14, 15, 16]])
HEADS = ("num_attention_heads", "n_heads", "n_head", "num_heads", "encoder_attention_heads", "decoder_attention_heads")
WRITERS = [name for name in tiny.writers() if not name.startswith("TF")]


def identity(*args):
    """A hook that changes nothing."""


def written(model, beams=2):
    config = getattr(model.config, "decoder", model.config)
    start = {} if getattr(config, "bos_token_id", None) is not None else {"bos_token_id": 1}
    if model.config.is_encoder_decoder:
        start["decoder_start_token_id"] = 2
    return model.generate(
        PROMPTS,
        num_beams=beams,
        max_length=9,
        eos_token_id=59,
        pad_token_id=1,
        do_sample=False,
        use_cache=True,
        **start,
    )


@pytest.mark.parametrize("name", WRITERS)
@torch.no_grad()
def test_generation_calls_what_is_looked_at(name):
    """Hooks on a model and on its base model are called; and hooks that change nothing change nothing, one by one."""
    model = tiny.make(name)
    plain, seen = written(model), []
    for module in {model, model.base_model}:
        handle = module.register_forward_hook(lambda *args: seen.append(1) and None)
        assert torch.equal(written(model), plain)
        handle.remove()
        assert seen
        seen.clear()
    for path, module in parts(model):
        handle = module.register_forward_hook(identity)
        assert torch.equal(written(model), plain), path
        handle.remove()


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("options", [{}, {"use_cache": False}, {"num_beams": 2}, {"num_return_sequences": 2}])
@torch.no_grad()
def test_hooks_leave_padded_prompts_as_they_are(name, options):
    """Nor does a subclass that calls the library's `forward`, or a mask of another type."""
    model = tiny.make(name)
    if model.config.is_encoder_decoder:
        pytest.skip("a decoder starts from one token: there is no padding before it")
    prompts, mask = torch.tensor([[7, 8, 9], [1, 1, 10]]), torch.tensor([[1, 1, 1], [0, 0, 1]])

    class Own(type(model)):
        def forward(self, *args, **kwargs):
            return super().forward(*args, **kwargs)

    own = tiny.build(Own, model.config).eval()
    own.load_state_dict(model.state_dict())

    def write(model, mask=mask):
        torch.manual_seed(0)
        sampled = "num_return_sequences" in options
        return model.generate(
            prompts, attention_mask=mask, max_length=9, eos_token_id=59, pad_token_id=1, do_sample=sampled, **options
        )

    plain = write(model)
    assert torch.equal(write(own), plain)
    assert torch.equal(write(model, mask.float()), plain) and torch.equal(write(model, mask.bool()), plain)
    for module in (model, model.base_model):
        handle = module.register_forward_hook(identity)
        assert torch.equal(write(model), plain)
        handle.remove()


@pytest.mark.parametrize("method", ["postprocess_next_token_scores", "enforce_repetition_penalty_"])
@torch.no_grad()
def test_generation_asks_the_methods_of_a_subclass(method):
    """Rules that a class has of its own are the rules, in every way of decoding."""
    model = tiny.make("GPT2LMHeadModel")

    def only_seven(self, *args, **kwargs):
        result = getattr(super(Own, self), method)(*args, **kwargs)
        scores = kwargs["scores"] if "scores" in kwargs else args[0]
        scores[:, 7] = 1e5
        return result

    Own = type("Own", (type(model),), {method: only_seven})
    own = tiny.build(Own, model.config).eval()
    for options in ({}, {"do_sample": True, "top_k": 1}, {"num_beams": 2}):
        found = own.generate(PROMPTS, max_length=9, eos_token_id=59, pad_token_id=1, repetition_penalty=1.5, **options)
        assert (found[:, PROMPTS.shape[1] :] == 7).all()


@pytest.mark.parametrize("name", [name for name in WRITERS if name in ONE_OF_EACH or "LMHead" in name])
@torch.no_grad()
def test_generation_calls_another_base_model(name):
    """A subclass in the place of the base model, a method of the instance: both count."""
    model = tiny.make(name)
    base = model.base_model
    if base is model or model.config.is_encoder_decoder:
        pytest.skip("it has no base model of one stack inside")
    plain, asked = written(model, 1), []
    prepare = model.prepare_inputs_for_generation
    model.prepare_inputs_for_generation = lambda *args, **kwargs: asked.append(1) or prepare(*args, **kwargs)
    assert torch.equal(written(model, 1), plain) and asked

    class Silent(type(base)):
        def forward(self, *args, **kwargs):
            first, *rest = super().forward(*args, **kwargs)
            return (first * 0, *rest)

    model = tiny.make(name)
    silent = tiny.build(Silent, model.config)
    silent.load_state_dict(base.state_dict())
    setattr(model, model.base_model_prefix, silent.eval())
    assert len(set(written(model, 1)[:, -1].tolist())) == 1 and not torch.equal(written(model, 1), plain)


@pytest.mark.parametrize("name", CLASSES)
def test_hooks_on_gradients_of_whole_models(name):
    """PyTorch takes an output apart and puts it together again: no value is lost, and gradients are the same."""
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    model.register_full_backward_hook(identity)
    model.base_model.register_full_backward_hook(identity)
    output = model(**inputs)
    assert len(output) == len(plain)
    close(output[0].detach(), plain[0].detach())
    output[0].square().sum().backward()
    found = {key: value.grad for key, value in model.named_parameters() if value.grad is not None}
    model.zero_grad(set_to_none=True)
    plain[0].square().sum().backward()
    expected = {key: value.grad for key, value in model.named_parameters() if value.grad is not None}
    assert found and list(found) == list(expected)
    close(list(found.values()), list(expected.values()))


def other_heads(name):
    """The model of a class with half as many heads, the same otherwise."""
    config = tiny.config(name)
    fewer = {key: getattr(config, key) // 2 for key in HEADS if key in config.to_dict()}
    return tiny.make(name, use_cache=False, **fewer)


@pytest.mark.parametrize("name", ONE_OF_EACH)
@torch.no_grad()
def test_attentions_of_another_configuration(name):
    """An attention with other heads, put in place of one, computes with its own, with and without a hook on it."""
    donor, inputs, tried = other_heads(name), inputs_of(name), []
    inputs["output_attentions"] = True
    for path, module in parts(donor):
        mixes = isinstance(module, Steps) and module.first_step <= Step.MIX <= module.last_step
        if not mixes or getattr(module.spec.block, "heads", None) is None or "0" not in path:
            continue
        model = tiny.make(name, use_cache=False)
        before = model(**inputs)[0]
        state = model.get_submodule(path).state_dict()
        if {key: value.shape for key, value in state.items()} != {
            key: value.shape for key, value in module.state_dict().items()
        }:
            continue  # with the heads, the size of all of them changed
        attention = copy.deepcopy(module)
        attention.load_state_dict(state)
        replace(model, path, attention)
        unseen = model(**inputs)
        assert differ(unseen[0], before), path
        attention.register_forward_hook(identity)
        close(model(**inputs), unseen)
        tried.append(path)
    if not tried:
        pytest.skip("heads have a size of their own: with their number the shapes of the weights change")


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_containers_as_made_are_not_called(name):
    """The steps of a model as it was made, of its copies too, are computed where they stand."""
    model = tiny.make(name)
    for other in (model, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        inner = [module for _, module in parts(other) if isinstance(module, Steps)]
        with pytest.MonkeyPatch.context() as patch:
            for kind in {type(module) for module in inner}:
                patch.setattr(kind, "compute", lambda self, *_: pytest.fail(f"{type(self).__name__} is called"))
            other(**inputs_of(name))
        assert inner


class MyMaskedLM(formers.BertPreTrainedModel):
    """A custom model with a head of its own."""

    def __init__(self, config):
        super().__init__(config)
        self.bert = formers.BertModel(config)
        self.cls = BertOnlyMLMHead(config)
        self.init_weights()

    def get_output_embeddings(self):
        return self.cls.predictions.decoder

    def forward(self, input_ids):
        return (self.cls(self.bert(input_ids)[0]),)


def test_custom_heads_are_tied_and_resized(tmp_path):
    """`get_output_embeddings` says what scores the vocabulary: in `init_weights`, after loading, after resizing."""
    model = MyMaskedLM(tiny.config_of("bert"))

    def tied(one):
        head = one.cls.predictions
        return head.decoder.weight is one.get_input_embeddings().weight and head.bias is head.decoder.bias

    assert tied(model)
    model.resize_token_embeddings(model.config.vocab_size + 5)
    assert tied(model) and model(PROMPTS)[0].shape[-1] == model.config.vocab_size
    model.save_pretrained(tmp_path)
    again = MyMaskedLM.from_pretrained(tmp_path)
    assert tied(again)
    close(again(PROMPTS)[0].detach(), model.eval()(PROMPTS)[0].detach())


@pytest.mark.parametrize("name", WRITERS)
@torch.no_grad()
def test_other_token_embeddings_then_tied(name):
    """The biases of the scores follow, wherever they are shared."""
    model = tiny.make(name)
    if model.scores_by_token_embeddings or hasattr(model.config, "encoder"):
        pytest.skip("nothing is tied")
    old = model.get_input_embeddings()
    rows = old.num_embeddings + 7
    model.set_input_embeddings(nn.Embedding(rows, old.embedding_dim))
    model.tie_weights()
    output = model.get_output_embeddings()
    assert output.weight is model.get_input_embeddings().weight
    assert output.bias is None or output.bias.shape[0] == rows
    assert all(
        p.shape[0] == rows for key, p in model.named_parameters() if key.endswith(("predictions.bias", "lm_head.bias"))
    )
    assert model(**inputs_of(name))[0].shape[-1] == rows


@pytest.mark.parametrize("name", ["BertModel", "RobertaModel"])
@torch.no_grad()
def test_the_configuration_says_at_every_call_whether_a_model_is_a_decoder(name):
    encoder, decoder = tiny.make(name, is_decoder=False), tiny.make(name, is_decoder=True)
    encoder.load_state_dict(decoder.state_dict(), strict=False)
    inputs = {key: value for key, value in inputs_of(name).items() if key in ("input_ids", "attention_mask")}
    both = encoder(**inputs)[0], decoder(**inputs)[0]
    assert differ(*both)
    encoder.config.is_decoder, decoder.config.is_decoder = True, False
    close(encoder(**inputs)[0], both[1])
    close(decoder(**inputs)[0], both[0])


@torch.no_grad()
def test_generation_asks_the_configuration_whether_a_model_is_a_decoder():
    model = tiny.make("BertLMHeadModel", is_decoder=True)
    ids = torch.arange(6, 14)[None]
    as_made = model.generate(ids, max_length=24, do_sample=False)
    model.config.is_decoder = False
    expected = ids
    for _ in range(16):
        expected = torch.cat([expected, model(expected)[0][:, -1:].argmax(-1)], 1)
    assert torch.equal(model.generate(ids, max_length=24, do_sample=False), expected)
    assert not torch.equal(as_made, expected)


@pytest.mark.parametrize("count", [8, 64])
@torch.no_grad()
def test_attention_with_another_number_of_position_buckets(count):
    """It computes with its own, with and without a hook on it."""
    model, other = tiny.make("T5Model"), tiny.config("T5Model", relative_attention_num_buckets=count)
    inputs = inputs_of("T5Model")
    inputs["input_ids"] = torch.arange(6, 46)[None].expand(len(inputs["input_ids"]), -1)
    inputs.pop("attention_mask", None)
    attention = T5Attention(other, has_relative_attention_bias=True).eval()
    model.encoder.block[0].layer[0].SelfAttention = attention
    unseen = model(**inputs)
    attention.relative_attention_bias.weight[count // 2 + 1] += 3  # of the next position
    assert differ(model(**inputs)[0], unseen[0])
    attention.relative_attention_bias.weight[count // 2 + 1] -= 3
    attention.register_forward_hook(identity)
    close(model(**inputs), unseen)


@torch.no_grad()
def test_a_query_length_counts_beside_earlier_keys_and_values_alone():
    config = tiny.config("T5Model", is_decoder=True)
    attention = T5Attention(config, has_relative_attention_bias=True).eval()
    nn.init.normal_(attention.relative_attention_bias.weight)
    states = torch.randn(1, 3, config.d_model)
    whole = attention(states, use_cache=True)
    close(attention(states, query_length=7, use_cache=True), whole)
    one = attention(states[:, 2:], past_key_value_state=tuple(x[:, :, :2] for x in whole[1]), query_length=3)
    close(one[0], whole[0][:, 2:])


@pytest.mark.parametrize("name", ["GPT2LMHeadModel", "OpenAIGPTLMHeadModel"])
@torch.no_grad()
def test_more_positions_by_hand(name):
    """Generation goes as far as the table in the tree."""
    model = tiny.make(name)
    path = next(path for path, module in parts(model) if path.endswith(("wpe", "positions_embed")))
    old = model.get_submodule(path)
    replace(model, path, nn.Embedding(old.num_embeddings + 30, old.embedding_dim))
    prompt = torch.full((1, old.num_embeddings + 10), 7)
    assert model.generate(prompt, max_length=old.num_embeddings + 20, eos_token_id=59, pad_token_id=1).shape[1] > len(
        prompt[0]
    )


@pytest.mark.parametrize("name", ONE_OF_EACH)
@torch.no_grad()
def test_export_and_vmap_of_looked_at_models(name):
    """With a hook on every module the documented calls are exported and vectorised."""
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    plain = model(**inputs)[0]
    for path, module in parts(model):
        handle = module.register_forward_hook(identity)
        rows = torch.func.vmap(lambda row: model(**{key: value[None] for key, value in row.items()})[0][0])(inputs)
        torch.testing.assert_close(rows, plain, rtol=1e-5, atol=1e-5, msg=path)
        handle.remove()
    for _, module in parts(model):
        module.register_forward_hook(identity)
    program = torch.export.export(model, (), kwargs=inputs)
    close(program.module()(**inputs)[0], plain)


@pytest.mark.parametrize(
    ("owner", "name", "kind"),
    [
        ("encoder.layer.0", "output", "a linear layer"),
        ("encoder.layer.0.output", "LayerNorm", "a norm"),
        ("embeddings", "word_embeddings", "an embedding"),
    ],
)
def test_a_missing_part_is_named(owner, name, kind):
    model = tiny.make("BertModel")
    delattr(model.get_submodule(owner), name)
    with pytest.raises(ValueError, match=f"{kind} that the model computes is not there"):
        model(**inputs_of("BertModel"))


class OwnBert(formers.BertPreTrainedModel):
    """A model of documented parts, put together by a user, that prunes them itself."""

    def __init__(self, config):
        super().__init__(config)
        self.embeddings, self.encoder = BertEmbeddings(config), BertEncoder(config)
        self.asked = []
        self.init_weights()

    def _prune_heads(self, heads_to_prune):
        self.asked.append(heads_to_prune)
        for layer, heads in heads_to_prune.items():
            self.encoder.layer[layer].attention.prune_heads(heads)

    def forward(self, input_ids):
        return self.encoder(self.embeddings(input_ids))


def small_bert(**options):
    return formers.BertConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, vocab_size=100, **options
    )


def test_a_custom_model_prunes_its_heads_itself():
    model = OwnBert(small_bert()).eval()
    model.prune_heads({0: [1], 1: [0, 2]})
    model.prune_heads({1: [3]})
    assert model.asked == [{0: [1], 1: [0, 2]}, {1: [3]}]
    assert model.config.pruned_heads == {0: [1], 1: [0, 2, 3]}
    assert [layer.attention.self.query.out_features for layer in model.encoder.layer] == [24, 8]
    assert model(torch.tensor([[5, 6]]))[0].shape == (1, 2, 32)
    assert OwnBert(small_bert(pruned_heads={0: [1]})).asked == [{0: [1]}]


def test_a_subclass_may_prune_its_heads_itself():
    class Sub(formers.BertModel):
        asked = None

        def _prune_heads(self, heads_to_prune):
            self.asked = heads_to_prune
            super()._prune_heads({0: [3]})

    model = Sub(small_bert())
    model.prune_heads({0: [1]})
    assert model.asked == {0: [1]} and model.config.pruned_heads == {0: [1]}
    assert model.encoder.layer[0].attention.pruned_heads == {3}
    headed = formers.BertForSequenceClassification(small_bert())
    headed.bert = Sub(headed.config)
    headed.prune_heads({1: [0]})
    assert headed.bert.asked == {1: [0]} and headed.config.pruned_heads == {1: [0]}
