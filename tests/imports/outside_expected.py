"""What becomes of every file of the outside sets: rows and heading (line × lines), or a word of the refusal."""

WORKBOOKS = """
OOM_alloc.xls = 19 rows, 0×0
OOM_alloc2.xls = 191 rows, 1×1
OOM_alloc3.xls ! damaged
any_sheets.ods = 4 rows, 0×0
any_sheets.xls = 4 rows, 0×0
any_sheets.xlsb = 4 rows, 0×0
any_sheets.xlsx = 4 rows, 0×0
biff5-rich-text-string.xls = 13 rows, 3×1
biff5_write.xls = 4 rows, 0×0
capitalized_wbook_stream.xls ! holds anything
column_row_ranges.xlsx = 5 rows, 0×0
covered.ods = 2 rows, 1×1
date.ods = 4 rows, 0×0
date.xls = 3 rows, 0×0
date.xlsb = 3 rows, 0×0
date.xlsx = 3 rows, 0×0
date_1904.xls = 3 rows, 0×0
date_1904.xlsb = 3 rows, 0×0
date_1904.xlsx = 3 rows, 0×0
date_iso.xlsx = 6 rows, 0×0
date_quoted_format.xlsx = 4 rows, 0×0
empty-string.xls = 1 rows, 0×0
empty_s_attribute.xlsx = 4 rows, 1×1
empty_shared_string.xlsx = 0 rows, 1×1
empty_shared_string_value.xlsx = 2 rows, 1×1
empty_sheet.xlsx ! holds anything
encoded_entities.xlsx = 0 rows, 1×1
errors.xlsx ! no rows
formula-date-format.xls = 2 rows, 0×0
formula.issue.xlsx = 3 rows, 0×0
gh548_incorrect_sst_unique_count.xls = 205 rows, 16×1
has_x000D_.xlsx = 0 rows, 1×1
has_x000D_inline.xlsx = 0 rows, 1×1
header-row.xlsx = 1 rows, 9×1
hyperlinks.xlsx = 6 rows, 1×2
inlineStr_cdata.xlsx = 1 rows, 1×1
inlineStr_with_value.xlsx = 1 rows, 1×1
inventory-table.xlsx = 4 rows, 1×1
issue127.ods ! holds anything
issue127.xls ! holds anything
issue127.xlsb ! holds anything
issue127.xlsx ! holds anything
issue219.xls = 0 rows, 1×1
issue221.xlsm = 1 rows, 1×1
issue252.xlsx ! damaged
issue281.xlsm ! macros
issue3.xlsm = 0 rows, 1×1
issue343.xls ! no rows
issue438.xlsx = 4 rows, 1×1
issue444.xls = 9 rows, 1×1
issue446.xlsx = 2 rows, 0×0
issue644.xlsx = 10 rows, 0×0
issue9.xlsx = 3 rows, 1×1
issue_174.xlsx ! too large
issue_182.xlsb ! macros
issue_186.xlsb = 5 rows, 0×0
issue_261.xlsx = 53 rows, 7×1
issue_261_fixed_by_excel.xlsx = 53 rows, 7×1
issue_271.xls = 0 rows, 3×1
issue_385.xls ! password
issue_391.xlsx = 7 rows, 0×0
issue_419.xlsb = 0 rows, 1×1
issue_419.xlsx = 0 rows, 1×1
issue_530.xlsx = 1 rows, 4×1
issue_553.xlsx ! no rows
issue_565_multi_axis_shared.xlsx = 4 rows, 0×0
issue_567_absolute_shared.xlsx = 3 rows, 0×0
issue_594_dos.ods ! Cell limit
issue_643_biff5_formula.xls = 4 rows, 0×0
issue_644.xlsx = 10 rows, 0×0
issue_646_unsupported_formula_function.xls = 1 rows, 0×0
issue_666_lost_sheets.xlsb ! holds anything
issue_666_panic.xlsb ! holds anything
issues.ods = 7 rows, 1×1
issues.xls ! macros
issues.xlsb ! macros
issues.xlsx = 7 rows, 1×1
malformed_format.xls = 35 rows, 1×1
merge_cells.xls = 0 rows, 1×2
merge_cells.xlsx = 0 rows, 1×2
merged_cells.ods = 2 rows, 1×1
merged_range.xls = 2 rows, 1×2
merged_range.xlsx = 2 rows, 1×2
minimal_package.xlsx = 193 rows, 3×1
misc_biff5_parsing.xls ! holds anything
multi-empty.ods = 5 rows, 1×1
no-header.xlsx = 1 rows, 3×1
non_monotonic_si.xlsx = 6 rows, 0×0
nonstandard-xml-ns-prefix.xlsx = 2 rows, 1×1
number_rows_repeated.ods = 4 rows, 1×1
optional_records.xls ! macros
pass_protected.ods ! password
pass_protected.xlsb ! password
pass_protected.xlsx ! password
picture.ods ! holds anything
picture.xls ! holds anything
picture.xlsb ! holds anything
picture.xlsx ! holds anything
picture_richdata.xlsx ! no rows
pictures_in_cell_and_over_cell.xlsx = 2 rows, 0×0
pivots.xlsx = 10 rows, 1×1
ptgexp-truncated-operand.xls = 14 rows, 2×2
readings.xlsx = 3 rows, 1×1
richtext-after-plain.xlsx = 2 rows, 0×0
richtext-namespaced.xlsx = 0 rows, 1×1
richtext_issue.ods = 7 rows, 1×1
rph.xlsx = 0 rows, 1×1
shared_formula_bench.xlsx = 100 rows, 0×0
shared_formula_reversed.xlsx = 5 rows, 0×0
shared_formula_simple.xlsx = 3 rows, 0×0
sheet_name_parsing.xls = 0 rows, 1×1
single-empty.ods = 5 rows, 1×1
special_cells.ods = 4 rows, 1×1
sst_continue.xls = 135 rows, 1×1
strict_iso_paths.xlsx = 75 rows, 1×1
string-ref.xlsx = 1 rows, 1×1
table-multiple.xlsx = 9 rows, 1×1
table_with_absolute_paths.xlsx = 4 rows, 1×1
table_with_insertrow_attribute.xlsx = 32 rows, 8×1
temperature-fallible.xlsx = 4 rows, 1×1
temperature-in-middle.xlsx = 2 rows, 4×1
temperature-table.xlsx = 2 rows, 1×1
temperature.xlsx = 2 rows, 1×1
too_small.xls ! damaged
vba.xlsm ! macros
whitespace_trim.xlsx = 2 rows, 1×1
with-annotation.ods = 0 rows, 1×1
xls_cross_sheet_chart.xls = 8 rows, 0×0
xls_formula.xls = 4 rows, 0×0
xls_formula_columns_beyond_z.xls = 3 rows, 0×0
xls_ref_String.xls = 3 rows, 1×1
xls_wrong_decimals.xls = 1 rows, 0×0
"""

