# belongs to tests/twin_sdk/test_secrets.py


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
    make(twin.sdk(token=None, client_id="twin-client", client_secret="twin-secret"))
    scope = next(iter(w.secrets.list_scopes()))
    assert scope.keyvault_metadata.dns_name == vault.dns_name
    with pytest.raises(BadRequest, match="Cannot write"):
        w.secrets.put_secret("kv", "k", string_value="v")
