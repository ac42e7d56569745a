"""What a reading of a resume is held against: its source where that is known, else what others agree on."""

from __future__ import annotations

import csv
import re
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pypdf
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from tests.loopback.documents import CORPUS, tokens

RESUMES = CORPUS / "resumes"
REFERENCES = ("pdftotext", "pymupdf")
# Built on the same library: one is no witness for the other.
KIN = {"ours": "pypdfium2"}

_SEEN = tomllib.loads(Path(__file__).with_name("corrections.toml").read_text())["seen"]
CORRECTIONS = {name: seen for seen in _SEEN for name in seen["files"]}

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FOLLOWED = re.compile("https?://|mailto:|tel:", re.IGNORECASE)
_PART = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")


@dataclass(frozen=True)
class Resume:
    """A file of the corpus with what its manifest says."""

    path: Path
    source: str
    language: str
    columns: str

    @property
    def groups(self) -> tuple[str, ...]:
        return f"source {self.source}", f"language {self.language}", f"columns {self.columns}"

    @property
    def name(self) -> str:
        return f"{self.source}/{self.path.name.rpartition('~')[2]}"


def resumes(*suffixes: str) -> list[Resume]:
    """Those with text that open without a password."""
    with (RESUMES / "MANIFEST.csv").open(newline="") as manifest:
        rows = list(csv.DictReader(manifest))
    return [
        Resume(RESUMES / "files" / row["file"], row["file"].split("/")[0], row["language"], row["columns"])
        for row in rows
        if row["file"].endswith(suffixes) and row["scanned"] == "no" and row["pages"] != "encrypted"
    ]


def references(resume: Resume) -> dict[str, str]:
    """The texts that came with the corpus, by who read them."""
    stem = f"{resume.source}@{resume.path.name}"
    paths = {how: RESUMES / "reference" / f"{stem}.{how}.txt" for how in ("truth", *REFERENCES)}
    return {how: path.read_text(errors="replace") for how, path in paths.items() if path.exists()}


def expected(resume: Resume, who: str, read: Mapping[str, str]) -> Counter[str]:
    """The words of a resume: its source's, else each as often as most of the others read it, but where the
    page was seen to show something else (`corrections.toml`)."""
    known = references(resume)
    if "truth" in known:
        return Counter(tokens(known["truth"]))
    witnesses = {"pypdf": read["pypdf"], "pypdfium2": read["pypdfium2"], **known}
    bags = [Counter(tokens(text)) for name, text in witnesses.items() if name != KIN.get(who, who)]
    words = set().union(*bags)
    agreed = Counter({word: sorted(bag[word] for bag in bags)[len(bags) // 2] for word in words})
    if (seen := CORRECTIONS.get(resume.name)) is None:
        return +agreed
    return agreed - Counter(tokens(seen["agreed"])) + Counter(tokens(seen["page"]))


def f1(text: str, wanted: Counter[str]) -> float:
    found = Counter(tokens(text))
    return 2 * (found & wanted).total() / max(1, found.total() + wanted.total())


def recall(found: Iterable[str], wanted: Iterable[str]) -> float:
    """The share of `wanted` that was found; 1 where nothing was."""
    wanted, found = Counter(wanted), Counter(found)
    return (wanted & found).total() / wanted.total() if wanted else 1.0


def emails(*texts: str) -> set[str]:
    """The addresses that all of the texts hold."""
    return set.intersection(*(set(_EMAIL.findall(text.lower())) for text in texts))


def links_of_pdf(path: Path) -> set[str]:
    """Targets of its annotations that a person can follow."""
    targets = set()
    for page in pypdf.PdfReader(path).pages:
        for annotation in page.get("/Annots") or ():
            action = annotation.get_object().get("/A")
            uri = action.get_object().get("/URI") if action is not None else None
            if uri is not None and _FOLLOWED.match(str(uri).strip()):
                targets.add(str(uri).strip())
    return targets


def words_of_docx(path: Path) -> tuple[list[str], set[str]]:
    """All words in the XML of a Word document but those for older programs, and its links."""
    words, links = list[str](), set[str]()
    with zipfile.ZipFile(path) as archive:
        for name in filter(_PART.fullmatch, archive.namelist()):
            paragraphs: dict[etree._Element, str] = {}
            for piece in etree.fromstring(archive.read(name)).iter("{*}t", "{*}tab", "{*}br"):
                if next(piece.iterancestors("{*}Fallback", "{*}pPr"), None) is None:
                    paragraph = next(piece.iterancestors("{*}p"))
                    paragraphs[paragraph] = paragraphs.get(paragraph, "") + (piece.text or "\n")
            words += [word for text in paragraphs.values() for word in tokens(text)]
        for name in archive.namelist():
            if name.endswith(".rels"):
                targets = etree.fromstring(archive.read(name)).xpath("//*[@TargetMode='External']/@Target")
                links |= {target for target in targets if _FOLLOWED.match(target)}
    return words, links
