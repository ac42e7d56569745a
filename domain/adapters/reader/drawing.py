"""What a page of a PDF looks like, in grey: for an eye, or to tell words with ink from words without."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_MAX_IMAGE_PIXELS = 40_000_000
_MAX_OBJECTS = 10_000
_ACTUAL_TEXT = ctypes.c_char_p(b"ActualText")
_LIGATURE_BYTES = 8  # three letters in UTF-16, and an end
_REPLACEMENT_BYTES = 4096


class Drawing(NamedTuple):
    """Rows of `width` grey levels, from 0 (black) to 255, that begin every `stride` bytes."""

    width: int
    height: int
    stride: int
    pixels: bytes


def draw(page: Any, width: int, height: int) -> Drawing:
    """The page as it is shown, in so many pixels. Raises `MemoryError`."""
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, None, 0)
    if not bitmap:
        raise MemoryError
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
    flags = pdfium.FPDF_GRAYSCALE | pdfium.FPDF_RENDER_LIMITEDIMAGECACHE
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
    stride = pdfium.FPDFBitmap_GetStride(bitmap)
    pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return Drawing(width, height, stride, pixels)


def has_huge_image(page: Any) -> bool:
    """Whether drawing the page would unpack a picture too large for the memory of the reader."""
    width, height = ctypes.c_uint(), ctypes.c_uint()
    for image in _images(page):
        pdfium.FPDFImageObj_GetImagePixelSize(image, width, height)
        if width.value * height.value > _MAX_IMAGE_PIXELS:
            return True
    return False


def share_of_images(page: Any) -> float:
    """How much of the page pictures cover, those that overlap counted twice."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    covered, area = 0.0, float(pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page))
    for image in _images(page):
        if pdfium.FPDFPageObj_GetBounds(image, left, bottom, right, top):
            covered += abs((right.value - left.value) * (top.value - bottom.value))
    return covered / max(1.0, area)


def drop_replacements(page: Any) -> list[str]:
    """Forget the long replacement texts (/ActualText) of a page, and tell them.

    pdfium believes them, whatever is shown. Short ones stay: they spell out ligatures and hyphens.
    """
    dropped: list[str] = []
    text, length = ctypes.create_string_buffer(_REPLACEMENT_BYTES), ctypes.c_ulong()
    buffer = ctypes.cast(text, ctypes.POINTER(pdfium.FPDF_WCHAR))
    for item in _objects(page):
        for index in range(pdfium.FPDFPageObj_CountMarks(item)):
            mark = pdfium.FPDFPageObj_GetMark(item, index)
            if not pdfium.FPDFPageObjMark_GetParamStringValue(mark, _ACTUAL_TEXT, None, 0, length):
                continue
            if length.value > _LIGATURE_BYTES:
                told = min(length.value, _REPLACEMENT_BYTES)
                pdfium.FPDFPageObjMark_GetParamStringValue(mark, _ACTUAL_TEXT, buffer, told, length)
                dropped.append(text.raw[:told].decode("utf-16-le", "ignore").rstrip("\0"))
                pdfium.FPDFPageObjMark_RemoveParam(item, mark, _ACTUAL_TEXT)
    return dropped


def _objects(page: Any) -> Iterator[Any]:
    """Those of the page and of the forms on it."""
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page, index)
        yield item
        if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_FORM:
            for inner in range(min(pdfium.FPDFFormObj_CountObjects(item), _MAX_OBJECTS)):
                yield pdfium.FPDFFormObj_GetObject(item, inner)


def _images(page: Any) -> Iterator[Any]:
    for index in range(min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)):
        item = pdfium.FPDFPage_GetObject(page, index)
        if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_IMAGE:
            yield item
