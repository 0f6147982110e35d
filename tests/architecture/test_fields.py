"""Every field of every spec, changed on a tiny model, changes what is seen of it, or the model is refused."""

from dataclasses import is_dataclass
from importlib.util import find_spec

import pytest
from tests import tiny
from tests.architecture.observing import KerasObserver, TorchObserver, Unclear, attempt
from tests.spec_fields import Change, changes, value_at
from tests.spec_models import differ, public_of, said

from formers.architecture import InfiniteMask

STRINGS = {"activation": ["gelu", "relu", "tanh", "sine"]}
# Where a field shows, by the type of its spec and its name, or its name alone. All others show in the outputs.
SHOWS = {
    "dropout": "training",
    "layer_dropout": "training",
    "p": "training",
    "checkpointing": "recomputed",
    "chunk_size": "work",
    "pad_to": "work",
    "pruned": "pruned",
    "max_distance": "limits",
    "init": "new",
    "std": "new",
    "factor": "new",
    "steps": "state",
    "path": "state",
    "activated": "state",
    "part": "state",
    "vocabulary": "state",
    "Tokens.padding": "gradients",
    "Learned.size": "limits",
    "PaddingAware.size": "limits",
    "Sinusoid.size": "limits",
    "Sinusoid.stored": "state",
    "Lookup.size": "state",
    "Scale.factor": "outputs",
    "Vocabulary.bias": "state",
    "TokenScores.bias": "state",
}
# Values farther away than the next number.
FARTHER = {"max_distance": 4, "buckets": 2}


def field_of(change: Change, spec) -> str:
    return f"{type(value_at(spec, change.field.path[:-1])).__name__}.{change.field.name}"


def where(change: Change, spec) -> str:
    return SHOWS.get(field_of(change, spec), SHOWS.get(change.field.name, "outputs"))


def cannot_show(change: Change, spec, observer) -> bool:
    """Whether a field says something about what the class, or the spec, does not have at all."""
    owner = value_at(spec, change.field.path[:-1])
    if change.field.name == "inputs_embeds_replace":
        vectors = "inputs_embeds" in public_of(observer.name).task.inputs
        return not vectors or (owner.norm is None and owner.positions is None)  # a block of tokens alone
    # BART's attentions cannot be pruned.
    return change.field.name == "pruned" and not observer.prunes


def farther(change: Change) -> Change:
    by = FARTHER.get(change.field.name)
    return change if by is None or not isinstance(change.value, int) else Change(change.field, change.field.value * by)


def silent(observer, spec, of_heads: bool, wanted=lambda change: True) -> tuple[list[str], list[str], list[str]]:
    """The changes that show, those that are refused, and what is wrong with the others."""
    before, shown, refused, wrong = {}, [], [], []
    for change in changes(spec, strings=STRINGS, leave=["heads_of_task", "architecture"]):
        if (change.field.path[0] == "heads_of_task") != of_heads or cannot_show(change, spec, observer):
            continue
        if not wanted(change):
            continue
        change, place = farther(change), where(change, spec)
        observe = getattr(observer, place)
        if place not in before:
            before[place] = observe(spec)
        try:
            after = attempt(lambda observe=observe, change=change: observe(change.applied(spec)))
        except Unclear as error:
            wrong.append(f"{change} ({place}): {error}")
            continue
        if isinstance(after, str):
            refused.append(f"{change}: {after}")
        elif differ(before[place], after):
            shown.append(str(change))
        else:
            wrong.append(f"{change} shows nothing ({place})")
    return shown, refused, wrong


def bodies() -> list[tuple[str, dict]]:
    """A class for each family that says what its models are made of, and changes of its configuration."""
    found = []
    for name in tiny.torch_classes():
        config = tiny.config(name)
        if hasattr(config, "encoder"):
            continue
        # Two types of tokens, so that they can be told from each other.
        types = {"type_vocab_size": 2} if hasattr(config, "type_vocab_size") else {}
        if config.is_encoder_decoder:
            if name in tiny.language_models():
                found.append((name, types))
        elif public_of(name).task.heads is None:
            found.append((name, types))
            if "encoder_hidden_states" in public_of(name).task.inputs:
                found.append((name, types | {"is_decoder": True}))
    return found


