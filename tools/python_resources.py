#!/usr/bin/env python3
"""Writes the methods of the Python client: usage: tools/python_resources.py OPENAPI_JSON PACKAGE_DIRECTORY

For each tag of the specification a module `resources/TAG.py` with a class of methods and its asynchronous twin, and for
what requests hold `params.py` with a TypedDict each. The hand-written rest of the package does not know the operations.
"""

import json
import keyword
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from python_operations import Spec, camel, docstring, snake

HEADER = '"""{}\n\nMade from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""\n\n'


def main() -> None:
    spec_path, package = Path(sys.argv[1]), Path(sys.argv[2])
    spec = Spec(json.loads(spec_path.read_text()))
    resources = package / "resources"
    shutil.rmtree(resources, ignore_errors=True)  # a tag may be gone
    resources.mkdir(parents=True)
    written = [package / "params.py", resources / "__init__.py"]
    written[0].write_text(params_module(spec))
    written[1].write_text(index_module(spec))
    for tag in spec.tags:
        written.append(resources / f"{snake(tag)}.py")
        written[-1].write_text(tag_module(spec, tag))
    ruff = ["--isolated", "--no-cache", "--target-version", "py310"]
    subprocess.run(["ruff", "check", *ruff, "--quiet", "--select", "F401,I", "--fix-only", *written], check=True)
    subprocess.run(["ruff", "format", *ruff, "--quiet", "--line-length", "120", *written], check=True)


def tag_module(spec: Spec, tag: str) -> str:
    operations = [operation for operation in spec.operations if operation.tag == tag]
    text = HEADER.format(spec.tags[tag])
    text += (
        "from __future__ import annotations\n"
        "from collections.abc import AsyncIterable, Iterable, Mapping, Sequence\n"
        "from datetime import datetime\nfrom decimal import Decimal\nfrom uuid import UUID\n"
        "from agentdata_client import models\n"
        "from .. import params\n"
        "from .._call import UNSET, Call, Unset, entity_tags, form_body, json_body, key_or_new, path, with_id\n"
        "from .._events import AsyncEvents, Events\n"
        "from .._json import encode\n"
        "from .._lines import AsyncLines, Lines, lines_of, lines_of_any\n"
        "from .._pages import AsyncPages, Pages\n"
        "from .._sender import AsyncSender, Sender\n\n"
    )
    for prefix in ("", "Async"):
        text += f"class {prefix}{camel(tag)}:\n{textwrap.indent(docstring(spec.tags[tag]), '    ')}\n\n"
        text += f"    def __init__(self, sender: {prefix}Sender) -> None:\n        self._sender = sender\n\n"
        text += "\n".join(operation.code(prefix == "Async") for operation in operations) + "\n\n"
    return text


def index_module(spec: Spec) -> str:
    text = HEADER.format("The resources of the API.") + "from __future__ import annotations\n"
    text += "from .._sender import AsyncSender, Sender\n"
    for tag in spec.tags:
        text += f"from .{snake(tag)} import Async{camel(tag)}, {camel(tag)}\n"
    for prefix in ("", "Async"):
        text += f"\n\nclass {prefix}Resources:\n"
        text += f'    """The resources that {"an AsyncAgentData" if prefix else "an AgentData"} has."""\n\n'
        for tag, description in spec.tags.items():
            text += f"    {snake(tag)}: {prefix}{camel(tag)}\n{textwrap.indent(docstring(description), '    ')}\n"
        text += f"\n    def _bind(self, sender: {prefix}Sender) -> None:\n"
        for tag in spec.tags:
            text += f"        self.{snake(tag)} = {prefix}{camel(tag)}(sender)\n"
    return text


def params_module(spec: Spec) -> str:
    """What requests hold: the component schemas that are reachable from their bodies."""
    reachable: dict[str, dict] = {}

    def reach(schema: object) -> None:
        if isinstance(schema, list):
            for item in schema:
                reach(item)
        elif isinstance(schema, dict):
            if isinstance(schema.get("$ref"), str):
                name, resolved = spec.resolve(schema)
                if name not in reachable and "enum" not in resolved:
                    reachable[name] = resolved
                    reach(resolved)
            for value in schema.values():
                reach(value)

    for operation in spec.operations:
        if operation.body_type == "application/x-ndjson":
            reach({"$ref": f"#/components/schemas/{operation.item}"})
        elif operation.body and operation.body.get("type") == "array":
            reach(operation.body)
        elif operation.body:  # its fields are arguments of the method
            reach(spec.resolve(operation.body)[1]["properties"])
    enums = sorted(name for name, schema in spec.schemas.items() if "enum" in schema)
    text = HEADER.format("What requests hold, as plain dictionaries.") + "from __future__ import annotations\n"
    text += (
        "from collections.abc import Mapping, Sequence\nfrom datetime import datetime\nfrom decimal import Decimal\n"
    )
    text += (
        f"from typing import TypedDict\nfrom uuid import UUID\nfrom agentdata_client.models import {', '.join(enums)}\n"
    )
    for name in sorted(reachable):
        text += typed_dict(spec, name, reachable[name])
    return text


def typed_dict(spec: Spec, name: str, schema: dict) -> str:
    required = schema.get("required", [])
    fields = {n: (spec.annotation(s, "", ""), s.get("description", "")) for n, s in schema["properties"].items()}
    about = textwrap.indent(docstring(schema.get("description", "")), "    ")
    if any(keyword.iskeyword(field) for field in fields):
        if required:
            raise SystemExit(f"error: {name} has a field with a name of Python's and one that is required")
        text = "\n\n" + "".join(f"# {line}\n".replace("# \n", "#\n") for line in schema["description"].splitlines())
        text += f'{name} = TypedDict("{name}", {{\n'
        for field, (annotation, description) in fields.items():
            text += "".join(f"    # {line}\n" for line in description.splitlines())
            # A text, because it may name what comes later.
            text += f'    "{field}": "{annotation}",\n'
        return text + "}, total=False)\n"

    def lines(names: list[str]) -> str:
        return "".join(
            f"    {field}: {fields[field][0]}\n{textwrap.indent(docstring(fields[field][1]), '    ')}\n"
            for field in names
        )

    optional = [field for field in fields if field not in required]
    if not required:
        return f"\n\nclass {name}(TypedDict, total=False):\n{about}\n\n{lines(optional)}"
    if not optional:
        return f"\n\nclass {name}(TypedDict):\n{about}\n\n{lines(required)}"
    base = f"_{name}Required"  # typing.Required is not in Python 3.10
    text = f"\n\nclass {base}(TypedDict):\n{lines([field for field in fields if field in required])}"
    return f"{text}\n\nclass {name}({base}, total=False):\n{about}\n\n{lines(optional)}"


if __name__ == "__main__":
    main()
