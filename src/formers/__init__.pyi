# The public names, one block an owner module; read at run time by lazy_loader.

# configuration, hub, model cards
from .configuration import CONFIG_NAME as CONFIG_NAME
from .configuration import PretrainedConfig as PretrainedConfig
from .families.bert.configuration import BERT_PRETRAINED_CONFIG_ARCHIVE_MAP as BERT_PRETRAINED_CONFIG_ARCHIVE_MAP
from .families.bert.configuration import BertConfig as BertConfig
from .families.distilbert.configuration import (
    DISTILBERT_PRETRAINED_CONFIG_ARCHIVE_MAP as DISTILBERT_PRETRAINED_CONFIG_ARCHIVE_MAP,
)
from .families.distilbert.configuration import DistilBertConfig as DistilBertConfig
from .families.roberta.configuration import (
    ROBERTA_PRETRAINED_CONFIG_ARCHIVE_MAP as ROBERTA_PRETRAINED_CONFIG_ARCHIVE_MAP,
)
from .families.roberta.configuration import RobertaConfig as RobertaConfig
from .frameworks import is_apex_available as is_apex_available
from .frameworks import is_psutil_available as is_psutil_available
from .frameworks import is_py3nvml_available as is_py3nvml_available
from .frameworks import is_tf_available as is_tf_available
from .frameworks import is_torch_available as is_torch_available
from .frameworks import is_torch_tpu_available as is_torch_tpu_available
