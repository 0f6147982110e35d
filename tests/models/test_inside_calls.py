"""What the modules inside a model are called with, and what they return, as hooks see it."""

import re
from functools import cache

import pytest
import torch
from tests import tiny
from tests.golden_data import leaves, read
from tests.models.inside import CLASSES, close, hooked, inputs_of, parts
from torch import Tensor, nn

import formers
from formers.architecture import Reads

# Calls of the original library with the arguments and results of each module of the first layer and around it.
RECORDED = [case for case in read("inner/calls.json") if case["cls"] in CLASSES]


def describe(value):
    """A value in words: type and shape of a tensor, and its values where they are three at most."""
    if isinstance(value, Tensor):
        distinct = torch.unique(value.float() + 0.0)  # -0.0 is 0.0
        few = len(distinct) <= 3 and value.numel() > 3
        words = " values " + ",".join(f"{float(number):g}" for number in distinct) if few else ""
        return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}{words}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(describe, value)) + (",)" if len(value) == 1 else ")")
    if isinstance(value, list):
        return "[" + ", ".join(map(describe, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {describe(inner)}" for key, inner in value.items()) + "}"
    return repr(value)


def by_name(arguments):
    """Described arguments of a call, those by name in alphabetical order: in which one they came is not seen inside."""
    pieces, depth = [""], 0
    for letter in arguments[1:-1]:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += letter
    # Values are separated by commas too, and follow the piece that they belong to.
    joined = []
    for piece in pieces:
        if joined and not piece.startswith(" "):
            joined[-1] += f",{piece}"
        else:
            joined.append(piece.strip())
    return sorted(joined, key=lambda piece: piece.partition("=")[0] if "=" in piece else "")


@cache
def model_of(name):
    config = next(case["config"] for case in RECORDED if case["cls"] == name)
    return tiny.build(getattr(formers, name), getattr(formers, config["class"])(**config["args"]))


def run(case):
    """The recorded calls of a case, ours, and the output."""
    outputs = {}

    def value_of(spec):
        if isinstance(spec, dict) and "from" in spec:
            name, *way = spec["from"]
            if name not in outputs:
                outputs[name] = run(next(other for other in RECORDED if other["name"] == name))[1]
            found = outputs[name]
            for place in way:
                found = found[place]
            return found
        if isinstance(spec, dict):
            return torch.randn(spec["normal"], generator=torch.Generator().manual_seed(0))
        return torch.tensor(spec) if isinstance(spec, list) else spec

    model, calls, waiting = model_of(case["cls"]), [], []
    inputs = {name: value_of(spec) for name, spec in case["inputs"].items()}

    def before(path):
        def hook(module, args, kwargs):
            given = [describe(value) for value in args]
            waiting.append(given + sorted(f"{name}={describe(value)}" for name, value in kwargs.items()))

        return hook

    def after(path):
        def hook(module, args, kwargs, output):
            calls.append([path, type(module).__name__, waiting.pop(), describe(output)])

        return hook

    wanted = {path for path, *_ in case["calls"]}
    handles = []
    for path, module in model.named_modules():
        if path in wanted:
            handles.append(module.register_forward_pre_hook(before(path), with_kwargs=True))
            handles.append(module.register_forward_hook(after(path), with_kwargs=True))
    try:
        with torch.no_grad():
            output = model(**inputs)
    finally:
        for handle in handles:
            handle.remove()
    with torch.no_grad():
        close(output, model(**inputs))
    return calls, output


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in RECORDED])
def test_documented_calls(case):
    """Order, arguments by position and by name, layouts, masks, results: all that a hook sees."""
    base = model_of(case["cls"]).base_model_prefix
    wanted = [
        [path, cls, by_name(re.sub(r"(?<=[ ,])-0(?=[,)])", "0", given)), result]
        for path, cls, given, result in case["calls"]
    ]
    ours, theirs = (list(filter(None, (seen(call, base) for call in calls))) for calls in (run(case)[0], wanted))
    assert [call[:2] for call in ours] == [call[:2] for call in theirs]
    for mine, recorded in zip(ours, theirs, strict=True):
        assert mine == recorded


