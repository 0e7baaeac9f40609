"""Users, groups, service principals through the SDK."""
import pytest
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceConflict
from databricks.sdk.service import iam

PATCH = [iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP]


def value(text):
    return iam.ComplexValue(value=text)


def test_user_lives(w):
    made = w.users.create(user_name="Ada@Example.com", display_name="Ada", active=True, external_id="x-1",
                          name=iam.Name(given_name="Ada", family_name="Lovelace"),
                          entitlements=[value("allow-cluster-create"), value("workspace-access")])
    got = w.users.get(made.id)
    assert got.user_name == "Ada@Example.com" and got.external_id == "x-1" and got.name.family_name == "Lovelace"
    assert {e.value for e in got.entitlements} == {"allow-cluster-create", "workspace-access"}
    assert [g.display for g in got.groups] == ["users"]
    assert got.emails[0].value == "Ada@Example.com"
    # the home folder comes with the user, and is the user's
    home = w.workspace.get_status("/Users/Ada@Example.com")
    grants = w.permissions.get("directories", str(home.object_id)).access_control_list
    assert any(g.user_name == "Ada@Example.com" and g.all_permissions[0].permission_level.value == "CAN_MANAGE" for g in grants)
    w.users.patch(made.id, schemas=PATCH, operations=[
        iam.Patch(op=iam.PatchOp.REPLACE, path="active", value="false"),
        iam.Patch(op=iam.PatchOp.ADD, path="entitlements", value=[{"value": "databricks-sql-access"}]),
        iam.Patch(op=iam.PatchOp.REMOVE, path='entitlements[value eq "workspace-access"]'),
        iam.Patch(op=iam.PatchOp.REPLACE, path="name.givenName", value="Augusta")])
    got = w.users.get(made.id)
    assert got.active is False and got.name.given_name == "Augusta" and got.name.family_name == "Lovelace"
    assert {e.value for e in got.entitlements} == {"allow-cluster-create", "databricks-sql-access"}
    w.users.delete(made.id)
    with pytest.raises(NotFound):
        w.users.get(made.id)


def test_user_name_is_unique_without_case(w):
    w.users.create(user_name="eve@example.com")
    with pytest.raises(ResourceConflict, match="already exists"):
        w.users.create(user_name="EVE@example.com")
    with pytest.raises(BadRequest, match="not a valid email"):
        w.users.create(user_name="nobody")
    with pytest.raises(BadRequest, match="not an entitlement"):
        w.users.create(user_name="a@example.com", entitlements=[value("fly")])


def test_filters_and_pages(twins):
    w = twins("aws", "--page-size", 3).sdk()
    for i in range(8):
        w.users.create(user_name=f"user{i}@example.com", display_name=f"User {i}")
    assert len(list(w.users.list())) == 9  # with the twin's own
    assert [u.user_name for u in w.users.list(filter='userName eq "USER3@example.com"')] == ["user3@example.com"]
    assert len(list(w.users.list(filter='userName sw "user" and not (displayName co "7")'))) == 7
    only = next(iter(w.users.list(attributes="userName", filter='displayName ew "4"')))
    assert only.user_name == "user4@example.com" and only.display_name is None
    with pytest.raises(BadRequest, match="Invalid filter"):
        list(w.users.list(filter="userName like x"))


def test_groups_nest_and_do_not_cycle(w):
    ada = w.users.create(user_name="ada@example.com", display_name="Ada")
    inner = w.groups.create(display_name="inner", members=[value(ada.id)], entitlements=[value("allow-cluster-create")])
    outer = w.groups.create(display_name="outer", members=[value(inner.id)])
    got = w.groups.get(outer.id)
    assert [(m.value, m.display, m.ref) for m in got.members] == [(inner.id, "inner", f"Groups/{inner.id}")]
    assert got.meta.resource_type == "WorkspaceGroup"
    assert {g.display for g in w.users.get(ada.id).groups} == {"inner", "users"}
    assert {g.display for g in w.groups.get(inner.id).groups} == {"outer"}
    with pytest.raises(BadRequest, match="cycle"):
        w.groups.patch(inner.id, schemas=PATCH, operations=[
            iam.Patch(op=iam.PatchOp.ADD, path="members", value=[{"value": outer.id}])])
    with pytest.raises(NotFound, match="not found"):
        w.groups.create(display_name="third", members=[value("12345")])
    with pytest.raises(ResourceConflict):
        w.groups.create(display_name="inner")
    w.groups.patch(inner.id, schemas=PATCH, operations=[
        iam.Patch(op=iam.PatchOp.REMOVE, path=f'members[value eq "{ada.id}"]')])
    assert not w.groups.get(inner.id).members
    w.users.delete(ada.id)


def test_deleted_people_leave_groups_and_lists(w):
    ada = w.users.create(user_name="ada@example.com")
    group = w.groups.create(display_name="team", members=[value(ada.id)])
    directory = "/Shared/team"
    w.workspace.mkdirs(directory)
    node = str(w.workspace.get_status(directory).object_id)
    w.permissions.update("directories", node, access_control_list=[
        iam.AccessControlRequest(user_name="ada@example.com", permission_level=iam.PermissionLevel.CAN_READ)])
    w.users.delete(ada.id)
    assert not w.groups.get(group.id).members
    assert not any(a.user_name for a in w.permissions.get("directories", node).access_control_list)


def test_built_in_groups(w):
    groups = {g.display_name: g for g in w.groups.list()}
    assert {"admins", "users"} <= set(groups)
    with pytest.raises(PermissionDenied, match="built in"):
        w.groups.delete(groups["admins"].id)
    me = w.current_user.me()
    assert "admins" in {g.display for g in me.groups}


def test_application_ids_are_made_where_the_cloud_makes_them(twin, w):
    made = w.service_principals.create(display_name="robot", active=True, entitlements=[value("workspace-access")])
    assert made.application_id and made.id
    given = "11111111-2222-4333-8444-555555555555"
    if twin.cloud == "azure":
        assert w.service_principals.create(application_id=given, display_name="entra").application_id == given
        with pytest.raises(ResourceConflict):
            w.service_principals.create(application_id=given, display_name="again")
    else:
        with pytest.raises(BadRequest, match="applicationId"):
            w.service_principals.create(application_id=given, display_name="entra")
    assert len(list(w.service_principals.list(filter='displayName eq "robot"'))) == 1


def test_roles_are_instance_profiles_of_aws(twin, w):
    arn = "arn:aws:iam::123456789012:instance-profile/reader"
    if twin.cloud == "aws":
        with pytest.raises(BadRequest, match="not registered"):
            w.groups.create(display_name="readers", roles=[value(arn)])
        w.instance_profiles.add(arn, skip_validation=True)
        group = w.groups.create(display_name="readers", roles=[value(arn)])
        assert [r.value for r in w.groups.get(group.id).roles] == [arn]
    else:
        with pytest.raises(BadRequest, match="aws only"):
            w.groups.create(display_name="readers", roles=[value(arn)])
        with pytest.raises(NotFound, match="aws only"):
            list(w.instance_profiles.list())
