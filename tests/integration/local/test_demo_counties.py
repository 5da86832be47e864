"""The two local systems as real processes, joined by nothing but their mappings: the whole road without a hub."""

import csv
import functools
import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.local.mapping import CountyMapping, WriteContext, load_mapping
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from schemas import codec, documents, messages
from schemas.identifiers.credit import CreditCode
from tests import county_records
from tests.awaiting import LONGEST_SECONDS
from tests.chaos import localbooks

if TYPE_CHECKING:
    from adapters.local.sinks import Sink
    from adapters.local.sources import Source

ROOT = Path(__file__).parents[3]
COUNTIES = ROOT / "adapters" / "counties"
STEPS = {
    "supplement.requested": (county_records.supplement_request(), "40", "补正告知"),
    "supplement.provided": (county_records.supplement(), "40", "补正材料"),
    "application.not_accepted": (county_records.non_acceptance(), "45", "不予受理"),
    "review.advanced": (county_records.review_step(), "60", "审查"),
    "procedure.opened": (county_records.special_procedure(), "65", "特别程序"),
    "procedure.closed": (county_records.procedure_result(), "65", "特别程序结束"),
    "deadline.extended": (county_records.extension(), "55", "延长期限"),
    "case.withdrawn": (county_records.withdrawal(), "97", "撤回"),
    "case.terminated": (county_records.termination(), "98", "终止"),
    "license.state_changed": (county_records.license_state_change(), "81", "证照状态"),
    "print.revoked": (county_records.print_revocation(authorisation_no="A1"), "84", "撤销打印授权"),
    "case.closed": (county_records.closing(), "95", "办结"),
}
IDENTIFIER = "1.2.156.3005.2.11100000MB0143028R001.11140881MB0000000U.000000001.001.6"


@functools.cache
def mapping_of(folder: str) -> CountyMapping:
    """A county's tables, read once."""
    return load_mapping(COUNTIES / folder)


def command(script: str, option: str, place: Path) -> list[str]:
    """How a local system is started over its place."""
    return [sys.executable, str(ROOT / "deploy" / "demo" / script), option, str(place)]


class County:
    """One county: its local system as a process, and the mapping that reads and writes it."""

    def __init__(self, folder: str, script: str, option: str, place: Path, location: str) -> None:
        """Nothing runs yet; `place` holds what `init` has made."""
        self.command = command(script, option, place)
        self.mapping = mapping_of(folder)
        self.source: Source = open_source(self.mapping, location)
        self.sink: Sink = open_sink(self.mapping, location)
        self.cursor: str | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.found: list = []
        self.keys: set[str] = set()

    def call(self, *arguments: str) -> list[str]:
        """Run one command of the local system to its end."""
        done = subprocess.run([*self.command, *arguments], check=True, capture_output=True, timeout=60)
        return done.stdout.decode().split()

    def start(self) -> None:
        """Start the clerks."""
        self.process = subprocess.Popen([*self.command, "run"], stdout=subprocess.DEVNULL)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Stop the clerks with a signal."""
        assert self.process is not None
        os.kill(self.process.pid, number)
        code = self.process.wait(20)
        self.process = None
        return code

    def until(self, enough: Callable[[list], bool], seconds: float = LONGEST_SECONDS) -> list:
        """Poll, de-duplicating by key as the county node does, until enough was read."""
        deadline = time.monotonic() + seconds
        while not enough(self.found):
            batch = self.source.poll(self.cursor, 50)
            assert not batch.failures
            self.cursor = batch.cursor
            for record in batch.records:
                if record.key not in self.keys:
                    self.keys.add(record.key)
                    if (translation := self.mapping.read(record)) is not None:
                        codec.encode(messages.TYPES[translation.message_type].record, translation.canonical)
                        documents.demand(translation.message_type, translation.canonical)
                        self.found.append(translation)
            assert time.monotonic() < deadline, [each.message_type for each in self.found]
            if not batch.records:
                time.sleep(0.05)  # the local system is another process with no way to tell
        return self.found

    def write(self, kind: str, canonical: dict, case_no: str, local_case: str | None, source: "County") -> None:
        """Write a message into the local system, twice, as after a crash."""
        context = WriteContext(
            case_no=case_no,
            local_case=local_case,
            source=source.mapping.county,
            source_name=source.mapping.name,
            written_at=datetime.now(UTC),
        )
        writes = self.mapping.write(kind, canonical, context)
        self.sink.write(writes)
        self.sink.write(writes)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both local systems as their `init` makes them: a database without rows, folders without files."""
    made = tmp_path_factory.mktemp("empty")
    for each in (
        command("local_wuqiao.py", "--database", made / "吴桥.db"),
        command("local_yongji.py", "--folder", made / "永济"),
    ):
        subprocess.run([*each, "init"], check=True, capture_output=True, timeout=60)
    return made


