"""Metadata of a release for machines: Croissant 1.1 with the RAI vocabulary, counted from the same facts as the card.

Format: http://mlcommons.org/croissant/1.1 and http://mlcommons.org/croissant/RAI/1.0. An image column is readable only
as a repeated ImageObject whose bytes are picked by a JSON path.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from curate import contracts

Facts = Mapping[str, Any]
_TYPES = {
    "string": "sc:Text", "bool": "sc:Boolean", "int16": "sc:Integer", "int32": "sc:Integer", "float64": "sc:Float",
    "date32": "sc:Date",
}  # fmt: skip
_TERMS = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileObject fileProperty fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
)
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS.split()},
}


def write_croissant(facts: Facts, root: Path, path: Path, digest_of: Callable[[Path], str]) -> None:
    """Write croissant.json for the files of image_text under `root`; equal facts and files give equal bytes.

    digest_of: SHA-256 of a file, as hexadecimal.
    """
    files = sorted((root / "data").rglob("*.parquet"))
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": "radiology-studies",
        "description": "Radiology studies: de-identified images and reports, one row a study.",
        "version": "1.0.0",
        "distribution": list(_distribution(files, root, digest_of)),
        "recordSet": [_records()],
        **_responsible(facts),
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _distribution(files: Iterable[Path], root: Path, digest_of: Callable[[Path], str]) -> Iterator[dict[str, Any]]:
    for path in files:
        name = path.relative_to(root).as_posix()
        yield {
            "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name,
            "encodingFormat": "application/x-parquet", "sha256": digest_of(path),
        }  # fmt: skip
    yield {
        "@type": "cr:FileSet", "@id": "shards", "name": "shards", "encodingFormat": "application/x-parquet",
        "includes": "data/*/*.parquet",
    }  # fmt: skip


def _records() -> dict[str, Any]:
    """The columns that are plain values, and the images."""
    fields = [made for field in contracts.load("image_text").fields if (made := _field(field))]
    return {"@type": "cr:RecordSet", "@id": "studies", "name": "studies", "field": fields}


def _field(field: Mapping[str, Any]) -> dict[str, Any] | None:
    name = field["name"]
    source: dict[str, Any] = {"fileSet": {"@id": "shards"}, "extract": {"column": name}}
    made = {"@type": "cr:Field", "@id": f"studies/{name}", "name": name, "description": field.get("doc", "")}
    if field.get("items") == "image":
        source["transform"] = {"jsonPath": "bytes"}
        return {**made, "dataType": "sc:ImageObject", "repeated": True, "source": source}
    return {**made, "dataType": _TYPES[field["type"]], "source": source} if field["type"] in _TYPES else None


def _responsible(facts: Facts) -> dict[str, Any]:
    """Fields of the RAI vocabulary, in sentences that the facts fill."""
    run, left = facts["run"], facts["leaks"]["pairs_across_splits"]["left"]
    codes, digest = "+".join(run["profile_codes"]), run["policy_digest"]
    return {
        "rai:dataCollection": f"Studies of care and their reports. Modalities: {', '.join(facts['modalities'])}.",
        "rai:dataCollectionType": "Secondary use of records of care",
        "rai:dataPreprocessingProtocol": [
            f"De-identified by radcurate {run['version']} under the policy with SHA-256 {digest}.",
            f"Confidentiality profile and options: {codes} (DICOM PS3.16, CID 7050).",
            "Images are 8-bit PNG after the window that image_meta names.",
            f"Splits are drawn by patient. Pairs of like studies that are left across splits: {left}.",
        ],
        "rai:dataBiases": "README.md counts population, labels, and what was left out, from the shards.",
        "rai:dataLimitations": "Renderings of no use in care. What a report does not mention may still be there.",
        "rai:personalSensitiveInformation": "Pseudonymised health data: they stay personal data under the GDPR.",
        "rai:dataUseCases": "Training and evaluation of models that read radiology images and write or read reports.",
    }
