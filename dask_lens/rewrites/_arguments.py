"""Arguments of calls, changed the way the call is laid out."""

from __future__ import annotations

import libcst as cst


def with_keyword(call: cst.Call, name: str, value: str) -> cst.Call:
    """Return ``call`` with a keyword argument set, added last where it was not there.

    Parameters
    ----------
    call
        The call.
    name, value
        The keyword and the source of its value.
    """
    expression = cst.parse_expression(value)
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == name:
            return call.with_deep_changes(argument, value=expression)
    plain = cst.SimpleWhitespace("")
    added = cst.Arg(
        value=expression,
        keyword=cst.Name(name),
        equal=cst.AssignEqual(whitespace_before=plain, whitespace_after=plain),
    )
    if not call.args:
        return call.with_changes(args=[added])
    *before, last = call.args
    if isinstance(last.comma, cst.Comma):
        # A trailing comma stays a trailing comma.
        added = added.with_changes(comma=_without_comment(last.comma))
        between = last.comma.with_changes(
            whitespace_after=_laid_out(last.comma.whitespace_after, call)
        )
        last = last.with_changes(comma=between)
    else:
        added = added.with_changes(whitespace_after_arg=_bare(last.whitespace_after_arg))
        last = last.with_changes(
            comma=cst.Comma(whitespace_after=_laid_out(last.whitespace_after_arg, call)),
            whitespace_after_arg=plain,
        )
    return call.with_changes(args=[*before, last, added])


def without_keyword(call: cst.Call, name: str) -> cst.Call:
    """Return ``call`` without a keyword argument.

    Parameters
    ----------
    call
        The call.
    name
        The keyword.
    """
    kept = [a for a in call.args if a.keyword is None or a.keyword.value != name]
    if len(kept) == len(call.args):
        return call
    removed_last = kept and kept[-1] is not call.args[-1]
    if removed_last:
        last = call.args[-1]
        kept[-1] = kept[-1].with_changes(
            comma=last.comma, whitespace_after_arg=last.whitespace_after_arg
        )
    changed = call.with_changes(args=kept)
    if kept:
        return changed
    return changed.with_changes(whitespace_before_args=cst.SimpleWhitespace(""))


def has_unpacked_keywords(call: cst.Call) -> bool:
    """Whether ``**something`` is among the arguments."""
    return any(argument.star == "**" for argument in call.args)


def is_bare_generator(call: cst.Call) -> bool:
    """Whether the one argument is a generator without parentheses of its own."""
    return (
        len(call.args) == 1
        and isinstance(call.args[0].value, cst.GeneratorExp)
        and not call.args[0].value.lpar
    )


def _laid_out(
    closing: cst.BaseParenthesizableWhitespace, call: cst.Call
) -> cst.BaseParenthesizableWhitespace:
    """Return the space before an added argument: a new line where each has its own."""
    if not isinstance(closing, cst.ParenthesizedWhitespace):
        return cst.SimpleWhitespace(" ")
    for space in (
        call.whitespace_before_args,
        *(a.comma.whitespace_after for a in call.args[:-1] if isinstance(a.comma, cst.Comma)),
    ):
        if isinstance(space, cst.ParenthesizedWhitespace):
            return closing.with_changes(last_line=space.last_line, indent=space.indent)
    return closing.with_changes(
        last_line=cst.SimpleWhitespace(closing.last_line.value + "    "),
    )


def _without_comment(comma: cst.Comma) -> cst.Comma:
    return comma.with_changes(whitespace_after=_bare(comma.whitespace_after))


def _bare(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    first = space.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return space.with_changes(first_line=first, empty_lines=[])
