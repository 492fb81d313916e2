"""Debian's chromium without a window, as its user would use it."""

import shutil
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


def start() -> Any:
    """A browser; what its console says is kept. It may not be there: `CHROMIUM` and `DRIVER` say so."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    # Its sandbox refuses to run for root, as in containers, whose shared memory is too small for it.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))


def look(browser: Any, width: int, height: int, theme: str = "light") -> None:
    """Give the page this size in pixels and this colour scheme."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
