"""The way of a file into the house: upload, reading, columns, dry run, run, result; one page a step."""
