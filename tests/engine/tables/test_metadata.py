import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.spaces import get_space
from engine.tables import Column, read_table
from engine.tables.metadata import guess_column, names_direction
from tests.engine.tables.files import A, B, write_csv


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("test_accuracy", "nas-bench-201-cifar10-200ep.csv", (True, "CIFAR-10", "test", 200)),
        ("cifar100_valid_acc", "x.csv", (True, "CIFAR-100", "validation", None)),
        ("cifar100 val acc 12 epochs", "cifar10_e200.csv", (True, "CIFAR-100", "validation", 12)),
        ("ImageNet16-120-x-valid", "hp200.csv", (True, "ImageNet16-120", "validation", 200)),
        ("testacc", "CIFAR-10_12epochs.csv", (True, "CIFAR-10", "test", 12)),
        ("cifar10-valid ori-test accuracy", "t.csv", (True, "CIFAR-10", "test", None)),
        ("cifar10-valid acc", "t.csv", (True, "CIFAR-10", "validation", None)),
        ("acc", "cifar10-and-cifar100-test-12ep-200ep.csv", (True, None, "test", None)),
        ("train_acc1es", "t.csv", (True, None, "train", None)),
        ("top-1", "imagenet.csv", (True, "ImageNet", None, None)),
        ("Accuracy (%)", "t.csv", (True, None, None, None)),
        ("test", "t.csv", (True, None, "test", None)),
        ("cifar10", "t.csv", (True, "CIFAR-10", None, None)),
        ("maccs", "t.csv", (False, None, None, None)),
        ("acceleration", "t.csv", (False, None, None, None)),
        ("test_loss", "cifar10.csv", (False, "CIFAR-10", None, None)),
        ("test_acc_std", "t.csv", (False, None, None, None)),
        ("value", "t.csv", (False, None, None, None)),
        ("latest", "t.csv", (False, None, None, None)),
        ("cifar10_synflow", "t.csv", (False, None, None, None)),
        ("valuable_acc", "nas-bench-201.csv", (True, None, None, None)),
    ],
)
def test_names_say_dataset_split_and_epochs(name: str, file: str, expected: tuple):
    column = guess_column(name, file)
    assert (column.accuracy, column.dataset, column.split, column.epochs) == expected
    assert column.name == name


WRITTEN = {
    "CIFAR-10": ["cifar10", "CIFAR-10", "Cifar_10", "cifar 10"],
    "CIFAR-100": ["cifar100", "CIFAR-100", "Cifar_100"],
    "CIFAR-10-C": ["cifar10c", "CIFAR-10-C", "cifar10_c"],
    "CIFAR-100-C": ["cifar100c", "CIFAR-100-C"],
    "CIFAR-10.1": ["cifar10.1", "CIFAR-10.1", "CIFAR10.1v6"],
    "Tiny-ImageNet": ["tinyimagenet", "TinyImageNet", "tiny-imagenet-200", "Tiny_ImageNet"],
    "ImageNet": ["imagenet1k", "ImageNet", "ILSVRC2012", "imagenet-1k", "imagenet_2012"],
    "ImageNet-V2": ["imagenetv2", "ImageNet-V2", "imagenet_v2"],
    "ImageNet16-120": ["imagenet16-120", "ImageNet16-120", "ImageNet16_120", "imagenet_16_120"],
    "ImageNet-21k": ["imagenet21k", "ImageNet-21k"],
    "SVHN": ["svhn", "SVHN"],
    "Fashion-MNIST": ["fmnist", "FashionMNIST", "fashion-mnist"],
    "MNIST": ["mnist", "MNIST"],
}
OTHERS = [
    "cifar10h",
    "cifar-10-lt",
    "cifar20",
    "ImageNet-A",
    "imagenet16",
    "imagenet64",
    "kmnist",
    "ninapro",
    "noisy cifar10",
]
SPLIT_WORDS = {"train": ["train", "Training"], "validation": ["val", "valid", "Validation"], "test": ["test", "Test"]}
EPOCH_WORDS = ["{}ep", "{} epochs", "{}Epochs", "e{}", "ep{}"]
QUANTITIES = {
    False: ["acc", "accuracy", "top1 acc", "Acc"],
    True: ["err", "error", "ErrorRate", "Fehler", "Erreur"],
}


def named(draw: st.DrawFn, parts: list[str]) -> str:
    """Write words in one name as people do: with signs between, or one in another's hump."""
    style = draw(st.sampled_from(["_", " ", "-", "camel"]))
    if style != "camel":
        return style.join(parts)
    return "".join(part[:1].upper() + part[1:] for part in parts)


@given(
    data=st.data(),
    dataset=st.sampled_from([None, *WRITTEN]),
    split=st.sampled_from([None, *SPLIT_WORDS]),
    epochs=st.sampled_from([None, 12, 90, 108, 200]),
    lower=st.booleans(),
)
def test_names_are_read_word_by_word(data, dataset, split, epochs, lower):
    parts = [] if dataset is None else [data.draw(st.sampled_from(WRITTEN[dataset]))]
    parts += [] if split is None else [data.draw(st.sampled_from(SPLIT_WORDS[split]))]
    parts += [data.draw(st.sampled_from(QUANTITIES[lower]))]
    parts += [] if epochs is None else [data.draw(st.sampled_from(EPOCH_WORDS)).format(epochs)]
    name = named(data.draw, parts)
    column = guess_column(name, "t.csv")
    assert (column.dataset, column.split, column.epochs) == (dataset, split, epochs), name
    assert (column.accuracy, column.lower_is_better) == (True, lower), name


