"""Every settable field of jobs, clusters, warehouses, pools and policies is changed in the target by the official SDK, and
verify must find exactly that object and that field."""
import time

import pytest
from full_estate import make_estate
from full_objects import SCHEMAS, document_leaves, pattern_of
from mutation import reason_of
from mutation_rounds import KINDS, PLACES, Rounds, moved_estate, not_equal
from results import save_result


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    migration, twins, meant = moved_estate(tmp_path_factory.mktemp("full"), "aws", *make_estate())
    yield migration, twins[1], meant
    for twin in twins:
        twin.stop()


def test_every_field_is_found(moved):
    migration, new, meant = moved
    started = time.monotonic()
    rounds = Rounds(migration, new.sdk(), meant)
    rounds.run()
    print(f"{rounds.count} rounds, {time.monotonic() - started:.0f} s")
    result, not_tried = {}, []
    for kind in KINDS:
        found = rounds.found(kind)
        reasons = {pattern: reason_of(kind, pattern) for pattern in sorted(SCHEMAS[kind]) if pattern not in found}
        not_tried += [f"{kind}: {pattern}: nowhere changed" for pattern, reason in reasons.items() if reason is None]
        result[kind] = {"settable": len(SCHEMAS[kind]), "found": sorted(found), "not_mutated": reasons,
                        "named_by_element": sorted(rounds.as_element[kind] - rounds.exact[kind])}
    assert rounds.missed == [], "\n".join(rounds.missed)
    assert not_tried == [], "\n".join(not_tried)
    assert not_equal(migration) == [], "putting back did not restore the target"
    save_result("mutation_documents", result)


def test_the_estate_has_every_settable_field():
    """Of what the SDK's create calls take, each leaf has a value in the estate, or stands in the list with its reason."""
    documents, _ = make_estate()
    for kind, (place, _) in PLACES.items():
        have = {pattern_of(path) for row in documents[place] for path, value in document_leaves(row) if value not in ({}, [], None)}
        lacking = [p for p in sorted(SCHEMAS[kind]) if p not in have and reason_of(kind, p) is None]
        assert lacking == [], kind
