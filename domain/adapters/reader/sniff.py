"""What a file is, told by its content and not by its name."""

from __future__ import annotations

import re

from domain.adapters.reader.package import Package
from domain.adapters.reader.text import Unreadable

PDF, DOCX = "pdf", "docx"
_PDF_HEADER_WITHIN = 1024  # readers accept so much before the header (PDF 1.7, implementation note 13)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"%!PS", "postscript"),
    (b"OggS", "audio"),
    (b"ID3", "audio"),
)
_ISO_MEDIA = {b"heic": "picture", b"heix": "picture", b"mif1": "picture", b"avif": "picture"}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body|!--|script|\?xml)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def kind_of(content: bytes) -> str:
    """PDF or DOCX. Raises `Unreadable` with the kind of file it is instead, if that can be told."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_zip(content)
    if content.startswith(_OLE2):
        raise _compound_file(content)
    if b"%PDF-" in content[:_PDF_HEADER_WITHIN]:
        return PDF
    raise Unreadable("file.unsupported", _other_kind(content))


def _kind_of_zip(content: bytes) -> str:
    package = Package(content)
    names = package.names()
    if package.head("mimetype", 200).startswith(_OPEN_DOCUMENT):
        raise Unreadable("file.unsupported", "opendocument")
    if any(name.endswith((".iwa", "Index.zip")) for name in names):
        raise Unreadable("file.unsupported", "pages")
    if "[Content_Types].xml" in names:
        for folder, kind in (("xl/", "spreadsheet"), ("ppt/", "presentation"), ("visio/", "drawing")):
            if any(name.startswith(folder) for name in names):
                raise Unreadable("file.unsupported", kind)
        return DOCX
    raise Unreadable("file.unsupported", "archive")


def _compound_file(content: bytes) -> Unreadable:
    """Files of old Office programs hold named streams; so do encrypted ones of newer programs."""

    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        return Unreadable("file.encrypted")
    if not has("WordDocument"):
        for stream, kind in (("Workbook", "spreadsheet"), ("PowerPoint Document", "presentation")):
            if has(stream):
                return Unreadable("file.unsupported", kind)
    return Unreadable("file.legacy_word")


def _other_kind(content: bytes) -> str:
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "picture"
    if content[4:8] == b"ftyp":
        return _ISO_MEDIA.get(content[8:12], "video")
    if _MARKUP.match(content):
        return "html"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROLS.search(text) else "text"
