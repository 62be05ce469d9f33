import json
from pathlib import Path

import pytest

from engine.tables import Column, read_table
from engine.tables.metadata import guess_column
from tests.engine.tables.files import write_csv


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


def test_a_sidecar_says_what_the_file_does_not(tmp_path: Path):
    path = write_csv(tmp_path / "t-12ep.csv")
    content = {"columns": {"acc": {"dataset": "my own data", "split": "validation"}}}
    path.with_name("t-12ep.csv.json").write_text(json.dumps(content))
    assert read_table(path).columns == (Column("acc", True, "my own data", "validation", 12),)
