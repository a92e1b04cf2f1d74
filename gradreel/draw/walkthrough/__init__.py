"""The panes of a code walkthrough: source code, variables, printed output, backward passes."""
