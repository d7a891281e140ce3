"""Syllabi and reading lists: a file in, a `ReadingList` out.

A format (markdown.py, html.py, yaml.py, bibtex.py) makes an outline (outline.py); the rest works on
that alone: markers.py, weeks.py and tables.py find the sessions, roles.py and scopes.py what is
asked, titles.py what a link is called, worth.py which links are readings; reader.py walks through.
"""

from ingest.syllabus.files import read_syllabus, read_syllabus_file

__all__ = ["read_syllabus", "read_syllabus_file"]
