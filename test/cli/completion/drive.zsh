# zsh -f drive.zsh SCRIPT < LINES: prints, for each line, what the script offers at its end, and an empty line. An
# interactive shell on a pseudo-terminal gets each line and a Tab; what is handed to compadd is kept.
zmodload zsh/zpty
work=$(mktemp -d)
export OFFERED=$work/offered SCRIPT=$1
cat > $work/setup <<'SETUP'
PROMPT=
autoload -Uz compinit && compinit -u -D
source $SCRIPT
bindkey '^I' complete-word
bindkey '^U' kill-whole-line
zstyle ':completion:*' insert-tab false
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  local -A before after
  builtin compadd -A hits "$@"
  zparseopts -E P:=before S:=after
  local hit
  for hit in "${hits[@]}"; do
    print -r -- "$IPREFIX${before[-P]}$hit${after[-S]}" >> $OFFERED
  done
  builtin compadd "$@"
}
# The line stays as it was typed, nothing is listed, and whoever reads the terminal learns that it is done.
completed() {
  # zsh forgets these after each completion.
  comppostfuncs=(completed)
  compstate[insert]= compstate[list]=
  print -n '<completed>'
}
comppostfuncs=(completed)
zle-line-init() { print -n '<ready>' }
zle -N zle-line-init
SETUP

zpty child zsh -f -i
zpty -w child "source $work/setup"
zpty -r child seen '*<ready>*'
while IFS= read -r line; do
  : > $OFFERED
  zpty -w -n child $'\x15'"$line"$'\t'
  zpty -r child seen '*<completed>*'
  cat $OFFERED
  echo
done
zpty -d child
rm -rf $work
