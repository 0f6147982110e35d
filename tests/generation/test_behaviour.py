"""What users rely on beyond the recorded ids."""
import threading

import pytest
import torch

import formers
from formers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertForMaskedLM,
    BertLMHeadModel,
    BertModel,
    CTRLConfig,
    CTRLLMHeadModel,
    EncoderDecoderModel,
    GenerationError,
    GPT2Config,
    GPT2LMHeadModel,
    OpenAIGPTConfig,
    OpenAIGPTLMHeadModel,
    T5Config,
    T5ForConditionalGeneration,
    TextIteratorStreamer,
    TextStreamer,
)

GPT = dict(vocab_size=50, n_positions=40, n_ctx=40, n_embd=16, n_layer=2, n_head=4, initializer_range=0.4)
BERT = dict(
    vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
    max_position_embeddings=40, initializer_range=0.4,
)  # fmt: skip


def decoders():
    torch.manual_seed(0)
    return {
        "gpt2": GPT2LMHeadModel(GPT2Config(**GPT, bos_token_id=1, eos_token_id=None)),
        "gpt": OpenAIGPTLMHeadModel(OpenAIGPTConfig(**GPT)),
        "ctrl": CTRLLMHeadModel(CTRLConfig(**GPT, dff=24)),
        "bert": BertLMHeadModel(BertConfig(**BERT, is_decoder=True)),
    }


def pairs():
    torch.manual_seed(0)
    bart = BartConfig(
        vocab_size=50, d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=40, init_std=0.4,
    )  # fmt: skip
    t5 = T5Config(
        vocab_size=50, d_model=16, d_kv=5, d_ff=24, num_layers=2, num_heads=3, relative_attention_num_buckets=8,
        decoder_start_token_id=0, initializer_factor=1.5,
    )  # fmt: skip
    both = EncoderDecoderModel(
        encoder=BertModel(BertConfig(**BERT)), decoder=BertLMHeadModel(BertConfig(**BERT, is_decoder=True))
    )
    both.config.decoder_start_token_id, both.config.pad_token_id = 3, 0
    return {"bart": BartForConditionalGeneration(bart), "t5": T5ForConditionalGeneration(t5), "both": both}


DECODERS = {name: model.eval() for name, model in decoders().items()}
PAIRS = {name: model.eval() for name, model in pairs().items()}
PROMPTS = [[7, 8, 9, 10, 11, 12], [21, 22], [31, 32, 33, 34]]


def padded(prompts, pad=0, side="left"):
    longest = max(map(len, prompts))
    fill = [[pad] * (longest - len(prompt)) for prompt in prompts]
    rows = [f + p if side == "left" else p + f for f, p in zip(fill, prompts, strict=True)]
    masks = [[0] * len(f) + [1] * len(p) for f, p in zip(fill, prompts, strict=True)]
    masks = masks if side == "left" else [mask[::-1] for mask in masks]
    return torch.tensor(rows), torch.tensor(masks)


@pytest.fixture(params=DECODERS)
def decoder(request):
    return DECODERS[request.param]


@pytest.fixture(params=[*DECODERS, *PAIRS])
def any_model(request):
    return (DECODERS | PAIRS)[request.param]


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
def test_padding_on_the_left_does_not_matter(decoder, way):
    ids, mask = padded(PROMPTS)
    count = way.get("num_return_sequences", 1)
    together = decoder.generate(ids, attention_mask=mask, max_new_tokens=8, pad_token_id=0, **way)
    for number, prompt in enumerate(PROMPTS):
        alone = decoder.generate(torch.tensor([prompt]), max_new_tokens=8, pad_token_id=0, **way)
        rows = together[number * count : (number + 1) * count, ids.shape[1] :]
        assert rows.tolist() == alone[:, len(prompt) :].tolist()


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("name", PAIRS)
def test_padding_of_the_encoder_does_not_matter(name, way):
    model = PAIRS[name]
    ids, mask = padded(PROMPTS, pad=1, side="right")
    count = way.get("num_return_sequences", 1)
    options = dict(max_length=9, pad_token_id=1, eos_token_id=49, **way)
    together = model.generate(ids, attention_mask=mask, **options)
    for number, prompt in enumerate(PROMPTS):
        alone = model.generate(torch.tensor([prompt]), **options)
        for row, expected in zip(together[number * count : (number + 1) * count], alone, strict=True):
            # In a batch, sequences of different lengths are filled up behind their end.
            row, expected = row.tolist(), expected.tolist()
            assert row[: len(expected)] == expected and set(row[len(expected) :]) <= {1, 49}


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_cache_changes_nothing(any_model, way):
    ids = torch.tensor([[7, 8, 9, 10], [21, 22, 23, 24]])
    options = dict(max_length=14, pad_token_id=0, eos_token_id=48, **way)
    cached = any_model.generate(ids, use_cache=True, **options)
    assert cached.tolist() == any_model.generate(ids, use_cache=False, **options).tolist()


