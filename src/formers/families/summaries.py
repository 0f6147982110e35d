"""Heads that sum a sequence up in one vector (the `summary_...` attributes of configurations)."""
from typing import Any

from formers.architecture import At, Dense, Dropout, Head, LabelLoss, Reads, Step


def summary_head(config: Any, path: str, index: str, labels: int, **head: Any) -> Head:
    """Return a head that sums up.

    Args:
        config: a configuration with `summary_type`, `summary_use_proj`, `summary_proj_to_labels`,
            `summary_activation`, and perhaps `summary_first_dropout` and `summary_last_dropout`.
        path: path of the model's `SequenceSummary`.
        index: argument of the call that names the position, for the type `cls_index`.
        labels: number of labels.
        **head: the rest of the head, see `Head`.

    Raises:
        ValueError: the type is unknown.
    """
    reads: dict[str, Any] = {
        "last": Reads.LAST_TOKEN,
        "first": Reads.FIRST_TOKEN,
        "mean": Reads.MEAN,
        "cls_index": At(index),
    }
    if config.summary_type not in reads:
        raise ValueError(f"summary_type is {config.summary_type!r}; expected one of {', '.join(reads)}")
    steps: list[Step] = [Dropout(getattr(config, "summary_first_dropout", 0.0), f"{path}.first_dropout")]
    if config.summary_use_proj:
        size = labels if config.summary_proj_to_labels and labels > 0 else config.hidden_size
        steps.append(Dense(f"{path}.summary", size, config.summary_activation, f"{path}.activation"))
    steps.append(Dropout(getattr(config, "summary_last_dropout", 0.0), f"{path}.last_dropout"))
    return Head(reads=reads[config.summary_type], steps=tuple(steps), **{"loss": LabelLoss(), **head})
