"""Examples and windows against features that v3.0.2 made of the same data (windows of 64 tokens, stride 18)."""

import pytest
from tests.golden_data import GOLDEN, read

import formers
from formers import SquadExample
from formers.data.squad import context_windows, tokenize_contexts


def questions():
    for article in read("training/squad/squad_v2.json")["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                yield question, paragraph["context"], article["title"]


@pytest.mark.parametrize(("name", "folder"), [("BertTokenizer", "qa_bert"), ("RobertaTokenizer", "qa_roberta")])
def test_windows_are_those_of_v3(name, folder):
    tokenizer = getattr(formers, name).from_pretrained(str(GOLDEN / "pipelines" / folder))
    examples = [
        SquadExample(question["id"], question["question"], context, None, None, title)
        for question, context, title in questions()
    ]
    found = []
    for example, context in zip(examples, tokenize_contexts(examples, tokenizer), strict=True):
        ids = tokenizer.encode(example.question_text, add_special_tokens=False, truncation=True, max_length=14)
        for window in context_windows(ids, context, tokenizer, 64, 18):
            words = context.words[window.first : window.first + window.size].tolist()
            places = [str(place) for place in range(window.offset, window.offset + window.size)]
            found.append(
                (example.qas_id, window.input_ids, window.token_type_ids, dict(zip(places, words, strict=True)))
            )
    expected = []
    for feature in read(f"training/squad/features_{name}_dev.json"):
        length = sum(feature["attention_mask"])
        ids, types = (feature[key][:length] for key in ("input_ids", "token_type_ids"))
        expected.append((feature["qas_id"], ids, types, feature["token_to_orig_map"]))
    assert found == expected


@pytest.mark.parametrize("part", ["train", "dev"])
def test_examples_are_those_of_v3(part):
    recorded = {row["qas_id"]: row for row in read(f"training/squad/examples_v2_{part}.json")}
    checked = 0
    for question, context, title in questions():
        row = recorded.get(question["id"])
        if row is None:
            continue
        start = None
        if part == "train" and not row["is_impossible"]:
            start = question["answers"][0]["answer_start"]
        example = SquadExample(
            question["id"],
            question["question"],
            context,
            row["answer_text"],
            start,
            title,
            answers=row["answers"],
            is_impossible=row["is_impossible"],
        )
        for key, value in row.items():
            assert getattr(example, key) == value, (question["id"], key)
        checked += 1
    assert checked == len(recorded)


def test_words_and_the_characters_they_own():
    example = SquadExample("q", "what", "  the\u202fcat \nis", "cat", 6, "t")
    assert example.doc_tokens == ["the", "cat", "is"]
    assert example.char_to_word_offset == [-1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]
    assert (example.start_position, example.end_position) == (1, 1)
    assert example.span(1, 1) == (6, 10)
    assert example.span(0, 2) == (2, 12)
    beyond = SquadExample("q", "what", "the cat", "cat is gone", 4, "t")
    assert (beyond.start_position, beyond.end_position) == (1, 1)
