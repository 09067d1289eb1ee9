"""What Python runs first in a program that is started in fast time: the project's own `sitecustomize`, then fast time.

This folder is put in front of PYTHONPATH. The package itself is loaded from beside it under its own name alone, so that nothing else that
is installed there is found by the program."""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import PathFinder

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(_HERE)


def _run_hidden() -> None:
    """The one that this file hides."""
    others = [folder for folder in sys.path if os.path.abspath(folder) != _HERE]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


def _join() -> None:
    if not os.environ.get("DYNAFAULT_FAST_TIME"):
        return
    if "dynafault_time" not in sys.modules:
        path = os.path.join(_PACKAGE, "__init__.py")
        spec = importlib.util.spec_from_file_location("dynafault_time", path, submodule_search_locations=[_PACKAGE])
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["dynafault_time"] = module
        spec.loader.exec_module(module)
    from dynafault_time.errors import FastTimeError
    from dynafault_time.support import check_support

    try:
        check_support()
    except FastTimeError as error:
        print(f"dynafault: {os.path.basename(sys.executable)} keeps real time: {error}", file=sys.stderr)
        return
    from dynafault_time.joining import join

    join()


try:
    _run_hidden()
finally:
    _join()