def recording(base, calls):
    """A class of somebody else, with a method of its own."""

    def prepare(self, input_ids, past=None, **kwargs):
        calls.append(past)
        return base.prepare_inputs_for_generation(self, input_ids, past=past, **kwargs)

    return type("Mine", (base,), {"prepare_inputs_for_generation": prepare})


@pytest.mark.parametrize("way", WAYS[:3], ids=str)
def test_the_documented_calls_give_the_same(way):
    """A class with methods of its own is called as documented; its outputs carry the cache."""
    for model in (DECODERS["gpt2"], PAIRS["t5"], PAIRS["bart"]):
        calls = []
        mine = recording(type(model), calls)(model.config).eval()
        mine.load_state_dict(model.state_dict())
        ids = torch.tensor([[7, 8, 9, 10], [21, 22, 23, 24]])
        options = dict(max_length=12, pad_token_id=0, eos_token_id=48, **way)
        assert mine.generate(ids, **options).tolist() == model.generate(ids, **options).tolist()
        assert len(calls) > 1 and calls[-1] is not None


@pytest.mark.parametrize("guesses", [1, 3, 10])
def test_prompt_lookup_is_lossless(any_model, guesses):
    ids = torch.tensor([[7, 8, 9, 10, 7, 8, 9], [21, 22, 21, 22, 21, 22, 21]])
    for rows in (ids, ids[:1]):
        for way in ({}, {"repetition_penalty": 1.5}, {"no_repeat_ngram_size": 3}, {"eos_token_id": 8}):
            options = dict(max_length=24, pad_token_id=0) | way
            plain = any_model.generate(rows, **options)
            quick = any_model.generate(rows, prompt_lookup_num_tokens=guesses, **options)
            assert quick.tolist() == plain.tolist()


def test_prompt_lookup_saves_steps():
    model = DECODERS["gpt2"]
    ids = torch.tensor([[7, 8, 9, 10, 7, 8, 9]])
    steps = []
    handle = model.lm_head.register_forward_hook(lambda *_: steps.append(1))
    plain = model.generate(ids, max_length=39, pad_token_id=0)
    needed = len(steps)
    quick = model.generate(ids, max_length=39, pad_token_id=0, prompt_lookup_num_tokens=8)
    handle.remove()
    assert quick.tolist() == plain.tolist()
    assert needed == 32 and len(steps) - needed < 24  # a random model falls into a loop, which can be looked up


def test_sampling_follows_the_seed():
    model = DECODERS["gpt2"]
    ids = torch.tensor([[7, 8, 9]])
    options = dict(do_sample=True, max_length=20, num_return_sequences=4, pad_token_id=0, top_k=20, temperature=2.0)
    first = model.generate(ids, generator=5, **options)
    assert first.shape == (4, 20) and len({tuple(row) for row in first.tolist()}) > 1
    assert torch.equal(first, model.generate(ids, generator=torch.Generator().manual_seed(5), **options))
    assert not torch.equal(first, model.generate(ids, generator=6, **options))
    torch.manual_seed(3)
    one = model.generate(ids, **options)
    torch.manual_seed(3)
    assert torch.equal(one, model.generate(ids, **options))


@pytest.mark.parametrize("name", ["gpt2", "t5", "bart"])
def test_sampled_beams(name):
    model = (DECODERS | PAIRS)[name]
    ids = torch.tensor([[7, 8, 9, 4], [10, 11, 12, 4]])
    options = dict(do_sample=True, num_beams=3, num_return_sequences=2, max_length=12, pad_token_id=0, top_p=0.9)
    first = model.generate(ids, generator=5, **options)
    assert first.shape[0] == 4
    assert torch.equal(first, model.generate(ids, generator=5, **options))


