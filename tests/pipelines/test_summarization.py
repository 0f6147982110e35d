"""Summarization: a long text becomes a short one."""

import logging

import torch
from tests.golden_data import read

import formers

from .generating import BART, DOCUMENTS, T5, load


def test_a_long_text_loses_its_end_and_a_warning_says_so(nlp, caplog):
    summarize = nlp("summarization", BART)
    long = " ".join(DOCUMENTS * 8)
    ids = summarize.tokenizer.encode(long)
    with caplog.at_level(logging.WARNING):
        (record,) = summarize(long, max_length=10)
    assert "1 of 1 inputs longer than the 260 tokens that the model can take, truncated at the end" in caplog.text
    kept = torch.tensor([[*ids[:259], summarize.tokenizer.eos_token_id]])
    expected = summarize.model.generate(kept, max_length=10)[0]
    assert record["summary_text"] == summarize.tokenizer.decode(expected, True, False)


def test_a_summarizer_made_by_its_class_has_the_parameters_of_its_task():
    loaded = load("text2text-generation", T5)
    summarize = formers.SummarizationPipeline(model=loaded.model, tokenizer=loaded.tokenizer)
    assert (summarize.task, summarize.prefix) == ("summarization", "summarize: ")
    expected = read("pipelines/summarize_translate_t5/cases.json")[4]
    assert summarize(*expected["args"]) == expected["out"]
