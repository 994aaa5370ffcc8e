"""The list of faults of input, one row for each, in the order of the list; `test_input.py` sends them."""
