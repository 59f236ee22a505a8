"""What cannot be trained is refused in a line or two, before anything is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_dataset import write_dataset

from toonify.errors import ToonifyError
from toonify.plugins import create
from toonify.training import TrainRequest, train
from toonify.training.packaging import write_generator
from toonify.training.presets import preset_text
from toonify.training.runs import RunManifest

SETTINGS = {
    "description": "",
    "generator": {"name": "lite"},
    "paired": {"epochs": 1, "learning_rate": 1.0, "terms": {"ink": {"weight": 1.0}}},
}


@pytest.fixture
def refused(run):
    """The message of a command that must fail with this exit code, and leave nothing behind."""

    def refuse(*arguments: str | Path, exit_code: int) -> str:
        result = run("train", *arguments)
        assert result.exit_code == exit_code, result.output
        assert not Path("runs").exists()
        assert "bug in toonify" not in result.stderr
        return " ".join(result.stderr.split())

    return refuse


def test_no_dataset(refused):
    assert "there is no dataset dataset Make it: toonify prepare" in refused(exit_code=2)


def test_a_folder_that_is_no_dataset(refused, tmp_path):
    (tmp_path / "photos").mkdir()
    assert "photos is not a toonify dataset" in refused("photos", exit_code=1)


def test_a_dataset_of_another_schema_version(refused, tmp_path):
    folder = write_dataset(tmp_path / "old", "photo", "cartoon", "smoothed")
    document = json.loads((folder / "dataset.json").read_text())
    (folder / "dataset.json").write_text(json.dumps(document | {"schema": 0}))
    message = refused(folder, exit_code=1)
    assert "schema version 0" in message and "Make the dataset again" in message


def spoil_count(folder: Path) -> str:
    change_manifest(folder, lambda document: document["counts"]["train"].update(photo=-1))
    return "dataset.json is damaged: counts: train: photo should be 0 or more, not -1"


def spoil_size(folder: Path) -> str:
    change_manifest(folder, lambda document: document.update(size=-32))
    return "dataset.json is damaged: size should be 1 or more, not -32"


def spoil_shard_count(folder: Path) -> str:
    change_manifest(folder, lambda document: document["shards"]["train"]["photo"][0].update(count=-1))
    return "dataset.json is damaged: its shards of train photo"


def spoil_header(folder: Path) -> str:
    path = folder / "train" / "smoothed-00001.npy"
    path.write_bytes(b"\x93NUMPY\x02\x00\0\0\0\x80" + b" " * 2**20)
    return f"{path} is damaged: it holds no array of pictures"


def spoil_val(folder: Path) -> str:
    (folder / "val" / "photo-00000.npy").write_bytes(b"")
    return "val/photo-00000.npy is damaged"


def spoil_link(folder: Path) -> str:
    path = folder / "train" / "cartoon-00000.npy"
    path.unlink()
    path.symlink_to("/etc/passwd")
    return "cartoon-00000.npy lies outside the dataset's folder"


def change_manifest(folder: Path, change) -> None:
    path = folder / "dataset.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "spoil", [spoil_count, spoil_size, spoil_shard_count, spoil_header, spoil_val, spoil_link]
)
def test_a_hostile_dataset_is_refused_before_a_framework_is_started(refused, tmp_path, monkeypatch, spoil):
    def start(engine):
        raise AssertionError(f"{engine} was started")

    monkeypatch.setattr("toonify.training.checks.choose_backend", start)
    folder = write_dataset(tmp_path / "dataset", "photo", "cartoon", "smoothed")
    told = spoil(folder)
    message = refused(folder, "--batch-size", "2", exit_code=1)
    assert told in message
    assert "--batch-size" not in message


def never(*arguments: object) -> None:
    raise AssertionError(f"not yet: {arguments}")


@pytest.mark.parametrize(
    ("option", "name", "answer"),
    [
        ("--from", "comik", "no style 'comik'. Did you mean 'comic'?"),
        ("--from", "drawn", "the style 'drawn' has the generator 'unet', not 'lite'"),
        ("--best", "kit", "to choose the best checkpoint by called 'kit'. Did you mean 'kid'?"),
        ("--best", "change", "to choose the best checkpoint by called 'change'"),
        ("--loss", "lsgam", "no loss 'lsgam'. Did you mean 'lsgan'?"),
        ("--backbone", "vgg91", "no backbone 'vgg91'. Did you mean 'vgg19'?"),
    ],
)
def test_a_wrong_name_is_told_before_a_framework_is_started(
    refused, unpaired, monkeypatch, option, name, answer
):
    monkeypatch.setattr("toonify.training.checks.choose_backend", never)
    message = refused(unpaired, option, name, "--generator", "lite", "--batch-size", "2", exit_code=2)
    assert answer in message


SHOWN_BY_A_DATASET = [
    (
        "photo",
        "",
        "no cartoon and no smoothed pictures, which the adversarial phase learns from Prepare it",
    ),
    (
        "photo cartoon",
        "--preset whitebox --batch-size 4",
        "toonify prepare PHOTOS CARTOONS --superpixels",
    ),
    ("photo cartoon", "--preset pairs", "no paired pictures, which the paired phase learns from Make"),
    ("photo cartoon", "--backbone-weights a.h5", "--backbone-weights: there is no file"),
    ("paired", "", "It has pairs: choose a --preset for them, such as pairs"),
    ("paired", "--preset drawn", "no regions pictures, which the paired phase learns from Make them"),
    ("paired", "--preset pairs --batch-size 9", "has 8 paired pictures, fewer than a batch of 9"),
    ("paired", "--preset pairs --epochs 0", "there is nothing to train"),
    ("paired", "--preset pairs --best kid", "this run cannot measure 'kid': it has no "),
]

WITHOUT_KERAS = """
import json, os, sys
sys.modules["keras"] = None
from typer.testing import CliRunner
from toonify.cli.app import app

