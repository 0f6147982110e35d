"""Text generation: a model goes on from a prompt."""

import logging

import numpy as np
import pytest
import torch

import formers
from formers.generation.errors import GenerationError

from .generating import CTRL, GPT, GPT2, PROMPTS, load, shapes

# Batches


@pytest.mark.parametrize("folder", [GPT2, GPT, CTRL])
@pytest.mark.parametrize(
    "options",
    [
        {"max_length": 16},
        {"max_length": 30, "min_length": 25},
        {"max_new_tokens": 7},
        {"max_length": 20, "num_beams": 3, "num_return_sequences": 2},
        {"max_length": 24, "repetition_penalty": 1.7, "no_repeat_ngram_size": 2},
        {"max_length": 78},
    ],
    ids=lambda options: "-".join(options),
)
def test_prompts_together_give_what_each_gives_alone(nlp, folder, options):
    generate = nlp("text-generation", folder)
    options = {"do_sample": False, "return_tensors": True, **options}
    prompts = [prompt for prompt in PROMPTS if len(generate.tokenizer.encode(prompt)) < options.get("max_length", 99)]
    alone = [generate(prompt, **options) for prompt in prompts]
    assert generate(prompts, **options) == alone
    assert generate(prompts, batch_size=2, **options) == alone
    for (record, *others), prompt in zip(alone, prompts, strict=True):
        assert len(others) == options.get("num_return_sequences", 1) - 1
        assert record["generated_text"].startswith(prompt)
        assert len(record["generated_token_ids"]) <= options.get("max_length", 99)


def test_prompts_share_a_batch_in_tensorflow_too(nlp, calls):
    pytest.importorskip("tensorflow")
    generate = load("text-generation", CTRL, framework="tf")
    options = {"do_sample": False, "max_length": 16, "return_tensors": True}
    seen = calls(generate)
    assert generate(PROMPTS, **options) == nlp("text-generation", CTRL)(PROMPTS, **options)
    assert len(seen) == 1


def test_prompts_of_different_length_share_a_batch_unless_padding_would_count(nlp, calls):
    generate = nlp("text-generation", GPT2)
    lengths = [len(generate.tokenizer.encode(prompt)) for prompt in PROMPTS]
    assert len(set(lengths)) > 2
    seen = calls(generate)
    generate(PROMPTS, do_sample=False, max_length=30)
    assert shapes(seen) == [(len(PROMPTS), max(lengths))]
    assert seen[0]["attention_mask"].sum(1).tolist() == sorted(lengths, reverse=True)
    for options in ({"num_beams": 2}, {"min_length": 10}, {"max_length": 80}):
        seen.clear()
        generate(PROMPTS, **{"do_sample": False, "max_length": 30, **options})
        assert sorted(width for _, width in shapes(seen)) == sorted(set(lengths))
        assert sum(rows for rows, _ in shapes(seen)) == len(PROMPTS)


# What goes in


def test_inputs_may_be_one_several_a_generator_or_a_column(nlp):
    generate = nlp("text-generation", GPT2)
    options = {"do_sample": False, "max_length": 14}
    one, two = ([record] for record in (generate(text, **options)[0] for text in PROMPTS[:2]))
    assert generate(PROMPTS[:2], **options) == generate(*PROMPTS[:2], **options) == [one, two]
    assert generate([PROMPTS[0]], **options) == one
    assert generate((text for text in PROMPTS[:2]), **options) == generate(X=np.array(PROMPTS[:2]), **options)
    assert list(generate.stream(iter(PROMPTS[:2]), **options)) == [one, two]
    assert generate([], **options) == []
    with pytest.raises(TypeError, match=r"input 1 is of type int \(3\), expected a string"):
        generate(["a", 3], **options)


def test_a_stream_does_not_read_thousands_of_texts_before_it_writes_the_first(nlp):
    read_so_far = []

    def endless():
        while True:
            read_so_far.append(1)
            yield "a"

    assert next(nlp("text-generation", GPT2).stream(endless(), do_sample=False, max_length=3))
    assert len(read_so_far) <= 256


