"""How this machine reaches Debian's packages and PyPI, so that the bare Debian can: mirrors, proxies, certificates.

Everything is read from the machine when it runs. What names a folder of this machine (``file:``, find-links) is left
out: the bare Debian must get its packages as anybody would.
"""

import os
import re
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SUITE = "bookworm"
APT_SETTINGS = re.compile(r"^(Acquire::(?:https?::|Retries|Check-Valid-Until|Check-Date|ForceIPv)\S*) \"(.+)\";$")
PIP_SETTINGS = re.compile(
    r"^(?:global|install|:env:)\.(index-url|extra-index-url|proxy|trusted-host|default-timeout|timeout|retries)='(.*)'$"
)
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def apt_sources() -> list[str]:
    """One ``deb`` line for each of this machine's Debian 12 sources; none elsewhere (then Debian's own serve)."""
    wanted = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)\t$(ORIGIN)",
        "Created-By: Packages",
    ]
    rows = [line.split("\t") for line in _answer(wanted).splitlines()]
    return [
        f"deb {uri} {release} {component}"
        for uri, release, component, origin in rows
        if origin == "Debian" and release.partition("-")[0] == SUITE and not uri.startswith("file:")
    ]


def apt_options() -> list[str]:
    """This machine's proxies and date rules for apt, one setting a line."""
    matches = (APT_SETTINGS.match(line) for line in _answer(["apt-config", "dump"]).splitlines())
    return [f'{match[1]} "{match[2]}";' for match in matches if match]


def certificate_bundle() -> Path | None:
    """The file of authorities that this machine trusts (a company's proxy may add its own)."""
    named = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    candidates = [Path(named)] if named else []
    candidates.append(Path("/etc/ssl/certs/ca-certificates.crt"))
    return next((path for path in candidates if path.is_file()), None)


def variables(bundle: str) -> Mapping[str, str]:
    """Environment for the bare Debian: pip's registry, proxies, and `bundle`, a path there, for all who ask for one."""
    found = {name: os.environ[name] for name in PROXY_VARIABLES if name in os.environ}
    settings = _answer([sys.executable, "-m", "pip", "config", "list"]) or _answer(["pip3", "config", "list"])
    for match in filter(None, map(PIP_SETTINGS.match, settings.splitlines())):
        remote = " ".join(word for word in match[2].split() if not word.startswith("file:"))
        if remote:
            found[f"PIP_{match[1].upper().replace('-', '_')}"] = remote
    if bundle:
        found |= dict.fromkeys(("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"), bundle)
    return found


def _answer(command: list[str]) -> str:
    """What `command` prints; empty where it is not installed or has nothing to say."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""
