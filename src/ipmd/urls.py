"""Where everything lives. Rooms that match whole paths (codes hold slashes) keep to their own first segment."""

from django.urls import include, path

from ipmd.apps.directory import urls as directory_urls
from ipmd.apps.meetings import urls as meetings_urls
from ipmd.apps.outcomes import actor_urls
from ipmd.web import links, places_urls, views

urlpatterns = [
    path("", views.home, name="home"),
    path("alive/", views.alive, name="alive"),
    path("accounts/link/", links.ask_for_link, name="ask_for_link"),
    path("accounts/link/<str:token>/", links.sign_in_link, name="sign_in_link"),
    path("accounts/enter/<uuid:key>/", links.enter_as_sample, name="enter_as_sample"),
    path("accounts/", include("allauth.urls")),
    path("language/", views.choose_language, name="set_language"),
    path("", include("ipmd.web.urls")),
    path("", include(([*directory_urls.urlpatterns, *actor_urls.urlpatterns], "directory"))),
    path("", include(([*meetings_urls.urlpatterns, *places_urls.urlpatterns], "meetings"))),
    path("", include("ipmd.apps.outcomes.urls")),
    path("", include("ipmd.apps.thread.urls")),
    path("", include("ipmd.apps.notices.urls")),
    path("", include("ipmd.apps.deliberation.urls")),
    path("", include("ipmd.apps.followup.urls")),
    path("", include("ipmd.apps.preparation.urls")),
    path("", include("ipmd.apps.reportback.urls")),
]

handler400 = "ipmd.web.errors.bad_request"
handler403 = "ipmd.web.errors.no_right"
handler404 = "ipmd.web.errors.not_found"
handler429 = "ipmd.web.errors.too_often"
handler500 = "ipmd.web.errors.broken"
