"""What can be asked: answers, quote verification, summaries, reports, façade, command line."""
