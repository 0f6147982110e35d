"""The computation of any architecture, written once on a backend's operations (`ops`) and weights (`parts`)."""
