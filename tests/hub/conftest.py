import socket

import pytest
from tests.hub.fake_hub import FakeHub

VARIABLES = (
    "HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_HUB_OFFLINE TRANSFORMERS_OFFLINE TRANSFORMERS_CACHE PYTORCH_TRANSFORMERS_CACHE "
    "PYTORCH_PRETRAINED_BERT_CACHE TORCH_HOME HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy"
)


@pytest.fixture
def caches(tmp_path, monkeypatch):
    """Caches of our own: `default` and `standard` (that of huggingface_hub)."""
    from huggingface_hub import constants

    from formers.hub import request

    for name in VARIABLES.split():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "standard"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(request, "_reached", set())
    monkeypatch.setattr(request, "_unreachable", {})
    return {"default": tmp_path / "xdg" / "torch" / "transformers", "standard": tmp_path / "standard"}


@pytest.fixture
def hub(caches, monkeypatch):
    """A hub with some models, which is where `HF_ENDPOINT` points."""
    fake = FakeHub()
    fake.add("owner/tiny", config__json=b'{"model_type": "bert"}', model__safetensors=bytes(range(256)) * 40)
    fake.add("owner/tiny", "v1", config__json=b'{"model_type": "old"}')
    fake.moved["tiny"] = "owner/tiny"
    fake.large.add("model.safetensors")
    monkeypatch.setenv("HF_ENDPOINT", fake.url)
    yield fake
    fake.close()


@pytest.fixture
def no_network(monkeypatch):
    """Any try to use the network fails the test."""

    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
