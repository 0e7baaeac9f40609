"""Users, groups and service principals of Meridian Foods."""
import random

DOMAIN = "meridianfoods.example"

FIRST = ("Amara Bashir Chiara Daniel Elif Farid Greta Hannah Ingrid Jamal Katya Liam Mei Nadia Oskar Priya Quentin Rosa "
         "Samir Tomas Uma Viktor Wanda Xavier Yuki Zanele Anton Beatriz Cyrus Dalia Emil Fatou Gustav Hana Idris Julia "
         "Kofi Lena Mateo Noor Olga Pablo Rania Sven Tara Umar Vera Willem Ximena Yara Zoltan Aisha Bruno Celine Dmitri "
         "Esra Felix Gia Hugo Iris Jonas Kim").split()
LAST = ("Adeyemi Bergström Castillo Demir Eriksen Fournier Gupta Haddad Ivanova Jansen Kowalski Lindqvist Moreau Nakamura "
        "Okafor Petrov Quispe Rossi Schmidt Tanaka Ueda Vargas Weber Xu Yilmaz Zhang").split()

TEAMS = {
    "data-platform": 6, "data-engineering": 12, "analytics": 12, "data-science": 9, "supply-chain": 7, "finance": 6,
    "marketing": 5, "store-operations": 4, "auditors": 2,
}


def ascii_name(text):
    return text.lower().replace("ö", "o")


def make_people(rng: random.Random):
    users, by_team = [], {}
    number = 0
    for team, size in TEAMS.items():
        for _ in range(size):
            first, last = FIRST[number % len(FIRST)], LAST[(number * 7 + 3) % len(LAST)]
            mail = f"{ascii_name(first)}.{ascii_name(last)}@{DOMAIN}"
            user = {
                "id": str(4_100_000_000 + number * 37),
                "userName": mail,
                "displayName": f"{first} {last}",
                "name": {"givenName": first, "familyName": last},
                "emails": [{"value": mail, "type": "work", "primary": True}],
                "active": True,
                "entitlements": [{"value": "workspace-access"}],
                "externalId": "%08x-0000-4000-8000-%012x" % (rng.getrandbits(32), number),
            }
            if team in ("data-platform", "data-engineering"):
                user["entitlements"].append({"value": "allow-cluster-create"})
            if team in ("analytics", "finance"):
                user["entitlements"].append({"value": "databricks-sql-access"})
            users.append(user)
            by_team.setdefault(team, []).append(user)
            number += 1
    # People as real estates have them: left the company, an accent and an emoji in the name, a plus address.
    users[-1]["active"] = False
    users[-3]["active"] = False
    users[20]["displayName"] = "Renée “Ren” Müller 🍋"
    users[25]["userName"] = "s.vargas+reports@" + DOMAIN
    users[25]["emails"][0]["value"] = users[25]["userName"]

    principals = []
    for index, (name, entitlements) in enumerate([
            ("sp-ingest", ["workspace-access", "allow-cluster-create"]), ("sp-reporting", ["databricks-sql-access"]),
            ("sp-mlops", ["workspace-access", "allow-cluster-create"]), ("sp-terraform", ["workspace-access"]),
            ("sp-orders-api", ["databricks-sql-access"]), ("sp-dbt", ["databricks-sql-access", "workspace-access"]),
            ("sp-retired", [])]):
        principals.append({
            "id": str(5_200_000_000 + index * 41), "applicationId": "7d0c4b1e-%04x-4a6f-9d3e-1f2a3b4c5d6e" % (0x1100 + index),
            "displayName": name, "active": name != "sp-retired",
            "entitlements": [{"value": e} for e in entitlements],
        })
    return users, by_team, principals


def make_groups(users, by_team, principals):
    groups, ids = [], {}

    def add(name, members, entitlements=(), account=False):
        ids[name] = str(6_300_000_000 + len(groups) * 53)
        groups.append({
            "id": ids[name], "displayName": name,
            "members": [{"value": m["id"], "display": m.get("displayName", ""),
                         "$ref": f"{'Groups' if 'members' in m else 'ServicePrincipals' if 'applicationId' in m else 'Users'}/{m['id']}"}
                        for m in members],
            "entitlements": [{"value": e} for e in entitlements],
            "meta": {"resourceType": "Group" if account else "WorkspaceGroup"},
        })
        return groups[-1]

    teams = [add(team, by_team[team]) for team in TEAMS]
    by_name = {g["displayName"]: g for g in teams}
    engineers = add("engineers", [by_name["data-platform"], by_name["data-engineering"], by_name["data-science"]],
                    ["allow-cluster-create", "workspace-access"])
    business = add("business", [by_name[n] for n in ("analytics", "supply-chain", "finance", "marketing", "store-operations")],
                   ["databricks-sql-access"])
    add("everyone", [engineers, business, by_name["auditors"]])
    add("on-call", by_team["data-platform"][:2] + by_team["data-engineering"][:3] + [principals[0]])
    add("pii readers", by_team["data-science"][:3] + [principals[2]])
    add("finance / month-end", by_team["finance"][:4] + [principals[1]])
    add("automation", principals[:6], ["workspace-access"])
    add("empty-legacy-group", [])
    add("admins", by_team["data-platform"][:2])
    return groups, {g["displayName"]: g for g in groups}
