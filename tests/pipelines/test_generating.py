"""The pipelines that write text, on tiny models of random weights."""

import json
import logging
import shutil
import threading

import numpy as np
import pytest
import torch
from tests.golden_data import GOLDEN, read

import formers
from formers import pipeline
from formers.generation.errors import GenerationError
from formers.pipelines import batching, registry
from formers.pipelines.text2text_generation import Text2TextGenerationPipeline

FOLDER = GOLDEN / "pipelines"
GPT2, GPT, CTRL = "generate_gpt2", "generate_gpt", "generate_ctrl"
BART, T5, MARIAN = "summarize_bart", "summarize_translate_t5", "translate_marian"
PROMPTS = ["The lamp is lit.", "It isn't", "Children measure the pier each summer", "a", "The lamp is ", "It is so"]
DOCUMENTS = [
    "The harbour wakes before the sun. Fishermen untie their boats and gulls argue over bread.",
    "Nobody remembers who built the stone pier.",
    "In the evening the wind turns and the boats return with silver fish. The market opens at seven.",
    "The lamp is lit.",
]


def load(task, folder, **options):
    return pipeline(task, model=str(FOLDER / folder), **options)


@pytest.fixture(scope="module")
def nlp():
    """Makes pipelines, each once."""
    made = {}

    def make(task, folder):
        if (task, folder) not in made:
            made[task, folder] = load(task, folder)
        return made[task, folder]

    return make


@pytest.fixture
def calls(monkeypatch):
    """What `generate` was called with: shape of the batch and arguments."""
    seen = []

    def watch(pipe):
        generate = pipe.model.generate

        def noting(**arguments):
            seen.append(arguments)
            return generate(**arguments)

        monkeypatch.setattr(pipe.model, "generate", noting)
        return seen

    return watch


def shapes(seen):
    return [tuple(arguments["input_ids"].shape) for arguments in seen]


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


def test_batches_of_equal_length():
    lengths = np.array([3, 5, 3, 4, 5, 3])
    plan = batching.plan(lengths, batching.Limits(1000, equal=True))
    assert [sorted(batch.tolist()) for batch in plan] == [[1, 4], [3], [0, 2, 5]]
    plan = batching.plan(lengths, batching.Limits(1000, batch_size=2, equal=True))
    assert sorted(len(batch) for batch in plan) == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("task", "folder", "options"),
    [
        ("summarization", BART, {"max_length": 14, "min_length": 4}),
        ("summarization", BART, {"max_length": 12, "num_beams": 3, "num_return_sequences": 2}),
        ("summarization", T5, {}),
        ("translation_en_to_de", T5, {"num_beams": 1}),
        ("translation_en_to_de", MARIAN, {"max_length": 10}),
        ("text2text-generation", MARIAN, {"num_beams": 2, "max_length": 9}),
    ],
)
def test_texts_together_give_what_each_gives_alone(nlp, task, folder, options):
    pipe = nlp(task, folder)
    alone = [record for text in DOCUMENTS for record in pipe(text, **options)]
    together = pipe(DOCUMENTS, **options)
    assert together == alone
    assert len(together) == len(DOCUMENTS) * options.get("num_return_sequences", 1)
    assert pipe(DOCUMENTS, max_tokens=80, **options) == alone
    (key,) = together[0]
    assert key == {"summarization": "summary", "text2text-generation": "generated"}.get(task, "translation") + "_text"


def test_a_batch_that_does_not_fit_into_memory_is_halved(nlp, monkeypatch, caplog):
    pipe = nlp("translation_en_to_de", MARIAN)
    expected = pipe(DOCUMENTS, max_length=8)
    generate = pipe.model.generate

    def small(**arguments):
        if len(arguments["input_ids"]) > 1:
            raise torch.OutOfMemoryError("out of memory")
        return generate(**arguments)

    monkeypatch.setattr(pipe.model, "generate", small)
    monkeypatch.setattr(pipe._execution, "max_tokens", pipe._execution.max_tokens)
    assert pipe(DOCUMENTS, max_length=8) == expected
    assert "going on with at most" in caplog.text


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