@pytest.fixture
def counties(tmp_path: Path, empty: Path) -> Iterator[tuple[County, County]]:
    """吴桥 and 永济, whose processes are ended afterwards."""
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    database = tmp_path / "吴桥.db"
    wuqiao = County("wuqiao_130928", "local_wuqiao.py", "--database", database, f"sqlite:///{database}")
    folder = tmp_path / "永济"
    yongji = County("yongji_140881", "local_yongji.py", "--folder", folder, str(folder))
    yield wuqiao, yongji
    for each in (wuqiao, yongji):
        if each.process is not None:
            each.end(signal.SIGKILL)


def license_record() -> dict:
    """Make a license as the issuing county would."""
    return {
        "identifier": IDENTIFIER, "version": "001", "type_code": "11100000MB0143028R001", "name": "营业执照",
        "number": "91140881MA0000001X", "holder": "永济市𠮷祥商贸有限公司", "holder_code": "91140881MA0000001X",
        "holder_code_kind": "001", "issuing_authority": "永济市行政审批服务管理局",
        "issuing_authority_code": "11140881MB0000000U", "issued_on": date(2026, 11, 22), "valid_from": None,
        "valid_until": None, "area_code": "140881", "state": "valid", "face": [], "files": [],
    }  # fmt: skip


def authorisation(number: str, replaces: str | None = None) -> dict:
    """Make a print authorisation."""
    return {
        "authorisation_no": number, "license_identifier": IDENTIFIER, "license_version": "001",
        "copy_kind": "original", "copy_no": 1, "sealed_sha256": b"1" * 32, "print_file_sha256": b"2" * 32,
        "template": "t", "template_version": "1", "target_county": "130928", "target_hall": "01",
        "stock_kind": "营业执照正本", "expires_at": datetime(2026, 12, 1, tzinfo=UTC), "nonce": b"3" * 16,
        "replaces": replaces,
    }  # fmt: skip


