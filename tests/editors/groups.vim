" Writes which syntax group each token of each file has. Variables: g:tokens_file {file: [[line, column, ...], ...]},
" g:groups_file where {file: [group, ...]} is written.
syntax enable
filetype plugin indent on
let s:found = {}
for [s:file, s:tokens] in items(json_decode(join(readfile(g:tokens_file), '')))
  execute 'silent edit' fnameescape(s:file)
  let s:found[s:file] = map(s:tokens, {_, token -> synIDattr(synID(token[0], token[1], 1), 'name')})
  let s:settings = [&filetype, &commentstring, &shiftwidth, &expandtab]
  silent bwipeout!
endfor
call writefile([json_encode({'groups': s:found, 'settings': s:settings})], g:groups_file)
qall!
