"""What users rely on beyond the recorded ids."""

import threading

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from tests import tiny

import formers
from formers import GenerationError, T5Config, TextIteratorStreamer, TextStreamer

from .frameworks import FRAMEWORKS, listed, parameters, without_tensorflow

NAMES = tiny.writers()
PAIRS = tiny.pairs(NAMES)
DECODERS = tiny.single_stacks(NAMES)
IN_KERAS = [name for name in NAMES if name in tiny.twins()]
# Of each kind of documented cache one.
WITH_CACHES = ["GPT2LMHeadModel", "T5ForConditionalGeneration", "BartForConditionalGeneration"]
VOCABULARY, POSITIONS = 50, 40


def small(name):
    """A model of a class with random weights large enough for it to write different things."""
    config = tiny.config(
        name, std=0.4, initializer_factor=1.5, vocab_size=VOCABULARY, max_position_embeddings=POSITIONS,
        bad_words_ids=None,
    )  # fmt: skip
    for key, other in {"bos_token_id": 1, "eos_token_id": None, "pad_token_id": 1}.items():
        if (getattr(config, key) or 0) >= VOCABULARY:
            setattr(config, key, other)
    if config.is_encoder_decoder:
        config.decoder_start_token_id = 3
    return tiny.build(getattr(formers, name), config)


PROMPTS = [[7, 8, 9, 10, 11, 12], [21, 22], [31, 32, 33, 34]]


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Folders of the models, by name."""
    found = {}
    for name in NAMES:
        found[name] = tmp_path_factory.mktemp(name)
        small(name).save_pretrained(found[name])
    return found


@pytest.fixture(scope="session")
def models(folders):
    """Loads a model in a framework, once."""
    loaded = {}

    def load(framework, name):
        if (framework.name, name) not in loaded:
            loaded[framework.name, name] = framework.load(name, folders[name])
        return loaded[framework.name, name]

    return load


def named(names):
    """Parameters of a test of models: a framework and a name."""
    return pytest.mark.parametrize(("framework", "name"), parameters(names, [n for n in names if n in IN_KERAS]))


@pytest.fixture(params=["torch", pytest.param("keras", marks=without_tensorflow)])
def framework(request):
    """Each framework."""
    return FRAMEWORKS[request.param]


@pytest.fixture
def gpt2(framework, models):
    """GPT-2 in that framework."""
    return models(framework, "GPT2LMHeadModel")


def padded(prompts, pad=0, side="left"):
    longest = max(map(len, prompts))
    fill = [[pad] * (longest - len(prompt)) for prompt in prompts]
    rows = [f + p if side == "left" else p + f for f, p in zip(fill, prompts, strict=True)]
    masks = [[0] * len(f) + [1] * len(p) for f, p in zip(fill, prompts, strict=True)]
    return rows, masks if side == "left" else [mask[::-1] for mask in masks]


WAYS = [
    {},
    {"num_beams": 3},
    {"num_beams": 3, "num_return_sequences": 2, "length_penalty": 2.0},
    {"repetition_penalty": 2.0},
    {"no_repeat_ngram_size": 2, "num_beams": 2},
    {"no_repeat_ngram_size": 1},
    {"bad_words_ids": [[5], [7, 8], [9]]},
]


@pytest.mark.parametrize("way", WAYS, ids=str)
@named(DECODERS)
def test_padding_on_the_left_does_not_matter(framework, name, way, models):
    model = models(framework, name)
    ids, mask = map(framework.tensor, padded(PROMPTS))
    count = way.get("num_return_sequences", 1)
    together = listed(model.generate(ids, attention_mask=mask, max_new_tokens=8, pad_token_id=0, **way))
    for number, prompt in enumerate(PROMPTS):
        alone = listed(model.generate(framework.tensor([prompt]), max_new_tokens=8, pad_token_id=0, **way))
        rows = together[number * count : (number + 1) * count]
        assert [row[ids.shape[1] :] for row in rows] == [row[len(prompt) :] for row in alone]


@pytest.mark.parametrize("way", WAYS, ids=str)
@named(PAIRS)
def test_padding_of_the_encoder_does_not_matter(framework, name, way, models):
    model = models(framework, name)
    ids, mask = map(framework.tensor, padded(PROMPTS, pad=1, side="right"))
    count = way.get("num_return_sequences", 1)
    options = dict(max_length=9, pad_token_id=1, eos_token_id=49, **way)
    together = listed(model.generate(ids, attention_mask=mask, **options))
    for number, prompt in enumerate(PROMPTS):
        alone = listed(model.generate(framework.tensor([prompt]), **options))
        for row, expected in zip(together[number * count : (number + 1) * count], alone, strict=True):
            # In a batch, sequences of different lengths are filled up behind their end.
            assert row[: len(expected)] == expected and set(row[len(expected) :]) <= {1, 49}


@pytest.mark.parametrize("way", WAYS, ids=str)
@named(NAMES)
def test_the_cache_changes_nothing(framework, name, way, models):
    model = models(framework, name)
    ids = framework.tensor([[7, 8, 9, 10], [21, 22, 23, 24]])
    options = dict(max_length=14, pad_token_id=0, eos_token_id=48, **way)
    cached = model.generate(ids, use_cache=True, **options)
    assert listed(cached) == listed(model.generate(ids, use_cache=False, **options))


@pytest.mark.parametrize("way", [{}, {"num_beams": 3}], ids=str)
@named(NAMES)
def test_the_cache_changes_no_scores(framework, name, way, models):
    """Those of every step agree within the tolerance of float32, which equal ids would not show."""
    model, seen = models(framework, name), {}
    for use_cache in (True, False):
        steps = seen[use_cache] = []
        # Without a cache BART's decoder does not look at its padding tokens, with one it does: it writes none here.
        options = dict(max_length=9, pad_token_id=0, eos_token_id=48, bad_words_ids=[[1]], use_cache=use_cache)
        criteria = lambda _, scores, steps=steps: steps.append(np.array(scores))  # noqa: E731
        model.generate(framework.tensor([[7, 8, 9], [21, 22, 23]]), stopping_criteria=criteria, **options, **way)
    assert len(seen[True]) == len(seen[False]) > 4
    for cached, whole in zip(seen[True], seen[False], strict=True):
        np.testing.assert_allclose(cached, whole, rtol=1e-5, atol=1e-5)


@without_tensorflow
@pytest.mark.parametrize("way", [way for way in WAYS if "repetition_penalty" not in way], ids=str)
@pytest.mark.parametrize("name", IN_KERAS)
def test_the_frameworks_agree(name, way, models):
    ids, mask = padded(PROMPTS)
    results = []
    for framework in FRAMEWORKS.values():
        inputs = {"input_ids": framework.tensor(ids), "attention_mask": framework.tensor(mask)}
        results.append(listed(models(framework, name).generate(**inputs, max_length=14, pad_token_id=0, **way)))
    assert results[0] == results[1]


def recording(model, calls):
    """A model of somebody else's class, with a method of its own and the same weights."""
    base = type(model)

    def prepare(self, inputs, past=None, **kwargs):
        calls.append(past)
        return base.prepare_inputs_for_generation(self, inputs, past=past, **kwargs)

    mine = type("Mine", (base,), {"prepare_inputs_for_generation": prepare})(model.config)
    if isinstance(model, torch.nn.Module):
        mine.eval().load_state_dict(model.state_dict())
    else:
        mine.set_weights(model.get_weights())
    return mine


