"""Paper: both print ledgers, the hub's grants and stock, the sheets that came out, and what the clerks said of them."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.evidence import Row
from tests.chaos.findings import Kind, Problem
from tests.chaos.lookup import Lookup

_NO_SHEET = "no_sheet"


def check(look: Lookup) -> Iterator[Problem]:
    """Each authorisation from its grant to its sheet."""
    prints = {row["authorisation_no"]: (code, row) for code, books in look.counties.items() for row in books.prints}
    at_hub = {row["authorisation_no"]: row for row in look.hub.authorisations}
    grants = {row["authorisation_no"]: row for row in look.hub.grants}
    yield from _ledgers(look, at_hub, prints)
    yield from _grants(grants, at_hub, prints)
    yield from _sheets(look.evidence.sheets, prints)
    yield from _copies(prints)
    yield from _stock(look)
    yield from _words(look, at_hub)


def _ledgers(look: Lookup, at_hub: dict[str, Row], prints: dict[str, tuple[str, Row]]) -> Iterator[Problem]:
    """The hub's ledger and the window county's say the same."""
    for number, there in at_hub.items():
        if there["target_county"] not in look.counties:
            continue
        if number not in prints:
            yield _problem(
                "ledger.missing", Kind.LOST, number, f"not in the ledger of {there['target_county']}", "there"
            )
            continue
        code, here = prints[number]
        same = ("case_no", "license_identifier", "copy_kind", "copy_no", "stock_kind", "state", "target_county")
        wrong = [name for name in same if here[name] != there[name]]
        if (here["stock_serial"] or "") != (there["stock_serial"] or ""):
            wrong.append("stock_serial")
        if here["supersedes"] != there["replaces"]:
            wrong.append("replaces")
        if wrong:
            found = f"{code}: {', '.join(f'{name} {here.get(name)}' for name in wrong)}"
            expected = ", ".join(f"{name} {there.get(name)}" for name in wrong)
            yield _problem("ledger.differs", Kind.DISAGREEMENT, number, found, expected)
    for number, (code, _) in prints.items():
        if number not in at_hub:
            yield _problem("ledger.invented", Kind.INVENTED, number, f"in the ledger of {code} only", "at the hub")


def _grants(grants: dict[str, Row], at_hub: dict[str, Row], prints: dict[str, tuple[str, Row]]) -> Iterator[Problem]:
    """What was started or settled was granted, to the station that did it; a grant is for an authorisation."""
    for number, grant in grants.items():
        if number not in at_hub:
            yield _problem("grant.invented", Kind.INVENTED, number, "granted", "an authorisation")
        if number in prints:
            _, here = prints[number]
            held = (here["claim_id"], here["station"], here["target_county"])
            if held != (grant["claim_id"], grant["station"], grant["county"]):
                yield _problem("grant.differs", Kind.DISAGREEMENT, number, f"{held}", f"{grant['claim_id']}")
    for number, (code, here) in prints.items():
        if here["state"] in ("printing", "printed", "spoiled", "unknown") and number not in grants:
            yield _problem("grant.missing", Kind.INVENTED, number, f"{here['state']} at {code}, not granted", "a grant")


def _sheets(sheets: list[Row], prints: dict[str, tuple[str, Row]]) -> Iterator[Problem]:
    """Sheets = printed + spoiled, but for those of which two persons say that none came; each of what was signed."""
    out: Counter[str] = Counter()
    for sheet in sheets:
        number = sheet["job_name"]
        out[number] += int(sheet["copies"])
        if number not in prints:
            yield _problem("sheet.invented", Kind.INVENTED, number, "on paper", "an authorisation")
            continue
        _, here = prints[number]
        signed = {here["print_file_sha256"]} | ({here["sealed_sha256"]} if here["trial"] else set())
        if sheet["sha256"] not in signed:
            yield _problem("sheet.digest", Kind.DISAGREEMENT, number, "another document on paper", "the one signed")
    for number, (_, here) in prints.items():
        wanted = int(here["state"] in ("printed", "spoiled") and here["spoil_reason"] != _NO_SHEET)
        if out[number] > 1:
            yield _problem("sheet.doubled", Kind.DOUBLED, number, f"{out[number]} sheets", str(wanted))
        elif out[number] > wanted:
            yield _problem("sheet.invented", Kind.INVENTED, number, f"a sheet; {here['state']}", "none")
        elif out[number] < wanted:
            yield _problem("sheet.lost", Kind.LOST, number, f"no sheet; {here['state']}", "one")


def _copies(prints: dict[str, tuple[str, Row]]) -> Iterator[Problem]:
    """One copy of one license is good paper at most once, whatever was authorised."""
    copies: dict[tuple[object, ...], list[str]] = {}
    for number, (_, here) in prints.items():
        if here["state"] == "printed":
            names = ("license_identifier", "license_version", "copy_kind", "copy_no")
            copies.setdefault(tuple(here[name] for name in names), []).append(number)
    for numbers in copies.values():
        if len(numbers) > 1:
            yield _problem("copy.doubled", Kind.DOUBLED, numbers[0], f"printed under {', '.join(numbers)}", "once")


def _stock(look: Lookup) -> Iterator[Problem]:
    """A sheet of stock is used once, and hub and county name the same sheets."""
    there = {
        (row["county"], row["stock_kind"], row["stock_serial"], row["authorisation_no"], row["result"])
        for row in look.hub.stock
        if row["county"] in look.counties
    }
    here = {
        (code, row["stock_kind"], row["serial"], row["authorisation_no"], str(row["state"]))
        for code, books in look.counties.items()
        for row in books.stock
    }
    for code, _, serial, number, result in sorted(there ^ here):
        only = "hub" if (code, _, serial, number, result) in there else code
        yield _problem("stock.differs", Kind.DISAGREEMENT, number, f"sheet {serial} {result} at {only} only", "at both")


def _words(look: Lookup, at_hub: dict[str, Row]) -> Iterator[Problem]:
    """What a page acknowledged of a sheet stands in the ledger; what stands there, somebody said."""
    tried: set[str] = set()
    for event in look.events:
        if event.kind not in ("confirm", "spoil", "settle"):
            continue
        tried.add(event.case)
        if event.phase != "ok":
            continue
        result = str(event.details.get("result", "spoiled" if event.kind == "spoil" else "printed"))
        row = at_hub.get(event.case)
        serial = str(event.details.get("serial", ""))
        if row is None or (row["state"], row["stock_serial"] or "") != (result, serial):
            found = f"{row['state']} {row['stock_serial']}" if row else "unknown at the hub"
            yield _problem("word.lost", Kind.LOST, event.case, found, f"{result} {serial}")
    asked = {event.case for event in look.events if event.kind == "print"}
    for number, row in at_hub.items():
        if row["state"] in ("printed", "spoiled") and number not in tried:
            yield _problem("word.invented", Kind.INVENTED, number, str(row["state"]), "a clerk's word")
        if row["state"] != "authorised" and number not in asked:
            yield _problem("claim.invented", Kind.INVENTED, number, str(row["state"]), "a press of the button")


def _problem(rule: str, kind: Kind, case: str, found: str, expected: str) -> Problem:
    return Problem(rule=rule, kind=kind, case=case, found=found, expected=expected)
