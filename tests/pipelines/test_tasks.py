import numpy as np
import pytest
from tests.golden_data import GOLDEN

from formers import BertForMultipleChoice, SquadExample, pipeline
from formers.pipelines import (
    FillMaskPipeline,
    PipelineException,
    QuestionAnsweringPipeline,
    TokenClassificationPipeline,
)

from .fakes import WORDS, SpanModel, TableModel, WordTokenizer


def entities(labels, **options):
    """A pipeline whose model gives each word the label of that number."""
    model = TableModel(3)
    model.config.id2label = {0: "O", 1: "B-ANIMAL", 2: "B-PLACE"}
    for word, label in labels.items():
        model.table.data[WORDS.index(word)] = -10.0
        model.table.data[WORDS.index(word), label] = 10.0
    return TokenClassificationPipeline(model, WordTokenizer(), **options)


LABELS = {"[CLS]": 0, "[SEP]": 0, "the": 0, "is": 0, "in": 0, "cat": 1, "dog": 1, "house": 2, "mat": 2, "on": 2}


def test_entities_are_the_tokens_whose_label_is_not_ignored():
    found = entities(LABELS)("the cat is in the house")
    assert [(entity["word"], entity["entity"], entity["index"]) for entity in found] == [
        ("cat", "B-ANIMAL", 2),
        ("house", "B-PLACE", 6),
    ]
    assert all(type(entity["score"]) is float and type(entity["index"]) is int for entity in found)
    assert len(entities(LABELS, ignore_labels=[])("the cat is in the house")) == 8
    assert entities(LABELS, ignore_labels=["O", "B-PLACE"])("the house") == []


def test_neighbours_of_one_label_become_one_entity():
    nlp = entities(LABELS, grouped_entities=True)
    groups = [(group["entity_group"], group["word"]) for group in nlp("cat dog is the house cat")]
    assert groups == [("B-ANIMAL", "cat dog"), ("B-PLACE", "house"), ("B-ANIMAL", "cat")]
    assert [group["word"] for group in nlp("cat the dog")] == ["cat", "dog"]
    assert nlp("the") == []
    # v3.0.2 lists a last entity of several tokens twice.
    assert [group["word"] for group in nlp("cat mat on")] == ["cat", "mat on", "mat on"]


def test_one_text_comes_without_the_list_of_texts():
    nlp = entities(LABELS)
    assert nlp(["the cat", "the dog"]) == [nlp("the cat"), nlp("the dog")]
    assert nlp(["the", "the"]) == [[], []]


def test_long_texts_are_cut_at_the_length_of_the_tokenizer(caplog):
    nlp = entities(LABELS)
    nlp.tokenizer.model_max_length = 5
    assert len(nlp("cat dog cat dog cat")) == 3
    assert "1 of 1 inputs longer than the 5 tokens" in caplog.text


def fill(**options):
    return FillMaskPipeline(TableModel(len(WORDS)), WordTokenizer(), **options)


def test_the_likeliest_words_fill_the_gap_in_order():
    found = fill(topk=3)("the [MASK] is good")
    table = fill().model.table.detach().numpy()[WORDS.index("[MASK]")]
    best = np.argsort(-table)[:3].tolist()
    assert [filling["token"] for filling in found] == best
    assert [filling["token_str"] for filling in found] == [WORDS[index] for index in best]
    expected = [f"[CLS] the {WORDS[index]} is good [SEP]" for index in best if index]
    assert [filling["sequence"] for filling in found if filling["token"]] == expected
    probabilities = np.exp(table) / np.exp(table).sum()
    assert [filling["score"] for filling in found] == pytest.approx(probabilities[best])


def test_gaps_at_different_places_are_filled_in_one_batch():
    nlp = fill()
    texts = ["[MASK]", "the cat is in the [MASK]", "a [MASK] dog"]
    for side in ("right", "left"):
        nlp.tokenizer.padding_side = side
        assert nlp(texts) == [nlp(text) for text in texts]
    assert len(nlp(texts, topk=2)[0]) == 2
    assert len(nlp("[MASK]", topk=1000)) == len(WORDS)


def test_a_text_without_exactly_one_gap_is_named():
    with pytest.raises(PipelineException, match="No mask_token \\(\\[MASK\\]\\) found.*input 1: 'the dog'"):
        fill()(["the [MASK]", "the dog"])
    with pytest.raises(PipelineException, match="More than one mask_token \\(\\[MASK\\]\\) is not supported"):
        fill()("[MASK] [MASK]")
    nlp = fill()
    nlp._longest = 6
    with pytest.raises(PipelineException, match="behind the part that the model can take"):
        nlp("the cat is in the house on [MASK]")
    with pytest.raises(ValueError, match="topk is 0"):
        fill()("[MASK]", topk=0)
    fill().ensure_exactly_one_mask_token(np.array([3]))


