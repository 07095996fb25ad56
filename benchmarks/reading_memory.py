"""Peak memory of the reading process on a PDF of at least 1,000 pages. Prints JSON.

python benchmarks/reading_memory.py [--pages 1000]
"""

from __future__ import annotations

import argparse
import json
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MB = 1024 * 1024

CHILD = """
import json, resource, sys
from pathlib import Path
from ipmd.core.reading import read
from ipmd.core.reading.storage import to_bytes
document = read(Path(sys.argv[1]).read_bytes(), "long.pdf")
stored = to_bytes(document)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"pages": len(document.pages), "passages": len(document.passages), "stored_mb": len(stored) / 2**20, "peak": peak}))
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pages", type=int, default=1000)
    chosen = parser.parse_args()
    report = runpy.run_path(str(Path(__file__).with_name("reading.py")))["report"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.pdf"
        pages = chosen.pages
        path.write_bytes(report(1, round(pages * 1.15), columns=1))
        begin = time.perf_counter()
        out = subprocess.run([sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True).stdout
        seconds = time.perf_counter() - begin
        told = json.loads(out)
        size = path.stat().st_size
    peak = told.pop("peak") / MB
    result = {
        **told,
        "stored_mb": round(told["stored_mb"], 2),
        "file_mb": round(size / MB, 1),
        "seconds": round(seconds, 2),
        "peak_mb": round(peak),
        "limit_mb": 600,
        "own_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(result))
    return 0 if peak < 600 else 1


if __name__ == "__main__":
    sys.exit(main())
