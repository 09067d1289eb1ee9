"""What docs/recipes.md shows: small projects that are tested against dynafault, each as its users would have it."""
