# bash drive.bash SCRIPT < LINES: prints, for each line, what the script offers at its end, and an empty line.
source "$1"

while IFS= read -r line; do
  # As readline breaks words: at blanks, and at the other break characters, which are words of their own.
  COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=() COMPREPLY=()
  rest=$line
  while [[ -n $rest ]]; do
    if [[ $rest =~ ^[[:space:]]+ ]]; then
      rest=${rest:${#BASH_REMATCH}}
      [[ -n $rest ]] || COMP_WORDS+=('')
    elif [[ $rest =~ ^([=:]+|[^[:space:]=:]+) ]]; then
      COMP_WORDS+=("$BASH_REMATCH")
      rest=${rest:${#BASH_REMATCH}}
    fi
  done
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _mailcheck
  [[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
  echo
done
