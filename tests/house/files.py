"""The project's files, as version control knows them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tracked(ending: str = "") -> list[Path]:
    """List the project's files whose names end so; those not yet added count too, ignored ones do not."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in listed if name.endswith(ending) and (ROOT / name).is_file()]


@cache
def parsed() -> dict[str, ast.Module]:
    """Parse every Python file that holds anything."""
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in tracked(".py")}
    return {name: ast.parse(text) for name, text in texts.items() if text}
