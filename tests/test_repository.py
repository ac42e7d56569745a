"""The repository's own files: what they promise about each other, and what they do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # pre-commit's, which ships no types
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import bot.__main__
import bot.conversations.commands
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "domain", "migrations")
FOLDERS = (*PACKAGES, "docs", "tests", "requirements")
DOCUMENTS = tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")))
NOT_OURS = {".git", ".venv", "build", "dist", "__pycache__", ".env", ".hypothesis"}
LOCKS = ("base", "dev", "build")
SETTINGS = {name.upper() for name in Settings.model_fields}
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}
BEHIND_BUTTONS = {"report", "pdf", "retry", "disagree"}  # their argument is an id that nobody types


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """What stands between a heading of a Markdown document and the next one of any level."""
    return re.split(r"^#+ ", document.split(f"\n{heading}\n", 1)[1], maxsplit=1, flags=re.M)[0]


def our_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        yield from (Path(folder, name) for name in files if name not in NOT_OURS)


PROJECT = tomllib.loads(read("pyproject.toml"))
TARGETS = set(re.findall(r"^([a-z]+):", read("Makefile"), re.M))


# Documents


def test_every_make_target_that_a_document_names_exists() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "requirements/README.md", ".env.example"):
        named = set(re.findall(r"(?:`|^    )make ([a-z]+)", read(name), re.M))
        assert named <= TARGETS, name
    assert {"run", "test"} <= set(re.findall(r"^    make ([a-z]+)", read("README.md"), re.M))


def test_every_target_is_phony_and_tells_what_it_does() -> None:
    makefile = read("Makefile")
    assert set(re.findall(r"^([a-z]+):.* ## .", makefile, re.M)) == TARGETS
    assert set(re.findall(r"^\.PHONY: (help.*)$", makefile, re.M)[0].split()) == TARGETS


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *DOCUMENTS])
def test_every_file_that_a_document_names_is_there(name: str) -> None:
    text = read(name)
    links = re.findall(r"\]\(([^)#]+)\)", text)
    paths = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)", text)
    assert links or paths
    ours = [each for each in links if "://" not in each]
    assert [each for each in ours if not (ROOT / name).parent.joinpath(each).exists()] == []
    assert [each for each in paths if not (ROOT / each).exists()] == []


def test_the_readme_has_every_setting_with_its_default() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|.*\| (.*) \|$", section(read("README.md"), "## Settings"), re.M)
    assert {name for name, _ in rows} == SETTINGS
    assert len(rows) == len(SETTINGS)
    for name, says in rows:
        default = Settings.model_fields[name.lower()].default
        if isinstance(default, (str, int, float)):
            shown = default if isinstance(default, str) else f"{default:g}"
            assert says == f"`{shown}`", name


def test_the_readme_has_every_command_of_the_program_and_of_the_chat() -> None:
    readme = read("README.md")
    commands = re.findall(r"^\| `greenroom ([a-z]+)` \|", readme, re.M)
    assert set(commands) == set(bot.__main__.COMMANDS)
    in_the_chat = set(re.findall(r"`/([a-z]+)`", section(readme, "## In the chat")))
    assert in_the_chat == set(bot.conversations.commands.COMMANDS) - BEHIND_BUTTONS


def test_the_example_of_settings_has_each_one_with_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = re.sub(r"^# ([A-Z_]+=)", r"\1", read(".env.example"), flags=re.M)
    names = re.findall(r"^([A-Z_]+)=", example, re.M)
    assert sorted(names) == sorted(SETTINGS | COMPOSE_ONLY)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    defaults = Settings()
    (tmp_path / ".env").write_text(example, encoding="utf-8")
    assert Settings() == defaults


def test_no_file_names_the_host_of_a_registry() -> None:
    hosts = [
        ".".join(labels).encode()
        for labels in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("npmjs", "com"),
            ("deb", "debian", "org"),
            ("security", "debian", "org"),
            ("proxy", "golang", "org"),
            ("crates", "io"),
            ("rubygems", "org"),
            ("docker", "io"),
            ("ghcr", "io"),
        )
    ]
    files = list(our_files())
    assert Path(__file__) in files
    found = [(str(path), host) for path in files for host in hosts if host in path.read_bytes()]
    assert found == []


# Locks


def locked(name: str) -> dict[tuple[str, str], set[str]]:
    """The packages of a lock with their versions, and the hashes of each."""
    lock = read(f"requirements/{name}.txt")
    entries = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+).*\n((?:    --hash=\S+(?: \\)?\n)*)", lock, re.M)
    return {
        (canonicalize_name(package), version): set(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", hashes))
        for package, version, hashes in entries
    }


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_line_with_hashes_and_names_no_index(name: str) -> None:
    entries = locked(name)
    lines = [line for line in read(f"requirements/{name}.txt").splitlines() if re.match(r"[^\s#]", line)]
    assert len(entries) == len(lines)
    assert all(entries.values())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("base", PROJECT["project"]["dependencies"]),
        ("dev", PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]),
        ("build", PROJECT["build-system"]["requires"]),
    ],
)
def test_a_lock_holds_all_that_the_project_asks_for(name: str, wanted: list[str]) -> None:
    versions = locked(name)
    for requirement in map(Requirement, wanted):
        of_it = [version for package, version in versions if package == canonicalize_name(requirement.name)]
        assert any(version in requirement.specifier for version in of_it), str(requirement)


def test_what_is_tested_is_what_is_shipped() -> None:
    assert locked("base").items() <= locked("dev").items()
    assert locked("build").items() <= locked("dev").items()


def test_the_package_holds_every_file_of_its_folders() -> None:
    there = {
        str(path.relative_to(ROOT))
        for path in our_files()
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in PACKAGES
    }
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert "bot/locales/en.toml" in there
    assert packed == there


# The image and its company


def image_stages() -> list[str]:
    """The stages of the Dockerfile, comments and line continuations taken out."""
    text = re.sub(r"^#.*\n", "", read("Dockerfile"), flags=re.M).replace("\\\n", " ")
    return re.split(r"^FROM ", text, flags=re.M)[1:]


def test_the_final_image_runs_as_an_ordinary_user_and_builds_nothing() -> None:
    *_, final = image_stages()
    user = re.findall(r"^USER (\d+):(\d+)$", final, re.M)
    assert len(user) == 1
    assert "0" not in user[0]
    assert "RUN" not in final.split("\nUSER ")[1]
    assert set(re.findall(r"^(?:COPY|ADD) (\S+)", final, re.M)) == {"--from=build"}
    assert not re.search(r"\bapt-get\b|\bpip install\b|\bpip --python\b|\bgcc\b", final)
    assert 'ENTRYPOINT ["greenroom"]\nCMD ["serve"]' in final


def test_the_image_is_built_from_hashed_locks_and_for_a_python_that_we_support() -> None:
    first, *_ = image_stages()
    installs = re.findall(r"pip [^&]*?\binstall\b[^&\n]*", first)
    assert len(installs) == 3
    assert all("--require-hashes" in each or "--no-index" in each for each in installs)
    version = re.findall(r"^ARG PYTHON=([\d.]+)-slim", read("Dockerfile"), re.M)
    assert version[0] in SpecifierSet(PROJECT["project"]["requires-python"])


def test_only_what_the_image_is_built_from_is_sent_to_the_builder() -> None:
    rules = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", image_stages()[0], re.M)
        for source in line.split()[:-1]
    }
    assert copied == sent
    assert set(PACKAGES) < sent
    assert {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]} < sent


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_image_asks_the_program_for_its_health(status: int, healthy: bool) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    [found] = re.findall(r"^HEALTHCHECK .*?CMD (\[.*\])$", image_stages()[-1], re.M)
    _, *arguments = json.loads(found)
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        surroundings = {"PORT": str(server.server_port), "http_proxy": "http://127.0.0.1:9"}
        checked = subprocess.run(
            [sys.executable, *arguments], env=surroundings, capture_output=True, timeout=20, check=False
        )
    assert (checked.returncode == 0) is healthy


def test_the_services_wait_for_each_other_and_publish_no_database() -> None:
    services: dict[str, Any] = yaml.safe_load(read("compose.yaml"))["services"]
    greenroom, postgres = services["greenroom"], services["postgres"]
    assert "ports" not in postgres
    assert postgres["healthcheck"]["test"]
    assert greenroom["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert all(service["restart"] == "unless-stopped" for service in services.values())
    assert all(port.startswith("127.0.0.1:") for port in greenroom["ports"])
    assert greenroom["read_only"]
    grace = Settings.model_fields["shutdown_grace"].default
    assert int(greenroom["stop_grace_period"].removesuffix("s")) > grace


def test_the_services_are_given_settings_that_exist() -> None:
    compose = read("compose.yaml")
    assert set(yaml.safe_load(compose)["services"]["greenroom"]["environment"]) <= SETTINGS
    asked_for = set(re.findall(r"\$\{([A-Z_]+)", compose))
    assert asked_for <= SETTINGS | COMPOSE_ONLY
    assert asked_for >= COMPOSE_ONLY


def test_the_hooks_are_the_projects_own_tools() -> None:
    config = ROOT / ".pre-commit-config.yaml"
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(config)], check=True)
    repositories = yaml.safe_load(config.read_text())["repos"]
    assert [each["repo"] for each in repositories] == ["local"]
    tools = {hook["entry"].split()[0] for hook in repositories[0]["hooks"]}
    assert all(tool in read("Makefile").replace("$(BIN)", ".venv/bin") for tool in tools)


def test_what_ci_runs_is_a_program_that_lints_and_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert script.read_text().endswith("\nmake lint\nmake test\n")


# make setup, with a Python that writes down what it is asked

FAKE_PYTHON = """#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in
"-m venv --clear .venv") rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
"-m pip "*) exit "$PIP_EXITS" ;;
esac
"""


class Setup:
    """A folder that holds what `make setup` reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        (self.folder / "requirements").mkdir(parents=True)
        for name in ("Makefile", "pyproject.toml", "requirements/dev.txt"):
            shutil.copy(ROOT / name, self.folder / name)
        self.python = folder / "fake-python"
        self.python.write_text(FAKE_PYTHON)
        self.python.chmod(0o755)
        self._asked = folder / "asked"

    def run(self, python: str = "", pip_exits: int = 0) -> tuple[int, str, list[str]]:
        """Exit code, standard error, and what Python was asked to run as a module."""
        self._asked.write_text("")
        environment = {"PATH": os.environ["PATH"], "ASKED": str(self._asked), "PIP_EXITS": str(pip_exits)}
        done = subprocess.run(
            ["make", "setup", f"PYTHON={python or self.python}"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        asked = re.findall(r"^-m (venv|pip) .*?(--require-hashes|-e \.|$)", self._asked.read_text(), re.M)
        return done.returncode, done.stderr, [" ".join(each).strip() for each in asked]


ANEW = ["venv", "pip --require-hashes", "pip -e ."]


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


def test_setup_is_done_once(setup: Setup) -> None:
    assert setup.run() == (0, "", ANEW)
    assert setup.run() == (0, "", [])


def test_setup_takes_up_a_change_of_the_locks(setup: Setup) -> None:
    setup.run()
    lock = setup.folder / "requirements" / "dev.txt"
    os.utime(lock, (lock.stat().st_atime, (setup.folder / ".venv/.set-up").stat().st_mtime + 10))
    assert setup.run()[2] == ANEW[1:]


def test_setup_begins_anew_where_it_was_left_half_way(setup: Setup) -> None:
    code, _, asked = setup.run(pip_exits=1)
    assert code != 0
    assert asked == ANEW[:2]
    assert setup.run() == (0, "", ANEW)


def test_setup_begins_anew_in_a_folder_that_was_moved(setup: Setup) -> None:
    setup.run()
    setup.folder = setup.folder.rename(setup.folder.with_name("moved"))
    assert setup.run() == (0, "", ANEW)


@pytest.mark.parametrize("python", ["/nowhere/python3", "false"])
def test_setup_says_that_there_is_no_python(setup: Setup, python: str) -> None:
    code, error, _ = setup.run(python)
    assert code != 0
    first, *rest = error.splitlines()
    assert first.startswith(f"setup: no Python 3.11 or newer with its venv module among: {python}.")
    assert [line for line in rest if not line.startswith("make")] == []
