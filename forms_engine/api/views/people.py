"""People and rights for administrators: fixed models, so Django REST framework serves them."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import mixins, permissions, serializers, viewsets
from rest_framework.authentication import BaseAuthentication
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from forms_engine.access import policy, selectors
from forms_engine.api.auth import authenticate
from forms_engine.api.problems import problem_of
from forms_engine.kernel.errors import MesError


class TaktAuthentication(BaseAuthentication):
    """The API's own authentication as DRF wants it: (user, actor)."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        actor = authenticate(request._request)
        return actor, actor


class MayManagePeople(permissions.BasePermission):
    """Those who hold `read` on `access.people`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        policy.require(request.auth, policy.READ, "access.people")
        return True


class ById(CursorPagination):
    """Keyset pages in the order of making."""

    ordering = "id"
    page_size = 50


class PeopleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Base: read only, problems instead of DRF's own error pages."""

    authentication_classes = (TaktAuthentication,)
    permission_classes = (MayManagePeople,)
    pagination_class = ById
    takt_policy = "api"

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, MesError):
            return problem_of(exc, self.request._request)
        return super().handle_exception(exc)


class UserSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    username = serializers.CharField()
    name = serializers.CharField(source="get_full_name")
    department = serializers.CharField()
    supplier_id = serializers.UUIDField(allow_null=True)
    is_active = serializers.BooleanField()
    roles = serializers.SerializerMethodField()

    def get_roles(self, user: Any) -> list[str]:
        return sorted(role.key for role in user.roles.all())


class UserFilter(django_filters.FilterSet):
    username = django_filters.CharFilter(lookup_expr="icontains")
    role = django_filters.CharFilter(field_name="roles__key")
    supplier_id = django_filters.UUIDFilter()
    is_active = django_filters.BooleanFilter()


class UserViewSet(PeopleViewSet):
    """Who may log in."""

    serializer_class = UserSerializer
    filterset_class = UserFilter

    def get_queryset(self) -> Any:
        return selectors.user_list()


class RoleSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    key = serializers.CharField()
    label = serializers.JSONField()


class RoleViewSet(PeopleViewSet):
    """Which roles there are."""

    serializer_class = RoleSerializer

    def get_queryset(self) -> Any:
        return selectors.role_list()


class GrantSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    role = serializers.CharField(source="role.key")
    entity = serializers.CharField()
    actions = serializers.ListField(child=serializers.CharField())
    condition = serializers.CharField()
    hidden_fields = serializers.ListField(child=serializers.CharField())
    read_only_fields = serializers.ListField(child=serializers.CharField())


class GrantFilter(django_filters.FilterSet):
    role = django_filters.CharFilter(field_name="role__key")
    entity = django_filters.CharFilter()


class GrantViewSet(PeopleViewSet):
    """Which role may do what."""

    serializer_class = GrantSerializer
    filterset_class = GrantFilter

    def get_queryset(self) -> Any:
        return selectors.grant_list()
