"""How fast Roost is and how much memory it takes, each figure beside its yardstick from the same run."""