def seen(call, base):
    """What is compared of a call."""
    path, cls, given, result = call
    if path == base:  # its arguments are public, so it is left to the caller how they are passed
        return None
    if cls in ("LearnedPositionalEmbedding", "SinusoidalPositionalEmbedding"):  # with a cache or without, rows are rows
        given = [value for value in given if not value.startswith("use_cache=")]
        result = result.replace("[1, 1, ", "[1, ")
    if path.endswith("encoder_attn"):  # the mask beside the keys of the other attention is of no use there
        given = [re.sub(r"prev_key_padding_mask: bool[^}]*", "prev_key_padding_mask: None", value) for value in given]
    given = [re.sub(r"^(output_\w+=)None$", r"\1False", value) for value in given]  # neither asks for them
    return [path, cls, given, result]


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_every_module_is_called(name):
    """A hook on every module is called, and changes nothing."""
    model, inputs, called = tiny.make(name), inputs_of(name), set()
    plain = model(**inputs)
    with hooked(model, lambda path, *_: called.add(path)):
        close(model(**inputs), plain)
    assert [path for path, _ in parts(model) if path not in called] == []
    called.clear()
    close(model(**inputs), plain)
    assert not called


@pytest.mark.parametrize("name", CLASSES)
def test_hooks_in_training(name):
    """Gradients are the same with hooks, and every module's backward hook is called."""
    model, inputs, called = tiny.make(name).train(), inputs_of(name), set()
    names = [path for path, parameter in model.named_parameters() if parameter.requires_grad]

    def gradients():
        model.zero_grad()
        model(**inputs)[0].square().sum().backward()
        return {path: model.get_parameter(path).grad for path in names}

    plain = gradients()
    handles = [
        module.register_full_backward_hook(lambda module, given, output, path=path: called.add(path))
        for path, module in parts(model)
        if isinstance(module, nn.Linear | nn.LayerNorm)
    ]
    with hooked(model, lambda *_: None):
        seen = gradients()
    for handle in handles:
        handle.remove()
    for path in names:
        if plain[path] is None:
            assert seen[path] is None
        else:
            torch.testing.assert_close(seen[path], plain[path], rtol=1e-5, atol=1e-5, msg=path)
    looked_at = [path for path, module in parts(model) if isinstance(module, nn.Linear | nn.LayerNorm)]
    unused = {path.rpartition(".")[0] for path in names if plain[path] is None}
    assert set(looked_at) - called <= unused


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_hooks_on_all_modules_at_once(name):
    """`register_module_forward_hook` is how profilers look at modules."""
    model, inputs, called = tiny.make(name), inputs_of(name), []
    plain = model(**inputs)
    handle = nn.modules.module.register_module_forward_hook(lambda module, given, output: called.append(id(module)))
    try:
        close(model(**inputs), plain)
    finally:
        handle.remove()
    assert {id(module) for _, module in parts(model)} <= set(called)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_what_a_hook_returns_counts(name):
    """A hook on any module that gives another result changes that of the model."""
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    plain = leaves(model(**inputs))

    def add(module, given, output):
        if output is None or getattr(output, "dtype", None) == torch.bool:
            return output
        if isinstance(output, Tensor):
            return output + torch.linspace(-1, 1, output.numel()).view(output.shape)
        changed = [
            value + torch.linspace(-1, 1, value.numel()).view(value.shape) if isinstance(value, Tensor) else value
            for value in output
        ]
        return type(output)(changed)

    without_effect = []
    for path, module in parts(model):
        handle = module.register_forward_hook(add)
        changed = leaves(model(**inputs))
        handle.remove()
        if all(abs(one - 1.0 * other).max() < 1e-4 for one, other in zip(changed, plain, strict=True)):
            without_effect.append(path)
    assert without_effect == unread(model)


def unread(model):
    """Parts whose result no output stands on: a pooler below heads that read every position."""
    prefix, owner = ("decoder.", model.decoder) if isinstance(model, formers.EncoderDecoderModel) else ("", model)
    heads = [] if owner.base_model is owner else owner.head_specs
    if not heads or any(head.reads is Reads.POOLED for head in heads):
        return []
    return [path for path, _ in parts(model) if path.startswith(prefix) and "pooler" in path.split(".")]
