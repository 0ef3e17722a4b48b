"""Refusals of AWS that ministack does not have, in front of its handlers."""


def refuse(module, action: str, refusal) -> None:
    """Answers the action with the error that `refusal` makes of its parameters; ministack answers where that is None."""
    handler = module._ACTION_MAP[action]
    module._ACTION_MAP[action] = lambda p: refusal(p) or handler(p)


def given(module, p, parameter: str) -> list[str]:
    """The values of a parameter, which may be a list."""
    single = module._p(p, parameter)
    return module._parse_member_list(p, parameter) or ([single] if single else [])