def outcome(number: str, result: str) -> dict:
    """Make a sheet's outcome."""
    moment = datetime(2026, 11, 22, 3, tzinfo=UTC)
    return {
        "authorisation_no": number, "claim_id": f"c-{number}", "result": result, "stock_kind": "营业执照正本",
        "stock_serial": "A0001", "started_at": moment, "settled_at": moment, "reason": "", "clerk": "吴桥窗口张",
        "job_uuid": "urn:uuid:0",
    }  # fmt: skip


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_whole_road(counties: tuple[County, County], reverse: bool) -> None:
    """An application becomes an acceptance, a decision and a hand-over, each known to the other side's system."""
    window, issuing = reversed(counties) if reverse else counties
    (local,) = window.call("submit", "--count", "1", "--seed", "7")
    case_no = f"{window.mapping.county}-20261122-000001-X"
    application = window.until(lambda found: len(found) == 1)[0]
    assert application.message_type == "application.submitted"
    assert application.local_case == local
    assert application.destination == issuing.mapping.county

    issuing.write("application.submitted", application.canonical, case_no, None, window)
    issuing.start()
    accepted, decided = issuing.until(lambda found: len(found) == 2)
    assert (accepted.message_type, decided.message_type) == ("application.accepted", "decision.made")
    assert accepted.local_case == decided.local_case == case_no
    assert decided.canonical["outcome"] == "granted"
    code = CreditCode.parse(decided.canonical["license_number"])
    assert code.division == issuing.mapping.county
    assert not code.warnings

    # The authority's system knows the license as well, and hands nothing over: the applicant stands elsewhere.
    issuing.write("license.issued", license_record(), case_no, None, issuing)
    issuing.write("print.settled", outcome("A1", "printed"), case_no, case_no, window)
    window.start()
    for kind, record in (
        ("application.accepted", accepted.canonical),
        ("decision.made", decided.canonical),
        ("license.issued", license_record()),
        ("print.authorised", authorisation("A1")),
        ("print.authorised", authorisation("A2")),
        ("print.settled", outcome("A1", "printed")),
        ("print.settled", outcome("A2", "spoiled")),
        ("print.authorised", authorisation("A3", "A2")),
    ):
        window.write(kind, record, case_no, local, issuing)
    assert window.source.poll(window.cursor, 10).records == []
    window.write("print.settled", outcome("A3", "printed"), case_no, local, issuing)
    handed = window.until(lambda found: len(found) == 2)[1]
    assert handed.message_type == "case.handed_over"
    assert (handed.local_case, handed.canonical["license_identifier"]) == (local, IDENTIFIER)

    issuing.write("case.handed_over", handed.canonical, case_no, case_no, window)
    assert window.end() == 0
    assert issuing.end() == 0
    assert issuing.source.poll(issuing.cursor, 10).records == []


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_without_articles_it_is_denied(counties: tuple[County, County], reverse: bool) -> None:
    """A denial carries its reasons and remedies, and no number."""
    window, issuing = reversed(counties) if reverse else counties
    window.call("submit", "--flawed")
    application = window.until(lambda found: len(found) == 1)[0]
    issuing.write("application.submitted", application.canonical, "case-1", None, window)
    issuing.start()
    decided = issuing.until(lambda found: len(found) == 2)[1].canonical
    assert (decided["outcome"], decided["license_number"], decided["established_on"]) == ("denied", "", None)
    assert decided["reasons"]
    assert decided["remedies"]


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_the_window_may_open_a_case_on_trial(counties: tuple[County, County], reverse: bool) -> None:
    """The local system's own mark is read, and nothing else makes a case one on trial."""
    window, _ = reversed(counties) if reverse else counties
    window.call("submit")
    window.until(lambda found: len(found) == 1)
    window.call("submit", "--trial")
    assert [each.trial for each in window.until(lambda found: len(found) == 2)] == [False, True]


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_killed_clerks_do_everything_once(counties: tuple[County, County], reverse: bool) -> None:
    """However often the clerks are killed, each case is accepted once and decided once, in this order."""
    window, issuing = reversed(counties) if reverse else counties
    window.call("submit", "--count", "30", "--seed", "3")
    applications = window.until(lambda found: len(found) == 30)
    for number, each in enumerate(applications):
        issuing.write("application.submitted", each.canonical, f"case-{number}", None, window)
    for pause in (0.15, 0.25, 0.35, 0.3):
        issuing.start()
        time.sleep(pause)  # the moment of the kill is meant to be arbitrary
        issuing.end(signal.SIGKILL)
    issuing.start()
    found = issuing.until(lambda found: len(found) >= 60)
    issuing.end()
    assert issuing.source.poll(issuing.cursor, 10).records == []
    for number in range(30):
        kinds = [each.message_type for each in found if each.local_case == f"case-{number}"]
        assert kinds == ["application.accepted", "decision.made"]
    codes = {each.canonical["license_number"] for each in found if each.message_type == "decision.made"}
    assert len(codes) == 30


def applied(
    window: County, issuing: County, count: int = 1, *, flawed: bool = False, by_hand: bool = False
) -> list[tuple[str, str]]:
    """Let the window take applications and bring them to the issuing county; returns each local and case number."""
    known = len(window.found)
    options = [*(["--flawed"] if flawed else []), *(["--by-hand"] if by_hand else [])]
    locals_ = window.call("submit", "--count", str(count), *options)
    numbers = []
    for each in window.until(lambda found: len(found) == known + count)[known:]:
        case_no = f"{window.mapping.county}-20261122-{locals_.index(each.local_case) + known:06}-X"
        issuing.write("application.submitted", each.canonical, case_no, None, window)
        numbers.append((each.local_case, case_no))
    return numbers


