"""Under the alias a save writes the documented file; an older file of weights beside a new one is named."""
import logging
import subprocess
import sys

import pytest

CODE = """
import sys
from transformers import BertConfig, BertModel, WEIGHTS_NAME
import os, torch
sizes = dict(hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8, vocab_size=9)
model = BertModel(BertConfig(**sizes))
model.save_pretrained(sys.argv[1])
state = torch.load(os.path.join(sys.argv[1], WEIGHTS_NAME))
print(sorted(os.listdir(sys.argv[1])), len(state) == len(model.state_dict()))
"""


def test_old_code_finds_the_documented_file(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "formers", "run", "-c", CODE, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['config.json', 'pytorch_model.bin'] True\n"


@pytest.mark.parametrize("first, second", [("bin", "safetensors"), ("safetensors", "bin")])
def test_an_older_file_of_weights_is_named(tmp_path, caplog, first, second):
    from formers import BertConfig, BertModel

    model = BertModel(
        BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8, vocab_size=9)
    )
    names = {"bin": "pytorch_model.bin", "safetensors": "model.safetensors"}
    with caplog.at_level(logging.WARNING):
        model.save_pretrained(tmp_path, format=first)
        assert not caplog.records
        model.save_pretrained(tmp_path, format=second)
    assert f"also holds {names[first]} of an earlier save" in caplog.text