@pytest.mark.parametrize("way", WAYS[:3], ids=str)
@named(WITH_CACHES)
def test_the_documented_calls_give_the_same(framework, name, way, models):
    """A class with methods of its own is called as documented; its outputs carry the cache."""
    model, calls = models(framework, name), []
    mine = recording(model, calls)
    ids = framework.tensor([[7, 8, 9, 10], [21, 22, 23, 24]])
    options = dict(max_length=12, pad_token_id=0, eos_token_id=48, **way)
    assert listed(mine.generate(ids, **options)) == listed(model.generate(ids, **options))
    assert len(calls) > 1 and calls[-1] is not None


GUESSES = [3, pytest.param(1, marks=pytest.mark.slow), pytest.param(10, marks=pytest.mark.slow)]


@pytest.mark.parametrize("guesses", GUESSES)
@named(NAMES)
def test_prompt_lookup_is_lossless(framework, name, guesses, models):
    model = models(framework, name)
    ids = framework.tensor([[7, 8, 9, 10, 7, 8, 9], [21, 22, 21, 22, 21, 22, 21]])
    for rows in (ids, ids[:1]):
        for way in ({}, {"repetition_penalty": 1.5}, {"no_repeat_ngram_size": 3}, {"eos_token_id": 8}):
            options = dict(max_length=24, pad_token_id=0) | way
            plain = model.generate(rows, **options)
            quick = model.generate(rows, prompt_lookup_num_tokens=guesses, **options)
            assert listed(quick) == listed(plain)


