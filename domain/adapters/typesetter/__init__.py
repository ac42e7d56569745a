"""The process that typesets one sheet; `domain.adapters.press` starts it. It imports nothing heavy."""
