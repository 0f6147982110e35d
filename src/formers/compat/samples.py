"""Examples for the docstrings of models, as templates over the class, its tokenizer and its checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Documented = TypeVar("Documented", bound=Callable[..., object])

_TEXT = '"Hello, my dog is cute"'
_MASKED = '"Hello, my dog is " + tokenizer.mask_token'
_QUESTION = '"Who was Jim Henson?", "Jim Henson was a nice puppet"'
_CHOICES = '["It is eaten with a fork."] * 2, ["It is eaten with a fork.", "It is eaten while held in the hand."]'


def _torch(arguments: str, *lines: str, inputs: str = "model(**inputs{labels})", labels: str = "") -> str:
    return _sample("torch", "pt", arguments, lines, inputs.format(labels=f", {labels}" if labels else ""))


def _tensorflow(arguments: str, *lines: str, inputs: str = "model(inputs)") -> str:
    return _sample("tensorflow as tf", "tf", arguments, lines, inputs)


def _sample(framework: str, tensors: str, arguments: str, lines: tuple[str, ...], call: str) -> str:
    """Write a template whose last line names the outputs."""
    *before, last = lines
    code = [
        "from transformers import {tokenizer_class}, {model_class}",
        f"import {framework}",
        "",
        "tokenizer = {tokenizer_class}.from_pretrained('{checkpoint}')",
        "model = {model_class}.from_pretrained('{checkpoint}')",
        "",
        f'inputs = tokenizer({arguments}, return_tensors="{tensors}")',
        *before,
        f"outputs = {call}",
        last,
    ]
    return "\n    Example::\n\n" + "".join(f"        >>> {line}\n" if line else "\n" for line in code)


PT_BASE_MODEL_SAMPLE = _torch(_TEXT, "last_hidden_states = outputs[0]")
PT_CAUSAL_LM_SAMPLE = _torch(_TEXT, "loss, logits = outputs[:2]", labels='labels=inputs["input_ids"]')
PT_MASKED_LM_SAMPLE = _torch(_MASKED, "loss, logits = outputs[:2]", labels='labels=inputs["input_ids"]')
PT_TOKEN_CLASSIFICATION_SAMPLE = _torch(
    _TEXT,
    'labels = torch.ones_like(inputs["input_ids"])  # a class for each token',
    "loss, logits = outputs[:2]",
    labels="labels=labels",
)
PT_SEQUENCE_CLASSIFICATION_SAMPLE = _torch(
    _TEXT, "labels = torch.tensor([1])", "loss, logits = outputs[:2]", labels="labels=labels"
)
PT_QUESTION_ANSWERING_SAMPLE = _torch(
    _QUESTION,
    "start_positions, end_positions = torch.tensor([1]), torch.tensor([3])",
    "loss, start_logits, end_logits = outputs[:3]",
    labels="start_positions=start_positions, end_positions=end_positions",
)
PT_MULTIPLE_CHOICE_SAMPLE = _torch(
    f"{_CHOICES}, padding=True",
    "inputs = {{name: tensor.unsqueeze(0) for name, tensor in inputs.items()}}  # a batch of one question",
    "loss, logits = outputs[:2]",
    labels="labels=torch.tensor([1])",
)
TF_BASE_MODEL_SAMPLE = _tensorflow(_TEXT, "last_hidden_states = outputs[0]")
TF_CAUSAL_LM_SAMPLE = _tensorflow(_TEXT, "logits = outputs[0]")
TF_MASKED_LM_SAMPLE = _tensorflow(_MASKED, "logits = outputs[0]")
TF_TOKEN_CLASSIFICATION_SAMPLE = _tensorflow(_TEXT, "logits = outputs[0]")
TF_SEQUENCE_CLASSIFICATION_SAMPLE = _tensorflow(_TEXT, "logits = outputs[0]")
TF_QUESTION_ANSWERING_SAMPLE = _tensorflow(_QUESTION, "start_logits, end_logits = outputs[:2]")
TF_MULTIPLE_CHOICE_SAMPLE = _tensorflow(
    f"{_CHOICES}, padding=True",
    "inputs = {{name: tf.expand_dims(tensor, 0) for name, tensor in inputs.items()}}  # a batch of one question",
    "logits = outputs[0]",
)

# Part of a class's name -> its PyTorch and its TensorFlow example; the first that fits counts.
_SAMPLES = {
    "SequenceClassification": (PT_SEQUENCE_CLASSIFICATION_SAMPLE, TF_SEQUENCE_CLASSIFICATION_SAMPLE),
    "QuestionAnswering": (PT_QUESTION_ANSWERING_SAMPLE, TF_QUESTION_ANSWERING_SAMPLE),
    "TokenClassification": (PT_TOKEN_CLASSIFICATION_SAMPLE, TF_TOKEN_CLASSIFICATION_SAMPLE),
    "MultipleChoice": (PT_MULTIPLE_CHOICE_SAMPLE, TF_MULTIPLE_CHOICE_SAMPLE),
    "MaskedLM": (PT_MASKED_LM_SAMPLE, TF_MASKED_LM_SAMPLE),
    "LMHead": (PT_CAUSAL_LM_SAMPLE, TF_CAUSAL_LM_SAMPLE),
    "CausalLM": (PT_CAUSAL_LM_SAMPLE, TF_CAUSAL_LM_SAMPLE),
    "Model": (PT_BASE_MODEL_SAMPLE, TF_BASE_MODEL_SAMPLE),
}


def add_code_sample_docstrings(
    *docstr: str, tokenizer_class: str | None = None, checkpoint: str | None = None
) -> Callable[[Documented], Documented]:
    """Decorate a model's `forward` or `call`: put an example of its use after its docstring.

    Args:
        *docstr: Text to put between the docstring and the example.
        tokenizer_class: Name of the model's tokenizer class.
        checkpoint: Name of a checkpoint of the model.

    Raises:
        ValueError: If there is no example for a class of that name.
    """

    def decorate(function: Documented) -> Documented:
        owner = function.__qualname__.split(".")[0]
        is_tf = owner.startswith("TF")
        sample = next((samples[is_tf] for part, samples in _SAMPLES.items() if part in owner), None)
        if sample is None:
            raise ValueError(f"there is no example for a class named {owner!r}; there are for: {', '.join(_SAMPLES)}")
        values = {"model_class": owner, "tokenizer_class": tokenizer_class, "checkpoint": checkpoint}
        function.__doc__ = (function.__doc__ or "") + "".join(docstr) + sample.format(**values)
        return function

    return decorate
