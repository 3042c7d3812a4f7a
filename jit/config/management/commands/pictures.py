"""`manage.py pictures`: take the pictures of docs/pictures/list.yaml from the running demo."""

import io
import json
import os
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from jit.config.boot.suite import browser

FOLDER = settings.BASE_DIR / "docs" / "pictures"
HEIGHTS = {True: 780, False: 860}  # phone, desk
MOST_BYTES = 200_000


class Command(BaseCommand):
    """Sign in as each sample user and photograph the pages of the list."""

    help = "Take the README's pictures from the running demo."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let one picture be taken alone."""
        parser.add_argument("names", nargs="*", help="pictures to take; all of the list when none is named")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        """Take the pictures; a page that does not answer 200 ends the command and names itself."""
        wanted = yaml.safe_load((FOLDER / "list.yaml").read_text())
        unknown = set(names) - {picture["name"] for picture in wanted}
        if unknown:
            raise CommandError(f"Not in docs/pictures/list.yaml: {', '.join(sorted(unknown))}")
        wanted = [picture for picture in wanted if not names or picture["name"] in names]
        url = demo_url(Path(settings.DATA_FOLDER))
        cookies = {user: session_cookie(user) for user in {picture.get("user") for picture in wanted} if user}
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the driver's loop runs in this thread
        with sync_playwright() as driver:
            chromium = driver.chromium.launch(
                executable_path=browser(), args=["--no-sandbox", "--disable-gpu"]
            )
            for picture in wanted:
                take(chromium, url, picture, cookies)
                self.stdout.write(f"docs/pictures/{picture['name']}.png")
            chromium.close()


def demo_url(folder: Path) -> str:
    """Return the address of the running demo of this checkout."""
    try:
        return str(json.loads((folder / "run" / "demo.json").read_text())["url"])
    except (OSError, ValueError, KeyError):
        raise CommandError("The demo is not running here: start `python3 manage.py demo` first.") from None


def session_cookie(username: str) -> str:
    """Open a session for a sample user and return its key."""
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username}: is the demo plant loaded?")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def take(chromium: Browser, url: str, picture: dict[str, Any], cookies: dict[str, str]) -> None:
    """Photograph one page."""
    is_phone = picture["width"] < 600
    context = chromium.new_context(
        viewport={"width": picture["width"], "height": picture.get("height", HEIGHTS[is_phone])},
        base_url=url,
        locale="en-GB" if picture.get("language") == "en" else "zh-CN",
        timezone_id=settings.PLANT_TIME_ZONE,
        color_scheme="dark" if picture.get("dark") else "light",
        has_touch=is_phone,
        is_mobile=is_phone,
        device_scale_factor=2 if is_phone else 1,
    )
    language = "en" if picture.get("language") == "en" else "zh-hans"
    found = [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": url}]
    if picture.get("user"):
        found.append({"name": settings.SESSION_COOKIE_NAME, "value": cookies[picture["user"]], "url": url})
    context.add_cookies(found)
    page = context.new_page()
    answer = page.goto(picture["path"], wait_until="load")
    if answer is None or not answer.ok:
        raise CommandError(f"{picture['path']} answered {answer.status if answer else 'nothing'}.")
    if page.query_selector("mes-live") is not None:  # a picture shows the plant as it is: connected
        page.wait_for_selector("mes-live[state=live]", state="attached", timeout=15_000)
    page.wait_for_timeout(700)  # fonts, entry animations and the first live message settle
    keep(page.screenshot(), FOLDER / f"{picture['name']}.png")
    context.close()


def keep(shot: bytes, path: Path) -> None:
    """Store a picture with a palette, in fewer colours until it is small enough for a repository.

    Raises:
        CommandError: it stays larger than `MOST_BYTES`.
    """
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    for colours in (256, 128, 64, 32):
        stored = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(stored, "PNG", optimize=True)
        if stored.tell() <= MOST_BYTES:
            path.write_bytes(stored.getvalue())
            return
    raise CommandError(f"{path.name} is larger than {MOST_BYTES} bytes even in 32 colours.")
