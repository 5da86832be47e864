"""The pages of blank stock: the keeper's book, what a clerk holds, one sheet's story."""