def with_heads() -> list[str]:
    """The classes whose heads do not have the kinds of steps that those of another of their family have."""
    found = {}
    for name in tiny.torch_classes():
        if not hasattr(tiny.config(name), "encoder") and public_of(name).task.heads is not None:
            heads = said(name).heads_of_task
            kind = tuple((type(h.loss), h.reads, h.per_choice, tuple(map(type, h.steps))) for h in heads)
            found.setdefault((tiny.model_type_of(name), str(kind)), name)
    return sorted(found.values())


@pytest.mark.parametrize(
    ("name", "options"), bodies(), ids=lambda value: str(value) if isinstance(value, str) else "-".join(value)
)
def test_bodies(name, options):
    config = tiny.config(name, **options)
    spec = said(name, config)
    shown, refused, wrong = silent(TorchObserver(name, config, spec), spec, of_heads=False)
    print("\n".join(refused))
    assert not wrong, "\n".join(wrong)
    assert len(shown) > 20


@pytest.mark.parametrize("name", with_heads())
def test_heads(name):
    config = tiny.config(name)
    spec = said(name, config)
    shown, refused, wrong = silent(TorchObserver(name, config, spec), spec, of_heads=True)
    print("\n".join(refused))
    assert not wrong, "\n".join(wrong)
    assert shown


# What Keras models do not have, as their documentation says: they learn all rows of embeddings, say that they recompute
# nothing, take vectors for those of tokens alone, leave positions out of losses by labels alone, and make the decoder's
# ids of no labels; of parts without weights, the paths are PyTorch's.
NOT_IN_KERAS = (
    "Tokens.padding", "Stack.checkpointing", "Embeddings.inputs_embeds_replace", "TokenLoss.masked",
    "ShiftedLabels.padding", "Dropout.path", "Dense.activated", "TokenLoss.path",
)  # fmt: skip


def not_in_keras(change: Change, spec, name: str) -> bool:
    kind = field_of(change, spec)
    if kind.startswith("CrossAttention.mask") and isinstance(change.value, InfiniteMask):
        return True  # there it is the least number, which is as far from the scores as -1e9
    # Where labels are not an argument, `compute_loss(labels, logits)` gives the loss, which has no name.
    labels = {label for head in spec.heads_of_task for label in head.labels}
    by_name = change.field.name in ("label", "start", "end", "loss_name")
    return kind in NOT_IN_KERAS or (by_name and not labels <= set(public_of(name).keras.inputs))


def kind_of(change: Change, spec) -> tuple[str, str]:
    value = change.value
    return field_of(change, spec), type(value).__name__ if is_dataclass(value) else str(value)


def first_in_keras() -> dict[tuple[str, bool], tuple[dict, list[str]]]:
    """The changes that a test of Keras looks at: of each kind one, since all models are computed by the same code.

    Returns:
        Class, and whether its heads are meant -> changes of its configuration, and of its spec.
    """
    seen, found = set(), {}
    candidates = [(name, options, False) for name, options in bodies()] + [(name, {}, True) for name in with_heads()]
    # Pairs take the longest to make.
    for name, options, of_heads in sorted(
        candidates, key=lambda candidate: tiny.config(candidate[0]).is_encoder_decoder
    ):
        if name not in tiny.twins() or "is_decoder" in options:
            continue
        spec = said(f"TF{name}", tiny.config(name, **options))
        for change in changes(spec, strings=STRINGS, leave=["heads_of_task", "architecture"]):
            kind, part = kind_of(change, spec), change.field.path[0] == "heads_of_task"
            if part != of_heads or kind in seen or not_in_keras(change, spec, name):
                continue
            seen.add(kind)
            found.setdefault((name, of_heads), (options, []))[1].append(str(change))
    return found


IN_KERAS = first_in_keras()


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
@pytest.mark.parametrize(("name", "of_heads"), IN_KERAS)
def test_keras(name, of_heads):
    options, wanted = IN_KERAS[name, of_heads]
    config = tiny.config(name, **options)
    spec = said(f"TF{name}", config)
    observer = KerasObserver(name, config, spec)
    shown, refused, wrong = silent(observer, spec, of_heads, lambda change: str(change) in wanted)
    print("\n".join(refused))
    assert not wrong, "\n".join(wrong)
    assert shown or refused
