"""Makes wheels of Patroni and its requirements from the Python packages that Debian installed here: the same files, with
the list of files that a wheel has.

psycopg is Debian's: its pure Python part, which uses the libpq that every PostgreSQL server has. The requirements of its
extra "binary" are left out, because Debian builds no psycopg-binary; so is py-consul, which Debian lists for every Patroni.
Packages with compiled parts fit the Python they were compiled for."""
import base64
import hashlib
import importlib.metadata as metadata
import os
import re
import sys
import sysconfig
import zipfile

NAMES = ["patroni", "psycopg", "python-etcd", "urllib3", "PyYAML", "click", "prettytable", "psutil", "python-dateutil",
         "ydiff", "dnspython", "six", "wcwidth", "typing_extensions"]
SITE = "/usr/lib/python3/dist-packages"
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
TAG = f"{PYTHON}-{PYTHON}-{sysconfig.get_platform().replace('-', '_')}"


def modules(dist):
    """Top-level names that belong to a distribution."""
    names = (dist.read_text("top_level.txt") or "").split()
    by_files = {str(f).split("/")[0] for f in dist.files or [] if not str(f).startswith("..")}
    guess = {dist.metadata["Name"].replace("python-", "").replace("-", "_").lower()}
    known = {"PyYAML": {"yaml", "_yaml"}, "python-dateutil": {"dateutil"}, "dnspython": {"dns"}, "python-etcd": {"etcd"},
             "typing_extensions": {"typing_extensions"}}
    found = set(names) | {n for n in by_files if not n.endswith(("-info", ".egg-info"))} | known.get(dist.metadata["Name"], set()) | guess
    return sorted(n for n in found if os.path.isdir(f"{SITE}/{n}") or os.path.isfile(f"{SITE}/{n}.py") or os.path.isfile(f"{SITE}/{n}"))


def contents(name):
    """Files of a module: archive name to path."""
    base = f"{SITE}/{name}"
    if os.path.isfile(base):
        return {name: base}
    if os.path.isfile(f"{base}.py"):
        return {f"{name}.py": f"{base}.py"}
    return {os.path.relpath(os.path.join(d, f), SITE): os.path.join(d, f)
            for d, _, fs in os.walk(base) if "__pycache__" not in d for f in fs}


def wheel(name, target):
    dist = metadata.distribution(name)
    title = re.sub(r"[-_.]+", "_", dist.metadata["Name"])
    files = {k: v for module in modules(dist) for k, v in contents(module).items()}
    compiled = any(path.endswith(".so") for path in files.values())
    tag = TAG if compiled else "py3-none-any"
    info = f"{title}-{dist.version}.dist-info"
    text = dist.read_text("METADATA") or dist.read_text("PKG-INFO")
    unneeded = re.compile(r"Requires-Dist: (psycopg-(binary|c)|psycopg_pool|py-consul)\b")
    text = "\n".join(line for line in text.split("\n") if not unneeded.match(line))
    if "Requires-Dist" not in text and dist.requires:
        head, _, body = text.partition("\n\n")
        text = head + "".join(f"\nRequires-Dist: {need}" for need in dist.requires) + "\n\n" + body
    wheel = f"Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: {str(not compiled).lower()}\nTag: {tag}\n"
    generated = {f"{info}/METADATA": text.encode(), f"{info}/WHEEL": wheel.encode()}
    points = dist.read_text("entry_points.txt")
    if points:
        generated[f"{info}/entry_points.txt"] = points.encode()
    record = []
    with zipfile.ZipFile(f"{target}/{title}-{dist.version}-{tag}.whl", "w", zipfile.ZIP_DEFLATED) as out:
        for key, path in [*files.items(), *generated.items()]:
            data = path if isinstance(path, bytes) else open(path, "rb").read()
            out.writestr(key, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{key},sha256={digest},{len(data)}")
        out.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,"]) + "\n")


for name in NAMES:
    try:
        wheel(name, sys.argv[1])
    except metadata.PackageNotFoundError:
        print(f"not here: {name}")
