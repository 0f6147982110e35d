"""Make the summarization starter: a T5 of 60 million weights that writes titles, stored in eight bits.

    python -m recipes.summarization                 # needs the extra `recipes`
    python -m recipes.summarization --evaluate      # compare titles with those of the original

The package `traceforge-title-model` carries the model as two ONNX graphs, for encoder and decoder, with matrices of
int8 and one scale for each. The same int8 values are written here, under the names of a T5 checkpoint, in the layout
of bitsandbytes, which has a scale for each row. Nothing is trained; pieces that English texts do not use are left out.
"""
import argparse
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from sentencepiece import sentencepiece_model_pb2
from torch import nn

from formers import T5Config, T5ForConditionalGeneration, T5Tokenizer
from formers.checkpoint import write_safetensors
from formers.tokenization.engines.sentencepiece import Pieces
from formers.tokenization.engines.sentencepiece_model import Kind, SentencePieceModel
from recipes.packages import fetch, wikitext
from recipes.publishing import place
from recipes.sentiment_data import splits

OUTPUT = Path(__file__).parents[1] / "src" / "formers" / "starter" / "summarization"
PIECES = 24_000
PREFIX = "summarize agent step: "  # the model was tuned with it
PAD, END = 0, 1
LONGEST = 512
TITLE = 32  # tokens at most, when titles are compared
WRITING = {
    "early_stopping": True,
    "length_penalty": 0.8,
    "max_length": 60,
    "min_length": 4,
    "no_repeat_ngram_size": 2,
    "num_beams": 4,
    "prefix": PREFIX,
    "repetition_penalty": 1.3,
}


def titler(work: Path) -> Path:
    """The folder with `encoder.onnx`, `decoder.onnx` and `tokenizer.json`."""
    return fetch("traceforge-title-model", work) / "traceforge_title_model" / "data" / "span"


def stored(path: Path) -> Iterator[tuple[str, np.ndarray, float | None]]:
    """The weights of a graph.

    Yields:
        The name of each weight in a T5 checkpoint; its values in PyTorch's layout, integers less their zero point; and
        their scale, None for those that are floating-point numbers.
    """
    graph = onnx.load(str(path)).graph
    values = {one.name: numpy_helper.to_array(one) for one in graph.initializer}

    def name_of(text: str) -> str:
        return text.removeprefix("m.").replace("enc.", "encoder.", 1) + ".weight"

    for node in graph.node:
        # A node is called after the module it comes from: /m/decoder/block.0/layer.0/SelfAttention/q/MatMul_quant.
        module = node.name.strip("/").rpartition("/")[0].replace("/", ".")
        for quantized in node.input:
            if quantized in values and quantized.endswith("_quantized"):
                base = quantized.removesuffix("_quantized")
                numbers = values[quantized].astype(np.int16) - values[base + "_zero_point"].astype(np.int16)
                if node.op_type == "MatMulInteger":
                    numbers = numbers.T
                name = "shared.weight" if len(numbers) > 1000 and node.op_type == "Gather" else name_of(module)
                yield name, numbers, float(values[base + "_scale"])
    for given, numbers in values.items():
        if given.endswith("norm.weight"):
            yield name_of(given.removesuffix(".weight")), numbers, None


def texts(work: Path) -> Iterator[str]:
    """English texts, to count pieces in: film reviews and Wikipedia."""
    yield from (text for text, _ in splits(work).reviews)
    yield from paragraphs(work, "train")


def paragraphs(work: Path, split: str) -> list[str]:
    """The paragraphs of WikiText-2, without the marks that it is cut by."""
    found = []
    for line in wikitext(work, split).splitlines():
        line = re.sub(r" @(.)@ ", r"\1", line.strip())
        line = re.sub(r" ([,.;:!?%)\]]|'s|n't)", r"\1", line).replace("( ", "(").replace("[ ", "[")
        if len(line.split()) >= 40 and "<unk>" not in line:
            found.append(line)
    return found


