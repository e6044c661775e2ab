import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from ivr.catalog.phrase import Slot
from ivr.errors import ConfigError
from ivr.media.format import MULAW_8K
from ivr.media.pcm import decode
from ivr.project.load import load
from ivr.project.settings.serving import ServeSettings
from ivr.project.starter import copy_starter, project_root, starter_root


@pytest.fixture(scope="module")
def starter():
    return load(starter_root(), {})


def seconds(project, clip):
    return project.store.clip(clip, MULAW_8K).samples / 8000


def test_it_loads_with_all_its_clips(starter):
    assert starter.settings.project == "Harbour Bank"
    assert len(starter.store.names) == 14


def test_the_words_before_the_balance_hide_the_lookup(starter):
    fixed, slot = starter.catalogues["en-US"].phrases["balance"].parts
    assert isinstance(slot, Slot)
    assert seconds(starter, fixed.clip) > 1.2


def test_the_filler_is_short(starter):
    assert 0.5 < seconds(starter, "one_moment") < 1.1


def test_the_hold_is_a_loop_without_a_seam(starter):
    clip = starter.store.clip("hold", MULAW_8K)
    samples = decode(clip.payload, MULAW_8K)
    assert clip.samples == 4 * 8000
    inside = abs(samples[1:] - samples[:-1]).max()
    assert abs(samples[0] - samples[-1]) <= inside
    assert clip.head == pytest.approx(clip.tail, abs=0.3)


def test_it_answers_by_caller():
    balance = load(starter_root(), {}, clips=False).functions["bank.balance"]
    assert asyncio.run(balance("+15550103")) < 0
    assert asyncio.run(balance("unknown")) == Decimal("1234.56")


def test_it_is_small():
    files = [path for path in (starter_root() / "audio").iterdir() if not path.name.startswith(".")]
    assert sum(path.stat().st_size for path in files) < 700_000


def test_a_copy_is_a_project(tmp_path):
    written = copy_starter(tmp_path / "mine")
    assert Path("prompts/ivr.yaml") in written
    assert Path("audio/ivr.lock") in written
    assert not [path for path in written if "__pycache__" in path.parts]
    assert len(load(tmp_path / "mine", {}).store.names) == 14


def test_nothing_is_written_over_unless_forced(tmp_path):
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/ivr.yaml").write_text("mine")
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(ConfigError, match="--force"):
        copy_starter(tmp_path)
    assert (tmp_path / "prompts/ivr.yaml").read_text() == "mine"
    copy_starter(tmp_path, force=True)
    assert (tmp_path / "prompts/ivr.yaml").read_text() != "mine"
    assert (tmp_path / "notes").read_text() == "mine"


def test_tokens_stay_out_of_its_history(tmp_path):
    copy_starter(tmp_path / "new")
    assert (tmp_path / "new/.gitignore").read_text() == "ivr.tokens\n.ivr.tokens.part\n.ivr.build\n.ivr.aside\n"
    (tmp_path / "old").mkdir()
    (tmp_path / "old/.gitignore").write_text("# mine\n/ivr.tokens\n*.bak")
    for _ in range(2):
        copy_starter(tmp_path / "old", force=True)
        assert (
            tmp_path / "old/.gitignore"
        ).read_text() == "# mine\n/ivr.tokens\n*.bak\n.ivr.tokens.part\n.ivr.build\n.ivr.aside\n"


def test_a_target_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match="cannot be"):
            copy_starter(target)


@pytest.mark.parametrize("name", ["prompts", "audio", "prompts/phrases"])
def test_a_file_in_the_place_of_a_directory_is_told_before_anything_is_written(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigError, match=f"{tmp_path / name}: this is a file, and is to be a directory"):
        copy_starter(tmp_path, force=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]


def test_a_file_called_prompts_is_not_passed_over_for_the_starter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts").write_text("")
    assert project_root(None) == Path()


def test_the_current_directory_is_meant_if_it_is_a_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert project_root(None) == starter_root()
    (tmp_path / "prompts").mkdir()
    assert project_root(None) == Path()
    assert project_root("there") == Path("there")


def test_it_names_every_setting_of_serving_with_its_default(starter):
    text = (starter_root() / "prompts" / "ivr.yaml").read_text()
    section = text.partition("\nserve:")[2].partition("\n\n")[0]
    assert [name for name in ServeSettings.model_fields if f" {name}: " not in section] == []
    assert starter.settings.serve == ServeSettings()


def test_the_manual_names_every_setting_of_serving():
    text = (Path(__file__).parents[2] / "docs" / "project.md").read_text()
    assert [name for name in ServeSettings.model_fields if f"\n| `{name}` | " not in text] == []
