" Words, strings with holes, paths, comments, categories. Meaning is the language server's (semantic tokens).
" tests/editors/vim.py compares the groups with the parser's view of every connector.
if exists('b:current_syntax') | finish | endif

syntax iskeyword @,48-57,_
syntax cluster fconnExpr contains=fconnMark,fconnReserved,fconnConstant,fconnNumber,fconnField,fconnOperator,fconnCategory,fconnKey,fconnString,fconnComment,fconnDoc,fconnParen,fconnBracket,fconnExprObject
syntax match fconnReserved /\v(([.]@1<!)|([.]{3})@3<=)<(matches|and|or|not|if|then|else|for|in)>(\s*:)@!/
syntax keyword fconnConstant true false null
syntax match fconnNumber /\v<\d+(\.\d+)?([eE][+-]?\d+)?(ms|s|m|h|d|B|KiB|MiB|GiB)?>/
syntax match fconnStatus /\v<\dxx>/
syntax match fconnCategory /@[A-Za-z0-9_.]\+/
syntax match fconnOperator /\.\.\.\|\.\.\|??\|[=!<>]=\|[|<>+*%]/
syntax match fconnField /\.\@1<!\.\h\w*/hs=s+1

" A word of the language where an item begins, or beside something that no operator joins it with; elsewhere it is a name.
let s:words = 'as|auth|base|body|case|category|challenge|check|client|collection|connector|consent|delete|docs|emit|erase|erase_after|expect|expires|external|fail|fconn|fields|fn|for|headers|hosts|idempotent|identity|keep|let|login|map|next|paginate|pagination|parallel|param|params|policy|prefer|purpose|query|rate|read|refresh|reply|retry|rows|secret|secrets|show|skip|stop|take|test|timeout|token|until|update|use|value|version|without'
let s:parts = 'at|backoff|connect|default|every|extends|margin|needs|on|times|via|when|where|with'
let s:joined = '(\s+((or|and|in|matches|then|else|if)>|-\s))@!'
let s:value = '[[:alnum:]_"''.{\[(/@-]'
execute 'syntax match fconnKeyword /\v(^\s*|[{}]\s*)@60<=<('.escape(s:words, '/').')>'.s:joined.'\ze(\s+'.escape(s:value, '/').'|\s*($|[{}#]))/'
execute 'syntax match fconnKeyword /\v[ \t,}]@1<=<('.s:words.')>'.s:joined.'(\s+for>)@!\ze\s+'.escape(s:value, '/').'/'
execute 'syntax match fconnInner /\v(^|[ \t,}])@1<=<('.s:parts.')>'.s:joined.'\ze\s+'.escape(s:value, '/').'/'
syntax match fconnInner /\v(<body\s+)@20<=<(json|form|text|xml|multipart|csv|ndjson)>\ze\s*\S/
syntax match fconnInner /\v(<as\s+)@20<=<(json|csv|xml|ndjson|text|bytes)>/
syntax match fconnKeyword /\v(^|[ \t])@1<=<expires>\ze\s+(in|at)\s/
syntax match fconnInner /\v(<expires\s+)@20<=<(in|at)>/
syntax match fconnInner /\v(<next\s+)@20<=<(url|query|headers|body)>\ze\s+[^|=!<>+*/?-]/
syntax match fconnInner /\v(<consent\s+)@20<=<(opt_in|opt_out)>/
syntax match fconnInner /\v(<prefer\s+)@20<=<(delete|update)>/
syntax match fconnInner /\v(^\s*expect\s+(no\s+|\d+\s+)?)@60<=<(rows?|exit|requests?|no)>\ze\s+[^ciksf]/
syntax match fconnInner /\v(^\s*expect\s+(no\s+|\d+\s+)?)@60<=<(rows?|exit|requests?|no)>\ze\s+(complete|skipped|capped|failed)@!/
syntax match fconnInner /\v(^\s*expect\s+(\h\w*|"(\\.|[^"\\])*")\s+)@200<=<(complete|skipped|capped|failed)>/
syntax match fconnInner /\v(^\s*expect\s+)@60<=<(plan|apply)>\ze\s+(\s|(complete|skipped|capped|failed)>)@!/
syntax match fconnInner /\v(^\s*expect\s+(plan|apply)\s+((no|\d+)\s+)?)@60<=<(no|updates?|deletes?|leaves)>\ze\s/
syntax match fconnInner /\v(^\s*(expect\s+(plan|apply)\s.*|\}+\s*)[ \t}])@200<=<(done|skipped|pending|failed)>\ze\s*($|["'#}])/
syntax match fconnMark /\v((:\s*\S[^,{}]*|[}\]][^{},]*)\s)@120<=<(key|readonly)>\ze\s*([,@}#]|$|<(key|readonly|length|format|mask)>)/
syntax match fconnMark /\v(:\s*\S[^,{}]*\s)@120<=<(length\ze\s+\d|format\ze\s+\h|mask\ze\s+["'A-Za-z(])/
" Behind the word that declares it, a name is a name whatever it spells; so is a key.
syntax match fconnName /\v(<(param|secret|external|identity|connector|collection|fn|pagination|paginate|auth|let|via|extends)\s+)@20<=<\h\w*>/
syntax match fconnName /\v(^\s*for\s+)@60<=<\h\w*>/
syntax match fconnName /\v(^\s*expect\s+rows?\s+)@60<=<\h\w*>/
syntax match fconnName /\v(^\s*expect\s+(plan|apply)\s+((no|\d+)\s+)?(updates?|deletes?|leaves)\s+)@90<=<\h\w*>/
syntax match fconnKey /\v[.]@1<!<\h[[:alnum:]_-]*\ze\s*:/

syntax region fconnObject matchgroup=NONE start=/{/ end=/}/ transparent contains=TOP
syntax region fconnExprObject matchgroup=NONE start=/{/ end=/}/ transparent contained contains=@fconnExpr
syntax region fconnParen matchgroup=NONE start=/(/ end=/)/ transparent contains=@fconnExpr
syntax region fconnBracket matchgroup=NONE start=/\[/ end=/\]/ transparent contains=@fconnExpr

syntax keyword fconnMethod GET POST PUT PATCH DELETE HEAD OPTIONS nextgroup=fconnPath skipwhite
syntax region fconnPath start=/\v[/{]@=|http/ end=/\v\ze[ \t}]|$/ oneline contained contains=fconnHole

" The most special last: an earlier rule gives way where both match.
syntax match fconnEscape /\\\%(u{\x*}\|.\)/ contained
syntax region fconnHole matchgroup=fconnBrace start=/{+\=/ end=/}/ contained contains=@fconnExpr
syntax region fconnString start=/\v(<xml)?"/ skip=/\\./ end=/"/ end=/$/ contains=fconnEscape,fconnHole
syntax region fconnString start=/\v(<xml)?"""/ skip=/\\./ end=/"""/ contains=fconnEscape,fconnHole
syntax region fconnString start=/'/ end=/'/ end=/$/
syntax region fconnString start=/'''/ end=/'''/
syntax match fconnComment /#.*$/ contains=@Spell
syntax match fconnDoc /##.*$/ contains=@Spell
syntax sync minlines=200

highlight default link fconnKeyword Keyword
highlight default link fconnReserved Statement
highlight default link fconnInner Statement
highlight default link fconnMark StorageClass
highlight default link fconnConstant Constant
highlight default link fconnMethod Function
highlight default link fconnPath Underlined
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
