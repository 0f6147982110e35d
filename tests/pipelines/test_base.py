import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

import formers
from formers.pipelines import (
    ArgumentHandler,
    DefaultArgumentHandler,
    FeatureExtractionPipeline,
    Pipeline,
    TextClassificationPipeline,
    TokenClassificationPipeline,
)
from formers.pipelines import run as pipeline_run

from .fakes import TableModel, WordTokenizer

TEXTS = ["the cat", "a good dog on the mat", "", "who is in the house", "bad", "the dog is fine fine fine fine"]


def classifier(model=None, **options):
    model = model or TableModel(3, per_text=True)
    return TextClassificationPipeline(model=model, tokenizer=WordTokenizer(), framework="pt", **options)


def same(ours, theirs):
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == pytest.approx(theirs, abs=1e-5) if isinstance(theirs, float) else ours == theirs


def test_a_batch_gives_what_each_text_gives_alone_in_the_same_order():
    nlp = classifier(return_all_scores=True)
    texts = TEXTS * 20
    assert same(nlp(texts, max_tokens=32), [nlp(text)[0] for text in texts])


@pytest.mark.parametrize(
    "form",
    [tuple, iter, lambda texts: (text for text in texts), np.array, lambda texts: np.array(texts, dtype=object)],
    ids=["tuple", "iterator", "generator", "array", "objects"],
)
def test_every_form_of_many_texts_gives_the_same_list(form):
    nlp = classifier()
    assert nlp(form(TEXTS)) == nlp(TEXTS)


def test_texts_may_come_one_by_one_or_by_keyword():
    nlp = classifier()
    assert nlp(*TEXTS) == nlp(TEXTS) == nlp(X=TEXTS) == nlp(data=TEXTS) == nlp.predict(TEXTS) == nlp.transform(TEXTS)
    assert nlp(X="the cat") == nlp("the cat") == nlp(["the cat"])


class Column:
    """A column of a data frame or data set: iterable, and no list."""

    def __init__(self, values):
        self.values = values

    def __iter__(self):
        return iter(self.values)

    def __len__(self):
        return len(self.values)


def test_a_column_and_its_missing_values():
    nlp = classifier()
    assert nlp(Column(TEXTS)) == nlp(TEXTS)
    with pytest.raises(TypeError, match="input 1 is of type float \\(nan\\)"):
        nlp(Column(["the cat", float("nan")]))


@pytest.mark.parametrize("bad", [None, 7, b"the cat", ["the cat"], {"text": "the cat"}])
def test_what_is_no_text_is_named_by_index_and_type(bad):
    with pytest.raises(TypeError, match=f"input 2 is of type {type(bad).__name__}.*expected a string"):
        classifier()(["the cat", "the dog", bad])


def test_a_single_input_of_a_wrong_type_is_an_error():
    with pytest.raises(TypeError, match="input 0 is of type NoneType"):
        classifier()(None)


def test_the_index_of_a_bad_input_counts_from_the_start_of_the_whole_input(monkeypatch):
    monkeypatch.setattr(pipeline_run, "RUN_INPUTS", 4)
    with pytest.raises(TypeError, match="input 9 is of type int"):
        classifier()([*["the cat"] * 9, 5])


def test_no_texts_give_no_results():
    assert classifier()([]) == []
    assert FeatureExtractionPipeline(TableModel(3), WordTokenizer())([]) == []


def test_unknown_options_are_not_ignored():
    with pytest.raises(ValueError, match="keywords \\(batchsize\\).*spelling"):
        classifier()(TEXTS, batchsize=3)
    with pytest.raises(TypeError, match="unknown options \\['batchsize'\\]"):
        list(classifier().stream(TEXTS, batchsize=3))


@pytest.mark.parametrize("value", [0, -2, 1.5, True, "3"])
@pytest.mark.parametrize("name", ["batch_size", "max_tokens"])
def test_bounds_of_a_batch_must_be_positive_numbers(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value!r}"):
        classifier()(TEXTS, **{name: value})


