"""Finds what a specification promised and its successor does not: what is gone, narrower in a request, or wider in an answer.

A promise is made of units: each operation, each named schema, and the security schemes. docs/compatibility.md has the rules in words.
"""

import json
from collections.abc import Iterator

SCHEMES = "security schemes"
Break = tuple[str, str]
"""The unit, and what is wrong in it."""

# What says nothing about which requests are accepted and what an answer holds.
PROSE = {"description", "summary", "example", "examples", "title", "externalDocs", "deprecated", "links"}
UPPER = {"maxLength", "maxItems", "maxProperties", "maximum"}
LOWER = {"minLength", "minItems", "minProperties", "minimum"}
# Keywords that are understood. Of any other one every change is a break.
HANDLED = UPPER | LOWER | {"additionalProperties", "default", "enum", "items", "nullable", "pattern"}
HANDLED |= {"properties", "required", "uniqueItems"}


def units(spec: dict) -> dict[str, dict]:
    parts: dict[str, dict] = {}
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            parts[f"{method.upper()} {path}"] = without_prose(operation)
    for name, schema in spec["components"]["schemas"].items():
        parts[name] = without_prose(schema)
    parts[SCHEMES] = {}
    for name, scheme in spec["components"].get("securitySchemes", {}).items():
        flows = {flow: sorted(about["scopes"]) for flow, about in scheme.get("flows", {}).items()}
        parts[SCHEMES][name] = {"type": scheme["type"], "flows": flows}
    return parts


def without_prose(value, named: bool = False):
    """What is left without the texts for people. The keys of a map by name, such as a property "title", stay."""
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        # A default is anybody's JSON.
        key: inner
        if key == "default" and not named
        else without_prose(inner, not named and key in ("properties", "headers"))
        for key, inner in value.items()
        if named or not (key in PROSE or key.startswith("x-"))
    }


