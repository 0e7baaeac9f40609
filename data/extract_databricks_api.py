#!/usr/bin/env python3
"""Writes databricks_api.json: routes, parameters, types and enums of the pinned databricks-sdk.

Source of every fact: the Python sources of databricks-sdk (Apache-2.0), read with `ast`, never executed.
usage: extract_databricks_api.py            writes data/databricks_api.json
       extract_databricks_api.py --check    compares it with the installed SDK; exit 1 when they differ

Shapes: types {name: {wire field: type}}, enums {name: [values]},
routes [{verb, path, op, query {name: type}, body {name: type} | "type", returns, paging}].
Type texts: str int float bool any, "[t]" array, "{t}" map of text to t, or a type or enum name; a trailing "!" marks
a required field. "raw" bodies and answers are bytes. A path part "{x*}" takes slashes.
"""
import ast
import importlib.metadata
import json
import pathlib
import sys

PINNED = "0.156.0"
OUTPUT = pathlib.Path(__file__).with_name("databricks_api.json")
PLAIN = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Any": "any", "any": "any", "dict": "{any}",
         "Dict": "{any}", "BinaryIO": "raw", "bytes": "raw", "Timestamp": "str", "Duration": "str",
         "FieldMask": "str", "FieldMaskType": "str", "datetime": "str", "object": "any", "list": "[any]"}
SKIPPED_SERVICES = {"provisioning", "billing", "oauth2", "marketplace", "iamv2", "cleanrooms"}


class Service:
    """One module of databricks.sdk.service."""

    def __init__(self, name, tree):
        self.name = name
        self.tree = tree
        self.classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
        self.imports = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("sdk.service"):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = alias.name

    def type_of(self, node):
        """The type text of an annotation; optional is dropped."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.type_of(ast.parse(node.value, mode="eval").body)
        if isinstance(node, ast.Subscript):
            outer = ast.unparse(node.value)
            if outer in ("Optional", "Iterator"):
                return self.type_of(node.slice)
            if outer in ("List", "Sequence", "list"):
                return f"[{self.type_of(node.slice)}]"
            if outer in ("Dict", "dict"):
                return f"{{{self.type_of(node.slice.elts[1])}}}"
            if outer in ("Wait", "Union"):
                inner = node.slice
                return self.type_of(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
        if isinstance(node, ast.Attribute):
            module = ast.unparse(node.value)
            if node.attr in PLAIN:
                return PLAIN[node.attr]
            return f"{self.imports.get(module, module)}.{node.attr}"
        if isinstance(node, ast.Name):
            if node.id in PLAIN:
                return PLAIN[node.id]
            if node.id in self.classes:
                return f"{self.name}.{node.id}"
        return "any"


def bases(node):
    return [ast.unparse(b) for b in node.bases]


def enum_values(node):
    return [s.value.value for s in node.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant)]


def used_names(node):
    return [n.attr if isinstance(n, ast.Attribute) else n.id for n in ast.walk(node)
            if (isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "self")
            or isinstance(n, ast.Name)]


def assignments(function, names):
    """(container, wire key, value) of every container["key"] = value in the function."""
    for node in ast.walk(function):
        if (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
                and isinstance(node.targets[0].value, ast.Name) and node.targets[0].value.id in names
                and isinstance(node.targets[0].slice, ast.Constant)):
            yield node.targets[0].value.id, node.targets[0].slice.value, node.value


def dataclass_fields(service, node):
    annotated, required = {}, set()
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            annotated[item.target.id] = service.type_of(item.annotation)
            if item.value is None:
                required.add(item.target.id)
    wire = {}
    as_dict = next((f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "as_dict"), None)
    for _, key, value in assignments(as_dict, {"body"}) if as_dict else []:
        name = next((n for n in used_names(value) if n in annotated), None)
        if name:
            wire[key] = annotated[name] + ("!" if name in required else "")
    return wire


def path_text(node):
    if isinstance(node, ast.Constant):
        return node.value
    text = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += part.value
        else:
            value = part.value
            if isinstance(value, ast.Call) and value.args:
                text += "{" + ast.unparse(value.args[0]) + "*}"
            elif isinstance(value, ast.Attribute) and value.attr == "value":
                text += "{" + ast.unparse(value.value) + "}"
            else:
                text += "{" + ast.unparse(value).split(".")[-1] + "}"
    return text


def paging_of(function):
    """How a list is paged: the request parameter, the answer's token member, the items member, and where it goes."""
    loop = next((n for n in ast.walk(function) if isinstance(n, ast.While)), None)
    if loop is None:
        for node in ast.walk(function):
            if (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "parsed"
                    and isinstance(node.value, ast.Attribute)):
                return {"style": "none", "items": node.value.attr}
        return None
    items = next((ast.unparse(n.iter) for n in ast.walk(loop) if isinstance(n, ast.For)), "")
    found = {"style": "none", "items": items.split("'")[1] if "'" in items else ""}
    for node in ast.walk(loop):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            value = ast.unparse(node.value)
            if value.startswith("json["):
                found.update(style="token", parameter=node.targets[0].slice.value, token=value.split("'")[1],
                             where=node.targets[0].value.id)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
            key = node.target.slice.value
            found.update(style="scim" if key == "startIndex" else "page", parameter=key)
    return found


