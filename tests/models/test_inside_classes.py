"""The classes inside: built by themselves, with the recorded weights and calls of the original ones."""

import importlib
import inspect
import re
from functools import cache

import pytest
import torch
from safetensors.torch import load_file
from tests.golden_data import GOLDEN, read
from torch import Tensor, nn

import formers
from formers.compat.modules import existing_homes
from formers.families import families

# Stem of the modules' and files' names, where it is not the family's.
STEMS = {"openai-gpt": "openai"}
RECORDED = [STEMS.get(name, name) for name in families() if (GOLDEN / f"inner/{STEMS.get(name, name)}.json").exists()]
# Faults of the original: for ids of one axis it masks queries in place of keys; two new tokens after others share the
# position bias of the second.
OTHERWISE = {
    ("OpenAIGPTDoubleHeadsModel", "one_mask"), ("OpenAIGPTDoubleHeadsModel", "one_all"), ("T5Attention", "past_two"),
}  # fmt: skip
# What it says where it checks arguments. Other errors came from further inside, and where they came this library may
# well compute; so it does where the default of `use_cache` did not fit an encoder.
CHECKED = ("AssertionError", "ValueError", "NotImplementedError")
NOT_CHECKED = ("`use_cache` can only be set", "not enough values to unpack")


@cache
def file_of(family):
    return read(f"inner/{family}.json"), load_file(GOLDEN / f"inner/{family}.safetensors")


def entries():
    for family in [*RECORDED, "utils"]:
        content, _ = file_of(family)
        for entry in content["classes"]:
            configs = [arg[1:] for arg in entry["init"]["args"] if isinstance(arg, str) and arg.startswith("@")]
            if all(content["configs"][name]["class"] in dir(formers) for name in configs):
                yield pytest.param(family, entry, id=f"{family} {entry['class']} {entry['variant']}")


ENTRIES = list(entries())


def documented(module, name):
    """What a documented module offers; the alias itself would stay for all tests after this one."""
    if name in dir(formers):
        return getattr(formers, name)
    for home in existing_homes(module):
        found = getattr(importlib.import_module(home), name, None)
        if found is not None:
            return found
    raise AttributeError(f"no home of {module} has {name}")


def build(family, entry):
    configs = file_of(family)[0]["configs"]

    def value_of(spec):
        if isinstance(spec, str) and spec.startswith("@"):
            config = configs[spec[1:]]
            return getattr(formers, config["class"])(**config["args"])
        if isinstance(spec, dict):
            return getattr(nn, spec["new"])(*spec.get("args", []), **spec.get("kwargs", {}))
        return spec

    args = [value_of(spec) for spec in entry["init"]["args"]]
    kwargs = {name: value_of(spec) for name, spec in entry["init"]["kwargs"].items()}
    module = documented(entry["module"], entry["class"])(*args, **kwargs)
    for call in entry.get("prepared", "").split("; "):
        if call:
            heads = call.removeprefix("prune_heads([").removesuffix("])")
            module.prune_heads([int(head) for head in heads.split(",") if head])
    return module


def decode(spec, tensors):
    if spec is None:
        return None
    ((kind, value),) = spec.items()
    match kind:
        case "tensor":
            return tensors[value].clone()
        case "value":
            return float(value) if value in ("inf", "-inf") else value
        case "tuple":
            return tuple(decode(inner, tensors) for inner in value)
        case "list":
            return [decode(inner, tensors) for inner in value]
        case "dict":
            return {key: decode(inner, tensors) for key, inner in value.items()}
        case "set":
            return set(value)
    raise ValueError(spec)


def compare(ours, theirs, where="result"):
    """Compare structures (lists and tuples are told apart), types, and numbers within 1e-5 of the greatest."""
    if isinstance(theirs, Tensor):
        assert isinstance(ours, Tensor) and ours.dtype == theirs.dtype, where
        scale = max(1.0, float(theirs.float().nan_to_num(0, 0, 0).abs().max())) if theirs.numel() else 1.0
        torch.testing.assert_close(
            ours, theirs, rtol=0, atol=1e-5 * scale, equal_nan=True, msg=lambda found: f"{where}: {found}"
        )
    elif isinstance(theirs, tuple | list):
        assert isinstance(ours, type(theirs)) and len(ours) == len(theirs), where
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            compare(one, other, f"{where}[{index}]")
    elif isinstance(theirs, dict):
        assert set(ours) == set(theirs), where
        for key in theirs:
            compare(ours[key], theirs[key], f"{where}[{key!r}]")
    else:
        assert type(ours) is type(theirs) and ours == theirs, where


