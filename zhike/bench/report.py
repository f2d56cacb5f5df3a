"""The figures as the tables of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

PEOPLE = {"bench_rep002": "rep", "bench_manager02": "manager", "bench_head1": "region head", "bench_gm": "general manager"}
COLUMNS = (("sqlite", "10k"), ("sqlite", "200k"), ("postgresql", "10k"), ("postgresql", "200k"))


def tables(found: list[dict[str, Any]]) -> str:
    """Markdown: pages, then board and funnel over 20,000 and 200,000, then memory, crowds and import."""
    runs = {(run["database"], run["set"]): run for run in found}
    parts = [pages(runs, COLUMNS)]
    board = [key for key in runs if key[1] == "board"]
    if board:
        parts.append(pages(runs, tuple(board)))
    parts.append(rest(found))
    return "\n\n".join(parts)


def _lines(run: dict[str, Any] | None) -> dict[tuple[str, str], dict[str, Any]]:
    return {(line["line"], line["person"]): line for line in run["lines"]} if run else {}


def pages(runs: dict[tuple[str, str], dict[str, Any]], columns: tuple[tuple[str, str], ...]) -> str:
    present = [key for key in columns if key in runs]
    by_run = {key: _lines(runs[key]) for key in present}
    keys = list(dict.fromkeys(key for key in present for key in by_run[key]))
    head = ["page", "person", *(f"{database} {size}" for database, size in present)]
    rows = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for key in keys:
        cells = [key[0], PEOPLE.get(key[1], key[1])]
        for run in present:
            line = by_run[run].get(key)
            cells.append(_cell(line) if line else "")
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(line: dict[str, Any]) -> str:
    """p50 / p95 · requests a second · processor time · queries · ratio to the twin · SQL alone."""
    parts = [f"{line['p50']:.0f} / {line['p95']:.0f}", f"{line['per_second']:.0f}/s", f"cpu {line['cpu']:.0f}", f"{line['queries']} q"]
    if line["twin"]:
        parts.append(f"{line['p50'] / line['twin']:.1f}×")
    if line["sql"]:
        parts.append(f"sql {line['sql']:.1f}")
    return " · ".join(parts)


def rest(found: list[dict[str, Any]]) -> str:
    rows = []
    for run in found:
        where = f"{run['database']} {run['set']}"
        if "memory" in run:
            rows.append(f"- {where}: web {run['memory']['web']} MB + worker {run['memory']['worker']} MB (PSS); load {run['load']:.1f}")
        for crowd in run.get("crowds", []):
            rows.append(f"- {where}, {crowd['people']} people on {crowd['workers']} workers: {crowd['per_second']} requests/s, "
                        f"p50 {crowd['p50']:.0f}, p95 {crowd['p95']:.0f} ms, {crowd['errors']} errors")
        if run["set"] == "import":
            rows.append(f"- {where}: {run['rows']:,} customers in {run['seconds']} s ({run['per_second']}/s); load {run['load']:.1f}")
    return "\n".join(rows)
