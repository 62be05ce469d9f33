"""The controls, figures and texts that pages share."""
