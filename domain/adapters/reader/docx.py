"""Text, links and hidden words of a Word document.

Every paragraph is walked where it stands, also in text boxes, content controls, tables, headers and notes:
`paragraphs` of the usual libraries sees none of a resume that is laid out in text boxes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from docx.opc.part import Part
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from domain.adapters.reader import picture
from domain.adapters.reader.appearance import Appearance, Styles
from domain.adapters.reader.package import Package, diagrams, links, local_name, related, root
from domain.adapters.reader.text import Document, Unreadable

_PROPERTIES = ("rPr", "pPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr")
_LEFT_OUT = ("del", "moveFrom")
_CODES = ("delText", "instrText", "delInstrText", "rt")  # of fields, and how a ruby text is spoken
_NOT_SHOWN = frozenset((*_PROPERTIES, *_LEFT_OUT, *_CODES))
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FIELD_LINK = re.compile(r'HYPERLINK\s+"([^"]+)"')
_OTHER_KINDS = ("spreadsheetml", "presentationml", "drawing")


def read(content: bytes) -> Document:
    """Raises `Unreadable`."""
    package = Package(content)
    main = next(iter(related(package.open(), "officeDocument")), None)
    if main is None:
        raise Unreadable("file.damaged")
    if any(word in (main.content_type or "") for word in _OTHER_KINDS):
        raise Unreadable("file.office")
    styles = Styles([root(part) for part in related(main, "styles")])

    found = Document("")
    lines = _lines(main, styles, found)
    for kind in ("header", "footnotes", "endnotes", "footer"):
        aside: dict[str, None] = {}  # the same words stand in the headers of first, odd and even pages
        for part in related(main, kind):
            aside |= dict.fromkeys(_lines(part, styles, found))
        lines = [*aside, *lines] if kind == "header" else [*lines, *aside]
    found.text = "\n".join(lines)
    if sum(map(str.isalnum, found.text)) < picture.FEW_LETTERS and (pages := _pictures(package, main)):
        found.text, found.pictures, found.pages = "", pages, len(pages)
    return found


def _pictures(package: Package, main: Part) -> list[bytes]:
    """The first pictures of a document in which little is written: a scan that was put into it."""
    pages: list[bytes] = []
    there = package.pictures(main)
    shown = dict.fromkeys(root(main).xpath("//*/@*[local-name() = 'embed' or local-name() = 'id']"))
    for name in [each for each in shown if each in there][: picture.MAX_PICTURES]:
        with suppress(Unreadable):  # an icon, or a kind of picture that is not read
            pages += picture.read(there[name]()).pictures
    while sum(map(len, pages)) > picture.MAX_PICTURES_BYTES:
        pages.pop()
    return pages


def _lines(part: Part, styles: Styles, found: Document) -> list[str]:
    body = root(part)
    walk = _Walk(links(part), Appearance(body, styles), diagrams(part))
    lines = list(walk.blocks(body))
    found.links += walk.links
    found.hidden |= walk.hidden
    return lines


class _Walk:
    """Goes through the elements of one part in reading order."""

    def __init__(
        self, targets: dict[str, str], appearance: Appearance, diagrams: dict[str, etree._Element]
    ) -> None:
        self._targets = targets
        self._appearance = appearance
        self._diagrams = diagrams
        self.links: list[str] = []
        self.hidden = False

    def blocks(self, parent: etree._Element) -> Iterator[str]:
        """The lines of a body, cell, text box or content control."""
        for element in _shown(parent):
            match local_name(element):
                case "p":
                    yield from self._paragraph(element)
                case "tr":
                    yield from self._row(element)
                case name if name in _LEFT_OUT:
                    self._leave_out(element)
                case name if name not in _NOT_SHOWN:
                    yield from self.blocks(element)

    def _row(self, row: etree._Element) -> Iterator[str]:
        """A row of short cells as one line, and a row of columns one column after the other."""
        cells = [list(self.blocks(cell)) for cell in _cells(row)]
        if all(len(cell) <= 1 for cell in cells):
            if line := " | ".join(line for cell in cells for line in cell):
                yield line
        else:
            for cell in cells:
                yield from cell

    def _paragraph(self, paragraph: etree._Element) -> Iterator[str]:
        boxes: list[str] = []
        pieces: list[str] = []
        before = 0  # boxes that are anchored ahead of the first word
        for piece in self._inline(paragraph, boxes):
            if piece.strip() and not pieces:
                before = len(boxes)
            if piece.strip() or pieces:
                pieces.append(piece)
        text = "".join(pieces)
        yield from boxes[:before]
        if text:
            is_item = paragraph.find("./{*}pPr/{*}numPr") is not None
            yield f"- {text}" if is_item else text
        yield from boxes[before:]

    def _inline(self, parent: etree._Element, boxes: list[str]) -> Iterator[str]:
        """The text of a paragraph; lines of text boxes anchored in it are put into `boxes`."""
        for element in _shown(parent):
            name = local_name(element)
            self._note_link(element, name)
            if name == "t":
                yield element.text or ""
            elif name == "sym":
                yield _symbol(element)
            elif name == "relIds":
                boxes += self._diagram(element)
            elif name in _BREAKS:
                yield _BREAKS[name]
            elif name == "txbxContent":
                boxes += self.blocks(element)
            elif name in _LEFT_OUT or (name == "r" and self._appearance.hides(element)):
                self._leave_out(element)
            elif name not in _NOT_SHOWN:
                yield from self._inline(element, boxes)

    def _diagram(self, element: etree._Element) -> Iterator[str]:
        """The words of a SmartArt, whose text is a part of its own."""
        for attribute, value in element.attrib.items():
            if attribute.endswith("}dm") and value in self._diagrams:
                yield from self.blocks(self._diagrams[value])

    def _leave_out(self, element: etree._Element) -> None:
        words = element.xpath("string(.)")
        self.hidden |= bool(words.strip())

    def _note_link(self, element: etree._Element, name: str) -> None:
        if name in ("hyperlink", "hlinkClick"):
            for attribute, value in element.attrib.items():
                if attribute.endswith("}id") and value in self._targets:
                    self.links.append(self._targets[value])
        elif name in ("fldSimple", "instrText"):
            code = element.text or "" if name == "instrText" else "".join(element.attrib.values())
            self.links += _FIELD_LINK.findall(code)


def _shown(parent: etree._Element) -> Iterator[etree._Element]:
    """Children, and of alternatives for older programs only the first choice."""
    for element in parent:
        if local_name(element) == "AlternateContent":
            choices = [child for child in element if local_name(child) == "Choice"]
            yield from (choices or list(element))[:1]
        else:
            yield element


def _symbol(element: etree._Element) -> str:
    """A letter given by its number; those of symbol fonts are private and mean nothing elsewhere."""
    number = next((value for name, value in element.attrib.items() if name.endswith("}char")), "")
    try:
        return chr(int(number, 16))
    except (ValueError, OverflowError):
        return ""


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    """Cells of a row, also of those that content controls wrap."""
    for element in row:
        name = local_name(element)
        if name == "tc":
            yield element
        elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _cells(element)
