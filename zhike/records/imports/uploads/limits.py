"""How large an upload may be, and what its child process may use."""

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CARDS = 20_000
MAX_SHEETS = 50  # looked through for the fullest
WALL_SECONDS = 90
CPU_SECONDS = 75
MEMORY = 1536 * 1024 * 1024  # of addresses; what is really used stays far below
MAX_WRITTEN = 1024 * 1024 * 1024
MAX_ANSWER = 4 * 1024 * 1024
SAMPLE = 200  # rows looked at for the heading
PREVIEW = 15  # raw rows shown beside the choice of the heading
VALUES = 2_000  # values of a column looked at for what they are
EXAMPLES = 4
LONGEST_EXAMPLE = 80
