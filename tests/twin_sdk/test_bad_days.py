"""Sign-in, faults, limits, restarts: what happens on bad days, seen by the SDK and by plain calls."""
import http.client
import json
import re
import signal
import time
import urllib.error

import pytest
from databricks.sdk.errors import PermissionDenied


def test_sign_in_by_client_credentials(twins):
    twin = twins("aws")
    w = twin.sdk(token=None, client_id="twin-client", client_secret="twin-secret")
    assert w.current_user.me().user_name == "admin@example.com"
    twin.steer(revoke_all=True)
    status, _, text = twin.call("GET", "/api/2.0/preview/scim/v2/Me")
    assert status == 403 and "Invalid access token" in text
    twin.steer(accept="twin-token")
    assert twin.call("GET", "/api/2.0/preview/scim/v2/Me")[0] == 200
    with pytest.raises(PermissionDenied):
        twin.sdk(token="wrong").current_user.me()


def test_a_host_says_where_to_sign_in(twin):
    """As the SDK reads it (databricks-sdk 0.156, oauth.py: get_host_metadata, get_endpoints_from_url)."""
    from databricks.sdk import oauth
    found = oauth.get_host_metadata(twin.host)
    assert found.oidc_endpoint == twin.host + "/oidc" and found.cloud.value == twin.cloud.upper()
    assert found.workspace_id == str(twin.sdk().get_workspace_id())
    for endpoints in (oauth.get_workspace_endpoints(twin.host),
                      oauth.get_endpoints_from_url(found.oidc_endpoint + "/.well-known/oauth-authorization-server")):
        assert endpoints.token_endpoint == twin.host + "/oidc/v1/token"
        assert endpoints.authorization_endpoint == twin.host + "/oidc/v1/authorize"


def test_a_wrong_client_secret(twins):
    twin = twins("azure", log=False)
    with pytest.raises(ValueError, match="invalid_client"):
        twin.sdk(token=None, client_id="twin-client", client_secret="no").current_user.me()


def test_a_token_ends_and_the_sdk_buys_another(twins):
    twin = twins("aws")
    twin.steer(token_lifetime_ms=1500)
    w = twin.sdk(token=None, client_id="twin-client", client_secret="twin-secret")
    first = w.config.authenticate()["Authorization"]
    assert w.current_user.me().user_name == "admin@example.com"
    time.sleep(1.7)
    status, _, text = twin.call("GET", "/api/2.0/preview/scim/v2/Me", token=first.removeprefix("Bearer "))
    assert status == 401 and "expired" in text
    assert w.current_user.me().user_name == "admin@example.com"
    assert w.config.authenticate()["Authorization"] != first


def test_a_cut_connection(twins):
    twin = twins("aws", log=False)
    twin.steer(fault={"kind": "cut_connection", "at_call": 1, "after_effect": True})
    with pytest.raises((urllib.error.URLError, http.client.HTTPException, ConnectionError)):
        twin.call("POST", "/api/2.0/secrets/scopes/create", {"scope": "s"})
    assert [s.name for s in twin.sdk().secrets.list_scopes()] == ["s"]


def test_state_outlives_a_killed_twin(twins, tmp_path):
    twin = twins("azure", "--state", tmp_path / "twin.sqlite")
    twin.sdk().users.create(user_name="ada@example.com")
    twin.steer(reset_counts=True, fault={"kind": "kill_process", "at_call": 1, "after_effect": True})
    with pytest.raises((urllib.error.URLError, http.client.HTTPException, ConnectionError)):
        twin.call("POST", "/api/2.0/secrets/scopes/create", {"scope": "s"})
    assert twin.process.wait(10) == -signal.SIGKILL
    twin.start()
    w = twin.sdk()
    assert [s.name for s in w.secrets.list_scopes()] == ["s"]
    assert "ada@example.com" in {u.user_name for u in w.users.list()}


def test_limits_say_when_to_come_back(twins):
    twin = twins("aws", "--limits", "tight", log=False)
    answers = [twin.call("GET", "/api/2.0/secrets/scopes/list") for _ in range(20)]
    refused = [headers for status, headers, _ in answers if status == 429]
    assert refused and any("retry-after" in {k.lower() for k in h} for h in refused)
    assert any("retry-after" not in {k.lower() for k in h} for h in refused)
    assert twin.control("GET", "/twin/state")["throttled"] == len(refused)


def test_unknown_fields_are_refused(twins):
    twin = twins("aws", log=False)
    status, headers, text = twin.call("POST", "/api/2.0/secrets/scopes/create", {"scope": "s", "scop": 1})
    assert status == 400 and "unknown field 'scop'" in json.loads(text)["message"]
    assert headers["x-databricks-org-id"].isdigit()
    assert twin.call("POST", "/api/2.0/secrets/scopes/make", {})[0] == 404
    status, _, text = twin.call("POST", "/api/2.0/preview/scim/v2/Users", {"userName": "a@b.c", "nick": "x"})
    assert status == 400 and json.loads(text)["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_the_log_keeps_no_secret(twins, tmp_path):
    log = tmp_path / "log.jsonl"
    twin = twins("aws", "--request-log", log, log=False)
    w = twin.sdk()
    w.secrets.create_scope("s")
    w.secrets.put_secret("s", "k", string_value="canary-value-1")
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    put = next(e for e in entries if e["path"].endswith("/secrets/put"))
    assert re.fullmatch(r"sha256:[0-9a-f]{64} length:14", put["body"]["string_value"])
    assert "canary" not in log.read_text() and "twin-token" not in log.read_text()


def test_an_estate_loads(twins):
    from conftest import ROOT
    w = twins("azure", load=ROOT / "examples/company/estate").sdk()
    assert len(list(w.users.list())) >= 60 and len(list(w.jobs.list())) >= 80
    nodes = list(w.workspace.list("/", recursive=True))
    assert len(nodes) >= 300 and {"NOTEBOOK", "FILE"} <= {n.object_type.value for n in nodes}
    job = next(iter(w.jobs.list()))
    assert any(p.permission_level.value == "IS_OWNER" for a in w.permissions.get("jobs", str(job.job_id)).access_control_list
               for p in a.all_permissions)
