"""What trainers ask for beside the data: settings that name the columns and files of a release, ready to copy."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.emit.tables import present

_TAGS = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}


def write_trainer_files(splits: Mapping[str, int], place: Path) -> None:
    """Write dataset_info.json (LLaMA-Factory) and trainers/*.yaml (verl, Axolotl, ms-swift, TRL) under `place`.

    splits: {split: studies}; those without a study are not named.
    """
    folders = {split: f"data/{split}" for split in present(splits)}
    path = place / "dataset_info.json"
    path.write_text(json.dumps(_llama_factory(folders), indent=1) + "\n", encoding="utf-8")
    (place / "trainers").mkdir(exist_ok=True)
    for name, lines in (("verl", _verl(folders)), ("axolotl", _axolotl(folders)), ("ms-swift", _ms_swift(folders))):
        (place / "trainers" / f"{name}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _llama_factory(folders: Mapping[str, str]) -> dict[str, Any]:
    """`dataset_dir` is the release, `dataset` radiology_train and so on."""
    columns = {"messages": "conversations", "images": "images"}
    return {
        f"radiology_{split}": {"file_name": folder, "formatting": "sharegpt", "columns": columns, "tags": _TAGS}
        for split, folder in folders.items()
    }


def _verl(folders: Mapping[str, str]) -> list[str]:
    lines = ["# verl, supervised: paths are relative to the release", "data:"]
    lines += [f"  {name}: {folders[split]}/*.parquet" for name, split in _FILES if split in folders]
    return [*lines, "  multiturn:", "    enable: true", "    messages_key: messages_flat", "    image_key: images"]


_FILES = (("train_files", "train"), ("val_files", "validation"))


def _axolotl(folders: Mapping[str, str]) -> list[str]:
    lines = ["# Axolotl takes the first image of a row: select rows of one image first", "datasets:"]
    for split in (each for each in ("train",) if each in folders):
        lines += ["  - path: parquet", "    ds_type: parquet", f"    data_files: {folders[split]}", "    split: train"]
        lines += ["    type: chat_template", "    field_messages: messages"]
    return [*lines, "remove_unused_columns: false", "skip_prepare_dataset: true"]


def _ms_swift(folders: Mapping[str, str]) -> list[str]:
    lines = ["# swift sft --config FILE; columns that it does not know are dropped"]
    return [*lines, *(f"{name}: {folders[split]}/*.parquet" for name, split in _SETS if split in folders)]


_SETS = (("dataset", "train"), ("val_dataset", "validation"))
