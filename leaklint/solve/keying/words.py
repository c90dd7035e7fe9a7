"""Names that tell how many values there are of something."""

from __future__ import annotations

from functools import lru_cache

from leaklint.solve.lazy import regex

_CONSTANT = regex(r"\.?[A-Z][A-Z0-9_]*$")
# names whose values are few in practice: used to lower confidence, never to stay silent alone
_SMALL_WORDS = regex(
    r"cls|klass|clazz|class|type|types|kind|kinds|locale|lang|language|encoding|charset|level|mode|dtype|"
    r"platform|backend|dialect|model|entity|protocol|scheme|format|fmt|category|phase|stage|unit|role|method|"
    r"op|operator|opcode|severity|flag|flags|extension|ext|suffix|codec|algorithm|algo|version|driver|engine|"
    r"vendor|feature|plugin|command|cmd|annotation|signature|schema|enum|strategy|theme|font|variant|size|"
    r"mechanism|route|hostkey|deprecation|perm|perms|permission|permissions|arity|policy|"
    r"drives?|volumes?|disks?"
)
_COUNTS = regex(
    r"(?i)(shard|bucket|partition|slot|worker|thread|stripe|lane|segment|executor|replica)s?(_?(count|num|number))?$|"
    r"\.length$|(pool|ring)_?size$"
)
_LIMITS = regex(r"_*(max|min)([A-Z]|_[a-z])\w*(?<!Id)(?<!ID)(?<!_id)(?<!Time)(?<!_time)(?<!Date)(?<!_date)")
# what there are few of in each request
_OF_REQUEST = regex(r"req(uest)?|ctx|context|res(ponse)?|reply")
_FEW_OF_REQUEST = frozenset(
    {(".method",), (".route", ".path"), (".routerPath",), (".routeOptions", ".url"), (".url_rule",)}
    | {(".url_rule", ".rule"), (".endpoint",), (".statusCode",), (".status_code",), (".protocol",)}
)
# what tells which key or button was pressed
_OF_EVENT = regex(r"e|ev|evt|event")
_FEW_OF_EVENT = frozenset({(".code",), (".keyCode",), (".which",), (".button",), (".pointerType",)})
_WORD = regex(r"[A-Z]?[a-z]+|[A-Z]+")
_SMALL_PHRASES = regex(
    r"(?i)_?(class_?name|type_?name|tag_?name|field_?type|model_class|method_?name|func(tion)?_?name|hook_?name|module_?name|tool_?name|host_?key)$|"
    r"\w*?(local|server|listen(ing)?|bind)_?port$|server_?(addr(ess)?|url|list)$"
)


@lru_cache(maxsize=4096)
def is_small(name: str) -> bool:
    """Whether the last word of a name says that its values are few: `contentType`, `ecma_version`."""
    words = _WORD.findall(name)
    if not words:
        return False
    phrase = _SMALL_PHRASES.match(name) or _LIMITS.fullmatch(name)
    return bool(_SMALL_WORDS.fullmatch(words[-1].lower()) or phrase)


_SMALL_TYPES = regex(r"[A-Z]\w*(Type|Kind|Mode|Status|Level|Category|Phase|Severity|Enum)$")
_SETTINGS = regex(r"(?i)\._*(\w*_)?(conf|config|configuration|settings|options)$")


def is_small_type(name: str) -> bool:
    """Whether a type says that its values are few: `ContactStatus`, imported from elsewhere."""
    return _SMALL_TYPES.match(name) is not None


def is_of_settings(step: str) -> bool:
    """Whether a step is to what an object was set up with: `self._config.prefix`."""
    return _SETTINGS.match(step) is not None


def is_constant(name: str) -> bool:
    """`MAX_SIZE`, `.MAX_SIZE`."""
    return _CONSTANT.match(name) is not None


def is_count(name: str) -> bool:
    """Whether a name is that of a number of things that the program has: shards, workers, buckets."""
    return _COUNTS.search(name) is not None


def is_few_of_call(root: str, path: tuple[str, ...]) -> bool:
    """`request.method`, `event.code`: what there are few of, whatever comes."""
    if path in _FEW_OF_REQUEST:
        return _OF_REQUEST.fullmatch(root) is not None
    return path in _FEW_OF_EVENT and _OF_EVENT.fullmatch(root) is not None
