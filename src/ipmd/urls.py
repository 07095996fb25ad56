"""Where everything lives."""

from django.urls import include, path

from ipmd.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
