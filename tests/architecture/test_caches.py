"""Caches: what they hold, and that models compute with them what they compute without."""

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from tests import tiny
from tests.golden_data import assert_close, leaves
from tests.spec_models import public_of

from formers.backends.torch import ops
from formers.backends.torch.caches import FixedCache, FixedKeyValues
from formers.network.caches import Cache, KeyValues

LAYERS, ROWS, HEADS, SIZE, CAPACITY = 2, 3, 2, 4, 6


def made(kind):
    """A cache, and what makes tensors for it."""
    if kind == "keras":
        if find_spec("tensorflow") is None:
            pytest.skip("TensorFlow is not installed")
        import keras

        from formers.backends.keras import ops as keras_ops

        return Cache(keras_ops, LAYERS), keras.ops.convert_to_tensor
    return (Cache(ops, LAYERS) if kind == "growing" else FixedCache(LAYERS, CAPACITY)), torch.from_numpy


def block(length, seed, rows=ROWS):
    return np.random.default_rng(seed).normal(size=(2, rows, HEADS, length, SIZE)).astype("float32")


def filled(kind, lengths=(2, 1)):
    """A cache with several steps in it, and what it holds, an array a layer."""
    cache, tensor = made(kind)
    steps = [[block(length, seed=10 * step + layer) for layer in range(LAYERS)] for step, length in enumerate(lengths)]
    for step in steps:
        for layer, (key, value) in enumerate(step):
            got = cache.of_layer(layer)["attention"].append(tensor(key.copy()), tensor(value.copy()))
            assert got[0].shape[2] == cache.of_layer(layer)["attention"].length
    for layer in range(LAYERS):
        key, value = block(5, seed=100 + layer, rows=1)
        cache.of_layer(layer)["cross_attention"].append(tensor(key), tensor(value))
    return cache, [np.concatenate([step[layer] for step in steps], 3) for layer in range(LAYERS)]


def held(cache):
    return [np.stack([np.asarray(part) for part in layer.read()]) for layer in cache.self_attention]


def same(got, expected):
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(params=["growing", "fixed", "keras"])
def kind(request):
    return request.param


def test_an_empty_cache(kind):
    cache, _ = made(kind)
    assert cache.length == 0 and all(layer.is_empty and layer.tensors() is None for layer in cache.self_attention)
    cache.crop(0)
    cache.expand(2)
    cache.reorder([0])
    assert cache.length == 0 and cache.tensors() == [(None, None)] * LAYERS


def test_steps_follow_each_other(kind):
    cache, expected = filled(kind)
    assert cache.length == 3 and not cache.self_attention[0].is_empty
    same(held(cache), expected)


def test_cropped(kind):
    cache, expected = filled(kind)
    for length in (5, 2, 1):
        cache.crop(length)
        assert cache.length == min(length, 3)
        same(held(cache), [layer[:, :, :, :length] for layer in expected])


def test_what_follows_a_crop_takes_the_place(kind):
    cache, expected = filled(kind)
    cache.crop(1)
    _, tensor = made(kind)
    new = block(2, seed=7)
    for layer in cache.self_attention:
        layer.append(tensor(new[0].copy()), tensor(new[1].copy()))
    same(held(cache), [np.concatenate([layer[:, :, :, :1], new], 3) for layer in expected])


@pytest.mark.parametrize("rows", [[2, 0, 0], [1], [0, 0, 1, 1, 2, 2]])
def test_reordered(kind, rows):
    """Also to another number of rows."""
    cache, expected = filled(kind)
    _, tensor = made(kind)
    cache.reorder(tensor(np.array(rows)))
    same(held(cache), [layer[:, rows] for layer in expected])
    new = block(1, seed=9, rows=len(rows))
    cache.self_attention[1].append(tensor(new[0].copy()), tensor(new[1].copy()))
    same(held(cache)[1:], [np.concatenate([expected[1][:, rows], new], 3)])


def test_expanded(kind):
    """Every row becomes rows that follow each other; what is known of the encoder is shared by them."""
    cache, expected = filled(kind)
    cache.expand(2)
    same(held(cache), [layer.repeat(2, 1) for layer in expected])
    assert all(layer.read()[0].shape[0] == 1 for layer in cache.cross_attention)


