"""The picture of the review desk in the README: a sample document, half way through.

Starts ipmd with a fresh data folder, signs in as the sample rapporteur, decides a few candidates and takes the picture; or takes it of a
system that runs already, with `--address`.

    uv run python scripts/screenshot_desk.py [--address http://127.0.0.1:8000] [--out docs/images/review-desk.png]
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENT = "Report of the second meeting"
KEYS = "aaaxaaaax"


@contextmanager
def running() -> Iterator[str]:
    """Ipmd in a data folder of its own, with the sample forum; stopped and thrown away afterwards."""
    folder = tempfile.mkdtemp(prefix="ipmd-picture-")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = os.environ | {"IPMD_DATA": folder, "IPMD_PORT": str(port), "IPMD_PUBLIC_URL": address}
    process = subprocess.Popen([sys.executable, "-c", "from ipmd.cli import main; main()", "run"], env=environment, cwd=PROJECT)
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise SystemExit("ipmd did not start; see above")
            try:
                urllib.request.urlopen(f"{address}/accounts/login/", timeout=2).close()  # noqa: S310
                break
            except OSError:
                time.sleep(1)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def picture(address: str, out: Path) -> None:
    """Sign in, review a little, take the picture."""
    from playwright.sync_api import sync_playwright

    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 850}, device_scale_factor=1.5, color_scheme="light", locale="en-GB")
        page.goto(f"{address}/accounts/login/")
        people = page.locator("li, form, div").filter(has_text="Rapporteur").filter(has=page.get_by_role("button", name="Enter"))
        people.last.get_by_role("button", name="Enter").first.click()
        page.wait_for_load_state()
        page.goto(f"{address}/review/")
        page.get_by_role("link", name=DOCUMENT).first.click()
        for key in KEYS:
            before = page.locator("#desk-panel").get_attribute("data-candidate")
            page.keyboard.press(key)
            page.wait_for_function("(was) => document.getElementById('desk-panel').dataset.candidate !== was", arg=before)
        page.locator("#desk-pane .here").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_function("[...document.querySelectorAll('#desk-pane img')].filter(i => i.complete && i.naturalWidth).length > 1")
        out.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=out)
        browser.close()


def main() -> int:
    """Take the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--address", help="of a running system with the sample forum")
    parser.add_argument("--out", type=Path, default=PROJECT / "docs" / "images" / "review-desk.png")
    arguments = parser.parse_args()
    if arguments.address:
        picture(arguments.address.rstrip("/"), arguments.out)
    else:
        with running() as address:
            picture(address, arguments.out)
    sys.stdout.write(f"{arguments.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