def choose_pieces(pieces: Pieces, work: Path) -> list[int]:
    """The pieces that English texts use most, single characters of the Latin script, and the special ones."""
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts(work):
        batch.append(text)
        if len(batch) == 500:
            counts.update(number for row in pieces.ids(batch) for number in row)
            batch.clear()
    counts.update(number for row in pieces.ids(batch) for number in row)

    def stays(number: int) -> bool:
        piece = pieces.model.pieces[number]
        letter = piece.text.removeprefix("▁") or "▁"
        return piece.kind is not Kind.NORMAL or (len(letter) == 1 and (ord(letter) < 0x250 or ord(letter) >= 0x2000))

    plain = [number for number, piece in enumerate(pieces.model.pieces) if not piece.text.startswith("<extra_id_")]
    kept = [number for number in plain if stays(number)]
    others = sorted(set(plain) - set(kept), key=lambda number: (-counts[number], number))
    kept = sorted(kept + others[: PIECES - len(kept)])
    share = sum(counts[number] for number in kept) / counts.total()
    print(f"vocabulary: {len(kept)} of {len(plain)} pieces, {share:.5f} of the texts", flush=True)
    return kept


def write_pieces(model: SentencePieceModel, kept: Iterable[int], path: Path) -> None:
    """Write the SentencePiece model that has these pieces only."""
    proto = sentencepiece_model_pb2.ModelProto()
    for number in kept:
        piece = model.pieces[number]
        proto.pieces.add(piece=piece.text, score=piece.score, type=int(piece.kind))
    proto.trainer_spec.model_type = proto.trainer_spec.UNIGRAM
    proto.trainer_spec.vocab_size = len(proto.pieces)
    proto.trainer_spec.pad_id, proto.trainer_spec.eos_id, proto.trainer_spec.unk_id = PAD, END, 2
    proto.trainer_spec.bos_id = -1
    proto.normalizer_spec.name = "nmt_nfkc"
    proto.normalizer_spec.precompiled_charsmap = model.charsmap
    path.write_bytes(proto.SerializeToString())


def checkpoint(source: Path, kept: list[int]) -> dict[str, torch.Tensor]:
    """The tensors of the checkpoint: int8 with scales, those of norms and positions in half precision."""
    tensors = {}
    for graph in ("encoder", "decoder"):
        for name, numbers, scale in stored(source / f"{graph}.onnx"):
            if name in ("shared.weight", "lm_head.weight"):
                numbers = numbers[kept]
            if scale is None or "relative_attention_bias" in name:
                tensors[name] = torch.from_numpy(np.array(numbers, np.float32) * (scale or 1.0)).half()
                continue
            if abs(numbers).max() > 128:
                raise ValueError(f"{name} has the number {abs(numbers).max()}; int8 ends at 127")
            tensors[name] = torch.from_numpy(numbers.astype(np.int8))
            tensors[name.removesuffix("weight") + "SCB"] = torch.full((len(numbers),), 127 * scale)
    return tensors


def make(work: Path, output: Path) -> None:
    """Write the checkpoint folder."""
    source, making = titler(work), work / "output"
    making.mkdir(parents=True, exist_ok=True)
    pieces = Pieces(str(source / "tokenizer.json"))
    kept = choose_pieces(pieces, work)
    write_pieces(pieces.model, kept, making / "spiece.model")
    options = {"extra_ids": 0, "model_max_length": LONGEST, "add_eos_token": True}
    T5Tokenizer(str(making / "spiece.model"), **options).save_pretrained(str(making))
    tensors = checkpoint(source, kept)
    config = T5Config(
        architectures=["T5ForConditionalGeneration"],
        vocab_size=len(kept),
        n_positions=LONGEST,
        d_model=512,
        d_kv=64,
        d_ff=1024,
        num_layers=8,
        num_heads=6,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        decoder_start_token_id=PAD,
        task_specific_params={"summarization": WRITING},
    )
    config.save_pretrained(str(making))
    write_safetensors(making / "model.safetensors", tensors)
    place(making, output, ("config.json", "model.safetensors", "spiece.model", "tokenizer_config.json"))