def test_prompt_lookup_saves_steps(framework, gpt2):
    ids = framework.tensor([[7, 8, 9, 10, 7, 8, 9]])
    steps = []

    def count(sequences, scores):
        steps.append(sequences.shape[1])
        return False

    plain = gpt2.generate(ids, max_length=39, pad_token_id=0, stopping_criteria=count)
    needed = len(steps)
    quick = gpt2.generate(ids, max_length=39, pad_token_id=0, prompt_lookup_num_tokens=8, stopping_criteria=count)
    assert listed(quick) == listed(plain)
    assert len(steps) - needed < needed == 32  # what a random model repeats can be looked up


def test_sampling_follows_the_seed(framework, gpt2):
    ids = framework.tensor([[7, 8, 9]])
    options = dict(do_sample=True, max_length=20, num_return_sequences=4, pad_token_id=0, top_k=20, temperature=2.0)

    def drawn(generator=None):
        return listed(gpt2.generate(ids, generator=generator, **options))

    first = drawn(5)
    assert len(first) == 4 and {len(row) for row in first} == {20} and len({tuple(row) for row in first}) > 1
    assert first == drawn(framework.numbers(5))
    assert first != drawn(6)
    framework.set_seed(3)
    one = drawn()
    assert one != drawn()
    framework.set_seed(3)
    assert one == drawn()


@named(WITH_CACHES)
def test_sampled_beams(framework, name, models):
    model = models(framework, name)
    ids = framework.tensor([[7, 8, 9, 4], [10, 11, 12, 4]])
    options = dict(do_sample=True, num_beams=3, num_return_sequences=2, max_length=12, pad_token_id=0, top_p=0.9)
    first = listed(model.generate(ids, generator=5, **options))
    assert len(first) == 4
    assert first == listed(model.generate(ids, generator=5, **options))


def test_sampling_follows_the_scores(framework, gpt2):
    """Tokens are drawn as often as their probabilities say."""
    ids = framework.tensor([[7, 8, 9]])
    scores = []
    options = dict(do_sample=True, top_k=0, max_new_tokens=1, pad_token_id=0, num_return_sequences=4000)
    drawn = gpt2.generate(ids, generator=1, stopping_criteria=lambda _, last: scores.append(last[:1]), **options)
    found = np.bincount(np.array(listed(drawn))[:, -1], minlength=50) / 4000
    np.testing.assert_allclose(found, torch.tensor(scores[0].numpy())[0].softmax(-1).numpy(), atol=0.03)


def test_top_k_of_one_is_greedy(framework, gpt2):
    ids = framework.tensor([[7, 8, 9]])
    greedy = gpt2.generate(ids, max_length=20, pad_token_id=0)
    assert listed(gpt2.generate(ids, max_length=20, pad_token_id=0, do_sample=True, top_k=1)) == listed(greedy)


def test_lengths(framework, gpt2, models):
    ids = framework.tensor([[7, 8, 9]])
    assert gpt2.generate(ids, max_new_tokens=5).shape == (1, 8)
    assert gpt2.generate(ids, max_length=5).shape == (1, 5)
    t5 = models(framework, "T5ForConditionalGeneration")
    assert t5.generate(ids, max_new_tokens=5, eos_token_id=49).shape == (1, 6)
    first = int(gpt2.generate(ids, max_length=5)[0, 3])
    ended = gpt2.generate(ids, max_length=12, eos_token_id=first)
    assert listed(ended) == [[7, 8, 9, first]]
    assert gpt2.generate(ids, max_length=12, eos_token_id=first, min_length=8).shape[1] >= 8


def test_the_model_ends_where_its_positions_do(framework, gpt2, caplog):
    output = gpt2.generate(framework.tensor([[7, 8, 9]]), max_length=100)
    assert output.shape == (1, 41)
    assert "the model knows 40 positions" in caplog.text
    with pytest.raises(GenerationError, match="the prompt has 41 tokens, but the model knows 40 positions"):
        gpt2.generate(output, max_new_tokens=2)


class Words:
    """A tokenizer of sorts."""

    def decode(self, tokens, **kwargs):
        return " ".join(f"w{token}" for token in tokens)


