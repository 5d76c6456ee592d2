"""Makes the environment `.venv` in the root of the project, with nothing but a Python 3 to begin with.

    python3 scripts/bootstrap.py [--dev] [--venv DIRECTORY] [--python VERSION]

Brings uv (the one on the PATH, else one of its own in .cache/uv), finds a Python 3.12, 3.13 or 3.11 (on the PATH, of pyenv, else
uv downloads one), and installs what the lock file names, with hashes. Does nothing when nothing changed.
Standard library only, and old syntax: this runs before anything is installed.
"""

import argparse
import glob
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSIONS = ("3.12", "3.13", "3.11")
UV = "uv==0.9.7"


def fail(what, then):
    """Ends with what went wrong and what to do about it."""
    sys.stderr.write("\nNiet gelukt: " + what + "\nWat je kan doen: " + then + "\n")
    sys.exit(1)


def run(command, **kwargs):
    return subprocess.run(command, **kwargs)


def output(command):
    """What a command prints, or nothing when it cannot run."""
    try:
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=60
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def executable(directory, name):
    """A program of an environment, on any system."""
    if os.name == "nt":
        return os.path.join(directory, "Scripts", name + ".exe")
    return os.path.join(directory, "bin", name)


def find_uv():
    """The command uv: of the machine, or brought by pip into .cache/uv."""
    present = shutil.which("uv")
    if present and output([present, "--version"]):
        return present
    home = os.path.join(ROOT, ".cache", "uv")
    own = executable(home, "uv")
    if os.path.exists(own):
        return own
    print("uv ophalen ...", flush=True)
    if run([sys.executable, "-m", "venv", home], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
        installed = run(
            [executable(home, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV]
        )
    else:  # a Python without ensurepip, as Debian ships it without python3-venv
        shutil.rmtree(home, ignore_errors=True)
        installed = run([sys.executable, "-m", "pip", "install", "--quiet", "--target", home, UV])
    if installed.returncode != 0 or not os.path.exists(own):
        fail("uv kon niet opgehaald worden.", "kijk of er internet is, of zet uv zelf op je PATH (docs.astral.sh/uv).")
    return own


def is_version(python, version):
    return output([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) == version


def find_python(wanted):
    """A Python that is already there, else only its version, which uv downloads."""
    versions = (wanted,) if wanted else VERSIONS
    roots = [os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")]
    for version in versions:
        named = shutil.which("python" + version)
        candidates = [named] if named else []
        for root in roots:
            candidates += sorted(
                glob.glob(os.path.join(root, "versions", version + ".*", "bin", "python")), reverse=True
            )
        candidates.append(sys.executable)
        for candidate in candidates:
            if is_version(candidate, version):
                return candidate
    return versions[0]


def stamp_of(lock, python):
    digest = hashlib.sha256(python.encode())
    for name in (lock, os.path.join(ROOT, "pyproject.toml")):
        with open(name, "rb") as source:
            digest.update(source.read())
    return digest.hexdigest()


def check_lock(lock):
    """Ends when the list of libraries is not as it was delivered: no internet would help."""
    name = os.path.basename(lock)
    remedy = "zet het terug: git checkout " + name + ". Veranderde je pyproject.toml? Dan: make lock."
    if not os.path.exists(lock):
        fail("het bestand " + name + " is er niet.", remedy)
    with open(lock) as source:
        text = source.read()
    named, hashed = text.count("=="), text.count("--hash=sha256:")
    if not named or hashed < named:
        fail("het bestand " + name + " is beschadigd.", remedy)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="with what tests and checks need")
    parser.add_argument("--venv", default=os.path.join(ROOT, ".venv"))
    parser.add_argument("--python", help="3.11, 3.12 or 3.13; the first of 3.12, 3.13, 3.11 that is there otherwise")
    options = parser.parse_args()

    if options.python and options.python not in VERSIONS:
        fail("Python " + options.python + " gaat niet.", "kies 3.11, 3.12 of 3.13.")
    lock = os.path.join(ROOT, "requirements-dev.lock" if options.dev else "requirements.lock")
    check_lock(lock)
    python = find_python(options.python)
    stamps = [os.path.join(options.venv, "leerwijzer-dev.stamp")]
    if not options.dev:
        stamps.append(os.path.join(options.venv, "leerwijzer.stamp"))
    for stamp in stamps:  # an environment for development serves for running, too
        kind = "requirements-dev.lock" if stamp.endswith("-dev.stamp") else "requirements.lock"
        if os.path.exists(stamp):
            with open(stamp) as kept:
                if kept.read() == stamp_of(os.path.join(ROOT, kind), python):
                    return
    uv = find_uv()
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    if not os.path.exists(executable(options.venv, "python")) or (
        options.python and not is_version(executable(options.venv, "python"), options.python)
    ):
        print("Omgeving maken met Python " + python + " ...", flush=True)
        if run([uv, "venv", "--quiet", "--clear", "--python", python, options.venv], env=environment).returncode != 0:
            fail(
                "er is geen Python 3.11, 3.12 of 3.13, en uv kon er geen ophalen.",
                "installeer Python 3.12 (bijvoorbeeld `apt install python3.12` of `pyenv install 3.12`) en probeer opnieuw.",
            )
    inside = executable(options.venv, "python")
    print("Bibliotheken installeren ...", flush=True)
    steps = (
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", inside, lock],
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", inside, "--editable", ROOT],
    )
    for step in steps:
        if run(step, env=environment).returncode != 0:
            fail(
                "een bibliotheek kon niet geïnstalleerd worden.",
                "kijk of er internet is en 2 GB vrij op de schijf, en probeer opnieuw.",
            )
    for stamp in (os.path.join(options.venv, name) for name in ("leerwijzer.stamp", "leerwijzer-dev.stamp")):
        if os.path.exists(stamp):
            os.remove(stamp)
    with open(stamps[-1] if not options.dev else stamps[0], "w") as kept:
        kept.write(stamp_of(lock, python))


if __name__ == "__main__":
    main()
