import json

import pytest

from formers import MODEL_CARD_NAME, ModelCard


def test_saved_and_loaded(tmp_path):
    card = ModelCard(model_details={"a": 1}, metrics="F1", own={"b": 2})
    assert card.factors == {} and card.own == {"b": 2}
    card.save_pretrained(tmp_path)
    assert json.loads((tmp_path / MODEL_CARD_NAME).read_text()) == card.to_dict()
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    for name in (tmp_path, tmp_path / MODEL_CARD_NAME, tmp_path / "pytorch_model.bin"):
        assert ModelCard.from_pretrained(name) == card
    changed, unused = ModelCard.from_pretrained(tmp_path, metrics="accuracy", foo=1, return_unused_kwargs=True)
    assert changed.metrics == "accuracy" and unused == {"foo": 1}
    card.save_pretrained(tmp_path / "other.json")
    assert ModelCard.from_json_file(tmp_path / "other.json") == card
    assert ModelCard.from_dict(card.to_dict()) == card
    assert repr(card) == card.to_json_string()


def test_a_model_without_a_card(tmp_path, hub, caplog):
    assert ModelCard.from_pretrained(tmp_path) == ModelCard()
    assert ModelCard.from_pretrained("owner/tiny") == ModelCard()
    assert caplog.text == ""
    assert ModelCard.from_pretrained("owner/nothing") == ModelCard()
    assert "no model card of owner/nothing" in caplog.text


def test_bad_cards(tmp_path):
    (tmp_path / MODEL_CARD_NAME).write_text("{")
    with pytest.raises(OSError, match=MODEL_CARD_NAME):
        ModelCard.from_pretrained(tmp_path)
    with pytest.raises(ValueError, match="another meaning"):
        ModelCard(to_dict=1)
