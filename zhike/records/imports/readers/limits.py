"""How large a source file may be."""

MAX_BYTES = 512 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_RATIO = 200  # a workbook that grows further than this is a bomb, not a workbook
RATIO_FROM = 64 * 1024 * 1024
MAX_MEMBERS = 5_000
MAX_ROWS = 2_000_000
MAX_COLUMNS = 16_384
MAX_CELL = 32_767
MAX_CELLS = 20_000_000  # of one sheet, empty ones between used ones included: each takes memory
MAX_ERROR_CELLS = 10_000