def test_a_stream_of_translations_gives_one_result_an_input(nlp):
    translate = nlp("translation_en_to_de", MARIAN)
    assert list(translate.stream(DOCUMENTS, max_length=8)) == translate(DOCUMENTS, max_length=8)
    pairs = list(translate.stream(DOCUMENTS, max_length=8, num_beams=2, num_return_sequences=2))
    assert [len(pair) for pair in pairs] == [2] * len(DOCUMENTS)
    assert [record for pair in pairs for record in pair] == translate(
        DOCUMENTS, max_length=8, num_beams=2, num_return_sequences=2
    )


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


@pytest.mark.parametrize(("task", "folder"), [("summarization", BART), ("translation_en_to_de", MARIAN)])
@pytest.mark.parametrize("text", ["", " \t\n", "\u200d\u0301", "a \ud800 b", "\U0001f6a4" * 50])
def test_texts_that_are_odd_have_a_result(nlp, task, folder, text):
    (record,) = nlp(task, folder)(text, max_length=6, min_length=0)
    ((_, written),) = record.items()
    assert isinstance(written, str)


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
    assert "1 of 1 prompts leave no room in the 80 tokens that the model can take, cut at the beginning: " in message
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


def test_a_long_text_loses_its_end_and_a_warning_says_so(nlp, caplog):
    summarize = nlp("summarization", BART)
    long = " ".join(DOCUMENTS * 8)
    ids = summarize.tokenizer.encode(long)
    with caplog.at_level(logging.WARNING):
        (record,) = summarize(long, max_length=10)
    assert "1 of 1 inputs longer than the 260 tokens that the model can take, cut at the end" in caplog.text
    kept = torch.tensor([[*ids[:259], summarize.tokenizer.eos_token_id]])
    expected = summarize.model.generate(kept, max_length=10)[0]
    assert record["summary_text"] == summarize.tokenizer.decode(expected, True, False)


def test_a_million_characters(nlp):
    (record,) = nlp("text-generation", GPT2)("lamp " * 200_000, do_sample=False, max_new_tokens=2)
    assert len(record["generated_text"]) > 1_000_000
    (record,) = nlp("summarization", BART)("lamp " * 200_000, max_length=6)
    assert set(record) == {"summary_text"}


def test_a_model_without_a_padding_token_takes_batches_in_silence(nlp, caplog):
    generate = nlp("text-generation", GPT2)
    assert generate.model.config.pad_token_id is None and generate.tokenizer._pad_token is None
    with caplog.at_level(logging.WARNING):
        generate(PROMPTS, do_sample=False, max_length=20)
    assert not caplog.messages


# What comes out


def test_ids_and_texts_come_as_asked_for(nlp):
    generate, translate = nlp("text-generation", GPT2), nlp("translation_en_to_de", MARIAN)
    options = {"do_sample": False, "max_length": 12}
    (both,) = generate(PROMPTS[0], return_tensors=True, **options)
    assert list(both) == ["generated_token_ids", "generated_text"]
    assert type(both["generated_token_ids"]) is list
    (ids,) = generate(PROMPTS[0], return_tensors=True, return_text=False, **options)
    assert ids == {"generated_token_ids": both["generated_token_ids"]}
    (rest,) = generate(PROMPTS[0], return_full_text=False, **options)
    assert PROMPTS[0] + rest["generated_text"] == both["generated_text"]
    (record,) = translate(DOCUMENTS[0], max_length=6, return_tensors=True)
    assert list(record) == ["translation_token_ids", "translation_text"]
    assert record["translation_token_ids"].dtype == torch.int64 and record["translation_token_ids"].dim() == 1


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


def test_text_comes_to_another_thread(nlp):
    translate = nlp("translation_en_to_de", MARIAN)
    streamer = formers.TextIteratorStreamer(translate.tokenizer, timeout=60, skip_special_tokens=True)
    found = []
    thread = threading.Thread(target=lambda: found.extend(translate("The lamp is lit.", streamer=streamer)))
    thread.start()
    written = "".join(streamer)
    thread.join()
    assert written.rstrip("\n") == found[0]["translation_text"]


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


def test_texts_that_end_unfinished_are_told_unless_their_length_was_asked_for(nlp, caplog):
    translate = nlp("translation_en_to_de", MARIAN)
    with caplog.at_level(logging.WARNING):
        translate("The lamp is lit.", max_length=14)
        assert not caplog.messages
        translate("The lamp is lit.")
    (message,) = caplog.messages
    assert message.startswith("1 of 1 texts end unfinished at max_length=14")


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


