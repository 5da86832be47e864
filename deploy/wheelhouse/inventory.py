"""What is in a wheelhouse, by name, version and digest, for whoever keeps an inventory: CycloneDX 1.6 as JSON.

Every wheel that is there, and what our pages bring along of others (`pages/assets/vendor/manifest.json`, which a test
holds to the files). It lies among the signed files.
Source: https://cyclonedx.org/docs/1.6/json/, package URLs by https://github.com/package-url/purl-spec.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

FILE: Final = "sbom.cdx.json"
_OWN: Final = "yunhuoban"


def written(wheels: Path, vendored: Path) -> str:
    """The inventory of a folder of wheels and of the vendored files' manifest; the same for the same files."""
    whole = [*_wheels(wheels), *_vendored(vendored)]
    (own,) = [each for each in whole if each["name"] == _OWN]
    inventory = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**own, "type": "application"}},
        "components": [each for each in whole if each is not own],
    }
    return json.dumps(inventory, ensure_ascii=False, indent=1) + "\n"


def _wheels(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.whl")):
        name, version, *_ = file.name.split("-")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield _component("pypi", re.sub(r"[-_.]+", "-", name).lower(), version) | {"hashes": [_hash(digest)]}


def _vendored(manifest: Path) -> Iterator[dict[str, Any]]:
    for name, said in json.loads(manifest.read_text(encoding="utf-8")).items():
        files = [
            {"type": "file", "name": each, "hashes": [_hash(file["sha256"])]} for each, file in said["files"].items()
        ]
        whole = _component(said["registry"], name, said["version"])
        yield whole | {"licenses": [{"license": {"id": said["license"]}}], "components": files}


def _component(kind: str, name: str, version: str) -> dict[str, Any]:
    place = f"pkg:{kind}/{name}@{version}"
    return {"type": "library", "bom-ref": place, "name": name, "version": version, "purl": place}


def _hash(sha256: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": sha256}
