"""The splits of the translation starter keep held-out sentences out of training."""
import zipfile

from recipes.translation_data import TESTED, VALIDATED, key, splits, with_variants


def test_no_held_out_sentence_is_trained_on(tmp_path):
    archive = tmp_path / "fra-eng.zip"
    lines = []
    for number in range(2000):
        lines.append(f"Sentence {number}.\tPhrase {number}\u202f!\tCC-BY")
        lines.append(f"sentence, {number}!\tAutre phrase {number}.\tCC-BY")  # the same English, but for its writing
        lines.append(f"Other {number}.\tphrase {number}\tCC-BY")  # the same French
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("fra.txt", "\n".join(lines))
    found = splits(tmp_path)  # what is there already is not downloaded
    assert (len(found.test), len(found.validation)) == (TESTED, VALIDATED)
    held_out = found.test + found.validation
    assert len({key(english) for english, _ in held_out}) == len(held_out)
    for side in (0, 1):
        hidden = {key(pair[side]) for pair in held_out}
        assert hidden.isdisjoint(key(pair[side]) for pair in found.training)
    assert 0 < len(found.training) < len(lines) - len(held_out)
    assert not any("\u202f" in french for _, french in found.training)


def test_variants_come_in_addition():
    pairs = [(f"I don't see {number}.", f"Je ne vois pas {number}.") for number in range(100)]
    made = with_variants(pairs)
    assert made[:100] == pairs and len(made) == 105
    assert made == with_variants(pairs)
    assert all(pair not in pairs for pair in made[100:])


def test_sentences_are_compared_without_writing():
    assert key("Ça va ?") == key("ça va!") != key("Ca va")
    assert key("It's 5.") == "its5"
