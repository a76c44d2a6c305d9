#include "cli/parse.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <list>

#include "base/name.hpp"
#include "cli/joined.hpp"

namespace bulkhead::cli {
namespace {

// One option or argument while it is being parsed.
struct Slot {
    std::string name;
    std::string shown;
    std::vector<std::string> allowed;
    std::vector<std::string> values;
    std::string single;  // of an argument: the library lets a list swallow the arguments after it
    bool flag = false;
    CLI::Option* option = nullptr;
};

void add_option(CLI::App& app, const Option& option, std::list<Slot>& slots) {
    Slot& slot = slots.emplace_back();
    slot.name = option.name;
    slot.shown = "--" + option.name;
    slot.flag = option.value.empty();
    const std::string names =
        (option.letter ? std::string{'-', option.letter, ','} : "") + "--" + option.name;
    if (slot.flag) {
        slot.option = app.add_flag(names);
        return;
    }
    slot.allowed = option.words;
    // One value each time it is named: without that a list swallows an optional argument after it.
    slot.option = app.add_option(names, slot.values)->expected(1)->allow_extra_args(false);
    if (option.many)
        slot.option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->delimiter(',');
    else
        slot.option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void add_argument(CLI::App& app, const Argument& argument, std::list<Slot>& slots) {
    Slot& slot = slots.emplace_back();
    slot.name = argument.name;
    slot.shown = argument.name;
    slot.allowed = argument.words;
    slot.option = app.add_option(argument.name, slot.single)->required(!argument.optional);
}

std::string mend_for(const Command& command) {
    return "see bulkhead " + command.name + " --help";
}

Outcome<void> take(Slot& slot, const Command& command, Invocation& args) {
    if (slot.option->count() == 0) return {};
    if (slot.flag) {
        args.set(slot.name, {});
        return {};
    }
    if (slot.values.empty()) slot.values.push_back(slot.single);
    for (const auto& value : slot.values) {
        if (slot.allowed.empty() || std::ranges::find(slot.allowed, value) != slot.allowed.end()) continue;
        const std::string near = nearest(value, slot.allowed);
        return std::unexpected(Failure(
            Error{Code::invalid,
                  "'" + value + "' is not a " + (slot.shown[0] == '-' ? "value of " : "") + slot.shown,
                  {},
                  joined(slot.allowed),
                  near.empty() ? mend_for(command) : "did you mean " + near + "?"},
            Exit::usage));
    }
    args.set(slot.name, slot.values);
    return {};
}

// The library's own texts end in a line break and name its classes; ours is one line.
std::string first_line(std::string text) {
    return text.substr(0, text.find('\n'));
}

// "KIND is required" is the library's; which words it may be is ours.
std::unexpected<Failure> missing(const Command& command, const std::string& told) {
    for (const auto& argument : command.arguments)
        if (told.starts_with(argument.name + " "))
            return std::unexpected(
                Failure(Error{Code::invalid,
                              command.name + ": " + argument.name + " is missing",
                              {},
                              argument.words.empty() ? argument.help : joined(argument.words),
                              mend_for(command)},
                        Exit::usage));
    return fail_usage(command.name + ": " + told, mend_for(command));
}

Outcome<Invocation> parse_command(const Command& command, std::vector<std::string> words) {
    CLI::App app;
    app.set_help_flag();
    app.name(command.name);
    std::list<Slot> slots;
    for (const auto& option : command.options) add_option(app, option, slots);
    for (const auto& option : global_options()) add_option(app, option, slots);
    for (const auto& argument : command.arguments) add_argument(app, argument, slots);
    Invocation args;
    // Help wins over whatever else is wrong.
    const auto end = std::ranges::find(words, "--");
    if (std::any_of(words.begin(), end, [](const auto& w) { return w == "--help" || w == "-h"; })) {
        args.set("help", {});
        return args;
    }
    std::ranges::reverse(words);  // the library takes them from the back
    try {
        app.parse(words);
    } catch (const CLI::ExtrasError&) {
        const auto left = app.remaining();
        const std::string word = left.empty() ? "?" : left.front();
        std::vector<std::string> known;
        for (const auto& slot : slots)
            if (slot.shown[0] == '-') known.push_back(slot.shown);
        const std::string near = word[0] == '-' ? nearest(word, known) : "";
        return fail_usage((word[0] == '-' ? "unknown option " : "one word too many: ") + word,
                          near.empty() ? mend_for(command) : "did you mean " + near + "?");
    } catch (const CLI::RequiredError& error) {
        return missing(command, first_line(error.what()));
    } catch (const CLI::ArgumentMismatch&) {
        // The library's own words are about types and counts.
        return fail_usage(command.name + ": an option's value is missing", mend_for(command));
    } catch (const CLI::ParseError& error) {
        return fail_usage(command.name + ": " + first_line(error.what()), mend_for(command));
    }
    for (const auto& option : command.options)
        if (!option.preset.empty()) args.set(option.name, {option.preset});
    for (auto& slot : slots) {
        auto taken = take(slot, command, args);
        if (!taken) return std::unexpected(taken.error());
    }
    return args;
}

std::unexpected<Failure> unknown_command(const std::vector<Command>& commands, const std::string& word) {
    std::vector<std::string> known;
    for (const auto& command : commands)
        if (!command.hidden) known.push_back(command.name);
    const std::string near = nearest(word, known);
    return fail_usage((word[0] == '-' ? "unknown option " : "unknown command ") + word,
                      near.empty() ? "see bulkhead --help" : "did you mean bulkhead " + near + "?");
}

}  // namespace

Outcome<Parsed> parse(const std::vector<Command>& commands, const std::vector<std::string>& words) {
    Parsed parsed;
    std::vector<std::string> rest = words;
    // Global options may stand before the command.
    while (!rest.empty()) {
        const std::string name = rest[0].starts_with("--socket")    ? "socket"
                                 : rest[0].starts_with("--context") ? "context"
                                                                    : "";
        const std::size_t length = name.size() + 2;
        const bool glued = rest[0].size() > length && rest[0][length] == '=';
        if (name.empty() || (!glued && rest[0].size() != length)) break;
        if (!glued && rest.size() < 2)
            return fail_usage("--" + name + ": its value is missing", "see bulkhead --help");
        parsed.args.set(name, {glued ? rest[0].substr(length + 1) : rest[1]});
        rest.erase(rest.begin(), rest.begin() + (glued ? 1 : 2));
    }
    if (rest.empty()) return fail_usage("a command is missing", "see bulkhead --help");
    const std::string word = rest.front();
    rest.erase(rest.begin());
    if (word == "--help" || word == "-h" || word == "--version") {
        parsed.args.set(word == "--version" ? "version" : "help", {});
        return parsed;
    }
    if (word == "help") {
        parsed.args.set("help", {});
        if (!rest.empty() && !(parsed.command = find_command(commands, rest.front())))
            return unknown_command(commands, rest.front());
        return parsed;
    }
    parsed.command = find_command(commands, word);
    if (!parsed.command) return unknown_command(commands, word);
    if (parsed.command->raw) {
        parsed.args.set("words", std::move(rest));
        return parsed;
    }
    auto args = parse_command(*parsed.command, std::move(rest));
    if (!args) return std::unexpected(args.error());
    for (const auto* name : {"socket", "context"})
        if (parsed.args.has(name) && !args->has(name)) args->set(name, parsed.args.all(name));
    parsed.args = std::move(*args);
    return parsed;
}

}  // namespace bulkhead::cli
