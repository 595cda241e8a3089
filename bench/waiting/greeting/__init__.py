"""The greeting with a second workflow: it greets and then stays open until it is released."""
