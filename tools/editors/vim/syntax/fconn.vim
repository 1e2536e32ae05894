" Words, strings with holes, comments, categories. Meaning is the language server's (semantic tokens).
if exists('b:current_syntax') | finish | endif

syntax iskeyword @,48-57,_
" Words of the language where an item begins; elsewhere the same word may be a name.
syntax match fconnKeyword /\v^\s*<(use|connector|test|fn|auth|pagination|version|docs|category|param|secret|identity|external)>/
syntax match fconnKeyword /\v^\s*<(client|check|collection|consent|without|for|read|update|delete|emit|fields|erase_after|prefer)>/
syntax match fconnKeyword /\v^\s*<(base|hosts|parallel|query|headers|body|as|skip|fail|rows|keep|map|take|paginate|let|until)>/
syntax match fconnKeyword /\v^\s*<(retry|timeout|rate|idempotent|token|login|refresh|challenge|value|expires|show|stop|next)>/
syntax match fconnKeyword /\v^\s*<(params|secrets|case|purpose|reply|expect|with)>/
syntax match fconnKeyword /\v\{\s*\zs<(query|headers|body|rows|keep|map|take|paginate|skip|fail|base|auth|read|stop|next)>\ze\s+[^:]/
syntax keyword fconnInner when on via times backoff every needs extends where in default at margin matches and or not if then else
syntax keyword fconnMark key readonly length format mask
syntax keyword fconnConstant true false null
syntax keyword fconnMethod GET POST PUT PATCH DELETE HEAD OPTIONS
syntax match fconnNumber /\v<\d+(\.\d+)?([eE][+-]?\d+)?(ms|s|m|h|d|B|KiB|MiB|GiB)?>/
syntax match fconnStatus /\v<\dxx>/
syntax match fconnCategory /@[a-z0-9_.]\+/
syntax match fconnField /\.\zs\h\w*/
syntax match fconnOperator /\.\.\.\|\.\.\|??\|[=!<>]=\|[|<>+*%]/

" The most special last: an earlier rule gives way where both match.
syntax match fconnEscape /\\\%(u{\x*}\|.\)/ contained
syntax region fconnHole matchgroup=fconnBrace start=/{/ end=/}/ contained contains=TOP
syntax region fconnObject matchgroup=NONE start=/{/ end=/}/ transparent contains=TOP
syntax region fconnString start=/"/ skip=/\\./ end=/"/ end=/$/ contains=fconnEscape,fconnHole
syntax region fconnString start=/"""/ skip=/\\./ end=/"""/ contains=fconnEscape,fconnHole
syntax region fconnString start=/'/ end=/'/ end=/$/
syntax region fconnString start=/'''/ end=/'''/
syntax match fconnComment /#.*$/ contains=@Spell
syntax match fconnDoc /##.*$/ contains=@Spell
syntax sync minlines=200

highlight default link fconnKeyword Keyword
highlight default link fconnInner Statement
highlight default link fconnMark StorageClass
highlight default link fconnConstant Constant
highlight default link fconnMethod Function
highlight default link fconnNumber Number
highlight default link fconnStatus Number
highlight default link fconnCategory Type
highlight default link fconnField Identifier
highlight default link fconnOperator Operator
highlight default link fconnEscape SpecialChar
highlight default link fconnBrace Special
highlight default link fconnString String
highlight default link fconnComment Comment
highlight default link fconnDoc SpecialComment
let b:current_syntax = 'fconn'
