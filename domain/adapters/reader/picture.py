"""Photos and drawn pages as pictures for whoever can read them: JPEGs made anew, of bounded size.

Nothing of the original goes along: no metadata (where a photo was taken), no second file behind the first.
"""

from __future__ import annotations

import io

# Pillow imports the last three only when it meets such a photo, and then no file can be opened any more.
from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin

from domain.adapters.reader.text import Document, Unreadable

LONG_SIDE = 2_000  # pixels: some 170 to the inch on A4, of which small print can be read
MAX_PICTURE_BYTES = 1_500_000
MAX_PICTURES = 6  # of a document
MAX_PICTURES_BYTES = 5_000_000
FEW_LETTERS = 100  # of a page: where there are fewer, what pictures show is the document
_MAX_PIXELS = 60_000_000
_MIN_SIDE = 120  # pixels; what is smaller shows no resume
_QUALITIES = (80, 60, 35)
_CONTRAST = 24  # grey levels of 255 between the darkest and the lightest spot of an empty sheet

_FORMATS = ("JPEG", "PNG")
PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin)
Image.preinit()


def read(content: bytes) -> Document:
    """A photo or scan in JPEG or PNG.

    Raises `Unreadable` with "file.damaged", "file.too_complex" for more pixels than cameras have,
    "file.small_picture" or "file.blank".
    """
    try:
        photo = Image.open(io.BytesIO(content), formats=_FORMATS)
        if photo.width * photo.height > _MAX_PIXELS:
            raise Unreadable("file.too_complex")
        photo.draft(None, (LONG_SIDE, LONG_SIDE))  # a JPEG is decoded at a fraction of its size
        photo.thumbnail((LONG_SIDE, LONG_SIDE))
        upright = ImageOps.exif_transpose(photo)
    except (MemoryError, RecursionError, Unreadable):
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable("file.too_complex") from error
    except Exception as error:  # its decoders raise nearly anything on a broken file
        raise Unreadable("file.damaged") from error
    if min(upright.size) < _MIN_SIDE:
        raise Unreadable("file.small_picture")
    shown = _on_white(upright)
    if is_blank(shown):
        raise Unreadable("file.blank")
    return Document("", pictures=[jpeg(shown)])


def is_blank(picture: Image.Image) -> bool:
    """Whether nothing can be seen on it."""
    levels = picture.convert("L").histogram()
    seen = [level for level, pixels in enumerate(levels) if pixels]
    return max(seen) - min(seen) < _CONTRAST


def jpeg(picture: Image.Image) -> bytes:
    """As good as fits into `MAX_PICTURE_BYTES`. Raises `Unreadable` where nothing fits."""
    for quality in _QUALITIES:
        made = io.BytesIO()
        picture.save(made, "JPEG", quality=quality)
        if made.tell() <= MAX_PICTURE_BYTES:
            return made.getvalue()
    raise Unreadable("file.too_complex")


def _on_white(picture: Image.Image) -> Image.Image:
    """What is transparent becomes paper."""
    if picture.mode in ("L", "RGB"):
        return picture
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")
