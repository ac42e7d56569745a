"""Whether a person would see a run of a Word document: hidden, white on white, or tiny."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from domain.adapters.reader.package import local_name

_TINY_HALF_POINTS = 4
_WHITE = 0xF3  # each of red, green and blue from here on
_MAX_INHERITANCE = 20
_PROPERTIES = ("vanish", "color", "sz", "shd", "highlight")

Properties = dict[str, str]


def _properties(element: etree._Element | None) -> Properties:
    """What a w:rPr says of the properties that decide visibility."""
    found: Properties = {}
    for child in element if element is not None else ():
        name = local_name(child)
        if name in _PROPERTIES:
            found[name] = _value(child, "fill" if name == "shd" else "val")
    return found


def _value(element: etree._Element, attribute: str) -> str:
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == attribute), "")


def _is_white(colour: str) -> bool:
    try:
        return len(colour) == 6 and min(bytes.fromhex(colour)) >= _WHITE
    except ValueError:
        return False


def _is_shade(fill: str) -> bool:
    return fill.lower() not in ("", "auto", "none") and not _is_white(fill)


class Styles:
    """The run properties of each style, with what it is based on."""

    def __init__(self, parts: Iterable[etree._Element]) -> None:
        self._styles = {
            _value(style, "styleId"): style
            for part in parts
            for style in part
            if local_name(style) == "style"
        }
        self._known: dict[str, Properties] = {}

    def of(self, style_id: str) -> Properties:
        if style_id not in self._known:
            self._known[style_id] = self._resolve(style_id)
        return self._known[style_id]

    def _resolve(self, style_id: str) -> Properties:
        chain: list[Properties] = []
        while style_id in self._styles and len(chain) < _MAX_INHERITANCE:
            style = self._styles[style_id]
            properties = _properties(style.find("{*}rPr"))
            shading = style.find("{*}pPr/{*}shd")
            if shading is not None:
                properties["shd"] = _value(shading, "fill")
            chain.append(properties)
            base = style.find("{*}basedOn")
            style_id = _value(base, "val") if base is not None else ""
        merged: Properties = {}
        for properties in reversed(chain):
            merged |= properties
        return merged


class Appearance:
    """Answers for the runs of one part."""

    def __init__(self, root: etree._Element, styles: Styles) -> None:
        self._styles = styles
        # A page colour or a picture behind the text: white may well be legible on it.
        backdrop = (
            root.find("{*}background") is not None or root.find(".//{*}anchor[@behindDoc='1']") is not None
        )
        self._has_backdrop = backdrop

    def hides(self, run: etree._Element) -> bool:
        properties = self._of(run)
        if "vanish" in properties and properties["vanish"].lower() not in ("0", "false", "off"):
            return True
        size = properties.get("sz", "")
        if size.isdecimal() and int(size) < _TINY_HALF_POINTS:
            return True
        return _is_white(properties.get("color", "")) and not self._is_on_shade(run, properties)

    def _of(self, run: etree._Element) -> Properties:
        merged: Properties = {}
        paragraph = next(run.iterancestors("{*}p"), None)
        if paragraph is not None and (style := paragraph.find("{*}pPr/{*}pStyle")) is not None:
            merged |= self._styles.of(_value(style, "val"))
        if (style := run.find("{*}rPr/{*}rStyle")) is not None:
            merged |= self._styles.of(_value(style, "val"))
        return merged | _properties(run.find("{*}rPr"))

    def _is_on_shade(self, run: etree._Element, properties: Properties) -> bool:
        if (
            self._has_backdrop
            or _is_shade(properties.get("shd", ""))
            or properties.get("highlight", "none") != "none"
        ):
            return True
        for ancestor in run.iterancestors("{*}p", "{*}tc", "{*}tbl", "{*}txbxContent"):
            name = local_name(ancestor)
            if name == "txbxContent":
                return True  # the box may be filled
            shading = ancestor.find(f"{{*}}{name}Pr/{{*}}shd")
            if shading is not None and _is_shade(_value(shading, "fill")):
                return True
            if name == "tbl" and ancestor.find("{*}tblPr/{*}tblStyle") is not None:
                return True  # table styles shade rows
        return False
