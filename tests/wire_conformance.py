#!/usr/bin/env python3
"""Judges every wire message in the request logs of twins against the installed databricks-sdk.

For each logged call the SDK method of that verb and path is found, the logged values are turned into the method's own
argument types, the method is called with a recording client, and what the SDK would have sent is compared with what was
sent. Nothing here reads data/databricks_api.json or any table of this project.

usage: wire_conformance.py FOLDER_OR_FILE...   exit 1 and a list of violations when a message does not conform
The self-test (a planted violation of each sort must be found) runs first, every time.
"""
import dataclasses
import enum
import functools
import importlib
import inspect
import json
import pathlib
import pkgutil
import re
import sys
import types
import typing

import databricks.sdk.service

# Calls that are right although no SDK method sends them. Short on purpose; every entry has its reason.
TOLERATED = [
    (r"POST /oidc/v1/token", "OAuth token endpoint (RFC 6749), not part of the SDK's services"),
    (r"POST /.*/oauth2/(v2\.0/)?token", "Microsoft Entra token endpoint"),
    (r"GET /\.well-known/databricks-config", "asked by the SDK itself before its first call"),
    (r"GET /oidc/\.well-known/.*", "OAuth discovery, asked by the SDK itself"),
    (r"GET /aad/auth", "the tenant of an Azure workspace, asked by the SDK itself (config.py: load_azure_tenant_id)"),
]
# Parameters that only hand-written parts of the SDK send: databricks/sdk/mixins/workspace.py.
MIXIN_PARAMETERS = {("GET", "/api/2.0/workspace/export"): {"direct_download"}}
# databricks-cli 0.18 and other old clients use earlier versions of the same calls; judged as the newest. Only logs
# whose file name starts with "legacy" may contain them.
OLDER = [(r"^/api/2\.0/clusters/", "/api/2.1/clusters/"), (r"^/api/2\.[01]/jobs/", "/api/2.2/jobs/")]
LEGACY_ONLY = [
    (r"GET /api/2\.0/libraries/list", "databricks-cli"),
    (r"(GET|POST) /api/2\.0/groups/.*", "databricks-cli: groups before SCIM"),
    (r"POST /api/2\.0/workspace-files/import-file/.*", "older upload of workspace files"),
]


class Violation(Exception):
    pass


class Recorded(Exception):
    """Carries what the SDK was about to send."""


class RecordingClient:
    account_id = "account"

    def __init__(self):
        self._cfg = types.SimpleNamespace(workspace_id=None, account_id="account", host="http://twin", is_account_client=False)

    def do(self, method, path=None, query=None, headers=None, body=None, data=None, raw=False, **_):
        raise Recorded(method, path, query or {}, body)


class Method:
    def __init__(self, api, function, verb, template):
        self.api, self.function, self.verb, self.template = api, function, verb, template
        self.name = f"{api.__module__.rsplit('.', 1)[1]}.{function.__qualname__}"
        source = inspect.getsource(function)
        signature = inspect.signature(function)
        self.parameters = [p for p in signature.parameters if p != "self"]
        self.required = [p.name for p in signature.parameters.values()
                         if p.name != "self" and p.default is inspect.Parameter.empty]
        self.hints = hints_of(function)
        self.wire = {"body": {}, "query": {}}
        for container, key, expression in re.findall(r'(body|query)\["([^"]+)"\] = (.+)', source):
            name = next((p for p in self.parameters if re.search(rf"\b{p}\b", expression)), None)
            if name:
                self.wire[container][key] = name
        whole = re.search(r"body = (\w+)\.as_dict\(\)", source)
        self.whole_body = whole.group(1) if whole else None
        self.multiple = None

    @functools.cached_property
    def pattern(self):
        return re.compile("^" + part_pattern(self.template, r"[^/]+") + "$")

    @functools.cached_property
    def loose_pattern(self):
        return re.compile("^" + part_pattern(self.template, r".+") + "$")

    @property
    def path_names(self):
        return [inner(m) for m in re.findall(r"\{([^{}]+)\}", self.template)]


def inner(expression):
    call = re.match(r"_escape_multi_segment_path_parameter\((\w+)\)", expression)
    if call:
        return call.group(1)
    return expression.split(".")[-1] if expression.startswith("self.") else expression.split(".")[0]


def part_pattern(template, one):
    out, at = "", 0
    for found in re.finditer(r"\{([^{}]+)\}", template):
        out += re.escape(template[at:found.start()])
        out += "(.+)" if "multi_segment" in found.group(1) else f"({one})"
        at = found.end()
    return out + re.escape(template[at:])


