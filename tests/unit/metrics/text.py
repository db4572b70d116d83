"""Metrics as Prometheus reads them."""

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families


def samples_of(text):
    """Read every sample of a text: its name with its labels as they are written, and its number."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def samples(registry):
    """Read every sample that a registry shows."""
    return samples_of(generate_latest(registry).decode())
