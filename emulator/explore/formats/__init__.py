"""The forms in which an exploration is shown: terminal, JSON, JUnit, HTML."""