def test_one_cache_takes_what_another_held(kind):
    cache, expected = filled(kind)
    other, tensor = made(kind)
    other.hold(cache.tensors())
    assert other.length == 3
    same(held(other), expected)
    for mine, theirs in zip(other.cross_attention, cache.cross_attention, strict=True):
        same([np.asarray(mine.read()[1])], [np.asarray(theirs.read()[1])])
    new = block(1, seed=9)
    other.self_attention[0].append(tensor(new[0].copy()), tensor(new[1].copy()))
    same(held(other)[:1], [np.concatenate([expected[0], new], 3)])
    same(held(cache), expected)  # which does not see it
    other.hold(made(kind)[0].tensors())
    assert other.length == 0 and other.self_attention[0].is_empty


def test_the_capacity_is_kept():
    cache = FixedKeyValues(4)
    cache.append(*torch.from_numpy(block(3, seed=0)))
    memory = cache.key.data_ptr()
    cache.append(*torch.from_numpy(block(1, seed=1)))
    assert cache.key.data_ptr() == memory and cache.length == 4
    with pytest.raises(ValueError, match="room for 4 positions, and 5 are asked for"):
        cache.append(*torch.from_numpy(block(1, seed=2)))
    with pytest.raises(ValueError, match="room for 2 positions, and 3 are asked for"):
        FixedKeyValues(2).append(*torch.from_numpy(block(3, seed=0)))


def test_gradients_flow_through_a_cache_that_grows():
    cache, tensors = KeyValues(ops), [torch.from_numpy(block(1, seed)).requires_grad_() for seed in range(3)]
    for tensor in tensors:
        key, value = cache.append(*tensor)
    (key * torch.arange(3.0)[:, None]).sum().backward()
    for step, tensor in enumerate(tensors):
        assert torch.equal(tensor.grad[0], torch.full_like(tensor[0], step)) and not tensor.grad[1].any()


# --- models -----------------------------------------------------------------------------------------------------------


def caching(names):
    """The classes of one part that take and give keys and values."""
    found = [name for name in names if not hasattr(tiny.config(name), "encoder")]
    return [name for name in found if public_of(name).task.cache is not None]


def tasks_cache(name):
    public = public_of(name)
    return (public.keras if name.startswith("TF") else public.task).cache


def whole_and_steps(name, call, array):
    """What a class gives for all positions at once, and in steps with a cache: pairs of what must be the same."""
    model, given = tiny.make(name), tiny.inputs(name)
    given.pop("attention_mask", None)
    if model.config.is_encoder_decoder:
        ids = given.pop("decoder_input_ids")
        given = {key: array(value) for key, value in given.items()}
        whole = call(model, decoder_input_ids=array(ids), use_cache=False, **given)[0]
        past = None
        for end in range(1, ids.shape[1] + 1):
            earlier = {} if past is None else {tasks_cache(name): past}
            output = call(model, decoder_input_ids=array(ids[:, :end]), use_cache=True, **given, **earlier)
            past = output.past_key_values[1]
            yield output[0][:, -1], whole[:, end - 1]
        return
    ids = given["input_ids"]
    whole = call(model, input_ids=array(ids), use_cache=False)[0]
    past = None
    # TFCTRL's classes compute the last position alone where there is a cache.
    steps = ((0, 3), (3, 4), (4, 5)) if name.startswith("TFCTRL") else ((0, 3), (3, 4), (4, 7))
    for start, end in steps:
        earlier = {} if past is None else {tasks_cache(name): past}
        output = call(model, input_ids=array(ids[..., start:end]), use_cache=True, **earlier)
        past = output.past_key_values
        yield output[0], whole[..., start:end, :]


@pytest.mark.parametrize("name", caching(tiny.torch_classes()))
def test_steps_give_what_the_whole_gives(name):
    def call(model, **given):
        with torch.no_grad():
            return model(**given)

    for got, expected in whole_and_steps(name, call, lambda ids: torch.from_numpy(ids).long()):
        assert_close(leaves(got), leaves(expected))


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
@pytest.mark.parametrize("name", caching(tiny.keras_classes()))
def test_steps_give_what_the_whole_gives_in_keras(name):
    for got, expected in whole_and_steps(name, lambda model, **given: model(given), lambda ids: ids):
        assert_close(leaves(got), leaves(expected))
