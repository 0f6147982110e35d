"""Norms: what scales a vector before or after a sublayer."""
from dataclasses import dataclass


@dataclass(frozen=True)
class LayerNorm:
    """Mean and variance normalisation with scale and shift (Ba et al., 2016)."""

    eps: float


@dataclass(frozen=True)
class RMSNorm:
    """Scaling by the root mean square, computed in float32, without shift (Zhang and Sennrich, 2019)."""

    eps: float


@dataclass(frozen=True)
class NoNorm:
    """Scale and shift alone, element by element (MobileBERT)."""


Norm = LayerNorm | RMSNorm | NoNorm
