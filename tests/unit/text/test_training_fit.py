"""The mean of the weights of a run."""

from curate.text.training.fit import averaged


def test_the_mean_is_of_each_25th_step_behind_the_first_ones() -> None:
    """Until then the weights are those of the step."""
    steps = [{"weight": float(step)} for step in range(1, 101)]
    found = [each["weight"] for each in averaged(steps, 30)]
    assert found[:49] == [float(step) for step in range(1, 50)]
    assert found[49:74] == [50.0] * 25
    assert found[74:99] == [62.5] * 25
    assert found[99] == 75.0
