"""Secret scopes, secrets and their lists through the SDK; permissions of the tree; documents."""
import base64

import pytest
from databricks.sdk import WorkspaceClient, environments
from databricks.sdk.core import Config
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import iam, sql
from databricks.sdk.service import workspace as ws


def test_scopes_and_secrets(w):
    w.secrets.create_scope("s")
    with pytest.raises(ResourceAlreadyExists):
        w.secrets.create_scope("s")
    w.secrets.put_secret("s", "text", string_value="grüße")
    w.secrets.put_secret("s", "bytes", bytes_value=base64.b64encode(b"\x00\xff").decode())
    assert {s.key for s in w.secrets.list_secrets("s")} == {"text", "bytes"}
    assert base64.b64decode(w.secrets.get_secret("s", "text").value).decode() == "grüße"
    assert base64.b64decode(w.secrets.get_secret("s", "bytes").value) == b"\x00\xff"
    with pytest.raises(InvalidParameterValue, match="limit"):
        w.secrets.put_secret("s", "big", string_value="x" * (128 * 1024 + 1))
    with pytest.raises(InvalidParameterValue, match="characters"):
        w.secrets.put_secret("s", "a b", string_value="x")
    with pytest.raises(InvalidParameterValue, match="'users'"):
        w.secrets.create_scope("t", initial_manage_principal="admins")
    w.secrets.delete_secret("s", "text")
    w.secrets.delete_scope("s")
    with pytest.raises(ResourceDoesNotExist):
        list(w.secrets.list_secrets("s"))


def by_entra(twin):
    """The SDK signed in with a client secret of Microsoft Entra; the twin plays Entra's token endpoint too."""
    login = environments.AzureEnvironment("TWIN", twin.host + "/", twin.host + "/", active_directory_endpoint=twin.host + "/")
    azure = environments.DatabricksEnvironment(environments.Cloud.AZURE, "127.0.0.1", environments.ARM_DATABRICKS_RESOURCE_ID, login)
    return WorkspaceClient(config=Config(host=twin.host, azure_client_id="twin-client", azure_client_secret="twin-secret",
                                         auth_type="azure-client-secret", databricks_environment=azure))


def test_key_vault_scopes_are_azures(twin, w):
    vault = ws.AzureKeyVaultSecretScopeMetadata(resource_id="/subscriptions/1/vaults/v", dns_name="https://v.vault.azure.net/")

    def make(client):
        client.secrets.create_scope("kv", scope_backend_type=ws.ScopeBackendType.AZURE_KEYVAULT, backend_azure_keyvault=vault)

    if twin.cloud != "azure":
        with pytest.raises(InvalidParameterValue, match="not supported"):
            make(w)
        return
    with pytest.raises(BadRequest, match="userAADToken"):
        make(w)
    with pytest.raises(BadRequest, match="userAADToken"):  # a token of the workspace's own endpoint is none of Entra
        make(twin.sdk(token=None, client_id="twin-client", client_secret="twin-secret"))
    make(by_entra(twin))
    scope = next(iter(w.secrets.list_scopes()))
    assert scope.keyvault_metadata.dns_name == vault.dns_name
    with pytest.raises(BadRequest, match="Cannot write"):
        w.secrets.put_secret("kv", "k", string_value="v")


def test_lists_of_scopes(w):
    w.groups.create(display_name="team")
    w.secrets.create_scope("s")
    w.secrets.put_acl("s", "team", ws.AclPermission.READ)
    assert {(a.principal, a.permission.value) for a in w.secrets.list_acls("s")} == {("admin@example.com", "MANAGE"), ("team", "READ")}
    w.secrets.put_acl("s", "team", ws.AclPermission.WRITE)
    assert w.secrets.get_acl("s", "team").permission == ws.AclPermission.WRITE
    with pytest.raises(ResourceDoesNotExist):
        w.secrets.put_acl("s", "ghosts", ws.AclPermission.READ)
    w.secrets.delete_acl("s", "team")
    assert len(list(w.secrets.list_acls("s"))) == 1


def test_standard_tier_has_no_lists(twins):
    twin = twins("aws", "--tier", "standard")
    twin.sdk().secrets.create_scope("s")
    status, _, text = twin.call("GET", "/api/2.0/secrets/acls/list?scope=s")
    assert status == 404 and "FEATURE_DISABLED" in text
    status, _, text = twin.call("POST", "/api/2.0/policies/clusters/create", {"name": "p", "definition": "{}"})
    assert status == 404 and "FEATURE_DISABLED" in text


def test_grants_are_inherited_in_the_tree(w):
    w.groups.create(display_name="team")
    w.workspace.mkdirs("/Shared/a/b")
    outer, inner = (str(w.workspace.get_status(p).object_id) for p in ("/Shared/a", "/Shared/a/b"))
    entry = iam.AccessControlRequest(group_name="team", permission_level=iam.PermissionLevel.CAN_RUN)
    w.permissions.set("directories", outer, access_control_list=[entry])
    shown = {a.group_name: a.all_permissions for a in w.permissions.get("directories", inner).access_control_list}
    assert shown["team"][0].inherited and shown["team"][0].inherited_from_object == [f"/directories/{outer}"]
    w.permissions.update("directories", inner, access_control_list=[
        iam.AccessControlRequest(group_name="team", permission_level=iam.PermissionLevel.CAN_EDIT)])
    shown = {a.group_name: a.all_permissions for a in w.permissions.get("directories", inner).access_control_list}
    assert {(p.permission_level.value, p.inherited or False) for p in shown["team"]} == {("CAN_EDIT", False), ("CAN_RUN", True)}
    shared = str(w.workspace.get_status("/Shared").object_id)
    with pytest.raises(BadRequest, match="fixed permissions"):
        w.permissions.set("directories", shared, access_control_list=[entry])
    with pytest.raises(NotFound):
        w.permissions.get("notebooks", outer)
    tokens = w.permissions.set("authorization", "tokens", access_control_list=[
        iam.AccessControlRequest(group_name="users", permission_level=iam.PermissionLevel.CAN_USE)])
    assert {a.group_name for a in tokens.access_control_list} == {"users", "admins"}


def test_documents_are_kept(twins):
    twin = twins("aws")
    w = twin.sdk()
    query = w.queries.create(query=sql.CreateQueryRequestQuery(display_name="q", query_text="select 1"))
    assert w.queries.get(query.id).query_text == "select 1" and [q.id for q in w.queries.list()] == [query.id]
    catalog = w.catalogs.create("main", comment="c")
    assert catalog.owner == "admin@example.com"
    w.schemas.create("raw", "main")
    twin.steer(empty_pages=True)  # the first page is empty and has a token
    assert [c.name for c in w.catalogs.list()] == ["main"]
    assert [s.full_name for s in w.schemas.list("main")] == ["main.raw"] and not list(w.schemas.list("other"))
    pipeline = w.pipelines.create(name="p", continuous=False).pipeline_id
    assert w.pipelines.get(pipeline).spec.name == "p" and [p.name for p in w.pipelines.list_pipelines()] == ["p"]
    assert not list(w.apps.list()) and not list(w.serving_endpoints.list())
