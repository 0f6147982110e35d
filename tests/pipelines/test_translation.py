"""Translation: a text in another language."""

import json
import logging
import shutil
import threading

import pytest
import torch

import formers
from formers import pipeline
from formers.pipelines.task_names import languages_of

from .generating import DOCUMENTS, FOLDER, MARIAN, T5, load


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


def test_a_stream_of_translations_gives_one_result_an_input(nlp):
    translate = nlp("translation_en_to_de", MARIAN)
    assert list(translate.stream(DOCUMENTS, max_length=8)) == translate(DOCUMENTS, max_length=8)
    pairs = list(translate.stream(DOCUMENTS, max_length=8, num_beams=2, num_return_sequences=2))
    assert [len(pair) for pair in pairs] == [2] * len(DOCUMENTS)
    assert [record for pair in pairs for record in pair] == translate(
        DOCUMENTS, max_length=8, num_beams=2, num_return_sequences=2
    )


def test_text_comes_to_another_thread(nlp):
    translate = nlp("translation_en_to_de", MARIAN)
    streamer = formers.TextIteratorStreamer(translate.tokenizer, timeout=60, skip_special_tokens=True)
    found = []
    thread = threading.Thread(target=lambda: found.extend(translate("The lamp is lit.", streamer=streamer)))
    thread.start()
    written = "".join(streamer)
    thread.join()
    assert written.rstrip("\n") == found[0]["translation_text"]


def test_texts_that_end_unfinished_are_told_unless_their_length_was_asked_for(nlp, caplog):
    translate = nlp("translation_en_to_de", MARIAN)
    with caplog.at_level(logging.WARNING):
        translate("The lamp is lit.", max_length=14)
        assert not caplog.messages
        translate("The lamp is lit.")
    (message,) = caplog.messages
    assert message.startswith("1 of 1 texts end unfinished at max_length=14")


def test_a_saved_pipeline_writes_the_same(nlp, tmp_path):
    translate = nlp("translation_en_to_de", MARIAN)
    translate.save_pretrained(tmp_path)
    assert pipeline("translation_en_to_de", model=str(tmp_path))(DOCUMENTS) == translate(DOCUMENTS)


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
    assert languages_of("translation_en_XX_to_ro_RO") == ("en_XX", "ro_RO")
    assert languages_of("translation") is None
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
