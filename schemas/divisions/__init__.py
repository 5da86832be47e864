"""The frozen register of administrative divisions: which division codes there are and were, with their validity."""
