"""Do the files of this folder load, and do they fit each other and the code? For machines without a container engine."""

import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))


def main() -> int:
    """Print each fault; exit code 1 where there is one."""
    from service.settings import Settings

    known = {f"PERENNIAL_{name.upper()}" for name in Settings.model_fields} | {"PERENNIAL_ACTIONS_URL"}
    faults: list[str] = []
    documents = {
        path: [document for document in yaml.safe_load_all(path.read_text()) if document]
        for path in sorted([*HERE.glob("*.yml"), *HERE.glob("kubernetes/*.yaml")])
    }
    for name in _settings_named(documents):
        if name not in known:
            faults.append(f"no such setting: {name}")
    for dockerfile in HERE.glob("*.Dockerfile"):
        for line in dockerfile.read_text().splitlines():
            if line.startswith("COPY "):
                faults += [f"{dockerfile.name}: no {name}" for name in line.split()[1:-1] if not (ROOT / name).exists()]
    compose = documents[HERE / "compose.yml"][0]
    for name, service in compose["services"].items():
        for other in service.get("depends_on", {}):
            if other not in compose["services"]:
                faults.append(f"compose.yml: {name} depends on {other}, which is not there")
        if "build" in service and not (ROOT / service["build"]["dockerfile"]).is_file():
            faults.append(f"compose.yml: {name} has no {service['build']['dockerfile']}")
    kinds = {
        (document["kind"], document["metadata"]["name"]): document
        for path, found in documents.items()
        if path.parent.name == "kubernetes" and path.name != "kustomization.yaml"
        for document in found
    }
    for (kind, name), document in kinds.items():
        if kind == "Service":
            faults += _unmet_service(name, document, kinds)
    for resource in documents[HERE / "kubernetes" / "kustomization.yaml"][0]["resources"]:
        if not (HERE / "kubernetes" / resource).is_file():
            faults.append(f"kustomization.yaml: no {resource}")
    print("\n".join(faults) or f"ok: {len(documents)} files, {len(kinds)} Kubernetes objects")  # noqa: T201
    return 1 if faults else 0


def _settings_named(documents: dict[Path, list[dict]]) -> set[str]:  # type: ignore[type-arg]
    lines = [line.split("=")[0] for line in (HERE / "env.example").read_text().splitlines()]
    names = {line for line in lines if line.startswith("PERENNIAL_")}
    for found in documents.values():
        for document in found:
            if document.get("kind") == "ConfigMap":
                names |= set(document["data"])
    return names


def _unmet_service(name: str, document: dict, kinds: dict) -> list[str]:  # type: ignore[type-arg]
    """A Service must select pods of a Deployment that has its ports."""
    wanted = document["spec"]["selector"].items()
    for (kind, _), other in kinds.items():
        if kind == "Deployment" and wanted <= other["spec"]["template"]["metadata"]["labels"].items():
            ports = {port["name"] for box in other["spec"]["template"]["spec"]["containers"] for port in box["ports"]}
            return [
                f"Service {name}: no port {port['targetPort']}"
                for port in document["spec"]["ports"]
                if port["targetPort"] not in ports
            ]
    return [f"Service {name}: selects nothing"]


if __name__ == "__main__":
    sys.exit(main())
