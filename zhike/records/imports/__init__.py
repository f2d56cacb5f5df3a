"""Import plans: a TOML file that says how a folder of files becomes records.

`plan` reads and checks the file, `readers` opens each format, `tables` joins and addresses rows,
`fields` and `values` turn cells into values, `section` takes batches of rows through the
`Importer` that a kind's app declares, `results` writes down what became of every row.
"""