def parameter_types(service, function):
    arguments = function.args
    named = arguments.args[1:] + arguments.kwonlyargs
    types = {a.arg: service.type_of(a.annotation) if a.annotation else "any" for a in named}
    optional = {a.arg for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None}
    with_default = arguments.args[len(arguments.args) - len(arguments.defaults):] if arguments.defaults else []
    optional |= {a.arg for a in with_default}
    return types, {a.arg for a in named} - optional


def routes_of(service, class_name, function):
    types, required = parameter_types(service, function)
    parts = {"query": {}, "body": {}}
    for container, key, value in assignments(function, {"query", "body"}):
        name = next((n for n in used_names(value) if n in types), None)
        if name:
            kind = types[name]
            if ast.unparse(value).startswith(f"{name}.as_dict") and kind == "any":
                kind = "{any}"
            parts[container][key] = kind + ("!" if name in required else "")
        elif isinstance(value, ast.Constant):
            parts[container].setdefault(key, "int" if isinstance(value.value, int) else "str")
    whole = next((types[n.value.func.value.id] for n in ast.walk(function)
                  if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "body"
                  and isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Attribute)
                  and n.value.func.attr == "as_dict" and isinstance(n.value.func.value, ast.Name)
                  and n.value.func.value.id in types), None)
    for call in ast.walk(function):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "self._api.do" and len(call.args) > 1):
            continue
        path = path_text(call.args[1])
        if "/accounts/{account_id}/" in path and "/scim/" not in path:
            continue
        keywords = {k.arg for k in call.keywords}
        route = {"verb": call.args[0].value, "path": path, "op": f"{service.name}.{class_name}.{function.name}"}
        if parts["query"]:
            route["query"] = parts["query"]
        if "body" in keywords:
            route["body"] = whole or parts["body"]
        if "data" in keywords:
            route["body"] = "raw"
        if function.returns is not None and ast.unparse(function.returns) != "None":
            route["returns"] = service.type_of(function.returns)
        paging = paging_of(function)
        if paging:
            route["paging"] = paging
        yield route


def mixin_parameters(tree):
    """Parameters that hand-written extensions add: (verb, path) -> {container: names}."""
    for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        names = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and isinstance(node.targets[0], ast.Name):
                names[node.targets[0].id] = [k.value for k in node.value.keys if isinstance(k, ast.Constant)]
        for container, key, _ in assignments(function, set(names)):
            names[container].append(key)
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "self._api.do" and len(call.args) > 1:
                if isinstance(call.args[1], ast.Constant):
                    query = next((ast.unparse(k.value) for k in call.keywords if k.arg == "query"), "")
                    yield call.args[0].value, call.args[1].value, names.get(query, [])


def names_in(kind):
    return kind.rstrip("!").strip("[]{}")


def closure(roots, types):
    seen, queue = set(), list(roots)
    while queue:
        name = names_in(queue.pop())
        if name in seen or name not in types:
            continue
        seen.add(name)
        if isinstance(types[name], dict):
            queue.extend(types[name].values())
    return seen


def extract():
    import databricks.sdk.service as package  # only to find the folder
    folder = pathlib.Path(package.__path__[0])
    services = [Service(f.stem, ast.parse(f.read_text())) for f in sorted(folder.glob("[a-z]*.py"))]
    types, routes = {}, []
    for service in services:
        for name, node in service.classes.items():
            if "Enum" in bases(node):
                types[f"{service.name}.{name}"] = enum_values(node)
            elif any("dataclass" in ast.unparse(d) for d in node.decorator_list):
                types[f"{service.name}.{name}"] = dataclass_fields(service, node)
            elif name.endswith("API") and service.name not in SKIPPED_SERVICES:
                for function in [n for n in node.body if isinstance(n, ast.FunctionDef)]:
                    routes.extend(routes_of(service, name, function))
    by_call = {}
    for route in routes:
        by_call.setdefault((route["verb"], route["path"]), route)
    for verb, path, added in mixin_parameters(ast.parse((folder.parent / "mixins" / "workspace.py").read_text())):
        for name in added:
            by_call[(verb, path)].setdefault("query", {}).setdefault(name, "str")
    unique = [by_call[key] for key in sorted(by_call, key=lambda k: (k[1], k[0]))]
    roots = []
    for route in unique:
        roots += list(route.get("query", {}).values()) + [route.get("returns", "")]
        body = route.get("body", {})
        roots += [body] if isinstance(body, str) else list(body.values())
    kept = closure(roots, types)
    return {"sdk": PINNED, "routes": unique,
            "types": {n: types[n] for n in sorted(kept) if isinstance(types[n], dict)},
            "enums": {n: types[n] for n in sorted(kept) if isinstance(types[n], list)}}


def main():
    installed = importlib.metadata.version("databricks-sdk")
    if installed != PINNED:
        sys.exit(f"databricks-sdk {installed} is installed, {PINNED} is pinned: pip install databricks-sdk=={PINNED}")
    text = json.dumps(extract(), sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        if OUTPUT.read_text() != text:
            sys.exit(f"{OUTPUT.name} does not match databricks-sdk {PINNED}: run {pathlib.Path(__file__).name}")
        return
    OUTPUT.write_text(text)


if __name__ == "__main__":
    main()
