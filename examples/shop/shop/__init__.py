"""The shop. Its Python packages lie beside it in `lib`: found here, so nothing that starts it needs an environment for that."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

sys.path.insert(1, str(ROOT / "lib"))
