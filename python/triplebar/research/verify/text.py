"""A report of `verify` for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triplebar.research.tolerances import RUNGS
from triplebar.research.verify.report import Agreement, VerifyReport


def text_report(report: VerifyReport) -> str:
    """Write the verdict, the table of engines, then for each engine that differs where and why."""
    lines = [_verdict(report), "", *_engines(report)]
    for name, problem in report.failures.items():
        lines += ["", f"{name} did not run: {problem}"]
    for each in report.agreements:
        if each.first is not None or not each.agree:
            lines += ["", *_differences(report, each)]
    return "\n".join(lines) + "\n"


def _verdict(report: VerifyReport) -> str:
    use = f"rung {report.rung}: {RUNGS[report.rung].use}"
    names = ", ".join((report.base, *(each.engine for each in report.agreements)))
    if report.interrupted:
        return f"interrupted; finished: {names} ({report.mode}, {use})"
    if not report.agreements:
        return f"nothing to compare: only {report.base} ran ({report.mode})"
    return f"{'agree' if report.agree else 'DIFFERENT'}: {names} ({report.mode}, {use})"


def _engines(report: VerifyReport) -> list[str]:
    head = ("engine", "ending value", "orders", "fills", "divergence", "of capital", "seconds", "")
    rows: list[tuple[str, ...]] = [head]
    found = {each.engine: each for each in report.agreements}
    for name, result in report.results.items():
        each = found.get(name)
        counts = [f"{result.canonical(table).num_rows:,}" for table in ("orders", "fills")]
        rows.append(
            (
                name,
                f"{result.ending_value:,.2f}",
                *counts,
                "" if each is None else f"{each.divergence:.4%}",
                "" if each is None else f"{each.of_capital:.4%}",
                f"{report.seconds.get(name, 0.0):.2f}",
                _word(each),
            )
        )
    return aligned(rows)


def _word(each: Agreement | None) -> str:
    if each is None:
        return "compared with"
    identical = each.pairing.paired == each.pairing.equal and not each.pairing.first_only
    return ("equal" if identical and each.agree else "agrees" if each.agree else "differs") + (
        ", alert" if each.alert else ""
    )


def _differences(report: VerifyReport, each: Agreement) -> Iterator[str]:
    pairing = each.pairing
    yield f"{each.engine} against {report.base}"
    yield f"  orders: {pairing.paired:,} paired, {pairing.equal:,} of them equal" + _alone(report, each)
    yield from (f"  {check}" for check in each.checks)
    if each.first is not None:
        yield "  first difference: " + str(each.first).replace("\n", "\n  ")
    if each.explanation is not None:
        yield from _causes(report, each)


def _alone(report: VerifyReport, each: Agreement) -> str:
    parts = [
        f"{len(numbers):,} only in {name} ({_listed(numbers)})"
        for name, numbers in ((report.base, each.pairing.first_only), (each.engine, each.pairing.second_only))
        if numbers
    ]
    return "".join(f"; {part}" for part in parts)


def _listed(numbers: Sequence[int], most: int = 8) -> str:
    shown = ", ".join(str(number) for number in numbers[:most])
    return shown + (", …" if len(numbers) > most else "")


def _causes(report: VerifyReport, each: Agreement) -> Iterator[str]:
    explained = each.explanation
    assert explained is not None  # noqa: S101 - asked only if there is one
    base = report.results[report.base]
    power, currency = 10**base.settings.cash_precision, base.settings.currencies[0]
    whole = explained.difference_minor
    yield f"  profit differs by {whole / power:,.6g} {currency}, due to"
    rows = []
    for share in explained.shares:
        part = percent(share.amount_minor, whole)
        rows.append((share.cause, f"{share.amount_minor / power:,.6g}", part, share.rule, share.how, share.text))
    yield from (f"    {line}" for line in aligned(rows))


def percent(part: int, whole: int) -> str:
    """A part of a whole; nothing if there is no whole.

    >>> percent(0, -5), percent(1, -5), percent(1, 0)
    ('0.00%', '-20.00%', '')
    """
    return f"{part / whole if part else 0.0:.2%}" if whole else ""


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Put columns below each other: names to the left, numbers to the right.

    >>> aligned([("a", "10"), ("bcd", "5")])
    ['a    10', 'bcd   5']
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if _is_number_column(rows, place) else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _is_number_column(rows: Sequence[Sequence[str]], place: int) -> bool:
    cells = [row[place] for row in rows[1:] or rows]
    return any(cells) and all(not cell or cell.lstrip("-")[:1].isdigit() for cell in cells)
