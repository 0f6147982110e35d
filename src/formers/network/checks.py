"""What an architecture, a task and its heads must have in common."""
from collections.abc import Sequence

from formers.architecture import Architecture, Dense, Head, Reads, SingleStack, Task, TokenScores, Vocabulary


def check_model(name: str, spec: Architecture, task: Task, heads: Sequence[Head]) -> None:
    """Raise if a model cannot do what is said about it.

    Args:
        name: its class, for messages.
        spec: its architecture.
        task: what its base model takes.
        heads: what it gives.

    Raises:
        ValueError: naming what does not fit.
    """
    if spec.decoding.memory is not None and task.cache is None:
        raise ValueError(f"the architecture of {name} has a memory, and its task no argument that takes it")
    pools = isinstance(spec, SingleStack) and spec.pooler is not None
    if not pools and any(head.reads is Reads.POOLED for head in heads):
        raise ValueError(f"a head of {name} reads the pooler's output, and its architecture has no pooler")
    for head in heads:
        _check_sizes(head, spec.decoding.output_size, spec.decoding.embeddings.tokens.size)
    outputs = [output for head in heads for output in head.outputs]
    if len(set(outputs)) != len(outputs):
        raise ValueError(f"the heads of {name} need outputs of their own, found {', '.join(outputs)}")


def _check_sizes(head: Head, size: int, tokens: int) -> None:
    """Raise if token embeddings of another size score what the steps before give."""
    scored = False
    for step in head.steps:
        if isinstance(step, Dense):
            size = step.size
        elif isinstance(step, TokenScores) or (isinstance(step, Vocabulary) and step.tied):
            if scored or size != tokens:
                found = "scores" if scored else f"vectors of {size}"
                raise ValueError(f"token embeddings of size {tokens} cannot score {found}: {head.steps}")
            scored = True
