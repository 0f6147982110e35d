"""Translation: a text in another language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from formers.pipelines.generating import GenerateCall
from formers.pipelines.task_names import languages_of
from formers.pipelines.text2text_generation import Text2TextGenerationPipeline


class TranslationPipeline(Text2TextGenerationPipeline):
    """Translates texts.

    The task names the languages: `"translation_en_to_fr"`. What the model has to be told about them is in the
    configuration's `task_specific_params` of that name, or is known to the tokenizer.

    Args:
        model: See `Text2TextGenerationPipeline`.
        tokenizer: The model's tokenizer.
        modelcard: See `Pipeline`.
        framework: See `Pipeline`.
        task: `"translation_en_to_fr"` or another pair of languages; `"translation"` will do for a model of one pair.
        **kwargs: See `Pipeline`.

    Raises:
        KeyError: If the tokenizer has a list of languages, and those of the task are not in it.
        ValueError: If the model knows several pairs of languages, and the task names none.
    """

    _key = "translation"

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        modelcard: Any = None,
        framework: str | None = None,
        task: str = "",
        **kwargs: Any,
    ) -> None:
        known = [name for name in getattr(model.config, "task_specific_params", None) or {} if languages_of(name)]
        if task == "translation" and len(known) > 1:
            raise ValueError(f"which languages? The model is made for the tasks {', '.join(known)}: name one of them")
        if task == "translation" and known:
            (task,) = known
        super().__init__(model, tokenizer, modelcard, framework, task, **kwargs)
        languages = languages_of(task)
        self._first_token: int | None = None
        if languages is not None and hasattr(self.tokenizer, "set_languages"):
            self._first_token = self.tokenizer.set_languages(*languages)

    def __call__(
        self,
        *args: Any,
        return_tensors: bool = False,
        return_text: bool = True,
        clean_up_tokenization_spaces: bool = False,
        **generate_kwargs: Any,
    ) -> list[dict[str, Any]]:
        """Translate texts.

        Args:
            *args: Texts, or one list, column or generator of them.
            return_tensors: Whether to return token ids.
            return_text: Whether to return text.
            clean_up_tokenization_spaces: Whether to remove spaces before punctuation and English contractions.
            **generate_kwargs: See `Text2TextGenerationPipeline`.

        Returns:
            A list of `{"translation_token_ids": tensor [length], "translation_text": str}`, one a text, or
            `num_return_sequences` for each.

        Raises:
            GenerationError: If an argument of `generate` cannot be.
        """
        return super().__call__(
            *args,
            return_tensors=return_tensors,
            return_text=return_text,
            clean_up_tokenization_spaces=clean_up_tokenization_spaces,
            **generate_kwargs,
        )

    def _generate_call(self, options: Mapping[str, Any]) -> GenerateCall:
        if self._first_token is not None:
            options = {**options, "generate": {"decoder_start_token_id": self._first_token, **options["generate"]}}
        return super()._generate_call(options)
