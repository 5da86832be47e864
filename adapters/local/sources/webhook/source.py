"""The source of pushed records: opens the door on the county's own network, and reads what was kept.

The door opens with the first look and closes with `close`. What was handed out is forgotten only when the caller comes
back with the cursor that it has committed, so a crash in between hands it out again.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from adapters.local.mapping.strict import MISSING_KEY, WRONG_VALUE, Section
from adapters.local.sources import CURSOR_UNREADABLE, Batch, LocalRecord, json_rows, secretfiles
from adapters.local.sources.filerows import FileRule
from adapters.local.sources.web.access import WRONG_ADDRESS, base, path_of
from adapters.local.sources.web.rules import row_rule
from adapters.local.sources.webhook.door import build_app
from adapters.local.sources.webhook.proof import Proof
from adapters.local.sources.webhook.shelf import Shelf
from adapters.local.sources.webhook.tables import KIND_CHARACTERS
from certs import contexts
from pages.serving import PLAIN_BEYOND, Serving
from schemas.errors import YunhuobanError, declare

ONLY_IN_A_NODE = declare(
    "E-SRC-091", "推送来的记录只有运行中的县节点才能接收。", "请启动县节点；试映射时用 samples/records.json 中的样例。"
)
NOT_OPENED = declare(
    "E-SRC-096",
    "不能在县内网的这个地址上接收推送。",
    "请核对 local_read 中的地址是本机的、端口没有被别的程序占用，以及证书和私钥文件。",
)
KIND_GONE = declare(
    "E-SRC-097",
    "映射中已没有推送来的这种记录“{kind}”，它没有被读取。",
    "请在 mapping.toml 中恢复该种类后，让本地系统重新推送。",
)
_PORT: Final = 8088


class WebhookSource:
    """A `Source` of what is pushed."""

    def __init__(
        self, address: str, rules: Mapping[str, FileRule], proof: Proof, shelf: Shelf, tls: tuple[Path, Path] | None
    ) -> None:
        """Open nothing yet. `rules` by path."""
        self.name = "webhook"
        self._address = address
        self._kinds = {rule.kind: rule for rule in rules.values()}
        self._shelf = shelf
        self._app = build_app(rules, proof, json_rows.parse, shelf.keep)
        self._tls = tls
        self._serving: Serving | None = None

    @classmethod
    def from_settings(
        cls, section: Section, location: str, now: Callable[[], datetime], shelf: Shelf | None
    ) -> "WebhookSource":
        """Read `[source]`; problems are noted in the section. Raises E-SRC-081 or E-SRC-091."""
        section.only("type", "access", "records")
        access = section.inner("access")
        access.only("token_file", "secret_file", "certificate_file", "key_file")
        files = {each: secretfiles.named(access, each) for each in access.data}
        token, secret = files.get("token_file"), files.get("secret_file")
        if (token is None) == (secret is None):
            access.problems.add(MISSING_KEY, access.place, expected="token_file / secret_file", key="secret_file")
        certificate, key = files.get("certificate_file"), files.get("key_file")
        if base(location).startswith("https:") and (certificate is None or key is None):
            access.problems.add(
                MISSING_KEY, access.place, expected="certificate_file, key_file", key="certificate_file"
            )
        rules = {}
        for name, inner in section.inner("records").sections():
            inner.only("path", "rows", "key", "columns", "optional", "children")
            path = path_of(inner)
            if path in rules or len(name) > KIND_CHARACTERS:
                inner.problems.add(WRONG_VALUE, f"{inner.place}.path", found=path[:60], expected="/…", key="path")
            rules[path] = row_rule(name, inner)
        if shelf is None:
            raise YunhuobanError(ONLY_IN_A_NODE, place=section.place)
        tls = (certificate, key) if certificate is not None and key is not None else None
        return cls(location, rules, Proof(token_file=token, secret_file=secret, now=now), shelf, tls)

    def poll(self, cursor: str | None, limit: int) -> Batch:
        """Read what was pushed. Raises E-SRC-001, E-SRC-096, E-PAGE-093 or E-STORE-002; then nothing has moved."""
        seq, done = self._load(cursor)
        self._open()
        self._shelf.drop(seq)
        records: list[LocalRecord] = []
        failures: list[YunhuobanError] = []
        while (pushed := self._shelf.after(seq)) is not None:
            rule = self._kinds.get(pushed.kind)
            if rule is None:
                failures.append(YunhuobanError(KIND_GONE, place=f"推送 {pushed.seq}", kind=pushed.kind))
            else:
                rows = json_rows.parse(pushed.body, rule, "utf-8", f"推送 {pushed.seq}").rows[done:]
                for row in rows:
                    if isinstance(row, YunhuobanError):
                        failures.append(row)
                    elif len(records) == limit:
                        return Batch(records, json.dumps({"seq": seq, "done": done}), failures)
                    else:
                        records.append(row)
                    done += 1
            seq, done = pushed.seq, 0
        return Batch(records, json.dumps({"seq": seq, "done": done}), failures)

    def close(self) -> None:
        """Close the door."""
        if self._serving is not None:
            self._serving.stop()
            self._serving = None

    @property
    def port(self) -> int:
        """Where the door is while it is open."""
        return 0 if self._serving is None else self._serving.port

    def _load(self, cursor: str | None) -> tuple[int, int]:
        try:
            data = json.loads(cursor) if cursor else {"seq": 0, "done": 0}
            return int(data["seq"]), int(data["done"])
        except (ValueError, KeyError, TypeError):
            raise YunhuobanError(CURSOR_UNREADABLE, place=self.name) from None

    def _open(self) -> None:
        if self._serving is not None:
            return
        parts = urlsplit(base(self._address))
        if parts.path:
            raise YunhuobanError(WRONG_ADDRESS, place="http", expected="http://地址:端口")
        port = _PORT if parts.port is None else parts.port
        files = self._tls if parts.scheme == "https" else None
        try:
            context = contexts.server_context(*files) if files is not None else None
            tls = (lambda: context) if context is not None else None
            serving = Serving(self._app, host=str(parts.hostname), port=port, tls=tls)
            self._serving = serving.start()
        except YunhuobanError as error:
            if error.code is PLAIN_BEYOND:
                raise
            cause = error.__cause__ or error
            raise YunhuobanError(NOT_OPENED, place=parts.netloc, found=type(cause).__name__) from None
