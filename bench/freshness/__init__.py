"""How fresh timelines are for what is spent: the policy and its rivals in one made-up world."""
