"""What Roost knows: pure values and rules. Standard library only; no clock, no settings, no network."""
