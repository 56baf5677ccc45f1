"""The errors that are raised on purpose: whoever called can mend what they tell of.

Each message is one line that names the thing, its value and the remedy. Anything else that is
raised, a plain ValueError too, is a mistake of this program and keeps its traceback.
"""

from collections.abc import Callable, Mapping


class PartimentoError(ValueError):
    """Something that the caller can mend; the message is one line."""


class SettingError(PartimentoError):
    """A setting that cannot be as it was given.

    The setting's name stands apart from the rest of the sentence, so that a command can name the
    option and a reader of files the column that the value came from.

    >>> str(SettingError("top_p", "must be in (0, 1], got 1.4"))
    'top_p must be in (0, 1], got 1.4'
    """

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(setting, problem)
        self.setting = setting
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.setting} {self.problem}"

    def named(self, setting: str) -> "SettingError":
        """The same problem of another setting.

        >>> str(SettingError("instruments", "must be ...").named("without"))
        'without must be ...'
        """
        return SettingError(setting, self.problem)


class RemedyError(PartimentoError):
    """Something that one of some settings mends.

    >>> str(RemedyError("pieces exists", {"force": "replaces it", "out": "names another folder"}))
    'pieces exists; force replaces it, out names another folder'
    """

    def __init__(self, problem: str, remedies: Mapping[str, str]) -> None:
        super().__init__(problem, remedies)
        self.problem = problem
        self.remedies = remedies
        """What each setting does about it."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, spell: Callable[[str], str]) -> str:
        """The sentence, each setting as it is spelled where it is read."""
        remedies = (f"{spell(setting)} {what}" for setting, what in self.remedies.items())
        return f"{self.problem}; {', '.join(remedies)}"


class FileTakenError(PartimentoError):
    """A file that stands where one is to be written, and that nobody allowed to replace."""


class MidiError(PartimentoError):
    """A file that cannot be read as music."""
