"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """`production`: whether sample sign-ins are refused; `public_url`: the site's own address."""
    return {"production": settings.PRODUCTION, "public_url": settings.PUBLIC_URL}
