"""What AWS publishes: errors, models, names, values, and the sentences of its answers."""
