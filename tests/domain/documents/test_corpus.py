"""The corpus beside the project, held against what others read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.loopback.documents import BytesReader, corpus, f1, order_agreement, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")

# How well each group of the corpus was read when this was written, less a little.
THRESHOLDS = {
    "docx-to-pdf": 0.98,
    "encrypted": 0.97,
    "libreoffice": 0.99,
    "offlinecv": 0.97,
    "reactive-resume": 0.99,
    "rendercv": 0.99,
    "resumeforfree-text": 0.95,
    "texlive": 0.97,
}
RIGHT_TO_LEFT = "typst_rtl_fa.pdf"  # what others make of it agrees with nobody
SAMPLE = 8  # files of a group


@pytest.mark.parametrize("group", THRESHOLDS)
async def test_resumes_agree_with_what_others_read(reader: BytesReader, group: str) -> None:
    folder = corpus("resumes")
    files = [
        path
        for path in sorted((folder / "files" / group).iterdir())
        if references(folder, path) and "full" not in path.name and not path.name.startswith("userpw")
    ]
    scores = {}
    for path in files[:: -(-len(files) // SAMPLE)]:
        text = (await reader.read(path.read_bytes(), path.name)).text
        known = references(folder, path)
        best = max((f1(text, reference) for reference in known.values()), default=0.0)
        scores[path.name] = f1(text, known["truth"]) if "truth" in known else best
    threshold = THRESHOLDS[group]
    assert {
        name: score for name, score in scores.items() if score < threshold and name != RIGHT_TO_LEFT
    } == {}
    assert scores


async def test_columns_and_scripts_are_read_in_the_order_of_their_source(reader: BytesReader) -> None:
    folder = corpus("resumes")
    for path in sorted((folder / "files" / "resumeforfree-text").iterdir()):
        text = (await reader.read(path.read_bytes(), path.name)).text
        assert order_agreement(text, references(folder, path)["truth"]) > 0.99, path.name


async def test_scans_and_photographs_become_pictures(reader: BytesReader) -> None:
    folder = corpus("resumes")
    with (folder / "MANIFEST.csv").open(newline="") as manifest:
        scanned = [
            row["file"] for row in csv.DictReader(manifest) if row["file"].startswith(("scanned/", "photos"))
        ]
    assert len(scanned) == 15
    for file in scanned:
        found = await reader.read((folder / "files" / file).read_bytes(), file)
        assert found.is_scan, file
        assert len(found.pictures) == found.pages, file
        assert all(max(shown(picture).size) >= 1000 for picture in found.pictures), file


def references(folder: Path, path: Path) -> dict[str, str]:
    """What other extractors read in a file, and what its source says."""
    names = {how: f"{path.parent.name}@{path.name}.{how}.txt" for how in ("pdftotext", "pymupdf", "truth")}
    found = {how: folder / "reference" / name for how, name in names.items()}
    texts = {how: file.read_text(errors="replace") for how, file in found.items() if file.exists()}
    if not texts and path.suffix == ".docx":
        return references(folder, path.with_suffix(".pdf"))
    return texts