@given(
    other=st.sampled_from(OTHERS), word=st.sampled_from(["acc", "test acc", "err"]), file=st.sampled_from(list(WRITTEN))
)
def test_what_is_not_known_is_no_dataset_whatever_the_file_is_called(other: str, word: str, file: str):
    assert guess_column(f"{other} {word}", f"{file}.csv").dataset is None


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("acc_12", "cifar10_200ep.csv", ("CIFAR-10", None, None)),
        ("val_acc_1", "cifar10_200ep.csv", ("CIFAR-10", "validation", None)),
        ("test_acc_run1", "cifar10_200ep.csv", ("CIFAR-10", "test", 200)),
        ("acc@1", "cifar10_test_200ep.csv", ("CIFAR-10", "test", 200)),
        ("brightness acc", "cifar10_test_200ep.csv", (None, None, None)),
        ("valtest-accuracy", "x_test.csv", (None, None, None)),
        ("cifar100 acc", "cifar10_test_200ep.csv", ("CIFAR-100", "test", 200)),
        ("train acc", "cifar10_test_200ep.csv", ("CIFAR-10", "train", 200)),
        ("acc 12ep", "cifar10_test_200ep.csv", ("CIFAR-10", "test", 12)),
        ("acc", "cifar10-c_12ep.csv.gz", ("CIFAR-10-C", None, 12)),
        ("acc", "cifar10-corrupted.csv", (None, None, None)),
        ("acc", "smith_results_cifar10_12ep.jsonl", ("CIFAR-10", None, 12)),
    ],
)
def test_a_file_says_only_what_a_column_leaves_open(name: str, file: str, expected: tuple):
    column = guess_column(name, file)
    assert (column.dataset, column.split, column.epochs) == expected


def test_imagenet_alone_may_be_the_small_one_in_a_table_of_nas_bench_201():
    space = get_space("nas-bench-201")
    for name, dataset in (("ImageNetTestAccuracy", None), ("imagenet1k acc", "ImageNet"), ("SVHN acc", "SVHN")):
        assert guess_column(name, "t.csv", space).dataset == dataset


@pytest.mark.parametrize(
    ("name", "accuracy", "lower"),
    [
        *((name, True, True) for name in ("test_err", "error", "TestError", "top1_error", "val error rate", "1-acc")),
        *((name, True, True) for name in ("1.0 - val_acc", "100 - accuracy", "one_minus_acc", "1 - top1")),
        *((name, True, False) for name in ("1-err", "1 - test_error", "100-err", "one minus error rate")),
        *((name, False, True) for name in ("neg_acc", "-accuracy", "val_acc_neg", "val_cross_entropy", "gpu_hours")),
        *((name, False, False) for name in ("-err", "\u2212loss", "acc_err", "test_acc_error", "error_corrected_acc")),
        *((name, False, True) for name in ("val_loss", "ValLoss", "perplexity", "test_ppl", "nll", "latency_ms")),
        *((name, False, False) for name in ("std_error", "stderr", "acc_std", "neg_loss", "rank", "params", "score")),
        *((name, True, False) for name in ("test_acc", "top-1", "x-valid")),
        ("top5_acc", False, False),
    ],
)
def test_names_say_which_direction_is_better(name: str, accuracy: bool, lower: bool):
    column = guess_column(name, "t.csv")
    assert (column.accuracy, column.lower_is_better) == (accuracy, lower)
    assert names_direction(name) == (accuracy or lower)


def test_a_surrogate_is_said_to_be_one():
    assert guess_column("surrogate_val_accuracy", "darts.csv").surrogate
    assert guess_column("acc", "nb301-surrogate.csv").surrogate
    assert not guess_column("val_accuracy", "darts.csv").surrogate


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"columns": {"acc": {"split": "dev"}}}', r"t\.csv\.json: columns\.acc\.split: .*'dev' given"),
        ('{"columns": {"acc": {"epochs": "12"}}}', r"columns\.acc\.epochs: .*'12' given"),
        ('{"columns": {"acc": {"epochs": -1}}}', r"t\.csv\.json: column 'acc': -1 epochs"),
        ('{"columns": {"other": {}}}', r"t\.csv\.json: unknown column 'other'; allowed: acc"),
        ('{"columns": {"acc": {"kind": "x"}}}', "kind"),
        ("[]", r"t\.csv\.json: "),
        ("{", r"t\.csv\.json: "),
        ("{" + " " * 1_000_000 + "}", r"t\.csv\.json says too much"),
    ],
)
def test_a_wrong_sidecar_is_an_error(text: str, message: str, tmp_path: Path):
    path = write_csv(tmp_path / "t.csv")
    path.with_name("t.csv.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_table(path)


def test_a_sidecar_says_what_numbers_are(tmp_path: Path):
    (tmp_path / "t.csv").write_text(f"arch,q\n{A},0.25\n{B},0.5\n")
    (tmp_path / "t.csv.json").write_text('{"columns": {"q": {"accuracy": true, "lower_is_better": true}}}')
    table = read_table(tmp_path / "t.csv")
    assert table.column("q").description.startswith("Error (%)")
    assert table.of("q").tolist() == [25, 50]
    assert "Column 'q': less is better." in table.report.notes


def test_a_sidecar_says_what_the_file_does_not(tmp_path: Path):
    path = write_csv(tmp_path / "t-12ep.csv")
    content = {"columns": {"acc": {"dataset": "my own data", "split": "validation"}}}
    path.with_name("t-12ep.csv.json").write_text(json.dumps(content))
    assert read_table(path).columns == (Column("acc", True, "my own data", "validation", 12),)
