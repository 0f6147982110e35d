"""The teacher of the text-generation starter, and the vocabulary made of its own."""
import struct

import pytest
import torch
from recipes import storyteller
from recipes.story_vocabulary import END, choose_pieces, write_vocabulary
from recipes.transplant import transplant

from formers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

WIDTH, INNER, LAYERS, HEADS, PIECES, LONGEST = 16, 48, 2, 2, 300, 12


@pytest.fixture
def file(tmp_path, monkeypatch):
    numbers = (
        PIECES * WIDTH + LAYERS * (2 * WIDTH + 4 * WIDTH * WIDTH + 3 * WIDTH * INNER) + WIDTH + LONGEST * WIDTH // HEADS
    )
    values = torch.randn(numbers, generator=torch.Generator().manual_seed(0)) / 2
    header = struct.pack("7i", WIDTH, INNER, LAYERS, HEADS, HEADS, PIECES, LONGEST)
    merged = [b" t", b"he", b" the", b"  ", b" a", b"nd", b" and", *(bytes([byte]) for byte in range(32, 66))]
    pieces = [b"<unk>", b"<s>", b"</s>", *(bytes([byte]) for byte in range(256)), *merged]
    content = struct.pack("i", 4) + b"".join(struct.pack("fi", 0.0, len(piece)) + piece for piece in pieces)
    model = header + values.numpy().tobytes()
    monkeypatch.setattr(storyteller, "MODEL_BYTES", len(model))
    (tmp_path / "both.data").write_bytes(model + content)
    return tmp_path / "both.data"


def test_a_told_text_is_drawn_from_the_scores_of_the_whole_text(file):
    teacher = storyteller.read_model(file)
    told = teacher.tell(3, 1e-6, start=1, seed=0)  # so cold that the likeliest piece is taken
    assert told.shape == (3, LONGEST) and (told[:, 0] == 1).all()
    scores = teacher.scores(teacher.states(told)[-1])
    assert torch.equal(scores[:, :-1].argmax(-1), told[:, 1:])


def test_a_file_of_another_length_is_refused(file):
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(ValueError, match="has 5000 bytes of a model; expected"):
        storyteller.read_model(file)


def test_the_chosen_pieces_merge_as_the_teacher_s_do(file, tmp_path):
    pieces = storyteller.read_pieces(file)
    expected = [1.0] * len(pieces)
    rows = choose_pieces(pieces, expected, 256 + 7)
    assert len(rows) == len(set(rows)) == 263 and rows[-1] == storyteller.START
    write_vocabulary(pieces, rows, tmp_path)
    tokenizer = GPT2Tokenizer(str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"), add_prefix_space=True)
    assert tokenizer.tokenize("the and he é") == ["Ġthe", "Ġand", "Ġ", "he", "Ġ", "Ã", "©"]
    assert tokenizer.convert_tokens_to_ids(END) == 262


def test_a_transplanted_student_is_closer_to_the_teacher_than_a_fresh_one(file):
    teacher = storyteller.read_model(file)
    torch.manual_seed(0)
    model = GPT2LMHeadModel(
        GPT2Config(vocab_size=PIECES, n_positions=LONGEST, n_ctx=LONGEST, n_embd=24, n_layer=LAYERS, n_head=HEADS)
    ).eval()
    texts = torch.randint(PIECES, (200, LONGEST))
    wanted = teacher.scores(teacher.states(texts[:20])[-1]).log_softmax(-1)

    def distance():
        with torch.no_grad():
            found = model(texts[:20])[0].log_softmax(-1)
        return (wanted.exp() * (wanted - found)).sum(-1).mean().item()

    fresh = distance()
    transplant(teacher, model, texts[20:])
    assert distance() < 0.6 * fresh
