"""Numbers of a column are written alike everywhere."""

from engine.tables.numbers import amount, figure


def test_per_cents_have_two_decimals_and_other_numbers_four_digits():
    assert (figure(93.756, "%"), amount(93.756, "%")) == ("93.76", "93.76 %")
    assert (figure(0.123456, ""), amount(0.123456, "")) == ("0.1235", "0.1235")
