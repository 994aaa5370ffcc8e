"""The package as the registry would get it: what is in it, that it works installed, and that its types arrive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from agentdata import __version__

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the wheel, made from the source distribution, which lies beside it."""
    directory = tmp_path_factory.mktemp("dist")
    hatch = [sys.executable, "-m", "hatchling", "build", "-d", str(directory)]
    subprocess.run([*hatch, "-t", "sdist"], cwd=ROOT, check=True)
    with tarfile.open(directory / f"agentdata-{__version__}.tar.gz") as archive:
        archive.extractall(directory)
    subprocess.run([*hatch, "-t", "wheel"], cwd=directory / f"agentdata-{__version__}", check=True)
    return directory


def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(built / f"agentdata-{__version__}-py3-none-any.whl")


def test_the_wheel_has_what_belongs_to_it(built: Path) -> None:
    with wheel(built) as archive:
        names = set(archive.namelist())
        metadata = Parser().parsestr(archive.read(f"agentdata-{__version__}.dist-info/METADATA").decode())
    sources = {
        str(path.relative_to(ROOT))
        for package in ("agentdata", "agentdata_client")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    info = f"agentdata-{__version__}.dist-info"
    licenses = {f"{info}/licenses/LICENSE-{name}" for name in ("APACHE", "MIT")}
    assert all(
        (ROOT / f"LICENSE-{name}").read_bytes() == (ROOT.parents[1] / f"LICENSE-{name}").read_bytes()
        for name in ("APACHE", "MIT")
    )
    assert names == sources | licenses | {f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL")}
    assert {"agentdata/py.typed", "agentdata_client/py.typed"} <= names
    assert (metadata["Name"], metadata["Version"]) == ("agentdata", __version__)
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "MIT OR Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (ROOT / "README.md").read_text()
    required = sorted(requirement.split(">")[0].split("<")[0] for requirement in metadata.get_all("Requires-Dist", []))
    assert required == ["attrs", "httpx", "python-dateutil"]


def test_the_readme_leads_nowhere_that_the_registry_has_not() -> None:
    assert "](" not in (ROOT / "README.md").read_text()


def test_it_works_installed_and_its_types_arrive(built: Path, tmp_path: Path) -> None:
    # An environment that has the wheel, and what it requires from this one.
    venv.create(tmp_path / "venv", symlinks=True)
    [site] = (tmp_path / "venv").glob("lib/python*/site-packages")
    with wheel(built) as archive:
        archive.extractall(site)
    (site / "required.pth").write_text(str(Path(pytest.__file__).parents[1]))
    python = tmp_path / "venv" / "bin" / "python"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    code = "import agentdata; print(agentdata.__file__); print(agentdata.AgentData().server.get_health().status)"
    done = subprocess.run([python, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == f"{site / 'agentdata' / '__init__.py'}\nok\n", done.stderr

    shutil.copy(ROOT / "tests" / "user_code.py", tmp_path)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(python), "user_code.py"]
    done = subprocess.run(mypy, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == "Success: no issues found in 1 source file\n"
