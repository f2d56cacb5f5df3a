"""Files people upload: opened in a child process that can hurt nobody, understood, and laid out as a table.

`sandbox` starts the child (`child`) and reads its answer; `sniff`, `texts`, `books` and `cards` open the
formats; `headings` finds where a table begins; `table` is the plain layout the engine reads afterwards.
`mapping` proposes which column fills which field, `run` takes the table through the import engine.
Nothing here but `mapping`, `fields` and `run` needs a database: the child loads none of those.
"""
