"""The forms in which a report can be had, a file or a folder each."""