def hints_of(thing):
    module = sys.modules[thing.__module__]
    scope = dict(vars(module))
    for info in pkgutil.iter_modules(databricks.sdk.service.__path__):
        scope.setdefault(info.name, sys.modules.get(f"databricks.sdk.service.{info.name}"))
    # Not typing.get_type_hints: the fields of some classes shadow the modules that their annotations name.
    hints = {}
    for name, annotation in thing.__annotations__.items():
        try:
            hints[name] = eval(annotation, scope) if isinstance(annotation, str) else annotation
        except (NameError, AttributeError, TypeError):
            hints[name] = typing.Any
    return hints


def all_methods():
    for info in pkgutil.iter_modules(databricks.sdk.service.__path__):
        importlib.import_module(f"databricks.sdk.service.{info.name}")
    found = {}
    for info in pkgutil.iter_modules(databricks.sdk.service.__path__):
        module = sys.modules[f"databricks.sdk.service.{info.name}"]
        for name, api in vars(module).items():
            if not (inspect.isclass(api) and name.endswith("API") and api.__module__ == module.__name__):
                continue
            for function in vars(api).values():
                if not inspect.isfunction(function) or function.__name__.startswith("_"):
                    continue
                source = inspect.getsource(function)
                call = re.search(r'_api\.do\(\s*"([A-Z]+)",\s*f?"([^"]+)"', source)
                if call:
                    method = Method(api, function, call.group(1), call.group(2))
                    found.setdefault(method.verb, []).append(method)
    return found


@functools.lru_cache(maxsize=None)
def wire_names(cls):
    """Wire name -> attribute of a dataclass of the SDK, from its as_dict."""
    pairs = re.findall(r'body\["([^"]+)"\] = .*?self\.(\w+)', inspect.getsource(cls.as_dict))
    return dict(pairs)


@functools.lru_cache(maxsize=None)
def class_hints(cls):
    return hints_of(cls)


def convert(hint, value, path):
    """The value as the SDK's type; raises Violation where it does not fit."""
    if value is None:
        raise Violation(f"{path}: null")
    if hint in (None, typing.Any, any, inspect.Parameter.empty):
        return value
    origin = typing.get_origin(hint)
    if origin is typing.Union:
        inner_hints = [h for h in typing.get_args(hint) if h is not type(None)]
        return convert(inner_hints[0], value, path)
    if origin in (list, typing.List) or hint is list:
        if not isinstance(value, list):
            raise Violation(f"{path}: expected an array, got {json.dumps(value)[:60]}")
        item = (typing.get_args(hint) or (typing.Any,))[0]
        return [convert(item, v, f"{path}[{i}]") for i, v in enumerate(value)]
    if origin in (dict, typing.Dict) or hint is dict:
        if not isinstance(value, dict):
            raise Violation(f"{path}: expected an object, got {json.dumps(value)[:60]}")
        item = (typing.get_args(hint) or (str, typing.Any))[1]
        return {k: convert(item, v, f"{path}.{k}") for k, v in value.items()}
    if inspect.isclass(hint) and issubclass(hint, enum.Enum):
        if value not in {e.value for e in hint}:
            raise Violation(f"{path}: {value!r} is not a value of {hint.__name__}")
        return hint(value)
    if dataclasses.is_dataclass(hint):
        return convert_object(hint, value, path)
    if hint is bool and not isinstance(value, bool):
        raise Violation(f"{path}: expected a boolean, got {value!r}")
    if hint is int and (isinstance(value, bool) or not isinstance(value, int)):
        raise Violation(f"{path}: expected an integer, got {value!r}")
    if hint is float and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise Violation(f"{path}: expected a number, got {value!r}")
    if hint is str and not isinstance(value, str):
        raise Violation(f"{path}: expected a string, got {value!r}")
    return value


def convert_object(cls, value, path):
    if not isinstance(value, dict):
        raise Violation(f"{path}: expected {cls.__name__}, got {value!r}")
    names, hints = wire_names(cls), class_hints(cls)
    for key, item in value.items():
        if key not in names:
            raise Violation(f"{path}.{key}: {cls.__name__} has no field {key!r}")
        convert(hints.get(names[key], typing.Any), item, f"{path}.{key}")
    for field in dataclasses.fields(cls):
        is_required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        wire = next((w for w, a in names.items() if a == field.name), None)
        if is_required and wire and wire not in value:
            raise Violation(f"{path}: {cls.__name__} needs {wire!r}")
    return cls.from_dict(value)


