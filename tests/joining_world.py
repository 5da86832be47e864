"""A hub that no county has joined yet, an authority, and a county's folder without a key: all real, only no broker."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner, Result

from adapters.cli import app as adapter
from certs.cli import app as certs
from deploy.demo import world as demo
from deploy.demo.world import World
from hub.cli import app as hub
from hub.settings import HubSettings
from hub.store import Store, open_store
from schemas.errors import YunhuobanError

COUNTY = demo.WUQIAO.code
ROLES = ("connection", "signing", "encryption")
_CODE = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}-[0-9A-Z][0-9A-Z*~$=]")
_ROOT = re.compile(r"[0-9A-F]{4}(?:-[0-9A-F]{4}){15}")
_LINE = re.compile(r"YHB1[A-Z2-7]+")
_KEYS = re.compile(r"[0-9]{5}(?:-[0-9]{5}){11}")


@dataclass(kw_only=True)
class Joining:
    """One afternoon, step by step, by the commands that people type."""

    world: World
    code: str = ""
    root: str = ""
    spoken: str = ""
    """The county's key fingerprint."""
    line: str = ""
    """The invitation in one line, where there is a joining page."""

    @classmethod
    def make(cls, folder: Path) -> "Joining":
        """The demonstration's world without anybody enrolled; the county's own keys are gone."""
        world = demo.build(folder)
        shutil.rmtree(world.county(COUNTY) / "certs")
        settings = world.county(COUNTY) / "county.toml"
        settings.write_text(re.sub(r"(?s)\[hub\]\n.*?(?=\[authority\])", "", settings.read_text("utf-8")), "utf-8")
        return cls(world=world)

    def copy(self, folder: Path) -> "Joining":
        """The same as it stands, elsewhere, for a test that spoils it."""
        shutil.copytree(self.world.folder, folder)
        ports = {name: getattr(self.world, name) for name in ("amqps_port", "hub_page_port", "desk_ports")}
        world = World(folder=folder, printer_port=self.world.printer_port, **ports)
        return Joining(world=world, code=self.code, root=self.root, spoken=self.spoken, line=self.line)

    @property
    def county(self) -> Path:
        """The county node's folder."""
        return self.world.county(COUNTY)

    @property
    def request(self) -> Path:
        """The file that the county sends."""
        return self.world.folder / "request.json"

    @property
    def answered(self) -> Path:
        """The file that the hub sends."""
        return self.world.folder / "answer.json"

    @property
    def card(self) -> Path:
        """The file by which the county becomes active."""
        return self.world.folder / "card.json"

    def store(self) -> Store:
        """The hub's store."""
        return open_store(HubSettings.load(self.world.hub).database)

    def at_hub(self, *words: str) -> Result:
        """A command of the hub; what goes wrong is in the result."""
        return CliRunner().invoke(hub, ["county", *words, "-d", str(self.world.hub)], env={"COLUMNS": "200"})

    def at_county(self, *words: str) -> Result:
        """`adapter join` with these words."""
        return CliRunner().invoke(adapter, ["join", *words, "-d", str(self.county)])

    def invite(self) -> None:
        """The hub invites."""
        said = done(self.at_hub("invite", COUNTY))
        self.code, self.root = found(_CODE, said), found(_ROOT, said)
        self.line = found(_LINE, said) if "YHB1" in said else ""

    def ask(self) -> None:
        """The county writes its request."""
        said = done(self.at_county(self.code, "--fingerprint", self.root, "--out", str(self.request)))
        self.spoken = found(_KEYS, said)

    def hand_in(self) -> None:
        """The hub takes the request in."""
        done(self.at_hub("request", str(self.request)))

    def approve(self, by: str) -> None:
        """One person approves."""
        done(self.at_hub("approve", COUNTY, "--by", by, "--fingerprint", self.spoken))

    def certify(self) -> list[str]:
        """Requests out, certificates issued by the authority's person; returns the chains' files."""
        folder = self.world.folder / "carried"
        done(self.at_hub("request-files", COUNTY, "--out", str(folder)))
        authority = str(self.world.folder / "authority" / "transport")
        done(CliRunner().invoke(certs, ["county", authority, COUNTY, str(folder)]))
        return [str(folder / f"{COUNTY}-{role}.pem") for role in ROLES]

    def answer(self) -> None:
        """The hub writes its answer."""
        done(self.at_hub("answer", COUNTY, "--out", str(self.answered)))

    def accept(self) -> str:
        """The county reads it in and writes its card."""
        return done(self.at_county("--answer", str(self.answered), "--out", str(self.card)))

    def until_requested(self) -> None:
        """The county's request waits for approval."""
        self.invite()
        self.ask()
        self.hand_in()

    def until_approved(self) -> None:
        """And two persons have approved it."""
        self.until_requested()
        self.approve("王敏")
        self.approve("李强")

    def until_answered(self) -> None:
        """And the answer is written."""
        self.until_approved()
        done(self.at_hub("certificates", COUNTY, *self.certify()))
        self.answer()


def done(result: Result) -> str:
    """What a command said that did what it should."""
    if result.exception is not None:
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def code_of(result: Result) -> str:
    """With which code a command ended."""
    assert isinstance(result.exception, YunhuobanError), result.output
    return result.exception.code.code


def found(shape: re.Pattern[str], text: str) -> str:
    """The one text of this shape."""
    match = shape.search(text)
    assert match is not None, text
    return match[0]
