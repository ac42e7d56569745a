"""What a page of a PDF looks like, in grey: for an eye, or to tell words with ink from words without."""

from __future__ import annotations

import ctypes
from array import array
from itertools import repeat
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from domain.adapters.reader.characters import address, plain

_MAX_IMAGE_PIXELS = 40_000_000
_MAX_OBJECTS = 10_000
_ACTUAL_TEXT = b"ActualText"
_PICTURES = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM)
_LIGATURE_BYTES = 8  # three letters in UTF-16, and an end
_REPLACEMENT_BYTES = 4096


class Drawing(NamedTuple):
    """Rows of `width` grey levels, from 0 (black) to 255, that begin every `stride` bytes."""

    width: int
    height: int
    stride: int
    pixels: bytearray


def draw(page: Any, width: int, height: int) -> Drawing:
    """The page as it is shown, in so many pixels. Raises `MemoryError`."""
    stride = (width + 3) // 4 * 4
    pixels = bytearray(b"\xff") * (stride * height)
    paper = (ctypes.c_ubyte * len(pixels)).from_buffer(pixels)
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, paper, stride)
    if not bitmap:
        raise MemoryError
    flags = pdfium.FPDF_GRAYSCALE | pdfium.FPDF_RENDER_LIMITEDIMAGECACHE | pdfium.FPDF_ANNOT
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return Drawing(width, height, stride, pixels)


def has_huge_image(page: Any) -> bool:
    """Whether drawing the page would unpack a picture too large for the memory of the reader."""
    sides = array("I", (0, 0))
    at = address(sides)
    for image in _images(page):
        _image_size(image, at, at + 4)
        if sides[0] * sides[1] > _MAX_IMAGE_PIXELS:
            return True
    return False


def share_of_images(page: Any) -> float:
    """How much of the page pictures cover, those that overlap counted twice."""
    covered, area = 0.0, float(pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page))
    sides = array("f", bytes(16))
    at = address(sides)
    for image in _images(page):
        if _bounds(image, at, at + 4, at + 8, at + 12):
            left, bottom, right, top = sides
            covered += abs((right - left) * (top - bottom))
    return covered / max(1.0, area)


def drop_replacements(page: Any) -> list[str]:
    """Forget the long replacement texts (/ActualText) of a page, and tell them.

    pdfium believes them, whatever is shown. Short ones stay: they spell out ligatures and hyphens.
    """
    dropped: list[str] = []
    text, length = ctypes.create_string_buffer(_REPLACEMENT_BYTES), array("L", (0,))
    text_at, length_at = ctypes.addressof(text), address(length)
    for item in _objects(page):
        for index in range(_count_marks(item)):
            mark = _mark(item, index)
            if not _string_of(mark, _ACTUAL_TEXT, None, 0, length_at) or length[0] <= _LIGATURE_BYTES:
                continue
            told = min(length[0], _REPLACEMENT_BYTES)
            _string_of(mark, _ACTUAL_TEXT, text_at, told, length_at)
            dropped.append(text.raw[:told].decode("utf-16-le", "ignore").rstrip("\0"))
            _remove(item, mark, _ACTUAL_TEXT)
    return dropped


def draw_pictures(page: Any, width: int, height: int) -> Drawing:
    """The same as `draw`, as if there were nothing on the page but pictures. Raises `MemoryError`."""
    others = [item for item in _objects(page) if _kind(item) not in _PICTURES]
    for item in others:
        _set_active(item, 0)
    drawn = draw(page, width, height)
    for item in others:
        _set_active(item, 1)
    return drawn


_ITEM, _NUMBER, _ADDRESS = ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
_object = plain(pdfium.FPDFPage_GetObject, _ITEM, _ITEM, _NUMBER)
_object_in = plain(pdfium.FPDFFormObj_GetObject, _ITEM, _ITEM, ctypes.c_ulong)
_count_in = plain(pdfium.FPDFFormObj_CountObjects, _NUMBER, _ITEM)
_set_active = plain(pdfium.FPDFPageObj_SetIsActive, _NUMBER, _ITEM, _NUMBER)
_kind = plain(pdfium.FPDFPageObj_GetType, _NUMBER, _ITEM)
_bounds = plain(pdfium.FPDFPageObj_GetBounds, _NUMBER, _ITEM, *(4 * (_ADDRESS,)))
_image_size = plain(pdfium.FPDFImageObj_GetImagePixelSize, _NUMBER, _ITEM, _ADDRESS, _ADDRESS)
_count_marks = plain(pdfium.FPDFPageObj_CountMarks, _NUMBER, _ITEM)
_mark = plain(pdfium.FPDFPageObj_GetMark, _ITEM, _ITEM, ctypes.c_ulong)
_string_of = plain(
    pdfium.FPDFPageObjMark_GetParamStringValue,
    _NUMBER, _ITEM, ctypes.c_char_p, _ADDRESS, ctypes.c_ulong, _ADDRESS,
)  # fmt: skip
_remove = plain(pdfium.FPDFPageObjMark_RemoveParam, _NUMBER, _ITEM, _ITEM, ctypes.c_char_p)


def _objects(page: Any) -> list[int]:
    """Those of a page, and of the forms on it and in these, as many as are looked at."""
    count = min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)
    items: list[int] = list(map(_object, repeat(ctypes.cast(page, ctypes.c_void_p).value), range(count)))
    for item in items:  # which grows meanwhile
        if _kind(item) == pdfium.FPDF_PAGEOBJ_FORM:
            items += map(_object_in, repeat(item), range(min(_count_in(item), _MAX_OBJECTS - len(items))))
    return items


def _images(page: Any) -> list[int]:
    return [item for item in _objects(page) if _kind(item) == pdfium.FPDF_PAGEOBJ_IMAGE]
