"""What `zhike doctor` looks at, in this order."""

from __future__ import annotations

from ..doctor import Check
from . import database, files, machine, people, work

# Without a database that answers the rest can say nothing.
FIRST: tuple[Check, ...] = (
    machine.settings, machine.programs, machine.data, machine.disk, machine.key, machine.web, machine.mail, database.answers,
)
THEN: tuple[Check, ...] = (
    database.migrations, database.encoding, database.safe_writing, database.rights_are_fresh, database.references, database.whole,
    work.clock, work.worker, work.jobs, work.tasks, work.history, files.attachments, files.leftovers, people.administrators, people.passwords,
)
