"""Builds the wheel (PEP 517) with cmake, g++ and the standard library: nothing is downloaded.

LAKESHIFT_WHEEL_BUILD names a folder that is kept between builds, so that the next one compiles only what changed; CXXFLAGS
replaces -O2.
"""
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sysconfig
import tarfile
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
SOURCES = ["pyproject.toml", "LICENSE", "CMakeLists.txt", "cmake", "python", "src/sql", "src/surfaces/capi"]


def _version():
    return re.search(r"project\(lakeshift VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def _metadata():
    readme = (ROOT / "python/README.md").read_text()
    return (f"Metadata-Version: 2.1\nName: lakeshift\nVersion: {_version()}\n"
            "Summary: Redshift SQL to Databricks SQL, refusing what cannot be said with the same meaning\n"
            "Requires-Python: >=3.9\nLicense: Apache-2.0\nDescription-Content-Type: text/markdown\n\n" + readme)


def _library(folder):
    flags = os.environ.get("CXXFLAGS", "-O2")
    subprocess.run(["cmake", "-S", ROOT / "python", "-B", folder, "-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_CXX_FLAGS={flags} -DNDEBUG"], check=True)
    subprocess.run(["cmake", "--build", folder, "-j", str(os.cpu_count() or 1)], check=True)
    return (pathlib.Path(folder) / "liblakeshift_sql.so").read_bytes()


def _record_line(name, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    kept = os.environ.get("LAKESHIFT_WHEEL_BUILD")
    if kept:
        library = _library(kept)
    else:
        with tempfile.TemporaryDirectory() as folder:
            library = _library(folder)
    tag = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    info = f"lakeshift-{_version()}.dist-info"
    files = {"lakeshift/liblakeshift_sql.so": library}
    for path in sorted((ROOT / "python/lakeshift").glob("*")):
        if path.is_file() and path.suffix != ".so":
            files[f"lakeshift/{path.name}"] = path.read_bytes()
    files["lakeshift/lakeshift_sql.h"] = (ROOT / "src/surfaces/capi/lakeshift_sql.h").read_bytes()
    files[f"{info}/METADATA"] = _metadata().encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: lakeshift\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    files[f"{info}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    record = "".join(_record_line(name, content) for name, content in files.items()) + f"{info}/RECORD,,\n"
    files[f"{info}/RECORD"] = record.encode()
    name = f"lakeshift-{_version()}-{tag}.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)  # a fixed date: the same sources give the same wheel
            entry.external_attr = (0o755 if path.endswith(".so") else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content)
    return name


def build_sdist(sdist_directory, config_settings=None):
    base = f"lakeshift-{_version()}"
    with tarfile.open(pathlib.Path(sdist_directory) / f"{base}.tar.gz", "w:gz") as archive:
        for source in SOURCES:
            archive.add(ROOT / source, f"{base}/{source}", filter=lambda i: None if "__pycache__" in i.name else i)
        metadata = pathlib.Path(tempfile.mkdtemp()) / "PKG-INFO"
        metadata.write_text(_metadata())
        archive.add(metadata, f"{base}/PKG-INFO")
    return f"{base}.tar.gz"
