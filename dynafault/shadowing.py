"""Whether `import emulator` finds dynafault's package of that name, or a stranger's that comes first on sys.path.

Projects have a folder `emulator/` of their own, and `python -m pytest` puts the current folder first. Nothing can be done about it from
here, but it can be said.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

# Both packages are installed side by side
_OURS = Path(__file__).resolve().parent.parent / "emulator" / "__init__.py"


def hidden_by() -> str | None:
    """One line that says what hides dynafault's package `emulator`; None if nothing does. Imports nothing."""
    loaded = sys.modules.get("emulator")
    spec = importlib.util.find_spec("emulator") if loaded is None else None
    origin = spec.origin if spec else getattr(loaded, "__file__", None)
    found = Path(origin).resolve() if origin else None
    if found == _OURS:
        return None
    place = "another module" if found is None else found.parent if found.name == "__init__.py" else found
    return f"{place} hides the package 'emulator' of dynafault: rename it, or keep its folder behind the installed packages on sys.path"


def load_emulator() -> ModuleType:
    """Dynafault's package `emulator`. Raises ImportError if it is hidden."""
    reason = hidden_by()
    if reason is not None:
        raise ImportError(reason)
    return importlib.import_module("emulator")
