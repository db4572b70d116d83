"""
What the files under k8s/ come to: each overlay with each choice of components, rendered by kubectl.

They are rendered in a copy, for the Secrets' files are made there as an operator makes them. Run as a
program, this writes them all to a folder: `make checkov` has them read there.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.sealing import new_key, write_key
from tests.house.files import ROOT

Objects = list[dict[str, Any]]

#: What may be left out of an overlay, or put in; of what stands together in a pair, one at most.
CHOICES: dict[str, list[set[str]]] = {
    "local": [{"simulator"}, {"monitoring"}],
    "production": [{"scale-on-lateness", "scale-on-cpu"}, {"monitoring"}, {"rabbitmq-cluster"}],
}


def _chosen(choices: list[set[str]]) -> list[tuple[str, ...]]:
    every = sorted(set().union(*choices))
    subsets = [chosen for count in range(len(every) + 1) for chosen in combinations(every, count)]
    return [chosen for chosen in subsets if all(len(each & set(chosen)) <= 1 for each in choices)]


#: An overlay and its components, by a name.
DEPLOYMENTS = {
    "+".join([overlay, *chosen]): (overlay, chosen)
    for overlay, choices in CHOICES.items()
    for chosen in _chosen(choices)
}
#: What is there when nothing is changed.
AS_IT_IS = {"local": "local+simulator", "production": "production+monitoring+scale-on-lateness"}


@cache
def render(name: str) -> Objects:
    """Render one of DEPLOYMENTS; production comes with the Secrets that its operator applies apart."""
    with_kubectl, (overlay, chosen) = kubectl(), DEPLOYMENTS[name]
    with tempfile.TemporaryDirectory() as folder:
        top = _copied(Path(folder)) / "overlays" / overlay
        _choose(top / "kustomization.yaml", chosen)
        apart = [top / "secrets"] if (top / "secrets" / "kustomization.yaml").exists() else []
        return [each for path in (top, *apart) for each in _kustomized(with_kubectl, path)]


def of_kind(kind: str, objects: Objects) -> Objects:
    """Pick the objects of one kind."""
    return [each for each in objects if each["kind"] == kind]


def workloads(objects: Objects) -> Objects:
    """Pick what runs pods."""
    return [each for each in objects if each["kind"] in {"Deployment", "StatefulSet"}]


def container(workload: dict[str, Any]) -> dict[str, Any]:
    """Take the one container of a workload."""
    (only,) = workload["spec"]["template"]["spec"]["containers"]
    return only


def _copied(folder: Path) -> Path:
    """Copy k8s/ there, and make the Secrets' files: of local by its script, of production by hand."""
    shutil.copytree(ROOT / "k8s", folder / "k8s", ignore=shutil.ignore_patterns("*.env"))
    (folder / "bin").mkdir()
    shutil.copy(ROOT / "bin" / "local-secrets", folder / "bin")
    subprocess.run([folder / "bin" / "local-secrets"], check=True, capture_output=True)
    for example in (folder / "k8s/overlays/production/secrets").glob("*.env.example"):
        filled = example.read_text().replace("MASTER_KEY", write_key(new_key()))
        example.with_suffix("").write_text(filled)
    return folder / "k8s"


def _choose(kustomization: Path, chosen: tuple[str, ...]) -> None:
    read = yaml.safe_load(kustomization.read_text())
    read["components"] = [f"../../components/{each}" for each in chosen]
    kustomization.write_text(yaml.safe_dump(read))


def _kustomized(with_kubectl: str, path: Path) -> Objects:
    words = [with_kubectl, "kustomize", str(path)]
    answer = subprocess.run(words, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return list(yaml.load_all(answer.stdout, Loader=yaml.CSafeLoader))


def kubectl() -> str:
    """Find kubectl, or skip the test that wants it; where CI runs, it has to be there."""
    found = shutil.which("kubectl")
    if not found and not os.environ.get("CI"):  # noqa: TID251 (what the tests are told)
        pytest.skip("There is no kubectl on this machine; kustomize 5 is in it from 1.27 on.")
    assert found, "there is no kubectl on the path"
    return found


def main(folder: Path) -> None:
    """Write every deployment to a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in DEPLOYMENTS:
        (folder / f"{name}.yaml").write_text(yaml.safe_dump_all(render(name)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
