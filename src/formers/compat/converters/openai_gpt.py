"""`transformers.convert_openai_original_tf_checkpoint_to_pytorch`."""

from __future__ import annotations

from formers.auto import MODEL_MAPPING
from formers.compat.converters import Path, original_model, write_folder


def convert_openai_checkpoint_to_pytorch(
    openai_checkpoint_folder_path: Path, openai_config_file: Path, pytorch_dump_folder_path: Path
) -> None:
    """Write GPT as its authors published it as weights and configuration of an `OpenAIGPTModel`.

    Args:
        openai_checkpoint_folder_path: The folder of the published files.
        openai_config_file: JSON file of its configuration; empty for that of the published GPT.
        pytorch_dump_folder_path: Folder to write to, made if missing.

    Raises:
        OSError: If a file is missing or damaged.
    """
    model = original_model("openai-gpt", openai_checkpoint_folder_path, openai_config_file, MODEL_MAPPING)
    write_folder(model, pytorch_dump_folder_path)