def from_text(hint, text, path):
    """A query parameter as the type of its argument."""
    if isinstance(text, list):
        item = next((h for h in typing.get_args(hint) if h is not type(None)), hint)
        item = (typing.get_args(item) or (item,))[0]
        return [from_text(item, t, path) for t in text]
    if typing.get_origin(hint) is typing.Union:
        hint = next(h for h in typing.get_args(hint) if h is not type(None))
    if typing.get_origin(hint) is list:
        return [from_text(typing.get_args(hint)[0], text, path)]
    if hint is bool:
        if text not in ("true", "false", "True", "False"):  # the SDK itself writes nested ones as Python does
            raise Violation(f"{path}: expected true or false, got {text!r}")
        return text.lower() == "true"
    if hint is int:
        if not re.fullmatch(r"-?\d+", text):
            raise Violation(f"{path}: expected an integer, got {text!r}")
        return int(text)
    return convert(hint, text, path)


def nested_query(hint, parts, path):
    """filter_by.is_pinned=true -> the dataclass of the argument."""
    cls = next((h for h in typing.get_args(hint) if h is not type(None)), hint)
    if not dataclasses.is_dataclass(cls):
        raise Violation(f"{path}: takes no members")
    names, hints, value = wire_names(cls), class_hints(cls), {}
    for key, text in parts.items():
        if key not in names:
            raise Violation(f"{path}.{key}: {cls.__name__} has no field {key!r}")
        typed = from_text(hints[names[key]], text, f"{path}.{key}")
        value[key] = plain(typed)
    return cls.from_dict(value)


def plain(value):
    if isinstance(value, enum.Enum):
        return value.value
    return [plain(v) for v in value] if isinstance(value, list) else value


def normal(value):
    """Without what the SDK leaves out when it is empty."""
    if isinstance(value, dict):
        cleaned = {k: normal(v) for k, v in value.items()}
        return {k: v for k, v in cleaned.items() if v not in ({}, [], None) and not (k == "value" and v is False)}
    return [normal(v) for v in value] if isinstance(value, list) else plain(value)


class Judge:
    def __init__(self):
        self.methods = all_methods()
        self.client = RecordingClient()
        self.seen = set()

    def candidates(self, verb, path):
        known = self.methods.get(verb, [])
        exact = [m for m in known if m.pattern.match(path)]
        if not exact:
            # types of objects may have a slash themselves: permissions/sql/warehouses/<id>
            exact = [m for m in known if m.loose_pattern.match(path) and "/permissions/" in m.template]
        # literal paths before those with parameters
        return sorted(exact, key=lambda m: m.template.count("{"))

    def judge(self, entry, legacy=False):
        """None, or why the message does not conform."""
        verb, path = entry["method"], entry["path"]
        line = f"{verb} {path}"
        tolerated = TOLERATED + (LEGACY_ONLY if legacy else [])
        if any(re.fullmatch(pattern, line) for pattern, _ in tolerated):
            return None
        if legacy:
            for older, newest in OLDER:
                path = re.sub(older, newest, path)
        key = json.dumps([verb, path, entry.get("query"), entry.get("body")], sort_keys=True)
        if key in self.seen:
            return None
        methods = self.candidates(verb, path)
        if not methods:
            return f"{line}: no method of the SDK sends this"
        reasons = []
        for method in methods[:8]:
            try:
                self.check(method, path, entry, legacy)
                self.seen.add(key)
                return None
            except Violation as violation:
                reasons.append(f"{line}: {violation} ({method.name})")
        return reasons[0]

    def check(self, method, path, entry, legacy):
        arguments = {}
        query = dict(entry.get("query") or {})
        for extra in MIXIN_PARAMETERS.get((method.verb, path), ()):
            query.pop(extra, None)
        grouped = {}
        for name, text in query.items():
            head, _, rest = name.partition(".")
            if head not in method.wire["query"]:
                if legacy and not rest:
                    continue  # old clients send parameters that are gone
                raise Violation(f"query {name!r} is unknown")
            if rest:
                grouped.setdefault(head, {})[rest] = text
            else:
                argument = method.wire["query"][head]
                arguments[argument] = from_text(method.hints.get(argument), text, f"query {name}")
        for head, parts in grouped.items():
            argument = method.wire["query"][head]
            arguments[argument] = nested_query(method.hints[argument], parts, f"query {head}")
        body = entry.get("body")
        self.read_body(method, body, arguments)
        match = method.pattern.match(path) or method.loose_pattern.match(path)
        for name, text in zip(method.path_names, match.groups()):
            if name in method.parameters:
                hint = method.hints.get(name)
                arguments[name] = int(text) if hint is int and text.isdigit() else hint(text) if enum_like(hint) else text
        missing = [p for p in method.required if p not in arguments]
        if missing and not (legacy and method.verb == "GET"):
            raise Violation(f"missing {', '.join(missing)}")
        if not missing:
            self.compare(method, arguments, body)

    def read_body(self, method, body, arguments):
        if not body:
            return
        if method.whole_body:
            arguments[method.whole_body] = convert(method.hints[method.whole_body], body, "body")
            return
        for key, value in body.items():
            if key not in method.wire["body"]:
                raise Violation(f"body field {key!r} is unknown")
            argument = method.wire["body"][key]
            arguments[argument] = convert(method.hints.get(argument), value, f"body.{key}")

    def compare(self, method, arguments, body):
        try:
            result = method.function(method.api(self.client), **arguments)
            if inspect.isgenerator(result):
                next(result)
        except Recorded as recorded:
            verb, _, _, sent = recorded.args
            if verb != method.verb:
                raise Violation(f"the SDK sends {verb}") from None
            if isinstance(sent, dict) and normal(sent) != normal(body or {}):
                raise Violation(f"the SDK would send {json.dumps(normal(sent))[:200]}") from None
        except (AttributeError, TypeError, KeyError) as error:
            raise Violation(f"the SDK cannot send it: {error}") from None


