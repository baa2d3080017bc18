# fish --no-config drive.fish SCRIPT < LINES: prints, for each line, what the script offers at its end, and an empty line.
source $argv[1]

while read line
    complete -C $line
    echo
end
