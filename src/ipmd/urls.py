"""Where everything lives. Rooms that match whole paths (codes hold slashes) keep to their own first segment."""

from django.urls import include, path

from ipmd.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("ipmd.web.urls")),
    path("", include("ipmd.apps.directory.urls")),
    path("", include("ipmd.apps.meetings.urls")),
    path("", include("ipmd.apps.outcomes.urls")),
]
