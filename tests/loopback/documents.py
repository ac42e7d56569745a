"""Documents made in the test itself, the corpus beside the project if it is there, and how texts compare."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from PIL import Image

from domain.adapters.documents import SandboxedReader
from domain.errors import Refused
from domain.resumes.analysis import ExtractedText, Picture

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

LINES = (
    "Jane Example",
    "jane.example@example.com",
    "Backend Engineer, Example Corp, 2020 - 2024",
    "Built Python services on PostgreSQL and Redis.",
)

_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


@dataclass(frozen=True)
class Held:
    """`domain.ports.Content` that is at hand."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        yield self.content


class BytesReader(SandboxedReader):
    """The reader, for bytes that are at hand."""

    async def read(self, content: bytes, file_name: str) -> ExtractedText:  # type: ignore[override]  # on purpose
        return await super().read(Held(content), file_name)


async def refusal(reader: BytesReader, content: bytes, name: str = "resume.pdf") -> Refused:
    """Why a file is not read."""
    with pytest.raises(Refused) as caught:
        await reader.read(content, name)
    return caught.value


def shown(picture: Picture) -> Image.Image:
    """A picture, which must be a sound JPEG."""
    found = Image.open(io.BytesIO(picture.content), formats=["JPEG"])
    found.load()
    return found


def photo(kind: str, size: tuple[int, int] = (600, 800), **options: object) -> bytes:
    """A page with a black corner in the upper left."""
    page = Image.new("RGB", size, "white")
    page.paste("black", (0, 0, size[0] // 4, size[1] // 4))
    content = io.BytesIO()
    page.save(content, kind, **options)
    return content.getvalue()


def corpus(folder: str) -> Path:
    """A folder of the corpus; skips the test where the project stands alone, but never in CI."""
    path = CORPUS / folder
    if not path.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{path} is missing in CI")
        pytest.skip(f"the corpus is not here: {path}")
    return path


def show(text: str, x: float = 50, y: float = 700, size: float = 11, before: str = "") -> str:
    """PDF operators that write a line."""
    return f"q {before} BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET Q\n"


def written(lines: Iterable[str], x: float = 50, y: float = 780) -> str:
    return "".join(show(line, x, y - 16 * number) for number, line in enumerate(lines))


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(content), content)


def pdf(
    *pages: str | bytes,
    page_entries: bytes = b"",
    resources: bytes = b"",
    more: Mapping[int, bytes] | None = None,
) -> bytes:
    """A PDF with these content streams as its pages; `more` objects begin at number 1000."""
    contents = [page if isinstance(page, bytes) else stream(page.encode("latin-1")) for page in pages]
    kids = b" ".join(b"%d 0 R" % (10 + 2 * i) for i in range(len(contents)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, len(contents)),
        3: _FONT,
    }
    for i, content in enumerate(contents):
        objects[10 + 2 * i] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> %b >> %b >>" % (11 + 2 * i, resources, page_entries)
        )
        objects[11 + 2 * i] = content
    objects |= more or {}
    body, offsets = b"%PDF-1.7\n", {}
    for number, value in sorted(objects.items()):
        offsets[number] = len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, value)
    size = max(objects) + 1
    table = [
        b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(size)
    ]
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n" % size + b"".join(table) + trailer


def scan_of(*lines: str) -> tuple[str, bytes, dict[int, bytes]]:
    """A page of these lines as a picture: the operators that show it, its resources, and its objects."""
    with pypdfium2.PdfDocument(pdf(written(lines))) as document:
        drawn = document[0].render(scale=1.0).to_pil().convert("L")
    entries = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Filter /FlateDecode" % drawn.size
    )
    picture = {1000: stream(zlib.compress(drawn.tobytes()), entries)}
    return "q 595 0 0 842 0 0 cm /I Do Q\n", b"/XObject << /I 1000 0 R >>", picture


