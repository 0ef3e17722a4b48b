"""Refusals of AWS that ministack does not have, as rows of a table in front of its handlers."""

from xml.sax.saxutils import escape


class _Parameters(dict):
    """The parameters of a call, by name, for messages."""

    def __init__(self, module, p):
        super().__init__()
        self._read = lambda name: escape(module._p(p, name))

    def __missing__(self, name: str) -> str:
        return self._read(name)


def refuse(module, rows) -> None:
    """Installs rows of: actions (separated by spaces), when they are refused, code and message of the error.

    The condition gets a function that reads a parameter by its name; the message may name parameters in braces.
    """
    for actions, condition, code, message in rows:
        for action in actions.split():
            module._ACTION_MAP[action] = _refusing(module, module._ACTION_MAP[action], condition, code, message)


def _refusing(module, handler, condition, code: str, message: str):
    def handle(p):
        if condition(lambda name: module._p(p, name)):
            return module._error(code, message.format_map(_Parameters(module, p)), 400)
        return handler(p)

    return handle


def given(module, p, parameter: str) -> list[str]:
    """The values of a parameter, which may be a list."""
    single = module._p(p, parameter)
    return module._parse_member_list(p, parameter) or ([single] if single else [])