@pytest.mark.parametrize("prompt", ["", "   \n"])
def test_a_prompt_without_tokens_begins_a_text(nlp, prompt):
    ctrl = nlp("text-generation", CTRL)
    with pytest.raises(GenerationError, match="input 1 .* has no tokens, .* no bos_token_id .*: give a prompt"):
        ctrl(["a", prompt], do_sample=False)
    (record,) = ctrl(prompt, do_sample=False, bos_token_id=22, max_length=5, return_tensors=True)
    assert record["generated_token_ids"][0] == 22 and len(record["generated_token_ids"]) == 5
    assert record["generated_text"].startswith(prompt)
    gpt2 = nlp("text-generation", GPT2)
    (empty,) = gpt2("", do_sample=False, max_length=8, return_tensors=True)
    assert empty["generated_token_ids"][0] == gpt2.model.config.bos_token_id
    assert gpt2(["", "The lamp is lit"], do_sample=False, max_length=8, return_tensors=True)[0] == [empty]


def test_odd_prompts_have_a_result(nlp):
    for prompt in ("\u200d\u0301", "a \ud800 b", "\U0001f6a4", "\n\n"):
        (record,) = nlp("text-generation", GPT2)(prompt, do_sample=False, max_new_tokens=3)
        assert record["generated_text"].startswith(prompt)


def test_a_prompt_beyond_the_context_loses_its_beginning_and_a_warning_says_so(nlp, caplog):
    generate = nlp("text-generation", GPT2)
    ids = generate.tokenizer.encode(" ".join(PROMPTS) * 4)
    assert len(ids) > 80
    text = generate.tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        (record,) = generate(text, do_sample=False, max_new_tokens=5, return_tensors=True)
    (message,) = caplog.messages
    wanted = "1 of 1 prompts leave no room in the 80 tokens that the model can take, truncated at the beginning: "
    assert wanted in message
    assert f"the longest has {len(ids)} tokens, the first is input 0" in message
    kept = torch.tensor([ids[-75:]])
    assert record["generated_token_ids"] == generate.model.generate(kept, do_sample=False, max_new_tokens=5)[0].tolist()
    assert record["generated_text"].startswith(text)
    # With others, and with more to write than half of what the model can take.
    assert generate(["a", text], do_sample=False, max_new_tokens=5, return_tensors=True)[1] == [record]
    (record,) = generate(text, do_sample=False, max_new_tokens=60, return_tensors=True)
    assert record["generated_token_ids"][:40] == ids[-40:]


def test_a_prompt_as_long_as_max_length_is_an_error_that_names_it(nlp):
    generate = nlp("text-generation", GPT2)
    length = len(generate.tokenizer.encode(PROMPTS[2]))
    words = f"input 1 has {length} tokens, and max_length, which counts them, is {length}: raise max_length"
    with pytest.raises(GenerationError, match=words):
        generate(["a", PROMPTS[2]], do_sample=False, max_length=length)
    assert generate(PROMPTS[2], do_sample=False, max_length=length + 1)


def test_a_model_without_a_padding_token_takes_batches_in_silence(nlp, caplog):
    generate = nlp("text-generation", GPT2)
    assert generate.model.config.pad_token_id is None and generate.tokenizer._pad_token is None
    with caplog.at_level(logging.WARNING):
        generate(PROMPTS, do_sample=False, max_length=20)
    assert not caplog.messages


# What comes out


def test_spaces_are_cleaned_up_where_the_prompt_ends_too(nlp):
    generate = nlp("text-generation", GPT2)
    ids = generate.tokenizer.encode("The lamp ")
    dot = generate.tokenizer.encode(".")

    def fixed(**arguments):
        return torch.tensor([ids + dot])

    before, generate.model.generate = generate.model.generate, fixed
    try:
        (record,) = generate("The lamp ", max_length=len(ids) + 1, clean_up_tokenization_spaces=True)
    finally:
        generate.model.generate = before
    assert record["generated_text"] == "The lamp ."


