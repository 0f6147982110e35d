"""Names that only the documented modules had are found through them."""

import json

from formers.compat.encoder_decoder import prepare_encoder_decoder_model_kwargs

from .test_alias import ALIAS, python

# Module -> names that old code imports from it and that are not public names.
NAMES = {
    "commands": "BaseTransformersCLICommand",
    "commands.run": "RunCommand SUPPORTED_TASKS try_infer_format_from_ext",
    "commands.transformers_cli": "main",
    "convert_bert_original_tf_checkpoint_to_pytorch": "convert_tf_checkpoint_to_pytorch",
    "convert_bert_pytorch_checkpoint_to_original_tf": "convert_pytorch_checkpoint_to_tf",
    "convert_dialogpt_original_pytorch_checkpoint_to_pytorch": "convert_dialogpt_checkpoint",
    "convert_gpt2_original_tf_checkpoint_to_pytorch": "convert_gpt2_checkpoint_to_pytorch CONFIG_NAME WEIGHTS_NAME",
    "convert_openai_original_tf_checkpoint_to_pytorch": "convert_openai_checkpoint_to_pytorch",
    "convert_pytorch_checkpoint_to_tf2": "convert_pt_checkpoint_to_tf MODEL_CLASSES",
    "convert_t5_original_tf_checkpoint_to_pytorch": "convert_tf_checkpoint_to_pytorch",
    "configuration_auto": "BART_PRETRAINED_CONFIG_ARCHIVE_MAP",
    "configuration_marian": "PRETRAINED_CONFIG_ARCHIVE_MAP",
    "file_utils": "DUMMY_INPUTS DUMMY_MASK MULTIPLE_CHOICE_DUMMY_INPUTS PT_CAUSAL_LM_SAMPLE S3_BUCKET_PREFIX USE_TF "
    "USE_TORCH add_code_sample_docstrings add_start_docstrings_to_callable cached_property get_from_cache http_get "
    "is_psutil_available tf_required torch_required url_to_filename",
    "generation_tf_utils": "BeamHypotheses calc_banned_bad_words_ids calc_banned_ngram_tokens shape_list "
    "sample_without_replacement tf_top_k_top_p_filtering",
    "generation_utils": "BeamHypotheses calc_banned_bad_words_ids calc_banned_ngram_tokens top_k_top_p_filtering",
    "hf_api": "HfApi HfFolder ModelInfo",
    "modelcard": "MODEL_CARD_NAME ModelCard",
    "modeling_openai": "ACT_FNS",
    "modeling_roberta": "BertLayerNorm add_start_docstrings_to_callable",
    "modeling_tf_bert": "MULTIPLE_CHOICE_DUMMY_INPUTS gelu swish",
    "modeling_tf_t5": "DUMMY_INPUTS DUMMY_MASK",
    "modeling_utils": "GenerationMixin PoolerStartLogits SQuADHead SequenceSummary find_pruneable_heads_and_indices",
    "pipelines": "SUPPORTED_TASKS _ScikitCompat get_framework",
    "testing_utils": "require_tf require_torch slow torch_device",
    "utils_encoder_decoder": "prepare_encoder_decoder_model_kwargs",
}


def test_names_that_only_the_documented_modules_had():
    code = ALIAS + (
        "import importlib, json\n"
        f"names = {NAMES!r}\n"
        "print(json.dumps([f'{module}.{name}' for module in names for name in names[module].split()\n"
        "    if not hasattr(importlib.import_module(f'transformers.{module}'), name)]))"
    )
    assert json.loads(python(code).splitlines()[-1]) == []


def test_the_table_of_tasks_is_one_and_the_same():
    code = ALIAS + (
        "import formers.pipelines\nfrom transformers.pipelines import SUPPORTED_TASKS\n"
        "from transformers.commands.run import SUPPORTED_TASKS as same\n"
        "print(SUPPORTED_TASKS is formers.pipelines.SUPPORTED_TASKS is same)"
    )
    assert python(code) == "True"


def test_keywords_of_a_pair_of_models():
    encoder, decoder = prepare_encoder_decoder_model_kwargs(a=1, encoder_a=2, decoder_b=3, encoder_c=4)
    assert (encoder, decoder) == ({"a": 2, "c": 4}, {"a": 1, "b": 3})
