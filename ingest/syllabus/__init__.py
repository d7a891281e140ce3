"""Syllabi and reading lists: a file in, a `ReadingList` out.

A format makes an outline (outline.py); everything else works on that: weeks.py and tables.py find
the sessions, roles.py what is asked, titles.py what a link is called, worth.py which links are
readings, reader.py puts them together.
"""

from ingest.syllabus.files import read_syllabus, read_syllabus_file

__all__ = ["read_syllabus", "read_syllabus_file"]
