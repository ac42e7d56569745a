"""What is known of a resume: the text taken from the file, and its analysis."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class FileType(StrEnum):
    """The kinds of file that are read, told by content and not by name; TEXT was pasted into the chat."""

    PDF = "pdf"
    DOCX = "docx"
    JPEG = "jpeg"
    PNG = "png"
    TEXT = "text"


class Picture(BaseModel):
    """A page of a scan, or a photo, drawn anew as a JPEG: nothing of the foreign file is in it but what it
    shows."""

    model_config = ConfigDict(frozen=True, val_json_bytes="base64", ser_json_bytes="base64")

    content: bytes = Field(min_length=1, max_length=2_000_000, repr=False)
    mime_type: Literal["image/jpeg"] = "image/jpeg"


class ExtractedText(BaseModel):
    """The text of a document as a person would read it.

    `links` are the targets of hyperlinks, also of those hidden behind words. `hidden_text` says that
    the document holds words a reader would not see (white, tiny, off the page); they are left out of `text`.
    A scan or a photo has no text, but `pictures` of its pages. A scan on which a program has read the words
    has both; that they are the words of the pictures is only its word.
    """

    model_config = ConfigDict(frozen=True)

    file_type: FileType
    text: str
    pages: int = 1
    links: tuple[str, ...] = ()
    hidden_text: bool = False
    pictures: tuple[Picture, ...] = Field(default=(), max_length=8, repr=False)

    @property
    def is_scan(self) -> bool:
        return bool(self.pictures) and not self.text

    def as_seen(self) -> ExtractedText:
        """For who can read pictures: without words that nobody sees on them."""
        return self.model_copy(update={"text": ""}) if self.pictures else self


class Contact(BaseModel):
    name: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    links: list[str] = Field(default_factory=list)


class Experience(BaseModel):
    """One employment. `inferred` says that the employer does not occur in the text."""

    title: str = ""
    employer: str = ""
    start: str = ""
    end: str = ""
    summary: str = ""
    inferred: bool = False


class Education(BaseModel):
    degree: str = ""
    school: str = ""
    year: str = ""


class YearsBasis(StrEnum):
    """What a number of years rests on: the dates of the text, a number that it names, or nothing found."""

    DATES = "dates"
    STATED = "stated"
    UNCHECKED = "unchecked"


class ResumeAnalysis(BaseModel):
    """A resume as the interviewer understood it; the whole of it is stored in `resumes.analysis`.

    `confidence` runs from 0 to 1. `method` is "gemini" or "rules"; rules claim less and say so.
    `transcript` is the text of a scan as the interviewer read it; it is kept as the resume's text.
    What is below `method` is found by code (`domain.resumes.checking`): `inferred_skills` are those of
    `skills` that do not occur in the text, `role_inferred` says the same of the role, `claimed_years` is
    what the interviewer counted, `sections` are the headings of the text by kind, and `set_aside` holds
    what speaks to an AI instead of an employer, of which nothing was believed. `awaits_ai` says that a job
    has the AI read it once it is back.
    """

    is_resume: bool = True
    contact: Contact = Field(default_factory=Contact)
    inferred_role: str = ""
    years_of_experience: int | None = None
    skills: list[str] = Field(default_factory=list)
    experience: list[Experience] = Field(default_factory=list)
    education: list[Education] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    strengths: list[str] = Field(default_factory=list)
    gaps: list[str] = Field(default_factory=list)
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    method: str = "rules"
    inferred_skills: list[str] = Field(default_factory=list)
    role_inferred: bool = False
    claimed_years: int | None = None
    years_basis: YearsBasis | None = None
    sections: list[str] = Field(default_factory=list)
    set_aside: list[str] = Field(default_factory=list)
    awaits_ai: bool = False
    transcript: str = Field(default="", exclude=True, repr=False)


@dataclass(frozen=True)
class ResumeFacts:
    """What the rules see: an analysis without words about it, and the `rules.PARTS` on which it rests.

    `months` are those that the dates cover together, `headings` the lines that open a section.
    """

    analysis: ResumeAnalysis
    found: tuple[str, ...]
    lines_with_results: int
    months: int = 0
    headings: tuple[str, ...] = ()
