"""Every object is one that Kubernetes knows, to the last field."""

import kubernetes_validate
import pytest

from tests.house.kubernetes.rendered import DEPLOYMENTS, render

#: The oldest that knows all of it (a preStop that sleeps), and the newest there is.
VERSIONS = ["1.30", kubernetes_validate.latest_version()]
#: Of these there is no schema; what stands in them is looked at in the other tests.
OPERATORS = {"PodMonitor", "PrometheusRule", "RabbitmqCluster", "ScaledObject", "ServiceMonitor"}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_fits_its_schema(version):
    different = {str(each): each for name in DEPLOYMENTS for each in render(name)}

    unknown = {each["kind"] for each in different.values() if not _fits(each, version)}

    assert unknown <= OPERATORS


def test_a_field_that_is_none_would_be_noticed():
    (wrong, *_) = [each for each in render("local") if each["kind"] == "PodDisruptionBudget"]
    wrong = wrong | {"spec": wrong["spec"] | {"maxUnavailabel": 1}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def _fits(each, version):
    """Hold an object to its schema; False where there is none."""
    try:
        kubernetes_validate.validate(each, version, strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        return False
    return True