def test_sampling_can_be_repeated_with_a_seed(nlp):
    generate = nlp("text-generation", GPT2)
    options = {"do_sample": True, "max_length": 25, "num_return_sequences": 3}
    first, again, other = (generate(PROMPTS[0], generator=seed, **options) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 3 and len({record["generated_text"] for record in first}) > 1


def test_text_comes_while_it_is_written(nlp):
    generate = nlp("text-generation", GPT2)
    pieces = []
    streamer = formers.TextStreamer(generate.tokenizer, write=pieces.append, clean_up_tokenization_spaces=False)
    results = generate(PROMPTS[:3], do_sample=False, max_length=20, streamer=streamer)
    # In the order of the prompts, though the longest would have come first.
    assert "".join(pieces) == "".join(
        generate.tokenizer.decode(
            generate(prompt, do_sample=False, max_length=20, return_tensors=True)[0]["generated_token_ids"],
            clean_up_tokenization_spaces=False,
        )
        + "\n"
        for prompt in PROMPTS[:3]
    )
    assert results == generate(PROMPTS[:3], do_sample=False, max_length=20)


def test_a_criterion_stops_each_text_by_itself(nlp):
    generate = nlp("text-generation", GPT2)

    def long_enough(ids, scores):
        return torch.tensor([ids.shape[1] >= 12])

    options = {"do_sample": False, "max_length": 30, "return_tensors": True}
    results = generate(PROMPTS, stopping_criteria=long_enough, **options)
    whole = generate(PROMPTS, **options)
    for prompt, (found,), (record,) in zip(PROMPTS, results, whole, strict=True):
        stop = max(12, len(generate.tokenizer.encode(prompt)) + 1)
        assert found["generated_token_ids"] == record["generated_token_ids"][:stop]


# Arguments


def test_arguments_reach_generate_and_unknown_ones_are_named(nlp, calls):
    generate = nlp("text-generation", GPT2)
    seen = calls(generate)
    generate("The lamp", do_sample=True, top_k=3, temperature=0.5, generator=3, max_length=8)
    assert seen[0].items() >= {"do_sample": True, "top_k": 3, "temperature": 0.5, "generator": 3}.items()
    with pytest.raises(GenerationError, match="has an argument 'top_q'"):
        generate("The lamp", top_q=3)
    with pytest.raises(GenerationError, match="num_beams is 'x'; expected a number from 1 on"):
        generate("The lamp", num_beams="x")
    with pytest.raises(GenerationError, match="num_return_sequences is 3 and num_beams 1"):
        generate("The lamp", do_sample=False, num_return_sequences=3)
    with pytest.raises(GenerationError, match="both max_length and max_new_tokens"):
        generate("The lamp", max_length=9, max_new_tokens=3)
    with pytest.raises(TypeError, match="input_ids cannot be given: the pipeline makes them of the texts"):
        generate("The lamp", input_ids=[[1]])
    with pytest.raises(ValueError, match="batch_size is 0"):
        generate("The lamp", batch_size=0)


def test_a_prefix_counts_and_shows_nowhere(nlp, calls):
    generate = nlp("text-generation", GPT2)
    prefix = "The harbour wakes. "
    count = len(generate.tokenizer.encode(prefix))
    whole = generate.tokenizer.encode(prefix + "It isn't")
    seen = calls(generate)
    (record,) = generate("It isn't", prefix=prefix, do_sample=False, max_length=12, min_length=12, return_tensors=True)
    assert seen[0]["input_ids"].tolist() == [whole]
    assert seen[0]["max_length"] == seen[0]["min_length"] == 12 + count
    assert record["generated_token_ids"][: len(whole)] == whole and len(record["generated_token_ids"]) == 12 + count
    assert record["generated_text"].startswith("It isn't")


def test_a_family_may_have_a_prefix_for_prompts(monkeypatch, nlp):
    from dataclasses import replace

    from formers.families import families
    from formers.pipelines import text_generation

    gpt2 = replace(families()["gpt2"], prompt_prefix="The lamp is lit. ")
    monkeypatch.setattr(text_generation, "families", lambda: {"gpt2": gpt2})
    options = {"do_sample": False, "max_new_tokens": 5}
    expected = nlp("text-generation", GPT2)("It isn't", prefix=gpt2.prompt_prefix, **options)
    assert load("text-generation", GPT2)("It isn't", **options) == expected
    assert expected != nlp("text-generation", GPT2)("It isn't", **options)
