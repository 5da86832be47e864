"""What the demonstration printer does with a document: put a sheet into the tray, or fail as it was told to.

ippeveprinter runs this once per job with the PDF as its last argument, the job's attributes as IPP_* variables, and
listens to STATE: and ATTR: lines on stderr. A sheet is a copy of the PDF in `sheets/` and one JSON line in
`sheets.jsonl`, the tray's only truth. The file `fault` holds one word of `deploy.demo.printer.Fault`; it is
looked at again while waiting. Standard library only, because it runs outside the project's environment.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

# What stops the printer until a person has helped, and the keyword with which it says so; then it prints.
WAITING = {
    "paper-empty": "media-empty-error",
    "jam-cleared": "media-jam-error",
    "door-open": "cover-open-error",
    "toner-empty": "toner-empty-error",
}


def main() -> int:
    """Return 0 when the job is completed, 1 when it is aborted."""
    folder, pdf = Path(sys.argv[1]), Path(sys.argv[-1])
    fault = _fault(folder)
    if fault in WAITING:
        _say(f"STATE: +{WAITING[fault]}")
        while _fault(folder) == fault:
            time.sleep(0.05)
        _say(f"STATE: -{WAITING[fault]}")
        fault = ""
    if fault == "jam":
        _say("STATE: +media-jam-error")
        return 1
    if fault == "abort":
        return 1
    if fault in {"hang-then-die", "print-then-die"}:
        while not (folder / "die").exists():
            time.sleep(0.05)
        if fault == "print-then-die":
            _put_out(folder, pdf)
        os.kill(int((folder / "printer.pid").read_text()), signal.SIGKILL)
        return 1
    if fault == "slow":
        while _fault(folder) == "slow":
            time.sleep(0.05)
    _say("STATE: -media-jam-error")
    if fault == "toner-low":
        _say("ATTR: marker-levels=4,30")
    _put_out(folder, pdf)
    _say("ATTR: job-impressions-completed=1")
    return 0


def _fault(folder: Path) -> str:
    try:
        return (folder / "fault").read_text().strip()
    except FileNotFoundError:
        return ""


def _put_out(folder: Path, pdf: Path) -> None:
    uuid = os.environ.get("IPP_JOB_UUID", "")
    copy = folder / "sheets" / f"{uuid.rpartition(':')[2]}.pdf"
    shutil.copyfile(pdf, copy)
    sheet = {
        "job_name": os.environ.get("IPP_JOB_NAME", ""),
        "job_uuid": uuid,
        "media": os.environ.get("IPP_MEDIA", ""),
        "media_col": os.environ.get("IPP_MEDIA_COL", ""),
        "copies": int(os.environ.get("IPP_COPIES", "1")),
        "sha256": hashlib.sha256(copy.read_bytes()).hexdigest(),
        "file": copy.name,
        "printed_at": datetime.now(UTC).isoformat(),
    }
    with (folder / "sheets.jsonl").open("a", encoding="utf-8") as tray:
        tray.write(json.dumps(sheet) + "\n")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
