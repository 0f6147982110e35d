from formers import add_end_docstrings, add_start_docstrings


def test_text_before_and_after():
    @add_start_docstrings("first ", "second ")
    @add_end_docstrings(" fourth", " fifth")
    def documented():
        """third"""

    @add_start_docstrings("alone")
    class Undocumented:
        pass

    assert documented.__doc__ == "first second third fourth fifth"
    assert Undocumented.__doc__ == "alone"
