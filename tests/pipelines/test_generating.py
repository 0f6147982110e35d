"""What the pipelines that write text have in common."""

import json

import numpy as np
import pytest
import torch

import formers
from formers import pipeline
from formers.pipelines import batching
from formers.pipelines.text2text_generation import Text2TextGenerationPipeline

from .generating import BART, DOCUMENTS, FOLDER, GPT2, MARIAN, PROMPTS, T5, load


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


@pytest.mark.parametrize(("task", "folder"), [("summarization", BART), ("translation_en_to_de", MARIAN)])
@pytest.mark.parametrize("text", ["", " \t\n", "\u200d\u0301", "a \ud800 b", "\U0001f6a4" * 50])
def test_texts_that_are_odd_have_a_result(nlp, task, folder, text):
    (record,) = nlp(task, folder)(text, max_length=6, min_length=0)
    ((_, written),) = record.items()
    assert isinstance(written, str)


def test_a_million_characters(nlp):
    (record,) = nlp("text-generation", GPT2)("lamp " * 200_000, do_sample=False, max_new_tokens=2)
    assert len(record["generated_text"]) > 1_000_000
    (record,) = nlp("summarization", BART)("lamp " * 200_000, max_length=6)
    assert set(record) == {"summary_text"}


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


# Tasks


def test_the_task_decides_prefix_and_defaults(nlp, calls):
    parameters = json.loads((FOLDER / T5 / "config.json").read_text())["task_specific_params"]
    for task in ("summarization", "translation_en_to_de", "translation_en_to_fr"):
        pipe = load(task, T5)
        seen = calls(pipe)
        pipe("The lamp is lit.")
        expected = pipe.tokenizer.encode(parameters[task]["prefix"] + "The lamp is lit.")
        assert seen.pop()["input_ids"].tolist() == [expected]
        assert pipe._generate_call(pipe._split({})[0]).options.num_beams == parameters[task]["num_beams"]
    plain = load("text2text-generation", T5)
    seen = calls(plain)
    plain("The lamp is lit.")
    assert seen.pop()["input_ids"].tolist() == [plain.tokenizer.encode("The lamp is lit.")]


def test_pipelines_of_one_model_keep_their_prefixes():
    summarize = load("summarization", T5)
    pipeline("translation_en_to_de", model=summarize.model, tokenizer=summarize.tokenizer)
    assert summarize.prefix == "summarize: "


def test_pipelines_of_one_model_keep_their_defaults(calls, caplog):
    summarize = load("summarization", T5)
    expected = summarize(DOCUMENTS[0])
    model, tokenizer = summarize.model, summarize.tokenizer
    before = formers.T5Config.from_pretrained(FOLDER / T5)
    parameters = model.config.task_specific_params
    parameters["translation_en_to_de"] |= {"num_beams": 2, "max_length": 9, "no_repeat_ngram_size": 2}
    translate = pipeline("translation_en_to_de", model=model, tokenizer=tokenizer)
    expected_translation = load("translation_en_to_de", T5)
    expected_translation.model.config.update({"num_beams": 2, "max_length": 9, "no_repeat_ngram_size": 2})
    assert translate(DOCUMENTS[0]) == expected_translation(DOCUMENTS[0])
    assert summarize(DOCUMENTS[0]) == expected
    seen = calls(summarize)
    summarize(DOCUMENTS[0], max_new_tokens=3)
    assert seen[0]["no_repeat_ngram_size"] == 3 and "max_length" not in seen[0]
    plain = pipeline("text2text-generation", model=model, tokenizer=tokenizer)
    assert (plain.prefix, translate.prefix) == ("", "translate English to German: ")
    caplog.clear()
    plain(DOCUMENTS[0])
    for name in ("num_beams", "max_length", "length_penalty", "no_repeat_ngram_size"):
        assert name not in seen[1] and getattr(model.config, name) == getattr(before, name)
    assert "end unfinished at max_length=" in caplog.text
    # Values that are set by hand hold for every pipeline, and arguments hold before all.
    model.config.num_beams = 3
    for pipe in (summarize, translate, plain):
        seen.clear()
        pipe(DOCUMENTS[0])
        pipe(DOCUMENTS[0], num_beams=1)
        assert "num_beams" not in seen[0] and seen[1]["num_beams"] == 1


def test_the_starter_models_are_found_by_their_tasks(monkeypatch):
    asked = []

    def starter_path(task):
        asked.append(task)
        return str(FOLDER / {"text-generation": GPT2, "translation_en_to_fr": T5}[task])

    monkeypatch.setattr("formers.starter.starter_path", starter_path)
    assert pipeline("text-generation", model="starter")("a", max_length=4)[0]["generated_text"]
    assert pipeline("translation", model="starter", src_lang="en", tgt_lang="fr").prefix
    assert asked == ["text-generation", "translation_en_to_fr"]


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


@pytest.mark.parametrize(
    ("task", "folder", "keyword"),
    [
        ("summarization", BART, "documents"),
        ("translation_en_to_de", MARIAN, "texts"),
        ("text2text-generation", MARIAN, "text"),
        ("text-generation", GPT2, "text_inputs"),
    ],
)
def test_texts_may_come_by_keyword(nlp, task, folder, keyword):
    pipe = nlp(task, folder)
    texts, options = DOCUMENTS[:2], {"max_length": 60, "do_sample": False}
    assert pipe(**{keyword: texts}, **options) == pipe(texts, **options) != []
    with pytest.raises(ValueError, match=r"there are no texts among the keywords max_length: pass them first, as nlp"):
        pipe(max_length=5)
    with pytest.raises(ValueError, match=rf"there are no texts: .*{keyword}="):
        pipe()
