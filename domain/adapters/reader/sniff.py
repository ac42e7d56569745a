"""What a file is, told by its content and not by its name."""

from __future__ import annotations

import re

from domain.adapters.reader import plain_text
from domain.adapters.reader.package import Package
from domain.adapters.reader.text import Unreadable

PDF, DOCX, JPEG, PNG, TEXT = "pdf", "docx", "jpeg", "png", "text"
_PDF_HEADER_WITHIN = 1024  # readers accept so much before the header (PDF 1.7, implementation note 13)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_READABLE = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))

_MAGIC = (
    (b"GIF8", "file.other_picture"),
    (b"BM", "file.other_picture"),
    (b"II*\0", "file.other_picture"),
    (b"MM\0*", "file.other_picture"),
    (b"\0\0\0\x0cJXL ", "file.other_picture"),
    (b"\xff\x0a", "file.other_picture"),
    (b"{\\rtf", "file.rtf"),
    (b"Rar!", "file.archive"),
    (b"7z\xbc\xaf\x27\x1c", "file.archive"),
    (b"\x1f\x8b", "file.archive"),
    (b"MZ", "file.unsupported"),
    (b"%!PS", "file.unsupported"),
    (b"ID3", "file.unsupported"),
)
_ISO_MEDIA = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "file.heic"),
    **dict.fromkeys((b"avif", b"avis"), "file.other_picture"),
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_MARKUP = re.compile(r"\ufeff?\s*<(!doctype\s+html|html|head|body|!--|script|\?xml)", re.IGNORECASE)
_WORD_2003 = re.compile(r"progid=.Word\.Document|<w:wordDocument")
_SHORTCUT = re.compile(
    r"\ufeff?\s*(\[InternetShortcut\]|\{\s*\"[^\"]*\"\s*:.*https://|https?://\S+\s*$)", re.DOTALL
)
_WEBLOC = re.compile(r"<plist\b.{0,400}<key>URL</key>", re.DOTALL)
_PEEK = 4096


def kind_of(content: bytes) -> str:
    """One of the kinds that are read. Raises `Unreadable` with a reason that names what it is instead."""
    for magic, kind in _READABLE:
        if content.startswith(magic):
            return kind
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_zip(content)
    if content.startswith(_OLE2):
        raise Unreadable(_why_not_compound_file(content))
    if b"%PDF-" in content[:_PDF_HEADER_WITHIN]:
        return PDF
    if reason := _other_kind(content):
        raise Unreadable(reason)
    return TEXT


def _kind_of_zip(content: bytes) -> str:
    package = Package(content)
    names = package.names()
    mimetype = package.head("mimetype", 200)
    if mimetype.startswith(_OPEN_DOCUMENT):
        raise Unreadable("file.opendocument")
    if mimetype:
        raise Unreadable("file.unsupported")
    if any(name.endswith((".iwa", "Index.zip")) for name in names):
        raise Unreadable("file.pages")
    if "[Content_Types].xml" in names:
        if any(name.startswith(("xl/", "ppt/", "visio/")) for name in names):
            raise Unreadable("file.office")
        return DOCX
    raise Unreadable("file.archive")


def _why_not_compound_file(content: bytes) -> str:
    """Files of old Office programs hold named streams; so do encrypted ones of newer programs."""

    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        return "file.encrypted"
    if not has("WordDocument") and (has("Workbook") or has("PowerPoint Document")):
        return "file.office"
    return "file.legacy_word"


def _other_kind(content: bytes) -> str:
    """The reason to refuse a file, or "" for plain text."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "file.other_picture"
    if content[4:8] == b"ftyp":
        return _ISO_MEDIA.get(content[8:12], "file.unsupported")
    for magic, reason in _MAGIC:
        if content.startswith(magic):
            return reason
    head = plain_text.decoded(content)[:_PEEK]
    if _WORD_2003.search(head):
        return "file.legacy_word"
    if _SHORTCUT.match(head) or _WEBLOC.search(head):
        return "file.link"
    return "file.html" if _MARKUP.match(head) else ""