def test_the_whole_list_is_tokenized_in_one_call():
    nlp = classifier()
    nlp(TEXTS)
    assert nlp.tokenizer.calls == [TEXTS]


def test_batch_size_bounds_the_rows_of_a_batch_whether_set_for_good_or_for_a_call():
    for options, call in (({"batch_size": 2}, {}), ({}, {"batch_size": 2})):
        model = TableModel(3, per_text=True)
        classifier(model, **options)(TEXTS * 3, **call)
        assert max(rows for rows, _ in model.shapes) == 2


def test_max_tokens_bounds_rows_times_columns():
    model = TableModel(3, per_text=True)
    classifier(model, max_tokens=24)(TEXTS * 10)
    assert max(rows * columns for rows, columns in model.shapes) <= 24


def test_running_out_of_memory_gives_the_same_results_in_smaller_batches(caplog):
    nlp = classifier(TableModel(3, per_text=True, memory=40))
    assert same(nlp(TEXTS * 30), classifier()(TEXTS * 30))
    assert "out of memory" in caplog.text
    caplog.clear()
    nlp(TEXTS * 30)
    assert not caplog.text, "the second call begins with what fits"


def test_a_stream_reads_no_further_than_its_run(monkeypatch):
    monkeypatch.setattr(pipeline_run, "RUN_INPUTS", 8)
    read = []

    def endless():
        for index in itertools.count():
            read.append(index)
            yield TEXTS[index % len(TEXTS)]

    nlp = classifier()
    first = list(itertools.islice(nlp.stream(endless()), 10))
    assert same(first, nlp([TEXTS[index % len(TEXTS)] for index in range(10)]))
    assert len(read) == 16


def test_runs_are_also_bounded_by_characters(monkeypatch):
    monkeypatch.setattr(pipeline_run, "RUN_CHARACTERS", 20)
    sizes = [len(run.inputs) for run in pipeline_run.runs(["x" * 9] * 7, {})]
    assert sizes == [3, 3, 1]


def test_texts_beyond_the_model_are_cut_with_one_warning_that_counts_them(caplog):
    model = TableModel(3, per_text=True)
    model.config.max_position_embeddings = 12
    nlp = classifier(model)
    long = " ".join(["good"] * 40)
    results = nlp(["the cat", long, "a dog", long + " bad"])
    assert caplog.messages == [
        "2 of 4 inputs longer than the 12 tokens that the model can take, truncated at the end: "
        "the longest has 43 tokens, the first is input 1"
    ]
    assert results[1] == results[3] == nlp(" ".join(["good"] * 10))[0]
    assert max(columns for _, columns in model.shapes) == 12


def test_the_base_class_gives_the_model_output_and_features_are_its_lists():
    model, tokenizer = TableModel(4), WordTokenizer()
    states = Pipeline(model, tokenizer)(["the cat", "a good dog"])
    assert isinstance(states, np.ndarray) and states.shape == (2, 5, 4)
    features = FeatureExtractionPipeline(model, tokenizer)
    assert features(["the cat", "a good dog"]) == states.tolist()
    assert features("the cat")[0] == states[0, :4].tolist()
    assert [len(rows) for rows in features(["the cat", "a good dog"], padding=False)] == [4, 5]
    assert [rows.shape for rows in features.stream(iter(["the cat", "a good dog"]))] == [(4, 4), (5, 4)]


def test_outputs_for_a_whole_text_are_not_cut():
    scores = Pipeline(TableModel(9, per_text=True), WordTokenizer())(["the", "a dog"])
    assert scores.shape == (2, 9)


def test_padding_on_the_left_changes_nothing():
    def results(side):
        tokenizer = WordTokenizer()
        tokenizer.padding_side = side
        return TokenClassificationPipeline(TableModel(3), tokenizer, ignore_labels=[])(TEXTS)

    assert results("left") == results("right")