def answers(**scores):
    """A pipeline whose model has these logits, for starting and ending at a word."""
    model = SpanModel()
    model.table.data[:] = 0.0
    for word, (start, end) in scores.items():
        model.table.data[WORDS.index(word)] = model.table.data.new_tensor([start, end])
    return QuestionAnsweringPipeline(model, WordTokenizer())


CONTEXT = "the cat is in the house"


def test_the_answer_is_the_likeliest_span_of_the_context():
    nlp = answers(house=(0, 9), cat=(9, 0))
    answer = nlp(question="who is", context=CONTEXT)
    assert answer["answer"] == "cat is in the house"
    assert CONTEXT[answer["start"] : answer["end"]] == "cat is in the hous"  # as in v3.0.2, see span()
    assert nlp(question="who is", context=CONTEXT, max_answer_len=2)["answer"] in ("cat is", "the house")


def test_all_forms_of_a_question_give_the_same_answer():
    nlp = answers(house=(5, 9), cat=(9, 2))
    example = nlp.create_sample("who is", CONTEXT)
    assert isinstance(example, SquadExample)
    one = {"question": "who is", "context": CONTEXT}
    answer = nlp(**one)
    assert answer == nlp(one) == nlp([one]) == nlp(example) == nlp(X=one) == nlp(data=[one])
    assert nlp([one, one]) == nlp(one, one) == nlp(iter([one, example])) == [answer, answer]
    assert nlp(nlp.create_sample(["who is", "who is"], [CONTEXT, CONTEXT])) == [answer, answer]
    assert nlp(question=["who is"] * 2, context=[CONTEXT] * 2) == [answer, answer]
    assert list(nlp.stream([one, example])) == [[answer], [answer]]


def test_padding_takes_part_in_the_score_only_if_asked_to():
    nlp = answers(cat=(9, 9))
    padded = nlp(question="who is", context=CONTEXT)
    free = nlp(question="who is", context=CONTEXT, padding=False)
    assert padded["answer"] == free["answer"] == "cat"
    share = np.exp(9) / (np.exp(9) + 383)
    assert padded["score"] == pytest.approx(share**2, rel=1e-5)
    own = 2 + 6 + 3
    assert free["score"] == pytest.approx((np.exp(9) / (np.exp(9) + own - 1)) ** 2, rel=1e-5)
    assert nlp.model.shapes == [(1, 384), (1, own)]


def test_long_contexts_are_read_in_windows_without_gaps():
    nlp = answers(cat=(9, 9))
    context = " ".join(["dog"] * 300 + ["cat"] + ["dog"] * 200)
    for stride in (4, 16, 500):
        answer = nlp(question="who is", context=context, max_seq_len=32, doc_stride=stride)
        assert (answer["answer"], answer["start"]) == ("cat", 1200)
    with pytest.raises(ValueError, match="a window of 5 tokens is full"):
        nlp(question="who is", context=context, max_seq_len=5)


def test_several_answers_come_best_first_and_no_more_than_there_are():
    nlp = answers(cat=(9, 9), house=(6, 6), the=(-9, -9))
    found = nlp(question="who is", context=CONTEXT, topk=3)
    assert [answer["answer"] for answer in found][:2] == ["cat", "cat is in the house"]
    assert [answer["score"] for answer in found] == sorted((answer["score"] for answer in found), reverse=True)
    assert len(nlp(question="who is", context="cat dog", topk=10)) == 3


def test_no_answer_is_an_answer_where_it_may_be():
    nlp = answers(**{"[CLS]": (30, 30), "cat": (1, 1)})
    assert nlp(question="who is", context=CONTEXT)["answer"] == "cat"
    nothing = nlp(question="who is", context=CONTEXT, handle_impossible_answer=True)
    assert (nothing["answer"], nothing["start"], nothing["end"]) == ("", 0, 0)
    assert nothing["score"] == pytest.approx(1.0, abs=1e-6)


def test_questions_and_contexts_that_do_not_pair_are_told(caplog):
    answer = answers(cat=(9, 9))(question=["who is", "what is"], context=CONTEXT)
    assert answer["answer"] == "cat"
    assert "questions: 2, contexts: 1. Only the first 1" in caplog.text


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"question": "", "context": CONTEXT}, ValueError, "question of input 1 is empty"),
        ({"question": "who", "context": " \n"}, ValueError, "context of input 1 is empty"),
        ({"question": None, "context": CONTEXT}, TypeError, "question of input 1 is of type NoneType"),
        ({"question": "who", "text": CONTEXT}, KeyError, "input 1 has keys .*expected 'question' and 'context'"),
        ("who", TypeError, "input 1 is of type str, expected a dict"),
    ],
)
def test_bad_questions_are_named(bad, error, message):
    with pytest.raises(error, match=message):
        answers()([{"question": "who", "context": CONTEXT}, bad])