def of_case(found: list, case: str) -> list[str]:
    """What was read of one case."""
    return [each.message_type for each in found if each.local_case == case]


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_a_supplement_comes_before_acceptance(counties: tuple[County, County], reverse: bool) -> None:
    """What is missing is told, the clerks wait for it, the window adds it, and the case is accepted and granted."""
    window, issuing = reversed(counties) if reverse else counties
    ((local, case_no),) = applied(window, issuing, flawed=True)
    (number,) = issuing.call("document", "补正告知", case_no)
    requested = issuing.until(lambda found: len(found) == 1)[0]
    assert (requested.message_type, requested.local_case) == ("supplement.requested", case_no)
    assert requested.canonical["notice_no"] == number
    assert [each["material"] for each in requested.canonical["defects"]] == ["公司章程"]

    issuing.start()
    ((_, other),) = applied(window, issuing)
    issuing.until(lambda found: of_case(found, other) == ["application.accepted", "decision.made"])
    assert of_case(issuing.found, case_no) == ["supplement.requested"]

    window.write("supplement.requested", requested.canonical, case_no, local, issuing)
    window.call("document", "补正材料", local)
    supplied = window.until(lambda found: len(found) == 3)[2]
    assert (supplied.message_type, supplied.local_case) == ("supplement.provided", local)
    assert supplied.canonical["notice_no"] == number
    assert [each["name"] for each in supplied.canonical["materials"]] == ["公司章程"]

    issuing.write("supplement.provided", supplied.canonical, case_no, case_no, window)
    issuing.until(lambda found: len(of_case(found, case_no)) == 3)
    assert of_case(issuing.found, case_no) == ["supplement.requested", "application.accepted", "decision.made"]
    assert issuing.found[-1].canonical["outcome"] == "granted"


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_a_withdrawn_case_goes_no_further(counties: tuple[County, County], reverse: bool) -> None:
    """The window registers the applicant's withdrawal; the authority's clerks leave the case alone from then on."""
    window, issuing = reversed(counties) if reverse else counties
    (local, case_no), (_, other) = applied(window, issuing, 2)
    window.call("document", "撤回", local, "--reasons", "改在外地设立。")
    withdrawn = window.until(lambda found: len(found) == 3)[2]
    applicant = next(each for each in window.found if each.local_case == local).canonical["contact_name"]
    assert (withdrawn.message_type, withdrawn.local_case) == ("case.withdrawn", local)
    assert (withdrawn.canonical["reasons"], withdrawn.canonical["recipient"]) == ("改在外地设立。", applicant)

    issuing.write("case.withdrawn", withdrawn.canonical, case_no, case_no, window)
    issuing.start()
    issuing.until(lambda found: len(of_case(found, other)) == 2)
    assert of_case(issuing.found, case_no) == []


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_nothing_is_decided_while_a_special_procedure_is_open(counties: tuple[County, County], reverse: bool) -> None:
    """Two procedures, one after the other: the decision comes when both have ended."""
    window, issuing = reversed(counties) if reverse else counties
    (_, case_no), (_, other) = applied(window, issuing, 2)
    issuing.call("document", "特别程序", case_no)
    issuing.start()
    issuing.until(lambda found: len(found) == 4)
    assert sorted(of_case(issuing.found, case_no)) == ["application.accepted", "procedure.opened"]
    assert of_case(issuing.found, other) == ["application.accepted", "decision.made"]
    issuing.call("document", "特别程序", case_no, "--code", "听证", "--reasons", "利害关系人要求听证。")
    issuing.call("document", "特别程序结束", case_no)
    issuing.until(lambda found: len(found) == 6)
    assert "decision.made" not in of_case(issuing.found, case_no)
    issuing.call("document", "特别程序结束", case_no, "--code", "听证", "--reasons", "听证笔录见附件。")
    issuing.until(lambda found: of_case(found, case_no)[-1:] == ["decision.made"])
    kinds = [each.canonical["procedure"] for each in issuing.found if each.message_type == "procedure.closed"]
    assert kinds == ["inspection", "hearing"]


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_every_document_that_a_person_can_issue_is_read(counties: tuple[County, County], reverse: bool) -> None:
    """Each is in order as it stands, and says what was asked for; two changes of state are two."""
    window, issuing = reversed(counties) if reverse else counties
    ((_, case_no),) = applied(window, issuing)
    for arguments, message_type, expected in (
        (["不予受理"], "application.not_accepted", {"ground": "not_competent"}),
        (["审查"], "review.advanced", {"stage": "first_review"}),
        (["审查", "--code", "签发", "--reasons", ""], "review.advanced", {"stage": "sign_off", "explanation": ""}),
        (["延期", "--days", "7", "--until", "2099-01-05"], "deadline.extended",
         {"extended_days": 7, "promised_on": date(2099, 1, 5)}),
        (["终止", "--code", "标的灭失"], "case.terminated", {"cause": "subject_gone"}),
        (["办结", "--code", "不予许可"], "case.closed", {"result": "denied"}),
        (["证照状态", "--license", IDENTIFIER, "--code", "暂扣"], "license.state_changed",
         {"license_identifier": IDENTIFIER, "license_state": "suspended"}),
        (["证照状态", "--license", IDENTIFIER, "--code", "有效"], "license.state_changed",
         {"license_identifier": IDENTIFIER, "license_state": "valid"}),
        (["撤销打印授权", "--authorisation", "A1"], "print.revoked", {"authorisation_no": "A1"}),
    ):  # fmt: skip
        issuing.call("document", arguments[0], case_no, *arguments[1:])
        known = len(issuing.found)
        found = issuing.until(lambda found, known=known: len(found) > known)[known]
        assert (found.message_type, found.local_case) == (message_type, case_no)
        assert {name: found.canonical[name] for name in expected} == expected
    assert issuing.source.poll(issuing.cursor, 10).records == []


