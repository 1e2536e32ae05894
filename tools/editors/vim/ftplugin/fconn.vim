" Layout of fconn files: `fconn fmt` decides, this only keeps typing close to it.
if exists('b:did_ftplugin') | finish | endif
let b:did_ftplugin = 1
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal commentstring=#\ %s comments=b:##,b:#
setlocal formatprg=fconn\ fmt\ -
setlocal suffixesadd=.fconn
let b:undo_ftplugin = 'setlocal expandtab< shiftwidth< softtabstop< commentstring< comments< formatprg< suffixesadd<'