def enum_like(hint):
    return inspect.isclass(hint) and issubclass(hint, enum.Enum)


def self_test(judge):
    good = [
        {"method": "POST", "path": "/api/2.1/clusters/create", "query": {},
         "body": {"spark_version": "15.4.x-scala2.12", "num_workers": 1, "aws_attributes": {"availability": "SPOT"}}},
        {"method": "GET", "path": "/api/2.1/clusters/list", "query": {"filter_by.is_pinned": "true", "page_size": "20"}},
        {"method": "PATCH", "path": "/api/2.0/preview/scim/v2/Groups/12", "query": {},
         "body": {"Operations": [{"op": "add", "path": "members", "value": [{"value": "7"}]}],
                  "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}},
        {"method": "PUT", "path": "/api/2.0/permissions/sql/warehouses/ab12", "query": {},
         "body": {"access_control_list": [{"user_name": "a@b.c", "permission_level": "IS_OWNER"}]}},
    ]
    bad = [
        ("unknown path", {"method": "POST", "path": "/api/2.1/clusters/make", "query": {}, "body": {}}),
        ("wrong verb", {"method": "PUT", "path": "/api/2.1/clusters/create", "query": {}, "body": {"spark_version": "x"}}),
        ("unknown field", {"method": "POST", "path": "/api/2.1/clusters/create", "query": {},
                           "body": {"spark_version": "x", "number_of_workers": 1}}),
        ("unknown field inside", {"method": "POST", "path": "/api/2.1/clusters/create", "query": {},
                                  "body": {"spark_version": "x", "aws_attributes": {"disk": 1}}}),
        ("bad enum", {"method": "POST", "path": "/api/2.1/clusters/create", "query": {},
                      "body": {"spark_version": "x", "aws_attributes": {"availability": "CHEAP"}}}),
        ("wrong type", {"method": "POST", "path": "/api/2.1/clusters/create", "query": {},
                        "body": {"spark_version": "x", "num_workers": "1"}}),
        ("missing field", {"method": "POST", "path": "/api/2.1/clusters/create", "query": {}, "body": {"num_workers": 1}}),
        ("missing inside", {"method": "POST", "path": "/api/2.2/jobs/create", "query": {}, "body": {"tasks": [{"description": "x"}]}}),
        ("null", {"method": "POST", "path": "/api/2.2/jobs/create", "query": {}, "body": {"name": None}}),
        ("unknown query", {"method": "GET", "path": "/api/2.1/clusters/list", "query": {"pagesize": "1"}}),
        ("bad query type", {"method": "GET", "path": "/api/2.1/clusters/list", "query": {"page_size": "many"}}),
        ("old version", {"method": "GET", "path": "/api/2.0/clusters/list", "query": {}}),
    ]
    failures = [f"self-test: {judge.judge(entry)}" for entry in good if judge.judge(entry)]
    failures += [f"self-test: {name} was not found" for name, entry in bad if judge.judge(entry) is None]
    return failures


def log_files(arguments):
    for argument in arguments:
        path = pathlib.Path(argument)
        yield from sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]


def main():
    judge = Judge()
    failures = self_test(judge)
    count, files = 0, 0
    for file in log_files(sys.argv[1:]):
        files += 1
        for number, line in enumerate(file.read_text().splitlines(), 1):
            try:
                entry = json.loads(line)
            except ValueError:
                if number == len(file.read_text().splitlines()):
                    continue  # the twin was killed while it wrote
                raise
            count += 1
            reason = judge.judge(entry, file.name.startswith("legacy"))
            if reason:
                failures.append(f"{file.name}:{number}: {reason}")
    for failure in failures[:100]:
        print(failure)
    print(f"{count} messages in {files} logs, {len(failures)} violations")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
