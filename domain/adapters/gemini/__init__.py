"""Gemini as the interviewer, on Google's google-genai SDK."""

from domain.adapters.gemini.interviewer import GeminiInterviewer

__all__ = ["GeminiInterviewer"]
