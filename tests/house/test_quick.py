"""What `make check` chooses from: some of every app, everything new, and no more than fits."""

from tests import quick

TESTS = {**{f"zhike/large/tests/test_a.py::test_{n}": 0.1 for n in range(500)}, "zhike/small/tests/test_b.py::test_one": 3.0,
         "zhike/small/tests/test_b.py::test_two": 4.0, "tests/house/test_c.py::test_long": 90.0}
FILES = {"zhike/small/tests/test_b.py": 2.0}


def test_the_quickest_of_every_app_and_all_that_is_new():
    new = "zhike/large/tests/test_a.py::test_new"
    found = quick.choose([*TESTS, new], 40, TESTS, FILES)
    assert new in found and "zhike/small/tests/test_b.py::test_one" in found
    assert "tests/house/test_c.py::test_long" not in found
    costs = sum(TESTS[name] for name in found if name != new) + FILES["zhike/small/tests/test_b.py"]
    assert 35 < costs <= 40


def test_the_table_speaks_of_tests_that_are_there():
    """A table that nobody renews would soon choose by chance."""
    tests, _files = quick.read_table()
    assert len(tests) > 500
    files = {quick.file_of(name) for name in tests}
    gone = {name for name in files if not (quick.TABLE.parent.parent / name).is_file()}
    assert len(gone) * 10 <= len(files), f"measure again, see tests/quick.py; gone: {sorted(gone)}"
