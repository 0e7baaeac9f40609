"""The workspace tree through the SDK."""
import base64
import io
import json

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists
from databricks.sdk.service import workspace as ws
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language

HEADERS = {Language.PYTHON: "# ", Language.SQL: "-- ", Language.SCALA: "// ", Language.R: "# "}


def b64(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def read(w, path, format=ExportFormat.SOURCE):
    return base64.b64decode(w.workspace.export(path, format=format).content)


@pytest.fixture
def w(twins):
    return twins("azure").sdk()


@pytest.mark.parametrize("language", list(HEADERS))
def test_notebooks_of_every_language(w, language):
    source = f"{HEADERS[language]}Databricks notebook source\n1\n\n{HEADERS[language]}COMMAND ----------\n\n2\n"
    w.workspace.import_("/Shared/n", content=b64(source), format=ImportFormat.SOURCE, language=language)
    node = w.workspace.get_status("/Shared/n")
    assert node.object_type == ws.ObjectType.NOTEBOOK and node.language == language and node.object_id
    assert read(w, "/Shared/n").decode() == source
    # without its header the source gets one
    w.workspace.import_("/Shared/bare", content=b64("1"), format=ImportFormat.SOURCE, language=language)
    assert read(w, "/Shared/bare").decode().splitlines() == [f"{HEADERS[language]}Databricks notebook source", "1"]


def test_jupyter_keeps_outputs_and_converts(w):
    notebook = {"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
                          {"cell_type": "code", "metadata": {}, "source": ["x = 1\n", "x"], "execution_count": 1,
                           "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1"]}]}],
                "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 0}
    w.workspace.import_("/Shared/j", content=b64(json.dumps(notebook)), format=ImportFormat.JUPYTER)
    assert json.loads(read(w, "/Shared/j", ExportFormat.JUPYTER)) == notebook
    source = read(w, "/Shared/j").decode()
    assert source.startswith("# Databricks notebook source\n# MAGIC %md\n# MAGIC # Title") and "x = 1\nx" in source
    w.workspace.import_("/Shared/s", content=b64(source), format=ImportFormat.SOURCE, language=Language.PYTHON)
    cells = json.loads(read(w, "/Shared/s", ExportFormat.JUPYTER))["cells"]
    assert [c["cell_type"] for c in cells] == ["markdown", "code"] and cells[1]["source"] == "x = 1\nx"
    with pytest.raises(InvalidParameterValue, match="not a Jupyter"):
        w.workspace.import_("/Shared/k", content=b64("{"), format=ImportFormat.JUPYTER)


def test_auto_tells_notebooks_from_files(w):
    w.workspace.upload("/Shared/a.py", b"# Databricks notebook source\n1\n", format=ImportFormat.AUTO)
    w.workspace.upload("/Shared/b.py", b"print(1)\n", format=ImportFormat.AUTO)
    w.workspace.upload("/Shared/c.py", b"# Databricks notebook source\n1\n", format=ImportFormat.RAW)
    types = {n.path: n.object_type.value for n in w.workspace.list("/Shared")}
    assert types == {"/Shared/a": "NOTEBOOK", "/Shared/b.py": "FILE", "/Shared/c.py": "FILE"}
    assert w.workspace.download("/Shared/c.py", format=ExportFormat.AUTO).read() == b"# Databricks notebook source\n1\n"
    assert w.workspace.get_status("/Shared/b.py").size == 9


def test_overwriting(w):
    w.workspace.upload("/Shared/x", b"1", format=ImportFormat.RAW)
    before = w.workspace.get_status("/Shared/x")
    with pytest.raises(ResourceAlreadyExists):
        w.workspace.upload("/Shared/x", b"2", format=ImportFormat.RAW)
    w.workspace.upload("/Shared/x", b"22", format=ImportFormat.RAW, overwrite=True)
    after = w.workspace.get_status("/Shared/x")
    assert after.object_id == before.object_id and after.size == 2
    with pytest.raises(InvalidParameterValue, match="type mismatch"):
        w.workspace.import_("/Shared/x", content=b64("1"), format=ImportFormat.SOURCE, language=Language.SQL, overwrite=True)
    with pytest.raises(InvalidParameterValue, match="Overwrite"):
        w.workspace.import_("/Shared/d", content=b64("PK.."), format=ImportFormat.DBC, overwrite=True)


def test_limits_of_size(w):
    big = b"x" * (10 * 1024 * 1024 + 1)
    with pytest.raises(BadRequest, match="MAX_NOTEBOOK_SIZE|exceeded|limit"):
        w.workspace.import_("/Shared/big", content=b64(big), format=ImportFormat.AUTO)
    w.workspace.upload("/Shared/big.bin", io.BytesIO(big), format=ImportFormat.RAW)
    with pytest.raises(BadRequest, match="direct_download"):
        w.workspace.export("/Shared/big.bin", format=ExportFormat.AUTO)
    assert w.workspace.download("/Shared/big.bin", format=ExportFormat.AUTO).read() == big


def test_folders(w):
    w.workspace.mkdirs("/Shared/a/b/c")
    w.workspace.mkdirs("/Workspace/Shared/a")  # the prefix means nothing, and making twice is fine
    assert [n.path for n in w.workspace.list("/Workspace/Shared/a")] == ["/Shared/a/b"]
    with pytest.raises(BadRequest, match="not empty"):
        w.workspace.delete("/Shared/a")
    w.workspace.delete("/Shared/a", recursive=True)
    with pytest.raises(NotFound):
        w.workspace.get_status("/Shared/a/b")
    with pytest.raises(PermissionDenied):
        w.workspace.mkdirs("/Users/nobody@example.com/x")
    with pytest.raises(PermissionDenied):
        w.workspace.delete("/Users", recursive=True)
    with pytest.raises(NotFound, match="parent folder"):
        w.workspace.upload("/Shared/none/x", b"1", format=ImportFormat.RAW)
    with pytest.raises(InvalidParameterValue, match="start with"):
        w.workspace.get_status("Shared")


@pytest.mark.parametrize("name", ["a b", "ü", "emoji 🚀", "100%", "a+b&c=d", "日本", "dot.", "#1"])
def test_odd_names(w, name):
    w.workspace.upload(f"/Shared/{name}", b"1", format=ImportFormat.RAW)
    assert [n.path for n in w.workspace.list("/Shared")] == [f"/Shared/{name}"]
    assert w.workspace.download(f"/Shared/{name}", format=ExportFormat.AUTO).read() == b"1"


def test_git_folders_are_nodes(w):
    repo = w.repos.create(url="https://github.com/example/code.git", provider="gitHub")
    assert repo.path == "/Repos/admin@example.com/code"
    assert w.workspace.get_status(repo.path).object_type == ws.ObjectType.REPO
    w.repos.update(repo.id, branch="dev")
    assert w.repos.get(repo.id).branch == "dev"
    assert [r.id for r in w.repos.list()] == [repo.id]
    w.repos.delete(repo.id)
    with pytest.raises(NotFound):
        w.workspace.get_status(repo.path)
