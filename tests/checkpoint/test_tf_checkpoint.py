import numpy
import pytest

from formers.checkpoint import CheckpointError, open_checkpoint
from formers.checkpoint.tf_checkpoint import bert_rule


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("bert/embeddings/word_embeddings", "bert.embeddings.word_embeddings.weight"),
        ("bert/embeddings/LayerNorm/gamma", "bert.embeddings.LayerNorm.weight"),
        ("bert/encoder/layer_11/attention/self/query/kernel", "bert.encoder.layer.11.attention.self.query.weight"),
        ("bert/encoder/layer_0/output/LayerNorm/beta", "bert.encoder.layer.0.output.LayerNorm.bias"),
        ("bert/pooler/dense/bias", "bert.pooler.dense.bias"),
        ("cls/predictions/output_bias", "cls.predictions.bias"),
        ("cls/seq_relationship/output_weights", "cls.seq_relationship.weight"),
    ],
)
def test_names(variable, name):
    assert bert_rule(variable).name == name


@pytest.fixture
def written(tmp_path):
    tf = pytest.importorskip("tensorflow")
    kernel = numpy.arange(6, dtype="float32").reshape(2, 3)
    names = ["bert/encoder/layer_0/output/dense/kernel", "bert/embeddings/word_embeddings", "global_step"]
    names += ["bert/encoder/layer_0/output/dense/kernel/adam_m"]
    prefix = str(tmp_path / "model.ckpt")
    tf.raw_ops.SaveV2(
        prefix=prefix, tensor_names=names, shape_and_slices=[""] * 4, tensors=[kernel, kernel, numpy.int64(1), kernel]
    )
    return tmp_path / "model.ckpt"


def test_reading(written):
    kernel = numpy.arange(6, dtype="float32").reshape(2, 3)
    for path in (written, f"{written}.index"):
        with open_checkpoint(path) as checkpoint:
            dense = "bert.encoder.layer.0.output.dense.weight"
            assert checkpoint.names() == ["bert.embeddings.word_embeddings.weight", dense]
            assert checkpoint.shape(dense) == (3, 2)
            assert numpy.array_equal(checkpoint.tensor(dense), kernel.T)
            assert numpy.array_equal(checkpoint.tensor(checkpoint.names()[0], "numpy"), kernel)


def test_missing_parts(written):
    next(written.parent.glob("*.data*")).unlink()
    with (
        pytest.raises(CheckpointError, match="damaged|not a complete TensorFlow checkpoint"),
        open_checkpoint(written) as opened,
    ):
        opened.tensor(opened.names()[0])


def test_without_tensorflow(tmp_path, monkeypatch):
    from formers import frameworks

    monkeypatch.setattr(frameworks, "is_installed", lambda package: package != "tensorflow")
    (tmp_path / "model.ckpt.index").write_bytes(b"x")
    with pytest.raises(ImportError, match=r"formers\[tf\]"):
        open_checkpoint(tmp_path / "model.ckpt.index")