def test_the_task_decides_prefix_and_defaults(nlp, calls):
    parameters = json.loads((FOLDER / T5 / "config.json").read_text())["task_specific_params"]
    for task in ("summarization", "translation_en_to_de", "translation_en_to_fr"):
        pipe = load(task, T5)
        seen = calls(pipe)
        pipe("The lamp is lit.")
        expected = pipe.tokenizer.encode(parameters[task]["prefix"] + "The lamp is lit.")
        assert seen.pop()["input_ids"].tolist() == [expected]
        assert pipe.model.config.num_beams == parameters[task]["num_beams"]
    plain = load("text2text-generation", T5)
    seen = calls(plain)
    plain("The lamp is lit.")
    assert seen.pop()["input_ids"].tolist() == [plain.tokenizer.encode("The lamp is lit.")]


def test_pipelines_of_one_model_keep_their_prefixes():
    summarize = load("summarization", T5)
    pipeline("translation_en_to_de", model=summarize.model, tokenizer=summarize.tokenizer)
    assert summarize.prefix == "summarize: "


def test_pipelines_of_one_model_keep_their_defaults(calls, caplog):
    """The configuration shows those of the last one, as it did in v3."""
    summarize = load("summarization", T5)
    expected = summarize(DOCUMENTS[0])
    model, tokenizer = summarize.model, summarize.tokenizer
    before = formers.T5Config.from_pretrained(FOLDER / T5)
    parameters = model.config.task_specific_params
    parameters["translation_en_to_de"] |= {"num_beams": 2, "max_length": 9, "no_repeat_ngram_size": 2}
    translate = pipeline("translation_en_to_de", model=model, tokenizer=tokenizer)
    assert (model.config.num_beams, model.config.max_length) == (2, 9)
    assert summarize(DOCUMENTS[0]) == expected
    seen = calls(summarize)
    summarize(DOCUMENTS[0], max_new_tokens=3)
    assert seen[0]["no_repeat_ngram_size"] == 3 and "max_length" not in seen[0]
    plain = pipeline("text2text-generation", model=model, tokenizer=tokenizer)
    assert (plain.prefix, translate.prefix) == ("", "translate English to German: ")
    caplog.clear()
    plain(DOCUMENTS[0])
    for name in ("num_beams", "max_length", "length_penalty", "no_repeat_ngram_size"):
        assert seen[1].get(name, getattr(model.config, name)) == getattr(before, name)
    assert "end unfinished at max_length=" in caplog.text
    # Values that are set by hand hold for every pipeline, and arguments hold before all.
    model.config.num_beams = 3
    for pipe in (summarize, translate, plain):
        seen.clear()
        pipe(DOCUMENTS[0])
        pipe(DOCUMENTS[0], num_beams=1)
        assert "num_beams" not in seen[0] and seen[1]["num_beams"] == 1


def test_a_summarizer_made_by_its_class_has_the_parameters_of_its_task():
    loaded = load("text2text-generation", T5)
    summarize = formers.SummarizationPipeline(model=loaded.model, tokenizer=loaded.tokenizer)
    assert (summarize.task, summarize.prefix) == ("summarization", "summarize: ")
    expected = read("pipelines/summarize_translate_t5/cases.json")[4]
    assert summarize(*expected["args"]) == expected["out"]


# Languages


def test_translation_takes_its_languages_in_the_task_or_apart(calls):
    apart = load("translation", T5, src_lang="en", tgt_lang="fr")
    assert (apart.task, apart.prefix) == ("translation_en_to_fr", "translate English to French: ")
    named = load("translation_en_to_fr", T5)
    assert apart("The lamp is lit.") == named("The lamp is lit.")
    with pytest.raises(ValueError, match="which languages.*translation_en_to_de, translation_en_to_fr"):
        load("translation", T5)
    with pytest.raises(ValueError, match="src_lang is 'en', tgt_lang None and the task 'translation'"):
        load("translation", T5, src_lang="en")
    with pytest.raises(ValueError, match="the task 'summarization'"):
        load("summarization", T5, src_lang="en", tgt_lang="fr")


