"""What old code takes from `transformers.file_utils` and `transformers.testing_utils`."""

import re
import unittest

import pytest
import torch
from tests.golden_data import GOLDEN

import formers
from formers.compat import samples, testing
from formers.compat.file_utils import DUMMY_INPUTS, DUMMY_MASK, MULTIPLE_CHOICE_DUMMY_INPUTS, cached_property
from formers.docstrings import add_start_docstrings_to_callable


class Measured:
    count = 0

    @cached_property
    def size(self):
        """How large it is."""
        self.count += 1
        return self.count


def test_a_cached_property_is_computed_once_for_each_object():
    one, other = Measured(), Measured()
    assert (one.size, one.size, other.size) == (1, 1, 1)
    assert (one.count, other.count) == (1, 1)
    assert isinstance(Measured.size, property) and Measured.size.__doc__ == "How large it is."
    with pytest.raises(AttributeError):
        one.size = 3
    with pytest.raises(AttributeError, match="no getter"):
        getattr(type("Empty", (), {"nothing": cached_property()})(), "nothing")  # noqa: B009


def test_a_cached_tensor_is_no_weight_of_a_module():
    class Module(torch.nn.Module):
        @cached_property
        def scale(self):
            return torch.nn.Parameter(torch.ones(2))

    module = Module()
    assert module.scale is module.scale
    assert not list(module.parameters())


def test_a_cached_property_with_a_requirement(monkeypatch):
    class Needy:
        @cached_property
        @formers.frameworks.torch_required
        def device(self):
            return "cpu"

    assert Needy().device == "cpu"
    monkeypatch.setattr(formers.frameworks, "is_installed", lambda package: False)
    with pytest.raises(ImportError, match="torch"):
        Needy().device  # noqa: B018


def test_dummy_inputs_can_be_run():
    config = formers.BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    ids, mask = torch.tensor(DUMMY_INPUTS), torch.tensor(DUMMY_MASK)
    assert formers.BertModel(config)(ids, attention_mask=mask)[0].shape == (3, 5, 8)
    choices = torch.tensor(MULTIPLE_CHOICE_DUMMY_INPUTS)
    assert formers.BertForMultipleChoice(config)(choices)[0].shape == (2, 2)


def test_text_before_the_docstring_of_a_method():
    class SomeModel:
        @add_start_docstrings_to_callable("These are the inputs. ")
        def forward(self):
            """Run it."""

    text = SomeModel.forward.__doc__
    assert "SomeModel`" in text and text.endswith("These are the inputs. Run it.")


# Examples


def _of(name):
    """A class of that name whose method has an example."""

    def forward(self):
        """Run it."""

    forward.__qualname__ = f"{name}.forward"
    family, folder = ("GPT2", "generate_gpt2") if "GPT2" in name else ("Bert", "fill_bert")
    decorate = samples.add_code_sample_docstrings(
        "Between.", tokenizer_class=f"{family}Tokenizer", checkpoint=str(GOLDEN / "pipelines" / folder)
    )
    return decorate(forward).__doc__


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("BertModel", {"last_hidden_states": 3}),
        ("GPT2LMHeadModel", {"logits": 3, "loss": 0}),
        ("BertForMaskedLM", {"logits": 3, "loss": 0}),
        ("BertForTokenClassification", {"logits": 3, "loss": 0}),
        ("BertForSequenceClassification", {"logits": 2, "loss": 0}),
        ("BertForQuestionAnswering", {"start_logits": 2, "end_logits": 2, "loss": 0}),
        ("BertForMultipleChoice", {"logits": 2, "loss": 0}),
        ("TFBertModel", {"last_hidden_states": 3}),
        ("TFGPT2LMHeadModel", {"logits": 3}),
        ("TFBertForMaskedLM", {"logits": 3}),
        ("TFBertForTokenClassification", {"logits": 3}),
        ("TFBertForSequenceClassification", {"logits": 2}),
        ("TFBertForQuestionAnswering", {"start_logits": 2, "end_logits": 2}),
        ("TFBertForMultipleChoice", {"logits": 2}),
    ],
)
def test_examples_run(name, shapes):
    text = _of(name)
    assert text.startswith("Run it.Between.") and name in text
    code = "\n".join(re.findall(r"^ *>>> (.*)$", text, re.MULTILINE)).replace("from transformers", "from formers")
    found = {}
    exec(code, found)
    assert {key: found[key].ndim if hasattr(found[key], "ndim") else len(found[key].shape) for key in shapes} == shapes


def test_a_class_without_an_example_is_named():
    with pytest.raises(ValueError, match="no example for a class named 'Thing'"):
        _of("Thing")


# Tests of others


@pytest.mark.parametrize(
    ("decorate", "variable"), [(testing.slow, "RUN_SLOW"), (testing.custom_tokenizers, "RUN_CUSTOM_TOKENIZERS")]
)
def test_tests_that_run_when_asked_for(decorate, variable, monkeypatch):
    def outcome():
        class Case(unittest.TestCase):
            @decorate
            def test(self):
                pass

        result = unittest.TestResult()
        Case("test").run(result)
        return result.testsRun - len(result.skipped)

    monkeypatch.delenv(variable, raising=False)
    assert outcome() == 0
    monkeypatch.setenv(variable, "yes")
    assert outcome() == 1
    monkeypatch.setenv(variable, "perhaps")
    with pytest.raises(ValueError, match=f"{variable} is 'perhaps', expected yes or no"):
        outcome()


def test_tests_that_need_a_framework(monkeypatch):
    def is_skipped(decorate):
        return getattr(decorate(lambda: None), "__unittest_skip__", False)

    assert not is_skipped(testing.require_torch)
    assert is_skipped(testing.require_multigpu) == (torch.cuda.device_count() < 2)
    monkeypatch.setattr(testing, "is_torch_available", lambda: False)
    monkeypatch.setattr(testing, "is_tf_available", lambda: False)
    assert all(map(is_skipped, (testing.require_torch, testing.require_tf, testing.require_multigpu)))
    assert testing.torch_device is None


def test_numbers_and_devices_from_the_environment(monkeypatch):
    monkeypatch.delenv("USE_CUDA", raising=False)
    assert testing.torch_device == "cpu"
    monkeypatch.setenv("USE_CUDA", "1")
    assert testing.torch_device == "cuda"
    monkeypatch.setenv("COUNT", "12")
    assert (testing.parse_int_from_env("COUNT"), testing.parse_int_from_env("NONE", 3)) == (12, 3)
    monkeypatch.setenv("COUNT", "many")
    with pytest.raises(ValueError, match="COUNT is 'many', expected a whole number"):
        testing.parse_int_from_env("COUNT")
