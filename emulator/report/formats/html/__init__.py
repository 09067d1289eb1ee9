"""The report as one HTML file that needs nothing else: no network, no scripts."""

from emulator.report.formats.html.rendering import render_page

__all__ = ["render_page"]