TABLES = """
2-files.zip ! packed
matrix.csv = 4 rows, 1×1
special/accent.csv = 2 rows, 1×1
special/adjust_floating_point_error.xlsx = 5 rows, 1×1
special/bom.csv = 2 rows, 1×1
special/doublequote.csv = 5 rows, 1×1
special/doublequote.csv.zip ! packed
special/escaping.csv = 3 rows, 1×1
special/issue305.csv = 338 rows, 1×1
special/issue320.xlsx = 54 rows, 0×0
special/latin1.csv ! Choose the encoding
special/long.csv = 6 rows, 1×1
special/merged-cells-boolean.xls = 1 rows, 0×0
special/merged-cells.xls = 0 rows, 1×1
special/merged-cells.xlsx = 0 rows, 1×1
special/multiline-headers.xlsx = 1 rows, 1×5
special/number_format_multicode.xlsx = 3 rows, 1×1
special/preserve-formatting-percentage.xlsx = 3 rows, 1×1
special/preserve-formatting.xlsx = 1 rows, 1×1
special/sheet2.xls = 2 rows, 1×1
special/sheet2.xlsx = 2 rows, 1×1
special/sheets.xlsx = 1 rows, 1×1
special/skip-blank-at-the-end.csv = 2 rows, 1×1
special/skip-rows-before-headers.csv = 2 rows, 2×1
special/skip-rows.csv = 3 rows, 2×1
special/skip-rows.xlsx = 2 rows, 2×1
special/table-with-booleans.ods = 2 rows, 1×1
special/table-with-booleans.xls = 2 rows, 1×1
special/table-with-ints-floats-dates.ods = 3 rows, 1×1
special/table-with-ints-floats-dates.xls = 3 rows, 1×1
special/table.csv.zip ! packed
special/test_scientific_notation.xlsx = 1 rows, 1×1
table-reverse.csv = 2 rows, 1×1
table.csv = 2 rows, 1×1
table.csv.gz ! packed
table.csv.zip ! packed
table.ods = 2 rows, 1×1
table.tsv = 3 rows, 1×1
table.xls = 2 rows, 1×1
table.xlsx = 2 rows, 1×1
table_unicode_headers.csv = 2 rows, 1×1
"""

CARDS = """
io/json/jcard-example.json ! JSON
io/text/John_Doe_ANDROID.vcf = 6 rows, 1×1
io/text/John_Doe_BLACK_BERRY.vcf = 1 rows, 1×1
io/text/John_Doe_EVOLUTION.vcf = 1 rows, 1×1
io/text/John_Doe_GMAIL.vcf = 1 rows, 1×1
io/text/John_Doe_IPHONE.vcf = 1 rows, 1×1
io/text/John_Doe_LOTUS_NOTES.vcf = 1 rows, 1×1
io/text/John_Doe_MAC_ADDRESS_BOOK.vcf = 1 rows, 1×1
io/text/John_Doe_MS_OUTLOOK.vcf = 1 rows, 1×1
io/text/fullcontact.vcf = 1 rows, 1×1
io/text/gmail-list.vcf = 3 rows, 1×1
io/text/gmail-single.vcf = 1 rows, 1×1
io/text/gmail-single2.vcf = 1 rows, 1×1
io/text/outlook-2003.vcf = 1 rows, 1×1
io/text/outlook-2007.vcf = 1 rows, 1×1
io/text/rfc2426-example.vcf = 2 rows, 1×1
io/text/rfc6350-example.vcf = 1 rows, 1×1
io/text/thunderbird-MoreFunctionsForAddressBook-extension.vcf = 1 rows, 1×1
io/xml/rfc6351-example.xml ! XML
issue/issue114.vcf = 1 rows, 1×1
"""
