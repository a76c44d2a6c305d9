#include "cli/completion.hpp"

#include <algorithm>

namespace bulkhead::cli {
namespace {

constexpr std::string_view bash_script =
    R"sh(# bash completion for bulkhead; load it with: source <(bulkhead completion bash)
_bulkhead() {
    local line words=() IFS=$'\n'
    local current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    while read -r line; do
        if [[ $line == :files ]]; then
            compopt -o filenames 2>/dev/null
            words+=($(compgen -f -- "$current"))
        else
            words+=("${line%%$'\t'*}")
        fi
    done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    COMPREPLY=("${words[@]}")
}
complete -F _bulkhead bulkhead
)sh";

constexpr std::string_view zsh_script = R"sh(#compdef bulkhead
# zsh completion for bulkhead; load it with: source <(bulkhead completion zsh)
_bulkhead() {
    local line
    local -a found
    while IFS= read -r line; do
        if [[ $line == :files ]]; then
            _files
        else
            found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
        fi
    done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#found} )) && _describe bulkhead found
}
if [[ $funcstack[1] == _bulkhead ]]; then
    _bulkhead "$@"
else
    compdef _bulkhead bulkhead
fi
)sh";

void keep_prefix(std::vector<Candidate>& candidates, std::string_view prefix) {
    std::erase_if(candidates, [&](const Candidate& c) { return !c.word.starts_with(prefix); });
}

std::vector<Candidate> plain(const std::vector<std::string>& words) {
    std::vector<Candidate> candidates;
    for (const auto& word : words) candidates.push_back({word, ""});
    return candidates;
}

// What `get KIND` and `describe KIND` name, singular or plural.
Values values_of_kind(std::string_view kind) {
    if (kind.starts_with("partition") || kind == "events" || kind == "flows" || kind == "denials")
        return Values::partition;
    if (kind.starts_with("gateway")) return Values::gateway;
    if (kind.starts_with("device")) return Values::device;
    if (kind.starts_with("zone")) return Values::zone;
    if (kind.starts_with("router")) return Values::tenant;
    return Values::conduit;
}

Completion values(Values kind, const std::vector<std::string>& words, const LiveNames& live) {
    switch (kind) {
        case Values::free:
            return {};
        case Values::file:
        case Values::folder:
            return {{}, true};
        case Values::word:
            return {plain(words), false};
        default:
            return {live(kind), false};
    }
}

const Option* option_of(const Command& command, std::string_view word) {
    const auto find_in = [&](const std::vector<Option>& options) -> const Option* {
        for (const auto& option : options)
            if (word == "--" + option.name || (option.letter && word == std::string{'-', option.letter}))
                return &option;
        return nullptr;
    };
    const Option* found = find_in(command.options);
    return found ? found : find_in(global_options());
}

Completion options(const Command& command) {
    Completion completion;
    for (const auto& option : command.options)
        completion.candidates.push_back({"--" + option.name, option.help});
    for (const auto& option : global_options())
        completion.candidates.push_back({"--" + option.name, option.help});
    return completion;
}

Completion after_command(const Command& command, const std::vector<std::string>& words,
                         const LiveNames& live) {
    std::vector<std::string> given;  // arguments before the word being typed
    const Option* open = nullptr;    // an option that waits for its value
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (open) {
            open = nullptr;
        } else if (words[i].starts_with("-")) {
            const Option* option = option_of(command, words[i]);
            open = option && !option->value.empty() ? option : nullptr;
        } else {
            given.push_back(words[i]);
        }
    }
    if (open) return values(open->values, open->words, live);
    if (words.back().starts_with("-")) return options(command);
    if (given.size() >= command.arguments.size()) return options(command);
    const Argument& argument = command.arguments[given.size()];
    if (argument.values == Values::named_by_kind) return values(values_of_kind(given[0]), {}, live);
    return values(argument.values, argument.words, live);
}

}  // namespace

Completion complete(const std::vector<Command>& commands, const std::vector<std::string>& words,
                    const LiveNames& live) {
    const std::string current = words.empty() ? "" : words.back();
    Completion completion;
    if (words.size() < 2) {
        for (const auto& command : commands)
            if (!command.hidden) completion.candidates.push_back({command.name, command.summary});
    } else if (const Command* command = find_command(commands, words[0]); command && !command->hidden) {
        completion = after_command(*command, {words.begin() + 1, words.end()}, live);
    }
    keep_prefix(completion.candidates, current);
    return completion;
}

std::string completion_script(const std::string& shell) {
    return std::string(shell == "zsh" ? zsh_script : bash_script);
}

}  // namespace bulkhead::cli
