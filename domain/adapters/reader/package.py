"""What of a Word document python-docx gets to see: the parts that are read, within bounds.

python-docx inflates all it finds a relation to, pictures too, and gives up on a relation to a part that is
missing. So it is given a copy of the package (ECMA-376 part 2) without such relations.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from docx.opc import oxml
from docx.opc.constants import RELATIONSHIP_TARGET_MODE, RELATIONSHIP_TYPE
from docx.opc.package import OpcPackage
from docx.opc.packuri import CONTENT_TYPES_URI, PACKAGE_URI, PackURI
from docx.opc.part import Part, XmlPart
from docx.opc.rel import _Relationship
from docx.oxml.parser import parse_xml
from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from domain.adapters.reader.text import Unreadable

MAX_MEMBERS = 1_000
MAX_PART_BYTES = 10_000_000
MAX_XML_BYTES = 30_000_000
_MAX_PICTURE_BYTES = 20_000_000
_ENCRYPTED_FLAG = 0x1
_List = TypeVar("_List", bound=etree._Element)
_KINDS = ("officeDocument", "styles", "header", "footer", "footnotes", "endnotes", "diagramData")


def local_name(element: etree._Element) -> str:
    """The name without its namespace, of which there are two: transitional and strict."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def related(source: OpcPackage | Part, kind: str) -> list[Part]:
    """The parts that a package or part names so: "header", "styles", …"""
    relations = source.rels.values()
    return [r.target_part for r in relations if _is_within(r, kind)]


def links(part: Part) -> dict[str, str]:
    """Where the hyperlinks of a part lead, by the id of the relation."""
    relations = part.rels.values()
    return {r.rId: r.target_ref for r in relations if r.is_external and _kind(r.reltype) == "hyperlink"}


def diagrams(part: Part) -> dict[str, etree._Element]:
    """The words of the diagrams of a part, by the id of the relation. Raises `Unreadable`."""
    relations = part.rels.values()
    return {r.rId: root(r.target_part) for r in relations if _is_within(r, "diagramData")}


def root(part: Part) -> etree._Element:
    """Of the XML of a part. Raises `Unreadable`."""
    try:
        element = part.element if isinstance(part, XmlPart) else parse_xml(part.blob)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("file.damaged") from error
    return _sound(element, etree._Element)


class Package:
    """Raises `Unreadable` for what is damaged, encrypted or larger than a document has reason to be."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise Unreadable("file.damaged") from error
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise Unreadable("file.too_complex")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            if self._members.setdefault(member.filename.lower(), member) is not member:
                # two parts of one name: which one is shown is anyone's guess
                raise Unreadable("file.damaged")
        self._budget = MAX_XML_BYTES

    def names(self) -> set[str]:
        return {member.filename for member in self._members.values()}

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a member, or nothing."""
        member = self._members.get(name.lower())
        return b"" if member is None else self._read(member, size)

    def pictures(self, source: Part) -> dict[str, Callable[[], bytes]]:
        """How to read the pictures that a part shows, by the id of the relation."""
        if not self._has(source.partname.rels_uri):
            return {}
        relations = self._list(source.partname.rels_uri, oxml.CT_Relationships).Relationship_lst
        shown = ((each.rId, _target(source.partname, each)) for each in relations if _is_picture(each))
        return {
            name: partial(self._read, self._members[target.strip("/").lower()], _MAX_PICTURE_BYTES)
            for name, target in shown
            if target is not None and self._has(target)
        }

    def open(self) -> OpcPackage:
        """The parts that are read, with their relations."""
        types = self._list(CONTENT_TYPES_URI, oxml.CT_Types)
        parts = [PACKAGE_URI]
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w") as archive:
            for part in parts:
                if part != PACKAGE_URI:
                    archive.writestr(part.membername, self._part(part))
                    # ahead of the document's own, so that it holds only for a part that is given no type
                    types.insert(0, oxml.CT_Default.new(part.ext, "application/xml"))
                relations = self._relations(part)
                archive.writestr(part.rels_uri.membername, oxml.serialize_part_xml(relations))
                targets = [_target(part, relation) for relation in relations.Relationship_lst]
                parts += [target for target in dict.fromkeys(targets) if target and target not in parts]
            archive.writestr(CONTENT_TYPES_URI.membername, oxml.serialize_part_xml(types))
        try:
            return OpcPackage.open(copy)
        except (etree.XMLSyntaxError, ValueError, AttributeError) as error:  # the last: a type without a name
            raise Unreadable("file.damaged") from error

    def _relations(self, source: PackURI) -> oxml.CT_Relationships:
        """Those to parts that are read and exist, and those that lead out of the document."""
        relations = oxml.CT_Relationships.new()
        if self._has(source.rels_uri):
            relations = self._list(source.rels_uri, oxml.CT_Relationships)
        if source == PACKAGE_URI:  # the last resort of a package that does not name its main part
            relations.add_rel("main", RELATIONSHIP_TYPE.OFFICE_DOCUMENT, "word/document.xml")
        for relation in relations.Relationship_lst:
            if not self._is_kept(source, relation):
                relations.remove(relation)
        return relations

    def _is_kept(self, source: PackURI, relation: oxml.CT_Relationship) -> bool:
        if not (relation.rId and relation.reltype and relation.target_ref):
            return False
        target = _target(source, relation)
        if target is None:
            return True
        # "rels": as a part it would take the place of the relations that were sifted here
        return _kind(relation.reltype) in _KINDS and self._has(target) and target.ext != "rels"

    def _list(self, part: PackURI, kind: type[_List]) -> _List:
        """The types or the relations there are."""
        content = self._part(part)
        try:
            return _sound(oxml.parse_xml(content), kind)  # type: ignore[arg-type]  # bytes are what it gets
        except (etree.XMLSyntaxError, ValueError) as error:
            raise Unreadable("file.damaged") from error

    def _has(self, part: PackURI) -> bool:
        return part.strip("/").lower() in self._members

    def _part(self, part: PackURI) -> bytes:
        if not self._has(part):
            raise Unreadable("file.damaged")
        limit = min(MAX_PART_BYTES, self._budget)
        content = self._read(self._members[part.strip("/").lower()], limit + 1)
        if len(content) > limit:
            raise Unreadable("file.too_complex")
        self._budget -= len(content)
        return content

    def _read(self, member: zipfile.ZipInfo, limit: int) -> bytes:
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise Unreadable("file.encrypted")
        try:
            with self._zip.open(member) as stream:
                return stream.read(limit)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise Unreadable("file.damaged") from error


def _sound(element: etree._Element, kind: type[_List]) -> _List:
    """python-docx's parsers resolve no entities and load nothing, but let document types pass."""
    if not isinstance(element, kind) or element.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("file.damaged")  # the format has no document types; only attacks do
    return element


def _is_within(relation: _Relationship, kind: str) -> bool:
    return not relation.is_external and _kind(relation.reltype) == kind


def _kind(relation_type: str) -> str:
    return relation_type.rpartition("/")[2]


def _is_picture(relation: oxml.CT_Relationship) -> bool:
    return bool(relation.rId and relation.reltype and relation.target_ref) and (
        _kind(relation.reltype) == "image"
    )


def _target(source: PackURI, relation: oxml.CT_Relationship) -> PackURI | None:
    """The part within the document that a relation leads to."""
    if relation.target_mode == RELATIONSHIP_TARGET_MODE.EXTERNAL:
        return None
    return PackURI.from_rel_ref(source.baseURI, relation.target_ref)
