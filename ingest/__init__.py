"""How things get in: syllabus to reading list, arXiv to PDF, PDF to passages, the pipeline."""
