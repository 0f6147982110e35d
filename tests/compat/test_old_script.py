"""A script as people wrote them for version 3.0.2 runs unchanged."""

import subprocess
import sys

import pytest

SCRIPT = """
import logging
import sys

import torch
from torch.utils.data import DataLoader, TensorDataset

import transformers
from transformers import WEIGHTS_NAME, CONFIG_NAME, AutoTokenizer, BertConfig, BertTokenizer, BertModel
from transformers import BertForSequenceClassification, is_tf_available, is_torch_available, pipeline
from transformers.configuration_bert import BERT_PRETRAINED_CONFIG_ARCHIVE_MAP
from transformers.file_utils import cached_path
from transformers.modeling_bert import BERT_PRETRAINED_MODEL_ARCHIVE_LIST, BertLayer, BertPreTrainedModel
from transformers.modeling_utils import PreTrainedModel
from transformers.pipelines import TextClassificationPipeline
from transformers.tokenization_bert import VOCAB_FILES_NAMES, BasicTokenizer
from transformers.tokenization_utils import PreTrainedTokenizer
from transformers.tokenization_utils_base import BatchEncoding

logging.getLogger("transformers.tokenization_utils").setLevel(logging.ERROR)
MODELS = {"bert": (BertConfig, BertForSequenceClassification, BertTokenizer)}


class OwnHead(BertPreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.bert = BertModel(config)
        self.score = torch.nn.Linear(config.hidden_size, 1)
        self.init_weights()

    def forward(self, input_ids=None, attention_mask=None):
        return (self.score(self.bert(input_ids, attention_mask=attention_mask)[1]),)


if __name__ == "__main__":
    folder = sys.argv[1]
    config_class, model_class, tokenizer_class = MODELS["bert"]
    tokenizer = tokenizer_class(folder + "/" + VOCAB_FILES_NAMES["vocab_file"])
    config = config_class(vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                          intermediate_size=8, num_labels=2)
    torch.manual_seed(0)
    model = model_class(config)
    batch = tokenizer.batch_encode_plus(["good film", "bad"], pad_to_max_length=True, max_length=6, return_tensors="pt")
    assert isinstance(batch, BatchEncoding) and isinstance(tokenizer, PreTrainedTokenizer)
    data = TensorDataset(batch["input_ids"], batch["attention_mask"], torch.tensor([1, 0]))
    no_decay = ["bias", "LayerNorm.weight"]
    groups = [
        {"params": [p for n, p in model.named_parameters() if not any(d in n for d in no_decay)], "weight_decay": 0.1},
        {"params": [p for n, p in model.named_parameters() if any(d in n for d in no_decay)], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.05)
    model.train()
    losses = []
    for _ in range(40):
        for ids, mask, labels in DataLoader(data, batch_size=2):
            loss, logits = model(ids, attention_mask=mask, labels=labels)[:2]
            loss.backward()
            optimizer.step()
            model.zero_grad()
            losses.append(loss.item())
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    model = model_class.from_pretrained(folder, output_attentions=True)
    logits, attentions = model(batch["input_ids"], attention_mask=batch["attention_mask"])
    own, info = OwnHead.from_pretrained(folder, output_loading_info=True)
    nlp = pipeline("sentiment-analysis", model=folder, tokenizer=folder)
    assert isinstance(nlp, TextClassificationPipeline) and isinstance(own, PreTrainedModel)
    print(transformers.__version__, losses[-1] < losses[0] / 4, logits.argmax(-1).tolist(), len(attentions))
    print(sorted(info["missing_keys"]), [r["label"] for r in nlp(["good film", "bad"])])
"""


@pytest.fixture
def work(tmp_path):
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "model").mkdir()
    (tmp_path / "model/vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film"])
    )
    return tmp_path


@pytest.mark.filterwarnings("ignore")
def test_runs_unchanged(work):
    command = [sys.executable, "-m", "formers", "run", "train.py", "model"]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "3.0.2 True [1, 0] 1",
        "['score.bias', 'score.weight'] ['LABEL_1', 'LABEL_0']",
    ]