def nested_forms(levels: int) -> bytes:
    """A page of a few kilobytes that draws 10 ** levels forms."""
    forms = {}
    for level in range(levels):
        inner = b"/X0 Do " * 10 if level < levels - 1 else b"0 0 1 1 re f"
        child = b"/Resources << /XObject << /X0 %d 0 R >> >>" % (1001 + level)
        forms[1000 + level] = stream(inner, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + child)
    forms[1000 + levels] = stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1]")
    return pdf(written(LINES) + "/X0 Do", resources=b"/XObject << /X0 1000 0 R >>", more=forms)


def inflating(megabytes: int) -> bytes:
    """A page whose content stream inflates to so much."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(megabytes)) + packer.flush()
    return pdf(stream(packed, b"/Filter /FlateDecode"))


def encrypted_pdf(user_password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(written(LINES))))
    writer.encrypt(user_password, "owner", algorithm="RC4-128")
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACES = (
    f'xmlns:w="{_W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def paragraph(text: str, properties: str = "") -> str:
    return f'<w:p><w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


WRITTEN = "".join(map(paragraph, LINES))


def part(element: str, body: str) -> str:
    return f"<w:{element} {_NAMESPACES}>{body}</w:{element}>"


def relation(number: int, kind: str, target: str, mode: str = "Internal") -> str:
    return f'<Relationship Id="r{number}" Type="{_KIND}{kind}" Target="{target}" TargetMode="{mode}"/>'


def docx(
    body: str = WRITTEN,
    *,
    relations: str = "",
    parts: Mapping[str, str | bytes] | None = None,
    content_type: str = WORD_TYPE,
    prologue: str = "",
) -> bytes:
    """A Word document with this body; `parts` are further members by name."""
    members = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
        + relation(1, "officeDocument", "word/document.xml")
        + "</Relationships>",
        "word/document.xml": prologue + part("document", f"<w:body>{body}</w:body>"),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
        **(parts or {}),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return content.getvalue()


def tokens(text: str) -> list[str]:
    """Words, or single characters where a script has no spaces; those broken at line ends are mended."""
    text = re.sub("[-\u00ad\u0002\ufffe] *\r?\n *(?=[a-z\u00df-\u024f])", "", text)
    text = unicodedata.normalize("NFKC", text.replace("\u00ad", "-")).casefold()
    text = re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ue000-\uf8ff]", "", text)
    return re.findall(r"[\u3040-\u9fff]|[^\W\u3040-\u9fff]+", text)


def f1(text: str, reference: str) -> float:
    """Agreement on words, whatever their order, from 0 to 1."""
    ours, theirs = Counter(tokens(text)), Counter(tokens(reference))
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def order_agreement(text: str, reference: str) -> float:
    """Kendall's tau over the words that occur once in both, from -1 to 1."""
    once = {word for word, n in Counter(tokens(text)).items() if n == 1}
    counts = Counter(tokens(reference))
    places = {word: i for i, word in enumerate(tokens(reference)) if counts[word] == 1}
    order = [places[word] for word in tokens(text) if word in once and word in places]
    pairs = len(order) * (len(order) - 1) // 2
    inversions = sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])
    return 1 - 2 * inversions / pairs if pairs else 0.0


def child_processes(parent: int | None = None) -> list[int]:
    """Processes started by this one and theirs; Linux only."""
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    found: list[int] = []
    for task in Path(f"/proc/{parent or os.getpid()}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            for child in map(int, task.read_text().split()):
                found += [child, *child_processes(child)]
    return found


def is_reader(process: int) -> bool:
    """Whether it runs, and reads documents."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and b"domain.adapters.reader" in command


def readers(parent: int | None = None) -> list[int]:
    """The readers that it started, those that wait and those that read; by default this process."""
    return [process for process in child_processes(parent) if is_reader(process)]


def peak_mb(process: int) -> float:
    """The most memory that a process has had in hand, in megabytes; 0 once it has ended."""
    with contextlib.suppress(OSError, IndexError):
        status = Path(f"/proc/{process}/status").read_text()
        return float(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024
    return 0.0