@pytest.mark.parametrize(("family", "entry"), ENTRIES)
@torch.no_grad()
def test_classes_by_themselves(family, entry):
    """Names, shapes and order of parameters; attributes; results of every recorded call."""
    tensors = file_of(family)[1]
    if "error" in entry:
        with pytest.raises((AssertionError, ValueError, NotImplementedError, KeyError, TypeError)):
            build(family, entry)
        return
    module = build(family, entry)
    frozen = [[] if parameter.requires_grad else ["frozen"] for parameter in module.parameters()]
    found = [[name, list(p.shape), *marks] for (name, p), marks in zip(module.named_parameters(), frozen, strict=True)]
    assert found == entry["parameters"]
    assert list(module.state_dict()) == list(entry["state"])
    assert [name for name, _ in module.named_modules()] == [row[0] for row in entry["modules"]]
    module.load_state_dict({name: tensors[key] for name, key in entry["state"].items()})
    module.eval()
    for path, _, attributes in entry["modules"]:
        if isinstance(attributes, int):
            for name, value in entry["vars"][attributes]["values"].items():
                wanted = set(value["set"]) if isinstance(value, dict) and "set" in value else value
                assert getattr(module.get_submodule(path), name, "absent") == wanted, (path, name)
    for call in entry.get("calls", []):
        args = [decode(arg, tensors) for arg in call["args"]]
        kwargs = {name: decode(arg, tensors) for name, arg in call["kwargs"].items()}
        run = getattr(module, call["method"]) if "method" in call else module
        if "error" in call:
            kind, message = call["error"]
            if kind in CHECKED and not message.startswith(NOT_CHECKED):
                with pytest.raises((AssertionError, ValueError, NotImplementedError)):
                    run(*args, **kwargs)
        elif (entry["class"], call["name"]) not in OTHERWISE:
            compare(run(*args, **kwargs), decode(call["outputs"], tensors), call["name"])
        if "after" in call:
            compare(args, [decode(arg, tensors) for arg in call["after"]["args"]], f"{call['name']}: arguments")
            given = {name: decode(arg, tensors) for name, arg in call["after"]["kwargs"].items()}
            compare(kwargs, given, f"{call['name']}: arguments")


@pytest.mark.parametrize(("family", "entry"), ENTRIES)
def test_signatures(family, entry):
    """Names, order and defaults of the arguments of `forward`, so that subclasses can pass them on."""
    if "forward" not in entry:
        pytest.skip("it is not built")
    parameters = inspect.signature(build(family, entry).forward).parameters.values()
    plain = [str(parameter.replace(annotation=inspect.Parameter.empty)) for parameter in parameters]
    # Without types, and first of all without those that have commas in them.
    recorded = re.sub(r"\[[^\]]*\]", "", entry["forward"].partition(" ->")[0]).strip("()").split(", ")
    assert plain == [re.sub(r":[^=]*", "", part).replace("= ", "=") for part in recorded]


HAVE_MODULES = {*(f"modeling_{STEMS.get(name, name)}" for name in families()), "modeling_utils", "activations"}


@pytest.mark.parametrize("module", [module for module in read("inner/names.json") if module in HAVE_MODULES])
def test_documented_modules_have_their_names(module):
    missing = []
    for name in read("inner/names.json")[module]:
        try:
            documented(module, name)
        except AttributeError:
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize(
    "names",
    [
        "modeling_bert BertLayerNorm gelu swish mish gelu_new ACT2FN PreTrainedModel BertConfig",
        "modeling_bert prune_linear_layer find_pruneable_heads_and_indices",
        "modeling_roberta BertEmbeddings BertModel BertPreTrainedModel RobertaConfig",
        "modeling_distilbert gelu PreTrainedModel DistilBertConfig prune_linear_layer",
    ],
)
def test_names_that_old_code_took_from_there(names):
    module, *wanted = names.split()
    for name in wanted:
        assert documented(module, name) is not None