def test_inputs_that_the_model_does_not_take_are_left_out():
    # `TableModel.forward` has no token_type_ids, which the tokenizer gives.
    assert classifier()("the cat")


def test_each_pipeline_keeps_the_parameters_of_its_task():
    model = TableModel(3, task_specific_params={"ner": {"depth": 3}, "other": {"depth": 4, "width": 5}}, depth=2)
    before = dict(vars(model.config))
    values = {}
    for task in ("ner", "other", "third"):
        values[task] = TokenClassificationPipeline(model, WordTokenizer(), task=task)._task_parameters
    assert [values[task].value("depth", model.config) for task in values] == [3, 4, 2]
    assert values["other"].value("width", model.config) == 5 and values["ner"].value("width", model.config) is None
    assert vars(model.config) == before, "the configuration belongs to all pipelines of the model"
    model.config.depth = 7  # by hand: it holds for all of them
    assert [values[task].value("depth", model.config) for task in values] == [7, 7, 7]


def test_an_argument_handler_of_ones_own():
    nlp = classifier(args_parser=lambda *args, **kwargs: [word for text in args for word in text.split("|")])
    assert nlp("the cat|a dog") == classifier()(["the cat", "a dog"])


def test_the_default_handler_flattens_its_arguments():
    handler = DefaultArgumentHandler()
    assert handler("a") == handler(["a"]) == handler(X="a") == handler(data=["a"]) == ["a"]
    assert handler("a", "b") == handler(["a", "b"]) == handler(["a"], "b") == handler(data="a", X="b") == ["a", "b"]
    with pytest.raises(ValueError, match="both as arguments and as keywords"):
        handler("a", X="b")


def test_a_device_that_is_not_there_is_named():
    torch = pytest.importorskip("torch")
    missing = torch.cuda.device_count()
    for device in (missing, f"cuda:{missing}", torch.device("cuda", missing)):
        with pytest.raises(ValueError, match=f"device 'cuda:{missing}' is not there"):
            classifier(device=device)
    assert classifier(device=-1).device == classifier(device="cpu").device == torch.device("cpu")


def test_tensors_can_be_put_on_the_device():
    torch = pytest.importorskip("torch")
    nlp = classifier()
    with nlp.device_placement():
        moved = nlp.ensure_tensor_on_device(ids=torch.tensor([1]))
    assert moved["ids"].device == nlp.device


