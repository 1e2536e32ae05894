autocmd BufNewFile,BufRead *.fconn setfiletype fconn