def test_text_comes_as_it_is_written(framework, gpt2):
    ids = framework.tensor([[7, 8, 9]])
    pieces = []
    (output,) = listed(gpt2.generate(ids, max_length=10, streamer=TextStreamer(Words(), write=pieces.append)))
    assert "".join(pieces) == Words().decode(output) + "\n"
    assert len(pieces) > 6
    streamer = TextIteratorStreamer(Words(), skip_prompt=True, timeout=30)
    thread = threading.Thread(target=gpt2.generate, args=(ids,), kwargs={"max_length": 10, "streamer": streamer})
    thread.start()
    assert "".join(streamer) == Words().decode(output[3:]) + "\n"
    thread.join()
    with pytest.raises(ValueError, match="a streamer writes one sequence, found 2"):
        two = framework.tensor([[7, 8, 9]] * 2)
        gpt2.generate(two, max_length=10, streamer=TextStreamer(Words(), write=pieces.append))


def test_criteria_end_it(framework, gpt2):
    ids = framework.tensor([[7, 8, 9]])
    seen = []

    def enough(sequences, scores):
        seen.append(tuple(scores.shape))
        return sequences.shape[1] >= 6

    assert gpt2.generate(ids, max_length=20, stopping_criteria=enough).shape == (1, 6)
    assert seen == [(1, 50)] * 3
    assert gpt2.generate(ids, max_length=20, stopping_criteria=[enough], num_beams=2).shape == (1, 6)


def test_masked_models_write_too():
    model = tiny.make("BertForMaskedLM", std=0.4)
    ids = torch.tensor([[7, 8, 9], [4, 5, 6]])
    output = model.generate(ids, max_length=8)
    for length in range(3, 8):  # each token is what the model fills in at the end
        step = torch.cat([output[:, :length], torch.zeros(2, 1, dtype=torch.long)], 1)
        mask = torch.cat([torch.ones(2, length), torch.zeros(2, 1)], 1)
        assert torch.equal(model(step, attention_mask=mask)[0][:, -1].argmax(-1), output[:, length])


# --- steps that are compiled ------------------------------------------------------------------------------------------


@without_tensorflow
@pytest.mark.parametrize(("name", "traces"), [("GPT2LMHeadModel", 1), ("T5ForConditionalGeneration", 2)])
def test_a_step_is_compiled_once(name, traces, folders, models, monkeypatch):
    """Rows and lengths of another call need no other function, nor does a step with a longer cache."""
    framework = FRAMEWORKS["keras"]
    model = framework.load(name, folders[name])
    runs = []
    run = type(model)._logits
    monkeypatch.setattr(type(model), "_logits", lambda self, *args: runs.append(1) or run(self, *args))
    for rows, length in ((1, 3), (2, 5), (3, 9)):
        model.generate(framework.tensor([[7] * length] * rows), max_new_tokens=6, pad_token_id=0, num_beams=rows)
    assert len(runs) == traces  # with an encoder, the first step makes the keys of its states


@without_tensorflow
def test_changed_models_are_compiled_anew(folders):
    framework = FRAMEWORKS["keras"]
    model = framework.load("GPT2LMHeadModel", folders["GPT2LMHeadModel"])
    ids, sizes = framework.tensor([[7, 8, 9]]), []
    options = dict(max_length=6, stopping_criteria=lambda _, scores: sizes.append(scores.shape[-1]))
    before = listed(model.generate(ids, **options))
    model.resize_token_embeddings(60)
    model.generate(ids, **options)
    assert sizes == [50] * 3 + [60] * 3
    model.set_weights([0 * weight for weight in model.get_weights()])
    assert listed(model.generate(ids, **options)) != before


# --- bad input --------------------------------------------------------------------------------------------------------

