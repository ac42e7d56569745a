"""The parts and relations of an Office Open XML file (ECMA-376 part 2), within bounds."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from domain.adapters.reader.text import Unreadable

MAX_MEMBERS = 1_000
MAX_PART_BYTES = 10_000_000
MAX_XML_BYTES = 30_000_000
_ENCRYPTED_FLAG = 0x1


@dataclass(frozen=True, slots=True)
class Relation:
    """`kind` is the last word of the relation's type: "header", "hyperlink", …"""

    id: str
    kind: str
    target: str
    is_external: bool


def local_name(element: etree._Element) -> str:
    """The name without its namespace, of which there are two: transitional and strict."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


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
                raise Unreadable(
                    "file.damaged"
                )  # two parts of one name: which one is shown is anyone's guess
        self._budget = MAX_XML_BYTES

    def names(self) -> set[str]:
        return {member.filename for member in self._members.values()}

    def head(self, name: str, size: int) -> bytes:
        """The first bytes of a member, or nothing."""
        member = self._members.get(name.lower())
        return b"" if member is None else self._read(member, size)

    def xml(self, name: str) -> etree._Element | None:
        """The root of a part, or None where there is no such part."""
        member = self._members.get(name.lower())
        if member is None:
            return None
        limit = min(MAX_PART_BYTES, self._budget)
        content = self._read(member, limit + 1)
        if len(content) > limit:
            raise Unreadable("file.too_complex")
        self._budget -= len(content)
        # huge_tree stays off: libxml2 then refuses depths above 256 and texts above 10 MB by itself
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise Unreadable("file.damaged") from error
        if root is None or root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable("file.damaged")  # the format has no document types; only attacks do
        return root

    def relations(self, part: str) -> Iterator[Relation]:
        """What a part points to; "" stands for the package itself."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        for element in root if root is not None else ():
            target = element.get("Target", "")
            is_external = element.get("TargetMode") == "External"
            if not is_external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = element.get("Type", "").rpartition("/")[2]
            yield Relation(element.get("Id", ""), kind, target, is_external)

    def content_type(self, part: str) -> str:
        root = self.xml("[Content_Types].xml")
        for element in root if root is not None else ():
            if element.get("PartName", "").lstrip("/").lower() == part.lower():
                return str(element.get("ContentType", ""))
        return ""

    def _read(self, member: zipfile.ZipInfo, limit: int) -> bytes:
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise Unreadable("file.encrypted")
        try:
            with self._zip.open(member) as stream:
                return stream.read(limit)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise Unreadable("file.damaged") from error