class Original:
    """The original model.

    Args:
        work: folder for downloads.
    """

    def __init__(self, work: Path) -> None:
        source = titler(work)
        options = onnxruntime.SessionOptions()
        # Without it, sums of eight-bit products overflow on processors that have AVX2 only, and the titles are others.
        options.add_session_config_entry("session.x64quantprecision", "1")
        self.encoder, self.decoder = (
            onnxruntime.InferenceSession(str(source / f"{graph}.onnx"), options, providers=["CPUExecutionProvider"])
            for graph in ("encoder", "decoder")
        )
        self.pieces = Pieces(str(source / "tokenizer.json"))

    def states(self, text: str) -> np.ndarray:
        """The encoder's states. *Shape:* `[1, seq, 512]`."""
        ids = np.array([[*self.pieces.ids([PREFIX + text])[0][: LONGEST - 1], END]])
        return self.encoder.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]

    def title(self, states: np.ndarray) -> str:
        """The title, each token the likeliest after those before it."""
        title = [PAD]
        fixed = {"encoder_hidden_states": states, "encoder_attention_mask": np.ones(states.shape[:2], np.int64)}
        while title[-1] != END and len(title) < TITLE:
            title.append(int(self.decoder.run(None, {"input_ids": np.array([title]), **fixed})[0][0, -1].argmax()))
        return self.pieces.decode([self.pieces.model.pieces[number].text for number in title])


def round_inputs(model: nn.Module) -> None:
    """Have every matrix read values of eight bits, with one scale for all, as the original has it."""

    def rounded(_: nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        inputs, *others = given
        low, high = min(inputs.min().item(), 0.0), max(inputs.max().item(), 0.0)
        step = (high - low) / 255 or 1.0
        zero = round(-low / step)
        return ((inputs / step).round() + zero).clamp(0, 255).sub(zero) * step, *others

    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.register_forward_pre_hook(rounded)


def rouge_l(one: str, other: str) -> float:
    """The F-measure of the longest common subsequence of words (Lin, 2004)."""
    a, b = one.lower().split(), other.lower().split()
    lengths = [0] * (len(b) + 1)
    for word in a:
        diagonal = 0
        for i, same in enumerate(b, 1):
            diagonal, lengths[i] = lengths[i], diagonal + 1 if word == same else max(lengths[i], lengths[i - 1])
    return 2 * lengths[-1] / (len(a) + len(b)) if a or b else 1.0


@torch.no_grad()
def evaluate(work: Path, output: Path, number: int) -> dict[str, float]:
    """Compare the checkpoint with the original on held-out texts: their titles, and their encoders' states.

    Both take the likeliest token each time. The original rounds what matrices read to eight bits, too, a few values of
    great size among them; so the states are compared as they are, and with such rounding.

    Args:
        work: folder for downloads.
        output: the checkpoint.
        number: how many paragraphs of Wikipedia, and how many reviews.

    Returns:
        The share of the same titles, the mean ROUGE-L of titles, and the mean cosines of states.
    """
    wanted = Original(work)
    tokenizer = T5Tokenizer.from_pretrained(str(output))
    model, rounded = (T5ForConditionalGeneration.from_pretrained(str(output)) for _ in range(2))
    round_inputs(rounded)
    chosen = paragraphs(work, "test")[:number] + [text for text, _ in splits(work).held_out_reviews[:number]]
    figures: dict[str, list[float]] = {"same title": [], "ROUGE-L": [], "states": [], "states, rounded": []}
    for i, text in enumerate(chosen):
        ids = torch.tensor([tokenizer(PREFIX + text, truncation=True, max_length=LONGEST)["input_ids"]])
        states = wanted.states(text)
        if states.shape[1] == ids.shape[1]:  # no piece of the text is left out
            for name, one in (("states", model), ("states, rounded", rounded)):
                found = one.get_encoder()(ids)[0]
                figures[name].append(F.cosine_similarity(found, torch.from_numpy(states), dim=-1).mean().item())
        (found,) = model.generate(ids, max_length=TITLE, num_beams=1, do_sample=False)
        titles = tokenizer.decode(found, skip_special_tokens=True), wanted.title(states)
        figures["same title"].append(titles[0] == titles[1])
        figures["ROUGE-L"].append(rouge_l(*titles))
        if i % 10 == 0:
            print(f"{titles[0]!r}; original: {titles[1]!r}", flush=True)
    measured = {name: sum(values) / len(values) for name, values in figures.items()}
    print(f"{len(chosen)} texts: " + ", ".join(f"{name} {value:.3f}" for name, value in measured.items()), flush=True)
    return measured


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/summarization"), help="folder for downloads")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the checkpoint folder")
    parser.add_argument("--evaluate", action="store_true", help="only compare the checkpoint in --output")
    parser.add_argument("--texts", type=int, default=100, help="how many texts of each kind to compare titles of")
    options = parser.parse_args()
    if not options.evaluate:
        make(options.work, options.output)
    evaluate(options.work, options.output, options.texts)


if __name__ == "__main__":
    main()
