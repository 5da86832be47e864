"""`hub contract …`: what a person types before a version is released, and what they are told."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub import datamap
from hub.cli import app
from hub.commands import contract as commands
from hub.commands import counties
from hub.registry.impact import Impact, impact
from hub.store import tables
from pages.wording import LANGUAGES
from schemas import codec, releasefile, releases, releasing, shapes
from schemas.errors import YunhuobanError
from schemas.messages import TYPES
from tests import contract_versions
from tests.hub_world import ISSUING, WINDOW, Network, World

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Network:
    """A hub with three counties, who state nothing."""
    return Network.make(tmp_path_factory.mktemp("network"))


@pytest.fixture
def yesterday(tmp_path):
    """One released version, older than the working contract."""
    with contract_versions.released(tmp_path / "released", contract_versions.older()):
        yield tmp_path / "released"


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and output of a command; an error counts as main() would count it."""
    done = CliRunner().invoke(app, ["contract", *arguments])
    if isinstance(done.exception, YunhuobanError):
        return 1, done.output + done.exception.code.code
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def avsc(folder: Path, types: dict) -> str:
    """A folder of `.avsc` files."""
    folder.mkdir()
    for name, kind in types.items():
        (folder / f"{name}.avsc").write_text(json.dumps(kind, ensure_ascii=False), encoding="utf-8")
    return str(folder)


def test_the_versions_are_listed_and_found(yesterday):
    """Released ones and ours; a record by its CRC-64, its SHA-256 or a dataschema."""
    status, said = run("list")
    assert (status, "1.0" in said, releases.current() in said) == (0, True, True)
    old = releases.of("1.0")
    for fingerprint in (old.crc64["Decision"], old.sha256["Decision"], old.dataschema("Decision")):
        assert run("find", fingerprint) == (0, "1.0 Decision\n")
    both = f"1.0 Grant\n{releases.current()} Grant\n"
    assert run("find", codec.header("Grant")[2:].hex()) == (0, both)
    for wrong in ("0" * 16, "ab", ""):
        assert run("find", wrong)[1].endswith("E-SCHEMA-033")


def test_the_gate(yesterday, tmp_path):
    """Open for the working contract; shut for a proposed one that breaks something, as files or as a folder."""
    assert run("check")[0] == 0
    good = contract_versions.more("Decision", name="later", type="int", default=0)
    assert run("check", avsc(tmp_path / "good", good))[0] == 0
    bad = contract_versions.more("Decision", name="later", type="int")
    assert run("check", avsc(tmp_path / "bad", bad)) == (1, "E-SCHEMA-010")
    file = tmp_path / "proposed.json"
    file.write_bytes(releasefile.render(contract_versions.contract(bad, "2.0")))
    assert run("check", str(file)) == (1, "E-SCHEMA-010")
    file.write_bytes(b"{}")
    assert run("check", str(file)) == (1, "E-SCHEMA-001")
    assert run("check", str(tmp_path / "nothing")) == (1, "E-SCHEMA-034")


def test_a_release_is_written_into_the_checkout(tmp_path):
    """Into `schemas/released` of a checkout, and nowhere else."""
    folder = tmp_path / "schemas" / "released"
    with contract_versions.released(folder):
        assert run("release", "1.0") == (1, "E-SCHEMA-032")
        (tmp_path / "pyproject.toml").touch()
        assert run("release", "1.0")[0] == 0
    contract = releasefile.parse((folder / "1.0.json").read_bytes())
    assert contract.sha256 == {name: shapes.digest(name) for name in shapes.MESSAGE_RECORDS}
    with contract_versions.released(folder, contract):
        assert releasing.problems() == []
        assert run("release", "1.1") == (1, "E-SCHEMA-031")


def stated(world: World, code: str, *versions: str) -> None:
    """The county states that it reads these."""
    with world.store.write() as tx:
        (body,) = tx.execute(tables.counties.select().with_only_columns(tables.counties.c.key_statement)).first()
        record = codec.decode(body, "KeyStatement") | {"contract_versions": list(versions)}
        here = tables.counties.c.division_code == code
        tx.execute(tables.counties.update().where(here).values(key_statement=codec.encode("KeyStatement", record)))