for folder, options in json.loads(sys.argv[1]):
    os.chdir(folder)
    done = CliRunner().invoke(app, ["train", "--batch-size", "8", *options.split()])
    print(json.dumps([done.exit_code, done.stderr]))
"""


@pytest.fixture(scope="module")
def without_keras(tmp_path_factory) -> dict[tuple[str, str], tuple[Path, int, str]]:
    """The folder, the exit code and the error of each case, in a process that cannot import Keras."""
    folders = []
    for arrays, _, _ in SHOWN_BY_A_DATASET:
        folders.append(tmp_path_factory.mktemp("without-keras"))
        smoothed = ("smoothed",) if "cartoon" in arrays else ()
        write_dataset(folders[-1] / "dataset", *arrays.split(), *smoothed)
    asked = [(str(folder), case[1]) for folder, case in zip(folders, SHOWN_BY_A_DATASET, strict=True)]
    command = [sys.executable, "-c", WITHOUT_KERAS, json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        case[:2]: (folder, *each)
        for case, folder, each in zip(SHOWN_BY_A_DATASET, folders, said, strict=True)
    }


@pytest.mark.parametrize(("arrays", "options", "answer"), SHOWN_BY_A_DATASET)
def test_what_a_dataset_and_a_preset_show_is_told_without_keras(without_keras, arrays, options, answer):
    folder, exit_code, error = without_keras[arrays, options]
    assert answer in " ".join(error.split())
    assert exit_code in (1, 2)
    assert len(error.splitlines()) == 2
    assert [path.name for path in folder.iterdir()] == ["dataset"]


ACME = """
    import keras
    from keras import ops
    from tiny_plugins import Tiny
    from toonify.plugins import LossTerm

    class Lost(LossTerm):
        def loss(self, context):
            return ops.mean(ops.log(context.generated - 100.0))

    class Signs(LossTerm):
        def loss(self, context):
            return 1 + ops.mean(ops.sign(context.generated))

    class Noisy(Tiny):
        def build(self):
            model = super().build()
            return keras.Model(model.input, keras.layers.GaussianNoise(0.1)(model.output, training=True))
"""


@pytest.fixture
def acme(install) -> None:
    terms = {"lost": "acme:Lost", "signs": "acme:Signs"}
    plugins = {"terms": terms, "generators": {"noisy": "acme:Noisy"}}
    install("acme", plugins, version="2.3", acme=ACME)


def test_a_strangers_term_that_is_no_number_is_not_said_of_the_learning_rate(
    run, pairs, tmp_path, acme, uncompiled
):
    preset = tmp_path / "lost.toml"
    preset.write_text(preset_text("pairs") + '\n[paired.terms.gone]\nweight = 1.0\nterm = "lost"\n', "utf-8")
    done = run("train", pairs, "--preset", preset, "--generator", "tiny", "--batch-size", "4", "-o", "run")
    assert done.exit_code == 1
    told = " ".join(done.stderr.split())
    assert "the very first loss is no number, before anything is learnt: gone is nan." in told
    assert "have a part in that: the term 'gone' of acme 2.3 A lower --learning-rate cannot help" in told


SIGNS = """
description = "Which numbers are above 0"
generator = { name = "lite", options = { width = 1 } }
batch_size = 2

