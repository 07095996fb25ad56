"""Addresses of this room: the review desk and the register."""

from .desk_urls import urlpatterns as desk
from .register_urls import urlpatterns as register

app_name = "outcomes"
urlpatterns = [*desk, *register]