@pytest.mark.parametrize("reverse", [False, True], ids=["吴桥→永济", "永济→吴桥"])
def test_a_case_marked_for_a_person_is_left_to_a_person(counties: tuple[County, County], reverse: bool) -> None:
    """专人办理 travels with the case: clerks handle others and leave it alone; a person accepts it and renews by it."""
    window, issuing = reversed(counties) if reverse else counties
    ((_, case_no),) = applied(window, issuing, by_hand=True)
    issuing.start()
    ((_, other),) = applied(window, issuing)
    issuing.until(lambda found: len(of_case(found, other)) == 2)
    assert of_case(issuing.found, case_no) == []
    issuing.call("document", "受理", case_no)
    issuing.until(lambda found: of_case(found, case_no) == ["application.accepted"])
    number = str(issuing.found[1].canonical["license_number"])
    issuing.call("document", "决定", case_no, "--license", IDENTIFIER, "--number", number)
    decided = issuing.until(lambda found: len(of_case(found, case_no)) == 2)[-1].canonical
    assert (decided["outcome"], decided["license_number"], decided["renews"]) == ("granted", number, IDENTIFIER)

    ((_, refused),) = applied(window, issuing, by_hand=True)
    issuing.call("document", "决定", refused, "--code", "不予许可", "--reasons", "住所不实。")
    denied = issuing.until(lambda found: of_case(found, refused) == ["decision.made"])[-1].canonical
    assert (denied["outcome"], denied["license_number"], denied["reasons"]) == ("denied", "", "住所不实。")


def test_a_document_without_what_nobody_can_guess_is_refused(counties: tuple[County, County]) -> None:
    """A change of state names its license, a supplement answers a notice; otherwise nothing is written."""
    for county in counties:
        (local,) = county.call("submit")
        county.until(lambda found: len(found) == 1)
        for arguments in (("证照状态", "case-1"), ("撤销打印授权", "case-1"), ("补正材料", local), ("撤回", "case-1")):
            with pytest.raises(subprocess.CalledProcessError):
                county.call("document", *arguments)
        assert county.source.poll(county.cursor, 10).records == []


def test_every_step_leaves_its_trace(counties: tuple[County, County], tmp_path: Path) -> None:
    """Written twice, each step stands once in either local system, under the code or the word that it has there."""
    wuqiao, yongji = counties
    for kind, (record, _, _) in STEPS.items():
        wuqiao.write(kind, record, "case-1", "WQ1", yongji)
        yongji.write(kind, record, "case-1", "W1", wuqiao)
    with sqlite3.connect(tmp_path / "吴桥.db") as connection:
        rows = connection.execute("SELECT event_name FROM up_pro_process WHERE process_name <> '补正内容'").fetchall()
        defects = connection.execute("SELECT count(*) FROM up_pro_process WHERE process_name = '补正内容'").fetchone()
        materials = connection.execute("SELECT count(*) FROM up_pro_material").fetchone()
    connection.close()
    assert sorted(code for (code,) in rows) == sorted(code for _, code, _ in STEPS.values())
    assert (defects, materials) == ((2,), (2,))
    told = []
    for path in (tmp_path / "永济" / "来件").glob("办件回告_*.csv"):
        told += csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"), newline=""))
    assert sorted(row["环节"] for row in told) == sorted(word for _, _, word in STEPS.values())
    assert {row["办件号"] for row in told} == {"W1"}
    for books in (localbooks.wuqiao(tmp_path / "吴桥.db"), localbooks.yongji(tmp_path / "永济")):
        assert sorted(each.type for each in books.traces) == sorted(STEPS)  # as the chaos checker counts them
        assert [each.number for each in books.traces if each.type == "print.revoked"] == ["A1"]
    assert all(county.source.poll(None, 10).records == [] for county in counties)
