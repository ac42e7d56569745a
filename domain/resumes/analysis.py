"""What is known of a resume: the text taken from the file, and its analysis."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class FileType(StrEnum):
    """The kinds of file that are read, told by content and not by name."""

    PDF = "pdf"
    DOCX = "docx"


class ExtractedText(BaseModel):
    """The text of a document as a person would read it.

    `links` are the targets of hyperlinks, also of those hidden behind words. `hidden_text` says that
    the document holds words a reader would not see (white, tiny, off the page); they are left out of `text`.
    """

    model_config = ConfigDict(frozen=True)

    file_type: FileType
    text: str
    pages: int = 1
    links: tuple[str, ...] = ()
    hidden_text: bool = False


class Contact(BaseModel):
    name: str = ""
    email: str = ""
    phone: str = ""
    location: str = ""
    links: list[str] = Field(default_factory=list)


class Experience(BaseModel):
    title: str = ""
    employer: str = ""
    start: str = ""
    end: str = ""
    summary: str = ""


class Education(BaseModel):
    degree: str = ""
    school: str = ""
    year: str = ""


class ResumeAnalysis(BaseModel):
    """A resume as the interviewer understood it; the whole of it is stored in `resumes.analysis`.

    `confidence` runs from 0 to 1. `method` is "gemini" or "rules"; rules claim less and say so.
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
