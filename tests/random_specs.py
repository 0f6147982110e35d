"""Specs that no family has, drawn at random: what the vocabulary allows, and the names of a family cover."""

import random
from dataclasses import replace
from typing import Any

from formers.architecture import (
    AdditiveMask,
    Block,
    Bucketed,
    Embeddings,
    EncoderDecoder,
    FeedForward,
    InfiniteMask,
    Layer,
    LayerNorm,
    Learned,
    NoNorm,
    Norm,
    RMSNorm,
    SelfAttention,
    SingleStack,
    Sinusoid,
    Stack,
    Sublayer,
)
from formers.architecture.names import CONV1D, NameTable

from . import tiny
from .spec_models import Said, said

ACTIVATIONS = ("gelu", "gelu_new", "relu", "tanh", "swish")
LENGTH = 7  # of the inputs, which chunks must divide


def random_spec(name: str, seed: int) -> Said:
    """A spec for a class without heads, or a pair with the heads that the library gives it.

    Args:
        name: a PyTorch class.
        seed: of the random numbers.
    """
    rng, spec = random.Random(f"{name} {seed}"), said(name)
    names, whole = tiny.family_of(name).names, spec.architecture
    if isinstance(whole, SingleStack):
        size = rng.choice((12, 20, 24)) if not spec.heads_of_task else whole.stack.hidden
        pooler = None
        if whole.pooler is not None and rng.random() < 0.8:
            pooler = replace(whole.pooler, activation=rng.choice(ACTIVATIONS))
        return replace(
            spec, architecture=replace(whole, stack=_stack(rng, names, whole.stack, "", size), pooler=pooler)
        )
    assert isinstance(whole, EncoderDecoder)
    encoder, decoder = (
        _stack(rng, names, getattr(whole, part), f"{part}.", whole.encoder.hidden) for part in ("encoder", "decoder")
    )
    return replace(spec, architecture=replace(whole, encoder=encoder, decoder=decoder))


def _stack(rng: random.Random, names: NameTable, stack: Stack, scope: str, hidden: int) -> Stack:
    biased = names.hub_name(f"{scope}position_bias.table") is not None and rng.random() < 0.7
    heads = rng.choice((1, 2, 3)) if biased else None
    count = rng.choice((1, 2, 3))
    pad_to = rng.choice((1, 4)) if stack.memory is None and scope == "" and not biased else 1
    chunks = (0, 0, 1, LENGTH) if scope == "" and pad_to == 1 else (0, 1) if scope == "" else (0,)
    layers = tuple(_layer(rng, names, stack.layers[0], scope, heads, chunks) for _ in range(count))
    schedule = None
    if scope == "" and rng.random() < 0.3:
        schedule = tuple(rng.randrange(count) for _ in range(rng.choice((1, 2, 4))))
    crosses = stack.cross_position_bias is not None and biased and rng.random() < 0.7
    cross_heads = {layer.cross_attention.heads for layer in layers if layer.cross_attention is not None}
    return replace(
        stack,
        hidden=hidden,
        embeddings=_embeddings(rng, names, stack.embeddings, scope, hidden),
        layers=layers,
        schedule=schedule,
        pad_to=pad_to,
        final_norm=_norm(rng) if names.hub_name(f"{scope}norm") is not None and rng.random() < 0.7 else None,
        position_bias=_bias(rng, heads) if heads else None,
        cross_position_bias=_bias(rng, *cross_heads) if crosses and len(cross_heads) == 1 else None,
        states=rng.choice(("inputs and last", "inputs")),
    )


def _bias(rng: random.Random, heads: int) -> Bucketed:
    return Bucketed(rng.choice((4, 6, 8)), rng.choice((5, 16)), rng.random() < 0.5, heads)


def _embeddings(rng: random.Random, names: NameTable, spec: Embeddings, scope: str, size: int) -> Embeddings:
    positions: Any = spec.positions
    # RoBERTa's embeddings are about positions that count from the padding.
    if positions is not None and not hasattr(positions, "padding"):
        layout, stored = (
            rng.choice(("interleaved", "halves")),
            names.hub_name(f"{scope}embeddings.positions") is not None,
        )
        choices = [Sinusoid(40, layout, stored=False), None]
        # Some documented classes hold one layout alone.
        if any(row.part == f"{scope}embeddings.positions" and row.kind for row in names.rows):
            layout = "halves"
        if stored:
            choices += [positions, Learned(43, offset=getattr(positions, "offset", 0)), Sinusoid(40, layout)]
        positions = rng.choice(choices)
    norm = _norm(rng) if names.hub_name(f"{scope}embeddings.norm") is not None and rng.random() < 0.7 else None
    scale = rng.choice((1.0, 1.0, 2.5))
    types = rng.choice(((), spec.types, spec.types))
    return replace(
        spec, tokens=replace(spec.tokens, size=size, scale=scale), positions=positions, norm=norm, types=types
    )


def _layer(
    rng: random.Random, names: NameTable, layer: Layer, scope: str, heads: int | None, chunks: tuple[int, ...]
) -> Layer:
    return Layer(tuple(_sublayer(rng, names, sublayer, scope, heads, chunks) for sublayer in layer.sublayers))


def _sublayer(
    rng: random.Random, names: NameTable, sublayer: Sublayer, scope: str, heads: int | None, chunks: tuple[int, ...]
) -> Sublayer:
    at = f"{scope}layers.0.{sublayer.name}"
    kinds = {
        row.part.rpartition(".")[2]: row.kind
        for row in names.rows
        if row.part.startswith(f"{scope}layers.{{i}}.{sublayer.name}.")
    }
    # A Conv1D always has a bias.
    bias = CONV1D in kinds.values() or rng.random() < 0.7
    norm, first = _norm(rng), rng.random() < 0.5
    block: Block
    if isinstance(sublayer.block, FeedForward):
        gated = names.hub_name(f"{at}.gate") is not None and rng.random() < 0.5
        # CTRL's blocks are a Sequential, with a module of its own for the activation.
        activation = rng.choice(("relu",) if kinds.get("activation") == "ReLU" else ACTIVATIONS)
        block = FeedForward(rng.choice((5, 16, 31)), activation, gated, bias, chunk_size=rng.choice(chunks))
    else:
        mask = rng.choice((AdditiveMask(-10000.0), AdditiveMask(-1e9), InfiniteMask()))
        block = replace(
            sublayer.block, heads=heads or rng.choice((1, 2, 3)), head_size=rng.choice((2, 5, 8)), mask=mask, bias=bias,
            scale=rng.choice((0.3, 0.5, 1.0)),
        )  # fmt: skip
        if isinstance(block, SelfAttention):
            causal = block.causal or (scope == "" and rng.random() < 0.4)
            block = replace(block, causal=causal)
    return replace(sublayer, block=block, before=norm if first else None, after=None if first else norm)


def _norm(rng: random.Random) -> Norm:
    return rng.choice((LayerNorm(1e-12), LayerNorm(1e-3), RMSNorm(1e-6), NoNorm()))
