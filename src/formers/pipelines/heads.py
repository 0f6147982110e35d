"""Whether a model has the head of a task, told by the names of its classes."""

from __future__ import annotations

from typing import Any

# Ending of the documented names of models with a head -> the task of that head.
_TASKS = {
    "ForSequenceClassification": "sentiment-analysis",
    "ForTokenClassification": "ner",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForMultipleChoice": None,
}


def check_head(model: Any, wanted: str | None, task: str) -> None:
    """Refuse a model that was made for another task.

    Args:
        model: The model. One whose classes have names of no known head is let through.
        wanted: Ending of the names of the classes that do the task; None if any model will do.
        task: Name of the task, for the message.

    Raises:
        ValueError: If the model has another head; the message names both tasks.
    """
    names = [cls.__name__ for cls in type(model).__mro__]
    found = next((head for name in names for head in _TASKS if name.endswith(head)), None)
    if wanted is None or found is None or found == wanted or any(wanted in name for name in names):
        return
    other = _TASKS[found]
    does = f"does the task {other!r} and not {task!r}" if other else f"does not do the task {task!r}"
    call = f", or call pipeline({other!r}, ...)" if other else ""
    auto = f"{'TF' if names[0].startswith('TF') else ''}AutoModel{wanted}"
    raise ValueError(f"{names[0]} {does}, which needs a model {wanted}: load the checkpoint with {auto}{call}")