def test_importing_pipelines_imports_no_framework():
    script = (
        "import sys, json; from formers import pipeline; import formers.pipelines.base, formers.pipelines.data_formats;"
        "print(json.dumps([name for name in ('torch', 'tensorflow', 'keras') if name in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []


def test_the_progress_bar_shows_up_after_a_while_and_can_be_turned_off(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    nlp = classifier(batch_size=1)
    nlp(TEXTS)
    assert capsys.readouterr().err == ""
    nlp(TEXTS, progress=True)
    assert f"/{len(TEXTS)}" in capsys.readouterr().err
    monkeypatch.setattr("formers.pipelines.progress.SECONDS", 0.0)
    nlp(TEXTS)
    assert f"/{len(TEXTS)}" in capsys.readouterr().err
    nlp(TEXTS, progress=False)
    monkeypatch.setenv("TQDM_DISABLE", "1")
    nlp(TEXTS)
    assert capsys.readouterr().err == ""


class OldPipeline(Pipeline):
    """As people wrote them for v3.0.2: all work in `__call__`."""

    def __call__(self, *args, **kwargs):
        inputs = self._parse_and_tokenize(*args, **kwargs)
        return self._forward(inputs).argmax(-1).tolist(), self._forward(inputs, return_tensors=True)


@pytest.mark.parametrize("framework", ["pt", "tf"])
def test_a_pipeline_that_calls_the_documented_steps(framework):
    from tests.golden_data import GOLDEN

    folder = str(GOLDEN / "pipelines" / "sentiment_bert")
    plain = formers.pipeline("sentiment-analysis", model=folder, framework=framework)
    labels, tensor = OldPipeline(plain.model, plain.tokenizer)(["The lamp is lit.", "It isn't a crime, is it?"])
    expected = plain(["The lamp is lit.", "It isn't a crime, is it?"])
    assert [plain.model.config.id2label[label] for label in labels] == [row["label"] for row in expected]
    assert type(tensor).__module__.startswith({"pt": "torch", "tf": "tensorflow"}[framework])
    assert tuple(tensor.shape) == (2, 2)
    (one, _) = OldPipeline(plain.model, plain.tokenizer)("The lamp is lit.")
    assert one == labels[:1]


def stepwise(base, *steps):
    """A subclass of a task's pipeline that notes which of the documented steps were called, and with what."""

    class Stepwise(base):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.seen = []

    def _parse_and_tokenize(self, *args, padding=True, add_special_tokens=True, **kwargs):
        self.seen.append(("_parse_and_tokenize", args, kwargs))
        return super(Stepwise, self)._parse_and_tokenize(
            *args, padding=padding, add_special_tokens=add_special_tokens, **kwargs
        )

    def _forward(self, inputs, return_tensors=False):
        self.seen.append(("_forward", tuple(inputs), return_tensors))
        return super(Stepwise, self)._forward(inputs, return_tensors)

    for step in (_parse_and_tokenize, _forward):
        if step.__name__ in steps:
            setattr(Stepwise, step.__name__, step)
    return Stepwise


STEPS = ("_parse_and_tokenize", "_forward")
# Task, folder of the model, inputs of different lengths.
TASKS = {
    "sentiment-analysis": ("sentiment_bert", ["The lamp is lit.", "It isn't a crime, is it?"]),
    "feature-extraction": ("features_distilbert", ["The lamp is lit.", "It isn't a crime, is it?"]),
    "fill-mask": ("fill_bert", ["The lamp is [MASK].", "It isn't a [MASK], is it?"]),
    "ner": ("ner_bert", ["The lamp is lit.", "It isn't a crime, is it?"]),
    "summarization": ("summarize_bart", ["The lamp is lit.", "It isn't a crime, is it?"]),
    "text-generation": ("generate_gpt2", ["The lamp is", "It isn't a crime, is it"]),
}


@pytest.mark.parametrize("steps", [STEPS, STEPS[:1], STEPS[1:]])
@pytest.mark.parametrize("task", TASKS)
def test_steps_that_a_subclass_defines_are_called(task, steps):
    from tests.golden_data import GOLDEN

    folder, texts = TASKS[task]
    plain = formers.pipeline(task, model=str(GOLDEN / "pipelines" / folder), framework="pt")
    nlp = stepwise(type(plain), *steps)(model=plain.model, tokenizer=plain.tokenizer, framework="pt", task=task)
    if task in ("summarization", "text-generation"):
        options = {"max_length": 20, "do_sample": False}
        if "_forward" in steps:
            with pytest.raises(TypeError, match=r"Stepwise has its own _forward, which nothing calls.*generate\(\)"):
                nlp(texts, **options)
            return
    else:
        options = {}
    assert same(nlp(texts, **options), plain(texts, **options))
    assert same(nlp(texts[0], **options), plain(texts[0], **options))
    assert {name for name, *_ in nlp.seen} == set(steps)


def test_question_answering_refuses_steps_it_does_not_take():
    from tests.golden_data import GOLDEN

    plain = formers.pipeline("question-answering", model=str(GOLDEN / "pipelines" / "qa_bert"), framework="pt")
    nlp = stepwise(type(plain), "_parse_and_tokenize")(plain.model, plain.tokenizer)
    with pytest.raises(TypeError, match="question answering goes through neither.*Define __call__ instead"):
        nlp(question="What is lit?", context="The lamp is lit.")


def test_a_stream_refuses_steps_that_want_a_whole_call():
    nlp = stepwise(TextClassificationPipeline, "_forward")(
        model=TableModel(3, per_text=True), tokenizer=WordTokenizer(), framework="pt"
    )
    with pytest.raises(TypeError, match=r"stream\(\) reads them bit by bit"):
        next(nlp.stream(TEXTS))


def test_a_step_may_be_replaced_in_a_pipeline():
    nlp = classifier()
    nlp._parse_and_tokenize = lambda *args, **kwargs: {"input_ids": np.zeros((1, 4), dtype=np.int64)}
    nlp._forward = lambda inputs: np.asarray([[0.0, 9.0, 0.0]])
    assert nlp("the cat")[0]["label"] == "L1"


class PairsParser(ArgumentHandler):
    def __call__(self, texts, labels, template):
        texts = [texts] if isinstance(texts, str) else texts
        return [[text, template.format(label)] for text in texts for label in labels]


class ZeroShot(Pipeline):
    """As people wrote them in August 2020: every text with a hypothesis for each label."""

    def __init__(self, args_parser=None, **kwargs):
        super().__init__(args_parser=args_parser or PairsParser(), **kwargs)

    def _parse_and_tokenize(self, *args, padding=True, add_special_tokens=True, **kwargs):
        return self.tokenizer(
            self._args_parser(*args, **kwargs),
            add_special_tokens=add_special_tokens,
            return_tensors=self.framework,
            padding=padding,
            truncation="only_first",
        )

    def __call__(self, texts, labels, template="This example is {}."):
        return super().__call__(texts, labels, template)


@pytest.mark.parametrize("framework", ["pt", "tf"])
def test_pairs_of_texts_are_inputs(framework):
    from tests.golden_data import GOLDEN

    folder = str(GOLDEN / "pipelines" / "sentiment_bert")
    plain = formers.pipeline("sentiment-analysis", model=folder, framework=framework, return_all_scores=True)
    model, tokenizer = plain.model, plain.tokenizer
    logits = ZeroShot(model=model, tokenizer=tokenizer, framework=framework)("The lamp is lit.", ["true", "a crime"])
    pairs = [("The lamp is lit.", "This example is true."), ["The lamp is lit.", "This example is a crime."]]
    inputs = tokenizer(*(list(part) for part in zip(*pairs, strict=True)), padding=True, return_tensors=framework)
    expected = model(**inputs)[0] if framework == "pt" else model(inputs.data)[0]
    expected = expected.detach().numpy() if framework == "pt" else expected.numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-5)
    scores = [[row["score"] for row in result] for result in plain([*pairs, "The lamp is lit."])]
    np.testing.assert_allclose(scores[:2], np.exp(expected) / np.exp(expected).sum(-1, keepdims=True), atol=1e-5)
    assert scores[2] == pytest.approx([row["score"] for row in plain("The lamp is lit.")[0]], abs=1e-5)
    with pytest.raises(TypeError, match=r"input 0 is of type tuple .*expected a string, or a pair of strings"):
        plain([("a", "b", "c")])


def test_a_call_without_inputs_says_what_to_pass():
    with pytest.raises(ValueError, match=r"there are no inputs: pass a text, .* as nlp\(texts\)"):
        classifier()()


def test_a_wrapped_model_is_refused_with_advice():
    torch = pytest.importorskip("torch")
    for model, said in [
        (torch.nn.DataParallel(TableModel(3)), r"DataParallel .*: pass the TableModel in it, model\.module"),
        (torch.nn.Linear(2, 2), "the model is a Linear and has no config: pass a model of formers"),
    ]:
        with pytest.raises(TypeError, match=said):
            formers.pipeline("sentiment-analysis", model=model, tokenizer=WordTokenizer())