class Comparison:
    def __init__(self, old: dict[str, dict], new: dict[str, dict]) -> None:
        self.old, self.new = old, new
        self.seen: set[tuple[str, str, bool]] = set()

    def breaks(self) -> list[Break]:
        found: list[Break] = []
        for unit, old in self.old.items():
            if unit not in self.new:
                found.append((unit, "is gone"))
            elif unit == SCHEMES:
                found += [(unit, what) for what in lost_schemes(old, self.new[unit])]
            elif " " in unit:
                found += self.operation(unit, old, self.new[unit])
        return list(dict.fromkeys(found))

    def operation(self, unit: str, old: dict, new: dict) -> Iterator[Break]:
        for key in ("operationId", "tags"):  # they are the method's name and place in the SDKs
            if old.get(key) != new.get(key):
                yield unit, f"{key} was {old.get(key)} and is {new.get(key)}"
        asked = new.get("security") or [{}]
        if not all(any(opens(way, needs) for needs in asked) for way in old.get("security") or [{}]):
            yield unit, f"security was {old.get('security')} and is {new.get('security')}"
        yield from self.parameters(unit, old.get("parameters", []), new.get("parameters", []))
        yield from self.body(unit, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status in new["responses"]:
                yield from self.answer(unit, f"answer {status}", answer, new["responses"][status])
            else:
                yield unit, f"answer {status}: is gone"

    def parameters(self, unit: str, old: list[dict], new: list[dict]) -> Iterator[Break]:
        before, after = ({key_of(parameter): parameter for parameter in side} for side in (old, new))
        yield from ((unit, f"{key}: is gone") for key in before if key not in after)
        for key, now in after.items():
            was = before.get(key, {})
            if now.get("required") and not was.get("required"):
                yield unit, f"{key}: is required"
            if was:
                for name in ("style", "explode", "allowReserved", "content"):
                    if was.get(name) != now.get(name):
                        yield unit, f"{key}: {name} was {was.get(name)} and is {now.get(name)}"
                yield from self.schema(unit, key, was.get("schema", {}), now.get("schema", {}), True)

    def body(self, unit: str, old: dict | None, new: dict | None) -> Iterator[Break]:
        if old and not new:
            yield unit, "body: is gone"
        if new and new.get("required") and not (old or {}).get("required"):
            yield unit, "body: is required"
        if old and new:
            yield from self.content(unit, "body", old, new, True)

    def answer(self, unit: str, at: str, old: dict, new: dict) -> Iterator[Break]:
        yield from self.content(unit, at, old, new, False)
        headers = {name.lower(): header for name, header in new.get("headers", {}).items()}
        for name, was in old.get("headers", {}).items():
            now = headers.get(name.lower())
            if now is None:
                yield unit, f"{at}, {name}: is gone"
                continue
            if was.get("required") and not now.get("required"):
                yield unit, f"{at}, {name}: may be absent"
            yield from self.schema(unit, f"{at}, {name}", was.get("schema", {}), now.get("schema", {}), False)

    def content(self, unit: str, at: str, old: dict, new: dict, request: bool) -> Iterator[Break]:
        for media_type, was in old.get("content", {}).items():
            now = new.get("content", {}).get(media_type)
            if now is None:
                yield unit, f"{at}: {media_type} is gone"
            else:
                yield from self.schema(
                    unit, f"{at} {media_type}", was.get("schema", {}), now.get("schema", {}), request
                )

    def schema(self, unit: str, at: str, old: dict, new: dict, request: bool) -> Iterator[Break]:
        (old_name, old), (new_name, new) = site(old), site(new)
        if old_name and new_name:
            yield from ((unit, f"{at}: {what}") for what in values(old, new, request))
            # What is wrong in a named schema is said once, of the schema.
            key = (old_name, new_name, request)
            if key not in self.seen:
                self.seen.add(key)
                at = "sent" if request else "answered"
                yield from self.schema(old_name, at, self.old[old_name], self.new[new_name], request)
            return
        old = {**self.old[old_name], **old} if old_name else old
        new = {**self.new[new_name], **new} if new_name else new
        forms = [side.get("anyOf") or side.get("oneOf") for side in (old, new)]
        if forms[0] or forms[1]:
            beside = [{k: v for k, v in side.items() if k in ("nullable", "default")} for side in (old, new)]
            yield from ((unit, f"{at}: {what}") for what in values(*beside, request))
            old, new = ({k: v for k, v in side.items() if k not in ("nullable", "default")} for side in (old, new))
            yield from self.choice(unit, at, forms[0] or [old], forms[1] or [new], request)
            return
        yield from ((unit, f"{at}: {what}") for what in values(old, new, request))
        yield from self.object(unit, at, old, new, request)
        if "items" in old and "items" in new:
            yield from self.schema(unit, f"{at}[]", old["items"], new["items"], request)

    def object(self, unit: str, at: str, old: dict, new: dict, request: bool) -> Iterator[Break]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name in after:
                yield from self.schema(unit, f"{at}.{name}", schema, after[name], request)
            else:
                yield unit, f"{at}.{name}: is gone"
        was_required, is_required = set(old.get("required", [])), set(new.get("required", []))
        for name in sorted(is_required - was_required if request else (was_required - is_required) & after.keys()):
            yield unit, f"{at}.{name}: {'is required' if request else 'may be absent'}"
        was, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from self.schema(unit, f"{at}.*", was, now, request)
        elif (
            was is not False and now is False or (was is True and now is not True if request else isinstance(was, dict))
        ):
            yield unit, f"{at}: additionalProperties was {was} and is {now}"

    def choice(self, unit: str, at: str, old: list, new: list, request: bool) -> Iterator[Break]:
        """Each form that could be sent still can be; each that is answered could be before, and none is gone."""
        for form in old:
            if not any(self.fits(form, other, request) for other in new):
                yield unit, f"{at}: the form {json.dumps(form)} is gone"
        for form in [] if request else new:
            if not any(self.fits(other, form, request) for other in old):
                yield unit, f"{at}: the form {json.dumps(form)} is new in an answer"

    def fits(self, old: dict, new: dict, request: bool) -> bool:
        apart = Comparison(self.old, self.new)
        apart.seen |= self.seen
        return next(apart.schema("", "", old, new, request), None) is None


def values(old: dict, new: dict, request: bool) -> Iterator[str]:
    for key in sorted((old.keys() | new.keys()) - HANDLED):
        if old.get(key) != new.get(key):
            yield f"{key} was {old.get(key)} and is {new.get(key)}"
    if request and old.get("nullable") and not new.get("nullable"):
        yield "null is refused"
    if not request and new.get("nullable") and not old.get("nullable"):
        yield "may be null"
    # A new value is growth in an answer too: the SDKs hand on values that they do not know.
    if "enum" in old and "enum" in new:
        yield from (f"the value {json.dumps(value)} is gone" for value in old["enum"] if value not in new["enum"])
    elif "enum" in (new if request else old):
        yield f"enum was {old.get('enum')} and is {new.get('enum')}"
    if "default" in old and ("default" not in new or old["default"] != new["default"]):
        yield f"default was {json.dumps(old['default'])} and is {json.dumps(new.get('default'))}"
    if not request:
        return  # that a text may be longer than before breaks no client
    for key in sorted((UPPER | LOWER) & new.keys()):
        was, now = old.get(key), new[key]
        if was is None or (now < was if key in UPPER else now > was):
            yield f"{key} was {was} and is {now}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"pattern was {old.get('pattern')} and is {new['pattern']}"
    if new.get("uniqueItems") and not old.get("uniqueItems"):
        yield "items must be unique"


def site(schema: dict) -> tuple[str, dict]:
    """The name of the schema that is referred to, if it is, and what is said beside the reference.

    poem-openapi puts what else it has to say of a named schema beside an allOf of one."""
    parts = schema["allOf"] if len(schema.get("allOf", [])) == 1 else [schema]
    if "$ref" not in parts[0]:
        return "", schema
    beside = {key: value for key, value in schema.items() if key not in ("allOf", "$ref")}
    return parts[0]["$ref"].rsplit("/", 1)[-1], beside


def lost_schemes(old: dict, new: dict) -> Iterator[str]:
    for name, scheme in old.items():
        now = new.get(name)
        if now is None or now["type"] != scheme["type"]:
            yield f"{name} is gone or of another type"
            continue
        for flow, scopes in scheme["flows"].items():
            if flow not in now["flows"]:
                yield f"{name}: the flow {flow} is gone"
            else:
                yield from (f"{name}: the scope {scope} is gone" for scope in scopes if scope not in now["flows"][flow])


def opens(way: dict, needs: dict) -> bool:
    """Whether who came this way before has all that is needed now."""
    return all(scheme in way and set(scopes) <= set(way[scheme]) for scheme, scopes in needs.items())


def key_of(parameter: dict) -> str:
    name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
    return f"{parameter['in']} parameter {name}"