def test_any_pair_of_languages_is_a_task_and_has_no_default_model():
    assert registry.languages_of("translation_en_XX_to_ro_RO") == ("en_XX", "ro_RO")
    assert registry.languages_of("translation") is None
    folder = load("translation_de_to_en", MARIAN)
    assert folder("The lamp is lit.", max_length=6) == load("translation", MARIAN)("The lamp is lit.", max_length=6)
    for task in ("translation", "translation_de_to_en"):
        with pytest.raises(ValueError, match=f"the task '{task}' has no default model: name one with model="):
            pipeline(task)
    with pytest.raises(KeyError, match="Unknown task 'translation_en', .* and translation_XX_to_YY"):
        pipeline("translation_en")


def test_a_model_of_one_pair_needs_no_languages(tmp_path):
    for file in (FOLDER / T5).iterdir():
        shutil.copy(file, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["task_specific_params"]["translation_en_to_fr"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert pipeline("translation", model=str(tmp_path)).prefix == "translate English to German: "


class Languages:
    """A tokenizer that knows the languages of its model."""

    def __init__(self, tokenizer):
        self._tokenizer, self.said = tokenizer, []

    def __getattr__(self, name):
        return getattr(self._tokenizer, name)

    def __call__(self, *args, **kwargs):
        return self._tokenizer(*args, **kwargs)

    def set_languages(self, source, target):
        self.said.append((source, target))
        return 7


def test_a_tokenizer_that_knows_languages_is_told_them(calls):
    loaded = load("translation", MARIAN)
    tokenizer = Languages(loaded.tokenizer)
    translate = pipeline("translation_en_to_ro", model=loaded.model, tokenizer=tokenizer)
    assert tokenizer.said == [("en", "ro")]
    seen = calls(translate)
    translate("The lamp is lit.", max_length=5)
    list(translate.stream(["The lamp is lit."], max_length=5, decoder_start_token_id=9))
    assert [arguments["decoder_start_token_id"] for arguments in seen] == [7, 9]


# Models


def test_a_model_of_another_kind_is_refused_and_its_tasks_are_named(nlp):
    gpt2, bart = nlp("text-generation", GPT2), nlp("summarization", BART)
    with pytest.raises(ValueError, match="GPT2LMHeadModel has no encoder, which summarization needs: its"):
        pipeline("summarization", model=gpt2.model, tokenizer=gpt2.tokenizer)
    with pytest.raises(ValueError, match="BartForConditionalGeneration has an encoder, .* summarization and"):
        pipeline("text-generation", model=bart.model, tokenizer=bart.tokenizer)
    with pytest.raises(ValueError, match="GPT2Model has no head over the vocabulary.*AutoModelForCausalLM"):
        formers.TextGenerationPipeline(gpt2.model.transformer, gpt2.tokenizer)
    with pytest.raises(ValueError, match="BartModel has no head over the vocabulary.*AutoModelForSeq2SeqLM"):
        Text2TextGenerationPipeline(bart.model.model, bart.tokenizer)


def test_a_pair_of_encoder_and_decoder_writes(nlp):
    folder = str(FOLDER / "fill_bert")
    model = formers.EncoderDecoderModel.from_encoder_decoder_pretrained(folder, folder)
    tokenizer = formers.BertTokenizer.from_pretrained(folder)
    write = Text2TextGenerationPipeline(model, tokenizer)
    options = {"decoder_start_token_id": tokenizer.cls_token_id, "max_length": 6}
    options |= {"eos_token_id": tokenizer.sep_token_id, "pad_token_id": tokenizer.pad_token_id}
    together = write(DOCUMENTS[:2], **options)
    assert together == [record for text in DOCUMENTS[:2] for record in write(text, **options)]


def test_the_starter_models_are_found_by_their_tasks(monkeypatch):
    asked = []

    def starter_path(task):
        asked.append(task)
        return str(FOLDER / {"text-generation": GPT2, "translation_en_to_fr": T5}[task])

    monkeypatch.setattr("formers.starter.starter_path", starter_path)
    assert pipeline("text-generation", model="starter")("a", max_length=4)[0]["generated_text"]
    assert pipeline("translation", model="starter", src_lang="en", tgt_lang="fr").prefix
    assert asked == ["text-generation", "translation_en_to_fr"]


def test_a_saved_pipeline_writes_the_same(nlp, tmp_path):
    translate = nlp("translation_en_to_de", MARIAN)
    translate.save_pretrained(tmp_path)
    assert pipeline("translation_en_to_de", model=str(tmp_path))(DOCUMENTS) == translate(DOCUMENTS)
