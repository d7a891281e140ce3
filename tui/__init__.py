"""How it looks: the Textual application, and the launcher of the console script."""