[initialisation]
epochs = 3
learning_rate = 1e-3
terms = { count = { term = "signs", weight = 1.0 } }
"""
FLAT = (
    "the generator learns nothing in the initialisation phase: the derivatives of its loss (count) are "
    "all 0. Plugins of others have a part in that: the term 'count' of acme 2.3"
)


def test_a_loss_that_teaches_nothing_is_told_at_the_first_step(run, unpaired, acme, uncompiled):
    Path("signs.toml").write_text(SIGNS, "utf-8")
    done = run("train", unpaired, "--preset", "signs.toml", "-o", "run")
    assert done.exit_code == 1
    assert FLAT in " ".join(done.stderr.split())
    assert not Path("run/checkpoints").exists()


@pytest.mark.slow
def test_on_jax_too(unpaired, tmp_path, acme):
    Path("signs.toml").write_text(SIGNS, "utf-8")
    command = [sys.executable, "-m", "toonify", "train", unpaired, "--preset", "signs.toml", "-o", "run"]
    paths = [str(tmp_path / "site-packages"), str(Path(__file__).parent), os.environ["PYTHONPATH"]]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "KERAS_BACKEND": "jax"}
    done = subprocess.run([*command, "--engine", "jax"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert FLAT in " ".join(done.stderr.split())


def test_a_strangers_generator_that_toonify_will_not_run_is_told_before_it_learns(
    refused, pairs, tmp_path, acme, monkeypatch
):
    monkeypatch.setattr("toonify.training.models.build_models", never)
    told = refused(
        pairs, "--preset", "pairs", "--generator", "noisy", "--batch-size", "4", "-o", "run", exit_code=1
    )
    assert "the generator 'noisy' of acme 2.3 is not a generator that toonify will run: it uses" in told
    assert "docs/styles.md" in told
    assert not Path("run").exists()


def test_nor_is_its_file_named_when_its_style_is_made(tmp_path, acme):
    plugin = create("generators", "noisy", {})
    with pytest.raises(ToonifyError, match=r"^the generator 'noisy' of acme 2\.3 is not a gen") as caught:
        write_generator(plugin, plugin.build(), tmp_path / "generator.onnx", "noisy")
    assert str(tmp_path) not in str(caught.value)


def test_terms_of_a_strangers_are_made_after_keras_was_chosen(refused, pairs, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr("toonify.training.checks.choose_backend", asked.append)
    monkeypatch.setattr("toonify.training.checks.make_objectives", never)
    monkeypatch.setattr("toonify.training.checks.OWN", ())
    with pytest.raises(AssertionError, match="not yet"):
        train(TrainRequest(pairs, preset="pairs", batch_size=4))
    assert asked == ["tensorflow"]


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("--loss", "lsgan", "--loss-option", "clip=1"), "no option of the loss 'lsgan' called 'clip'"),
        (("--loss", "wgan", "--loss-option", "clip=-1"), "clip"),
        (("--backbone-option", "scale=unit"), "no option of the backbone 'vgg19' called 'scale'"),
        (("--best", "target"), "this run cannot measure 'target': it has no pairs and no heads"),
    ],
)
def test_what_cannot_be_is_told_before_weights_are_downloaded(
    refused, unpaired, monkeypatch, options, answer
):
    monkeypatch.setattr("toonify.training.pipeline.make_engine", never)  # a step before networks are made
    assert answer in refused(unpaired, *options, "--batch-size", "2", exit_code=2)


@pytest.mark.parametrize(
    ("option", "name", "answer"),
    [
        ("--generator", "light", "no generator 'light'. Did you mean 'lite'?"),
        ("--preset", "comics", "no preset 'comics'. Did you mean 'comic'?"),
        ("--loss-option", "clip=1", "no option of the loss 'gan' called 'clip'"),
        ("--generator-option", "widht=4", "called 'widht'. Did you mean 'width'?"),
        ("--generator-option", "width", "give it as KEY=VALUE"),
        ("--seed", str(2**32), "--seed should be 0 to 4294967295, not 4294967296"),
        ("--learning-rate", "-1", "--learning-rate should be above 0, not -1"),
    ],
)
def test_an_unknown_name_offers_the_nearest(refused, unpaired, option, name, answer):
    flags = ["--backbone-weights", "none", "--batch-size", "2"]
    assert answer in refused(unpaired, option, name, *flags, exit_code=2)


def test_an_unknown_layer_offers_the_nearest(refused, unpaired):
    flags = ["--batch-size", "2", "--backbone-weights", "none", "--generator", "lite"]
    message = refused(unpaired, *flags, "--content-layer", "block4_conv9", exit_code=2)
    assert "no layer 'block4_conv9'" in message and "block4_conv4" in message


def test_a_generator_without_heads_cannot_learn_from_pairs(refused, pairs):
    flags = ["--preset", "pairs", "--generator", "cartoongan", "--generator-option", "width=4"]
    assert "has no heads for the terms to supervise" in refused(pairs, *flags, exit_code=2)


def test_another_backend_of_keras(refused, pairs, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    message = refused(pairs, "--preset", "pairs", exit_code=2)
    assert "the engine is 'jax', but Keras runs on 'tensorflow'" in message


def test_an_output_folder_that_is_in_use(run, pairs, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    result = run("train", pairs, "--preset", "pairs", "-o", "full")
    assert result.exit_code == 2
    assert "full is not an empty folder" in result.stderr
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_an_output_folder_that_cannot_be_made(refused, pairs, tmp_path):
    (tmp_path / "file").write_text("")
    flags = ["--preset", "pairs", "--generator", "tiny", "--batch-size", "4"]
    message = refused(pairs, *flags, "-o", "file/run", exit_code=1)
    assert message == "error: file/run cannot be made: not a directory"


def run_json(folder: Path, learnt_from: Path, **changes: object) -> Path:
    document = {
        "schema": 1,
        "request": {
            "preset": "pairs",
            "seed": 0,
            "settings": SETTINGS,
            "engine": "tensorflow",
            "strategy": "none",
            "tensorboard": False,
        },
        "dataset": str(learnt_from),
        "dataset_hash": json.loads((learnt_from / "dataset.json").read_text())["content_hash"],
        "dataset_size": 32,
        "versions": {},
    }
    folder.mkdir()
    (folder / RunManifest.FILE).write_text(json.dumps(document | changes))
    return folder


def test_resuming_what_is_no_run(refused, tmp_path):
    assert "there is no folder nowhere" in refused("--resume", "nowhere", exit_code=2)
    assert "is not a toonify run: it has no run.json" in refused("--resume", tmp_path, exit_code=1)


def test_a_run_that_exists_is_not_begun_again(refused, pairs, tmp_path):
    run_json(tmp_path / "mine", pairs)
    message = refused(pairs, "--preset", "pairs", "-o", "mine", exit_code=2)
    assert "mine holds a run already Go on with it: toonify train --resume mine" in message


def test_a_dataset_that_changed_since_the_run_began(refused, pairs, tmp_path):
    run_json(tmp_path / "mine", pairs, dataset_hash="another")
    assert "has changed since mine began" in refused("--resume", "mine", exit_code=1)


def test_a_dataset_that_is_gone(refused, pairs, tmp_path):
    run_json(tmp_path / "mine", pairs, dataset=str(tmp_path / "gone"))
    message = refused("--resume", "mine", exit_code=2)
    assert (
        f"there is no dataset {tmp_path}/gone mine learns from it. If it has moved: toonify train" in message
    )


def test_another_dataset_than_that_of_the_run(refused, pairs, unpaired, tmp_path):
    run_json(tmp_path / "mine", pairs)
    message = refused(unpaired, "--resume", "mine", exit_code=1)
    assert f"{unpaired} is not the one that mine began with, which was {pairs}" in message


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        ({}, "run.json: 'preset' is missing"),
        (
            {"preset": "pairs", "seed": 0, "settings": {"description": "", "generator": 3}},
            "generator should be a table",
        ),
        ({"preset": 3}, "run.json: preset should be text, not 3"),
        (
            {"preset": "pairs", "seed": -1, "settings": SETTINGS},
            "run.json: seed should be 0 to 4294967295, not -1",
        ),
        (
            {"preset": "pairs", "seed": 1.5, "settings": SETTINGS},
            "run.json: seed should be a whole number, not 1.5",
        ),
        (
            {"preset": "pairs", "seed": 0, "settings": SETTINGS, "engine": "jaxx"},
            "called 'jaxx'. Did you mean 'jax'?",
        ),
    ],
)
def test_a_damaged_run(run, pairs, tmp_path, request_, complaint):
    run_json(tmp_path / "mine", pairs, request=request_)
    result = run("train", "--resume", "mine")
    assert result.exit_code == 1
    assert complaint in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    "option", [("--loss", "gan"), ("--seed", "3"), ("--batch-size", "2"), ("-o", "other")]
)
def test_resuming_takes_only_what_leaves_the_run_itself(refused, pairs, tmp_path, option):
    run_json(tmp_path / "mine", pairs)
    message = refused("--resume", "mine", *option, exit_code=2)
    assert "Only --epochs, --learning-rate," in message


def test_crops_too_small_for_the_generator(refused, tmp_path):
    preset = tmp_path / "cut.toml"
    preset.write_text(preset_text("pairs").replace("crop = 160", "crop = 7"))
    folder = write_dataset(tmp_path / "large", "paired", size=16)
    message = refused(folder, "--preset", preset, exit_code=2)
    assert "crops of 7 pixels are too small: the generator needs 8" in message
    assert "table [data] to a multiple of 8" in message


def test_pictures_too_small_for_the_generator(refused, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "toonify.training.pipeline.make_engine", never
    )  # a step before weights are downloaded
    folder = write_dataset(tmp_path / "small", "paired", size=4)
    message = refused(folder, "--preset", "pairs", exit_code=1)
    assert "of 4 pixels are too small: the generator needs 8" in message
