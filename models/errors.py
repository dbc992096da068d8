"""The one exception that is shown to people."""


class InputError(Exception):
    """Bad input from a person.

    Its text is one clear line that says what is wrong and what to do; the command line prints it and exits
    with 2, the studio shows it as it is.
    """
