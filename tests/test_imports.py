"""What may import what (the contracts stand in pyproject.toml), and who may commit."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
WHO_COMMITS = {"domain/database.py"}  # services never do: whoever opened the transaction


@pytest.fixture
def loggers_stay() -> Iterator[None]:
    """The linter sets up logging for itself and disables every logger there is."""
    known = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    disabled = {logger: logger.disabled for logger in known}
    yield
    for logger, was_disabled in disabled.items():
        logger.disabled = was_disabled


@pytest.mark.usefixtures("loggers_stay")
def test_every_import_keeps_the_contracts(capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert not broken, capsys.readouterr().out


def test_the_services_of_the_domain_leave_the_commit_to_their_caller() -> None:
    sources = [path for path in (ROOT / "domain").rglob("*.py") if _name(path) not in WHO_COMMITS]
    assert len(sources) > 50
    committing = [
        f"{_name(path)}:{node.lineno} .{node.func.attr}()"
        for path in sources
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback")
    ]
    assert committing == []


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
