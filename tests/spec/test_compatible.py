"""Each kind of break is found, and each kind of growth passes."""

import copy
import json
import sys
from pathlib import Path

import pytest
from compatible import Comparison, units

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import contract

THING = {
    "type": "object",
    "description": "A thing.",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 10, "pattern": "^a"},
        "title": {"type": "string", "nullable": True, "default": "none"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "sizes": {"type": "array", "items": {"type": "integer", "format": "int32", "minimum": 0}, "maxItems": 5},
        "value": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "number"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "parent": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Thing"}]},
    },
}
SPEC = {
    "paths": {
        "/things": {
            "post": {
                "operationId": "create_thing",
                "tags": ["Things"],
                "security": [{"oauth2": ["write"]}],
                "parameters": [
                    {"name": "dry", "in": "query", "required": False, "schema": {"type": "boolean"}},
                    {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
                        "application/x-ndjson": {"schema": {"type": "string"}},
                    },
                },
                "responses": {
                    "201": {
                        "description": "The thing.",
                        "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "404": {"description": "Nothing."},
                },
            },
            "get": {"operationId": "list_things", "tags": ["Things"], "security": [{}], "responses": {}},
        }
    },
    "components": {
        "schemas": {"Thing": THING},
        "securitySchemes": {
            "oauth2": {"type": "oauth2", "flows": {"clientCredentials": {"scopes": {"read": "", "write": ""}}}}
        },
    },
}
POST = "paths /things post"
SENT = f"{POST} requestBody content application/json schema"
ANSWERED = f"{POST} responses 201 content application/json schema"
PROPERTIES = "components schemas Thing properties"
FLOW = "components securitySchemes oauth2 flows clientCredentials"
GONE = object()


def changed(spec: dict, place: str, value: object) -> dict:
    """The specification with another value at this place, or with nothing there."""
    spec = copy.deepcopy(spec)
    *way, last = place.split()
    part = spec
    for key in way:
        part = part[int(key) if isinstance(part, list) else key]
    key = int(last) if isinstance(part, list) else last
    if value is GONE:
        del part[key]
    elif isinstance(part, list) and key == len(part):
        part.append(value)
    else:
        part[key] = value
    return spec


def breaks(old: dict, new: dict) -> list[str]:
    return [f"{unit}: {what}" for unit, what in Comparison(units(old), units(new)).breaks()]


BREAKS = [
    ("paths /things get", GONE, "GET /things: is gone"),
    ("paths /things", GONE, "POST /things: is gone"),
    (f"{POST} operationId", "make_thing", "operationId was create_thing"),
    (f"{POST} tags", ["Others"], "tags was ['Things']"),
    (f"{POST} security", [{"oauth2": ["write", "read"]}], "security was"),
    (f"{POST} security", [{"oauth2": ["read"]}], "security was"),
    (f"{POST} security", [{"other": []}], "security was"),
    ("paths /things get security", [{"oauth2": []}], "GET /things: security was"),
    (f"{FLOW} scopes read", GONE, "oauth2: the scope read is gone"),
    (FLOW, GONE, "oauth2: the flow clientCredentials is gone"),
    ("components securitySchemes oauth2 type", "http", "oauth2 is gone or of another type"),
    ("components schemas Other", {"type": "object"}, None),
    (f"{POST} parameters 0", GONE, "query parameter dry: is gone"),
    (f"{POST} parameters 0 name", "Dry", "query parameter dry: is gone"),
    (f"{POST} parameters 0 required", True, "query parameter dry: is required"),
    (f"{POST} parameters 0 schema type", "string", "query parameter dry: type was boolean and is string"),
    (f"{POST} parameters 0 style", "deepObject", "query parameter dry: style was None"),
    (f"{POST} parameters 2", {"name": "new", "in": "query", "required": True}, "query parameter new: is required"),
    (f"{POST} requestBody", GONE, "body: is gone"),
    ("paths /things get requestBody", {"required": True, "content": {}}, "GET /things: body: is required"),
    (f"{POST} requestBody content application/x-ndjson", GONE, "body: application/x-ndjson is gone"),
    (f"{POST} responses 404", GONE, "answer 404: is gone"),
    (f"{POST} responses 201 content application/json", GONE, "answer 201: application/json is gone"),
    (f"{POST} responses 201 headers ETag", GONE, "answer 201, ETag: is gone"),
    (f"{POST} responses 201 headers ETag required", False, "answer 201, ETag: may be absent"),
    (f"{POST} responses 201 headers ETag schema type", "integer", "answer 201, ETag: type was string"),
    (f"{PROPERTIES} title", GONE, "Thing: answered.title: is gone"),
    (f"{PROPERTIES} title", GONE, "Thing: sent.title: is gone"),
    ("components schemas Thing required", ["name", "title"], "Thing: sent.title: is required"),
    ("components schemas Thing required", [], "Thing: answered.name: may be absent"),
    ("components schemas Thing additionalProperties", False, "Thing: sent: additionalProperties was True"),
    (f"{PROPERTIES} name type", "integer", "Thing: sent.name: type was string and is integer"),
    (f"{PROPERTIES} name format", "uuid", "Thing: sent.name: format was None and is uuid"),
    (f"{PROPERTIES} name multipleOf", 2, "Thing: sent.name: multipleOf was None"),
    (f"{PROPERTIES} name minLength", 2, "Thing: sent.name: minLength was 1 and is 2"),
    (f"{PROPERTIES} name maxLength", 9, "Thing: sent.name: maxLength was 10 and is 9"),
    (f"{PROPERTIES} title maxLength", 9, "Thing: sent.title: maxLength was None and is 9"),
    (f"{PROPERTIES} sizes maxItems", 4, "Thing: sent.sizes: maxItems was 5 and is 4"),
    (f"{PROPERTIES} sizes minItems", 1, "Thing: sent.sizes: minItems was None and is 1"),
    (f"{PROPERTIES} sizes uniqueItems", True, "Thing: sent.sizes: items must be unique"),
    (f"{PROPERTIES} sizes items minimum", 1, "Thing: sent.sizes[]: minimum was 0 and is 1"),
    (f"{PROPERTIES} sizes items maximum", 1, "Thing: sent.sizes[]: maximum was None and is 1"),
    (f"{PROPERTIES} sizes items format", "int64", "Thing: answered.sizes[]: format was int32 and is int64"),
    (f"{PROPERTIES} name pattern", "^b", "Thing: sent.name: pattern was ^a and is ^b"),
    (f"{PROPERTIES} title pattern", "^b", "Thing: sent.title: pattern was None and is ^b"),
    (f"{PROPERTIES} title nullable", False, "Thing: sent.title: null is refused"),
    (f"{PROPERTIES} name nullable", True, "Thing: answered.name: may be null"),
    (f"{PROPERTIES} title default", "some", 'Thing: sent.title: default was "none" and is "some"'),
    (f"{PROPERTIES} title default", GONE, 'Thing: sent.title: default was "none" and is null'),
    (f"{PROPERTIES} kind enum", ["a"], 'Thing: sent.kind: the value "b" is gone'),
    (f"{PROPERTIES} kind enum", ["a"], 'Thing: answered.kind: the value "b" is gone'),
    (f"{PROPERTIES} kind enum", GONE, "Thing: answered.kind: enum was"),
    (f"{PROPERTIES} title enum", ["a"], "Thing: sent.title: enum was None"),
    (f"{PROPERTIES} value anyOf 1", GONE, 'sent.value: the form {"type": "number"} is gone'),
    (f"{PROPERTIES} value anyOf 0 maxLength", 4, "Thing: sent.value: the form"),
    (f"{PROPERTIES} value anyOf 2", {"type": "boolean"}, 'answered.value: the form {"type": "boolean"} is new'),
    (f"{PROPERTIES} value nullable", True, "Thing: answered.value: may be null"),
    (f"{PROPERTIES} value", {"type": "number"}, 'sent.value: the form {"type": "string", "maxLength": 5} is gone'),
    (f"{PROPERTIES} labels additionalProperties type", "number", "Thing: sent.labels.*: type was string"),
    (f"{PROPERTIES} labels additionalProperties", False, "Thing: sent.labels: additionalProperties was"),
    (f"{PROPERTIES} labels additionalProperties", GONE, "Thing: answered.labels: additionalProperties was"),
    (f"{PROPERTIES} parent nullable", False, "Thing: sent.parent: null is refused"),
    (f"{PROPERTIES} parent", GONE, "Thing: sent.parent: is gone"),
    (f"{PROPERTIES} parent allOf 0", {"type": "object"}, "Thing: answered.parent.name: is gone"),
    (SENT, {"type": "object", "required": ["x"]}, "body application/json.x: is required"),
    (ANSWERED, {"type": "object"}, "answer 201 application/json.name: is gone"),
]
LARGER = {"name": {**THING["properties"]["name"], "maxLength": 20, "minLength": 0}, "new": {"type": "string"}}
GROWTH = [
    ("paths /others", {"get": {"operationId": "list_others", "responses": {}}}),
    ("paths /things put", {"operationId": "put_things", "responses": {}}),
    ("components schemas Other", {"type": "object"}),
    (f"{POST} description", "Words."),
    (f"{POST} security", [{"oauth2": []}]),
    (f"{POST} security", [{"oauth2": ["write"]}, {"key": []}]),
    (f"{POST} security", []),
    (f"{FLOW} scopes other", ""),
    ("components securitySchemes key", {"type": "apiKey"}),
    (f"{POST} parameters 2", {"name": "new", "in": "query", "required": False}),
    (f"{POST} parameters 1 name", "if-match"),
    (f"{POST} requestBody required", False),
    (f"{POST} requestBody content text/csv", {"schema": {"type": "string"}}),
    ("paths /things get requestBody", {"content": {}}),
    (f"{POST} responses 409", {"description": "There is one."}),
    (f"{POST} responses 201 content text/csv", {"schema": {"type": "string"}}),
    (f"{POST} responses 201 headers Age", {"schema": {"type": "string"}}),
    ("components schemas Thing properties", {**THING["properties"], **LARGER}),
    (f"{PROPERTIES} name pattern", GONE),
    (f"{PROPERTIES} name example", "abc"),
    (f"{PROPERTIES} name x-note", "abc"),
    (f"{PROPERTIES} sizes maxItems", GONE),
    (f"{PROPERTIES} sizes items minimum", -1),
    (f"{PROPERTIES} kind enum", ["a", "b", "c"]),
    (f"{PROPERTIES} kind default", "a"),
    (f"{PROPERTIES} value anyOf 0 maxLength", 6),
    (f"{PROPERTIES} value anyOf", [{"type": "number"}, {"type": "string", "maxLength": 5}]),
]
# What may grow in a request only, because an answer that does so surprises its readers.
SENT_ONLY = [
    ("required", []),
    ("properties name nullable", True),
    ("properties kind enum", GONE),
    ("properties value anyOf 2", {"type": "boolean"}),
    ("properties title", {"nullable": True, "default": "none", "anyOf": [{"type": "string"}, {"type": "number"}]}),
    ("properties labels additionalProperties", GONE),
]


@pytest.mark.parametrize(("place", "value", "message"), BREAKS)
def test_a_break_is_found(place: str, value: object, message: str | None) -> None:
    if message is None:  # what appears here is gone on the way back
        assert breaks(changed(SPEC, place, value), SPEC) == ["Other: is gone"]
        return
    found = breaks(SPEC, changed(SPEC, place, value))
    assert any(message in text for text in found), found


@pytest.mark.parametrize(("place", "value"), GROWTH)
def test_growth_passes(place: str, value: object) -> None:
    grown = changed(SPEC, place, value)
    assert grown != SPEC
    assert breaks(SPEC, grown) == []


@pytest.mark.parametrize(("place", "value"), SENT_ONLY)
def test_growth_of_requests_passes_in_requests_only(place: str, value: object) -> None:
    inner = {**THING, "properties": {k: v for k, v in THING["properties"].items() if k != "parent"}}
    for schema, clean in ((SENT, True), (ANSWERED, False)):
        old = changed(SPEC, schema, inner)
        assert (breaks(old, changed(old, f"{schema} {place}", value)) == []) == clean


def test_no_part_of_the_real_specification_can_go_unseen() -> None:
    spec = json.loads((ROOT / "openapi/openapi.json").read_text())
    old = units(spec)
    assert Comparison(old, old).breaks() == []
    for unit, part in old.items():
        if " /" in unit:
            assert Comparison(old, {k: v for k, v in old.items() if k != unit}).breaks() == [(unit, "is gone")]
            answers = Comparison(old, {**old, unit: {**part, "responses": {}}}).breaks()
            assert answers == [(unit, f"answer {status}: is gone") for status in part["responses"]]
        elif part.get("properties"):
            found = dict.fromkeys(Comparison(old, {**old, unit: {**part, "properties": {}}}).breaks())
            for name in part["properties"]:
                assert {(unit, f"sent.{name}: is gone"), (unit, f"answered.{name}: is gone")} & found.keys()


class Project:
    """A project with a contract, in which `contract` is run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "openapi").mkdir()
        self.write(spec=SPEC)
        assert contract.main("release", root) == 0

    def write(self, spec: dict | None = None, breaks: list | None = None, changelog: str = "") -> None:
        if spec is not None:
            (self.root / "openapi/openapi.json").write_text(json.dumps(spec))
        if breaks is not None:
            (self.root / "openapi/breaks.json").write_text(json.dumps(breaks))
        (self.root / "CHANGELOG.md").write_text(changelog)

    def run(self, command: str) -> int:
        return contract.main(command, self.root)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_what_is_new_has_to_be_recorded_and_cannot_go_again(project: Project, capsys: pytest.CaptureFixture) -> None:
    assert project.run("check") == 0
    project.write(spec=changed(SPEC, f"{PROPERTIES} new", {"type": "string"}))
    assert project.run("check") == 1
    assert "run 'make openapi'" in capsys.readouterr().out
    project.run("record")
    assert project.run("check") == 0
    project.write(spec=SPEC)
    assert project.run("check") == 1
    assert "Thing: sent.new: is gone" in capsys.readouterr().out


def test_a_break_has_to_be_declared_until_the_release(project: Project, capsys: pytest.CaptureFixture) -> None:
    smaller = changed(SPEC, "paths /things get", GONE)
    # Something else may grow at the same time, and is promised from then on.
    grown = changed(smaller, f"{PROPERTIES} new", {"type": "string"})
    project.write(spec=grown)
    project.run("record")
    assert "GET /things: is gone" in capsys.readouterr().out
    assert project.run("check") == 1
    entry = {"break": "GET /things: is gone", "reason": "Nobody used it.", "changelog": "`GET /things` is\ngone."}
    project.write(breaks=[entry], changelog="### Removed\n\n- `GET /things`\n  is gone.\n")
    assert project.run("check") == 0
    project.write(spec=smaller, changelog="- `GET /things` is gone.")
    assert project.run("check") == 1
    assert "Thing: sent.new: is gone" in capsys.readouterr().out
    project.run("release")
    assert project.run("check") == 0
    assert json.loads((project.root / "openapi/breaks.json").read_text()) == []


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"reason": " "}, "gives no reason"),
        ({"changelog": "Something else"}, "CHANGELOG.md does not have"),
        ({"changelog": ""}, "CHANGELOG.md does not have"),
        ({"break": "GET /things: was fine"}, "declares what is no break"),
    ],
)
def test_a_declaration_is_whole(project: Project, entry: dict, message: str, capsys: pytest.CaptureFixture) -> None:
    project.write(spec=changed(SPEC, "paths /things get", GONE))
    whole = {"break": "GET /things: is gone", "reason": "Nobody used it.", "changelog": "It is gone."}
    project.write(breaks=[{**whole, **entry}], changelog="- It is gone.")
    assert project.run("check") == 1
    assert message in capsys.readouterr().out
