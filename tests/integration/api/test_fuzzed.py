"""Every route, asked whatever a fuzzer thinks of: no fault of ours, no answer that is not described."""

import pytest
import schemathesis.openapi
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.api.app import create_app
from shared.settings import ApiSettings
from tests.integration.api.people import ids_now, page_of
from tests.servers.programs import SECRET_KEYS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _takes_more_than_a_path(described):
    return "requestBody" in described or any(each["in"] != "path" for each in described.get("parameters", ()))


#: They do not end by themselves; what is said there is tested where they are.
ENDLESS = {"GET /v1/timeline/stream"}
DESCRIBED = create_app(
    ApiSettings(secret_keys=SECRET_KEYS, x_consumer_key="k", x_consumer_secret="s")
).openapi()
ROUTES = {
    f"{method.upper()} {path}": described
    for path, methods in DESCRIBED["paths"].items()
    for method, described in methods.items()
    if f"{method.upper()} {path}" not in ENDLESS
}
#: Where one may ask for something that is not as it is described.
CHOOSY = [route for route, described in ROUTES.items() if _takes_more_than_a_path(described)]


@pytest.fixture(scope="module")
def operations():
    schema = schemathesis.openapi.from_dict(DESCRIBED)
    found = (each.ok() for each in schema.get_all_operations())
    return {f"{each.method.upper()} {each.path}": each for each in found}


@pytest.fixture
async def check(gateway_url, people, ada, operations):
    """Ask for a route in many ways, as somebody and as nobody, and hold each answer to its description."""
    await people.show(ada, page_of(ids_now(30)))

    def check(route, mode):
        cases = operations[route].as_strategy(generation_mode=mode)

        @settings(
            max_examples=30, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(cases, st.sampled_from([ada.headers, ada.headers, ada.headers, {}]))
        def ask(case, headers):
            answer = case.call(base_url=gateway_url, headers=headers, timeout=30, allow_redirects=False)
            case.validate_response(answer, checks=CHECKS)

        ask()

    return check


@pytest.mark.parametrize("route", ROUTES)
async def test_what_is_asked_for_as_described_is_answered_as_described(check, route):
    check(route, GenerationMode.POSITIVE)


@pytest.mark.parametrize("route", CHOOSY)
async def test_what_is_asked_for_otherwise_is_answered_as_described_too(check, route):
    check(route, GenerationMode.NEGATIVE)