def test_what_publishing_would_do(network, yesterday, tmp_path, monkeypatch):
    """By what each county states: it fits, breaks, or nobody can tell; the exit status says whether all go on."""
    (tmp_path / "world").mkdir()
    world = World.make(network, tmp_path / "world")
    codes = sorted(network.counties)
    for code in codes:
        stated(world, code, "1.0")
    seen: list[Impact] = []

    monkeypatch.setattr(commands, "opened", lambda _folder: nullcontext(world))
    monkeypatch.setattr(commands, "impact_of", lambda tx, one: seen.append(impact(tx, one)) or seen[-1])
    assert run("impact")[0] == 0
    assert {each.verdict for each in seen[-1].counties} == {"fits"}
    bad = avsc(tmp_path / "bad", contract_versions.more("Decision", name="later", type="int"))
    status, said = run("impact", bad)
    assert status == 1
    assert "会断" in said
    assert [each.code.code for each in seen[-1].findings["1.0"]] == ["E-SCHEMA-016"]
    stated(world, WINDOW)
    stated(world, ISSUING, "9.9")
    assert run("impact")[0] == 1
    assert {each.division_code: each.verdict for each in seen[-1].counties} == {
        code: "unknown" if code in (WINDOW, ISSUING) else "fits" for code in codes
    }
    with world.store.write() as tx:
        tx.execute(tables.counties.update().values(state="revoked"))
    assert run("impact")[0] == 0
    assert seen[-1].counties == []
    world.close()


def test_the_list_of_counties_says_what_each_reads(network, yesterday, tmp_path, monkeypatch):
    """As the county's own signed statement has it; a dash for one that does not say."""
    world = World.make(network, tmp_path)
    stated(world, WINDOW, "1.1", "1.0")
    monkeypatch.setattr(counties, "opened", lambda _folder: nullcontext(world))
    done = CliRunner().invoke(app, ["county", "list"], env={"COLUMNS": "200"})
    lines = {
        line.split("│")[1].strip(): line.split("│")[4].strip() for line in done.output.splitlines() if "active" in line
    }
    assert lines == {code: "1.1, 1.0" if code == WINDOW else "-" for code in network.counties}
    world.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_data_map_is_current(language):
    """The pages in `docs/` are what `hub contract datamap` writes from the contract as it is."""
    page = (ROOT / datamap.PAGES[language]).read_text(encoding="utf-8")
    assert page == datamap.page(language), "run: .venv/bin/python -m hub contract datamap"


def test_the_data_map_leaves_nothing_personal_out():
    """Every personal field of every message stands in it, with a purpose, and no purpose is left over."""
    personal = {name for name, kind in TYPES.items() if datamap.personal_fields(kind.record)}
    assert personal == set(datamap.PURPOSES)
    page = datamap.page("en")
    for name in personal:
        section = page.split(f"### `{name}`")[1].split("\n## ")[0].split("\n### ")[0]
        for path, field in datamap.personal_fields(TYPES[name].record):
            assert f"| `{path}` | {field['pii']} |" in section
    classed = {
        each["name"] for kind in shapes.raw().values() for each in kind.get("fields", ()) if each["pii"] != "none"
    }
    shown = {
        part for name in personal for path, _ in datamap.personal_fields(TYPES[name].record) for part in path.split(".")
    }
    shown = {each.removesuffix("[]") for each in shown}
    assert classed - {"data"} <= shown | {"applicant", "registration", "materials", "face", "files"}


def test_the_data_map_is_written_where_it_belongs(tmp_path):
    """Into both languages' docs."""
    folder = tmp_path / "schemas" / "released"
    for page in datamap.PAGES.values():
        (tmp_path / page).parent.mkdir(parents=True)
    with contract_versions.released(folder):
        (tmp_path / "pyproject.toml").touch()
        assert run("datamap")[0] == 0
    assert all(
        (tmp_path / page).read_text(encoding="utf-8") == datamap.page(code) for code, page in datamap.PAGES.items()
    )
