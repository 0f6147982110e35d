"""Which outputs of a model losses, metrics and labels belong to: those of its heads, in their order."""
from collections.abc import Mapping, Sequence
from typing import Any

from formers.architecture import Head


def output_names(heads: Sequence[Head]) -> tuple[str, ...]:
    """Return the names of the outputs that labels belong to; a base model has one."""
    return tuple(name for head in heads for name in head.outputs) or ("last_hidden_state",)


def labels_by_output(heads: Sequence[Head]) -> dict[str, str]:
    """Return the name of an output -> the argument with its labels."""
    return {output: label for head in heads for output, label in zip(head.outputs, head.labels, strict=True)}


def for_outputs(argument: str, given: Any, names: Sequence[str]) -> Any:
    """Return an argument of `compile` without entries for outputs that have no labels, such as hidden states.

    Args:
        argument: its name.
        given: one for all; or a list over all outputs of the model, with None for those without.
        names: the outputs that labels belong to.

    Returns:
        One for all, or a list as long as `names`.

    Raises:
        ValueError: an output without labels has an entry, or an output with labels has none.
    """
    of_metrics = argument in ("metrics", "weighted_metrics")
    if not isinstance(given, list | tuple):
        return given
    if len(given) != len(names) > 1 and of_metrics and all(isinstance(item, str) for item in given):
        return [list(given) for _ in names]  # names of metrics stand for new ones of each output
    if of_metrics and not any(item is None or isinstance(item, list | tuple) for item in given):
        return given
    entries, rest = list(given[: len(names)]), given[len(names) :]
    if len(entries) < len(names) or (argument != "loss_weights" and any(item not in (None, []) for item in rest)):
        raise ValueError(
            f"{argument} has {len(given)} entries: {given!r}; expected one for each of the outputs that have labels "
            f"({', '.join(names)}), and then None for all others"
        )
    if argument == "loss_weights":
        entries = [0.0 if entry is None else float(entry) for entry in entries]
    if all(entry is None for entry in entries):
        return None
    return entries[0] if len(names) == 1 else entries


def match(y: Any, outputs: Mapping[str, Any], labels: Mapping[str, str], compiled: Any) -> tuple[Any, Any]:
    """Return labels and the outputs that they belong to, in one structure.

    Args:
        y: labels: one tensor; a list over outputs; or a dict, by the names of outputs or of their labels.
        outputs: the outputs that labels belong to, by name.
        labels: name of an output -> the argument with its labels.
        compiled: losses or metrics: one for all, a list over outputs, or a dict by name.

    Raises:
        ValueError: labels and outputs do not match.
    """
    owners = {label: output for output, label in labels.items()} | {name: name for name in outputs}
    if isinstance(y, Mapping) and len(y) == len(outputs) == 1:
        owners |= dict(zip(y, outputs, strict=True))  # there is no doubt what is meant
    by_position = isinstance(compiled, list | tuple) and len(compiled) == len(outputs) > 1
    entries = _entries(compiled, list(outputs), owners, by_position)
    given = _by_output(y, owners, entries)
    missing = [name for name, learned in entries.items() if learned and given.get(name) is None]
    if missing and (by_position or isinstance(compiled, Mapping)):
        raise ValueError(f"compile() asks for {missing[0]!r}, and there are no labels for it; found {[*given]}")
    if isinstance(compiled, Mapping) or (isinstance(y, Mapping) and not by_position):
        all_given = isinstance(y, Mapping) and (not isinstance(compiled, Mapping) or set(compiled) <= set(y))
        keys = y if all_given else compiled
        return {key: given.get(owners[key]) for key in keys}, {key: outputs[owners[key]] for key in keys}
    if by_position:
        return [given.get(name) for name in outputs], [*outputs.values()]
    if len(given) == 1:
        return next(iter(given.values())), outputs[next(iter(given))]
    return [*given.values()], [outputs[name] for name in given]


def _entries(compiled: Any, names: Sequence[str], owners: Mapping[str, str], by_position: bool) -> dict[str, bool]:
    """Return of each output whether it has a loss, or metrics."""
    if isinstance(compiled, Mapping):
        if unknown := [key for key in compiled if key not in owners]:
            raise ValueError(f"compile() names {unknown[0]!r}; the outputs that have labels are {', '.join(names)}")
        wanted = {owners[key] for key in compiled}
        return {name: name in wanted for name in names}
    if by_position:
        return {name: entry is not None for name, entry in zip(names, compiled, strict=True)}
    return dict.fromkeys(names, True)


def _by_output(y: Any, owners: Mapping[str, str], entries: Mapping[str, bool]) -> dict[str, Any]:
    """Return labels by the names of their outputs."""
    names = list(entries)
    if isinstance(y, Mapping):
        if unknown := [key for key in y if key not in owners]:
            raise ValueError(f"found labels for {unknown[0]!r}; the outputs that have labels are {', '.join(names)}")
        return {owners[key]: value for key, value in y.items()}
    if not isinstance(y, list | tuple):
        y = [y]
    if any(value is not None for value in y[len(names) :]):
        raise ValueError(f"found labels for {len(y)} outputs; the outputs that have labels are {', '.join(names)}")
    if len(y) < len(names):  # labels of those outputs that have a loss
        names = [name for name in names if entries[name]]
    return dict(zip(names, y, strict=False))
