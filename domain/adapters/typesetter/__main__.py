"""One sheet: read from standard input, typeset, written to standard output.

    request   JSON: {"template", "format": "png" or "pdf", "content", "fonts": folders beside the system's}
    answer    a line of JSON, {"undrawable": count}, and then the picture or document

Words reach typst as its input and never as markup. What no font here draws is replaced by a mark, so that
the sheet can say so.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

from domain.adapters.typesetter.fonts import Coverage

TEMPLATES = Path(__file__).parent / "templates"
MARK = "[?]"
PIXELS_PER_INCH = 216.0  # three pixels to a point: sharp on a phone
# Longer than any word: such a run is broken, so that it stays on the page.
UNBREAKABLE = re.compile(r"[!-~\u00a1-\u058f]{40}(?=[!-~\u00a1-\u058f])")


def typeset(request: dict[str, Any]) -> tuple[bytes, int]:
    """The sheet, and how many characters of it no font here draws."""
    fonts = typst.Fonts(font_paths=request["fonts"])
    coverage = Coverage((Path(face.path), face.index) for face in fonts.fonts() if face.path)
    lacking = coverage.lacking(json.dumps(request["content"], ensure_ascii=False))
    gaps = re.compile(f"[{re.escape(''.join(sorted(lacking)))}]+") if lacking else None
    undrawable = 0

    def drawable(text: str) -> str:
        nonlocal undrawable
        if gaps is not None:
            undrawable += sum(len(run) for run in gaps.findall(text))
            text = gaps.sub(MARK, text)
        return UNBREAKABLE.sub(lambda run: run.group() + "\u200b", text)

    content = _each_text(request["content"], drawable) | {"undrawable": 0}
    content["undrawable"] = undrawable
    printed = typst.compile(
        str(TEMPLATES / f"{request['template']}.typ"),
        root=str(TEMPLATES),
        font_paths=fonts,
        format=request["format"],
        ppi=PIXELS_PER_INCH,
        sys_inputs={"content": json.dumps(content)},
    )
    return printed, undrawable


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _each_text(each, change) for key, each in value.items()}
    return value


def main() -> int:
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.nice(10)
    printed, undrawable = typeset(json.load(sys.stdin.buffer))
    sys.stdout.buffer.write(json.dumps({"undrawable": undrawable}).encode() + b"\n" + printed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