IDS = [[7, 8, 9]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"input_ids": [[]]}, r"the prompt is empty .*shape \(1, 0\)"),
        ({"input_ids": IDS[0]}, r"shape \(3,\); expected \[batch, seq\]"),
        ({"input_ids": IDS, "max_length": 3}, "starts from 3 tokens and max_length is 3"),
        ({"input_ids": [[7] * 41], "max_length": 50}, "the prompt has 41 tokens, but the model knows 40 positions"),
        ({"input_ids": IDS, "num_beams": 2, "num_return_sequences": 3}, "num_return_sequences is 3 and num_beams 2"),
        ({"input_ids": IDS, "num_return_sequences": 2}, "greedy decoding gives one sequence"),
        ({"input_ids": IDS, "max_length": 0}, "max_length is 0; expected a number from 1 on"),
        ({"input_ids": IDS, "max_length": "9"}, "max_length is '9'; expected a number from 1 on"),
        ({"input_ids": IDS, "num_beams": 2.5}, "num_beams is 2.5"),
        ({"input_ids": IDS, "temperature": 0.0, "do_sample": True}, "temperature is 0.0; expected a number above 0"),
        ({"input_ids": IDS, "top_p": 1.5}, "top_p is 1.5; expected a number from 0 to 1"),
        ({"input_ids": IDS, "repetition_penalty": 0.5}, "repetition_penalty is 0.5"),
        ({"input_ids": IDS, "bad_words_ids": [[]]}, r"bad_words_ids is \[\[\]\]"),
        ({"input_ids": IDS, "pad_token_id": -1}, "pad_token_id is -1"),
        ({"input_ids": IDS, "eos_token_id": [1, 2]}, r"eos_token_id is \[1, 2\]; expected a token's number, or None"),
        ({"input_ids": IDS, "max_length": 9, "max_new_tokens": 3}, "both max_length and max_new_tokens"),
        ({"input_ids": IDS, "attention_mask": [[1, 1]]}, r"attention_mask has shape \(1, 2\)"),
        ({"input_ids": IDS, "num_beams": 2, "streamer": "a stand-in"}, "a streamer needs num_beams=1"),
        ({"input_ids": IDS, "num_beams": 2, "prompt_lookup_num_tokens": 3}, "is for greedy decoding"),
        ({"input_ids": IDS, "prompt_lookup_num_tokens": 0}, "prompt_lookup_num_tokens is 0"),
        ({"input_ids": IDS, "max_lenght": 9}, "neither generate.. nor .*GPT2LMHeadModel has an argument 'max_lenght'"),
    ],
    ids=str,
)
def test_wrong_arguments_are_named(framework, gpt2, arguments, words):
    tensors = {name: framework.tensor(value) for name, value in arguments.items() if name in INPUTS}
    with pytest.raises(GenerationError, match=words):
        gpt2.generate(**arguments | tensors)


INPUTS = ("input_ids", "attention_mask")


def test_starts_are_needed(framework, gpt2, models, tmp_path):
    assert int(gpt2.generate(max_length=4)[0, 0]) == 1
    with pytest.raises(GenerationError, match="input_ids are not given, and bos_token_id, .*Pass input_ids, or bos"):
        models(framework, "CTRLLMHeadModel").generate(max_length=4)
    config = T5Config(vocab_size=12, d_model=4, d_kv=2, d_ff=4, num_layers=1, num_heads=2)
    model = getattr(formers, f"{framework.prefix}T5ForConditionalGeneration")(config)
    with pytest.raises(GenerationError, match=r"Pass generate\(..., decoder_start_token_id=.*pad_token_id \(0\)"):
        model.generate(framework.tensor(IDS))
    with pytest.raises(AttributeError, match="GPT2Model has no head over the vocabulary"):
        getattr(formers, f"{framework.prefix}GPT2Model")(gpt2.config).generate(framework.tensor(IDS))


def test_a_missing_padding_token_is_replaced(framework, gpt2, caplog):
    ids = framework.tensor([[7, 8, 9], [4, 5, 6]])
    first = int(gpt2.generate(ids, max_length=6)[0, 3])
    ended = listed(gpt2.generate(ids, max_length=6, eos_token_id=first))
    assert ended[0][3:] == [first] * (len(ended[0]) - 3)
    assert "pad_token_id is not set" in caplog.text


@pytest.mark.parametrize("way", [{}, {"num_beams": 2}, {"do_sample": True}, {"use_cache": False}], ids=str)
def test_scores_that_are_no_numbers_are_named(framework, way, folders, tmp_path):
    weights = load_file(folders["GPT2LMHeadModel"] / "model.safetensors")
    (name,) = [name for name in weights if name.endswith("wpe.weight")]
    weights[name] = weights[name].copy()
    weights[name][4] = np.nan  # of the fifth position, which the shorter prompt reaches two tokens later
    save_file(weights, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text((folders["GPT2LMHeadModel"] / "config.json").read_text())
    model = framework.load("GPT2LMHeadModel", tmp_path)
    ids, mask = map(framework.tensor, padded([[7, 8, 9, 10], [21, 22]]))
    with pytest.raises(GenerationError, match=r"NaN as scores at step 1, in the rows \[0\]"):
        model.generate(ids, attention_mask=mask, max_length=8, pad_token_id=0, eos_token_id=3, **way)


def test_padding_on_the_right_is_warned_of(framework, gpt2, caplog):
    ids, mask = map(framework.tensor, padded(PROMPTS, side="right"))
    gpt2.generate(ids, attention_mask=mask, max_new_tokens=2)
    assert "pad them on the left" in caplog.text