def test_top_k_of_one_is_greedy():
    model = DECODERS["gpt2"]
    ids = torch.tensor([[7, 8, 9]])
    greedy = model.generate(ids, max_length=20, pad_token_id=0)
    assert torch.equal(model.generate(ids, max_length=20, pad_token_id=0, do_sample=True, top_k=1), greedy)


def test_lengths():
    model = DECODERS["gpt2"]
    ids = torch.tensor([[7, 8, 9]])
    assert model.generate(ids, max_new_tokens=5).shape == (1, 8)
    assert model.generate(ids, max_length=5).shape == (1, 5)
    assert PAIRS["t5"].generate(ids, max_new_tokens=5, eos_token_id=49).shape == (1, 6)
    first = model.generate(ids, max_length=5)[0, 3].item()
    ended = model.generate(ids, max_length=12, eos_token_id=first)
    assert ended.tolist() == [[7, 8, 9, first]]
    assert model.generate(ids, max_length=12, eos_token_id=first, min_length=8).shape[1] >= 8


def test_the_model_ends_where_its_positions_do(caplog):
    model = DECODERS["gpt2"]
    output = model.generate(torch.tensor([[7, 8, 9]]), max_length=100)
    assert output.shape == (1, 41)
    assert "the model knows 40 positions" in caplog.text
    with pytest.raises(GenerationError, match="the prompt has 41 tokens, but the model knows 40 positions"):
        model.generate(output, max_new_tokens=2)


class Words:
    """A tokenizer of sorts."""

    def decode(self, tokens, **kwargs):
        return " ".join(f"w{token}" for token in tokens)


def test_text_comes_as_it_is_written():
    model = DECODERS["gpt2"]
    ids = torch.tensor([[7, 8, 9]])
    pieces = []
    output = model.generate(ids, max_length=10, streamer=TextStreamer(Words(), write=pieces.append))
    assert "".join(pieces) == Words().decode(output[0].tolist()) + "\n"
    assert len(pieces) > 6
    streamer = TextIteratorStreamer(Words(), skip_prompt=True, timeout=30)
    thread = threading.Thread(target=model.generate, args=(ids,), kwargs={"max_length": 10, "streamer": streamer})
    thread.start()
    assert "".join(streamer) == Words().decode(output[0, 3:].tolist()) + "\n"
    thread.join()
    with pytest.raises(ValueError, match="a streamer writes one sequence, found 2"):
        model.generate(ids.expand(2, -1), max_length=10, streamer=TextStreamer(Words(), write=pieces.append))


def test_criteria_end_it():
    model = DECODERS["gpt2"]
    ids = torch.tensor([[7, 8, 9]])
    seen = []

    def enough(sequences, scores):
        seen.append(scores.shape)
        return sequences.shape[1] >= 6

    assert model.generate(ids, max_length=20, stopping_criteria=enough).shape == (1, 6)
    assert seen == [(1, 50)] * 3
    assert model.generate(ids, max_length=20, stopping_criteria=[enough], num_beams=2).shape == (1, 6)


def test_masked_models_write_too():
    torch.manual_seed(0)
    model = BertForMaskedLM(BertConfig(**BERT)).eval()
    ids = torch.tensor([[7, 8, 9], [4, 5, 6]])
    output = model.generate(ids, max_length=8)
    for length in range(3, 8):  # each token is what the model fills in at the end
        step = torch.cat([output[:, :length], torch.zeros(2, 1, dtype=torch.long)], 1)
        mask = torch.cat([torch.ones(2, length), torch.zeros(2, 1)], 1)
        assert torch.equal(model(step, attention_mask=mask)[0][:, -1].argmax(-1), output[:, length])


# --- bad input --------------------------------------------------------------------------------------------------------

