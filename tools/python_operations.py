"""The operations of the specification as methods of the Python client: what tools/python_resources.py writes."""

import json
import keyword
import re
import textwrap

# What OpenAPI 3.0 cannot say: of what the lines of NDJSON are.
LINES = {
    "export_logs": "Log",
    "export_metrics": "Metric",
    "export_tool_usage": "ToolUsage",
    "export_embeddings": "NewEmbedding",
    "import_embeddings": "NewEmbedding",
}
# Operations with an unsafe method that do no more when they are sent twice; reads are known by their scope.
REPEATABLE = {"issue_token", "revoke_token", "introspect_token"}
SAFE_METHODS = ("get", "head", "put", "delete")
# Headers that a resource sets by itself.
ENTITY_TAGS = ("If-Match", "If-None-Match")
WIDTH = 116
# What the methods use, which no argument may be called.
HELPERS = {
    "call",
    "encode",
    "entity_tags",
    "form_body",
    "json_body",
    "key_or_new",
    "models",
    "params",
    "path",
    "with_id",
}


class Spec:
    """The specification."""

    def __init__(self, document: dict) -> None:
        self.schemas = document["components"]["schemas"]
        schemes = document["components"]["securitySchemes"]
        self.oauth2 = {name for name, scheme in schemes.items() if scheme["type"] == "oauth2"}
        self.tags = {tag["name"]: tag.get("description", "") for tag in document["tags"]}
        self.operations = [
            Operation(self, path, method, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if method != "parameters"
        ]
        for tag in self.tags:
            name_methods([operation for operation in self.operations if operation.tag == tag])

    def resolve(self, schema: dict) -> tuple[str | None, dict]:
        """The name of a component, if it is one, and the schema."""
        if len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
        if "$ref" not in schema:
            return None, schema
        name = schema["$ref"].rsplit("/", 1)[1]
        return name, self.schemas[name]

    def annotation(self, schema: dict, params: str = "params.", models: str = "models.") -> str:
        """The type of what callers give."""
        name, resolved = self.resolve(schema)
        if name:
            text = f"{models if 'enum' in resolved else params}{name}"
        elif "anyOf" in schema:
            text = " | ".join(dict.fromkeys(self.annotation(s, params, models) for s in schema["anyOf"]))
        else:
            text = self.plain_annotation(schema, params, models)
        return f"{text} | None" if schema.get("nullable") and text != "object" else text

    def plain_annotation(self, schema: dict, params: str, models: str) -> str:
        match schema.get("type"), schema.get("format"):
            case "string", "uuid":
                return "UUID | str"
            case "string", "date-time":
                return "datetime"
            case "string", "decimal":
                return "Decimal | str"
            case "string", _:
                return "str"
            case "integer", _:
                return "int"
            case "number", _:
                return "float"
            case "boolean", _:
                return "bool"
            case "array", _:
                return f"Sequence[{self.annotation(schema['items'], params, models)}]"
            case "object", _:
                return "Mapping[str, object]"
            case None, _:
                return "object"
            case other:
                raise SystemExit(f"error: tools/python_resources.py does not know the type {other}")

    def takes_id(self, schema: dict) -> bool:
        """Whether the records of this schema may have an id that the caller gives."""
        return "id" in self.resolve(schema)[1].get("properties", {})


class Argument:
    """An argument of a method."""

    def __init__(self, wire: str, annotation: str, required: bool, description: str, default: object = None) -> None:
        self.wire, self.annotation, self.required = wire, annotation, required
        self.name = snake(wire)
        if keyword.iskeyword(self.name):
            self.name += "_"
        self.description = " ".join(description.split())
        if default not in (None, [], {}):
            self.description += f" Default: {default if isinstance(default, str) else json.dumps(default)}."

    @property
    def text(self) -> str:
        return f"{self.name}: {self.annotation}" + ("" if self.required else " | Unset = UNSET")


class Operation:
    """An operation of the API, and its method."""

    def __init__(self, spec: Spec, path: str, http_method: str, operation: dict) -> None:
        self.spec, self.path, self.http_method = spec, path, http_method
        self.id, self.tag = operation["operationId"], operation["tags"][0]
        self.method = ""  # name_methods knows it
        self.summary, self.description = operation["summary"], operation.get("description", "")
        security = {name: scopes for entry in operation.get("security") or () for name, scopes in entry.items()}
        scopes = [scope for name in security for scope in security[name] if name in spec.oauth2]
        # Other schemes, such as a client's own credentials, are the operation's arguments.
        self.authorized = any(name in spec.oauth2 for name in security)
        self.reads = bool(scopes) and all(scope.endswith(":read") for scope in scopes)
        self.errors = sorted(code for code in operation["responses"] if code >= "400")
        self.parameters = operation.get("parameters", [])
        (self.body_type, self.body), *_ = [
            *((kind, media["schema"]) for kind, media in operation.get("requestBody", {}).get("content", {}).items()),
            (None, None),
        ]
        content = next(
            r.get("content", {}) for code, r in sorted(operation["responses"].items()) if code.startswith("2")
        )
        self.answer_type, self.answer = next(((kind, media["schema"]) for kind, media in content.items()), (None, {}))
        self.answer_name, self.answer_schema = spec.resolve(self.answer)
        properties = self.answer_schema.get("properties", {})
        self.is_list = {"items", "next_cursor"} <= set(properties)
        self.is_stream = self.answer_type in ("application/x-ndjson", "text/event-stream")
        if self.is_list:
            self.item = spec.resolve(properties["items"]["items"])[0]
            self.description = self.description.replace("`limit`", "`page_size`")
        elif self.answer_type == "text/event-stream":
            self.item = spec.resolve(self.answer["items"])[0]
        elif "application/x-ndjson" in (self.answer_type, self.body_type):
            if self.id not in LINES:
                raise SystemExit(f"error: tools/python_resources.py does not know of what the lines of {self.id} are")
            self.item = LINES[self.id]
        self.arguments()

    def arguments(self) -> None:
        """Sorts what callers give by where it goes."""
        self.path_arguments, self.query, self.headers, self.fields = [], [], [], []
        for parameter in self.parameters:
            name, schema = parameter["name"], parameter["schema"]
            annotation = self.spec.annotation(schema)
            if name in ENTITY_TAGS or name == "Last-Event-ID":
                annotation = "int | str"
            argument = Argument(
                name, annotation, parameter.get("required", False), parameter["description"], schema.get("default")
            )
            if self.is_list and name == "limit":
                argument.name = "page_size"
            if name in ENTITY_TAGS:
                argument.description += " A number stands for the `version` of what it is about."
            if name == "Idempotency-Key":
                argument.description += " Default: a new one."
            {"path": self.path_arguments, "query": self.query, "header": self.headers}[parameter["in"]].append(argument)
        # Path parameters in the order of the path.
        order = re.findall(r"{(\w+)}", self.path)
        self.path_arguments.sort(key=lambda argument: order.index(argument.wire))
        self.items = None
        if self.body_type == "application/x-ndjson":
            self.items = Argument(
                "items",
                f"Iterable[params.{self.item} | models.{self.item}]",
                True,
                "One after the other, however many.",
            )
        elif self.body and self.body.get("type") == "array":
            self.items = Argument("items", self.spec.annotation(self.body), True, "All that are to be stored.")
        elif self.body:
            schema = self.spec.resolve(self.body)[1]
            required = schema.get("required", [])
            self.fields = [
                Argument(
                    name,
                    self.spec.annotation(field),
                    name in required,
                    field.get("description", ""),
                    field.get("default"),
                )
                for name, field in schema["properties"].items()
            ]
        everything = [*self.path_arguments, *self.query, *self.headers, *self.fields]
        names = [argument.name for argument in everything]
        if len(set(names)) != len(names) or HELPERS & set(names):
            raise SystemExit(f"error: an argument of {self.id} has the name of another one or of a function")

    @property
    def safe(self) -> bool:
        keyed = any(header.wire == "Idempotency-Key" for header in self.headers)
        return self.http_method in SAFE_METHODS or self.reads or keyed or self.with_ids or self.id in REPEATABLE

    @property
    def with_ids(self) -> bool:
        """Whether the records get ids, so that they can be sent twice."""
        if self.http_method != "post" or not self.body or self.body_type != "application/json":
            return False
        if any(header.wire == "Idempotency-Key" for header in self.headers):
            return False
        return self.spec.takes_id(self.record_schema)

    @property
    def record_schema(self) -> dict:
        """The schema of one record of the body."""
        schema = self.spec.resolve(self.body)[1]
        items = schema if schema.get("type") == "array" else schema["properties"].get("items", {})
        return items.get("items", self.body)

    def content(self, asynchronous: bool) -> str | None:
        if self.body_type is None:
            return None
        if self.body_type == "application/x-ndjson":
            return "lines_of_any(items)" if asynchronous else "lines_of(items)"
        if self.items:
            return "encode([with_id(item) for item in items])" if self.with_ids else "encode(items)"
        pairs = ", ".join(
            f'"{field.wire}": [with_id(item) for item in {field.name}]'
            if self.with_ids and field.wire == "items"
            else f'"{field.wire}": {field.name}'
            for field in self.fields
        )
        if self.body_type == "application/x-www-form-urlencoded":
            return f"form_body({{{pairs}}})"
        one = self.with_ids and not any(field.wire == "items" for field in self.fields)
        return f"json_body(with_id({{{pairs}}}))" if one else f"json_body({{{pairs}}})"

    def call(self, asynchronous: bool) -> str:
        """The expression that makes the Call."""
        template = re.sub(r"{\w+}", "{}", self.path)
        values = "".join(f", {argument.name}" for argument in self.path_arguments)
        parts = [f'"{self.http_method.upper()}"', f'path("{template}"{values})' if values else f'"{template}"']
        if self.query:
            parts.append("query={" + ", ".join(f'"{a.wire}": {a.name}' for a in self.query) + "}")
        headers = {a.wire: self.header_value(a) for a in self.headers}
        if self.body_type:
            headers["Content-Type"] = f'"{self.body_type}"'
        if self.answer_type == "text/event-stream":
            # Compressed they would arrive late.
            headers |= {"Accept": '"text/event-stream"', "Accept-Encoding": '"identity"'}
        if self.answer_type == "application/x-ndjson":
            headers["Accept-Encoding"] = '"gzip"'  # the one that Lines undoes
        if headers:
            parts.append("headers={" + ", ".join(f'"{name}": {value}' for name, value in headers.items()) + "}")
        if content := self.content(asynchronous):
            parts.append(f"content={content}")
        if self.safe:
            parts.append("safe=True")
        if not self.authorized:
            parts.append("authorized=False")
        return f"Call({', '.join(parts)})"

    @staticmethod
    def header_value(argument: Argument) -> str:
        if argument.wire in ENTITY_TAGS:
            return f"entity_tags({argument.name})"
        return f"key_or_new({argument.name})" if argument.wire == "Idempotency-Key" else argument.name

    def result(self, asynchronous: bool) -> tuple[str, str]:
        """The type of what the method gives, and the expression that makes it."""
        prefix = "Async" if asynchronous else ""
        if self.is_stream or self.is_list:
            kind = "Pages" if self.is_list else "Events" if self.answer_type == "text/event-stream" else "Lines"
            parse = f"models.{self.answer_name if self.is_list else self.item}.from_dict"
            return f"{prefix}{kind}[models.{self.item}]", f"{prefix}{kind}(self._sender, call, {parse})"
        wait = "await " if asynchronous else ""
        if self.answer_name:
            model = f"models.{self.answer_name}"
            return model, f"{wait}self._sender.request(call, {model}.from_dict)"
        if self.answer_type is None:
            return "None", f"{wait}self._sender.request_nothing(call)"
        if self.answer_type.startswith("text/"):
            return "str", f"{wait}self._sender.request_text(call)"
        return "bytes", f"{wait}self._sender.request_bytes(call)"

    def code(self, asynchronous: bool) -> str:
        annotation, expression = self.result(asynchronous)
        named = [argument for argument in [*self.fields, *self.query, *self.headers] if argument.required]
        optional = [argument for argument in [*self.fields, *self.query, *self.headers] if not argument.required]
        positional = [*self.path_arguments, *([self.items] if self.items else [])]
        signature = ["self"]
        for argument in positional:
            text = argument.text
            if asynchronous and self.body_type == "application/x-ndjson" and argument is self.items:
                text = text.replace("Iterable[", "AsyncIterable[", 1) + f" | {self.items.annotation}"
            signature.append(text)
        if named or optional:
            signature += ["*", *(argument.text for argument in [*named, *optional])]
        keyword_async = "async " if asynchronous and not (self.is_stream or self.is_list) else ""
        head = f"    {keyword_async}def {self.method}({', '.join(signature)},) -> {annotation}:\n"
        doc = textwrap.indent(self.documentation([*positional, *named, *optional]), " " * 8)
        returned = expression if annotation == "None" else f"return {expression}"
        return f"{head}{doc}\n        call = {self.call(asynchronous)}\n        {returned}\n"

    def documentation(self, arguments: list[Argument]) -> str:
        text = f"{self.summary}.\n\n{self.description}".strip()
        if arguments:
            text += "\n\nArgs:\n" + "\n".join(indented(f"{a.name}: {a.description}") for a in arguments)
        if self.errors:
            text += "\n\nRaises:\n" + indented(f"ApiError: {', '.join(self.errors)}.")
        if self.is_stream or self.is_list:
            text = text.replace("\nRaises:", "\nRaises, when it is iterated over:")
        return docstring(text)


def name_methods(operations: list[Operation]) -> None:
    """Names the methods of a tag: what its operations are called, without the words of the tag."""
    taken: dict[str, Operation] = {}
    for operation in sorted(operations, key=lambda operation: operation.id.endswith("s")):
        words = snake(operation.tag).split("_")
        words += [word.removesuffix("s") for word in words]
        name = "_".join(word for word in operation.id.split("_") if word not in words)
        if name in taken:  # delete_embeddings beside delete_embedding
            name += "_many"
        if name in taken or not name:
            raise SystemExit(f"error: {operation.id} has no name of its own among those of {operation.tag}")
        taken[name] = operation
        operation.method = f"{name}_" if keyword.iskeyword(name) else name


def docstring(text: str) -> str:
    raw = "r" if "\\" in text else ""
    if '"""' in text:
        raise SystemExit("error: a description with three quotes in a row")
    return f'{raw}"""{text}{" " if text.endswith(chr(34)) else ""}' + ('\n"""' if "\n" in text else '"""')


def indented(text: str) -> str:
    return textwrap.fill(text, WIDTH - 8, initial_indent="    ", subsequent_indent="        ", break_long_words=False)


def snake(name: str) -> str:
    return re.sub(r"\W+", "_", name).lower()


def camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split())