def test_options_out_of_range_are_named():
    for name in ("topk", "max_answer_len", "doc_stride", "max_seq_len", "max_question_len"):
        with pytest.raises(ValueError, match=f"{name} parameter should be >= 1 \\(got 0\\)"):
            answers()(question="who", context=CONTEXT, **{name: 0})
    with pytest.raises(ValueError, match="no questions among the arguments"):
        answers()(question="who")
    for given in (((), {"question": "who", "context": CONTEXT}), (({"question": "who", "context": CONTEXT},), {})):
        with pytest.raises(ValueError, match="unknown keywords foo: questions come as question= and context="):
            answers()(*given[0], **given[1], foo=1)


def test_decode_finds_what_a_search_through_all_spans_finds():
    rng = np.random.default_rng(2)
    nlp = answers()
    for count, longest, topk in ((1, 1, 1), (7, 3, 5), (30, 15, 20), (4, 15, 100)):
        start, end = rng.random(count), rng.random(count)
        spans = [(a, b) for a in range(count) for b in range(a, min(a + longest, count))]
        spans.sort(key=lambda span: -start[span[0]] * end[span[1]])
        firsts, lasts, scores = nlp.decode(start[None], end, topk, longest)
        assert list(zip(firsts, lasts, strict=True)) == spans[:topk]
        assert scores == pytest.approx([start[a] * end[b] for a, b in spans[:topk]])


def test_words_that_hold_a_span_of_tokens():
    nlp = answers()
    assert nlp.span_to_answer("the  cat is", 1, 2) == {"answer": "cat is", "start": 5, "end": 11}
    assert nlp.span_to_answer("the cat", 5, 6) == {"answer": "", "start": 0, "end": 0}


@pytest.mark.parametrize("context", ["\u200b", "\u200d\u200d \ufeff", "\x00\x01", "\x07 \x1b", "\ue000"])
@pytest.mark.parametrize("folder", ["qa_bert", "qa_roberta"])
def test_a_context_of_invisible_characters_is_as_an_empty_one(folder, context):
    tokenizer = (str(GOLDEN / "pipelines" / folder), {"use_fast": True})
    nlp = pipeline("question-answering", model=tokenizer[0], tokenizer=tokenizer)
    whole = {"question": "Who answers?", "context": "The old keeper answers."}
    assert nlp([whole, whole])
    if context == "\ue000" and folder == "qa_roberta":  # a private character: no tokens for BERT alone
        assert nlp([whole, {"question": "Who answers?", "context": context}])
        return
    with pytest.raises(ValueError, match="the context of input 1 is empty"):
        nlp([whole, {"question": "Who answers?", "context": context}])
    assert nlp(question="Who answers?", context=f"{context} The old keeper answers.")["answer"]


# Models and inputs of another kind


def test_a_model_of_another_task_is_refused_and_both_tasks_are_named():
    classifier = pipeline("sentiment-analysis", model=str(GOLDEN / "pipelines" / "sentiment_bert"))
    parts = {"model": classifier.model, "tokenizer": classifier.tokenizer}
    with pytest.raises(
        ValueError,
        match="BertForSequenceClassification does the task 'sentiment-analysis' and not 'ner', which needs a model "
        r"ForTokenClassification: load .* AutoModelForTokenClassification, or call pipeline\('sentiment-analysis'",
    ):
        pipeline("ner", **parts)
    for task in ("question-answering", "fill-mask"):
        with pytest.raises(ValueError, match=f"'sentiment-analysis' and not '{task}'"):
            pipeline(task, **parts)
    labeller = pipeline("ner", model=str(GOLDEN / "pipelines" / "ner_bert"))
    with pytest.raises(ValueError, match="'ner' and not 'sentiment-analysis'"):
        pipeline("sentiment-analysis", model=labeller.model, tokenizer=labeller.tokenizer)
    with pytest.raises(ValueError, match="^BertForMultipleChoice does not do the task 'ner'"):
        pipeline("ner", model=BertForMultipleChoice(classifier.model.config), tokenizer=classifier.tokenizer)

    class MyLabeller(type(labeller.model)):
        pass

    mine = MyLabeller(labeller.model.config)
    assert pipeline("ner", model=mine, tokenizer=labeller.tokenizer).model is mine


def test_a_data_frame_is_refused_and_its_columns_are_named():
    class Table:  # as much of a data frame as is looked at
        columns, shape = ("text", "rating"), (2, 2)

        def __iter__(self):
            return iter(self.columns)

        def __len__(self):
            return 2

    for nlp in (entities(LABELS), fill(), answers()):
        for call in (lambda nlp=nlp: nlp(Table()), lambda nlp=nlp: list(nlp.stream(Table()))):
            with pytest.raises(
                TypeError, match=r"a Table with the columns 'text', 'rating', expected texts: pass one of"
            ):
                call()


def test_a_data_frame_of_pandas_is_refused_and_its_column_is_taken():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"text": ["the cat", "the dog"], "rating": [1, 2]})
    nlp = entities(LABELS)
    with pytest.raises(TypeError, match=r"such as nlp\(table\['text'\]\)"):
        nlp(table)
    assert nlp(table["text"]) == nlp(["the cat", "the dog"])