IDS = torch.tensor([[7, 8, 9]])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"input_ids": torch.zeros(1, 0, dtype=torch.long)}, r"the prompt is empty .*shape \(1, 0\)"),
        ({"input_ids": IDS[0]}, r"shape \(3,\); expected \[batch, seq\]"),
        ({"input_ids": IDS, "max_length": 3}, "starts from 3 tokens and max_length is 3"),
        ({"input_ids": IDS, "num_beams": 2, "num_return_sequences": 3}, "num_return_sequences is 3 and num_beams 2"),
        ({"input_ids": IDS, "num_return_sequences": 2}, "greedy decoding gives one sequence"),
        ({"input_ids": IDS, "max_length": 0}, "max_length is 0; expected a number from 1 on"),
        ({"input_ids": IDS, "num_beams": 2.5}, "num_beams is 2.5"),
        ({"input_ids": IDS, "temperature": 0.0, "do_sample": True}, "temperature is 0.0; expected a number above 0"),
        ({"input_ids": IDS, "top_p": 1.5}, "top_p is 1.5; expected a number from 0 to 1"),
        ({"input_ids": IDS, "repetition_penalty": 0.5}, "repetition_penalty is 0.5"),
        ({"input_ids": IDS, "bad_words_ids": [[]]}, r"bad_words_ids is \[\[\]\]"),
        ({"input_ids": IDS, "pad_token_id": -1}, "pad_token_id is -1"),
        ({"input_ids": IDS, "max_length": 9, "max_new_tokens": 3}, "both max_length and max_new_tokens"),
        ({"input_ids": IDS, "attention_mask": IDS[:, :2]}, r"attention_mask has shape \(1, 2\)"),
        ({"input_ids": IDS, "num_beams": 2, "streamer": object()}, "a streamer needs num_beams=1"),
        ({"input_ids": IDS, "num_beams": 2, "prompt_lookup_num_tokens": 3}, "is for greedy decoding"),
        ({"input_ids": IDS, "prompt_lookup_num_tokens": 0}, "prompt_lookup_num_tokens is 0"),
        ({"input_ids": IDS, "max_lenght": 9}, "neither generate.. nor GPT2LMHeadModel has an argument 'max_lenght'"),
    ],
)
def test_wrong_arguments_are_named(arguments, words):
    with pytest.raises(GenerationError, match=words):
        DECODERS["gpt2"].generate(**arguments)


def test_starts_are_needed():
    assert DECODERS["gpt2"].generate(max_length=4)[0, 0] == 1
    with pytest.raises(GenerationError, match="starts from bos_token_id, and there is none"):
        DECODERS["ctrl"].generate(max_length=4)
    model = T5ForConditionalGeneration(T5Config(vocab_size=12, d_model=4, d_kv=2, d_ff=4, num_layers=1, num_heads=2))
    with pytest.raises(GenerationError, match="decoder_start_token_id or bos_token_id, and there is neither"):
        model.generate(IDS)
    with pytest.raises(AttributeError, match="GPT2Model has no head over the vocabulary"):
        formers.GPT2Model(DECODERS["gpt2"].config).generate(IDS)


def test_a_missing_padding_token_is_replaced(caplog):
    model = DECODERS["gpt2"]
    ids = torch.tensor([[7, 8, 9], [4, 5, 6]])
    free = model.generate(ids, max_length=6)
    ended = model.generate(ids, max_length=6, eos_token_id=free[0, 3].item())
    assert ended[0, 3:].tolist() == [free[0, 3].item()] * (ended.shape[1] - 3)
    assert "pad_token_id is not set" in caplog.text


@pytest.mark.parametrize("way", [{}, {"num_beams": 2}, {"do_sample": True}])
def test_scores_that_are_no_numbers_are_named(way):
    model = GPT2LMHeadModel(GPT2Config(**GPT)).eval()
    broken = 12

    def spoil(module, args, output):
        output[1::2] = float("nan")
        return output

    handle = model.lm_head.register_forward_hook(spoil)
    with pytest.raises(GenerationError, match=r"NaN as scores at step 0, in the rows \[1\]"):
        model.generate(torch.tensor([[7, 8], [9, broken]]), max_length=8, pad_token_id=0, eos_token_id=3, **way)
    handle.remove()


def test_padding_on_the_right_is_warned_of(caplog):
    ids, mask = padded(PROMPTS, side="right")
    DECODERS["gpt2"].generate(ids, attention_mask=mask, max_new_tokens=2)
    assert "pad them on the left" in caplog.text
