"""Calls of a model: what they cost, who may make more of them, and which model is left alone for now."""
