"""What is filled into the form of a PDF page or typed onto the page: annotations, which are no part of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2.raw as pdfium

_MAX_ANNOTATIONS = 1_000
_WRITTEN = (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT)


@contextmanager
def form_of(document: Any) -> Iterator[Any]:
    """The form of a document, or None. With it pdfium also draws fields that tell only their value."""
    form = None
    if pdfium.FPDF_GetFormType(document) != pdfium.FORMTYPE_NONE:
        answers = pdfium.FPDF_FORMFILLINFO(version=2)  # of a program that does nothing for a form
        form = pdfium.FPDFDOC_InitFormFillEnvironment(document, answers)
    yield form or None
    if form:
        pdfium.FPDFDOC_ExitFormFillEnvironment(form)


def put_on(page: Any, form: Any) -> bool:
    """Make what is typed into and onto a page a part of it; whether it is to be loaded again for that."""
    count = min(pdfium.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)
    if not any(_is_written(page, index) for index in range(count)):
        return False
    if form is not None:
        pdfium.FORM_OnAfterLoadPage(page, form)
        pdfium.FORM_OnBeforeClosePage(page, form)
    return bool(pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS)


def _is_written(page: Any, index: int) -> bool:
    annotation = pdfium.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return False
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    pdfium.FPDFPage_CloseAnnot(annotation)
    return kind in _WRITTEN
