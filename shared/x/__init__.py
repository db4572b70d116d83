"""The only place that knows X. Every answer is a value; nothing here keeps anything."""
