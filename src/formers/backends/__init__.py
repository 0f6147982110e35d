"""How architectures run: one folder a framework. A backend knows no family."""
